//! Limits to what may change, for a gate in CI: `changed>5%`, `refit>1%`, `coverage<-2%`, `removed>0`.

use super::{Cause, Diff};
use crate::names::nearest;
use crate::report::Share;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A limit that is met when a figure of a comparison is beyond a number.
///
/// With `%` the number is a share: of the rows in both runs, `added` of the rows after, `removed` of the rows
/// before. Without it is a number of rows. `coverage` and `labeled` are what the run after has more than the
/// one before, with `%` in percentage points, so that a drop is below zero.
///
/// ```
/// use jurat::diff::Limit;
///
/// let limit: Limit = "lf:promo >= 2.5%".parse()?;
/// assert_eq!(limit.to_string(), "lf:promo >= 2.5%");
/// let message = "chnaged>5%".parse::<Limit>().expect_err("no such figure").to_string();
/// assert!(message.contains("did you mean `changed`?"), "{message}");
/// # Ok::<(), jurat::diff::LimitError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    text: String,
    figure: Figure,
    sign: Sign,
    bound: f64,
    percent: bool,
}

/// Whether a limit was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LimitResult {
    /// The limit, as it was written.
    pub limit: String,
    /// What the figure is.
    pub value: String,
    /// Whether it is beyond the limit.
    pub met: bool,
}

/// Why a limit cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// It is not of the form.
    #[error(
        "`{limit}` is no limit: write a figure, one of < <= > >=, and a number of rows or a percentage, as in `changed>5%`"
    )]
    Form {
        /// The limit.
        limit: String,
    },
    /// There is no such figure.
    #[error("`{limit}`: there is no figure `{figure}`{}; there are {}", did_you_mean(.nearest), FIGURES.join(", "))]
    UnknownFigure {
        /// The limit.
        limit: String,
        /// Its figure.
        figure: String,
        /// What may be meant.
        nearest: Option<String>,
    },
    /// There is no such labeling function or table in either run.
    #[error("`{limit}`: neither run has `{name}`{}", did_you_mean(.nearest))]
    UnknownName {
        /// The limit.
        limit: String,
        /// The name.
        name: String,
        /// What may be meant.
        nearest: Option<String>,
    },
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!(", did you mean `{name}`?"))
}

const FIGURES: &[&str] = &[
    "changed",
    "data",
    "lf",
    "lf:NAME",
    "table",
    "table:NAME",
    "refit",
    "decision",
    "code",
    "several",
    "added",
    "removed",
    "coverage",
    "labeled",
];

