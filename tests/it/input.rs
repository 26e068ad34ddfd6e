//! Data files: what is read, and what is said about files that cannot be.

use jurat::input::{Batch, Column, Field, Files, ReadError};
use jurat::{FieldId, LfSet, Spec};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder with files that disappear.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path(name), content).expect("a file");
        self
    }

    /// Reads files by name or pattern; what goes wrong is told without the folder.
    pub(crate) fn read(
        &self,
        patterns: &[&str],
        fields: &[Field],
    ) -> Result<Vec<Vec<String>>, String> {
        let patterns = patterns.iter().map(|name| self.path(name).to_string_lossy().into_owned());
        read(patterns.collect(), fields).map_err(|error| {
            error.to_string().replace(&format!("{}/", self.0.path().display()), "")
        })
    }
}

fn read(patterns: Vec<String>, fields: &[Field]) -> Result<Vec<Vec<String>>, ReadError> {
    let mut source = Files::new(patterns)?.open(fields)?;
    let mut rows = Vec::new();
    while let Some(batch) = source.next_batch()? {
        assert_eq!(batch.start(), rows.len() as u64);
        rows.extend((0..batch.n_rows()).map(|row| cells(&batch, row, fields.len())));
    }
    Ok(rows)
}

/// A row as text, `~` where a cell is missing.
fn cells(batch: &Batch, row: usize, n: usize) -> Vec<String> {
    let fields = (0..n).map(|field| FieldId::new(field).expect("few fields"));
    let cell = |field| match batch.column(field) {
        Some(Column::Text(_)) => batch.text(field, row).map(str::to_owned),
        Some(Column::Number(_)) => batch.number(field, row).map(|number| number.to_string()),
        Some(Column::Integer(array)) => Some(format!("i{}", array.value(row))),
        Some(Column::Vector(vectors)) => vectors.get(row).map(|vector| format!("{vector:?}")),
        None => None,
    };
    fields.map(|field| cell(field).unwrap_or_else(|| "~".to_owned())).collect()
}

fn gz(content: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content.as_bytes()).expect("in memory");
    encoder.finish().expect("in memory")
}

fn zst(content: &str) -> Vec<u8> {
    zstd::encode_all(content.as_bytes(), 3).expect("in memory")
}

