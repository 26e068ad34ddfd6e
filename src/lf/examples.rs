//! Runs the inline `examples:` of a spec.

use super::error::{Problem, Problems, SpecErrors};
use super::label::Label;
use super::set::LfSet;
use super::spec::{Declaration, Example, Spec};
use crate::input::{Batch, Column, FieldKind, Vectors, parse_vector};
use crate::{Choice, ChoiceId, LfId};

/// How one example came out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExampleResult {
    /// The labeling function.
    pub lf: String,
    /// What was expected.
    pub expected: Expectation,
    /// The example as text, for messages.
    pub text: String,
    /// What the labeling function voted.
    pub voted: Option<String>,
    /// Whether that is right.
    pub outcome: ExampleOutcome,
    /// The file of the spec that it stands in.
    pub file: String,
    /// The line there, from 1.
    pub line: usize,
}

/// What an example expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// A vote, for this label or what else was voted, as people read it.
    Vote(String),
    /// No vote.
    Abstain,
    /// A vote for this label, one day.
    Todo(String),
}

/// Whether an example came out as expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExampleOutcome {
    /// It did.
    Passed,
    /// It did not.
    Failed,
    /// A known gap is still there.
    StillOpen,
    /// A known gap is closed: move the example to `match`.
    Closed,
}

impl LfSet {
    /// Runs the examples of the spec that this set was compiled from.
    ///
    /// # Errors
    /// [`SpecErrors`] for examples that cannot be run: a column that no labeling function reads, a
    /// text where a number is wanted, a label that is none.
    pub fn run_examples(&self, spec: &Spec) -> Result<Vec<ExampleResult>, SpecErrors> {
        let mut problems = Problems::default();
        let mut cases = Vec::new();
        for (lf, declaration) in LfId::first(spec.lfs.len()).zip(&spec.lfs) {
            self.collect(lf, declaration, &mut cases, &mut problems);
        }
        let results = self.run(spec, &cases, &mut problems);
        problems.finish(results, &spec.sources)
    }

