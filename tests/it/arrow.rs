//! Arrow record batches: every layout of a column gives the same cells, whole or as a slice of something longer.

use arrow_array::builder::{FixedSizeListBuilder, Float32Builder, ListBuilder};
use arrow_array::types::{Int8Type, Int32Type, UInt16Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float32Array, Float64Array,
    Int8Array, Int64Array, LargeStringArray, NullArray, PrimitiveArray, RecordBatch, StringArray,
    StringViewArray, TimestampMillisecondArray, UInt64Array,
};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use jurat::FieldId;
use jurat::input::{Batch, Column, Field, Pick, ReadError, Reopened, arrow_source};
use std::sync::Arc;

/// All batches of a stream.
fn read(batches: Vec<RecordBatch>, fields: &[Field]) -> Result<Vec<Batch>, ReadError> {
    let schema = batches[0].schema();
    let mut source = arrow_source("frame", &schema, batches.into_iter().map(Ok), fields)?;
    let mut read = Vec::new();
    while let Some(batch) = source.next_batch()? {
        read.push(batch);
    }
    Ok(read)
}

fn one(array: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([("c", array, true)]).expect("a batch")
}

/// The cells of the only column, `~` where one is missing; whole numbers are marked.
fn cells(batches: &[Batch]) -> Vec<String> {
    let mut cells = Vec::new();
    for batch in batches {
        let column = batch.column(FieldId::new(0).expect("an id")).expect("a column");
        let mark = if matches!(column, Column::Integer(_)) { "i" } else { "" };
        cells.extend((0..batch.n_rows()).map(|row| {
            column.as_text(row).map_or_else(|| "~".to_owned(), |text| format!("{mark}{text}"))
        }));
    }
    cells
}

fn halves(values: [Option<f32>; 3]) -> ArrayRef {
    let wide: Float32Array = values.into_iter().collect();
    let narrow = wide.iter().map(|v| v.map(|v| if v == 0.5 { 0x3800 } else { 0xc000 }));
    let bits: PrimitiveArray<UInt16Type> = narrow.collect();
    let data = bits.into_data().into_builder().data_type(DataType::Float16).build();
    arrow_array::make_array(data.expect("as wide"))
}

/// A dictionary that has a value nobody uses, and one that is missing.
fn dictionary(values: ArrayRef) -> ArrayRef {
    let keys = PrimitiveArray::<Int8Type>::from(vec![Some(2), Some(1), None]);
    Arc::new(DictionaryArray::new(keys, values))
}

fn lists() -> ArrayRef {
    let mut lists = ListBuilder::new(Float32Builder::new());
    lists.append_value([Some(0.5), Some(-2.0)]);
    lists.append_null();
    lists.append_value([Some(1.0), Some(1.5)]);
    Arc::new(lists.finish())
}

fn arrays() -> ArrayRef {
    let mut lists = FixedSizeListBuilder::new(Float32Builder::new(), 2);
    for list in [Some([0.5, -2.0]), None, Some([1.0, 1.5])] {
        lists.values().append_slice(&list.unwrap_or([9.0, 9.0]));
        lists.append(list.is_some());
    }
    Arc::new(lists.finish())
}

