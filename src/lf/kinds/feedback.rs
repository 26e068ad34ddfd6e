//! `feedback`: natural labels, an outcome that came within a time after an event, or did not come.
//!
//! Over an event at `e`, a window `w`, an outcome at `o` and the time `t` up to which outcomes are known:
//!
//! | | |
//! | --- | --- |
//! | `o ≤ t` and `e ≤ o ≤ e + w` | it came |
//! | else `e + w ≤ t` | it is absent, since one that came later would be known |
//! | else | unknown: the window is open |
//!
//! An outcome before its event, an event after `t` and times that are none are unknown too. What is known only
//! after `t` must not count: who labels old data again would otherwise use what nobody knew then.

use crate::FieldId;
use crate::input::{Batch, FieldKind};
use crate::lf::answers::{Answer, Answers, Slot};
use crate::lf::compile::CompileCx;
use crate::lf::decode::{Keys, decode};
use crate::lf::error::{Problem, Problems};
use crate::lf::kind::{Declared, Finding, LfKind, Says, Voter};
use crate::lf::place::Located;
use crate::lf::schema;
use crate::lf::yaml::{Node, Value};
use crate::time::{in_words, instant, span};
use serde_json::json;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Feedback {
    event: Located<String>,
    outcome: Located<String>,
    /// The window, in microseconds.
    within: i64,
    as_of: AsOf,
    says: Said,
}

/// The time up to which outcomes are known.
#[derive(Debug, Clone, PartialEq)]
enum AsOf {
    /// One for all rows, and how it is written.
    At(i64, String),
    Column(Located<String>),
}

/// What is said where it is known whether the outcome came.
#[derive(Debug, Clone, PartialEq)]
enum Said {
    /// Whether it came, or else whether it is absent.
    Came(bool),
    /// A label for either.
    Labels { came: Option<Located<String>>, absent: Option<Located<String>> },
}

const AS_OF: &str =
    "say up to when outcomes are known: `as_of: 2026-06-30`, or `as_of: {column: exported_at}`";

impl LfKind for Feedback {
    const NAME: &'static str = "feedback";
    const SUMMARY: &'static str = "an outcome came within a time after an event, or did not";

    fn schema() -> serde_json::Value {
        let form = |key: &str, what: serde_json::Value, required: bool| {
            let mut properties = json!({
                "event": schema::column("The column with the time of the event."),
                "outcome": schema::column("The column with the time of the outcome; empty where there is none yet."),
                "within": {"type": "string", "pattern": "^\\s*([0-9.]+(w|d|h|m|s|ms|us))+\\s*$", "description": "How long after the event the outcome counts: 30d, 36h, 2w."},
                "as_of": {
                    "description": "The time up to which outcomes are known.",
                    "oneOf": [
                        {"type": ["string", "number"]},
                        schema::map(json!({"column": schema::column("A column with this time.")}), &["column"]),
                    ],
                },
            });
            properties[key] = what;
            let mut keys = vec!["event", "outcome", "within", "as_of"];
            keys.extend(Some(key).filter(|_| required));
            schema::map(properties, &keys)
        };
        let is = schema::choice(
            "Holds where it came (the default), or where it did not.",
            &["came", "absent"],
        );
        let mut labels =
            schema::map(json!({"came": schema::label(), "absent": schema::label()}), &[]);
        labels["minProperties"] = json!(1);
        labels["description"] = json!("The label where it came, and where it did not.");
        json!({
            "oneOf": [form("is", is, false), form("labels", labels, true)],
            "examples": [{"event": "sold_at", "outcome": "returned_at", "within": "30d", "as_of": "2026-06-30", "labels": {"came": "bad", "absent": "good"}}],
        })
    }

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let what = "`feedback`";
        let allowed = ["event", "outcome", "within", "as_of", "is", "labels"];
        let keys = Keys::of(node, what, &allowed, problems)?;
        let event: Option<Located<String>> = keys.require("event", what, problems);
        let outcome: Option<Located<String>> = keys.require("outcome", what, problems);
        if let (Some(event), Some(outcome)) = (&event, &outcome)
            && event == outcome
        {
            let message = format!("`{event}` cannot be both the event and its outcome");
            problems.push(Problem::new("value", outcome.place, message));
        }
        let within: Option<Located<String>> = keys.require("within", what, problems);
        let within = within.and_then(|within| window(&within, problems));
        let as_of = match keys.get("as_of") {
            Some((_, node)) => as_of(node, problems),
            None => {
                let message = "`feedback` has no `as_of`";
                problems.push(Problem::new("missing-key", keys.place(), message).help(AS_OF));
                None
            }
        };
        let says = said(&keys, problems);
        Some(Self { event: event?, outcome: outcome?, within: within?, as_of: as_of?, says: says? })
    }

    fn columns(&self) -> Vec<Option<&Located<String>>> {
        let mut columns = vec![Some(&self.event), Some(&self.outcome)];
        if let AsOf::Column(column) = &self.as_of {
            columns.push(Some(column));
        }
        columns
    }

    fn says(&self, _: &[Says], _: &CompileCx<'_>) -> Says {
        match self.says {
            Said::Came(_) => Says::Truth,
            Said::Labels { .. } => Says::Label,
        }
    }

    fn compile(group: &[Declared<'_, Self>], cx: &mut CompileCx<'_>) -> Box<dyn Voter> {
        Box::new(Compiled(group.iter().map(|one| one.body.rule(one.slot, cx)).collect()))
    }
}

