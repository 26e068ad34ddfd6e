//! Every kind of condition on the cases in `tests/data/kinds`: exact votes, row by row.
//!
//! A case has either a `spec` or just the `when` of one labeling function, named `lf`, that votes
//! `spam`. Tables stand in `tests/data/kinds/tables`.

use jurat::input::Table;
use jurat::lf::Applied;
use jurat::{LfId, LfSet, Spec};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// A map, or YAML as text where it matters how things are written.
    #[serde(default)]
    spec: Value,
    #[serde(default)]
    when: Option<Value>,
    /// A text, a missing text (`null`) or a map of cells.
    rows: Vec<Value>,
    /// For each labeling function its votes, row by row.
    votes: BTreeMap<String, Vec<Option<String>>>,
    /// For each labeling function the rows on which a cell was missing.
    #[serde(default)]
    missing: BTreeMap<String, u64>,
}

fn run(file: &str) {
    let path = format!("tests/data/kinds/{file}.yaml");
    let text = std::fs::read_to_string(&path).expect("the cases are there");
    let cases: Vec<Case> = serde_saphyr::from_str(&text).expect("the cases are valid");
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("{path}: {}: {}", case.name, fault(case)?)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong with the outcome of a case.
fn fault(case: &Case) -> Option<String> {
    let lfs = match Spec::from_yaml(&spec(case), "tests/data/kinds/spec.yaml")
        .and_then(|spec| LfSet::compile(&spec))
    {
        Ok(lfs) => lfs,
        Err(errors) => return Some(errors.to_string()),
    };
    let applied = match table(&case.rows)
        .open(&lfs.fields())
        .and_then(|mut source| lfs.apply(source.as_mut()))
    {
        Ok(applied) => applied,
        Err(error) => return Some(error.to_string()),
    };
    let voted = votes(&applied);
    if voted != case.votes {
        return Some(format!("\n   wanted {:?}\n      got {voted:?}", case.votes));
    }
    let lfs = applied.matrix.names().lfs.iter().zip(&applied.notes);
    let missing: BTreeMap<String, u64> =
        lfs.filter(|(_, n)| n.missing > 0).map(|(lf, n)| (lf.clone(), n.missing)).collect();
    (missing != case.missing)
        .then(|| format!("\n   wanted {:?} missing\n      got {missing:?}", case.missing))
}

/// The text of the spec of a case: JSON is YAML.
fn spec(case: &Case) -> String {
    let mut spec = match &case.spec {
        Value::String(text) => return format!("spec: 1\nlabels: [spam, ham, eggs]\n{text}"),
        Value::Object(spec) => spec.clone(),
        _ => Map::new(),
    };
    spec.entry("spec").or_insert(json!(1));
    spec.entry("labels").or_insert(json!(["spam", "ham", "eggs"]));
    if let Some(when) = &case.when {
        spec.insert("lfs".into(), json!([{"name": "lf", "label": "spam", "when": when}]));
    }
    Value::Object(spec).to_string()
}

/// Rows as columns: numbers where all cells are numbers, else text.
fn table(rows: &[Value]) -> Table {
    let rows: Vec<Map<String, Value>> = rows
        .iter()
        .map(|row| match row {
            Value::Object(cells) => cells.clone(),
            cell => [("text".to_owned(), cell.clone())].into_iter().collect(),
        })
        .collect();
    let mut names: Vec<&String> = rows.iter().flat_map(Map::keys).collect();
    names.sort();
    names.dedup();
    names.into_iter().fold(Table::new(), |table, name| {
        let cells = rows.iter().map(|row| row.get(name).unwrap_or(&Value::Null));
        let number = cells.clone().any(Value::is_number);
        if number && cells.clone().all(|cell| cell.is_number() || cell.is_null()) {
            table.number(name, cells.map(Value::as_f64))
        } else {
            table.text(
                name,
                cells.map(|cell| match cell {
                    Value::Null => None,
                    Value::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                }),
            )
        }
    })
}

fn votes(applied: &Applied) -> BTreeMap<String, Vec<Option<String>>> {
    let matrix = &applied.matrix;
    let names = matrix.names();
    let column = |lf: usize| {
        let lf = LfId::new(lf).expect("few labeling functions");
        let votes = (0..matrix.n_rows()).map(move |row| matrix.vote(row, lf));
        votes.map(|choice| choice.map(|choice| names.cell(choice).into_owned())).collect()
    };
    names.lfs.iter().enumerate().map(|(lf, name)| (name.clone(), column(lf))).collect()
}

#[test]
fn keyword() {
    run("keyword");
}

#[test]
fn regex() {
    run("regex");
}

#[test]
fn lookup() {
    run("lookup");
}

#[cfg(feature = "parquet")]
#[test]
fn lookup_in_parquet() {
    use jurat::input::Column;
    use jurat::output::{Rows, format_named, write_votes};
    let folder = tempfile::tempdir().expect("a folder");
    let names = jurat::Names::new(["label"], ["spam", "ham"]).expect("names");
    let keys = [Column::Text([Some("bit.ly"), Some("good.org"), None].into_iter().collect())];
    let labels = jurat::LabelMatrix::from_dense(names, &[vec![Some(0)], vec![Some(1)], vec![None]])
        .expect("labels");
    let format = format_named("parquet").expect("the format");
    let path = folder.path().join("hosts.parquet");
    write_votes(&path, format, Rows { name: "host", ids: &keys }, &labels).expect("a table");
    let text = "spec: 1
labels: [ham, spam]
lookups: {hosts: {file: hosts.parquet, key: host, label: 'lf:label'}}
lfs: [{name: lf, when: {lookup: {table: hosts, match: occurs}}}]
";
    let spec = Spec::from_yaml(text, &folder.path().join("spec.yaml").to_string_lossy());
    let lfs = LfSet::compile(&spec.expect("a spec")).expect("a set");
    let rows = Table::new().text("text", [Some("at Bit.ly"), Some("good.org"), Some("else"), None]);
    let mut source = rows.open(&lfs.fields()).expect("a source");
    let voted = votes(&lfs.apply(source.as_mut()).expect("votes"));
    let wanted = [Some("spam"), Some("ham"), None, None].map(|v| v.map(str::to_owned));
    assert_eq!(voted["lf"], wanted);
}

#[test]
fn model() {
    run("model");
}

#[test]
fn similar() {
    run("similar");
}

#[test]
fn expr() {
    run("expr");
}

#[test]
fn feedback() {
    run("feedback");
}

#[test]
fn all() {
    run("all");
}

#[test]
fn any() {
    run("any");
}

#[test]
fn not() {
    run("not");
}

#[test]
fn matches() {
    run("matches");
}

#[test]
fn unless_and_votes() {
    run("unless");
    run("votes");
}
