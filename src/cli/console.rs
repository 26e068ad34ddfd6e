//! What a terminal can show, and progress.

use super::interrupt;
use crate::diff::{self, Diff};
use crate::lf::{SpecErrors, Watch};
use crate::model::Effort;
use crate::report::{
    Denominator, Privacy, Report, Style, html, markdown, terminal, terminal_gates,
};
use crate::visible::{json, lines};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write, stderr, stdout};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where results and messages go.
pub(super) struct Console {
    quiet: bool,
    color: bool,
}

/// How a report is written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// For a terminal.
    Table,
    /// The whole report as JSON.
    Json,
    /// Markdown.
    Markdown,
    /// One HTML page.
    Html,
}

/// What overlap and conflict are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Over {
    /// The rows that the LF votes on.
    Votes,
    /// All rows.
    Rows,
}

/// How to show a report.
#[derive(Debug, clap::Args)]
pub(super) struct ReportOptions {
    /// How to write the report to standard output.
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    pub(super) report: ReportFormat,
    /// What overlap and conflict are divided by in the table.
    #[arg(long, value_enum, default_value = "votes", value_name = "WHAT")]
    pub(super) denominator: Over,
}

/// How much of the rows may be shown.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct PrivacyOptions {
    /// Mask letters and digits of the rows that are shown, but for words of the spec, and leave out
    /// identifiers.
    #[arg(long)]
    redact: bool,
    /// Show no rows.
    #[arg(long)]
    no_examples: bool,
}

impl PrivacyOptions {
    pub(super) fn privacy(&self) -> Privacy {
        match (self.no_examples, self.redact) {
            (true, _) => Privacy::NoExamples,
            (false, true) => Privacy::Redacted,
            (false, false) => Privacy::Full,
        }
    }
}

/// How much to spend on knowing how sure the labels are.
#[derive(Debug, clap::Args)]
pub(super) struct UncertaintyOptions {
    /// Intervals and what each LF contributes, from refitting: auto where it is cheap, off,
    /// leave-one-out, or full.
    #[arg(long, value_enum, default_value = "auto", value_name = "EFFORT")]
    uncertainty: Spend,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Spend {
    /// As much as fits a budget by the size of the votes.
    Auto,
    /// Nothing.
    Off,
    /// What each LF contributes, whatever it takes, and no intervals.
    LeaveOneOut,
    /// Everything, whatever it takes.
    Full,
}

impl UncertaintyOptions {
    pub(super) fn effort(&self) -> Effort {
        match self.uncertainty {
            Spend::Auto => Effort::Auto,
            Spend::Off => Effort::Off,
            Spend::LeaveOneOut => Effort::Contributions,
            Spend::Full => Effort::Full,
        }
    }
}

/// Whoever read standard output has gone.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
pub(super) struct Closed;

impl Console {
    pub(super) fn new(quiet: bool) -> Self {
        let color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self { quiet, color }
    }

    pub(super) fn colors_errors(&self) -> bool {
        self.color && stderr().is_terminal()
    }

    pub(super) fn colors_results(&self) -> bool {
        self.color && stdout().is_terminal()
    }

    /// Whether somebody looks at standard output.
    pub(super) fn shows_results(&self) -> bool {
        stdout().is_terminal()
    }

    /// A JSON document, to standard output.
    pub(super) fn json(&self, document: &str) -> anyhow::Result<()> {
        self.result(&json(document))
    }

    /// A file, to standard output: as it is, unless somebody looks at it.
    pub(super) fn file(&self, text: &str) -> anyhow::Result<()> {
        if stdout().is_terminal() { self.result(&lines(text)) } else { self.result(text) }
    }

    /// A result, to standard output. Text of other people in it is made visible by who drew it.
    pub(super) fn result(&self, text: &str) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Closed.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// A message on the way, to standard error.
    pub(super) fn say(&self, text: &str) {
        if !self.quiet {
            self.write(&lines(text));
        }
    }

    /// An error, to standard error.
    pub(super) fn error(&self, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = lines(text);
        if self.colors_errors() {
            self.write(&format!("\u{1b}[1;91merror\u{1b}[0m: {text}"));
        } else {
            self.write(&format!("error: {text}"));
        }
    }

    /// The errors of a spec, which bring their own headings and colors, and show what is hidden in them.
    pub(super) fn spec_errors(&self, errors: &SpecErrors) {
        self.drawn(&errors.render(self.colors_errors()));
    }

