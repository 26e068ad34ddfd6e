//! Label matrices in files of NumPy: every type and order, and files that are wrong or made to harm.
#![cfg(feature = "cli")]

use crate::cli::Folder;
use jurat::votes::{ArrayOptions, VotesFile};

/// A file of NumPy with this header and these values.
fn file(descr: &str, fortran: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}}}\n");
    let length = (text.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), values].concat()
}

fn keep(folder: &Folder, name: &str, bytes: &[u8]) -> String {
    std::fs::write(folder.path(name), bytes).expect("written");
    folder.path(name).to_string_lossy().into_owned()
}

fn labels(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(|name| (*name).to_owned()).collect())
}

/// The votes of each row, as names.
fn votes(read: &VotesFile) -> Vec<String> {
    let names = read.matrix.names();
    let row = |votes: &[jurat::Vote]| {
        let votes = votes.iter();
        votes
            .map(|v| format!("{}={}", names.lf(v.lf), names.choice_name(v.choice)))
            .collect::<Vec<_>>()
    };
    read.matrix.rows().map(|votes| row(votes).join(" ")).collect()
}

#[test]
fn matrices_of_every_type_and_order_are_the_same() {
    let folder = Folder::new();
    let wanted = ["lf-0=spam lf-1=ham", "", "lf-1=spam"];
    // Two columns, three rows: by row, and by column.
    let (by_row, by_column) = ([0, 1, -1, -1, -1, 0], [0, -1, -1, 1, -1, 0]);
    let wide = |values: [i64; 6]| values.map(i64::to_le_bytes).concat();
    let nan = |value: i64| if value < 0 { f64::NAN } else { value as f64 };
    let of = |values: [i64; 6], put: &dyn Fn(i64) -> Vec<u8>| -> Vec<u8> {
        values.iter().flat_map(|&value| put(value)).collect()
    };
    for (what, bytes) in [
        ("int8", file("|i1", "False", "(3, 2)", &of(by_row, &|v| vec![v as u8]))),
        (
            "int16",
            file("<i2", "False", "(3, 2)", &of(by_row, &|v| (v as i16).to_le_bytes().into())),
        ),
        ("big", file(">i4", "False", "(3, 2)", &of(by_row, &|v| (v as i32).to_be_bytes().into()))),
        ("int64", file("<i8", "False", "(3, 2)", &wide(by_row))),
        ("Fortran", file("<i8", "True", "(3, 2)", &wide(by_column))),
        ("float", file("<f8", "False", "(3, 2)", &of(by_row, &|v| nan(v).to_le_bytes().into()))),
    ] {
        let path = keep(&folder, "L.npy", &bytes);
        let options = ArrayOptions { labels: labels(&["spam", "ham"]), ..ArrayOptions::default() };
        let read = VotesFile::read_array(&path, &options).expect("a matrix");
        assert_eq!(votes(&read), wanted, "{what}");
        assert_eq!((read.inputs[0].bytes, read.inputs[0].sha256.len()), (bytes.len() as u64, 64));
    }
    // Where 0 abstains, classes count from 1; without names they are called by their numbers.
    let ones = by_row.map(|value| (value + 1) as u8);
    let path = keep(&folder, "ones.npy", &file("|u1", "False", "(3, 2)", &ones));
    let gold = keep(&folder, "gold.npy", &file("|u1", "False", "(3,)", &[1, 0, 2]));
    let options = ArrayOptions {
        from_one: true,
        gold: Some(gold.clone()),
        learn: Some(gold),
        lfs: labels(&["x", "y"]),
        ..ArrayOptions::default()
    };
    let read = VotesFile::read_array(&path, &options).expect("a matrix");
    assert_eq!(votes(&read), ["x=1 y=2", "", "y=1"]);
    let known = read.gold.expect("known labels");
    assert_eq!(
        known.iter().map(|label| label.map(jurat::ClassId::index)).collect::<Vec<_>>(),
        [Some(0), None, Some(1)]
    );
    assert_eq!((read.learn.expect("the same"), read.inputs.len()), (known, 3));
}