    fn collect<'a>(
        &self,
        lf: LfId,
        declaration: &'a Declaration,
        cases: &mut Vec<Case<'a>>,
        problems: &mut Problems,
    ) {
        let only = match declaration.votes.as_slice() {
            [(Some(label), _)] => {
                let classes = label.names().iter();
                let classes = classes.filter_map(|label| self.names.class_named(label));
                Some(match label {
                    Label::NoneOf(_) => Choice::none_of(classes, self.names.classes.len()),
                    _ => Choice::one_of(classes),
                })
            }
            _ => None,
        };
        let examples = &declaration.examples;
        let all = examples.matching.iter().map(|example| (example, 'm'));
        let all = all.chain(examples.not_matching.iter().map(|example| (example, 'n')));
        for (example, list) in
            all.chain(examples.todo_matching.iter().map(|example| (example, 't')))
        {
            let named = example.label.as_ref();
            let wanted = match named {
                Some(label) => self.names.parse_cell(label),
                None => only.clone(),
            };
            let described = wanted.as_ref().map(|choice| self.names.describe(choice));
            let expected = match (list, described) {
                ('n', _) => Expectation::Abstain,
                (_, None) => {
                    let message =
                        "this labeling function has several labels: say which one the example gets";
                    problems.push(
                        Problem::new("example-label", example.place, message)
                            .help("write a map from label to examples: `match: {spam: [\"…\"]}`"),
                    );
                    continue;
                }
                ('t', Some(label)) => Expectation::Todo(label),
                (_, Some(label)) => Expectation::Vote(label),
            };
            cases.push(Case { lf, example, wanted, expected });
        }
    }

    /// Applies the set to all examples at once, a row each.
    fn run(
        &self,
        spec: &Spec,
        cases: &[Case<'_>],
        problems: &mut Problems,
    ) -> Option<Vec<ExampleResult>> {
        let mut known = vec![false; cases.iter().map(|case| case.example.cells.len()).sum()];
        let mut columns = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            let mut texts: Vec<Option<&str>> = Vec::with_capacity(cases.len());
            let mut numbers: Vec<Option<f64>> = Vec::with_capacity(cases.len());
            let mut vectors: Vec<Option<Vec<f32>>> = Vec::with_capacity(cases.len());
            let mut at = 0;
            for case in cases {
                let mut text = None;
                let mut place = case.example.place;
                for (column, cell) in &case.example.cells {
                    let name = column.as_ref().map_or(self.text.as_str(), |column| column.as_str());
                    if name == field.name {
                        known[at] = true;
                        text = cell.as_deref();
                        place = column.as_ref().map_or(place, |column| column.place);
                    }
                    at += 1;
                }
                texts.push(text);
                vectors.push(match (field.kind, text) {
                    (FieldKind::Vector { dimension }, Some(text)) => parse_vector(text, dimension)
                        .unwrap_or_else(|fault| {
                            let message = format!("`{}` {fault}", field.name);
                            problems.push(Problem::new("type", place, message));
                            None
                        }),
                    _ => None,
                });
                numbers.push(match (field.kind, text) {
                    (FieldKind::Number, Some(text)) => match text.trim().parse() {
                        Ok(number) => Some(number),
                        Err(_) => {
                            let message =
                                format!("`{}` holds numbers, `{text}` is none", field.name);
                            problems.push(Problem::new("type", place, message));
                            None
                        }
                    },
                    _ => None,
                });
            }
            columns.push(match field.kind {
                FieldKind::Number => Column::Number(numbers.into_iter().collect()),
                FieldKind::Text | FieldKind::Id | FieldKind::Row => {
                    Column::Text(texts.into_iter().collect())
                }
                // What does not fit was noted, and nothing is voted on then.
                FieldKind::Vector { .. } => match Vectors::new(vectors) {
                    Ok(vectors) => Column::Vector(vectors),
                    Err(_) => return None,
                },
            });
        }
        let cells =
            cases.iter().flat_map(|case| case.example.cells.iter().map(move |cell| (case, cell)));
        for ((case, (column, _)), known) in cells.zip(known) {
            if !known {
                let place = column.as_ref().map_or(case.example.place, |column| column.place);
                let name = column.as_ref().map_or(self.text.as_str(), |column| column.as_str());
                let message = format!("no labeling function reads the column `{name}`");
                let names = self.fields.iter().map(|field| field.name.as_str());
                let problem = Problem::new("unknown-column", place, message).choices(name, names);
                problems.push(match column {
                    Some(_) => problem,
                    None => {
                        problem.help("write a row, a map from column to cell, instead of a text")
                    }
                });
            }
        }
        if !problems.found.is_empty() {
            return None;
        }
        let mut results = Vec::with_capacity(cases.len());
        let batch = Batch::new(0, cases.len(), columns);
        let matrix = self.vote(&batch).ok()?.matrix;
        for (row, case) in cases.iter().enumerate() {
            let voted = matrix.vote(row, case.lf);
            results.push(self.judge(spec, case, voted));
        }
        Some(results)
    }

    fn judge(&self, spec: &Spec, case: &Case<'_>, voted: Option<ChoiceId>) -> ExampleResult {
        // A label stands for all scores that it may be voted with.
        let right = voted.zip(case.wanted.as_ref()).is_some_and(|(voted, wanted)| {
            self.names.choice_id(wanted) == Some(voted)
                || wanted.plain().is_some_and(|class| self.names.single(voted) == Some(class))
        });
        let outcome = match &case.expected {
            Expectation::Todo(_) if right => ExampleOutcome::Closed,
            Expectation::Todo(_) => ExampleOutcome::StillOpen,
            Expectation::Vote(_) if right => ExampleOutcome::Passed,
            Expectation::Abstain if voted.is_none() => ExampleOutcome::Passed,
            _ => ExampleOutcome::Failed,
        };
        let voted = voted.map(|choice| self.names.choice_name(choice).into_owned());
        let cells: Vec<String> = case
            .example
            .cells
            .iter()
            .map(|(column, cell)| match (column, cell) {
                (None, cell) => cell.clone().unwrap_or_else(|| "null".to_owned()),
                (Some(column), Some(cell)) => format!("{column}: {cell}"),
                (Some(column), None) => format!("{column}: null"),
            })
            .collect();
        let (file, line) = spec.line(case.example.place);
        ExampleResult {
            lf: self.names.lf(case.lf).to_owned(),
            expected: case.expected.clone(),
            text: cells.join(", "),
            voted,
            outcome,
            file: file.to_owned(),
            line,
        }
    }
}

struct Case<'a> {
    lf: LfId,
    example: &'a Example,
    /// What it should be voted, unless it should not.
    wanted: Option<Choice>,
    expected: Expectation,
}
