//! A classifier for a finished run: trained on its probabilistic labels, and put together with them.

use super::Run;
use crate::classifier::{
    Bags, ClassTerms, Classifier, ClassifierError, Course, InputColumn, Inputs, Kind, Score,
    Targets, Trained, Trainer, pool, votes_weight,
};
use crate::input::{Column, FieldKind, Files};
use crate::model::{Decision, Policy, ProbLabels, Rule, Uncovered, match_prevalence};
use crate::report::Privacy;
use crate::{ClassId, Error, FieldId, Job, Names};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a classifier is trained on a run.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainPlan {
    /// The columns to learn from; the columns of text that the labeling functions read, if there are none.
    pub columns: Vec<InputColumn>,
    /// Whether runs of characters are features too; `None` where texts are [short enough](CHARACTERS).
    pub characters: Option<bool>,
    /// How it is trained.
    pub trainer: Trainer,
    /// How much a row without votes counts, beside 1 for others: its label is what the model expects of rows
    /// that no labeling function speaks of.
    pub uncovered: f64,
    /// Rounds of self-training after the first one.
    pub rounds: usize,
    /// The data, if they are elsewhere now.
    pub data: Vec<String>,
}

impl Default for TrainPlan {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            characters: None,
            trainer: Trainer::default(),
            uncovered: 0.3,
            rounds: 0,
            data: Vec::new(),
        }
    }
}

/// Bytes of text up to which runs of characters are features too, unless somebody says: they help a little, and
/// take three times as long and four times the memory (100,000 texts of 165 bytes: 7.4 s and 880 MB).
pub const CHARACTERS: usize = 32 << 20;

/// The probability that a row's label must have to be learned from in self-training.
pub const SURE: f64 = 0.7;

/// What the votes count beside the classifier in self-training.
const VOTES_IN_ROUNDS: f64 = 0.25;

/// N-grams that are named for each class.
const TERMS: usize = 12;

/// A classifier for a run, with its predictions for the rows of the run.
#[derive(Debug)]
#[non_exhaustive]
pub struct TrainedRun {
    /// The classifier.
    pub classifier: Classifier,
    /// What the classifier says of each row, trained without it.
    pub alone: ProbLabels,
    /// The same together with the votes.
    pub combined: ProbLabels,
    /// The identifiers of the rows; empty where rows are numbered.
    pub ids: Vec<Column>,
    /// What there is to say.
    pub report: TrainReport,
    balance: Option<Vec<f64>>,
    policy: Policy,
}

/// What training a classifier on a run came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrainReport {
    /// The columns that were learned from.
    pub inputs: Inputs,
    /// Rows of the run.
    pub rows: u64,
    /// Rows with votes.
    pub covered: u64,
    /// Rows whose known label was learned from.
    pub learned: u64,
    /// How training went.
    pub course: Course,
    /// What the votes count beside the classifier.
    pub votes_weight: f64,
    /// Rounds of self-training that were kept, of those that were tried.
    pub rounds: (usize, usize),
    /// On the rows with known labels that nobody learned from: everybody predicts rows that it did not see,
    /// the label model aside, which sees their votes.
    pub scores: Option<Scores>,
    /// The n-grams that speak most for each class; none where rows may not be shown.
    pub terms: Vec<ClassTerms>,
}

/// Scores against known labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Of all rows with a known label.
    pub all: ScoresOf,
    /// Of those with votes.
    pub covered: Option<ScoresOf>,
    /// Of those without.
    pub uncovered: Option<ScoresOf>,
}

/// Scores of who predicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoresOf {
    /// The label model.
    pub label_model: Score,
    /// The classifier.
    pub classifier: Score,
    /// The classifier after offsets with which labels are as common as the class balance says, if it is known.
    pub prevalence: Option<Score>,
    /// Both.
    pub combined: Score,
}

