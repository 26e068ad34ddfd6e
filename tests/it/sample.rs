//! `jurat sample` as a user drives it: samples in every format, and what cannot be done.
#![cfg(feature = "cli")]

use crate::cli::{Folder, Ran};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;

/// 60 visits of 20 people in 3 wards, a day after the other.
pub(crate) fn visits() -> String {
    let mut csv = "id,person,ward,day,cost,note\n".to_owned();
    for row in 0..60 {
        let ward = ["a", "b", "b", "c", "c", "c"][row % 6];
        let note = if row % 10 == 7 {
            "See \"file\", page 2".to_owned()
        } else {
            format!("Visit {}", row / 3)
        };
        csv.push_str(&format!(
            "v{row},p{},{ward},2024-{:02}-{:02},{},\"{}\"\n",
            row % 20,
            1 + row / 28,
            1 + row % 28,
            row % 7,
            note.replace('"', "\"\""),
        ));
    }
    csv
}

pub(crate) fn ready() -> Folder {
    let folder = Folder::new();
    folder.write("visits.csv", &visits());
    folder
}

pub(crate) fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path(name)).expect("written")
}

/// The rows of a CSV file by their names.
pub(crate) fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().expect("CSV with a header")
}

fn piped(folder: &Folder, arguments: &[&str], input: &[u8]) -> Ran {
    let mut command = folder.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A program that stops with an error need not read all.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("written");
    Ran::new(arguments, &output)
}

/// Estimates of numbers of rows and of sums from what a sample says.
fn estimate(rows: &[BTreeMap<String, String>], of: &str) -> f64 {
    let value = |row: &BTreeMap<String, String>| -> f64 {
        if of.is_empty() { 1.0 } else { row[of].parse().expect("a number") }
    };
    rows.iter().map(|row| value(row) / row["inclusion"].parse::<f64>().expect("a number")).sum()
}

#[test]
fn rows_of_a_sample_are_rows_of_the_data_with_their_probabilities() {
    let folder = ready();
    let all = table(&visits());
    for (arguments, n, said) in [
        (&["-n", "12"][..], 12, "drew 12 of 60 rows at random"),
        (&["-n", "12", "--by", "ward"], 12, "a: 2 of 10 rows"),
        (&["-n", "12", "--by", "ward", "--allocate", "equal"], 12, "c: 4 of 30 rows"),
        (&["-n", "12", "--weights", "cost"], 12, "9 rows have a weight of 0"),
        (&["-n", "60"], 60, "drew 60 of 60 rows"),
        (&["--share", "100%"], 60, "drew 60 of 60 rows"),
    ] {
        let all_arguments: Vec<&str> =
            ["sample", "visits.csv"].iter().chain(arguments).copied().collect();
        let ran = folder.run(&all_arguments).code(0).says(&[said]);
        assert!(ran.out.starts_with("id,person,ward,day,cost,note,row,inclusion\n"), "{}", ran.out);
        let rows = table(&ran.out);
        assert_eq!(rows.len(), n, "{arguments:?}");
        for row in &rows {
            let number: usize = row["row"].parse().expect("a number");
            assert!(all[number].iter().all(|(name, cell)| row[name] == *cell), "{row:?}");
        }
        let numbers: Vec<usize> =
            rows.iter().map(|row| row["row"].parse().expect("a number")).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next));
        // Of a sample by weight the sum of weights is exact, of the others the number of rows.
        let (of, exact) = if arguments.contains(&"--weights") {
            ("cost", all.iter().map(|row| row["cost"].parse::<f64>().expect("a number")).sum())
        } else {
            ("", 60.0)
        };
        assert!((estimate(&rows, of) - exact).abs() < 1e-6, "{arguments:?}");
        assert_eq!(folder.run(&all_arguments).code(0).out, ran.out, "the same again");
    }
    let importance =
        ["sample", "visits.csv", "-n", "20", "--importance", "cost", "--uniform", "30%"];
    let ran = folder.run(&importance).code(0).says(&["by `cost`, and 30 % at random"]);
    let rows = table(&ran.out);
    assert!((14..=20).contains(&rows.len()), "{}", rows.len());
    let least = rows.iter().map(|row| row["inclusion"].parse::<f64>().expect("a number"));
    assert!(least.fold(1.0, f64::min) >= 0.1, "6 of 60 are drawn at random");
}

#[test]
fn other_seeds_draw_other_rows_and_threads_the_same() {
    let folder = ready();
    let draw = |more: &[&str]| {
        let arguments: Vec<&str> =
            ["sample", "visits.csv", "-n", "9"].iter().chain(more).copied().collect();
        folder.run(&arguments).code(0).out
    };
    assert_ne!(draw(&[]), draw(&["--seed", "1"]));
    assert_eq!(draw(&["--threads", "1"]), draw(&["--threads", "2"]));
}

