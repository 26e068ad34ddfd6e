//! Help with writing specs: the canonical form, new labeling functions, and the commands.

use super::spec_files::specs_in;
use jurat::edit::{EditError, NewLf, format};

const SPEC: &str = "spec: 1
labels: [spam, ham]
lfs:
  - name: promo
    label: spam
    when: {keyword: [win]}
";

#[test]
fn a_new_labeling_function_leaves_the_rest_as_it_is() {
    let new = |name: &str| NewLf { name: name.to_owned(), ..NewLf::default() };
    let added = |new: NewLf, text: &str| {
        let edits = new.add_to(text, "spec.yaml").unwrap_or_else(|error| panic!("{error}"));
        let after = edits.apply(text).expect("applies");
        let [one] = edits.replacements() else { panic!("one edit") };
        assert_eq!(after.replacen(&one.text, "", 1), text);
        jurat::LfSet::compile(&jurat::Spec::from_yaml(&after, "spec.yaml").expect("a spec"))
            .expect("compiles");
        (one.place.start, one.text.clone())
    };
    let (at, text) = added(new("refund-asked"), SPEC);
    assert_eq!(at, SPEC.len());
    assert!(text.starts_with("  - name: refund-asked\n    label: spam   # or: ham\n"), "{text}");
    assert!(text.contains("    when: {keyword: [refund asked]}\n"), "{text}");
    assert!(text.contains(r"    # when: {regex: '(?i)\brefund\s+asked'}"), "{text}");
    let windows = SPEC.trim_end().replace('\n', "\r\n");
    let (_, text) = added(new("a"), &windows);
    assert!(text.starts_with("\r\n  - name: a\r\n") && !text.contains("\n\n"), "{text:?}");
    // Behind comments of the list, before what follows, with a blank line where there are some.
    let spec = SPEC.replace("  - name", "- name").replace("    ", "  ")
        + "\n- name: other\n  label: ham\n  when: {keyword: [hi]}\n  # unless\n\n# models\nmodel: {use: majority}\n";
    let mut regex = new("b");
    (regex.label, regex.regex) = (Some("ham".to_owned()), Some(r"it's \d: #".to_owned()));
    let (at, text) = added(regex, &spec);
    assert!(spec[at..].starts_with("\n# models"), "{}", &spec[at..]);
    assert!(
        text.starts_with("\n- name: b\n  label: ham\n  when: {regex: 'it''s \\d: #'}\n  # unless"),
        "{text}"
    );
    let mut unknown = new("c");
    unknown.label = Some("hem".to_owned());
    let mut broken = new("c");
    broken.regex = Some("(".to_owned());
    let brackets = "spec: 1\nlabels: [a, b]\nlfs: [{name: x, label: a, when: {keyword: [y]}}]\n";
    for (new, text, parts) in [
        (new("promo"), SPEC, &["duplicate-name", "spec.yaml:4:11"][..]),
        (unknown, SPEC, &["unknown-label", "did you mean `ham`?", "spec.yaml:2:10"]),
        (broken, SPEC, &["regex"]),
        (new("a b"), SPEC, &["error[name]"]),
        (new("c"), brackets, &["spec.yaml:3:", "brackets"]),
        (new("c"), "spec: 1\n", &["missing-key"]),
    ] {
        let error = new.add_to(text, "spec.yaml").expect_err("refused").to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}

/// A random number below `n`, from a state.
fn below(state: &mut u64, n: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    ((*state >> 33) as usize) % n.max(1)
}

/// All specs of the tree, wrong ones too.
fn specs() -> Vec<(String, String)> {
    let found = specs_in(&["lf_specs", "tests/data/errors"]);
    assert!(found.len() > 50);
    found
}

#[test]
fn the_canonical_form_of_a_messy_spec() {
    let messy = "\u{feff}# yaml-language-server: $schema=schema.json\r
# About labels.\r
labels:   [spam, ham]   # two\r
spec: 1\r
\r
\r
lfs:\r
- label: spam\r
  # Why it is one.\r
  why: >-\r
     because\r
      of that\r
  name: a\r
  when:\r
      any:\r
      - keyword: [one,\r
                  two]   # c\r
      -   regex: |\r
            a # no comment\r
              b\r
  # unless: {keyword: [three]}\r
# about b\r
-\r
    name: b\r
    label: ham\r
    when: {keyword: ['x: # y',\r
      z]}\r
    examples:\r
       match:\r
       - 'one\r
\r
          two'   \r
       - plain\r
         text\r
\r
- # about c\r
  name: c\r
  label: ham\r
  when: &it {keyword: [d]}\r
\r
input: {text: body}\r
\r
# gates:\r
#   coverage: '>= 60%'\r
\r
\r
";
    let wanted = "# yaml-language-server: $schema=schema.json
spec: 1
# About labels.
labels: [spam, ham]   # two

input: {text: body}

lfs:
  - name: a
    label: spam
    when:
      any:
        - keyword: [one,
                    two]   # c
        - regex: |
            a # no comment
              b
    # Why it is one.
    why: >-
      because
       of that
    # unless: {keyword: [three]}

  # about b
  - name: b
    label: ham
    when: {keyword: ['x: # y',
      z]}
    examples:
      match:
        - 'one

           two'
        - plain
          text

  - # about c
    name: c
    label: ham
    when: &it {keyword: [d]}

# gates:
#   coverage: '>= 60%'
";
    let formatted = format(messy, "messy.yaml").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(formatted, wanted);
    assert_eq!(format(&formatted, "messy.yaml").expect("again"), wanted);
}

/// What stands in a text in an unusual way stays as it is, or is refused with its line.
#[test]
fn unusual_texts() {
    let same = |text: &str| {
        let formatted = format(text, "spec.yaml").unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(formatted, text);
    };
    same("---\n# c\nspec: 1\nlfs: [{when: x,\n  name: a}]\n");
    same("spec: 1\nlabels:\n  spam:\n    # about spam\n  ham:\n# c\n");
    same("spec: 1\nlfs:\n  - name: a\n    why: |+\n      kept\n\n\n");
    same("spec: 1\nlfs:\n  - name: a\n    why: |1-\n      two blanks here\n\n     one\n");
    same("lfs:\n  - &a\n    name: a\n  - *a\n");
    same("lfs:\n  - name: a\n    when: {any: [\n      {regex: x},\n    ]}\nx: [\n  a\n]\n");
    same("lfs:\n  - - a\n    - b\n  - -\n");
    // Keys cannot change places where an alias would come before its anchor.
    same("labels: &l [a, b]\nspec: 1\nlfs:\n  - name: x\n    tags: &t [k]\n    label: *t\n");
    for (text, line) in
        [("%YAML 1.2\n---\nspec: 1\n", 1), ("spec: 1\n? [a, b]\n: c\n", 2), ("{spec: 1}\n", 1)]
    {
        match format(text, "spec.yaml") {
            Err(EditError::Unusual { line: found, .. }) => assert_eq!(found, line, "{text}"),
            Err(EditError::Spec(_)) => {}
            other => panic!("{text}\n{other:?}"),
        }
    }
    let wrong = format("spec: [1", "spec.yaml").expect_err("no YAML");
    assert!(wrong.to_string().contains("spec.yaml:1"), "{wrong}");
}

#[test]
fn shipped_specs_are_formatted() {
    for (path, text) in specs().iter().filter(|(path, _)| path.contains("lf_specs")) {
        let formatted = format(text, path).unwrap_or_else(|error| panic!("{error}"));
        assert!(formatted == *text, "run `jurat fmt {path}`");
    }
}

#[test]
fn every_spec_of_the_tree_can_be_formatted_once() {
    let mut refused = Vec::new();
    for (path, text) in specs() {
        match format(&text, &path) {
            Ok(once) => assert_eq!(format(&once, &path).expect("again"), once, "{path}"),
            Err(EditError::Spec(_)) => {}
            Err(error) => refused.push(error.to_string()),
        }
    }
    assert!(refused.len() < 4, "{}", refused.join("\n"));
}

/// Whatever is done to the lines of a spec, formatting is refused or stable, and hardly ever refused.
#[test]
fn formatting_is_stable_on_mutated_specs() {
    let specs = specs();
    let state = &mut 7;
    let (mut done, mut refused) = (0, Vec::new());
    for round in 0..800 {
        let (path, text) = &specs[below(state, specs.len())];
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        // Large specs are slow to parse, and say no more than parts of them.
        let start = below(state, lines.len().saturating_sub(60));
        if lines.len() > 90 {
            lines.drain(..start);
            lines.truncate(60);
            lines.insert(0, "lfs:".to_owned());
        }
        for _ in 0..=below(state, 4) {
            mutate(&mut lines, state);
        }
        let text = lines.join(if round % 3 == 0 { "\r\n" } else { "\n" });
        match format(&text, path) {
            Ok(once) => {
                let twice = format(&once, path).unwrap_or_else(|error| panic!("{once}\n{error}"));
                assert_eq!(once, twice, "{path}\n{text}");
                assert!(once.is_empty() || once.ends_with('\n') && !once.contains('\r'));
                done += 1;
            }
            Err(EditError::Spec(_)) => {}
            Err(error) => refused.push(format!("{error}\n{text}")),
        }
    }
    assert!(done > 300 && refused.len() < done / 10, "{done} {refused:#?}");
}

fn mutate(lines: &mut Vec<String>, state: &mut u64) {
    let at = below(state, lines.len());
    let blanks = " ".repeat(below(state, 9));
    match below(state, 8) {
        0 => lines.insert(at, format!("{blanks}# a comment: [x")),
        1 => lines.insert(at, blanks),
        2 if at + 1 < lines.len() => lines.swap(at, at + 1),
        3 if !lines.is_empty() => lines[at] += "   # the end",
        4 if !lines.is_empty() => lines[at] += "  \t",
        5 if !lines.is_empty() => lines[at] = lines[at].replacen(": ", ":   ", 1),
        6 => {
            // A block that is indented more, or as little as a list may be.
            let (deeper, until) = (below(state, 2) == 0, at + below(state, 12));
            for line in lines.iter_mut().take(until).skip(at) {
                *line = match (deeper, line.strip_prefix("  ")) {
                    (false, Some(rest)) => rest.to_owned(),
                    _ => format!("  {line}"),
                };
            }
        }
        _ if at + 1 < lines.len() => drop(lines.remove(at)),
        _ => {}
    }
}

/// The commands, as a user drives them.
#[cfg(feature = "cli")]
mod commands {
    use crate::cli::Folder;
    use std::io::Write;
    use std::process::Stdio;

    const MESSY: &str =
        "labels: [spam, ham]\nspec: 1\nlfs:\n- {name: a, label: spam, when: {keyword: [x]}}\n";
    const TIDY: &str =
        "spec: 1\nlabels: [spam, ham]\nlfs:\n  - {name: a, label: spam, when: {keyword: [x]}}\n";

    fn read(folder: &Folder, name: &str) -> String {
        std::fs::read_to_string(folder.path(name)).expect("readable")
    }

    #[test]
    fn fmt_writes_files_checks_them_and_takes_standard_input() {
        let folder = Folder::new();
        for (name, text) in [("a.yaml", MESSY), ("b.yaml", TIDY), ("wrong.yaml", "spec: [1\n")] {
            folder.write(name, text);
        }
        let ran = folder.run(&["fmt", "--check", "a.yaml", "b.yaml"]).code(1);
        assert!(!ran.err.contains("b.yaml") && ran.out.is_empty(), "{}", ran.err);
        ran.says(&["a.yaml: not formatted, from line 1 on"]);
        assert_eq!(read(&folder, "a.yaml"), MESSY);
        let ran = folder.run(&["fmt", "--stdout", "a.yaml"]).code(0);
        assert_eq!((ran.out.as_str(), read(&folder, "a.yaml").as_str()), (TIDY, MESSY));
        let mut child = folder
            .command(&["fmt", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        child.stdin.take().expect("a pipe").write_all(MESSY.as_bytes()).expect("written");
        assert_eq!(child.wait_with_output().expect("it ends").stdout, TIDY.as_bytes());
        // What is wrong is said, and the others are formatted all the same.
        let ran = folder.run(&["fmt", "wrong.yaml", "missing.yaml", "a.yaml", "b.yaml"]).code(2);
        ran.says(&["error[yaml]", "wrong.yaml:1", "missing.yaml", "formatted a.yaml"]);
        assert_eq!(read(&folder, "a.yaml"), TIDY);
        assert_eq!(folder.names(), ["a.yaml", "b.yaml", "wrong.yaml"]);
        folder.run(&["fmt", "--check", "a.yaml", "b.yaml"]).code(0);
    }

    #[cfg(unix)]
    #[test]
    fn fmt_keeps_permissions_and_links() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new();
        folder.write("a.yaml", MESSY);
        std::fs::set_permissions(folder.path("a.yaml"), std::fs::Permissions::from_mode(0o640))
            .expect("permissions");
        std::os::unix::fs::symlink("a.yaml", folder.path("link.yaml")).expect("a link");
        folder.run(&["fmt", "link.yaml"]).code(0);
        assert_eq!(read(&folder, "a.yaml"), TIDY);
        let mode = |name: &str| {
            std::fs::symlink_metadata(folder.path(name)).expect("there").permissions().mode()
        };
        assert_eq!(mode("a.yaml") & 0o777, 0o640);
        assert!(folder.path("link.yaml").symlink_metadata().expect("there").is_symlink());
    }

    #[test]
    fn new_lf_is_added_and_checks() {
        let folder = Folder::new();
        folder.write("spec.yaml", super::SPEC);
        let new = ["new", "lf", "thanks", "--spec", "spec.yaml", "--label", "ham", "--keyword"];
        let mut arguments = new.to_vec();
        arguments.push("thank you, thanks: a lot");
        folder.run(&arguments).code(0).says(&["added `thanks`", "jurat check spec.yaml"]);
        let text = read(&folder, "spec.yaml");
        assert!(text.starts_with(super::SPEC), "{text}");
        assert!(text.contains("{keyword: [thank you, 'thanks: a lot']}"), "{text}");
        let ran = folder.run(&["check", "spec.yaml"]).code(0);
        assert!(ran.out.contains("2 labeling functions"), "{}", ran.out);
        folder.run(&arguments).code(2).says(&["error[duplicate-name]", "spec.yaml:7:11"]);
        assert_eq!(read(&folder, "spec.yaml"), text);
    }

    #[test]
    fn init_check_and_run_follow_each_other() {
        let folder = Folder::new();
        let mut rows = String::from("id,note,label\n");
        for i in 0..120 {
            let (note, label) = match i % 3 {
                0 => ("win a prize, claim it now", "spam"),
                1 => ("see you at the meeting", "ham"),
                _ => ("the meeting moved to noon", "ham"),
            };
            rows += &format!("r{i},\"{note}\",{label}\n");
        }
        folder.write("notes.csv", &rows);
        let ran = folder.run(&["init", "notes.csv"]).code(0);
        ran.says(&[
            "120 rows",
            "text: note",
            "jurat check spec.yaml",
            "jurat run spec.yaml notes.csv",
        ]);
        assert_eq!(folder.names(), ["notes.csv", "schema.json", "spec.yaml"]);
        let text = read(&folder, "spec.yaml");
        assert!(text.starts_with("# yaml-language-server: $schema=schema.json\n"), "{text}");
        assert_eq!(read(&folder, "schema.json"), jurat::job::schema(None));
        folder.run(&["check", "spec.yaml"]).code(0);
        folder.run(&["fmt", "--check", "spec.yaml"]).code(0);
        let ran = folder.run(&["run", "spec.yaml", "notes.csv", "-o", "run"]).code(0);
        assert!(ran.out.contains("120 rows, 2 labeling functions"), "{}", ran.out);
        // What is there stays, unless told otherwise; a schema always does.
        folder.write("schema.json", "mine");
        folder.write("spec.yaml", "mine");
        folder.run(&["init", "notes.csv"]).code(2).says(&["spec.yaml exists", "--overwrite"]);
        assert_eq!(read(&folder, "spec.yaml"), "mine");
        folder.run(&["init", "notes.csv", "--overwrite", "--no-examples", "-q"]).code(0);
        assert_eq!(read(&folder, "schema.json"), "mine");
        assert!(!read(&folder, "spec.yaml").contains("win a prize, claim"));
        for (arguments, parts) in [
            (vec!["nothing.csv", "-o", "n.yaml"], vec!["nothing.csv"]),
            (vec!["notes.csv", "-o", "no/spec.yaml"], vec!["create the folder first"]),
            (vec!["notes.csv", "-o", "notes.csv"], vec!["notes.csv exists"]),
            (vec!["notes.csv", "-o", "notes.csv", "--overwrite"], vec!["another name"]),
            (vec!["notes.csv", "-o", "n.yaml", "--gold", "lable"], vec!["did you mean `label`?"]),
            (vec!["notes.csv", "-o", "n.yaml", "--labels", "a,a"], vec!["stands twice"]),
            (vec!["-", "-o", "n.yaml"], vec!["standard input"]),
        ] {
            let mut all = vec!["init"];
            all.extend(arguments);
            let ran = folder.run(&all);
            assert!(!ran.err.contains("panicked"), "{}", ran.err);
            ran.says(&parts);
        }
        assert_eq!(read(&folder, "notes.csv"), rows);
        assert!(!folder.path("n.yaml").exists());
    }
}
