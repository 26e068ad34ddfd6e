//! `jurat sample` with parts: data for training, development, validation and test.

use super::FINDINGS;
use super::console::Console;
use super::rows::{Sink, Target, data};
use super::sample::Arguments;
use crate::lf::Unwatched;
use crate::output::{Added, AddedKind};
use crate::sample::{Alike, Amount, DuplicateReport, Part, SplitPlan, SplitReport};
use anyhow::bail;
use clap::{Args, ValueEnum};

/// How data are split.
#[derive(Debug, Args)]
#[command(next_help_heading = "Splits")]
pub(super) struct SplitOptions {
    /// Rows for development, to look at while labeling functions are written: `500` or `5%`.
    #[arg(long, value_name = "AMOUNT")]
    dev: Option<Amount>,
    /// Rows for validation, to choose settings by.
    #[arg(long, value_name = "AMOUNT")]
    valid: Option<Amount>,
    /// Rows for test, to report numbers on. What is left is for training.
    #[arg(long, value_name = "AMOUNT")]
    test: Option<Amount>,
    /// Keep rows with the same value of this column in one part: a patient, a customer, a thread. A row without a value
    /// is a group of its own.
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// Keep the latest rows by this column for test, those before for validation, then development, the earliest for
    /// training. Rows of one time stay together, in the later part, and so does a group with all of its rows.
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// Count texts of this column that are in more than one part.
    #[arg(long, value_name = "COLUMN")]
    text: Option<String>,
    /// Keep alike texts in one part: `exact` for equal ones, but for case and blanks, `near` for those with the same
    /// letters, whatever digits and punctuation they have.
    #[arg(long, value_enum, value_name = "HOW", requires = "text")]
    keep_together: Option<HowAlike>,
    /// Exit with 1 if texts are in more than one part; `=near` if texts with the same letters are.
    #[arg(long, value_enum, value_name = "HOW", requires = "text", num_args = 0..=1, require_equals = true, default_missing_value = "exact")]
    fail_on_duplicates: Option<HowAlike>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HowAlike {
    Exact,
    Near,
}

impl SplitOptions {
    pub(super) fn is_wanted(&self) -> bool {
        self.dev.is_some() || self.valid.is_some() || self.test.is_some()
    }