/// What training reads of the rows.
struct Rows {
    bags: Bags,
    ids: Vec<Column>,
    gold: Vec<Option<ClassId>>,
    learned: Vec<Option<ClassId>>,
}

impl Run {
    /// Trains a classifier on the labels of this run.
    ///
    /// # Errors
    /// [`Error::Run`] and [`Error::Read`] when files of the run, or its data, are gone or changed;
    /// [`Error::Classifier`] when there is nothing to learn from.
    pub fn train(&self, plan: &TrainPlan, privacy: Privacy) -> Result<TrainedRun, Error> {
        let privacy = privacy.or(self.manifest().privacy);
        self.trained(plan, privacy).map_err(|error| error.within(privacy))
    }

    fn trained(&self, plan: &TrainPlan, privacy: Privacy) -> Result<TrainedRun, Error> {
        let (_, job) = self.job()?;
        let files = self.data(&plan.data)?;
        let inputs = inputs(&job, &files, plan)?;
        let model = self.model()?;
        let names = model.names().clone();
        let (patterns, _) = self.patterns(&names, false)?;
        let labels = model.label(&patterns);
        let of_row = labels.of_row();
        let rows = self.read(&job, &files, &inputs, &names, of_row.len())?;
        if rows.bags.n_rows() != of_row.len() {
            return Err(changed(&files, rows.bags.n_rows() as u64, of_row.len() as u64));
        }
        let table = Array2::from_shape_fn((of_row.len(), names.classes.len()), |(row, y)| {
            labels.probabilities(row)[y]
        });
        let covered = of_row.iter().map(|&pattern| !patterns.votes(pattern as usize).is_empty());
        let covered: Vec<bool> = covered.collect();
        let balance = self.manifest().class_balance.clone();
        let set = Set {
            shares: shares(&table, &covered, balance.as_deref()),
            inputs: &inputs,
            names: &names,
            rows: &rows,
            table,
            covered,
            balance: balance.clone(),
        };
        let (trained, rounds) = set.train(plan)?;
        let Trained { classifier, out_of_fold, course, .. } = trained;
        let weight = votes_weight(&set.table, &set.covered, &out_of_fold);
        let combined = pool(&set.table, &set.shares, &set.covered, &out_of_fold, weight);
        let scores = set.scores(&out_of_fold, &combined, classifier.offsets());
        let terms = if privacy.is_full() {
            classifier.terms(files.open(&inputs.fields())?.as_mut(), TERMS)?
        } else {
            Vec::new()
        };
        let report = TrainReport {
            inputs: inputs.clone(),
            rows: patterns.n_rows(),
            covered: patterns.n_covered(),
            learned: rows.learned.iter().flatten().count() as u64,
            course,
            votes_weight: weight,
            rounds,
            scores,
            terms,
        };
        Ok(TrainedRun {
            classifier,
            alone: ProbLabels::of_rows(names.clone(), out_of_fold),
            combined: ProbLabels::of_rows(names, combined),
            ids: rows.ids,
            report,
            balance,
            policy: job.policy,
        })
    }

    /// Reads the data once more, and makes sure that they are what was voted on.
    fn read(
        &self,
        job: &Job,
        files: &Files,
        inputs: &Inputs,
        names: &Names,
        n_rows: usize,
    ) -> Result<Rows, Error> {
        let mut fields = job.lfs.fields();
        let first = fields.len();
        let [id, gold, learn, _] = job.lfs.extra_fields();
        fields.extend(inputs.fields());
        let mut source = job.data(files).open(&fields)?;
        let mut then = self.fingerprints(n_rows)?.into_iter();
        let mut rows =
            Rows { bags: Bags::default(), ids: Vec::new(), gold: Vec::new(), learned: Vec::new() };
        let mut n_changed = 0;
        while let Some(batch) = source.next_batch()? {
            let now = job.lfs.fingerprints(&batch);
            n_changed +=
                now.iter().zip(&mut then).filter(|(now, then)| *now != then).count() as u64;
            let known =
                |field: Option<FieldId>, row| names.class_named(batch.text(field?, row)?.trim());
            for row in 0..batch.n_rows() {
                rows.learned.push(known(learn, row));
                rows.gold.push(known(gold, row).filter(|_| known(learn, row).is_none()));
            }
            rows.ids.extend(id.and_then(|id| batch.column(id)).cloned());
            rows.bags.append(Bags::of(&batch, inputs, first));
        }
        if n_changed > 0 {
            return Err(changed(files, n_changed, 0));
        }
        Ok(rows)
    }
}

