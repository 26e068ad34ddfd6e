//! What the program is built from: licenses that allow everybody to use it, and crates.io alone.
//!
//! Held to this are the libraries of the default features, and those of the tests, on the machine that tests.

use serde_json::Value;
use std::process::Command;

/// Licenses that ask for no more than to be named.
const ALLOWED: [&str; 8] = [
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Where libraries come from.
const SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Whether an expression of SPDX can be met with licenses that are allowed. `/` is an old way to write `OR`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest) == Some(true) && rest.is_empty()
}

fn either(words: &mut &[&str]) -> Option<bool> {
    let mut allowed = both(words)?;
    while let ["OR", rest @ ..] = words {
        *words = rest;
        allowed |= both(words)?;
    }
    Some(allowed)
}

fn both(words: &mut &[&str]) -> Option<bool> {
    let mut allowed = one(words)?;
    while let ["AND", rest @ ..] = words {
        *words = rest;
        allowed &= one(words)?;
    }
    Some(allowed)
}

fn one(words: &mut &[&str]) -> Option<bool> {
    match words {
        ["(", rest @ ..] => {
            *words = rest;
            let allowed = either(words)?;
            let [")", rest @ ..] = words else { return None };
            *words = rest;
            Some(allowed)
        }
        // An exception only adds to what a license allows.
        [license, "WITH", _, rest @ ..] | [license, rest @ ..] => {
            *words = rest;
            Some(ALLOWED.contains(license))
        }
        [] => None,
    }
}

#[test]
fn expressions_of_licenses_are_understood() {
    for (expression, allowed) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
        ("(MIT OR Zlib) AND GPL-3.0-only", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("MIT OR (Zlib", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression), allowed, "{expression}");
    }
}

#[test]
fn libraries_come_from_one_place_and_may_be_used_by_everybody() {
    let output = |command: &mut Command| {
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let about = output(Command::new("rustc").arg("-vV"));
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let arguments =
        ["metadata", "--format-version=1", "--offline", "--locked", "--filter-platform"];
    let metadata = output(Command::new(env!("CARGO")).args(arguments).arg(host));
    let metadata: Value = serde_json::from_str(&metadata).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    assert!(packages.len() > 100, "{} packages", packages.len());
    let mut wrong = Vec::new();
    let own =
        |package: &&Value| ["jurat", "jurat-python"].iter().any(|own| package["name"] == *own);
    for package in packages.iter().filter(|package| !own(package)) {
        let license = package["license"].as_str().unwrap_or("none");
        if !is_allowed(license) || package["source"] != SOURCE {
            wrong.push(format!("{} ({license}) from {}", package["name"], package["source"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
