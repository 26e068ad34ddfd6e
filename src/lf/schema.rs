//! The JSON Schema of a spec (draft-07, which editors understand): each part beside what it describes.
//!
//! A schema says what form a spec has; which names resolve, which patterns compile and which examples hold
//! is what `jurat check` says.

use super::document::{PART, TOP};
use super::gate;
use super::kinds::schemas;
use super::lint;
use super::spec::Spec;
use serde_json::{Map, Value, json};

/// A label model as a schema names it: its name, what it is, and its settings with what they do.
pub(crate) type ModelSchema = (&'static str, &'static str, Vec<(&'static str, &'static str)>);

/// Any text.
pub(super) fn text(description: &str) -> Value {
    json!({"type": "string", "minLength": 1, "description": description})
}

/// A name, for which YAML may read a number or a truth value.
pub(super) fn name(description: &str) -> Value {
    json!({"type": ["string", "number", "boolean"], "description": description})
}

/// A list of names or words.
pub(super) fn names(description: &str) -> Value {
    json!({"type": "array", "minItems": 1, "items": name(""), "description": description})
}

/// The name of a column of the data.
pub(super) fn column(description: &str) -> Value {
    name(description)
}

pub(super) fn truth(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}

/// One of some words.
pub(super) fn choice(description: &str, words: &[&str]) -> Value {
    json!({"enum": words, "description": description})
}

