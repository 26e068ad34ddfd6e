//! Columns of every type that tools write: what becomes of them as text, as number and as identifier.

#[cfg(feature = "parquet")]
use crate::input::Folder;
use jurat::FieldId;
use jurat::input::{Column, Field, ReadError, Table};

/// A Parquet file with these columns.
#[cfg(feature = "parquet")]
pub(crate) fn parquet_file(columns: Vec<(&str, arrow_array::ArrayRef)>) -> Vec<u8> {
    let batch = arrow_array::RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    );
    let batch = batch.expect("columns of one length");
    let writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None);
    let mut writer = writer.expect("a writer");
    writer.write(&batch).expect("written");
    writer.into_inner().expect("written")
}

/// Each column holds the least and the greatest number of its type, and a missing cell.
#[cfg(feature = "parquet")]
#[test]
fn whole_numbers_of_every_width_keep_their_digits() {
    use arrow_array as a;
    use std::sync::Arc;

    let columns: Vec<(&str, a::ArrayRef, [&str; 2])> = vec![
        (
            "i8",
            Arc::new(a::Int8Array::from(vec![Some(i8::MIN), Some(i8::MAX), None])),
            ["-128", "127"],
        ),
        (
            "i16",
            Arc::new(a::Int16Array::from(vec![Some(i16::MIN), Some(i16::MAX), None])),
            ["-32768", "32767"],
        ),
        (
            "i32",
            Arc::new(a::Int32Array::from(vec![Some(i32::MIN), Some(i32::MAX), None])),
            ["-2147483648", "2147483647"],
        ),
        ("u8", Arc::new(a::UInt8Array::from(vec![Some(0), Some(u8::MAX), None])), ["0", "255"]),
        (
            "u16",
            Arc::new(a::UInt16Array::from(vec![Some(0), Some(u16::MAX), None])),
            ["0", "65535"],
        ),
        (
            "u32",
            Arc::new(a::UInt32Array::from(vec![Some(0), Some(u32::MAX), None])),
            ["0", "4294967295"],
        ),
        (
            "u64",
            Arc::new(a::UInt64Array::from(vec![Some(0), Some(u64::MAX), None])),
            ["0", "18446744073709551615"],
        ),
    ];
    let file =
        parquet_file(columns.iter().map(|(name, array, _)| (*name, array.clone())).collect());
    let folder = Folder::new().with("numbers.parquet", file);
    for (name, _, [least, greatest]) in columns {
        let read =
            |field: Field| folder.read(&["numbers.parquet"], &[field]).expect("rows").concat();
        assert_eq!(read(Field::text(name)), [least, greatest, "~"], "{name}");
        let number = |text: &str| text.parse::<f64>().expect("a number").to_string();
        assert_eq!(read(Field::number(name)), [number(least), number(greatest), "~".to_owned()]);
        // Beyond 64 bits with a sign an identifier stays text.
        let sign = if name == "u64" { "" } else { "i" };
        assert_eq!(read(Field::id(name))[..2], [least, greatest].map(|id| format!("{sign}{id}")));
    }
}