fn window(within: &Located<String>, problems: &mut Problems) -> Option<i64> {
    let window = span(within);
    if window.is_none_or(|window| window <= 0) {
        let message = match window {
            Some(_) => "`within` must be longer than nothing".to_owned(),
            None => format!("`{within}` is no span of time"),
        };
        let help = "a number with w, d, h, m or s: `30d`, `36h`, `2w`";
        problems.push(Problem::new("value", within.place, message).help(help));
        return None;
    }
    window
}

fn as_of(node: &Node, problems: &mut Problems) -> Option<AsOf> {
    if let Value::Map(_) = node.value {
        let keys = Keys::of(node, "`as_of`", &["column"], problems)?;
        return Some(AsOf::Column(keys.require("column", "`as_of`", problems)?));
    }
    let written: Located<String> = decode(node, problems)?;
    let Some(at) = instant(&written) else {
        let message = format!("`{written}` is no date or time");
        problems.push(Problem::new("value", written.place, message).help(AS_OF));
        return None;
    };
    Some(AsOf::At(at, written.value))
}

fn said(keys: &Keys<'_>, problems: &mut Problems) -> Option<Said> {
    let Some((key, node)) = keys.get("labels") else {
        let Some(is) = keys.decode::<Located<String>>("is", problems) else {
            return keys.get("is").is_none().then_some(Said::Came(true));
        };
        if let "came" | "absent" = is.as_str() {
            return Some(Said::Came(is.value == "came"));
        }
        let message = format!("`is` cannot be `{is}`");
        problems.push(Problem::new("value", is.place, message).choices(&is, ["came", "absent"]));
        return None;
    };
    if keys.get("is").is_some() {
        let message = "`labels` says what to vote either way, so that `is` has no use";
        problems.push(Problem::new("conflicting-keys", key.place, message));
    }
    let labels = Keys::of(node, "`labels`", &["came", "absent"], problems)?;
    let (came, absent) = (labels.decode("came", problems), labels.decode("absent", problems));
    if labels.get("came").is_none() && labels.get("absent").is_none() {
        let message = "`labels` needs `came`, `absent` or both";
        problems.push(Problem::new("missing-key", node.place, message));
        return None;
    }
    Some(Said::Labels { came, absent })
}

impl Feedback {
    fn rule(&self, slot: Slot, cx: &mut CompileCx<'_>) -> Rule {
        let mut label = |label: &Option<Located<String>>| {
            let class = label.as_ref().and_then(|label| cx.label(label));
            class.map_or(Answer::NO, Answer::label)
        };
        let (came, absent) = match &self.says {
            Said::Came(came) => (Answer::from_truth(*came), Answer::from_truth(!came)),
            Said::Labels { came, absent } => (label(came), label(absent)),
        };
        let mut field = |column: &Located<String>| cx.field(column, FieldKind::Text);
        Rule {
            slot,
            event: field(&self.event),
            outcome: field(&self.outcome),
            within: self.within,
            known: match &self.as_of {
                AsOf::At(at, written) => Known::At(*at, written.clone()),
                AsOf::Column(column) => Known::Column(field(column)),
            },
            came,
            absent,
            names: [self.event.value.clone(), self.outcome.value.clone()],
        }
    }
}

