//! Specs in an editor: what the YAML language server makes of the schema. Without the server this test is
//! skipped, unless `JURAT_EDITOR=required`.

use super::language_server::Server;
use jurat::Spec;
use jurat::job::schema;

/// The server, or none where there is none and nobody insists.
#[expect(clippy::print_stderr, reason = "that a test is skipped must be seen")]
fn server() -> Option<Server> {
    match Server::start() {
        Ok(server) => Some(server),
        Err(why) if std::env::var_os("JURAT_EDITOR").is_some_and(|wish| wish == "required") => {
            panic!("JURAT_EDITOR=required, but {why}")
        }
        Err(why) => {
            eprintln!("skipped: {why}; install yaml-language-server from npm to run it");
            None
        }
    }
}

const NAMES: &str = "spec: 1
labels: [urgent, routine]
lookups: {dangers: {file: dangers.csv, key: term}}
utils:
  has-fever: {keyword: [fever]}
";

/// Writes `NAMES` with more lines, in which `|` is the cursor, and gives its address, text and place.
fn document(folder: &std::path::Path, name: &str, more: &str) -> (String, String, [usize; 2]) {
    let with = format!("# yaml-language-server: $schema=schema.json\n{NAMES}{more}");
    let at = with.find('|').unwrap_or(with.len());
    let line = with[..at].matches('\n').count();
    let character = with[..at].rsplit('\n').next().map_or(0, str::len);
    let path = folder.join(name);
    let text = with.replace('|', "");
    std::fs::write(&path, &text).expect("written");
    (format!("file://{}", path.display()), text, [line, character])
}

#[test]
fn an_editor_completes_and_marks() {
    let Some(mut server) = server() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (path, lfs) = (folder.join("names.yaml"), "lfs: [{name: a, label: b, when: {regex: c}}]\n");
    std::fs::write(&path, format!("{NAMES}{lfs}")).expect("written");
    let spec = Spec::sketch(&path).expect("a spec");
    std::fs::write(folder.join("schema.json"), schema(Some(&spec))).expect("written");

    let kinds: Vec<&str> = jurat::lf::kinds().iter().map(|(name, _)| *name).collect();
    for (name, more, wanted) in [
        (
            "kinds.yaml",
            "lfs:\n  - name: a\n    label: urgent\n    when:\n      |",
            kinds.as_slice(),
        ),
        ("label.yaml", "lfs:\n  - name: a\n    label: |", &["urgent", "routine"]),
        (
            "keys.yaml",
            "lfs:\n  - name: a\n    |",
            &["label", "when", "votes", "unless", "why", "examples"],
        ),
        ("top.yaml", "|", &["lfs", "input", "vars", "include", "gates", "model", "lint"]),
        (
            "util.yaml",
            "lfs:\n  - name: a\n    label: urgent\n    when:\n      matches: |",
            &["has-fever"],
        ),
        (
            "table.yaml",
            "lfs:\n  - name: a\n    label: urgent\n    when:\n      lookup:\n        table: |",
            &["dangers"],
        ),
        ("model.yaml", "model:\n  use: |", &["auto", "majority", "anchored"]),
        (
            "case.yaml",
            "lfs:\n  - name: a\n    label: urgent\n    when:\n      keyword:\n        any: [x]\n        case: |",
            &["insensitive", "sensitive"],
        ),
    ] {
        let (uri, text, [line, character]) = document(folder, name, more);
        server.open(&uri, &text);
        let found = server.completions(&uri, line, character);
        for label in wanted {
            assert!(found.iter().any(|one| one == label), "{name}: no `{label}` in {found:?}");
        }
    }

    // The words of the schema are shown where a key is pointed at.
    let (uri, text, _) = document(
        folder,
        "hover.yaml",
        "lfs:\n  - name: a\n    label: urgent\n    when: {regex: x}\n",
    );
    server.open(&uri, &text);
    let line = text.lines().position(|line| line.contains("regex")).expect("there");
    let said = server.hover(&uri, line, "    when: {re".len());
    assert!(said.contains("A pattern that is found in the text"), "{said}");

    // What is wrong is marked on its line, and what is right is not.
    let wrong = "lfs:
  - name: a
    lable: urgent
    when: {keyword: [x]}
  - name: b
    label: urgnet
    when: {keywrd: [x]}
modle: {use: auto}
";
    let (uri, text, _) = document(folder, "wrong.yaml", wrong);
    server.open(&uri, &text);
    let line =
        |part: &str| text.lines().position(|line| line.contains(part)).expect("there") as u64;
    let parts = ["lable", "urgnet", "keywrd", "modle"];
    let found = server.diagnostics(&uri, |found| found.len() >= parts.len());
    for part in parts {
        assert!(found.iter().any(|(at, _)| *at == line(part)), "{part} is not marked: {found:?}");
    }
    let (uri, text, _) = document(
        folder,
        "right.yaml",
        "lfs:\n  - {name: a, label: urgent, when: {keyword: [x]}}\n",
    );
    server.open(&uri, &text);
    assert_eq!(server.diagnostics(&uri, |_| true), []);
}