/// Many different lines, so that compressed files are long enough to be cut.
fn long_csv() -> String {
    let lines = (0..20_000_u64).map(|i| format!("{},{i}\n", i.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    "text,p\n".to_owned() + &lines.collect::<String>()
}

#[test]
fn the_same_rows_in_every_text_format() {
    let csv = "id,text,p\n1,\"a, \"\"b\"\"\",0.5\n2,,\n3,\"x\ny\", 7 \n";
    let tsv = "id\ttext\tp\n1\t\"a, \"\"b\"\"\"\t0.5\n2\t\t\n3\t\"x\ny\"\t7\n";
    let jsonl = "{\"id\":1,\"text\":\"a, \\\"b\\\"\",\"p\":0.5,\"more\":[{}]}\n\n{\"id\":2}\n\
                 {\"p\":7,\"text\":\"x\\ny\",\"id\":3}";
    let bom = "\u{feff}";
    let folder = Folder::new()
        .with("plain.csv", csv)
        .with("bom.csv", format!("{bom}{csv}"))
        .with("crlf.csv", csv.replace('\n', "\r\n").replace("x\r\ny", "x\ny"))
        .with("blank.csv", csv.replace("\n2,", "\n\n\n2,"))
        .with("UPPER.CSV", csv)
        .with("no-end.csv", csv.trim_end())
        .with("zipped.csv.gz", gz(csv))
        .with("zipped.csv.zst", zst(csv))
        .with("bom.csv.gz", gz(&format!("{bom}{csv}")))
        .with("two-members.csv.gz", [gz(&csv[..20]), gz(&csv[20..])].concat())
        .with("zipped-though-the-name-does-not-say.csv", gz(csv))
        .with("plain.tsv", tsv)
        .with("plain.tab", tsv)
        .with("plain.jsonl", jsonl)
        .with("plain.ndjson", jsonl)
        .with("bom.jsonl", format!("{bom}{jsonl}"))
        .with("crlf.jsonl", jsonl.replace('\n', "\r\n"))
        .with("zipped.jsonl.gz", gz(jsonl));
    let fields = [Field::number("p"), Field::text("text"), Field::id("id")];
    let wanted = [["0.5", "a, \"b\"", "1"], ["~", "~", "2"], ["7", "x\ny", "3"]];
    let mut names: Vec<_> = std::fs::read_dir(folder.0.path())
        .expect("the folder")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names.len(), 18);
    for name in names {
        let rows = folder.read(&[&name], &fields).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(rows, wanted, "{name}");
    }
}

#[test]
fn several_files_are_one() {
    let folder = Folder::new()
        .with("b.csv", "text\nb1\nb2\n")
        .with("a.csv", "n,text\n1,a1\n")
        .with("empty.csv", "text\n")
        .with("c.jsonl", "{\"text\":\"c1\"}\n")
        .with("x[1].csv", "text\nbracket\n")
        .with("other.csv", "texts\nx\n");
    let text = [Field::text("text")];
    let rows = |patterns: &[&str]| {
        let rows = folder.read(patterns, &text)?;
        Ok::<_, String>(rows.concat().join(" "))
    };
    assert_eq!(rows(&["[ab].csv"]), Ok("a1 b1 b2".to_owned()));
    assert_eq!(rows(&["b.csv", "empty.csv", "c.jsonl", "a.csv"]), Ok("b1 b2 c1 a1".to_owned()));
    assert_eq!(rows(&["x[1].csv"]), Ok("bracket".to_owned()));
    assert_eq!(rows(&["empty.csv"]), Ok(String::new()));
    assert_eq!(rows(&["?.jsonl", "?.csv"]), Ok("c1 a1 b1 b2".to_owned()));
    let error = rows(&["a.csv", "other.csv"]).expect_err("a column is missing");
    assert_eq!(
        error,
        "other.csv: there is no column `text` (did you mean `texts`?); the columns are `texts`"
    );
}

/// For each file what is wrong with it, in words.
#[test]
fn wrong_files() {
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty.csv", b"".to_vec(), "empty.csv: the file is empty"),
        ("empty.jsonl", b"".to_vec(), "empty.jsonl: the file is empty"),
        ("empty.csv.gz", gz(""), "empty.csv.gz: the file is empty"),
        ("blank.csv", b"\n\n".to_vec(), "blank.csv: the file is empty"),
        ("blank.jsonl", b"\n \n".to_vec(), "blank.jsonl: the file is empty"),
        (
            "missing.csv",
            b"id,texts,p\n1,a,2\n".to_vec(),
            "missing.csv: there is no column `text` (did you mean `texts`?); the columns are `id`, `texts`, `p`",
        ),
        (
            "missing.jsonl",
            b"{\"p\":1}\n".to_vec(),
            "missing.jsonl: there is no column `text`; the columns are `p`",
        ),
        (
            "twice.csv",
            b"text,p,text\na,1,b\n".to_vec(),
            "twice.csv: two columns are named `text`; rename one",
        ),
        (
            "long.csv",
            b"text,p\na,1\n\"b\nb\",2\nc,3,4\n".to_vec(),
            "long.csv, line 5: 3 fields, but the header has 2; is a quote or a delimiter missing?",
        ),
        (
            "short.tsv",
            b"text\tp\r\na\t1\r\nb\r\n".to_vec(),
            "short.tsv, line 3: 1 field, but the header has 2; is a quote or a delimiter missing?",
        ),
        (
            "number.csv",
            b"text,p\n\"a\na\",1\n\nb,high\n".to_vec(),
            "number.csv, line 5: column `p` holds `high`, but a number is wanted",
        ),
        (
            "comma.csv",
            b"text,p\na,\"1,5\"\n".to_vec(),
            "comma.csv, line 2: column `p` holds `1,5`, but a number is wanted",
        ),
        (
            "number.jsonl",
            b"{\"text\":\"a\",\"p\":1}\n\n{\"text\":\"b\",\"p\":\"high\"}\n".to_vec(),
            "number.jsonl, line 3: column `p` holds `\"high\"`, but a number is wanted",
        ),
        (
            "list.jsonl",
            b"{\"text\":[\"a\"],\"p\":1}\n".to_vec(),
            "list.jsonl, line 1: column `text` holds a list, but text is wanted",
        ),
        (
            "latin1.csv",
            b"text,p\na,1\ngr\xfcn,2\n".to_vec(),
            "latin1.csv, line 3: column `text` is not valid UTF-8; convert the file to UTF-8 (for example with iconv)",
        ),
        (
            "latin1.jsonl",
            b"{\"text\":\"a\",\"p\":1}\n{\"text\":\"gr\xfcn\",\"p\":1}\n".to_vec(),
            "latin1.jsonl, line 2: not valid UTF-8; convert the file to UTF-8 (for example with iconv)",
        ),
        (
            "utf16.csv",
            b"\xff\xfet\0e\0x\0t\0\n\0".to_vec(),
            "utf16.csv: this is not CSV: it is UTF-16 text; save it as UTF-8",
        ),
        (
            "sheet.csv",
            b"PK\x03\x04rest".to_vec(),
            "sheet.csv: this is not CSV: it is a zip archive or a spreadsheet; save it as CSV",
        ),
        (
            "binary.csv",
            b"text,p\na\0b,1\n".to_vec(),
            "binary.csv: this is not CSV: it holds binary data",
        ),
        (
            "csv.jsonl",
            b"text,p\na,1\n".to_vec(),
            "csv.jsonl: this is not JSON Lines: the first line does not start with `{`",
        ),
        (
            "array.jsonl",
            b"[\n{\"text\":\"a\"}]\n".to_vec(),
            "array.jsonl: this is not JSON Lines: it starts with `[`; write one object a line instead of an array",
        ),
        (
            "later.jsonl",
            b"{\"text\":\"a\",\"p\":1}\n[1]\n".to_vec(),
            "later.jsonl, line 2: not a JSON object: invalid type: sequence, expected an object",
        ),
        (
            "cut.jsonl",
            b"{\"text\":\"a\",\"p\":1}\n{\"text\":\"b\",\n".to_vec(),
            "cut.jsonl, line 2: not a JSON object: the line ends in the middle of it",
        ),
        (
            "two.jsonl",
            b"{\"text\":\"a\",\"p\":1} {\"text\":\"b\"}\n".to_vec(),
            "two.jsonl, line 1: not a JSON object: trailing characters (column 20)",
        ),
        (
            "plain.csv.gz",
            b"text,p\na,1\n".to_vec(),
            "plain.csv.gz: this is not gzip data: the first bytes are others; was it renamed?",
        ),
        (
            "plain.csv.zst",
            b"text,p\na,1\n".to_vec(),
            "plain.csv.zst: this is not Zstandard data: the first bytes are others; was it renamed?",
        ),
        (
            "cut.csv.gz",
            cut(gz(&long_csv())),
            "cut.csv.gz: the compressed data are damaged or cut off",
        ),
        (
            "cut.csv.zst",
            cut(zst(&long_csv())),
            "cut.csv.zst: the compressed data are damaged or cut off",
        ),
        (
            "header.csv.gz",
            gz("text,p\n")[..5].to_vec(),
            "header.csv.gz: the compressed data are damaged or cut off",
        ),
        (
            "damaged.csv.gz",
            [&gz(&long_csv())[..2000], [0xff; 2000].as_slice()].concat(),
            "damaged.csv.gz: the compressed data are damaged or cut off",
        ),
    ];
    let fields = [Field::text("text"), Field::number("p")];
    let mut failures = Vec::new();
    for (name, bytes, wanted) in cases {
        let folder = Folder::new().with(name, bytes);
        match folder.read(&[name], &fields) {
            Ok(rows) => failures.push(format!("{name}: read {} rows", rows.len())),
            Err(error) if error == wanted => {}
            Err(error) => failures.push(format!("   wanted {wanted}\n      got {error}")),
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn no_file_at_all() {
    let folder = Folder::new().with("notes.txt", "text\n").with("noending", "text\n");
    std::fs::create_dir(folder.path("data")).expect("a folder");
    std::fs::create_dir(folder.path("data.csv")).expect("a folder");
    let text = [Field::text("text")];
    for (pattern, wanted) in [
        ("nowhere.csv", "nowhere.csv: No such file"),
        ("*.csv.gz", "no file matches `*.csv.gz`"),
        ("data", "data: this is a directory; name files, for example with `data/*.csv`"),
        ("data.csv", "data.csv: this is a directory"),
        ("notes.txt", "notes.txt: cannot tell the format from the name; use one of "),
        ("noending", "noending: cannot tell the format from the name"),
        ("***.csv", "no file matches `***.csv`: "),
    ] {
        let error = folder.read(&[pattern], &text).expect_err("no data");
        assert!(error.starts_with(wanted), "{error}");
    }
    assert!(matches!(read(Vec::new(), &text), Err(ReadError::NoFile { .. })));
}

#[test]
fn an_error_in_a_late_row_has_its_line() {
    let lines: String = (2..=30_000).map(|line| format!("a,{line}\n")).collect();
    let folder = Folder::new()
        .with("late.csv", format!("text,p\n{lines}b,none\n"))
        .with("late.csv.gz", gz(&format!("text,p\n{lines}b,1,2\n")));
    let fields = [Field::text("text"), Field::number("p")];
    let error = folder.read(&["late.csv"], &fields).expect_err("a word");
    assert_eq!(error, "late.csv, line 30001: column `p` holds `none`, but a number is wanted");
    let error = folder.read(&["late.csv.gz"], &fields).expect_err("a long row");
    assert!(error.starts_with("late.csv.gz, line 30001: 3 fields"), "{error}");
}

#[test]
fn numbers_as_people_write_them() {
    let folder = Folder::new()
        .with("n.csv", "p\n1e3\n-.5\n+2\nNaN\ninf\n\" \"\n 4 \n")
        .with("n.jsonl", "{\"p\":1e3}\n{\"p\":null}\n{\"p\":18446744073709551615}\n");
    let rows = |name: &str| folder.read(&[name], &[Field::number("p")]).map(|rows| rows.concat());
    assert_eq!(
        rows("n.csv"),
        Ok(["1000", "-0.5", "2", "~", "inf", "~", "4"].map(str::to_owned).to_vec())
    );
    assert_eq!(
        rows("n.jsonl"),
        Ok(["1000", "~", "18446744073709552000"].map(str::to_owned).to_vec())
    );
}

fn apply(path: &Path, spec: &str) -> Result<jurat::lf::Applied, ReadError> {
    let spec = Spec::from_yaml(spec, "spec.yaml").expect("a valid spec");
    let lfs = LfSet::compile(&spec).expect("a valid spec");
    let mut source = Files::new([path.to_string_lossy()])?.open(&lfs.fields())?;
    lfs.apply(source.as_mut())
}

#[test]
fn known_labels_must_be_labels() {
    let folder = Folder::new()
        .with("good.csv", "text,gold\na,spam\nb,\nc, ham \n")
        .with("bad.csv", "text,gold\na,spam\nb,hamm\n");
    let spec = "spec: 1
labels: [spam, ham]
input: {gold: gold}
lfs: [{name: a, label: spam, when: {keyword: [a]}}]
";
    let applied = apply(&folder.path("good.csv"), spec).expect("good labels");
    let gold = applied.gold.expect("known labels");
    let gold: Vec<Option<usize>> =
        gold.iter().map(|class| class.map(jurat::ClassId::index)).collect();
    assert_eq!(gold, [Some(0), None, Some(1)]);
    let error = apply(&folder.path("bad.csv"), spec).expect_err("a bad label").to_string();
    assert_eq!(
        error,
        "data row 2: column `gold` holds `hamm`, which is none of the labels `spam`, `ham` (did you mean `ham`?)"
    );
}

#[test]
fn a_quote_that_is_never_closed_does_not_swallow_rows() {
    let text = [Field::text("text")];
    let folder = Folder::new()
        .with("open.csv", "id,text\n1,fine\n2,\"buy now\n3,hello\n4,bye\n")
        .with("closed.csv", "id,text\n1,\"two\nlines\"\n2,\"the \"\"end\"\"\n\"\n");
    let error = folder.read(&["open.csv"], &text).expect_err("a quote is open");
    assert!(error.starts_with("open.csv, line 3: a quote is opened here"), "{error}");
    let rows = folder.read(&["closed.csv"], &text).expect("all quotes are closed");
    assert_eq!(rows, [["two\nlines"], ["the \"end\"\n"]]);
}

#[test]
fn identifiers_in_json_keep_every_digit() {
    let line = r#"{"id": 12345678901234567890123, "n": 1.50}"#;
    let folder = Folder::new().with("a.jsonl", format!("{line}\n"));
    let fields = [Field::id("id"), Field::text("n"), Field::number("n")];
    let rows = folder.read(&["a.jsonl"], &fields).expect("valid");
    assert_eq!(rows, [["12345678901234567890123", "1.50", "1.5"]]);
}

#[test]
fn a_key_may_first_come_up_late() {
    let mut lines = "{\"a\": \"x\"}\n".repeat(20_000);
    lines += "{\"a\": \"y\", \"b\": \"late\"}\n";
    let folder = Folder::new().with("late.jsonl", lines);
    let rows = folder.read(&["late.jsonl"], &[Field::text("b")]).expect("the key comes up");
    assert_eq!((rows.len(), rows[0][0].as_str(), rows[20_000][0].as_str()), (20_001, "~", "late"));
    let error = folder.read(&["late.jsonl"], &[Field::text("c")]).expect_err("never comes up");
    assert!(error.contains("there is no column `c`"), "{error}");
}

#[test]
fn long_texts_make_short_batches() {
    let long = "x".repeat(9 << 20);
    let rows = format!("text\n{}", format!("{long}\n").repeat(20));
    let folder = Folder::new().with("long.csv", rows);
    let paths = [folder.path("long.csv").to_string_lossy().into_owned()];
    let files = Files::new(paths).expect("a file");
    let mut source = files.open(&[Field::text("text")]).expect("opened");
    let mut sizes = Vec::new();
    while let Some(batch) = source.next_batch().expect("valid") {
        sizes.push(batch.n_rows());
    }
    assert_eq!(sizes.iter().sum::<usize>(), 20);
    assert!(sizes.iter().all(|&n| n <= 8), "{sizes:?}");
}