/// A stream that cannot be read again, with a row of text formats each.
#[test]
fn standard_input_is_sampled_as_it_comes() {
    let folder = ready();
    let from_file = folder.run(&["sample", "visits.csv", "-n", "5", "--by", "ward"]).code(0);
    let csv = visits();
    let piped_in =
        piped(&folder, &["sample", "-", "-n", "5", "--by", "ward"], csv.as_bytes()).code(0);
    assert_eq!(piped_in.out, from_file.out);
    let lines = "{\"t\": \"x\", \"n\": 1.50, \"tags\": [1, {\"a\": null}]}\n\n{\"t\": \"ü\"}\n{}\n";
    let ran = piped(&folder, &["sample", "-", "--share", "100%"], lines.as_bytes()).code(0);
    assert_eq!(
        ran.out,
        "{\"t\": \"x\", \"n\": 1.50, \"tags\": [1, {\"a\": null}],\"row\":0,\"inclusion\":1.0}\n\
         {\"t\": \"ü\",\"row\":1,\"inclusion\":1.0}\n{\"row\":2,\"inclusion\":1.0}\n"
    );
    // What is read twice waits in a file, which goes.
    let split = ["sample", "-", "--test", "10", "--group", "person", "-o", "split.csv"];
    let before =
        folder.run(&["sample", "visits.csv", "--test", "10", "--group", "person"]).code(0).out;
    piped(&folder, &split, csv.as_bytes()).code(0);
    assert_eq!(read(&folder, "split.csv"), before);
    assert_eq!(folder.names(), ["split.csv", "visits.csv"]);
}

#[test]
fn text_formats_become_each_other() {
    let folder = Folder::new();
    folder.write("rows.csv", "a,\"b, c\"\n1,\"x \"\"y\"\"\nz\"\n,ü\n");
    folder.write("more.jsonl", "{\"a\": 1, \"b\": \"x\"}\n{\"b\": true, \"late\": {\"k\": [1]}}\n");
    for (input, output, wanted) in [
        ("rows.csv", "out.csv", "a,\"b, c\",row,inclusion\n1,\"x \"\"y\"\"\nz\",0,1\n,ü,1,1\n"),
        (
            "rows.csv",
            "out.jsonl",
            "{\"a\":\"1\",\"b, c\":\"x \\\"y\\\"\\nz\",\"row\":0,\"inclusion\":1.0}\n{\"a\":null,\"b, c\":\"ü\",\"row\":1,\"inclusion\":1.0}\n",
        ),
        (
            "more.jsonl",
            "out.csv",
            "a,b,late,row,inclusion\n1,x,,0,1\n,true,\"{\"\"k\"\":[1]}\",1,1\n",
        ),
    ] {
        folder.run(&["sample", input, "-n", "2", "-o", output]).code(0);
        assert_eq!(read(&folder, output), wanted, "{input} to {output}");
    }
}

