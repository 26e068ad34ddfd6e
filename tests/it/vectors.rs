//! Columns of vectors: how they are read from every format, and what is wrong with them.

use crate::input::Folder;
use jurat::input::{Field, FieldKind, Table, VectorFault, Vectors};

/// Vectors with two numbers.
fn two(name: &str) -> Field {
    Field { kind: FieldKind::Vector { dimension: Some(2) }, ..Field::vector(name) }
}

#[test]
fn lists_in_texts_are_vectors() {
    let folder = Folder::new()
        .with("a.csv", "id,e\n1,\"[0.5, -2]\"\n2,\n3,\" [1e2,0] \"\n4,null\n")
        .with("a.tsv", "id\te\n1\t[0.5, -2]\n2\t\n3\t[100, 0]\n4\t\n")
        .with("a.jsonl", "{\"e\": [0.5, -2]}\n{}\n{\"e\": [1E+2, 0.0]}\n{\"e\": null}\n");
    for file in ["a.csv", "a.tsv", "a.jsonl"] {
        for field in [Field::vector("e"), two("e")] {
            let rows = folder.read(&[file], &[field]).expect("vectors").concat();
            assert_eq!(rows, ["[0.5, -2.0]", "~", "[100.0, 0.0]", "~"], "{file}");
        }
    }
    // A list is no text, and a text is no list.
    let error = folder.read(&["a.jsonl"], &[Field::text("e")]).expect_err("a list");
    assert_eq!(error, "a.jsonl, line 1: column `e` holds a list, but text is wanted");
    assert_eq!(folder.read(&["a.csv"], &[Field::text("e")]).expect("texts")[0], ["[0.5, -2]"]);
}

#[test]
fn what_is_wrong_with_a_vector_is_said_with_its_place() {
    let help = "leave the cell empty where there is no vector";
    let length = "that of the rows before it or of the vectors that it is compared with; make all of them \
                  with the same model";
    let numbers = "but a list of numbers such as `[0.1, -2]` is wanted";
    for (cell, wanted) in [
        ("[1, 2, 3]", format!("holds a vector of length 3, but length 2 is wanted, {length}")),
        ("[1]", format!("holds a vector of length 1, but length 2 is wanted, {length}")),
        ("[]", format!("holds a vector without numbers; {help}")),
        ("[1, null]", format!("holds a vector whose number 2 is missing; {help}")),
        ("[1, 1e39]", format!("holds a vector whose number 2 is not finite in 32 bits; {help}")),
        ("[1, [2]]", format!("holds `[1, [2]]`, {numbers}")),
        ("12", format!("holds `12`, {numbers}")),
        ("{}", format!("holds `{{}}`, {numbers}")),
    ] {
        let folder = Folder::new()
            .with("a.csv", format!("id,e\n1,\"[1, 2]\"\n\n2,\"{cell}\"\n"))
            .with("a.jsonl", format!("{{\"e\": [1, 2]}}\n\n{{\"e\": {cell}}}\n"));
        for (file, line) in [("a.csv", 4), ("a.jsonl", 3)] {
            let error = folder.read(&[file], &[Field::vector("e")]).expect_err("refused");
            assert_eq!(error, format!("{file}, line {line}: column `e` {wanted}"));
        }
        let texts = Table::new().text("e", [Some("[1, 2]"), Some(cell)]);
        let error = texts.open(&[Field::vector("e")]).map(drop).expect_err("refused").to_string();
        assert_eq!(error, format!("table, data row 2: column `e` {wanted}"));
    }
}

/// The first vector says how long all are: those of later batches, and of other files.
#[test]
fn all_vectors_of_a_column_are_as_long_as_the_first() {
    let head: String = (0..20_000).map(|_| "{\"e\": null}\n").collect();
    let folder = Folder::new()
        .with("a.jsonl", format!("{head}{{\"e\": [1, 2]}}\n{head}{{\"e\": [1]}}\n"))
        .with("b.jsonl", "{\"e\": [1, 2]}\n")
        .with("c.csv", "e\n\n\"[1, 2, 3]\"\n");
    let error = folder.read(&["a.jsonl"], &[Field::vector("e")]).expect_err("another length");
    assert!(
        error.starts_with("a.jsonl, line 40002: column `e` holds a vector of length 1"),
        "{error}"
    );
    let error = folder.read(&["b.jsonl", "c.csv"], &[Field::vector("e")]).expect_err("other");
    assert!(error.starts_with("c.csv, line 3: column `e` holds a vector of length 3"), "{error}");
    let three = Field { kind: FieldKind::Vector { dimension: Some(3) }, ..Field::vector("e") };
    let error = folder.read(&["b.jsonl"], &[three]).expect_err("another length");
    assert!(error.contains("holds a vector of length 2, but length 3 is wanted"), "{error}");
}

