//! Parquet files: written by the library itself, then read, renamed, cut and damaged.

use crate::input::Folder;
use jurat::input::{Column, Field, Files, Pick};
use jurat::output::{Rows, format_named, write_votes};
use jurat::{FieldId, LabelMatrix, Names};

/// A file with the column `id` and a column `lf:a` of labels, the middle one missing.
fn file(id: &str, ids: Column) -> Vec<u8> {
    let names = Names::new(["a"], ["spam", "ham"]).expect("names");
    let votes = [vec![Some(0)], vec![None], vec![Some(1)]];
    let votes = LabelMatrix::from_dense(names, &votes).expect("votes");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("votes.parquet");
    let format = format_named("parquet").expect("the format");
    write_votes(&path, format, Rows { name: id, ids: &[ids] }, &votes).expect("a file");
    std::fs::read(path).expect("the file")
}

fn texts() -> Column {
    Column::Text([Some("x"), None, Some("ü")].into_iter().collect())
}

fn numbers() -> Column {
    Column::Integer([Some(7), Some(-1), Some(9)].into_iter().collect())
}

#[test]
fn columns_by_name_and_kind() {
    let folder = Folder::new()
        .with("texts.parquet", file("id", texts()))
        .with("numbers.pq", file("id", numbers()))
        .with("zipped.parquet.zst", zstd::encode_all(&*file("id", texts()), 1).expect("memory"));
    let fields = [Field::text("lf:a"), Field::text("id")];
    let wanted = [["spam", "x"], ["~", "~"], ["ham", "ü"]];
    assert_eq!(folder.read(&["texts.parquet"], &fields).expect("rows"), wanted);
    assert_eq!(folder.read(&["zipped.parquet.zst"], &fields).expect("rows"), wanted);
    let fields = [Field::id("id"), Field::number("id"), Field::text("id")];
    let wanted = [["i7", "7", "7"], ["i-1", "-1", "-1"], ["i9", "9", "9"]];
    assert_eq!(folder.read(&["numbers.pq"], &fields).expect("rows"), wanted);
}

#[test]
fn identifiers_of_several_files_may_differ_in_type() {
    let names = Names::new(["a"], ["spam", "ham"]).expect("names");
    let votes = vec![vec![Some(0)]; 6];
    let votes = LabelMatrix::from_dense(names, &votes).expect("votes");
    for (ids, wanted) in [
        ([numbers(), texts()], ["7", "-1", "9", "x", "~", "ü"]),
        ([texts(), numbers()], ["x", "~", "ü", "7", "-1", "9"]),
    ] {
        let folder = Folder::new();
        let format = format_named("parquet").expect("the format");
        let path = folder.path("votes.parquet");
        write_votes(&path, format, Rows { name: "id", ids: &ids }, &votes).expect("a file");
        let rows = folder.read(&["votes.parquet"], &[Field::id("id")]).expect("rows");
        assert_eq!(rows.concat(), wanted);
    }
}

#[test]
fn wrong_files() {
    let good = file("id", texts());
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "type.parquet",
            good.clone(),
            "type.parquet: column `id` holds values of the type Utf8, but a number is wanted",
        ),
        (
            "missing.parquet",
            file("idd", numbers()),
            "missing.parquet: there is no column `id` (did you mean `idd`?); the columns are `idd`, `lf:a`",
        ),
        ("renamed.csv", good.clone(), "renamed.csv: this is not CSV: it is a Parquet file"),
        (
            "renamed.parquet",
            b"id,x\n1,2\n".to_vec(),
            "renamed.parquet: this is not a Parquet file: the first bytes are not `PAR1`; was it renamed?",
        ),
        (
            "cut.parquet",
            good[..good.len() / 2].to_vec(),
            "cut.parquet: the Parquet file is damaged or of an unknown kind: ",
        ),
        (
            "short.parquet",
            b"PAR1".to_vec(),
            "short.parquet: the Parquet file is damaged or of an unknown kind: ",
        ),
        ("empty.parquet", Vec::new(), "empty.parquet: the file is empty"),
    ];
    for (name, bytes, wanted) in cases {
        let folder = Folder::new().with(name, bytes);
        let error = folder.read(&[name], &[Field::number("id")]).expect_err(name);
        assert!(error.starts_with(wanted), "{error}");
    }
    let folder = Folder::new().with("twice.parquet", file("lf:a", texts()));
    let error = folder.read(&["twice.parquet"], &[Field::text("lf:a")]).expect_err("two columns");
    assert_eq!(error, "twice.parquet: two columns are named `lf:a`; rename one");
}

#[test]
fn damaged_bytes_are_never_a_panic() {
    let good = file("id", texts());
    let fields = [Field::text("lf:a"), Field::text("id")];
    for at in (0..good.len()).step_by(2) {
        for flip in [0x01, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            // What is read may be wrong, or it may not be readable.
            let _ =
                Folder::new().with("damaged.parquet", bytes).read(&["damaged.parquet"], &fields);
        }
    }
}

