//! Input that is made to harm: to fill the memory, to run on, to read what is elsewhere, to steer a terminal
//! or a page. The program runs on it with two gigabytes of memory and ten seconds.
#![cfg(all(feature = "cli", target_os = "linux"))]
#![expect(clippy::print_stdout, reason = "what was tried, and how often")]

use crate::cli::{Folder, Ran, SPEC, ready};
use std::fmt::Write as _;
use std::process::Command;

/// Runs the program with two gigabytes of memory and ten seconds; without optimization it takes ten times
/// as long to do the same, and has thirty.
pub(crate) fn limited(folder: &Folder, arguments: &[&str]) -> Ran {
    let seconds = if cfg!(debug_assertions) { 30 } else { 10 };
    let bounds = format!("ulimit -v 2000000; exec timeout {seconds} \"$@\"");
    let mut command = Command::new("bash");
    command.args(["-c", &bounds, "-", env!("CARGO_BIN_EXE_jurat"), "--threads", "2"]);
    folder.complete(command.args(arguments));
    Ran::new(arguments, &command.output().expect("it starts"))
}

fn head() -> String {
    "spec: 1\nlabels: [a, b]\ninput: {text: body, id: id}\n".to_owned()
}

/// A spec with these conditions.
fn lfs(conditions: impl IntoIterator<Item = String>) -> String {
    let mut spec = head() + "lfs:\n";
    for (at, condition) in conditions.into_iter().enumerate() {
        writeln!(spec, "- {{name: n{at}, label: a, when: {condition}}}").expect("memory");
    }
    spec
}

#[test]
fn specs_that_do_not_end_or_nest_without_end() {
    let laughs = (1..12).fold("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned(), |text, at| {
        let aliases = vec![format!("*a{}", at - 1); 9].join(",");
        text + &format!("a{at}: &a{at} [{aliases}]\n")
    });
    let deep = |times: usize, open: &str| head() + "lfs: " + &open.repeat(times) + "\n";
    let block: String = (1..3000).map(|depth| " ".repeat(depth) + "- \n").collect();
    let many: String = (0..400_000).map(|at| format!("- w{at}\n")).collect();
    for (what, spec, says) in [
        ("flow lists", deep(1_000_000, "["), "error[too-large]"),
        ("flow maps", deep(1_000_000, "{a: "), "error[too-large]"),
        ("block lists", head() + "lfs:\n" + &block, "error[too-large]"),
        ("aliases in aliases", head() + &laughs, "error[too-large]"),
        ("too many entries", head() + "lfs:\n" + &many, "lookups"),
        ("a long key", head() + &"k".repeat(15 << 20) + ": 1\n", "error[yaml]"),
        ("a long file", head() + "#" + &"#".repeat(16 << 20), "larger than 16 megabytes"),
    ] {
        let folder = Folder::new();
        folder.write("spec.yaml", &spec);
        println!("{what}");
        limited(&folder, &["check", "spec.yaml"]).code(2).says(&["spec.yaml", says]);
    }
}

#[test]
fn specs_that_are_no_files() {
    let folder = Folder::new();
    let file = std::fs::File::create(folder.path("holes.yaml")).expect("made");
    file.set_len(1 << 40).expect("a file of holes");
    let made = Command::new("mkfifo").arg(folder.path("pipe.yaml")).status().expect("it starts");
    assert!(made.success());
    for (path, says) in [
        ("holes.yaml", "larger than 16 megabytes"),
        ("/dev/zero", "larger than 16 megabytes"),
        ("pipe.yaml", "this is a pipe"),
        (".", "this is a folder"),
        ("/dev/null", "there is nothing in the file"),
    ] {
        limited(&folder, &["check", path]).code(2).says(&[path, says]);
    }
}

