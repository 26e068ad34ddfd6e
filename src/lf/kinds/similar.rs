//! `similar`: a vector, such as an embedding, that is close to one of some exemplars.
//!
//! Closeness is cosine similarity. Exemplars without labels say that the condition holds where one of them
//! is near enough; exemplars with labels vote, as the nearest neighbors in Cover & Hart 1967, "Nearest
//! neighbor pattern classification", doi:10.1109/TIT.1967.1053964, and where they are far, nobody does.

mod exemplars;

use crate::Choice;
use crate::FieldId;
use crate::input::Batch;
use crate::lf::answers::{Answer, Answers, Slot};
use crate::lf::compile::CompileCx;
use crate::lf::decode::Keys;
use crate::lf::document::unique;
use crate::lf::error::{Problem, Problems};
use crate::lf::kind::{Declared, Finding, LfKind, Says, Voter, not_a_map};
use crate::lf::place::{Located, Place};
use crate::lf::schema;
use crate::lf::yaml::{Node, Value};
use exemplars::{Exemplars, Nearest};
use serde_json::json;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Similar {
    column: Located<String>,
    to: To,
    at_least: f64,
    /// How many of the nearest exemplars vote.
    k: Option<Located<u32>>,
    /// How much nearer the label must be than any other.
    margin: Option<Located<f64>>,
}

/// What vectors are compared with.
#[derive(Debug, Clone, PartialEq)]
enum To {
    /// The rows of a table.
    Table(Located<String>),
    /// Exemplars in the spec.
    Listed(Vec<Listed>),
}

/// An exemplar in the spec.
#[derive(Debug, Clone, PartialEq)]
struct Listed {
    name: Located<String>,
    label: Option<Located<String>>,
    vector: Vec<f32>,
}

impl LfKind for Similar {
    const NAME: &'static str = "similar";
    const SUMMARY: &'static str = "a vector is close to one of some exemplars";

    fn schema() -> serde_json::Value {
        let exemplar = schema::map(
            json!({
                "name": schema::name("What people read."),
                "label": schema::label(),
                "vector": {"type": "array", "minItems": 1, "items": {"type": "number"}, "description": "As many numbers as the vectors of the column have."},
            }),
            &["name", "vector"],
        );
        let properties = json!({
            "column": schema::column("The column with the vectors."),
            "to": {
                "oneOf": [
                    schema::table("A table under `lookups` with a `vector`."),
                    {"type": "array", "minItems": 1, "items": exemplar, "description": "Exemplars."},
                ],
            },
            "at_least": {"type": "number", "minimum": -1, "maximum": 1, "description": "The cosine similarity from which on an exemplar counts."},
            "k": {"type": "integer", "minimum": 1, "description": "How many of the nearest exemplars vote; 1 by default."},
            "margin": {"type": "number", "minimum": 0, "maximum": 2, "description": "How much more similar the nearest exemplar with the label must be than any with another one."},
        });
        let mut schema = schema::map(properties, &["column", "to", "at_least"]);
        schema["examples"] = json!([{"column": "embedding", "to": "scams", "at_least": 0.8}]);
        schema
    }

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let what = "`similar`";
        if let Value::Scalar(name, _) = &node.value {
            let right =
                format!("write `similar: {{column: embedding, to: {name}, at_least: 0.8}}`");
            not_a_map(node, what, right, problems);
            return None;
        }
        let keys = Keys::of(node, what, &["column", "to", "at_least", "k", "margin"], problems)?;
        let column = keys.require("column", what, problems);
        let to = match keys.get("to") {
            Some((_, node @ Node { value: Value::List(_), .. })) => listed(node, problems),
            Some((_, Node { value: Value::Map(_), place })) => {
                let message = "`to` is a table or a list of exemplars, this is a map";
                let help = "a single exemplar is a list too: `to: [{name: …, vector: […]}]`";
                problems.push(Problem::new("type", *place, message).help(help));
                None
            }
            _ => keys.require("to", what, problems).map(To::Table),
        };
        let at_least: Option<Located<f64>> = keys.require("at_least", what, problems);
        let k: Option<Located<u32>> = keys.decode("k", problems);
        let margin: Option<Located<f64>> = keys.decode("margin", problems);
        let mut range = |place: Place, wrong: bool, message: &str| {
            if wrong {
                problems.push(Problem::new("value", place, message));
            }
        };
        if let Some(at_least) = &at_least {
            let outside = !(-1.0..=1.0).contains(&at_least.value);
            range(at_least.place, outside, "a cosine similarity is from -1 to 1");
        }
        if let Some(k) = &k {
            range(k.place, k.value == 0, "`k` must be at least 1");
        }
        if let Some(margin) = &margin {
            let outside = !(0.0..=2.0).contains(&margin.value);
            range(margin.place, outside, "similarities differ by 0 to 2");
        }
        Some(Self { column: column?, to: to?, at_least: at_least?.value, k, margin })
    }

    fn columns(&self) -> Vec<Option<&Located<String>>> {
        vec![Some(&self.column)]
    }

    fn table(&self) -> Option<&Located<String>> {
        match &self.to {
            To::Table(name) => Some(name),
            To::Listed(_) => None,
        }
    }

    fn constant(&self) -> Option<bool> {
        let To::Listed(exemplars) = &self.to else { return None };
        let labeled = exemplars.iter().any(|exemplar| exemplar.label.is_some());
        (!labeled && self.at_least <= -1.0).then_some(true)
    }

    /// A lower bound lets more neighbors vote, which does not matter to a single one.
    fn implies(&self, other: &Self) -> bool {
        let (k, of_other) = (self.neighbors(), other.neighbors());
        let same = self.column == other.column && self.to == other.to && k == of_other;
        let same = same && self.margin == other.margin;
        same && (self.at_least == other.at_least || (k == 1 && self.at_least >= other.at_least))
    }

    fn says(&self, _: &[Says], cx: &CompileCx<'_>) -> Says {
        let labeled = match &self.to {
            To::Table(name) => cx.table_names_labels(name),
            To::Listed(listed) => Some(listed.iter().any(|exemplar| exemplar.label.is_some())),
        };
        match labeled {
            Some(true) => Says::Label,
            Some(false) => Says::Truth,
            None => Says::Unknown,
        }
    }

    fn choices(&self, cx: &mut CompileCx<'_>) -> Vec<Choice> {
        // What is wrong with a table is noted when the condition is compiled.
        let To::Table(name) = &self.to else { return Vec::new() };
        let named = cx.table_names_labels(name) == Some(true);
        let table = if named { cx.table(name) } else { None };
        let named_by = table.iter().flat_map(|table| table.choices());
        let mut choices: Vec<Choice> = named_by.flatten().cloned().collect();
        choices.sort_unstable();
        choices.dedup();
        choices
    }

    fn compile(group: &[Declared<'_, Self>], cx: &mut CompileCx<'_>) -> Box<dyn Voter> {
        // Conditions over the same vectors and exemplars look for neighbors once.
        let mut searches: Vec<(&Similar, Search)> = Vec::new();
        for one in group {
            let known =
                |other: &Similar| other.column == one.body.column && other.to == one.body.to;
            let at = match searches.iter().position(|(other, _)| known(other)) {
                Some(at) => at,
                None => {
                    let Some(search) = one.body.search(cx) else { continue };
                    searches.push((one.body, search));
                    searches.len() - 1
                }
            };
            let search = &mut searches[at].1;
            one.body.check_keys(search.exemplars.labeled(), cx);
            search.rules.push(Rule {
                slot: one.slot,
                nearest: Nearest {
                    at_least: one.body.at_least,
                    k: one.body.neighbors() as usize,
                    margin: one.body.margin.as_ref().map(|margin| margin.value),
                },
            });
        }
        Box::new(Compiled(searches.into_iter().map(|(_, search)| search).collect()))
    }
}