#[test]
fn every_layout_gives_its_cells() {
    let texts = ["spam", "~", "a text of more than twelve bytes"];
    let some = texts.map(|text| (text != "~").then_some(text));
    let vectors = ["[0.5, -2]", "~", "[1, 1.5]"];
    let in_dictionary = ["ham", "~", "~"];
    let values = [Some("none"), None, Some("ham")];
    let ms = TimestampMillisecondArray::from(vec![Some(1_709_248_501_999), None, Some(-1)]);
    let times = ["2024-02-29T23:15:01", "~", "1969-12-31T23:59:59"];
    let (text, number, id) = (Field::text("c"), Field::number("c"), Field::id("c"));
    let vector = Field::vector("c");
    let whole = |values: [Option<i64>; 3]| Arc::new(Int64Array::from(values.to_vec()));
    let cases: Vec<(ArrayRef, &Field, [&str; 3])> = vec![
        (Arc::new(StringArray::from(some.to_vec())), &text, texts),
        (Arc::new(LargeStringArray::from(some.to_vec())), &text, texts),
        (Arc::new(StringViewArray::from(some.to_vec())), &text, texts),
        (dictionary(Arc::new(StringArray::from(values.to_vec()))), &text, in_dictionary),
        (dictionary(Arc::new(LargeStringArray::from(values.to_vec()))), &text, in_dictionary),
        (dictionary(Arc::new(StringViewArray::from(values.to_vec()))), &text, in_dictionary),
        (Arc::new(some.into_iter().collect::<DictionaryArray<Int32Type>>()), &id, texts),
        (Arc::new(some.into_iter().collect::<DictionaryArray<UInt64Type>>()), &text, texts),
        (
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
            &text,
            ["true", "~", "false"],
        ),
        (whole([Some(i64::MIN), None, Some(7)]), &id, ["i-9223372036854775808", "i~", "i7"]),
        (whole([Some(i64::MIN), None, Some(7)]), &text, ["-9223372036854775808", "~", "7"]),
        (Arc::new(Int8Array::from(vec![Some(-128), None, Some(7)])), &number, ["-128", "~", "7"]),
        (
            Arc::new(UInt64Array::from(vec![Some(u64::MAX), None, Some(7)])),
            &text,
            ["18446744073709551615", "~", "7"],
        ),
        (
            Arc::new(Float64Array::from(vec![Some(0.5), None, Some(-2.0)])),
            &number,
            ["0.5", "~", "-2"],
        ),
        (
            Arc::new(Float32Array::from(vec![Some(0.5), None, Some(-2.0)])),
            &number,
            ["0.5", "~", "-2"],
        ),
        (halves([Some(0.5), None, Some(-2.0)]), &number, ["0.5", "~", "-2"]),
        (Arc::new(NullArray::new(3)), &number, ["~"; 3]),
        (
            Arc::new(Date32Array::from(vec![Some(0), None, Some(-1)])),
            &text,
            ["1970-01-01", "~", "1969-12-31"],
        ),
        (Arc::new(ms), &text, times),
        (lists(), &vector, vectors),
        (arrays(), &vector, vectors),
    ];
    for (array, field, wanted) in cases {
        let wanted = wanted.map(|cell| cell.replace("i~", "~"));
        let told = format!("{} as {:?}", array.data_type(), field.kind);
        let got = read(vec![one(array.clone())], std::slice::from_ref(field)).expect("cells");
        assert_eq!(cells(&got), wanted, "{told}");
        // Slices begin anywhere in the buffers of what they are slices of.
        let slices = [(0, 1), (1, 2), (2, 1), (1, 0)].map(|(at, n)| one(array.slice(at, n)));
        let got = read(slices.into(), std::slice::from_ref(field)).expect("cells");
        let again = [&wanted[..1], &wanted[1..], &wanted[2..]].concat();
        assert_eq!(cells(&got), again, "a slice of {told}");
    }
}

/// However rows come, batches are short, and know where they are.
#[test]
fn long_batches_are_cut() {
    let texts: Vec<String> = (0..20_000).map(|row| format!("row {row}")).collect();
    let all: ArrayRef = Arc::new(StringViewArray::from_iter_values(&texts));
    for cuts in [vec![], vec![1], vec![8192], vec![9000, 9001], vec![0, 19_999]] {
        let starts: Vec<usize> = [0].into_iter().chain(cuts).chain([texts.len()]).collect();
        let pieces = starts.windows(2).map(|at| one(all.slice(at[0], at[1] - at[0]))).collect();
        let batches = read(pieces, &[Field::text("c")]).expect("cells");
        let mut next = 0;
        for batch in &batches {
            assert!(batch.n_rows() <= 8192 && batch.start() == next, "{starts:?}");
            next += batch.n_rows() as u64;
        }
        assert_eq!(cells(&batches), texts, "{starts:?}");
    }
}

