//! `jurat init`: first specs for all kinds of tables.

use jurat::edit::{EditError, Proposal, Wishes};
use jurat::input::{Files, ReadError};
use jurat::lf::ExampleOutcome;
use jurat::{Error, Job, Spec};
use proptest::prelude::*;
use std::io::Write;
use std::path::Path;

/// A folder with one file.
fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, Files) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    let files = Files::new([path.to_string_lossy()]).expect("files");
    (folder, files)
}

/// The proposal, which checks and can be run on the data.
fn proposed(wishes: &Wishes, files: &Files, votes: bool) -> Proposal {
    let proposal = wishes.propose(files, "spec.yaml").unwrap_or_else(|error| panic!("{error}"));
    let text = &proposal.text;
    assert_eq!(&jurat::edit::format(text, "spec.yaml").expect("formatted"), text);
    let spec =
        Spec::from_yaml(text, "spec.yaml").unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let job = Job::new(&spec).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let lints: Vec<&str> = spec.lints().iter().map(|lint| lint.problem.code).collect();
    assert!(
        !lints.contains(&"shadowed-keyword") && !lints.contains(&"dead-lf"),
        "{lints:?}\n{text}"
    );
    let results = job.lfs.run_examples(&spec).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    assert!(results.iter().all(|result| result.outcome == ExampleOutcome::Passed), "{text}");
    let mut source =
        files.open(&job.lfs.fields()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    match job.run(source.as_mut(), &jurat::lf::Unwatched) {
        Ok(_) => {}
        Err(Error::Fit(_)) if !votes => {}
        Err(error) => panic!("{error}\n{text}"),
    }
    proposal
}

/// Rows of mail: an identifier, a time, a score, a text and a label.
fn mail(n: usize) -> Vec<[String; 5]> {
    let spam = ["Win a free prize now", "Claim your prize: call now", "Free entry, reply WIN"];
    let ham = ["See you at the meeting", "Meeting moved to noon, sorry", "Thanks, see you there"];
    (0..n)
        .map(|i| {
            let is_spam = i % 3 == 0;
            let text = if is_spam { spam[i / 3 % 3] } else { ham[i / 3 % 3] };
            [
                format!("m-{i}"),
                format!("2024-02-{:02}", 1 + i % 28),
                format!("0.{}", 10 + i % 80),
                format!("{text} {}", ["today", "tomorrow", "soon"][i % 7 % 3]),
                if is_spam { "spam" } else { "ham" }.to_owned(),
            ]
        })
        .collect()
}

const HEADER: [&str; 5] = ["message_id", "received", "p_spam", "body", "label"];

fn as_csv(rows: &[[String; 5]]) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(HEADER).expect("written");
    rows.iter().for_each(|row| out.write_record(row).expect("written"));
    out.into_inner().expect("written")
}