#[cfg(feature = "parquet")]
#[test]
fn texts_numbers_and_times_however_they_are_kept() {
    use arrow_array as a;
    use arrow_array::types as t;
    use std::sync::Arc;

    let labels = ["spam", "ham", "spam"];
    let second = 1_709_248_501; // 2024-02-29, 23:15:01
    let columns: Vec<(&str, a::ArrayRef)> = vec![
        ("large", Arc::new(a::LargeStringArray::from(vec![Some("x"), None, Some("ü")]))),
        ("null", Arc::new(a::NullArray::new(3))),
        ("f32", Arc::new(a::Float32Array::from(vec![Some(0.5), None, Some(-2.0)]))),
        ("truth", Arc::new(a::BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("s", Arc::new(a::TimestampSecondArray::from(vec![Some(second), None, Some(-1)]))),
        ("us", {
            let times = vec![Some(second * 1_000_000 + 999_999), None, Some(-1)];
            Arc::new(a::TimestampMicrosecondArray::from(times))
        }),
        ("d8", Arc::new(labels.into_iter().collect::<a::DictionaryArray<t::Int8Type>>())),
        ("d16", Arc::new(labels.into_iter().collect::<a::DictionaryArray<t::Int16Type>>())),
        ("d64", Arc::new(labels.into_iter().collect::<a::DictionaryArray<t::Int64Type>>())),
        ("du8", Arc::new(labels.into_iter().collect::<a::DictionaryArray<t::UInt8Type>>())),
        ("du16", Arc::new(labels.into_iter().collect::<a::DictionaryArray<t::UInt16Type>>())),
        ("du32", Arc::new(labels.into_iter().collect::<a::DictionaryArray<t::UInt32Type>>())),
    ];
    let folder = Folder::new().with("types.parquet", parquet_file(columns));
    let read = |field: Field| folder.read(&["types.parquet"], &[field]).map(|rows| rows.concat());
    let day = "2024-02-29T23:15:01";
    for (field, wanted) in [
        (Field::text("large"), ["x", "~", "ü"]),
        (Field::text("null"), ["~", "~", "~"]),
        (Field::number("null"), ["~", "~", "~"]),
        (Field::number("f32"), ["0.5", "~", "-2"]),
        (Field::text("truth"), ["true", "~", "false"]),
        (Field::text("s"), [day, "~", "1969-12-31T23:59:59"]),
        (Field::text("us"), [day, "~", "1969-12-31T23:59:59"]),
        (Field::text("d8"), labels),
        (Field::text("d16"), labels),
        (Field::id("d64"), labels),
        (Field::text("du8"), labels),
        (Field::text("du16"), labels),
        (Field::text("du32"), labels),
    ] {
        assert_eq!(read(field.clone()).expect("rows"), wanted, "{field:?}");
    }
    for (field, message) in [
        (Field::text("f32"), "values of the type Float32, but text is wanted"),
        (Field::number("large"), "values of the type LargeUtf8, but a number is wanted"),
        (Field::number("d8"), "but a number is wanted"),
        (Field::number("truth"), "values of the type Boolean, but a number is wanted"),
    ] {
        let error = read(field.clone()).expect_err("refused");
        assert!(error.contains(message), "{field:?}: {error}");
    }
}

#[test]
fn tables_in_memory_are_read_as_what_is_wanted() {
    let table = Table::new()
        .text("text", [Some(" 7 "), None, Some("1e3")])
        .text("words", [Some("seven"), None, None])
        .number("number", [Some(0.5), None, Some(2.0)])
        .integer("whole", [Some(7), None, Some(-1)]);
    let read = |field: &Field| -> Result<Column, ReadError> {
        let mut source = table.open(std::slice::from_ref(field))?;
        assert_eq!(source.columns(), ["text", "words", "number", "whole"]);
        let batch = source.next_batch()?.expect("rows");
        assert!(source.next_batch()?.is_none());
        Ok(batch.column(FieldId::new(0).expect("the first")).expect("the column").clone())
    };
    let texts = |cells: [Option<&str>; 3]| Column::Text(cells.into_iter().collect());
    let numbers = |cells: [Option<f64>; 3]| Column::Number(cells.into_iter().collect());
    for (field, wanted) in [
        (Field::text("whole"), texts([Some("7"), None, Some("-1")])),
        (Field::number("whole"), numbers([Some(7.0), None, Some(-1.0)])),
        (Field::id("whole"), Column::Integer([Some(7), None, Some(-1)].into_iter().collect())),
        (Field::number("text"), numbers([Some(7.0), None, Some(1000.0)])),
        (Field::number("number"), numbers([Some(0.5), None, Some(2.0)])),
        (Field::id("text"), texts([Some(" 7 "), None, Some("1e3")])),
    ] {
        assert_eq!(read(&field).expect("a column"), wanted, "{field:?}");
    }
    for (field, message) in [
        (Field::number("words"), "column `words` holds text, but a number is wanted"),
        (Field::text("number"), "column `number` holds numbers with fractions, but text is wanted"),
        (Field::id("number"), "column `number` holds numbers with fractions, but text is wanted"),
        (Field::text("wholes"), "there is no column `wholes` (did you mean `whole`?)"),
    ] {
        let error = read(&field).expect_err("refused").to_string();
        assert!(error.contains(message), "{error}");
    }
    let ragged = table.text("short", [Some("x")]);
    let error = ragged.open(&[]).map(drop).expect_err("refused").to_string();
    assert_eq!(error, "table: column `text` has 3 values, another one 1");
    let none = Table::new().open(&[Field::text("x")]).map(drop).expect_err("refused").to_string();
    assert!(none.ends_with("the columns are none"), "{none}");
}