#[test]
fn vectors_in_memory_are_read_as_such() {
    let vectors = Vectors::new([Some([1.0_f32, 2.0]), None]).expect("vectors");
    let table = Table::new().vectors("e", vectors).number("n", [Some(1.0), None]);
    for field in [Field::vector("e"), two("e")] {
        assert!(table.open(&[field]).is_ok());
    }
    let three = Field { kind: FieldKind::Vector { dimension: Some(3) }, ..Field::vector("e") };
    for (field, message) in [
        (three, "table, data row 1: column `e` holds a vector of length 2, but length 3 is wanted"),
        (Field::text("e"), "table: column `e` holds vectors, but text is wanted"),
        (Field::number("e"), "table: column `e` holds vectors, but a number is wanted"),
        (Field::vector("n"), "table: column `n` holds numbers, but a vector"),
    ] {
        let error = table.open(&[field]).map(drop).expect_err("refused").to_string();
        assert!(error.starts_with(message), "{error}");
    }
    let ragged = Vectors::new([Some(vec![1.0_f32]), Some(vec![1.0, 2.0])]);
    assert_eq!(ragged, Err(VectorFault::Dimension { found: 2, wanted: 1 }));
}

#[cfg(feature = "parquet")]
mod in_parquet {
    use super::*;
    use crate::column_types::parquet_file;
    use arrow_array as a;
    use arrow_array::builder as b;
    use jurat::input::Files;
    use std::sync::Arc;

    /// Lists of numbers in every form that there is.
    macro_rules! lists {
        ($list:expr, $cells:expr) => {{
            let mut list = $list;
            for cell in $cells {
                let cell: &Option<Vec<Option<f32>>> = cell;
                for number in cell.iter().flatten() {
                    list.values().append_option(number.map(Into::into));
                }
                list.append(cell.is_some());
            }
            Arc::new(list.finish()) as a::ArrayRef
        }};
    }

    fn columns(cells: &[Option<Vec<Option<f32>>>]) -> Vec<(&'static str, a::ArrayRef)> {
        let (single, double) = (b::Float32Builder::new, b::Float64Builder::new);
        let mut fixed = b::FixedSizeListBuilder::new(single(), 2);
        for cell in cells {
            for at in 0..2 {
                let number = cell.as_ref().map(|cell| cell.get(at).copied().flatten());
                fixed.values().append_option(number.unwrap_or(Some(9.0)));
            }
            fixed.append(cell.is_some());
        }
        vec![
            ("list32", lists!(b::ListBuilder::new(single()), cells)),
            ("list64", lists!(b::ListBuilder::new(double()), cells)),
            ("large32", lists!(b::LargeListBuilder::new(single()), cells)),
            ("large64", lists!(b::LargeListBuilder::new(double()), cells)),
            ("fixed", Arc::new(fixed.finish())),
        ]
    }

    #[test]
    fn lists_of_every_kind_are_vectors() {
        let cell = |numbers: [f32; 2]| Some(numbers.map(Some).to_vec());
        let cells = [cell([0.5, -2.0]), None, cell([100.0, 0.0])];
        let mut columns = columns(&cells);
        columns.push(("none", Arc::new(a::NullArray::new(3))));
        columns.push(("number", Arc::new(a::Float32Array::from(vec![1.0; 3]))));
        let folder = Folder::new().with("a.parquet", parquet_file(columns.clone()));
        for (name, _) in &columns[..5] {
            for field in [Field::vector(*name), two(name)] {
                let rows = folder.read(&["a.parquet"], &[field]).expect("vectors").concat();
                assert_eq!(rows, ["[0.5, -2.0]", "~", "[100.0, 0.0]"], "{name}");
            }
            let error = folder.read(&["a.parquet"], &[Field::text(*name)]).expect_err("a list");
            assert!(error.contains("but text is wanted"), "{error}");
        }
        let none = folder.read(&["a.parquet"], &[Field::vector("none")]).expect("nothing");
        assert_eq!(none.concat(), ["~", "~", "~"]);
        let error = folder.read(&["a.parquet"], &[Field::vector("number")]).expect_err("a number");
        let wanted = "column `number` holds values of the type Float32, but a vector, a list of numbers, is wanted";
        assert!(error.ends_with(wanted), "{error}");
        // Some of the rows, as for reports.
        let files = Files::new([folder.path("a.parquet").to_string_lossy()]).expect("a file");
        let picked = jurat::input::Pick::pick(&files, &[Field::vector("large64")], &[1, 2]);
        let picked = picked.expect("rows");
        let field = jurat::FieldId::new(0).expect("the first");
        assert_eq!(picked.batch.vector(field, 0), None);
        assert_eq!(picked.batch.vector(field, 1), Some(&[100.0, 0.0][..]));
    }

