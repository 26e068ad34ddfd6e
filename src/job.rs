//! The whole line as one value: what a spec asks for, run on a source and saved.

use crate::input::{Digest, Source};
use crate::lf::{About, Applied, Located, Problem, Spec, SpecErrors, Watch, read_spec};
use crate::model::{
    Decision, Effort, FittedModel, LabelModel, ProbLabels, Resampling, SettingError, Supervision,
    Ties, Uncertainty, by_name,
};
use crate::output::{
    Format, LabelTable, MANIFEST, MANIFEST_FORMAT, OutputError, Rows, Staged, write_file,
    write_labels, write_votes,
};
use crate::report::{Evidence, Report};
use crate::{ClassId, Error, LfSet, Patterns};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// A batch labeling job: labeling functions, label model and decision rule.
pub struct Job {
    /// The labeling functions.
    pub lfs: LfSet,
    /// The label model.
    pub model: Box<dyn LabelModel>,
    /// What the user knows beyond the votes.
    pub known: Supervision,
    /// How hard labels are made.
    pub decision: Decision,
    /// How much to spend on intervals and on what each labeling function contributes.
    pub effort: Effort,
    spec: SpecDigest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SpecDigest {
    path: String,
    sha256: String,
}

impl Job {
    /// Compiles a spec with everything that it says.
    ///
    /// # Errors
    /// [`SpecErrors`] with all problems of all sections.
    pub fn new(spec: &Spec) -> Result<Self, SpecErrors> {
        let lfs = LfSet::compile(spec);
        let mut problems = match &lfs {
            Ok(_) => Vec::new(),
            Err(errors) => errors.problems().to_vec(),
        };
        let known = supervision(spec, &mut problems);
        let decision = decision(spec, &mut problems);
        let model = model(spec, &mut problems);
        match (lfs, model) {
            (Ok(lfs), Some(model)) if problems.is_empty() => {
                let sha256 = hex(&Sha256::digest(spec.text.as_bytes()));
                let spec = SpecDigest { path: spec.path.clone(), sha256 };
                let effort = Effort::default();
                Ok(Self { lfs, model, known, decision, effort, spec })
            }
            _ => Err(spec.errors(problems)),
        }
    }

    /// Reads a spec file and compiles it, with all problems of its form and its names in one run.
    ///
    /// # Errors
    /// [`SpecErrors`] with everything that is wrong.
    pub fn load(path: impl AsRef<Path>) -> Result<(Spec, Self), SpecErrors> {
        let (text, name) = read_spec(path.as_ref())?;
        let (spec, mut problems) = Spec::parse(&text, &name);
        let job = spec.as_ref().map(Self::new);
        match (spec, job) {
            (Some(spec), Some(Ok(job))) if problems.is_empty() => Ok((spec, job)),
            (_, job) => {
                let errors = job.and_then(Result::err);
                problems.extend(errors.iter().flat_map(SpecErrors::problems).cloned());
                Err(SpecErrors::new(&name, &text, problems))
            }
        }
    }

    /// Votes, fits, labels and reports.
    ///
    /// # Errors
    /// [`Error::Read`] for the data, [`Error::Fit`] when there is nothing to learn from.
    pub fn run(&self, source: &mut dyn Source, watch: &dyn Watch) -> Result<Outcome, Error> {
        let applied = self.lfs.apply_watched(source, watch)?;
        let votes = Patterns::count(&applied.matrix);
        let model = self.model.fit(&votes, &self.known)?;
        let labels = model.label(&votes);
        let uncertainty = Uncertainty::new(
            &model,
            self.model.as_ref(),
            &votes,
            &self.known,
            &self.decision,
            applied.gold.as_deref(),
            self.effort,
        )?;
        let about: Vec<About> = self.lfs.about().cloned().collect();
        let report = Report::new(&Evidence {
            votes: &votes,
            model: &model,
            labels: &labels,
            decision: self.decision,
            balance: self.known.class_balance.as_deref(),
            gold: applied.gold.as_deref(),
            uncertainty: Some(&uncertainty),
            notes: &applied.notes,
            about: &about,
        });
        Ok(Outcome { applied, votes, model, labels, report })
    }

    /// Writes a run directory: labels, votes, model, report and manifest. It appears when all of
    /// them are complete.
    ///
    /// # Errors
    /// [`Error::Output`]; `staged` disappears then.
    pub fn save(
        &self,
        outcome: &Outcome,
        staged: Staged,
        settings: &SaveSettings<'_>,
    ) -> Result<(), Error> {
        let (from, to) = (staged.folder().to_owned(), staged.target().to_owned());
        self.write(outcome, &staged, settings).map_err(|error| match error {
            Error::Output(error) => Error::Output(error.unstaged(&from, &to)),
            other => other,
        })?;
        staged.publish()?;
        Ok(())
    }