#[cfg(feature = "parquet")]
mod parquet {
    use super::*;
    use ::parquet::arrow::ArrowWriter;
    use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use ::parquet::file::properties::WriterProperties;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int32Type, TimestampMicrosecondType, UInt64Type};
    use arrow_array::{
        ArrayRef, Float32Array, Int32Array, ListArray, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    };
    use std::path::Path;
    use std::sync::Arc;

    /// Rows in groups of 7, with types that CSV has not.
    fn batch(n_rows: i32, lists: bool) -> RecordBatch {
        let numbers = 0..n_rows;
        let lists_of = numbers.clone().map(|n| Some(vec![Some(n), None]));
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("n", Arc::new(Int32Array::from_iter_values(numbers.clone()))),
            (
                "f",
                Arc::new(
                    numbers
                        .clone()
                        .map(|n| (n != 3).then_some(n as f32 / 10.0))
                        .collect::<Float32Array>(),
                ),
            ),
            (
                "t",
                Arc::new(
                    numbers
                        .clone()
                        .map(|n| Some(format!("text {}", n % 4)))
                        .collect::<StringArray>(),
                ),
            ),
            (
                "at",
                Arc::new(TimestampMicrosecondArray::from_iter_values(
                    numbers.clone().map(|n| 86_400_000_000 * i64::from(n) + 250_000),
                )),
            ),
        ];
        if lists {
            let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(lists_of);
            columns.push(("l", Arc::new(lists)));
        }
        RecordBatch::try_from_iter(columns).expect("columns of one length")
    }

    fn write(path: &Path, batch: &RecordBatch) {
        let file = std::fs::File::create(path).expect("created");
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(7)).build();
        let mut writer =
            ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("a writer");
        writer.write(batch).expect("written");
        writer.close().expect("written");
    }

    fn read_all(path: &Path) -> RecordBatch {
        let file = std::fs::File::open(path).expect("there");
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
        let mut batches: Vec<RecordBatch> = reader
            .with_batch_size(1 << 20)
            .build()
            .expect("columns")
            .collect::<Result<_, _>>()
            .expect("rows");
        assert_eq!(batches.len(), 1);
        batches.remove(0)
    }

    #[test]
    fn types_of_parquet_stay_as_they_are() {
        let folder = Folder::new();
        let whole = batch(50, true);
        write(&folder.path("a.parquet"), &batch(20, true));
        write(&folder.path("b.parquet"), &whole.slice(20, 30));
        let files = ["a.parquet", "b.parquet"];
        for arguments in [
            &["-n", "9"][..],
            &["--share", "30%"],
            &["-n", "9", "--weights", "n"],
            &["-n", "8", "--by", "t"],
        ] {
            let all: Vec<&str> = ["sample"]
                .iter()
                .chain(&files)
                .chain(arguments)
                .chain(&["-o", "out.parquet"])
                .copied()
                .collect();
            folder.run(&all).code(0);
            let out = read_all(&folder.path("out.parquet"));
            let names: Vec<String> =
                out.schema().fields().iter().map(|field| field.name().clone()).collect();
            assert_eq!(names, ["n", "f", "t", "at", "l", "row", "inclusion"]);
            let rows = out.column(5).as_primitive::<UInt64Type>();
            assert!(out.num_rows() > 5, "{arguments:?}");
            for (at, row) in rows.values().iter().enumerate() {
                for column in 0..5 {
                    let (one, other) = (out.column(column), whole.column(column));
                    assert_eq!(one.data_type(), other.data_type());
                    assert_eq!(&one.slice(at, 1), &other.slice(*row as usize, 1));
                }
            }
            let inclusion = out.column(6).as_primitive::<Float64Type>();
            assert!(inclusion.values().iter().all(|p| *p > 0.0 && *p <= 1.0));
        }
        let at = whole.column(3).as_primitive::<TimestampMicrosecondType>();
        assert_eq!(at.value(1), 86_400_250_000);
        folder
            .run(&["sample", "a.parquet", "-n", "2", "-o", "out.csv"])
            .code(3)
            .says(&["column `l` holds values of the type List", "which only Parquet can hold"]);
        assert!(!folder.path("out.csv").exists());
    }

    #[test]
    fn parquet_becomes_text_and_text_becomes_parquet() {
        let folder = Folder::new();
        write(&folder.path("rows.parquet"), &batch(5, false));
        folder.run(&["sample", "rows.parquet", "-n", "5", "-o", "out.jsonl"]).code(0);
        let lines = read(&folder, "out.jsonl");
        assert_eq!(
            lines.lines().nth(3),
            Some(
                "{\"n\":3,\"f\":null,\"t\":\"text 3\",\"at\":\"1970-01-04T00:00:00.25\",\"row\":3,\"inclusion\":1.0}"
            )
        );
        assert!(lines.starts_with("{\"n\":0,\"f\":0,\"t\":\"text 0\""), "{lines}");
        // From standard input, which is looked at twice.
        let bytes = std::fs::read(folder.path("rows.parquet")).expect("there");
        let ran = piped(&folder, &["sample", "-", "-n", "5"], &bytes).code(0);
        assert_eq!(ran.out.lines().nth(1), Some("0,0,text 0,1970-01-01T00:00:00.25,0,1"));
        let zipped = zstd::encode_all(&*bytes, 1).expect("memory");
        piped(&folder, &["sample", "-", "-n", "5"], &zipped)
            .code(2)
            .says(&["compressed standard input do not allow; save the data to a file"]);
        folder
            .run(&["sample", "out.jsonl", "--prefix", "again_", "-n", "5", "-o", "out.parquet"])
            .code(0);
        let out = read_all(&folder.path("out.parquet"));
        assert_eq!(out.num_columns(), 8);
        assert_eq!(out.column(2).as_string::<i32>().value(4), "text 0");
        // Each part of a split has its rows, with all of their types.
        folder.run(&["sample", "rows.parquet", "--test", "2", "-o", "{split}.parquet"]).code(0);
        let (train, test) =
            (read_all(&folder.path("train.parquet")), read_all(&folder.path("test.parquet")));
        assert_eq!((train.num_rows(), test.num_rows()), (3, 2));
        let mut rows: Vec<u64> = [&train, &test]
            .iter()
            .flat_map(|part| part.column(4).as_primitive::<UInt64Type>().values().to_vec())
            .collect();
        rows.sort_unstable();
        assert_eq!(rows, [0, 1, 2, 3, 4]);
        folder.run(&["sample", "rows.parquet", "--test", "2", "-o", "split.parquet"]).code(0);
        let split = read_all(&folder.path("split.parquet"));
        let parts: Vec<&str> = split.column(5).as_string::<i32>().iter().flatten().collect();
        assert_eq!(parts.iter().filter(|part| **part == "test").count(), 2, "{parts:?}");
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = ready();
    folder.write("bad.csv", "w,t,row\n1,2024-01-01,x\n-2,soon,y\n,2024-01-02,z\n");
    folder.write("other.csv", "w,t\n1,2\n");
    let late = format!("{}{{\"row\": 1}}\n", "{\"a\": \"the \\\"row\\\"\"}\n".repeat(9000));
    folder.write("late.jsonl", &late);
    folder
        .run(&["sample", "late.jsonl", "--share", "100%", "-o", "late-out.jsonl"])
        .code(2)
        .says(&["a row has a key `row` already; say --prefix"]);
    folder
        .run(&["sample", "late.jsonl", "--share", "100%", "--prefix", "s_", "-o", "late-out.csv"])
        .code(2)
        .says(&["a row has a key `row` that no row before has; write JSON Lines"]);
    for (arguments, code, says) in [
        (&["visits.csv"][..], 2, &["say how much: -n 500 or --share 1%"][..]),
        (&["visits.csv", "-n", "0"], 2, &["at least one row"]),
        (
            &["visits.csv", "-n", "61"],
            3,
            &["61 rows are wanted, but the data have only 60; ask for 60 or fewer"],
        ),
        (&["visits.csv", "-n", "55", "--weights", "cost"], 3, &["only 51 with a weight above 0"]),
        (
            &["visits.csv", "-n", "5", "--by", "wart"],
            3,
            &["no column `wart` (did you mean `ward`?)"],
        ),
        (
            &["visits.csv", "-n", "2", "--by", "ward"],
            3,
            &["3 strata but only 2 rows", "at least 3"],
        ),
        (
            &["visits.csv", "-n", "5", "--weights", "ward"],
            3,
            &["visits.csv, line 2: column `ward` holds `a`", "a number"],
        ),
        (
            &["bad.csv", "-n", "1", "--weights", "w", "--prefix", "s_"],
            3,
            &["data row 2: column `w` holds -2"],
        ),
        (&["bad.csv", "-n", "1"], 2, &["have a column `row` already; say --prefix"]),
        (
            &["bad.csv", "--test", "1", "--time", "t", "--prefix", "s_"],
            3,
            &["data row 2: column `t` holds `soon`", "2024-02-29"],
        ),
        (&["visits.csv", "--share", "120%"], 2, &["a share of rows is 120 %"]),
        (&["visits.csv", "--share", "20"], 2, &["--share 20 is a number of rows; say -n 20"]),
        (
            &["visits.csv", "--share", "lots"],
            2,
            &["`lots` is neither a number of rows such as 500 nor a share"],
        ),
        (
            &["visits.csv", "--valid", "60%", "--test", "50%"],
            2,
            &["60% and 50% are wanted for valid and test, which is more than all"],
        ),
        (
            &["visits.csv", "--dev", "61"],
            3,
            &["61 are wanted for dev", "more than all of the data, 60 rows"],
        ),
        (
            &["visits.csv", "--dev", "50", "--test", "30%"],
            3,
            &["50 and 30% are wanted for dev and test"],
        ),
        (&["visits.csv", "-n", "5", "--group", "person"], 2, &["--group is for splits"]),
        (&["visits.csv", "-n", "5", "--test", "5"], 2, &["cannot be used with"]),
        (&["visits.csv", "--test", "5", "--keep-together", "exact"], 2, &["--text <COLUMN>"]),
        (&["visits.csv", "-n", "5", "-o", "out.txt"], 2, &["cannot tell the format"]),
        (&["visits.csv", "-n", "5", "-o", "visits.csv"], 2, &["is read, or written twice"]),
        (
            &["visits.csv", "other.csv", "-n", "5"],
            3,
            &["other.csv: its format or its columns", "are not those of the first file"],
        ),
        (&["none.csv", "-n", "5"], 3, &["none.csv"]),
    ] {
        let all: Vec<&str> = ["sample"].iter().chain(arguments).copied().collect();
        folder.run(&all).code(code).says(says);
    }
    assert_eq!(
        folder.names(),
        ["bad.csv", "late.jsonl", "other.csv", "visits.csv"],
        "nothing is left behind"
    );
}