/// A map with these keys and no others.
pub(super) fn map(properties: Value, required: &[&str]) -> Value {
    json!({
        "type": "object", "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

/// The name of a condition under `utils`.
pub(super) fn util(description: &str) -> Value {
    json!({"allOf": [{"$ref": "#/definitions/util"}], "description": description})
}

/// The name of a table under `lookups`.
pub(super) fn table(description: &str) -> Value {
    json!({"allOf": [{"$ref": "#/definitions/table"}], "description": description})
}

/// A label of the spec.
pub(super) fn label() -> Value {
    json!({"$ref": "#/definitions/label"})
}

pub(super) fn condition(description: &str) -> Value {
    json!({"allOf": [{"$ref": "#/definitions/condition"}], "description": description})
}

pub(super) fn conditions(description: &str) -> Value {
    json!({
        "type": "array", "minItems": 1, "items": {"$ref": "#/definitions/condition"},
        "description": description,
    })
}

/// Something for each of some names.
fn each(of: Value, description: &str) -> Value {
    json!({"type": "object", "additionalProperties": of, "description": description})
}

/// What one spec calls things, where a schema is for that spec.
#[derive(Debug, Default)]
struct Known {
    labels: Vec<String>,
    utils: Vec<String>,
    tables: Vec<String>,
}

impl Known {
    fn of(spec: &Spec) -> Self {
        Self {
            labels: spec.labels.iter().map(|label| label.value.clone()).collect(),
            utils: spec.utils.iter().map(|(name, _)| name.value.clone()).collect(),
            tables: spec.lookups.iter().map(|(name, _)| name.value.clone()).collect(),
        }
    }
}

/// One of some names, or any where none are known; YAML may read numbers and truth values for them.
fn one_of(known: &[String], any: Value) -> Value {
    if known.is_empty() {
        return any;
    }
    let mut values: Vec<Value> = known.iter().map(|name| json!(name)).collect();
    let plain = known.iter().filter_map(|name| serde_json::from_str::<Value>(name).ok());
    values.extend(plain.filter(|value| value.is_number() || value.is_boolean()));
    let mut schema = json!({"enum": values});
    schema["description"] = any["description"].clone();
    schema
}

/// The schema of any spec, or of one whose names are known, with these label models.
pub(crate) fn schema(models: &[ModelSchema], spec: Option<&Spec>) -> Value {
    let known = spec.map(Known::of).unwrap_or_default();
    let input = map(
        json!({
            "text": column("The column that text conditions read; by default `text`."),
            "id": column("Identifiers, which are copied to the output."),
            "gold": column("Known labels, only to score against."),
            "learn": column("Known labels of some rows, to learn from."),
            "time": column("Dates or times, to see what changes over time."),
            "path": {
                "oneOf": [text("A file or pattern, relative to the spec."), names("Files or patterns, relative to the spec.")],
            },
        }),
        &[],
    );
    let table = map(
        json!({
            "file": text("CSV, TSV, JSON Lines or Parquet, relative to the spec."),
            "key": column("The column with the keys."),
            "label": column("The column with the label of each key; the labeling function then has none."),
            "vector": column("The column with vectors, for `similar`."),
            "duplicates": choice("What to do with keys that stand there twice.", &["error", "first", "abstain"]),
        }),
        &["file", "key"],
    );
    let declared = json!({
        "type": ["string", "number", "boolean"], "not": {"const": "abstain"},
        "description": "A name for a class; `abstain` is reserved.",
    });
    let conditions = "Named conditions, used with `matches: NAME`.";
    let properties = json!({
        "spec": {"const": 1, "description": "The version of the spec language, in a spec."},
        "part": {"const": 1, "description": "The version of the spec language, in a part that a spec includes."},
        "include": {
            "description": "Parts of the spec: files or patterns such as `lfs/*.yaml`, relative to this file.",
            "oneOf": [text("A file or pattern."), names("Files or patterns.")],
        },
        "vars": each(
            json!({"type": ["string", "number", "boolean"]}),
            "Variables: `${name}` in any value stands for what is said here, or with `--set name=value`.",
        ),
        "labels": {
            "description": "The labels, in the order used everywhere.",
            "oneOf": [
                {"type": "array", "minItems": 2, "uniqueItems": true, "items": declared},
                {
                    "type": "object", "minProperties": 2, "propertyNames": {"not": {"const": "abstain"}},
                    "additionalProperties": {
                        "oneOf": [{"type": "null"}, map(json!({"description": text("What it means.")}), &[])],
                    },
                },
            ],
        },
        "input": input,
        "lookups": each(table, "Tables, used with `lookup: {table: NAME}` or `similar: {to: NAME}`."),
        "utils": each(json!({"$ref": "#/definitions/condition"}), conditions),
        "lfs": {
            "type": "array", "minItems": 1, "items": {"$ref": "#/definitions/lf"},
            "description": "The labeling functions.",
        },
        "slices": each(
            json!({"$ref": "#/definitions/condition"}),
            "Named conditions for rows that the report looks at apart.",
        ),
        "model": model(models),
        "gates": gate::schema(),
        "output": output(),
        "lint": lint::schema(),
    });
    let mut schema = map(properties, &[]);
    // Which sections a file may have depends on what it is; the properties stay in one place, where
    // editors complete them from.
    let here = |key: &str| json!({"required": [key]});
    let elsewhere: Vec<Value> =
        TOP.iter().filter(|key| !PART.contains(key)).map(|key| here(key)).collect();
    schema["if"] = here("part");
    schema["then"] = json!({"not": {"anyOf": elsewhere}});
    schema["else"] =
        json!({"required": ["spec", "labels"], "anyOf": [here("lfs"), here("include")]});
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("A spec of labeling functions for jurat");
    schema["definitions"] = json!({
        "label": one_of(&known.labels, json!({
            "type": ["string", "number", "boolean"], "not": {"const": "abstain"},
            "description": "One of the `labels`.",
        })),
        "util": one_of(&known.utils, name("A condition under `utils`.")),
        "table": one_of(&known.tables, text("A table under `lookups`.")),
        "vote": vote(),
        "condition": any_condition(),
        "lf": lf(),
        "examples": examples(),
    });
    with_variables(schema)
}

/// The same where a variable may stand for a number, a truth value or a word.
fn with_variables(schema: Value) -> Value {
    match schema {
        Value::Object(mut map) => {
            let is = |kind: &str| map.get("type").is_some_and(|of| of == kind);
            let numeric = is("integer") || is("number") || is("boolean");
            if numeric || map.contains_key("enum") || map.contains_key("pattern") {
                let about = map.remove("description");
                let variable = json!({"type": "string", "pattern": "^\\$\\{[^}]+\\}$"});
                let mut either = Map::new();
                either.insert("anyOf".to_owned(), json!([map, variable]));
                about.map(|about| either.insert("description".to_owned(), about));
                return Value::Object(either);
            }
            Value::Object(map.into_iter().map(|(key, of)| (key, with_variables(of))).collect())
        }
        Value::Array(list) => list.into_iter().map(with_variables).collect(),
        other => other,
    }
}

/// What can be voted.
fn vote() -> Value {
    let several = json!({"type": "array", "minItems": 1, "uniqueItems": true, "items": label()});
    json!({
        "description": "What it votes: a label, one of several, or any but some.",
        "oneOf": [
            label(),
            several,
            map(json!({"not": {"oneOf": [label(), several]}}), &["not"]),
        ],
    })
}

/// A map with one key, the kind.
fn any_condition() -> Value {
    let mut properties = Map::new();
    for (name, summary, mut body) in schemas() {
        if let Some(body) = body.as_object_mut() {
            let more = body.get("description").and_then(Value::as_str).map(str::to_owned);
            let more = more.map_or_else(String::new, |more| format!("\n\n{more}"));
            body.insert("description".to_owned(), json!(format!("Holds where {summary}.{more}")));
        }
        properties.insert(name.to_owned(), body);
    }
    // With `maxProperties: 1` editors offer no kinds where none stands yet.
    let one: Vec<Value> = properties.keys().map(|kind| json!({"required": [kind]})).collect();
    json!({
        "type": "object", "additionalProperties": false, "oneOf": one,
        "description": "A condition: a map with one key, the kind.", "properties": properties,
    })
}

fn lf() -> Value {
    let votes = json!({
        "type": "array", "minItems": 1,
        "items": map(
            json!({"label": {"$ref": "#/definitions/vote"}, "when": {"$ref": "#/definitions/condition"}}),
            &["label", "when"],
        ),
        "description": "For several labels: the first condition that holds gives the vote.",
    });
    let mut schema = map(
        json!({
            "name": {
                "type": ["string", "number"], "pattern": "^[\\p{L}\\p{N}_.-]+$",
                "description": "Unique; letters, digits, `-`, `_` and `.`.",
            },
            "label": {"$ref": "#/definitions/vote"},
            "when": condition("Where it votes."),
            "votes": votes,
            "unless": condition("Where it abstains all the same."),
            "why": name("Why it is right, for people."),
            "owner": name("Who looks after it."),
            "tags": {"type": "array", "items": name(""), "description": "Words to find it by."},
            "examples": {"$ref": "#/definitions/examples"},
        }),
        &["name"],
    );
    schema["oneOf"] = json!([
        {"required": ["when"]},
        {"required": ["votes"], "not": {"required": ["label"]}},
    ]);
    schema["description"] =
        json!("A labeling function: a heuristic that votes for a label or abstains.");
    schema
}

fn examples() -> Value {
    let cell = json!({"type": ["string", "number", "boolean", "null"]});
    let row = json!({"type": "object", "additionalProperties": cell});
    let rows = json!({"type": "array", "items": {"oneOf": [cell, row]}});
    let by_label = json!({"oneOf": [rows, {"type": "object", "additionalProperties": rows}]});
    let with = |schema: &Value, what: &str| {
        let mut schema = schema.clone();
        schema["description"] = json!(what);
        schema
    };
    map(
        json!({
            "match": with(&by_label, "Texts or rows that it votes on; for several labels a map from label."),
            "no_match": with(&rows, "Texts or rows that it does not vote on."),
            "todo_match": with(&by_label, "Known gaps: reported, never a failure."),
        }),
        &[],
    )
}

fn model(models: &[ModelSchema]) -> Value {
    let share = json!({"type": "number", "exclusiveMinimum": 0, "maximum": 1});
    let trust = json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1});
    let names: Vec<&str> = models.iter().map(|(name, ..)| *name).collect();
    let what: Vec<String> =
        models.iter().map(|(name, summary, _)| format!("`{name}`: {summary}")).collect();
    let mut properties = json!({
        "use": choice(&format!("The label model.\n\n{}", what.join("\n\n")), &names),
        "class_balance": each(share, "The share of each label among all rows; they sum to 1."),
        "trust": each(trust, "How often a labeling function is expected to be right when it votes."),
    });
    for (model, _, settings) in models {
        for (name, summary) in settings {
            let known =
                properties[*name]["description"].as_str().map(|known| format!("{known}\n\n"));
            let described = format!("{}With `{model}`: {summary}.", known.unwrap_or_default());
            properties[*name] = json!({"type": ["number", "string"], "description": described});
        }
    }
    map(properties, &[])
}

fn output() -> Value {
    let costs =
        each(json!({"type": "number"}), "What each label costs where this is the true one.");
    let least = json!({"type": "number", "minimum": 0, "maximum": 1});
    let decide = json!({
        "description": "Which label a row gets.",
        "oneOf": [
            {"enum": ["most-probable", "prevalence", "f1"]},
            map(json!({"f1": label()}), &["f1"]),
            map(json!({"cost": {"type": "object", "minProperties": 1, "additionalProperties": costs}}), &["cost"]),
        ],
    });
    map(
        json!({
            "decide": decide,
            "min_confidence": {
                "description": "No label where its probability would be lower; a map has a number for some labels.",
                "oneOf": [least, {"type": "object", "additionalProperties": least}],
            },
            "ties": choice("What to do where classes tie.", &["abstain", "first"]),
            "uncovered": name("What rows without votes get: `abstain`, `most-probable`, or a label."),
        }),
        &[],
    )
}