#[derive(Debug, Clone, PartialEq)]
enum Figure {
    Changed,
    /// Labels that changed by such causes, or by one of them.
    Cause(&'static str, Option<String>),
    Added,
    Removed,
    Coverage,
    Labeled,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Sign {
    Less,
    AtMost,
    More,
    AtLeast,
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let form = || LimitError::Form { limit: text.to_owned() };
        let at = text.find(['<', '>']).ok_or_else(form)?;
        let (name, rest) = (text[..at].trim(), &text[at..]);
        let (sign, rest) =
            [("<=", Sign::AtMost), (">=", Sign::AtLeast), ("<", Sign::Less), (">", Sign::More)]
                .into_iter()
                .find_map(|(start, sign)| Some((sign, rest.strip_prefix(start)?.trim())))
                .ok_or_else(form)?;
        let number = rest.strip_suffix('%').map(str::trim_end);
        let (percent, number) = (number.is_some(), number.unwrap_or(rest));
        let bound: f64 = number.parse().map_err(|_| form())?;
        if !bound.is_finite() || name.is_empty() {
            return Err(form());
        }
        let figure = figure(name).ok_or_else(|| LimitError::UnknownFigure {
            limit: text.to_owned(),
            figure: name.to_owned(),
            nearest: nearest(name, FIGURES.iter().copied()).map(str::to_owned),
        })?;
        Ok(Self { text: text.trim().to_owned(), figure, sign, bound, percent })
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

fn figure(name: &str) -> Option<Figure> {
    Some(match name.split_once(':') {
        Some(("lf", name)) if !name.is_empty() => Figure::Cause("lf", Some(name.to_owned())),
        Some(("table", name)) if !name.is_empty() => Figure::Cause("table", Some(name.to_owned())),
        Some(_) => return None,
        None => match name {
            "changed" => Figure::Changed,
            "added" => Figure::Added,
            "removed" => Figure::Removed,
            "coverage" => Figure::Coverage,
            "labeled" => Figure::Labeled,
            other => {
                let kinds = ["data", "lf", "table", "refit", "decision", "code", "several"];
                Figure::Cause(kinds.into_iter().find(|kind| *kind == other)?, None)
            }
        },
    })
}

impl Limit {
    /// Whether a comparison is beyond it.
    ///
    /// # Errors
    /// [`LimitError::UnknownName`] for a labeling function or table that is in neither run.
    pub(super) fn check(&self, diff: &Diff) -> Result<LimitResult, LimitError> {
        self.check_name(diff)?;
        let rows = diff.rows;
        // A labeling function may be called by its old name.
        let renamed = |name: &String| {
            let lf = diff.lfs.iter().find(|lf| lf.renamed_from.as_ref() == Some(name));
            lf.map_or_else(|| name.clone(), |lf| lf.name.clone())
        };
        let by = |kind: &str, name: &Option<String>| {
            let name =
                &name.as_ref().map(|name| if kind == "lf" { renamed(name) } else { name.clone() });
            let causes = diff.causes.iter().filter(|cause| of_kind(&cause.cause, kind, name));
            Share::new(causes.map(|cause| cause.rows.count).sum(), rows.common)
        };
        let after = diff.after.coverage.of;
        let (count, part) = match &self.figure {
            Figure::Changed => plain(diff.changed),
            Figure::Cause(kind, name) => plain(by(kind, name)),
            Figure::Added => plain(Share::new(rows.only_after, after)),
            Figure::Removed => plain(Share::new(rows.only_before, diff.before.coverage.of)),
            Figure::Coverage => more(diff.before.coverage, diff.after.coverage),
            Figure::Labeled => more(diff.before.labeled, diff.after.labeled),
        };
        let value = if self.percent { 100.0 * part } else { count };
        let met = match self.sign {
            Sign::Less => value < self.bound,
            Sign::AtMost => value <= self.bound,
            Sign::More => value > self.bound,
            Sign::AtLeast => value >= self.bound,
        };
        // As many digits as it takes not to look like the bound itself.
        let value = if self.percent { format!("{value:.2} %") } else { format!("{value}") };
        Ok(LimitResult { limit: self.text.clone(), value, met })
    }

    fn check_name(&self, diff: &Diff) -> Result<(), LimitError> {
        let Figure::Cause(kind, Some(name)) = &self.figure else { return Ok(()) };
        let known: Vec<&String> = match *kind {
            "lf" => {
                diff.lfs.iter().flat_map(|lf| lf.renamed_from.iter().chain([&lf.name])).collect()
            }
            _ => diff.table_names.iter().collect(),
        };
        if known.contains(&name) {
            return Ok(());
        }
        let nearest = nearest(name, known.iter().map(|known| known.as_str())).map(str::to_owned);
        Err(LimitError::UnknownName { limit: self.text.clone(), name: name.clone(), nearest })
    }
}

/// Whether a cause is of a kind; `refit` covers the rule for labels.
fn of_kind(cause: &Cause, kind: &str, wanted: &Option<String>) -> bool {
    let name_fits = |name: &String| wanted.as_ref().is_none_or(|wanted| wanted == name);
    match cause {
        Cause::Lf(name) => kind == "lf" && name_fits(name),
        Cause::Table(name) => kind == "table" && name_fits(name),
        Cause::Data => kind == "data",
        Cause::Refit => kind == "refit",
        Cause::Decision => kind == "refit" || kind == "decision",
        Cause::Code => kind == "code",
        Cause::Several(_) => kind == "several",
    }
}

fn plain(share: Share) -> (f64, f64) {
    (share.count as f64, share.share.unwrap_or(0.0))
}

/// How many rows, and what share of them, the run after has more.
fn more(before: Share, after: Share) -> (f64, f64) {
    let ((count, part), (old_count, old_part)) = (plain(after), plain(before));
    (count - old_count, part - old_part)
}
