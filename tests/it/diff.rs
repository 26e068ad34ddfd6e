//! Every label that changes between two runs has the cause that it has by definition: the truth is
//! computed here once more, row by row, from votes that are cast here as well.

use jurat::diff::{Cause, Diff, LfChange, MatchedBy};
use jurat::input::{Field, Files};
use jurat::job::{DataRecord, Run, SaveSettings};
use jurat::lf::Unwatched;
use jurat::model::{Decision, Effort, FittedModel, Ties};
use jurat::output::{Staged, format_named};
use jurat::votes::Scratch;
use jurat::{ClassId, Error, Job, LabelMatrix, LfSet, Patterns};
use proptest::prelude::*;
use proptest::sample::subsequence;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const WORDS: [&str; 10] = [
    "subscribe",
    "giveaway",
    "winner",
    "thanks",
    "cheers",
    "friend",
    "http://x",
    "paris",
    "rome",
    "oslo",
];

/// What the labeling functions of a run know.
#[derive(Debug, Clone, PartialEq)]
struct Rules {
    promo: Vec<&'static str>,
    thanks: Vec<&'static str>,
    /// Named by a condition that the labeling function `warm` uses.
    warm: Vec<&'static str>,
    link: bool,
    cities: Vec<&'static str>,
    renamed: bool,
    balance: Option<f64>,
    model: &'static str,
}

impl Rules {
    fn spec(&self) -> String {
        let list = |words: &[&str]| words.join(", ");
        let balance = self.balance.map_or_else(String::new, |spam| {
            format!(", class_balance: {{spam: {spam}, ham: {}}}", 1.0 - spam)
        });
        format!(
            "spec: 1
labels: [spam, ham]
input: {{text: text, id: id}}
lookups: {{cities: {{file: cities.csv, key: city}}}}
utils: {{warmth: {{keyword: [{}]}}}}
lfs:
  - {{name: promo, label: spam, when: {{keyword: [{}]}}}}
  - {{name: thanks, label: ham, when: {{keyword: [{}]}}}}
  - {{name: warm, label: ham, when: {{any: [{{matches: warmth}}, {{keyword: [friend]}}]}}}}
  - {{name: link, label: spam, when: {{regex: '{}'}}}}
  - {{name: {}, label: spam, when: {{lookup: {{table: cities, match: occurs}}}}}}
model: {{use: {}{balance}}}
",
            list(&self.warm),
            list(&self.promo),
            list(&self.thanks),
            if self.link { "http://" } else { "https?:/+" },
            if self.renamed { "towns" } else { "cities" },
            self.model,
        )
    }

    /// The votes on a text, one a labeling function.
    fn votes(&self, text: &str) -> Vec<Option<usize>> {
        let has = |words: &[&str]| text.split(' ').any(|word| words.contains(&word));
        let warm = has(&self.warm) || has(&["friend"]);
        vec![
            has(&self.promo).then_some(0),
            has(&self.thanks).then_some(1),
            warm.then_some(1),
            text.contains("http://").then_some(0),
            has(&self.cities).then_some(0),
        ]
    }
}

type Rows = Vec<(String, String)>;

/// Texts of the two files, before and after, and what was edited.
#[derive(Debug, Clone)]
struct Case {
    files: [Rows; 2],
    changed: [Rows; 2],
    before: Rules,
    after: Rules,
    turned: bool,
}

fn text() -> impl Strategy<Value = String> {
    subsequence(&WORDS[..], 0..4).prop_map(|words| words.join(" "))
}

impl Rules {
    fn first(model: &'static str) -> Self {
        Self {
            promo: vec!["subscribe", "giveaway"],
            thanks: vec!["thanks"],
            warm: vec!["cheers"],
            link: true,
            cities: vec!["paris", "rome"],
            renamed: false,
            balance: None,
            model,
        }
    }
}