#[test]
fn long_texts_make_short_batches_in_order() {
    const ROWS: usize = 20;
    let names = Names::new(["a"], ["spam", "ham"]).expect("names");
    let votes = LabelMatrix::from_dense(names, &vec![vec![None]; ROWS]).expect("votes");
    let long = |row: usize| format!("{row:02}{}", "x".repeat(9 << 20));
    let ids = Column::Text((0..ROWS).map(|row| Some(long(row))).collect());
    let folder = Folder::new();
    let path = folder.path("long.parquet");
    let format = format_named("parquet").expect("the format");
    write_votes(&path, format, Rows { name: "id", ids: &[ids] }, &votes).expect("a file");
    let files = Files::new([path.to_string_lossy()]).expect("a file");
    let mut source = files.open(&[Field::text("id")]).expect("opened");
    let mut rows = Vec::new();
    while let Some(batch) = source.next_batch().expect("valid") {
        assert!(batch.n_rows() <= 7, "{} rows of 9 MiB", batch.n_rows());
        let field = FieldId::new(0).expect("a field");
        let row = |row| batch.text(field, row).expect("text")[..2].to_owned();
        rows.extend((0..batch.n_rows()).map(row));
    }
    let wanted: Vec<String> = (0..ROWS).map(|row| format!("{row:02}")).collect();
    assert_eq!(rows, wanted);
}

/// Dates and times are read as text, however fine they are kept.
#[test]
fn dates_and_times_are_texts() {
    use arrow_array::{ArrayRef, Date32Array, RecordBatch, TimestampMillisecondArray};
    use arrow_array::{Date64Array, TimestampNanosecondArray};
    use std::sync::Arc;

    let day = 19_782; // 2024-02-29
    let second = day * 86_400 + 23 * 3600 + 15 * 60 + 1;
    let nanoseconds = TimestampNanosecondArray::from(vec![Some(second * 1_000_000_000 + 7), None]);
    let columns: [(&str, ArrayRef); 4] = [
        ("day", Arc::new(Date32Array::from(vec![Some(day as i32), Some(-1)]))),
        ("day64", Arc::new(Date64Array::from(vec![Some(day * 86_400_000), None]))),
        ("ms", Arc::new(TimestampMillisecondArray::from(vec![Some(second * 1000 + 5), Some(-1)]))),
        ("ns", Arc::new(nanoseconds.with_timezone("Europe/Berlin"))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None);
    let mut writer = writer.expect("a writer");
    writer.write(&batch).expect("written");
    let file = writer.into_inner().expect("written");
    let folder = Folder::new().with("times.parquet", file);
    let fields = ["day", "day64", "ms", "ns"].map(Field::text);
    let wanted = [
        ["2024-02-29", "2024-02-29", "2024-02-29T23:15:01", "2024-02-29T23:15:01Z"],
        ["1969-12-31", "~", "1969-12-31T23:59:59", "~"],
    ];
    assert_eq!(folder.read(&["times.parquet"], &fields).expect("rows"), wanted);
}

/// So many that files are looked up in parts, but for the one that is zipped.
#[test]
fn many_rows_are_picked_from_several_files() {
    let column = |rows: std::ops::Range<u64>| -> arrow_array::ArrayRef {
        let cell = |row: u64| (!row.is_multiple_of(7)).then(|| format!("text {row}"));
        std::sync::Arc::new(rows.map(cell).collect::<arrow_array::StringArray>())
    };
    let parquet = |rows| super::column_types::parquet_file(vec![("text", column(rows))]);
    let zipped = zstd::encode_all(&*parquet(20_000..40_000), 1).expect("memory");
    let folder = Folder::new()
        .with("a.parquet", parquet(0..20_000))
        .with("b.parquet.zst", zipped)
        .with("c.parquet", parquet(40_000..60_000));
    let names = ["a.parquet", "b.parquet.zst", "c.parquet"];
    let files = Files::new(names.map(|name| folder.path(name).to_string_lossy().into_owned()));
    let wanted: Vec<u64> = (0..61_000).filter(|row| row % 3 == 1).collect();
    let picked = files.expect("files").pick(&[Field::text("text")], &wanted).expect("picked");
    assert_eq!(picked.rows, wanted.iter().copied().filter(|&row| row < 60_000).collect::<Vec<_>>());
    let text = FieldId::new(0).expect("a field");
    for (at, row) in picked.rows.iter().enumerate() {
        let cell = (row % 7 != 0).then(|| format!("text {row}"));
        assert_eq!(picked.batch.text(text, at), cell.as_deref(), "row {row}");
    }
}