    fn write(
        &self,
        outcome: &Outcome,
        staged: &Staged,
        settings: &SaveSettings<'_>,
    ) -> Result<(), Error> {
        let format = settings.format;
        let rows = Rows { name: settings.id, ids: &outcome.applied.ids };
        let table = LabelTable {
            rows,
            labels: &outcome.labels,
            decision: self.decision,
            votes: settings.with_votes.then_some(&outcome.applied.matrix),
        };
        let name = |stem: &str| format!("{stem}.{}", format.name);
        write_labels(&staged.path(&name("labels")), format, &table)?;
        write_votes(&staged.path(&name("votes")), format, rows, &outcome.applied.matrix)?;
        write_text(&staged.path("model.json"), &outcome.model.to_json()?)?;
        let json = |error: serde_json::Error| OutputError::Format {
            path: "report.json".to_owned(),
            message: error.to_string(),
        };
        write_text(&staged.path("report.json"), &outcome.report.to_json().map_err(json)?)?;
        let manifest = self.manifest(outcome, settings);
        let manifest = serde_json::to_string_pretty(&manifest).map_err(json)? + "\n";
        write_text(&staged.path(MANIFEST), &manifest)?;
        Ok(())
    }

    fn manifest(&self, outcome: &Outcome, settings: &SaveSettings<'_>) -> Manifest {
        let names = outcome.votes.names();
        let lfs = names
            .lfs
            .iter()
            .zip(self.lfs.hashes())
            .map(|(name, hash)| LfDigest { name: name.clone(), sha256: hash.to_owned() });
        Manifest {
            format: MANIFEST_FORMAT.to_owned(),
            jurat: env!("CARGO_PKG_VERSION").to_owned(),
            started: settings.started.clone(),
            finished: settings.finished.clone(),
            spec: self.spec.clone(),
            lfs: lfs.collect(),
            lookups: self.lfs.lookups().to_vec(),
            inputs: outcome.applied.inputs.clone(),
            rows: outcome.votes.n_rows(),
            labels: names.classes.clone(),
            model: outcome.model.model().to_owned(),
            class_balance: self.known.class_balance.clone(),
            ties: match self.decision.ties {
                Ties::Abstain => "abstain".to_owned(),
                Ties::First => "first".to_owned(),
            },
            uncovered: self.decision.uncovered.map(|class| names.class(class).to_owned()),
            settings: settings.model_settings.clone(),
            seed: outcome.report.model.replicates.map(|_| Resampling::default().seed),
        }
    }
}

/// What a job gives.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// Votes, identifiers, known labels and notes.
    pub applied: Applied,
    /// The distinct vote rows.
    pub votes: Patterns,
    /// The fitted label model.
    pub model: FittedModel,
    /// The probabilistic labels.
    pub labels: ProbLabels,
    /// What there is to say.
    pub report: Report,
}

/// How a run directory is written.
pub struct SaveSettings<'a> {
    /// The format of labels and votes.
    pub format: &'static Format,
    /// The name of the first column.
    pub id: &'a str,
    /// Whether the labels carry the votes as columns `lf:<name>`.
    pub with_votes: bool,
    /// When the job started, for the record.
    pub started: Option<String>,
    /// When it ended, for the record.
    pub finished: Option<String>,
    /// The settings of the label model that were given, for the record.
    pub model_settings: serde_json::Map<String, serde_json::Value>,
}

/// How a run was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Manifest {
    format: String,
    jurat: String,
    started: Option<String>,
    finished: Option<String>,
    spec: SpecDigest,
    lfs: Vec<LfDigest>,
    lookups: Vec<Digest>,
    inputs: Vec<Digest>,
    rows: u64,
    labels: Vec<String>,
    model: String,
    settings: serde_json::Map<String, serde_json::Value>,
    class_balance: Option<Vec<f64>>,
    ties: String,
    uncovered: Option<String>,
    /// Where the random numbers of the intervals begin, if there are any; nothing else draws some.
    seed: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LfDigest {
    name: String,
    sha256: String,
}