#[test]
fn patterns_are_bounded_one_by_one_and_together() {
    let regex = |pattern: String| format!("{{regex: '{pattern}'}}");
    let many =
        |n: usize, pattern: &str| (0..n).map(|at| regex(format!("{pattern}x{at}"))).collect();
    let cases: [(&str, Vec<String>, &str); 5] = [
        ("one", vec![regex("(a{1000}){1000}".into())], "more than 10 megabytes"),
        ("letters", vec![regex(r"\pL{5000}".into())], "more than 10 megabytes"),
        ("nested", vec![regex("(((a{99}){99}){99}){99}".into())], "more than 10 megabytes"),
        ("all too large", many(3000, r"\pL{5000}"), "and 2900 more problems"),
        ("each just fits", many(3000, "[a-z]{2500}"), "with `[a-z]{2500}x"),
    ];
    for (what, conditions, says) in cases {
        let folder = Folder::new();
        folder.write("spec.yaml", &lfs(conditions));
        println!("{what}");
        limited(&folder, &["check", "spec.yaml"]).code(2).says(&["spec.yaml:", says]);
    }
}

#[test]
fn of_many_problems_the_first_are_drawn() {
    let folder = Folder::new();
    let wrong: String = (0..10_000).map(|at| format!("- {{name: n{at}, labl: a}}\n")).collect();
    folder.write("spec.yaml", &(head() + "lfs:\n" + &wrong));
    let ran = limited(&folder, &["check", "spec.yaml"]).code(2);
    assert!(ran.err.len() < 100_000, "{}", ran.err.len());
    ran.says(&["more problems", "spec.yaml: 20000 problems"]);
}

#[test]
fn tables_stay_in_the_folder_of_the_spec() {
    let folder = Folder::new();
    for inner in ["specs", "specs/tables", "else"] {
        std::fs::create_dir(folder.path(inner)).expect("made");
    }
    for file in ["specs/tables/in.csv", "else/out.csv"] {
        folder.write(file, "key\nsecret-key\n");
    }
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, folder.path(name)).expect("a link");
    };
    link("../else/out.csv", "specs/link.csv");
    link("../../else", "specs/tables/folder");
    link("tables/in.csv", "specs/inside.csv");
    link("/dev/zero", "specs/zero.csv");
    let absolute = folder.path("else/out.csv").display().to_string();
    let check = |file: &str, more: &[&str]| {
        let table = format!("lookups: {{t: {{file: '{file}', key: key}}}}\n");
        let lfs = "lfs: [{name: x, label: a, when: {lookup: {table: t}}}]\n";
        folder.write("specs/spec.yaml", &(head() + &table + lfs));
        limited(&folder, &[&["check", "specs/spec.yaml"], more].concat())
    };
    for file in [
        "../else/out.csv",
        &absolute,
        "link.csv",
        "tables/folder/out.csv",
        "tables/f*/*.csv",
        "../else/*.csv",
        "tables/../../else/out.csv",
    ] {
        let denied = check(file, &[]).code(2);
        assert!(!denied.err.contains("secret-key"), "{}", denied.err);
        denied.says(&["error[outside]", "specs/spec.yaml:4:21", "--allow-outside"]);
        check(file, &["--allow-outside"]).code(0);
    }
    // Nobody learns whether a file is there.
    check("../../../../etc/no-such.csv", &[]).code(2).says(&["error[outside]"]);
    check("zero.csv", &["--allow-outside"]).code(2).says(&["a pipe or a device"]);
    for file in ["tables/in.csv", "inside.csv", "tables/../tables/in.csv", "./tables/*.csv"] {
        check(file, &[]).code(0);
    }
    // A spec in the folder where the program runs: the name of standard input is no table.
    folder.write(
        "spec.yaml",
        &(head() + "lookups: {t: {file: '-', key: key}}\nlfs: [{name: x, label: a, when: {lookup: {table: t}}}]\n"),
    );
    limited(&folder, &["check", "spec.yaml"]).code(2).says(&["standard input"]);
    // Data may be anywhere.
    folder.write("specs/spec.yaml", SPEC);
    folder.write("else/data.csv", "id,body\n1,subscribe\n2,thanks\n");
    let apply = ["apply", "specs/spec.yaml", "else/data.csv", "-o", "votes.csv"];
    limited(&folder, &apply).code(0);
}

