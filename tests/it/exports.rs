//! What annotators' tools export: whose answer it is, about which row, and what cannot be used.

use crate::input::Folder;
use jurat::answers::{Answer, Defaults, Sheet, read_sheet};
use serde_json::{Value, json};

fn read(export: &Value, who: Option<&str>) -> Result<Sheet, String> {
    let folder = Folder::new().with("export.json", export.to_string());
    let defaults = Defaults::new(who.map(str::to_owned), None, "export.json").expect("no date");
    read_sheet(&folder.path("export.json"), &defaults).map_err(|error| error.to_string())
}

/// A task with one annotation of the label `spam`, each of which a case can change.
fn task(change: impl Fn(&mut Value)) -> Value {
    let mut task = json!({
        "meta": {"row": 3},
        "data": {"body": "win"},
        "annotations": [{
            "completed_by": {"email": "ann@example.org", "username": "ann", "id": 7},
            "result": [{"type": "choices", "value": {"choices": ["spam"]}}],
        }],
    });
    change(&mut task);
    json!([task])
}

fn one(change: impl Fn(&mut Value), who: Option<&str>) -> Answer {
    let sheet = read(&task(change), who).expect("an answer");
    let [answer] = sheet.answers.as_slice() else { panic!("one answer: {:?}", sheet.answers) };
    answer.clone()
}

#[test]
fn people_have_the_best_name_there_is() {
    let person = |person: Value, default: Option<&str>| {
        one(|task| task["annotations"][0]["completed_by"] = person.clone(), default).who
    };
    for (by, default, wanted) in [
        (json!({"email": "ann@example.org", "username": "ann"}), None, "ann@example.org"),
        (json!({"email": "", "username": "ann", "id": 7}), Some("bob"), "ann"),
        (json!({"id": 7}), None, "7"),
        (json!({}), Some("bob"), "bob"),
        (json!(7), None, "label-studio:7"),
        (json!(7), Some("bob"), "bob"),
    ] {
        assert_eq!(person(by.clone(), default), wanted, "{by}");
    }
}

#[test]
fn rows_notes_and_times_are_found_wherever_they_stand() {
    let answer = one(
        |task| {
            task["meta"] = json!({"row": "12", "id": 5, "why": "random"});
            let annotation = &mut task["annotations"][0];
            annotation["created_at"] = json!("2026-03-01T10:00:00Z");
            let note = |text: Value| json!({"type": "textarea", "value": {"text": text}});
            let notes = [note(json!("clear")), note(json!(["as", "day"])), note(json!(1))];
            annotation["result"].as_array_mut().expect("results").extend(notes);
        },
        None,
    );
    assert_eq!((answer.row, answer.id.as_deref()), (Some(12), Some("5")));
    assert_eq!((answer.note.as_str(), answer.gold.as_str()), ("clear as day", "spam"));
    assert_eq!((answer.when.as_str(), answer.line), ("2026-03-01T10:00:00Z", 1));
    assert!(answer.source.ends_with(" (random)"), "{}", answer.source);
    // A tool that drops `meta` keeps what is among the data.
    let answer = one(|task| (task["meta"], task["data"]["id"]) = (Value::Null, json!("a1")), None);
    assert_eq!((answer.row, answer.id.as_deref()), (None, Some("a1")));
}

#[test]
fn tasks_without_an_answer_are_counted() {
    let open: [fn(&mut Value); 4] = [
        |task| task["annotations"] = json!([]),
        |task| task["annotations"] = Value::Null,
        |task| task["annotations"][0]["was_cancelled"] = json!(true),
        |task| task["annotations"][0]["result"] = json!([]),
    ];
    for change in open {
        let sheet = read(&task(change), None).expect("read");
        assert_eq!((sheet.answers.len(), sheet.open), (0, 1));
    }
}

#[test]
fn what_cannot_be_used_says_why_and_where() {
    let choices = json!(["spam", "ham"]);
    let cases: Vec<(Value, &str)> = vec![
        (json!({"tasks": []}), "it is not what Label Studio exports"),
        (json!([1]), "it is not what Label Studio exports"),
        (json!([{"label": "spam"}]), "JSON-MIN"),
        (
            task(|t| t["annotations"][0]["result"][0]["value"]["choices"] = choices.clone()),
            "several labels are chosen: spam, ham",
        ),
        (task(|t| t["meta"] = json!({})), "neither `meta.row` nor `meta.id`"),
        (task(|t| t["meta"] = json!({"row": [1], "id": [2]})), "neither `meta.row` nor `meta.id`"),
        (task(|t| t["annotations"][0]["completed_by"] = Value::Null), "say --who"),
        (task(|t| t["annotations"][0]["updated_at"] = json!("soon")), "`soon` is no time"),
    ];
    for (export, message) in cases {
        let error = read(&export, None).map(drop).expect_err("refused");
        assert!(error.contains(message), "{export}: {error}");
        let of_a_task = export[0]["annotations"].is_array();
        assert!(!of_a_task || error.contains("task 1"), "{error}");
    }
    let error = Defaults::new(None, Some("soon".to_owned()), "x").expect_err("no date");
    assert!(error.contains("`soon` is no date"), "{error}");
    let folder = Folder::new().with("export.json", "[{").with("notes.odt", "x");
    for (name, message) in [
        ("export.json", "export.json: it is not JSON"),
        ("notes.odt", "cannot tell the format from the name"),
        ("gone.csv", "gone.csv"),
    ] {
        let error = read_sheet(&folder.path(name), &Defaults::default()).map(drop);
        let error = error.expect_err("refused").to_string();
        assert!(error.contains(message), "{error}");
    }
}