/// Exemplars that stand in the spec.
fn listed(node: &Node, problems: &mut Problems) -> Option<To> {
    let Value::List(nodes) = &node.value else { return None };
    if nodes.is_empty() {
        let message = "`to` must not be empty";
        problems.push(Problem::new("empty-list", node.place, message));
        return None;
    }
    let found: Vec<_> = nodes.iter().map(|node| exemplar(node, problems)).collect();
    let found: Vec<(Listed, Place)> = found.into_iter().collect::<Option<_>>()?;
    unique("exemplar", found.iter().map(|(exemplar, _)| &exemplar.name), problems);
    let (first, _) = found.first()?;
    for (exemplar, place) in &found[1..] {
        let (length, wanted) = (exemplar.vector.len(), first.vector.len());
        if length != wanted {
            let message = format!(
                "this vector has length {length}, that of `{}` has length {wanted}",
                first.name
            );
            let help = "vectors are compared number by number: make all with the same model";
            problems.push(Problem::new("value", *place, message).help(help));
        }
        if exemplar.label.is_some() != first.label.is_some() {
            let message = "some exemplars have a label, others do not";
            let help = "give every one a `label`, or none";
            problems.push(Problem::new("mixed-labels", exemplar.name.place, message).help(help));
        }
    }
    Some(To::Listed(found.into_iter().map(|(exemplar, _)| exemplar).collect()))
}

/// An exemplar, and where its vector stands.
fn exemplar(node: &Node, problems: &mut Problems) -> Option<(Listed, Place)> {
    let what = "an exemplar";
    let keys = Keys::of(node, what, &["name", "label", "vector"], problems)?;
    let name = keys.require("name", what, problems);
    let label = keys.decode("label", problems);
    let numbers: Option<Vec<f64>> = keys.require("vector", what, problems);
    let place = keys.get("vector").map_or(node.place, |(_, node)| node.place);
    let numbers: Vec<f32> = numbers?.into_iter().map(|number| number as f32).collect();
    let message = if numbers.is_empty() {
        "an exemplar needs a vector with numbers"
    } else if numbers.iter().any(|number| !number.is_finite()) {
        "a number of this vector is not finite in 32 bits"
    } else if numbers.iter().all(|number| *number == 0.0) {
        "a vector of zeros has no direction, and is similar to nothing"
    } else {
        return Some((Listed { name: name?, label, vector: numbers }, place));
    };
    problems.push(Problem::new("value", place, message));
    None
}