#[test]
fn arrays_that_are_no_label_matrices_are_errors() {
    let folder = Folder::new();
    let good = file("|i1", "False", "(2, 2)", &[0, 1, 255, 0]);
    let options = ArrayOptions { labels: labels(&["a", "b"]), ..ArrayOptions::default() };
    for (what, bytes, says) in [
        ("nothing", Vec::new(), "ends too early"),
        ("other bytes", b"PK\x03\x04 and more".to_vec(), "the first bytes are not those"),
        (
            "a version",
            good.iter().enumerate().map(|(at, &b)| if at == 6 { 9 } else { b }).collect(),
            "version 9",
        ),
        ("no header", good[..20].to_vec(), "ends too early"),
        ("one value less", good[..good.len() - 1].to_vec(), "ends too early"),
        ("one value more", [&good[..], &[0]].concat(), "something follows"),
        (
            "a long header",
            [b"\x93NUMPY\x02\x00", &u32::MAX.to_le_bytes()[..]].concat(),
            "longer than 10000 bytes",
        ),
        (
            "one axis",
            file("|i1", "False", "(4,)", &[0; 4]),
            "it has 1 axes; a label matrix has two",
        ),
        ("three axes", file("|i1", "False", "(2, 2, 1)", &[0; 4]), "it has 3 axes"),
        (
            "no columns",
            file("|i1", "False", "(1000000000000, 0)", &[]),
            "1000000000000 rows and 0 columns",
        ),
        ("columns", file("|i1", "False", "(1, 99999999999)", &[]), "from 1 to 65000 columns"),
        ("rows", file("|i1", "True", "(18446744073709551615, 3)", &[]), "rows and 3 columns"),
        ("objects", file("|O", "False", "(2, 2)", &[]), "of the type `|O`"),
        ("texts", file("<U4", "False", "(2, 2)", &[]), "L.astype(\"int64\")"),
        ("a header", file("|i1", "Maybe", "(2, 2)", &[]), "header cannot be understood"),
        (
            "too high",
            file("|i1", "False", "(2, 2)", &[0, 1, 2, 0]),
            "row 1, column 0, counted from 0, holds 2; -1 to abstain and classes from 0 to 1",
        ),
        (
            "too low",
            file("|i1", "False", "(2, 2)", &[0, 254, 1, 0]),
            "row 0, column 1, counted from 0, holds -2",
        ),
        (
            "a fraction",
            file("<f8", "False", "(1, 1)", &0.5_f64.to_le_bytes()),
            "holds a number that is not whole",
        ),
        ("infinity", file("<f4", "False", "(1, 1)", &f32::INFINITY.to_le_bytes()), "not whole"),
    ] {
        let path = keep(&folder, "L.npy", &bytes);
        let error = VotesFile::read_array(&path, &options).expect_err(what).to_string();
        assert!(error.contains(says) && error.contains("L.npy"), "{what}: {error}");
    }
    let path = keep(&folder, "L.npy", &good);
    let gold = |bytes: &[u8]| {
        let gold = Some(keep(&folder, "gold.npy", bytes));
        VotesFile::read_array(&path, &ArrayOptions { gold, ..options.clone() })
            .map(|read| read.gold)
    };
    assert!(gold(&file("|i1", "False", "(2, 1)", &[1, 0])).is_ok(), "a column is a vector");
    for (bytes, says) in [
        (
            file("|i1", "False", "(3,)", &[0, 0, 0]),
            "its shape is (3); known labels are a vector with one value for each of the 2 rows",
        ),
        (file("|i1", "False", "(2, 2)", &[0; 4]), "its shape is (2, 2)"),
        (file("|i1", "False", "(2,)", &[0, 7]), "row 1, counted from 0, holds 7"),
        (file("|i1", "False", "(2,)", &[0]), "ends too early"),
    ] {
        let error = gold(&bytes).expect_err(says).to_string();
        assert!(error.contains(says) && error.contains("gold.npy"), "{error}");
    }
    let lfs = labels(&["one", "two", "three"]);
    let error = VotesFile::read_array(&path, &ArrayOptions { lfs, ..options.clone() });
    assert!(error.expect_err("names").to_string().contains("2 columns, but 3 names"));
    let lfs = labels(&["one", "one"]);
    let error = VotesFile::read_array(&path, &ArrayOptions { lfs, ..options });
    assert!(
        error.expect_err("names").to_string().contains("two labeling functions are named `one`")
    );
}