fn case() -> impl Strategy<Value = Case> {
    let data = (
        prop::collection::vec(text(), 8..60),
        prop::collection::vec(text(), 1..40),
        prop::collection::vec((any::<prop::sample::Index>(), text()), 0..6),
        prop::collection::vec(text(), 0..4),
        prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    );
    let model =
        prop_oneof![Just("anchored"), Just("dawid-skene"), Just("majority"), Just("weighted")];
    let edits = (prop::array::uniform8(prop::bool::weighted(0.35)), model);
    (data, edits).prop_map(|((first, second, new, more, gone), (edit, model))| {
        let ids = |start: usize, texts: Vec<String>| -> Rows {
            let rows = texts.into_iter().enumerate();
            rows.map(|(i, text)| (format!("r{}", start + i), text)).collect()
        };
        let n = first.len() + second.len();
        let files = [ids(0, first), ids(1000, second)];
        let mut changed = files.clone();
        if edit[0] {
            for (at, text) in new {
                let at = at.index(changed[0].len());
                changed[0][at].1 = text;
            }
        }
        if edit[1] {
            changed[1].extend(ids(2000 + n, more));
            for at in gone {
                let at = at.index(changed[0].len());
                changed[0].remove(at);
            }
        }
        let before = Rules::first(model);
        let mut after = before.clone();
        if edit[2] {
            after.promo = vec!["giveaway", "winner"];
        }
        if edit[3] {
            after.thanks.push("cheers");
        }
        if edit[4] {
            after.warm = vec!["oslo", "winner"];
        }
        if edit[5] {
            after.cities = vec!["rome", "oslo"];
        }
        after.renamed = edit[6];
        after.link = !edit[7];
        after.balance = (edit[7] && model == "anchored").then_some(0.2);
        Case { files, changed, before, after, turned: edit[6] }
    })
}

/// A run of rules on two files, saved; none where the model cannot be fitted.
fn run(folder: &Path, rules: &Rules, files: &[Rows; 2]) -> Option<Run> {
    run_with(folder, rules, files, |lfs| lfs)
}

/// The same with more labeling functions.
fn run_with(
    folder: &Path,
    rules: &Rules,
    files: &[Rows; 2],
    more: impl Fn(LfSet) -> LfSet,
) -> Option<Run> {
    std::fs::create_dir_all(folder).expect("made");
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        path.to_string_lossy().into_owned()
    };
    write("cities.csv", format!("city\n{}\n", rules.cities.join("\n")));
    let spec = write("spec.yaml", rules.spec());
    let paths = files.iter().enumerate().map(|(i, rows)| {
        let lines: String = rows.iter().map(|(id, text)| format!("{id},{text}\n")).collect();
        write(&format!("rows{i}.csv"), format!("id,text\n{lines}"))
    });
    let files = Files::new(paths.collect::<Vec<_>>()).expect("there");
    let (_, mut job) = Job::load(&spec).expect("a spec");
    job.effort = Effort::Off;
    job.lfs = more(job.lfs);
    let mut source = files.open(&job.lfs.fields()).expect("it has the columns");
    let outcome = job.run_with(source.as_mut(), &Unwatched, &Scratch::memory(), None);
    let mut outcome = match outcome {
        Ok(outcome) => outcome,
        Err(Error::Fit(_)) => return None,
        Err(error) => panic!("{error}"),
    };
    let settings = SaveSettings {
        changes: None,
        format: format_named("csv").expect("a format"),
        id: "id",
        with_votes: false,
        with_why: false,
        weights: None,
        sheet: false,
        data: DataRecord::default(),
        started: None,
        finished: None,
        model_settings: serde_json::Map::new(),
    };
    let staged = Staged::new(&folder.join("run"), false).expect("staged");
    job.save(&mut outcome, staged, &settings).expect("saved");
    Some(Run::open(folder.join("run")).expect("a run"))
}

/// The label of each row as the file says.
fn labels(run: &Run) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(run.folder().join("labels.csv")).expect("labels");
    let rows = text.lines().skip(1).map(|line| {
        let mut cells = line.split(',').map(str::to_owned);
        (cells.next().expect("an id"), cells.next().expect("a label"))
    });
    rows.collect()
}