impl TrainedRun {
    /// The decision that the run asks for, prepared for `labels`, which are [`alone`](Self::alone) or
    /// [`combined`](Self::combined): rows without votes are decided like others.
    ///
    /// # Errors
    /// [`ClassifierError::Rule`] for the rule `f1`, which needs votes.
    pub fn decision(
        &self,
        labels: &ProbLabels,
        rule: Option<Rule>,
    ) -> Result<Decision, ClassifierError> {
        let rule = rule.unwrap_or_else(|| self.policy.rule.clone());
        let policy = Policy { rule, uncovered: Uncovered::Decide, ..self.policy.clone() };
        let offsets = match policy.rule {
            Rule::F1(_) => return Err(ClassifierError::Rule),
            Rule::Prevalence => {
                let rows = vec![1.0; labels.n_rows()];
                Some(match_prevalence(labels.table(), &rows, self.balance.clone()))
            }
            _ => None,
        };
        Ok(Decision::restored(policy, offsets))
    }
}

/// What is trained on.
struct Set<'a> {
    inputs: &'a Inputs,
    names: &'a Arc<Names>,
    rows: &'a Rows,
    /// Posteriors of the label model, n_rows × n_classes.
    table: Array2<f64>,
    covered: Vec<bool>,
    balance: Option<Vec<f64>>,
    shares: Vec<f64>,
}

impl Set<'_> {
    /// The classifier of the best round, and how many rounds of self-training it took of how many.
    fn train(&self, plan: &TrainPlan) -> Result<(Trained, (usize, usize)), ClassifierError> {
        let mut targets = self.table.clone();
        let mut weights: Vec<f64> = self
            .covered
            .iter()
            .map(|covered| if *covered { 1.0 } else { plan.uncovered })
            .collect();
        self.learn(&mut targets, &mut weights);
        let mut best = self.fit(plan, &targets, &weights)?;
        let mut goodness = self.goodness(&best.out_of_fold);
        for round in 0..plan.rounds {
            let shares = &self.shares;
            let known = &self.covered;
            let mut targets = pool(&self.table, shares, known, &best.out_of_fold, VOTES_IN_ROUNDS);
            let sure = |row: ndarray::ArrayView1<'_, f64>| row.iter().any(|p| *p >= SURE);
            let mut weights: Vec<f64> =
                targets.rows().into_iter().map(|row| f64::from(u8::from(sure(row)))).collect();
            self.learn(&mut targets, &mut weights);
            let next = match self.fit(plan, &targets, &weights) {
                Ok(next) => next,
                // Nobody is sure of anything.
                Err(ClassifierError::TooFewRows { .. }) => return Ok((best, (round, round + 1))),
                Err(error) => return Err(error),
            };
            let of_next = self.goodness(&next.out_of_fold);
            if of_next <= goodness {
                return Ok((best, (round, round + 1)));
            }
            (best, goodness) = (next, of_next);
        }
        Ok((best, (plan.rounds, plan.rounds)))
    }

    fn fit(
        &self,
        plan: &TrainPlan,
        targets: &Array2<f64>,
        weights: &[f64],
    ) -> Result<Trained, ClassifierError> {
        let balance = self.balance.as_deref();
        let targets = Targets { probabilities: targets, weights, balance };
        plan.trainer.fit(&self.rows.bags, self.inputs, &self.names.classes, &targets)
    }

    /// Known labels to learn from are certain.
    fn learn(&self, targets: &mut Array2<f64>, weights: &mut [f64]) {
        for (row, class) in self.rows.learned.iter().enumerate() {
            if let Some(class) = class {
                targets.row_mut(row).fill(0.0);
                targets[[row, class.index()]] = 1.0;
                weights[row] = 1.0;
            }
        }
    }

    /// Accuracy on known labels, or where there are none agreement with the label model on rows with votes.
    fn goodness(&self, predicted: &Array2<f64>) -> f64 {
        if let Some(score) = Score::new(predicted, &self.rows.gold, None) {
            return score.accuracy;
        }
        let of_votes = self.table.rows().into_iter().zip(&self.covered);
        let labels: Vec<Option<ClassId>> = of_votes
            .map(|(row, covered)| {
                let best = (0..row.len()).reduce(|a, b| if row[b] > row[a] { b } else { a });
                best.and_then(ClassId::new).filter(|_| *covered)
            })
            .collect();
        Score::new(predicted, &labels, None).map_or(0.0, |score| score.accuracy)
    }

    fn scores(
        &self,
        alone: &Array2<f64>,
        combined: &Array2<f64>,
        offsets: Option<&[f64]>,
    ) -> Option<Scores> {
        let of = |wanted: &dyn Fn(usize) -> bool| {
            let gold = self.rows.gold.iter().enumerate();
            let gold: Vec<Option<ClassId>> =
                gold.map(|(row, gold)| gold.filter(|_| wanted(row))).collect();
            Some(ScoresOf {
                label_model: Score::new(&self.table, &gold, None)?,
                classifier: Score::new(alone, &gold, None)?,
                prevalence: offsets.and_then(|offsets| Score::new(alone, &gold, Some(offsets))),
                combined: Score::new(combined, &gold, None)?,
            })
        };
        Some(Scores {
            all: of(&|_| true)?,
            covered: of(&|row| self.covered[row]),
            uncovered: of(&|row| !self.covered[row]),
        })
    }
}