    /// Options of splits say nothing without a part.
    pub(super) fn refuse(&self) -> anyhow::Result<()> {
        let given = [
            ("--group", self.group.is_some()),
            ("--time", self.time.is_some()),
            ("--text", self.text.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => {
                bail!("{option} is for splits; say how much is for which part, such as --test 20%")
            }
            None => Ok(()),
        }
    }

    fn plan(&self, seed: u64) -> SplitPlan {
        SplitPlan {
            dev: self.dev,
            valid: self.valid,
            test: self.test,
            group: self.group.clone(),
            time: self.time.clone(),
            text: self.text.clone(),
            together: self.keep_together.map(|how| match how {
                HowAlike::Exact => Alike::Exact,
                HowAlike::Near => Alike::Near,
            }),
            seed,
        }
    }

    fn parts(&self) -> Vec<Part> {
        let wanted = |part: &Part| match part {
            Part::Train => true,
            Part::Dev => self.dev.is_some(),
            Part::Valid => self.valid.is_some(),
            Part::Test => self.test.is_some(),
        };
        Part::ALL.into_iter().filter(wanted).collect()
    }
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let options = &arguments.split;
    let plan = options.plan(arguments.seed);
    plan.check()?;
    let parts = options.parts();
    let names: Vec<&str> = parts.iter().map(|part| part.name()).collect();
    let target = Target::new(arguments.output.as_deref(), console.shows_results());
    let (files, rest) = data(arguments, &target.files(&names), plan.reads_twice())?;
    let fields = plan.fields();
    let added = |many: bool| -> Vec<(String, AddedKind)> {
        let name = |name: &str| format!("{}{name}", arguments.prefix);
        let part = (!many).then(|| (name("split"), AddedKind::Text));
        [(name("row"), AddedKind::Whole)].into_iter().chain(part).collect()
    };
    let many = target.is_many();
    let added = added(many);
    let mut source = files.open(&fields)?;
    target.check(&source.columns(), &added)?;
    let splitter = if plan.reads_twice() {
        let before = console.progress();
        let splitter = plan.survey(Some(source.as_mut()), &before)?;
        before.ended(console, "looked at");
        source = files.open(&fields)?;
        splitter
    } else {
        plan.survey(None, &Unwatched)?
    };
    let progress = console.progress();
    let columns = source.columns();
    // One place for all parts, or one a part in the order of `Part::ALL`; opened with the first row.
    let mut sinks: [Option<Sink>; 4] = Default::default();
    let place = |part: Part| if many { part as usize } else { 0 };
    let open = |part: Part, first: Option<&str>| {
        let target = if many { target.of(part.name()) } else { target.of("") };
        target.open(columns.clone(), &added, first)
    };
    let cells = |row: u64, part: Part| {
        let part = (!many).then(|| Added::Text(part.name()));
        [Added::Whole(row)].into_iter().chain(part).collect::<Vec<_>>()
    };
    // The parts of rows that are looked up afterwards.
    let mut waiting: Vec<Part> = Vec::new();
    let report = splitter.split(source.as_mut(), &progress, &mut |row| -> anyhow::Result<()> {
        let Some(whole) = row.whole else {
            waiting.push(row.part);
            return Ok(());
        };
        let sink = match &mut sinks[place(row.part)] {
            Some(sink) => sink,
            none => none.insert(open(row.part, Some(whole))?),
        };
        sink.write(whole, &cells(row.row, row.part))
    })?;
    drop(source);
    progress.ended(console, "read");
    for part in if many { parts.as_slice() } else { &parts[..1] } {
        let sink = match &mut sinks[place(*part)] {
            Some(sink) => sink,
            none => none.insert(open(*part, None)?),
        };
        let mine = |of: &Part| !many || of == part;
        let rows = || (0_u64..).zip(&waiting).filter(|(_, of)| mine(of));
        let mut next = rows();
        if rows().next().is_some() {
            sink.look_up(&files, rows().map(|(row, _)| row), &mut |n| {
                let of: Vec<(u64, &Part)> = next.by_ref().take(n).collect();
                let numbers = of.iter().map(|(row, _)| Added::Whole(*row)).collect();
                let names = of.iter().map(|(_, part)| Added::Text(part.name())).collect();
                if many { vec![numbers] } else { vec![numbers, names] }
            })?;
        }
    }
    Sink::finish_all(sinks.into_iter().flatten(), console)?;
    drop(rest);
    tell(&report, &parts, &target, options, console);
    let found = |how: HowAlike| {
        report
            .duplicates
            .as_ref()
            .is_some_and(|found| found.exact.0 > 0 || (how == HowAlike::Near && found.near.0 > 0))
    };
    Ok(if options.fail_on_duplicates.is_some_and(found) { FINDINGS } else { 0 })
}

fn tell(
    report: &SplitReport,
    parts: &[Part],
    target: &Target,
    options: &SplitOptions,
    console: &Console,
) {
    let shares: Vec<String> = parts
        .iter()
        .map(|part| {
            let rows = report.parts[*part as usize];
            let share = 100.0 * rows as f64 / report.rows.max(1) as f64;
            format!("{part} {rows} ({share:.1} %)")
        })
        .collect();
    console.say(&format!("split {} rows: {}{}", report.rows, shares.join(", "), target.named()));
    for part in parts.iter().filter(|part| report.parts[**part as usize] == 0) {
        console.say(&format!(
            "{part} has no rows: the rows are few, or their groups are large; ask for more, or try another --seed"
        ));
    }
    if report.ungrouped > 0 {
        console.say(&format!("{} rows have no group; each is one of its own", report.ungrouped));
    }
    if report.later > 0 {
        console.say(&format!(
            "{} rows are in a later part than their time says, with later rows of their group",
            report.later
        ));
    }
    if let Some(duplicates) = &report.duplicates {
        tell_duplicates(duplicates, options, console);
    }
}

fn tell_duplicates(found: &DuplicateReport, options: &SplitOptions, console: &Console) {
    if !found.found() {
        console.say("no text is in more than one part");
        return;
    }
    let ((exact, of_exact), (near, of_near)) = (found.exact, found.near);
    console.say(&format!(
        "in more than one part: {exact} texts ({of_exact} rows), and by their letters alone {near} ({of_near} rows)"
    ));
    for pair in &found.pairs {
        let ((first, one), (second, other)) = (pair.first, pair.second);
        let how = if pair.alike == Alike::Exact { "equal" } else { "the same letters" };
        console.say(&format!("  row {first} ({one}) and row {second} ({other}): {how}"));
    }
    let advice = match options.keep_together {
        None if exact > 0 => "say --keep-together exact to keep equal texts in one part, or near",
        None | Some(HowAlike::Exact) => {
            "say --keep-together near to keep texts with the same letters in one part"
        }
        Some(HowAlike::Near) => return,
    };
    console.say(advice);
}