/// Writes a text file that appears only when it is complete.
///
/// # Errors
/// [`OutputError`]; the final name is untouched then.
pub fn write_text(path: &Path, text: &str) -> Result<(), OutputError> {
    write_file(path, |out| {
        out.write_all(text.as_bytes())
            .map_err(|source| OutputError::Io { path: path.display().to_string(), source })
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn supervision(spec: &Spec, problems: &mut Vec<Problem>) -> Supervision {
    let Some(Located { value: given, place }) = &spec.model.class_balance else {
        return Supervision::default();
    };
    let labels: Vec<&str> = spec.labels.iter().map(|label| label.as_str()).collect();
    if labels.is_empty() {
        // Something is wrong with all of them, which has been said.
        return Supervision::default();
    }
    let before = problems.len();
    for (label, _) in given.iter().filter(|(label, _)| !labels.contains(&label.as_str())) {
        let message = format!("`{label}` is not one of the labels");
        problems.push(
            Problem::new("unknown-label", label.place, message)
                .choices(label, labels.iter().copied()),
        );
    }
    for (label, share) in given.iter().filter(|(_, share)| *share <= 0.0) {
        let message = format!("the share of `{label}` must be above 0, it is {share}");
        problems.push(Problem::new("value", label.place, message));
    }
    let share_of = |label: &&str| given.iter().find(|(name, _)| name.value == **label);
    let missing: Vec<&str> =
        labels.iter().copied().filter(|label| share_of(label).is_none()).collect();
    let shares: Vec<f64> = labels.iter().filter_map(share_of).map(|(_, share)| *share).collect();
    let sum: f64 = shares.iter().sum();
    // What follows from a wrong label or share is not said as well.
    if problems.len() == before {
        if !missing.is_empty() {
            let message = format!("`class_balance` has no share for {}", missing.join(", "));
            problems.push(Problem::new("value", *place, message));
        } else if (sum - 1.0).abs() >= 1e-3 {
            let sum = (sum * 1e4).round() / 1e4;
            let message = format!("the shares must sum to 1, they sum to {sum}");
            problems.push(Problem::new("value", *place, message));
        }
    }
    Supervision::default().with_class_balance(shares)
}

fn decision(spec: &Spec, problems: &mut Vec<Problem>) -> Decision {
    let mut decision = Decision::default();
    match spec.output.ties.as_ref().map(|ties| (ties, ties.as_str())) {
        None | Some((_, "abstain")) => {}
        Some((_, "first")) => decision.ties = Ties::First,
        Some((ties, name)) => {
            let message = format!("`{name}` is no way to treat ties");
            problems.push(
                Problem::new("value", ties.place, message).choices(name, ["abstain", "first"]),
            );
        }
    }
    if let Some(label) = spec.output.uncovered.as_ref().filter(|label| label.as_str() != "abstain")
    {
        let index = spec.labels.iter().position(|known| known == label);
        decision.uncovered = index.and_then(ClassId::new);
        // Without labels something is wrong with all of them, which has been said.
        if index.is_none() && !spec.labels.is_empty() {
            let allowed = std::iter::once("abstain").chain(spec.labels.iter().map(|l| l.as_str()));
            let message = format!("`{label}` is not one of the labels");
            problems
                .push(Problem::new("unknown-label", label.place, message).choices(label, allowed));
        }
    }
    decision
}

/// The label model when a spec names none.
pub const DEFAULT_MODEL: &str = "auto";

fn model(spec: &Spec, problems: &mut Vec<Problem>) -> Option<Box<dyn LabelModel>> {
    let name = spec.model.name.as_ref().map_or(DEFAULT_MODEL, |name| name.as_str());
    let mut settings: Vec<_> = spec
        .model
        .settings
        .iter()
        .map(|(name, value)| (name.value.clone(), value.clone()))
        .collect();
    let mut clean = true;
    // A setting that is wrong is left out, to find the next one.
    loop {
        let error = match by_name(name, &settings) {
            Ok(model) => return clean.then_some(model),
            Err(error) => error,
        };
        clean = false;
        let message = error.to_string();
        let place_of = |setting: &str| {
            let mut keys = spec.model.settings.iter().map(|(key, _)| key);
            keys.find(|key| key.value == setting).map(|key| key.place).unwrap_or_default()
        };
        let setting = match error {
            SettingError::UnknownModel { name, allowed } => {
                let place = spec.model.name.as_ref().map(|name| name.place).unwrap_or_default();
                let problem = Problem::new(
                    "unknown-model",
                    place,
                    format!("no label model is named `{name}`"),
                );
                problems.push(problem.choices(&name, allowed));
                return None;
            }
            SettingError::UnknownSetting { model, name, allowed } => {
                let allowed = ["use", "class_balance"].into_iter().chain(allowed);
                let message = format!("the model `{model}` has no setting `{name}`");
                let problem = Problem::new("unknown-key", place_of(&name), message);
                problems.push(problem.choices(&name, allowed));
                name
            }
            SettingError::BadValue { name, .. } => {
                problems.push(Problem::new("value", place_of(name), message));
                name.to_owned()
            }
        };
        let before = settings.len();
        settings.retain(|(name, _)| *name != setting);
        if settings.len() == before {
            return None;
        }
    }
}
