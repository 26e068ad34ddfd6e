//! Exports of runs for training frameworks and annotation tools, and label matrices of NumPy on the way back.
//!
//! What the libraries themselves make of the files is checked by `tests/peers/exports.py`.
#![cfg(feature = "cli")]

use crate::cli::Folder;
use serde_json::{Value, json};
use std::io::Read;

pub(crate) const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: body, id: id, gold: truth}
model: {use: majority}
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}
  - {name: thanks, label: ham, when: {keyword: [thanks]}}
  - {name: link, label: spam, when: {regex: 'https?://'}}
";

/// A label, another one, a tie, no vote, and no text.
pub(crate) const DATA: &str = "id,body,truth,split
a,\"subscribe, now\",spam,train
b,many thanks,ham,dev
c,thanks https://x.org,ham,test
d,nothing here,,train
e,,spam,train
";

pub(crate) fn ready() -> Folder {
    let folder = Folder::new();
    folder.write("spec.yaml", SPEC);
    folder.write("data.csv", DATA);
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "run", "--format", "csv"]).code(0);
    folder
}

pub(crate) fn export(folder: &Folder, to: &str, path: &str, more: &[&str]) -> String {
    let arguments = [&["export", "run", "--to", to, "-o", path], more].concat();
    folder.run(&arguments).code(0).err
}

pub(crate) fn text(folder: &Folder, name: &str) -> String {
    String::from_utf8(bytes(folder, name)).expect("UTF-8")
}

fn bytes(folder: &Folder, name: &str) -> Vec<u8> {
    std::fs::read(folder.path(name)).expect("readable")
}

fn parsed(folder: &Folder, name: &str) -> Value {
    serde_json::from_str(&text(folder, name)).expect("JSON")
}

/// A file of NumPy: its type, its shape as it is written, and its values.
fn array(bytes: &[u8]) -> (String, String, Vec<f64>) {
    assert_eq!(bytes[..8], *b"\x93NUMPY\x01\x00");
    let end = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!(end % 64, 0, "values are aligned");
    let header = std::str::from_utf8(&bytes[10..end]).expect("ASCII");
    assert!(header.ends_with('\n') && header.contains("'fortran_order': False"), "{header}");
    let between = |from: &str, to: char| {
        let rest = &header[header.find(from).expect("a key") + from.len()..];
        rest[..rest.find(to).expect("an end")].to_owned()
    };
    let (descr, shape) = (between("'descr': '", '\''), between("'shape': (", ')'));
    let values = &bytes[end..];
    let values = match descr.as_str() {
        "|i1" => values.iter().map(|&byte| f64::from(byte as i8)).collect(),
        "<i4" => values
            .chunks_exact(4)
            .map(|v| f64::from(i32::from_le_bytes(v.try_into().expect("four"))))
            .collect(),
        "<i8" => values
            .chunks_exact(8)
            .map(|v| i64::from_le_bytes(v.try_into().expect("eight")) as f64)
            .collect(),
        "<f8" => values
            .chunks_exact(8)
            .map(|v| f64::from_le_bytes(v.try_into().expect("eight")))
            .collect(),
        other => panic!("{other}"),
    };
    (descr, shape, values)
}

pub(crate) fn checked(folder: &Folder, name: &str, descr: &str, shape: &str, values: &[f64]) {
    let (found, axes, all) = array(&bytes(folder, name));
    assert_eq!((found.as_str(), axes.as_str()), (descr, shape), "{name}");
    let same = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan();
    assert!(all.len() == values.len() && all.iter().zip(values).all(same), "{name}: {all:?}");
}

#[test]
fn tables_have_text_label_and_weight() {
    let folder = ready();
    let said = export(&folder, "sklearn", "train.csv", &[]);
    assert!(said.contains("3 rows are left out, because they have no label"), "{said}");
    assert_eq!(
        text(&folder, "train.csv"),
        "row,id,body,label,weight,prob:spam,prob:ham\n\
         0,a,\"subscribe, now\",spam,1,1,0\n\
         1,b,many thanks,ham,1,0,1\n"
    );
    export(&folder, "sklearn", "soft.csv", &["--soft", "--columns", "body,split"]);
    assert_eq!(
        text(&folder, "soft.csv"),
        "row,id,body,split,label,weight\n\
         0,a,\"subscribe, now\",train,spam,1\n\
         1,b,many thanks,dev,ham,1\n\
         2,c,thanks https://x.org,test,spam,0.5\n\
         2,c,thanks https://x.org,test,ham,0.5\n"
    );
    export(&folder, "sklearn", "all.csv", &["--keep-unlabeled"]);
    let all = text(&folder, "all.csv");
    assert!(all.ends_with("4,e,,,0.5,0.5,0.5\n"), "{all}");
    let said = export(&folder, "triplets", "votes.csv", &[]);
    assert!(said.contains("wrote 5 rows to votes.csv"), "{said}");
    assert_eq!(
        text(&folder, "votes.csv"),
        "row,lf,label\n0,promo,spam\n1,thanks,ham\n2,thanks,ham\n2,link,spam\n"
    );
}