#[test]
fn a_matrix_is_fitted_like_a_table_of_the_same_votes() {
    let folder = Folder::new();
    // Three LFs; the first two agree, the third is often alone.
    let rows: Vec<[i8; 3]> = (0..60)
        .map(|i| match i % 6 {
            0 | 1 => [0, 0, -1],
            2 => [1, 1, 0],
            3 => [-1, -1, 1],
            4 => [1, -1, 1],
            _ => [-1, -1, -1],
        })
        .collect();
    let values: Vec<u8> = rows.iter().flatten().map(|&value| value as u8).collect();
    keep(&folder, "L.npy", &file("|i1", "False", "(60, 3)", &values));
    let gold: Vec<u8> = (0..60).map(|i| u8::from(i % 6 > 1)).collect();
    keep(&folder, "y.npy", &file("|i1", "False", "(60,)", &gold));
    let name = |value: &i8| ["", "spam", "ham"][(value + 1) as usize];
    let mut table = "lf:x,lf:y,lf:z,gold\n".to_owned();
    for (row, &gold) in rows.iter().zip(&gold) {
        let cells: Vec<&str> = row.iter().map(name).collect();
        table += &format!("{},{}\n", cells.join(","), ["spam", "ham"][usize::from(gold)]);
    }
    folder.write("votes.csv", &table);
    let fit = |votes: &str, more: &[&str]| {
        let common = ["fit", votes, "-o", "out.csv", "--labels", "spam,ham", "--report", "json"];
        let ran = folder.run(&[&common, more].concat()).code(0);
        let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        (std::fs::read_to_string(folder.path("out.csv")).expect("written"), report["gold"].clone())
    };
    let wanted = fit("votes.csv", &["--gold", "gold"]);
    assert!(!wanted.1.is_null());
    assert_eq!(fit("L.npy", &["--lfs", "x,y,z", "--gold", "y.npy"]), wanted);
    assert_eq!(fit("L.npy", &["--gold", "y.npy", "--abstain", "-1"]).0, wanted.0);
    for (arguments, code, says) in [
        (&["L.npy", "--gold", "gold"][..], 2, "a vector of known labels, not `gold`"),
        (&["L.npy", "votes.csv"], 2, "L.npy is a whole label matrix; give it alone"),
        (&["L.npy", "--abstain", "7"], 2, "-1 or 0 abstains, not `7`"),
        (&["L.npy", "--abstain", "0"], 3, "holds -1"),
        (&["L.npy", "--id", "id"], 2, "has no names of columns"),
        (&["L.npy", "--labels", "a,b", "--lfs", "x,y"], 3, "3 columns, but 2 names"),
        (&["votes.csv", "--lfs", "x,y"], 2, "in tables they have their names already"),
        (&["gone.npy"], 3, "gone.npy"),
        (&["y.npy"], 3, "a label matrix has two"),
    ] {
        folder.run(&[&["fit", "-o", "new.csv"], arguments].concat()).code(code).says(&[says]);
        assert!(!folder.path("new.csv").exists());
    }
    folder.run(&["fit", "L.npy", "-o", "L.npy"]).code(2);
}

/// Headers that claim what is not there, and files with holes, take no memory for it.
#[cfg(target_os = "linux")]
#[test]
fn what_a_header_claims_takes_no_memory() {
    use crate::hostile::limited;
    let folder = Folder::new();
    let holes = |name: &str, shape: &str, length: u64| {
        keep(&folder, name, &file("|i1", "False", shape, &[]));
        let path = std::fs::OpenOptions::new().append(true).open(folder.path(name)).expect("there");
        path.set_len(length).expect("a file of holes");
    };
    keep(&folder, "claims.npy", &file("<i8", "True", "(268435456, 65000)", &[0; 64]));
    holes("rows.npy", "(99999999999, 1)", 1 << 37);
    keep(&folder, "y.npy", &file("|i1", "False", "(268435456,)", &[]));
    keep(&folder, "one.npy", &file("|i1", "False", "(1, 1)", &[0]));
    for (arguments, says) in [
        (&["claims.npy"][..], "ends too early"),
        (&["rows.npy"], "99999999999 rows"),
        (&["one.npy", "--gold", "y.npy"], "one value for each of the 1 rows"),
        (&["/dev/zero.npy"], "No such file"),
    ] {
        limited(&folder, &[&["fit", "-o", "out.csv"], arguments].concat()).code(3).says(&[says]);
    }
}