impl Similar {
    fn neighbors(&self) -> u32 {
        self.k.as_ref().map_or(1, |k| k.value)
    }

    /// Notes keys that only exemplars with labels make use of.
    fn check_keys(&self, labeled: bool, cx: &mut CompileCx<'_>) {
        let k = self.k.as_ref().map(|k| ("k", k.place));
        let margin = self.margin.as_ref().map(|margin| ("margin", margin.place));
        for (key, place) in k.into_iter().chain(margin).filter(|_| !labeled) {
            let message = format!("`{key}` goes with exemplars that have labels");
            let help = "without labels the condition holds where the nearest exemplar is at least so similar";
            cx.problem(Problem::new("value", place, message).help(help));
        }
    }

    fn search(&self, cx: &mut CompileCx<'_>) -> Option<Search> {
        let exemplars = match &self.to {
            To::Listed(listed) => {
                let dimension = listed.first().map_or(0, |exemplar| exemplar.vector.len());
                let mut exemplars = Exemplars::new(dimension);
                for Listed { name, label, vector } in listed {
                    let answer = match label {
                        Some(label) => cx.label(label).map_or(Answer::NO, Answer::label),
                        None => Answer::YES,
                    };
                    exemplars.add(name, vector, answer);
                }
                exemplars
            }
            To::Table(name) => {
                let table = cx.table(name)?;
                if table.dimension() == 0 {
                    let message = format!("the table `{name}` has no vectors");
                    let help = "say beside its `file` and `key` which column has them: `vector: embedding`";
                    cx.problem(Problem::new("value", name.place, message).help(help));
                    return None;
                }
                let label = |choice| cx.choice_id(choice).map_or(Answer::NO, Answer::label);
                let choices = table.choices().iter();
                let choices: Vec<Answer> =
                    choices.map(|choice| choice.as_ref().map_or(Answer::YES, label)).collect();
                let mut exemplars = Exemplars::new(table.dimension());
                for (key, choice, vector) in table.exemplars() {
                    exemplars.add(key, vector, choices[choice]);
                }
                exemplars
            }
        };
        let field = cx.vector_field(&self.column, exemplars.dimension());
        Some(Search { field, column: self.column.value.clone(), exemplars, rules: Vec::new() })
    }
}

/// Exemplars, and the conditions that compare the vectors of a column with them.
struct Search {
    field: FieldId,
    column: String,
    exemplars: Exemplars,
    rules: Vec<Rule>,
}

struct Rule {
    slot: Slot,
    nearest: Nearest,
}

struct Compiled(Vec<Search>);

impl Voter for Compiled {
    fn vote(&self, batch: &Batch, answers: &mut Answers<'_>) {
        let mut similarities = Vec::new();
        for search in &self.0 {
            for row in 0..batch.n_rows() {
                let there = search.compare(batch, row, &mut similarities);
                for rule in &search.rules {
                    let answer = match there {
                        true => rule.nearest.answer(&search.exemplars, &similarities),
                        false => Answer::MISSING,
                    };
                    answers.set(rule.slot, row, answer);
                }
            }
        }
    }

    fn find(&self, batch: &Batch, row: usize, found: &mut dyn FnMut(Slot, Finding)) {
        self.holding(batch, row, |search, rule, _, _| {
            let field = search.field;
            found(rule.slot, Finding { field, place: None, in_spec: false, is_term: false });
        });
    }

    fn tell(&self, batch: &Batch, row: usize, told: &mut dyn FnMut(Slot, String)) {
        self.holding(batch, row, |search, rule, answer, similarities| {
            if let Some((name, similarity)) = search.exemplars.nearest(answer, similarities) {
                let column = &search.column;
                let words =
                    format!("`{column}` is like `{name}`, cosine similarity {similarity:.3}");
                told(rule.slot, words);
            }
        });
    }
}

impl Compiled {
    /// Hands out the conditions that hold on a row.
    fn holding(
        &self,
        batch: &Batch,
        row: usize,
        mut held: impl FnMut(&Search, &Rule, Answer, &[f64]),
    ) {
        let mut similarities = Vec::new();
        for search in &self.0 {
            if search.compare(batch, row, &mut similarities) {
                for rule in &search.rules {
                    let answer = rule.nearest.answer(&search.exemplars, &similarities);
                    if answer.holds() {
                        held(search, rule, answer, &similarities);
                    }
                }
            }
        }
    }
}

impl Search {
    /// The similarity of the vector of a row to each exemplar; whether there is one.
    fn compare(&self, batch: &Batch, row: usize, similarities: &mut Vec<f64>) -> bool {
        let vector = batch.vector(self.field, row);
        vector.is_some_and(|vector| self.exemplars.compare(vector, similarities))
    }
}