/// A long text may be the cell of many rows.
#[test]
fn long_texts_make_short_batches() {
    let long = "x".repeat(1 << 20);
    let values: ArrayRef = Arc::new(StringArray::from(vec![long.as_str()]));
    let keys = PrimitiveArray::<Int8Type>::from(vec![0; 100]);
    let batch = one(Arc::new(DictionaryArray::new(keys, values)));
    let batches = read(vec![batch], &[Field::text("c")]).expect("cells");
    assert_eq!(batches.iter().map(Batch::n_rows).sum::<usize>(), 100);
    assert!(batches.iter().all(|batch| batch.n_rows() <= 64), "{}", batches.len());
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let batch = RecordBatch::try_from_iter([
        ("text", texts.clone()),
        ("n", numbers),
        ("twice", texts.clone()),
    ]);
    let batch = batch.expect("a batch");
    let fields = [Field::number("n"), Field::row(), Field::text("text"), Field::text("n")];
    let [batch] = &read(vec![batch.clone()], &fields).expect("cells")[..] else {
        panic!("one batch");
    };
    let id = |index| FieldId::new(index).expect("an id");
    assert_eq!((batch.number(id(0), 1), batch.text(id(1), 1)), (Some(2.0), None));
    assert_eq!((batch.text(id(2), 1), batch.text(id(3), 1)), (Some("b"), Some("2")));
    // Nothing is wanted: rows are counted all the same.
    assert_eq!(read(vec![one(texts)], &[]).expect("rows")[0].n_rows(), 2);
}

#[test]
fn what_is_wrong_has_its_place() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
    let batch = one(texts.clone());
    let error = |batches: Vec<RecordBatch>, field: Field| {
        read(batches, &[field]).expect_err("wrong").to_string()
    };
    assert_eq!(
        error(vec![batch.clone()], Field::text("d")),
        "frame: there is no column `d` (did you mean `c`?); the columns are `c`"
    );
    assert_eq!(
        error(vec![one(numbers.clone())], Field::text("c")),
        "frame: column `c` holds values of the type Float64, but text is wanted"
    );
    let schema = batch.schema();
    let field = schema.field(0).clone();
    let twice = SchemaRef::new(arrow_schema::Schema::new(vec![field.clone(), field]));
    let twice = RecordBatch::try_new(twice, vec![texts.clone(), texts]).expect("a batch");
    assert_eq!(
        error(vec![twice], Field::text("c")),
        "frame: two columns are named `c`; rename one"
    );
    assert_eq!(
        error(vec![batch.clone(), one(numbers)], Field::text("c")),
        "frame: a batch has other columns than were announced"
    );
    let stream = [
        Ok(batch),
        Err(ArrowError::IoError("the line is dead".into(), std::io::ErrorKind::Other.into())),
    ];
    let mut source = arrow_source("frame", &schema, stream, &[Field::text("c")]).expect("opened");
    assert!(source.next_batch().is_ok_and(|batch| batch.is_some()));
    let error = source.next_batch().expect_err("a stream that breaks").to_string();
    assert!(error.starts_with("frame: ") && error.contains("the line is dead"), "{error}");
}

/// Vectors have the length of the first one, and the row is counted over all batches.
#[test]
fn vectors_of_another_length_have_their_row() {
    let mut odd = ListBuilder::new(Float32Builder::new());
    odd.append_value([Some(1.0)]);
    let batches = vec![one(lists()), one(Arc::new(odd.finish()))];
    let error = read(batches, &[Field::vector("c")]).expect_err("another length").to_string();
    assert!(
        error.starts_with("frame, data row 4: column `c` holds a vector of length 1"),
        "{error}"
    );
}

#[test]
fn rows_are_picked_from_what_can_be_opened_again() {
    let texts: Vec<String> = (0..20_000).map(|row| format!("row {row}")).collect();
    let batch = one(Arc::new(StringArray::from_iter_values(&texts)));
    let data = Reopened(|fields: &[Field]| {
        arrow_source("frame", &batch.schema(), [Ok(batch.clone())], fields)
    });
    let picked = data.pick(&[Field::text("c")], &[3, 8192, 19_999, 20_000]).expect("rows");
    assert_eq!(picked.rows, [3, 8192, 19_999]);
    assert_eq!(cells(&[picked.batch]), ["row 3", "row 8192", "row 19999"]);
}