/// A file of compressed data: a beginning, and then `times` a piece.
fn bomb(name: &str, begin: &[u8], piece: &[u8], times: usize) -> Vec<u8> {
    let pack = |bytes: &[u8]| -> Vec<u8> {
        if name.ends_with(".zst") {
            return zstd::encode_all(bytes, 1).expect("memory");
        }
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, bytes).expect("memory");
        packed.finish().expect("memory")
    };
    [pack(begin), pack(piece).repeat(times)].concat()
}

#[test]
fn rows_that_do_not_end_are_an_error_with_a_place() {
    const LONG: &str = "longer than 64 megabytes";
    for (name, begin, piece, says) in [
        ("line.csv.zst", "id,body\n1,x\n2,", "a", ["line 3", LONG]),
        ("cell.csv.zst", "id,body\n1,\"", "a\n", ["line 2", LONG]),
        ("other.csv.zst", "id,body,more\n1,x,", "a", ["line 2", LONG]),
        ("commas.csv.zst", "id,body\n1", ",", ["line 2", LONG]),
        ("header.csv.zst", "id,body", "a", ["line 1", LONG]),
        ("line.csv.gz", "id,body\n1,x\n2,", "a", ["line 3", LONG]),
        ("line.jsonl.zst", "{\"id\":1,\"body\":\"", "a", ["line 1", LONG]),
        ("nested.jsonl.zst", "{\"id\":1,\"body\":", "[", ["line 1", LONG]),
        #[cfg(feature = "parquet")]
        ("whole.parquet.zst", "PAR1", "a", ["decompress it to a file", "1024 megabytes"]),
    ] {
        let folder = ready();
        // A hundred gigabytes.
        let times = if name.ends_with(".gz") { 100 } else { 25_000 };
        let packed =
            bomb(name, begin.as_bytes(), &piece.repeat(4 << 20).as_bytes()[..4 << 20], times);
        std::fs::write(folder.path(name), packed).expect("written");
        let ran = limited(&folder, &["apply", "spec.yaml", name, "-o", "votes.csv", "--no-cache"]);
        ran.code(3).says(&[name]).says(&says);
        assert!(!folder.names().contains(&"votes.csv".to_owned()));
    }
}

#[test]
fn long_blank_lines_do_not_end_the_data() {
    let folder = ready();
    let blank = " ".repeat(40 << 20);
    let data = format!(
        "{{\"id\":\"a\",\"body\":\"thanks\"}}\n{blank}\n{blank}\n{{\"id\":\"b\",\"body\":\"thanks\"}}\n"
    );
    folder.write("data.jsonl", &data);
    limited(&folder, &["apply", "spec.yaml", "data.jsonl", "-o", "votes.csv"]).code(0);
    let votes = std::fs::read_to_string(folder.path("votes.csv")).expect("votes");
    assert_eq!(votes.lines().count(), 3, "{votes}");
}

#[test]
fn messages_do_not_quote_what_has_no_end() {
    let folder = ready();
    let long = "x".repeat(10 << 20);
    folder.write("gold.csv", &format!("id,body,gold\na,thanks,{long}\nb,subscribe,spam\n"));
    folder.write("text.jsonl", &format!("\"{long}\"\n"));
    folder.write("keys.jsonl", &format!("{{\"{long}\": 1}}\n"));
    folder.write("header.csv", &format!("{long},{long}b\n1,2\n"));
    for (data, more) in [
        ("gold.csv", &["--gold", "gold"][..]),
        ("text.jsonl", &[]),
        ("keys.jsonl", &[]),
        ("header.csv", &[]),
    ] {
        let ran =
            limited(&folder, &[&["run", "spec.yaml", data, "-o", "out"], more].concat()).code(3);
        assert!(ran.err.len() < 5000, "{data}: {}", ran.err.len());
    }
}