/// What a model makes of votes.
fn label(model: &FittedModel, votes: &[Option<usize>]) -> Option<ClassId> {
    let matrix = LabelMatrix::from_dense(model.names().clone(), &[votes.to_vec()]);
    let matrix = matrix.expect("a row");
    let labels = model.label(&Patterns::count(&matrix));
    labels.decide(&Decision::most_probable(Ties::Abstain))[0]
}

/// The cause by definition.
fn truth(case: &Case, model: &FittedModel, was: &str, is: &str) -> Cause {
    let (old, new) = (case.before.votes(was), case.after.votes(is));
    if old == new {
        return Cause::Refit;
    }
    if was != is {
        return Cause::Data;
    }
    let after = ["promo", "thanks", "warm", "link", "cities"];
    let cause = |lf: usize| match lf {
        4 => Cause::Table("cities".to_owned()),
        _ => Cause::Lf(after[lf].to_owned()),
    };
    let touching: Vec<usize> = (0..5).filter(|&lf| old[lf] != new[lf]).collect();
    if let [one] = touching[..] {
        return cause(one);
    }
    // Each of these labeling functions is a cause of its own.
    let label_was = label(model, &old);
    let enough: Vec<usize> = touching
        .iter()
        .copied()
        .filter(|&lf| {
            let mut votes = old.clone();
            votes[lf] = new[lf];
            label(model, &votes) != label_was
        })
        .collect();
    let several = |lfs: &[usize]| {
        let mut causes: Vec<Cause> = lfs.iter().map(|&lf| cause(lf)).collect();
        causes.sort();
        Cause::Several(causes)
    };
    match enough[..] {
        [one] => cause(one),
        [] if label(model, &new) == label_was => Cause::Refit,
        [] => several(&touching),
        _ => several(&enough),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn every_changed_label_has_its_cause(mut case in case()) {
        let above = tempfile::tempdir().expect("a folder");
        if case.turned {
            case.changed[0].reverse();
        }
        let before = run(&above.path().join("a"), &case.before, &case.files);
        let after = run(&above.path().join("b"), &case.after, &case.changed);
        let Some((before, after)) = before.zip(after) else { return Ok(()) };
        let diff = Diff::new(&before, &after).expect("two runs");
        let model = before.model().expect("a model");
        let rows = |files: &[Rows; 2]| -> BTreeMap<String, String> {
            files.iter().flatten().cloned().collect()
        };
        let (texts, new_texts) = (rows(&case.files), rows(&case.changed));
        let (old, new) = (labels(&before), labels(&after));

        let mut wanted: BTreeMap<(String, String, Cause), u64> = BTreeMap::new();
        let mut by_cause: BTreeMap<Cause, BTreeSet<String>> = BTreeMap::new();
        let mut cells = 0;
        for (id, was) in &texts {
            let Some(is) = new_texts.get(id) else { continue };
            cells += u64::from(was != is);
            if old[id] != new[id] {
                let cause = truth(&case, &model, was, is);
                by_cause.entry(cause.clone()).or_default().insert(id.clone());
                *wanted.entry((old[id].clone(), new[id].clone(), cause)).or_default() += 1;
            }
        }
        let found = diff.changes.iter().map(|change| {
            let name = |label: &Option<String>| label.clone().unwrap_or_default();
            ((name(&change.from), name(&change.to), change.cause.clone()), change.rows)
        });
        prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), wanted.clone());
        prop_assert_eq!(diff.changed.count, wanted.values().sum::<u64>());
        for report in &diff.causes {
            let rows = &by_cause[&report.cause];
            prop_assert_eq!(report.rows.count, rows.len() as u64);
            prop_assert_eq!(report.examples.len(), rows.len().min(3));
            for example in &report.examples {
                let id = example.id.as_ref().expect("an id");
                prop_assert!(rows.contains(id), "{id} is no {}", report.cause);
                prop_assert_eq!(example.before.clone().unwrap_or_default(), old[id].clone());
                prop_assert_eq!(example.after.clone().unwrap_or_default(), new[id].clone());
            }
        }
        // Rows, and votes on them.
        let common = texts.keys().filter(|id| new_texts.contains_key(*id));
        let common: Vec<&String> = common.collect();
        prop_assert_eq!(diff.rows.matched_by, MatchedBy::Id);
        prop_assert_eq!(diff.rows.common, common.len() as u64);
        prop_assert_eq!(diff.rows.only_before, (texts.len() - common.len()) as u64);
        prop_assert_eq!(diff.rows.only_after, (new_texts.len() - common.len()) as u64);
        prop_assert_eq!(diff.rows.changed_cells, Some(cells));
        for (at, lf) in diff.lfs.iter().enumerate() {
            let count = |of: fn(Option<usize>, Option<usize>) -> bool| -> u64 {
                let votes = common.iter().map(|id| {
                    (case.before.votes(&texts[*id])[at], case.after.votes(&new_texts[*id])[at])
                });
                votes.filter(|&(was, is)| of(was, is)).count() as u64
            };
            prop_assert_eq!(lf.gained, count(|was, is| was.is_none() && is.is_some()));
            prop_assert_eq!(lf.lost, count(|was, is| was.is_some() && is.is_none()));
        }
        let change = |at: usize| diff.lfs[at].change;
        let edited = |edited: bool| if edited { LfChange::Edited } else { LfChange::Same };
        prop_assert_eq!(change(0), edited(case.before.promo != case.after.promo));
        prop_assert_eq!(change(1), edited(case.before.thanks != case.after.thanks));
        prop_assert_eq!(change(2), edited(case.before.warm != case.after.warm));
        prop_assert_eq!(change(3), edited(case.before.link != case.after.link));
        let table = case.before.cities != case.after.cities;
        prop_assert_eq!(change(4), if table { LfChange::Table } else { LfChange::Same });
        prop_assert_eq!(diff.lfs[4].renamed_from.is_some(), case.after.renamed);
        prop_assert_eq!(diff.lfs.len(), 5);
        prop_assert_eq!(serde_json::from_str::<Diff>(&diff.to_json().expect("JSON")).expect("a diff"), diff);
    }
}