    /// Problems that were drawn, which show what is hidden in them.
    pub(super) fn drawn(&self, text: &str) {
        if !text.is_empty() {
            self.write(text);
        }
    }

    fn write(&self, text: &str) {
        // There is nowhere to report that standard error is closed.
        let _ = writeln!(stderr().lock(), "{text}");
    }

    /// A report, to standard output.
    pub(super) fn report(&self, report: &Report, options: &ReportOptions) -> anyhow::Result<()> {
        let text = match options.report {
            ReportFormat::Json => return self.json(&report.to_json()?),
            ReportFormat::Markdown => markdown(report),
            ReportFormat::Html => html(report),
            ReportFormat::Table => {
                let denominator = match options.denominator {
                    Over::Votes => Denominator::Votes,
                    Over::Rows => Denominator::Rows,
                };
                terminal(report, self.style(denominator))
            }
        };
        self.result(&text)
    }

    /// A comparison, as a table.
    pub(super) fn diff(&self, diff: &Diff) -> String {
        diff::terminal(diff, self.style(Denominator::default()))
    }

    /// What became of the gates, to standard output.
    pub(super) fn gates(&self, report: &Report) -> anyhow::Result<()> {
        self.result(&terminal_gates(report, self.style(Denominator::Votes)))
    }

    /// What standard output can show.
    fn style(&self, denominator: Denominator) -> Style {
        let tty = stdout().is_terminal();
        let width = if tty { console_width() } else { 120 };
        Style { width, color: self.color && tty, denominator }
    }

    /// Shows how many rows have been voted on.
    pub(super) fn progress(&self) -> Progress {
        let shown = if self.quiet {
            Shown::Nothing
        } else if stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let template = "{spinner} {human_pos} rows  {msg}  {elapsed}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            Shown::Bar(bar)
        } else {
            Shown::Lines(Mutex::new(Instant::now()))
        };
        Progress { rows: AtomicU64::new(0), started: Instant::now(), shown }
    }
}

/// A time for the record. A clock that was never set, or set wrong, is no reason to stop.
pub(super) fn timestamp(time: SystemTime) -> String {
    let last = UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    humantime::format_rfc3339_seconds(time.clamp(UNIX_EPOCH, last)).to_string()
}

fn console_width() -> u16 {
    terminal_size::terminal_size().map_or(100, |(width, _)| width.0).clamp(60, 160)
}

/// A progress bar on a terminal, a line every ten seconds elsewhere.
pub(super) struct Progress {
    rows: AtomicU64,
    started: Instant,
    shown: Shown,
}

enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines(Mutex<Instant>),
}

impl Progress {
    fn rate(&self) -> f64 {
        let seconds = self.started.elapsed().as_secs_f64();
        self.rows.load(Ordering::Relaxed) as f64 / seconds.max(1e-9)
    }

    /// Takes the bar away and says how fast it went.
    pub(super) fn finish(self, console: &Console) {
        self.ended(console, "voted on");
    }

    /// The same for what else was done with rows.
    pub(super) fn ended(self, console: &Console, did: &str) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
        let (rows, rate) = (self.rows.load(Ordering::Relaxed), self.rate());
        let seconds = self.started.elapsed().as_secs_f64();
        console.say(&format!("{did} {rows} rows in {seconds:.1} s ({rate:.0} rows/s)"));
    }
}

impl Watch for Progress {
    fn voted(&self, rows: usize) {
        let total = self.rows.fetch_add(rows as u64, Ordering::Relaxed) + rows as u64;
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                bar.set_position(total);
                bar.set_message(format!("{:.0} rows/s", self.rate()));
            }
            Shown::Lines(last) => {
                if let Ok(mut last) = last.try_lock()
                    && last.elapsed() >= Duration::from_secs(10)
                {
                    *last = Instant::now();
                    let _ = writeln!(stderr(), "{total} rows, {:.0} rows/s", self.rate());
                }
            }
        }
    }

    fn stopped(&self) -> bool {
        interrupt::requested()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_clock_will_do() {
        for (seconds, wanted) in [
            (-5_000_000_000, "1970-01-01T00:00:00Z"),
            (0, "1970-01-01T00:00:00Z"),
            (1_700_000_000, "2023-11-14T22:13:20Z"),
            (1 << 40, "9999-12-31T23:59:59Z"),
        ] {
            let apart = Duration::from_secs(i64::unsigned_abs(seconds));
            let time = if seconds < 0 { UNIX_EPOCH - apart } else { UNIX_EPOCH + apart };
            assert_eq!(timestamp(time), wanted);
        }
    }
}