#[cfg(feature = "xlsx")]
#[test]
fn spreadsheets_that_unpack_without_end() {
    use rust_xlsxwriter::Workbook;
    let folder = ready();
    let save = |name: &str, book: &mut Workbook| book.save(folder.path(name)).expect("written");
    let mut far = Workbook::new();
    let sheet = far.add_worksheet();
    for (column, name) in [(0, "id"), (1, "gold"), (2, "who")] {
        sheet.write_string(0, column, name).expect("written");
    }
    for (column, cell) in [(0, "a"), (1, "spam"), (2, "ann")] {
        sheet.write_string(1, column, cell).expect("written");
    }
    sheet.write_string(1_048_575, 16_383, "far").expect("written");
    save("far.xlsx", &mut far);
    limited(&folder, &["gold", "far.csv", "far.xlsx"]).code(0).says(&["1 new answers"]);
    std::fs::write(folder.path("large.xlsx"), archive(257 << 20)).expect("written");
    limited(&folder, &["gold", "gold.csv", "large.xlsx"])
        .code(3)
        .says(&["larger than 256 megabytes"]);
    // Damaged in many places: an error, and never a panic.
    let good = std::fs::read(folder.path("far.xlsx")).expect("there");
    let path = folder.path("damaged.xlsx");
    for at in (0..good.len()).step_by(good.len() / 40) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&path, &bytes).expect("written");
        drop(jurat::answers::read_sheet(&path, &Default::default()));
        std::fs::write(&path, &good[..at]).expect("written");
        assert!(jurat::answers::read_sheet(&path, &Default::default()).is_err(), "cut at {at}");
    }
}

/// A zip archive with one part of so many equal letters.
#[cfg(feature = "xlsx")]
fn archive(length: u64) -> Vec<u8> {
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut letters = std::io::Read::take(std::io::repeat(b'a'), length);
    std::io::copy(&mut letters, &mut packed).expect("memory");
    let packed = packed.finish().expect("memory");
    let name = b"xl/sharedStrings.xml";
    let mut about = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    about.extend((packed.len() as u32).to_le_bytes());
    about.extend(100_u32.to_le_bytes());
    about.extend((name.len() as u16).to_le_bytes());
    let mut bytes = [b"PK\x03\x04", &*about, &[0, 0], name, &*packed].concat();
    let directory = bytes.len() as u32;
    bytes.extend([b"PK\x01\x02\x14\0", &*about, &[0; 16], name].concat());
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend((46 + name.len() as u32).to_le_bytes());
    bytes.extend([&directory.to_le_bytes()[..], &[0, 0]].concat());
    bytes
}

/// A long text that stands once in the dictionary and is the cell of all rows: 8192 of them, as many as are read at
/// once, would take a gigabyte.
#[cfg(feature = "parquet")]
#[test]
fn a_long_text_in_a_dictionary_is_not_copied_for_all_rows() {
    use arrow_array::types::Int32Type;
    use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_writer::ArrowWriterOptions;
    use std::sync::Arc;
    let folder = ready();
    for (name, plain) in [("plain.parquet", true), ("dictionary.parquet", false)] {
        let n = 9000;
        let texts = Arc::new(StringArray::from(vec!["x ".repeat(1 << 16)]));
        let keys = Int32Array::from(vec![0; n]);
        let body = DictionaryArray::<Int32Type>::try_new(keys, texts).expect("keys");
        let ids: StringArray = (0..n).map(|row| Some(row.to_string())).collect();
        let columns: [(&str, ArrayRef); 2] = [("id", Arc::new(ids)), ("body", Arc::new(body))];
        let batch = RecordBatch::try_from_iter(columns).expect("columns");
        let file = std::fs::File::create(folder.path(name)).expect("made");
        let options = ArrowWriterOptions::new().with_skip_arrow_metadata(plain);
        let mut writer =
            ArrowWriter::try_new_with_options(file, batch.schema(), options).expect("a writer");
        writer.write(&batch).expect("written");
        writer.close().expect("written");
        let size = std::fs::metadata(folder.path(name)).expect("there").len();
        assert!(size < 4 << 20, "{size}");
        let path = folder.path(name).display().to_string();
        let fields = [jurat::input::Field::text("body")];
        let files = jurat::input::Files::new([path]).expect("there");
        let mut source = files.open(&fields).expect("opens");
        let batch = source.next_batch().expect("read").expect("rows");
        assert!((1..=512).contains(&batch.n_rows()), "{name}: {} rows at once", batch.n_rows());
    }
}