    #[test]
    fn faults_have_the_row() {
        let good = Some(vec![Some(1.0), Some(2.0)]);
        for (bad, wanted) in [
            (vec![Some(1.0)], "holds a vector of length 1, but length 2 is wanted"),
            (vec![], "holds a vector without numbers"),
            (vec![Some(1.0), None], "holds a vector whose number 2 is missing"),
            (vec![Some(f32::NAN), Some(1.0)], "holds a vector whose number 1 is not finite"),
            (vec![Some(1.0); 70_000], "holds a vector of more than 65536 numbers"),
        ] {
            // More rows than a batch has.
            let mut cells = vec![good.clone(); 9000];
            cells.push(Some(bad));
            let columns = columns(&cells);
            let folder = Folder::new().with("a.parquet", parquet_file(columns));
            for name in ["list32", "large64"] {
                let error = folder.read(&["a.parquet"], &[Field::vector(name)]);
                let error = error.expect_err("refused");
                let wanted = format!("a.parquet, data row 9001: column `{name}` {wanted}");
                assert!(error.starts_with(&wanted), "{error}");
            }
        }
    }

    /// Runs of equal numbers take a few bytes in a file, and gigabytes in memory.
    #[cfg(all(feature = "cli", target_os = "linux"))]
    #[test]
    fn a_few_bytes_cannot_ask_for_gigabytes() {
        let rows = |lengths: &[usize]| {
            let mut list = b::ListBuilder::new(b::Float32Builder::new());
            for &length in lengths {
                list.values().append_slice(&vec![1.0; length]);
                list.append(true);
            }
            parquet_file(vec![("e", Arc::new(list.finish()))])
        };
        let spec = "spec: 1\nlabels: [a, b]\nlfs: [{name: x, label: a, when: {similar: {column: e, to: [{name: n, vector: [1, 2]}], at_least: 0.5}}}]\n";
        let long = vec![60_000; 1000];
        let mut skewed = vec![2; 3000];
        skewed[0] = 100_000_000;
        for (what, lengths, wanted) in [
            ("one", &[100_000][..], "vectors of more than 65536 numbers"),
            ("long", &long, "data row 1: column `e` holds a vector of length 60000"),
            ("skewed", &skewed, "a page of more than"),
        ] {
            let file = rows(lengths);
            assert!(file.len() < 3_000_000, "{what}: {}", file.len());
            let folder = crate::cli::Folder::new();
            std::fs::write(folder.path("a.parquet"), file).expect("written");
            folder.write("spec.yaml", spec);
            let ran =
                crate::hostile::limited(&folder, &["run", "spec.yaml", "a.parquet", "-o", "out"]);
            ran.code(3).says(&["a.parquet", wanted]);
        }
    }
}

/// A cell of ten million numbers ends at the longest vector that is read.
#[test]
fn vectors_without_end_are_refused() {
    let long = format!("[{}0]", "0.5,".repeat(10_000_000));
    let folder = Folder::new()
        .with("a.csv", format!("e\n\"{long}\"\n"))
        .with("a.jsonl", format!("{{\"e\": {long}}}\n"))
        .with("b.csv", format!("e\n\"{long}\"\n").replace("0.5", "0.5000000"));
    for (file, wanted) in [
        ("a.csv", "line 2: column `e` holds a vector of more than 65536 numbers"),
        ("a.jsonl", "line 1: column `e` holds a vector of more than 65536 numbers"),
        ("b.csv", "longer than 64 megabytes"),
    ] {
        let error = folder.read(&[file], &[Field::vector("e")]).expect_err("refused");
        assert!(error.contains(wanted), "{error}");
    }
}