/// The class shares that the label model starts from: the known ones, or the mean over rows with votes.
fn shares(table: &Array2<f64>, covered: &[bool], balance: Option<&[f64]>) -> Vec<f64> {
    if let Some(balance) = balance {
        return balance.to_vec();
    }
    let k = table.ncols();
    let mut sums = vec![1e-9; k];
    for (row, _) in table.rows().into_iter().zip(covered).filter(|(_, covered)| **covered) {
        sums.iter_mut().zip(row).for_each(|(sum, p)| *sum += p);
    }
    let total: f64 = sums.iter().sum();
    sums.iter().map(|sum| sum / total).collect()
}

/// The columns to learn from, and whether runs of characters are worth their time.
fn inputs(job: &Job, files: &Files, plan: &TrainPlan) -> Result<Inputs, Error> {
    let columns = if plan.columns.is_empty() {
        let fields = job.lfs.lf_fields().iter().filter(|field| field.kind == FieldKind::Text);
        fields.map(|field| InputColumn { name: field.name.clone(), kind: Kind::Text }).collect()
    } else {
        plan.columns.clone()
    };
    let inputs = Inputs::new(columns)?;
    let characters = match plan.characters {
        Some(characters) => characters,
        None => {
            let mut source = files.open(&inputs.fields())?;
            let mut bytes = 0;
            while bytes <= CHARACTERS {
                let Some(batch) = source.next_batch()? else { break };
                bytes += batch.n_bytes();
            }
            bytes <= CHARACTERS
        }
    };
    Ok(inputs.with_characters(characters))
}

/// The data are not those of the run.
fn changed(files: &Files, now: u64, then: u64) -> Error {
    let path = files.paths().first().cloned().unwrap_or_default();
    let what = if then == 0 {
        format!("{now} rows are no longer what was voted on")
    } else {
        format!("there are {now} rows, and {then} were voted on")
    };
    ClassifierError::Changed { path, what }.into()
}