#[test]
fn arrays_have_numbers_of_labels() {
    let folder = ready();
    let said = export(&folder, "snorkel", "snorkel", &[]);
    assert!(said.contains("4 rows have a known label"), "{said}");
    let votes = [0., -1., -1., -1., 1., -1., -1., 1., 0., -1., -1., -1., -1., -1., -1.];
    checked(&folder, "snorkel/L.npy", "|i1", "5, 3", &votes);
    let probabilities = [1., 0., 0., 1., 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
    checked(&folder, "snorkel/probs.npy", "<f8", "5, 2", &probabilities);
    checked(&folder, "snorkel/labels.npy", "<i8", "5,", &[0., 1., -1., -1., -1.]);
    checked(&folder, "snorkel/gold.npy", "<i8", "5,", &[0., 1., 1., -1., 0.]);
    let record = parsed(&folder, "snorkel/export.json");
    assert_eq!(record["format"], "jurat-export-1");
    assert_eq!(
        (&record["labels"], &record["lfs"]),
        (&json!(["spam", "ham"]), &json!(["promo", "thanks", "link"]))
    );
    assert!(record["files"]["L.npy"].as_str().is_some_and(|about| about.contains("-1 to abstain")));

    let said = export(&folder, "cleanlab", "cleanlab", &[]);
    assert!(
        said.contains("1 labeling functions are left out") && said.contains(": link"),
        "{said}"
    );
    checked(&folder, "cleanlab/votes.npy", "<f8", "2, 2", &[0., f64::NAN, f64::NAN, 1.]);
    checked(&folder, "cleanlab/pred_probs.npy", "<f8", "2, 2", &[1., 0., 0., 1.]);
    checked(&folder, "cleanlab/labels.npy", "<i8", "2,", &[0., 1.]);
    checked(&folder, "cleanlab/rows.npy", "<i8", "2,", &[0., 1.]);
    assert_eq!(parsed(&folder, "cleanlab/lfs.json"), json!(["promo", "thanks"]));

    export(&folder, "scipy", "scipy", &["--no-gold"]);
    assert!(!folder.path("scipy/gold.npy").exists());
    let members = members(&bytes(&folder, "scipy/votes.npz"));
    let member = |name: &str| {
        let found = members.iter().find(|(member, _)| member == name);
        found.map(|(_, bytes)| bytes.clone()).expect("a member")
    };
    assert_eq!(array(&member("data.npy")), ("|i1".into(), "4,".into(), vec![1., 2., 2., 1.]));
    assert_eq!(array(&member("indices.npy")), ("<i4".into(), "4,".into(), vec![0., 1., 1., 2.]));
    let ends = vec![0., 1., 2., 4., 4., 4.];
    assert_eq!(array(&member("indptr.npy")), ("<i4".into(), "6,".into(), ends));
    assert_eq!(array(&member("shape.npy")), ("<i8".into(), "2,".into(), vec![5., 3.]));
    let format = member("format.npy");
    assert!(format.ends_with(b"csr") && String::from_utf8_lossy(&format).contains("'|S3'"));
}

/// The members of an archive, found by its directory, with sizes in 64 bits.
fn members(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let short = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let long =
        |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes")) as usize;
    let end = bytes.len() - 22;
    assert_eq!(bytes[end..end + 4], *b"PK\x05\x06");
    let large = long(end - 20 + 8);
    assert_eq!(bytes[large..large + 4], *b"PK\x06\x06");
    let (n, mut at) = (long(large + 24), long(large + 48));
    let mut found = Vec::new();
    for _ in 0..n {
        assert_eq!(bytes[at..at + 4], *b"PK\x01\x02");
        let (name, extra) = (short(at + 28), at + 46 + short(at + 28));
        let (unpacked, packed, place) = (long(extra + 4), long(extra + 12), long(extra + 20));
        let start = place + 30 + short(place + 26) + short(place + 28);
        let mut content = Vec::new();
        let mut inflate = flate2::read::DeflateDecoder::new(&bytes[start..start + packed]);
        inflate.read_to_end(&mut content).expect("deflated");
        assert_eq!(content.len(), unpacked);
        let mut crc = flate2::Crc::new();
        crc.update(&content);
        assert_eq!(crc.sum().to_le_bytes(), bytes[at + 16..at + 20]);
        let text = String::from_utf8_lossy(&bytes[at + 46..at + 46 + name]).into_owned();
        found.push((text, content));
        at += 46 + name + short(at + 30) + short(at + 32);
    }
    found
}

#[test]
fn tools_for_people_get_tasks_with_suggestions() {
    let folder = ready();
    export(&folder, "label-studio", "studio", &[]);
    let tasks = parsed(&folder, "studio/tasks.json");
    assert_eq!(tasks.as_array().map(Vec::len), Some(5));
    assert_eq!(
        tasks[0],
        json!({
            "data": {"text_body": "subscribe, now"},
            "predictions": [{
                "model_version": "jurat",
                "score": 1.0,
                "result": [{
                    "from_name": "label", "to_name": "text_body", "type": "choices",
                    "value": {"choices": ["spam"]},
                }],
            }],
            "meta": {"row": 0, "votes": "promo=spam", "id": "a"},
        })
    );
    assert_eq!(
        (&tasks[2]["predictions"], &tasks[2]["meta"]["votes"]),
        (&json!([]), &json!("thanks=ham; link=spam"))
    );
    assert!(text(&folder, "studio/config.xml").contains("<Choice value=\"ham\"/>"));
    // What people answer there is taken as answers about these rows.
    let mut answered = tasks.clone();
    answered[2]["annotations"] = json!([{
        "completed_by": {"email": "ann@example.org"},
        "result": [{"type": "choices", "value": {"choices": ["ham"]}}],
    }]);
    folder.write("answered.json", &answered.to_string());
    folder.run(&["gold", "gold.csv", "answered.json", "--run", "run"]).code(0);
    assert!(
        text(&folder, "gold.csv").contains("2,c,ham,ann@example.org"),
        "{}",
        text(&folder, "gold.csv")
    );

    export(&folder, "argilla", "records.json", &[]);
    let records = parsed(&folder, "records.json");
    assert_eq!(
        records[1],
        json!({
            "id": "b",
            "fields": {"body": "many thanks"},
            "suggestions": {"label": {"value": "ham", "score": 1.0, "agent": "jurat"}},
        })
    );
    assert_eq!(records[4], json!({"id": "e", "fields": {"body": ""}, "suggestions": {}}));
}

#[test]
fn datasets_of_wrench_have_splits() {
    let folder = ready();
    export(&folder, "wrench", "wrench", &[]);
    assert_eq!(
        text(&folder, "wrench/train.json"),
        "{\n\"0\": {\"label\":0,\"weak_labels\":[0,-1,-1],\"data\":{\"id\":\"a\",\"text\":\"subscribe, now\"}},\n\
         \"3\": {\"label\":-1,\"weak_labels\":[-1,-1,-1],\"data\":{\"id\":\"d\",\"text\":\"nothing here\"}},\n\
         \"4\": {\"label\":0,\"weak_labels\":[-1,-1,-1],\"data\":{\"id\":\"e\",\"text\":\"\"}}\n}\n"
    );
    assert_eq!(parsed(&folder, "wrench/valid.json")["1"]["weak_labels"], json!([-1, 1, -1]));
    assert_eq!(parsed(&folder, "wrench/test.json")["2"]["label"], json!(1));
    assert_eq!(parsed(&folder, "wrench/label.json"), json!({"0": "spam", "1": "ham"}));
    folder.write("other.csv", &DATA.replace(",dev", ",later"));
    let wrong = ["export", "run", "--to", "wrench", "-o", "w", "--data", "other.csv"];
    folder.run(&wrong).code(3).says(&[
        "data row 2",
        "`later`",
        "`train`, `valid`, `test`",
        "--split",
    ]);
    // Without the column all rows are in one file, and without known labels nothing can be scored.
    folder.write("bare.csv", &DATA.replace(",split\n", ",part\n"));
    let said = export(&folder, "wrench", "bare", &["--data", "bare.csv", "--no-gold"]);
    assert!(
        said.contains("no row has a known label") && said.contains("train.json, label.json"),
        "{said}"
    );
    assert_eq!(parsed(&folder, "bare/train.json")["2"]["label"], json!(-1));
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_says_what_its_columns_are() {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float32Type, Int64Type};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    let folder = ready();
    let open = |name: &str| {
        let file = std::fs::File::open(folder.path(name)).expect("written");
        ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet")
    };
    export(&folder, "huggingface", "train.parquet", &[]);
    let reader = open("train.parquet");
    let schema = reader.schema().clone();
    let about = schema.metadata().get("huggingface").expect("features");
    let about: Value = serde_json::from_str(about).expect("JSON");
    let features = &about["info"]["features"];
    assert_eq!(features["label"], json!({"names": ["spam", "ham"], "_type": "ClassLabel"}));
    assert_eq!(features["body"], json!({"dtype": "string", "_type": "Value"}));
    assert_eq!(
        features["probs"],
        json!({"feature": {"dtype": "float32", "_type": "Value"}, "length": 2, "_type": "Sequence"})
    );
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["row", "id", "body", "label", "confidence", "probs"]);
    let batch = reader.build().expect("columns").next().expect("rows").expect("pages");
    let numbers = |at: usize| batch.column(at).as_primitive::<Int64Type>().values().to_vec();
    assert_eq!((numbers(0), numbers(3)), (vec![0, 1], vec![0, 1]));
    let probabilities = batch.column(5).as_fixed_size_list().values().clone();
    assert_eq!(probabilities.as_primitive::<Float32Type>().values().to_vec(), [1., 0., 0., 1.]);

    export(&folder, "huggingface", "all.parquet", &["--keep-unlabeled"]);
    let batch = open("all.parquet").build().expect("columns").next().expect("rows").expect("pages");
    assert_eq!(batch.column(3).as_primitive::<Int64Type>().values().to_vec(), [0, 1, -1, -1, -1]);
    assert!(arrow_array::Array::is_null(batch.column(2), 4), "a missing text is missing");
}