/// Of closures only the version is known, if they have one.
#[test]
fn what_closures_change_is_code_unless_they_have_versions() {
    let above = tempfile::tempdir().expect("a folder");
    let texts = ["subscribe", "thanks", "rome", "oslo", "oslo", "winner", "thanks winner"];
    let rows: Rows =
        texts.iter().enumerate().map(|(i, text)| (format!("r{i}"), (*text).to_owned())).collect();
    let files = [rows, vec![("r99".to_owned(), "cheers".to_owned())]];
    let rules = Rules::first("majority");
    let closure = |name: &str, word: &'static str, version: Option<&str>| {
        let run = |lfs: LfSet| {
            let lfs = lfs.with("closure", &[Field::text("text")], move |row| {
                row.text("text")?.contains(word).then_some("ham")
            });
            let lfs = lfs.expect("a new name");
            match version {
                Some(version) => lfs.versioned(version),
                None => lfs,
            }
        };
        run_with(&above.path().join(name), &rules, &files, run).expect("it is fitted")
    };
    let causes = |before: &Run, after: &Run| -> Vec<(Cause, u64)> {
        let diff = Diff::new(before, after).expect("two runs");
        diff.causes.into_iter().map(|cause| (cause.cause, cause.rows.count)).collect()
    };
    let (old, new) = (closure("a", "oslo", None), closure("b", "winner", None));
    assert_eq!(causes(&old, &new), [(Cause::Code, 3)]);
    let (old, new) = (closure("c", "oslo", Some("1")), closure("d", "winner", Some("2")));
    assert_eq!(causes(&old, &new), [(Cause::Lf("closure".to_owned()), 3)]);
    assert_eq!(causes(&old, &old), []);
}