/// Up to when outcomes are known.
enum Known {
    At(i64, String),
    Column(FieldId),
}

struct Rule {
    slot: Slot,
    event: FieldId,
    outcome: FieldId,
    within: i64,
    known: Known,
    /// The answer where the outcome came in time.
    came: Answer,
    /// The answer where it did not.
    absent: Answer,
    /// The columns of event and outcome.
    names: [String; 2],
}

/// What is known of an outcome.
enum Seen {
    /// It came so long after the event, in time or not.
    After(i64),
    /// There is none.
    None,
}

impl Rule {
    /// What is known for good of the outcome; `None` while it may still come, or when something is missing.
    fn seen(&self, batch: &Batch, row: usize) -> Option<Seen> {
        let event = instant(batch.text(self.event, row)?)?;
        let known = match &self.known {
            Known::At(at, _) => *at,
            Known::Column(field) => instant(batch.text(*field, row)?)?,
        };
        if event > known {
            return None;
        }
        // A cell that says something which is no time is not one without an outcome.
        let outcome = match batch.text(self.outcome, row).filter(|cell| !cell.trim().is_empty()) {
            Some(cell) => Some(instant(cell)?),
            None => None,
        };
        if let Some(outcome) = outcome.filter(|outcome| *outcome <= known) {
            let after = outcome - event;
            let in_time = after <= self.within;
            // One that is late is known only when the window has passed.
            return (after >= 0 && (in_time || known - event >= self.within))
                .then_some(Seen::After(after));
        }
        if outcome.is_some_and(|outcome| outcome < event) {
            return None;
        }
        (known - event >= self.within).then_some(Seen::None)
    }

    fn answer(&self, seen: &Seen) -> Answer {
        match seen {
            Seen::After(after) if *after <= self.within => self.came,
            _ => self.absent,
        }
    }

    /// What was seen, in words.
    fn words(&self, seen: &Seen, batch: &Batch, row: usize) -> String {
        let ([event, outcome], within) = (&self.names, in_words(self.within));
        match seen {
            Seen::After(after) => {
                let within_it = if *after <= self.within { "within" } else { "not within" };
                let after = in_words(*after);
                format!("`{outcome}` is {after} after `{event}`, {within_it} {within}")
            }
            Seen::None => {
                let known = match &self.known {
                    Known::At(_, written) => written.as_str(),
                    Known::Column(field) => batch.text(*field, row).unwrap_or_default(),
                };
                format!("no `{outcome}` within {within} after `{event}`, as known on {known}")
            }
        }
    }
}

struct Compiled(Vec<Rule>);

impl Voter for Compiled {
    fn vote(&self, batch: &Batch, answers: &mut Answers<'_>) {
        for rule in &self.0 {
            for row in 0..batch.n_rows() {
                let answer =
                    rule.seen(batch, row).map_or(Answer::MISSING, |seen| rule.answer(&seen));
                answers.set(rule.slot, row, answer);
            }
        }
    }

    fn find(&self, batch: &Batch, row: usize, found: &mut dyn FnMut(Slot, Finding)) {
        for rule in &self.0 {
            if rule.seen(batch, row).is_some_and(|seen| rule.answer(&seen).holds()) {
                for field in [rule.event, rule.outcome] {
                    if batch.text(field, row).is_some() {
                        found(
                            rule.slot,
                            Finding { field, place: None, in_spec: false, is_term: false },
                        );
                    }
                }
            }
        }
    }

    fn tell(&self, batch: &Batch, row: usize, told: &mut dyn FnMut(Slot, String)) {
        for rule in &self.0 {
            if let Some(seen) = rule.seen(batch, row).filter(|seen| rule.answer(seen).holds()) {
                told(rule.slot, rule.words(&seen, batch, row));
            }
        }
    }
}