#[test]
fn votes_that_are_more_than_a_label_are_said() {
    let folder = Folder::new();
    folder.write(
        "spec.yaml",
        "spec: 1\nlabels: [a, b, c]\ninput: {text: body}\nmodel: {use: majority}\nlfs:\n\
         - {name: some, label: [a, b], when: {keyword: [x]}}\n\
         - {name: other, label: {not: c}, when: {keyword: [x]}}\n\
         - {name: plain, label: a, when: {keyword: [y]}}\n\
         - {name: scored, when: {model: {scores: {b: score}, buckets: [0.5, 0.8]}}}\n",
    );
    folder.write("data.csv", "body,score\nx y,0.1\nx,0.9\nz,0.6\n");
    let ran = folder.run(&["run", "spec.yaml", "data.csv", "-o", "run", "--format", "csv"]);
    ran.code(0);
    let votes = text(&folder, "run/votes.csv");
    assert_eq!(
        votes,
        "row,lf:some,lf:other,lf:plain,lf:scored\n0,!c,!c,a,\n1,!c,!c,,b@0.8-1\n2,,,,b@0.5-0.8\n"
    );
    for to in ["snorkel", "scipy", "wrench", "cleanlab"] {
        let said = export(&folder, to, to, &[]);
        assert!(said.contains("4 votes for or against several classes"), "{to}: {said}");
        assert!(said.contains("2 votes with a score are written as votes"), "{to}: {said}");
    }
    let matrix = [-1., -1., 0., -1., -1., -1., -1., 1., -1., -1., -1., 1.];
    checked(&folder, "snorkel/L.npy", "|i1", "3, 4", &matrix);
    assert_eq!(parsed(&folder, "wrench/train.json")["1"]["weak_labels"], json!([-1, -1, -1, 1]));
    let said = export(&folder, "triplets", "votes.csv", &[]);
    assert!(!said.contains("several classes"), "{said}");
    assert!(
        text(&folder, "votes.csv").contains("0,some,!c\n")
            && text(&folder, "votes.csv").contains("b@0.8-1")
    );
}