#[test]
fn columns_labels_and_words_are_found() {
    let (_folder, files) = file("mail.csv", &as_csv(&mail(300)));
    let wishes = Wishes { schema: Some("schema.json".to_owned()), ..Wishes::default() };
    let text = proposed(&wishes, &files, true).text;
    assert!(text.starts_with("# yaml-language-server: $schema=schema.json\n"), "{text}");
    for part in [
        "  text: body ",
        "  id: message_id ",
        "  gold: label ",
        "  time: received ",
        "  - ham    # 200 rows\n  - spam   # 100 rows\n",
        "          - prize ",
        " rows, 100 %\n",
        "    examples:",
        "  #   label: spam\n  #   when: {model: {column: p_spam, at_least: 0.9}}",
        "class_balance: {ham: 0.667, spam: 0.333}",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert_eq!(text, proposed(&wishes, &files, true).text, "the same table, the same spec");
    let wishes = Wishes { examples: false, ..Wishes::default() };
    let text = proposed(&wishes, &files, true).text;
    assert!(!text.contains("\n    examples:") && !text.contains("yaml-language-server"), "{text}");
}

#[test]
fn what_is_said_goes_before_what_is_guessed() {
    let (_folder, files) = file("mail.csv", &as_csv(&mail(90)));
    let wishes = Wishes {
        text: Some("label".to_owned()),
        id: Some("body".to_owned()),
        gold: Some("label".to_owned()),
        labels: vec!["spam".to_owned(), "ham".to_owned(), "eggs".to_owned()],
        ..Wishes::default()
    };
    let text = proposed(&wishes, &files, true).text;
    assert!(text.contains("  text: label ") && text.contains("  id: body "), "{text}");
    assert!(text.contains("  - eggs\n"), "{text}");
    let wishes = Wishes { gold: Some("lable".to_owned()), ..Wishes::default() };
    let error = wishes.propose(&files, "spec.yaml").expect_err("no such column").to_string();
    assert!(error.contains("did you mean `label`?"), "{error}");
}

#[test]
fn without_known_labels_words_are_there_to_sort() {
    let mut rows = mail(300);
    rows.iter_mut().for_each(|row| row[4] = String::new());
    let (_folder, files) = file("mail.csv", &as_csv(&rows));
    let text = proposed(&Wishes::default(), &files, true).text;
    for part in ["- rename-me-1\n  - rename-me-2\n", "TO DO", "Nobody has sorted", "          # - "]
    {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    let labels = vec!["urgent".to_owned(), "yes".to_owned()];
    let text = proposed(&Wishes { labels, ..Wishes::default() }, &files, true).text;
    assert!(text.contains("- urgent\n  - 'yes'\n") && !text.contains("TO DO"), "{text}");
}

#[test]
fn every_format_and_odd_tables() {
    let rows = mail(60);
    let lines: String = rows
        .iter()
        .map(|row| {
            let quoted = |at: usize| serde_json::to_string(&row[at]).expect("JSON");
            format!(
                "{{\"message_id\": {}, \"tags\": [1], \"p\": {}, \"body\": {}, \"label\": {}}}\n",
                quoted(0),
                row[2],
                quoted(3),
                quoted(4)
            )
        })
        .collect();
    let (_folder, files) = file("mail.jsonl", lines.as_bytes());
    let proposal = proposed(&Wishes::default(), &files, true);
    assert!(proposal.text.contains("  gold: label "), "{}", proposal.text);
    assert!(proposal.found.iter().any(|found| found.contains("tags")), "{:?}", proposal.found);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&as_csv(&rows)).expect("written");
    let (_folder, files) = file("mail.csv.gz", &gzip.finish().expect("written"));
    proposed(&Wishes::default(), &files, true);
    for (text, votes) in [
        ("a,b\n", false),
        ("a\n1\n2\n", true),
        ("a,b\n,\n,\n", false),
        ("a,a,b\nx,y,z\n", true),
        ("label\nx\nx\ny\ny\n", true),
        ("text,label\nq,abstain\nq,abstain\nr,x\nr,x\n", true),
        (",text\n1,hello\n", true),
    ] {
        let (_folder, files) = file("odd.csv", text.as_bytes());
        proposed(&Wishes::default(), &files, votes);
    }
    let (_folder, files) = file("empty.csv", b"");
    let error = Wishes::default().propose(&files, "spec.yaml").expect_err("empty");
    assert!(matches!(error, EditError::Read(ReadError::Empty { .. })));
    let mut many = String::from("text,label\n");
    (0..1_500).for_each(|i| many += &format!("a,l{i}\n"));
    let (_folder, files) = file("many.csv", many.as_bytes());
    proposed(&Wishes::default(), &files, true);
    let wishes = Wishes { gold: Some("label".to_owned()), ..Wishes::default() };
    let error = wishes.propose(&files, "spec.yaml").expect_err("no labels").to_string();
    assert!(error.contains("1,000 values"), "{error}");
    let name = "long ".repeat(60);
    let (_folder, files) = file("unnamed.csv", format!("{name}\nx\n").as_bytes());
    let error = Wishes::default().propose(&files, "spec.yaml").expect_err("no column").to_string();
    let wanted = "unnamed.csv: no column can be used; each needs a name of its own, of at most 200 \
        bytes, and text or numbers; it has ['long long";
    assert!(error.contains(wanted) && !error.contains(&name), "{error}");
}

#[test]
fn a_cell_may_be_huge() {
    let huge = "word: #'\" ".repeat(1 << 20);
    let mut rows = mail(40);
    rows[3][3].clone_from(&huge);
    rows[4][0] = huge;
    let (_folder, files) = file("mail.csv", &as_csv(&rows));
    let text = proposed(&Wishes::default(), &files, true).text;
    assert!(text.len() < 10_000, "{} bytes", text.len());
}

#[cfg(feature = "parquet")]
#[test]
fn columns_of_parquet_files_have_types() {
    use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;
    let n = 200;
    let texts =
        (0..n).map(|i| Some(if i % 2 == 0 { "no pain at all" } else { "chest pain, severe" }));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("case", Arc::new(Int64Array::from_iter_values(0..n))),
        ("risk", Arc::new((0..n).map(|i| Some(i as f64 / 200.0)).collect::<Float64Array>())),
        ("note", Arc::new(texts.collect::<StringArray>())),
        ("seen", Arc::new((0..n).map(|i| Some(i % 2 == 0)).collect::<BooleanArray>())),
        ("class", Arc::new(Int64Array::from_iter_values((0..n).map(|i| i % 2)))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.parquet");
    let out = std::fs::File::create(&path).expect("a file");
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(out, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    let files = Files::new([path.to_string_lossy()]).expect("files");
    let text = proposed(&Wishes::default(), &files, true).text;
    for part in
        ["  text: note ", "  id: case ", "  gold: class ", "- '0' ", "column: risk", "- severe "]
    {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

/// Texts that try to be something else than text.
fn hostile() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "a: b",
        "# c",
        "x #y",
        "- z",
        "'",
        "\"",
        "it's: 'so'",
        "yes",
        "null",
        "~",
        "1e5",
        "[a",
        "{b: c}",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%d",
        "@x",
        "`q`",
        "a\nb",
        "a\r\nb",
        "\ta",
        "\u{0}x",
        "\u{85}",
        "\u{2028}y",
        "\u{feff}z",
        "\u{202e}r",
        "---",
        "...",
        "spec: 1\nlabels: [x]",
        "abstain",
        "${v}",
        "中文 字",
        "ẞß",
        "İi",
        "e\u{301}",
        "😀 👍",
        "a|b",
        "!a",
        "a@0.5",
        "\\",
        "x".repeat(300).leak(),
    ]);
    prop_oneof![3 => odd.prop_map(str::to_owned), 1 => "\\PC{0,20}", 1 => "[a-d ]{1,12}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    /// Whatever stands in names and cells, the proposal is a spec, and its examples hold.
    #[test]
    fn any_table_gets_a_spec_that_checks(
        names in prop::collection::vec(hostile(), 1..5),
        palettes in prop::collection::vec(prop::collection::vec(hostile(), 1..5), 1..5),
        given in prop::collection::vec(any::<bool>(), 3),
        labels in prop::collection::btree_set(hostile().prop_filter("a label", |label| {
            !label.trim().is_empty() && label != "abstain"
        }), 0..3),
    ) {
        let columns = names.len().min(palettes.len());
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(&names[..columns]).expect("written");
        for row in 0..40 {
            let cells = palettes.iter().take(columns).enumerate();
            let cells = cells.map(|(at, palette)| &palette[(row / (at + 1) + at) % palette.len()]);
            out.write_record(cells).expect("written");
        }
        let (_folder, files) = file("table.csv", &out.into_inner().expect("written"));
        // Names are trimmed by whoever reads them.
        let name = |at: usize| {
            let name = names[at % columns].trim().trim_start_matches('\u{feff}');
            let usable = !name.is_empty() && name.len() <= 200
                && names[..columns].iter().filter(|other| other.trim() == name).count() == 1;
            (given[at] && usable).then(|| name.to_owned())
        };
        let wishes = Wishes {
            text: name(0), gold: name(1), id: name(2),
            labels: if labels.len() < 2 { Vec::new() } else { labels.into_iter().collect() },
            ..Wishes::default()
        };
        match wishes.propose(&files, Path::new("spec.yaml").to_str().unwrap_or_default()) {
            Ok(_) => { proposed(&wishes, &files, false); }
            // What stands there twice, or has too long values, is said.
            Err(EditError::Read(_) | EditError::NotLabels { .. } | EditError::NoColumns { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}
