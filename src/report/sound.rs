//! Whether a report that was read can be one: positions that are there, lists as long as others, counts that
//! can be added. Renderers rely on it, and a report may come from anywhere; marks in rows they take as they
//! come.

use super::{Ranking, Report};
use serde_json::Value;

/// The largest count: as many rows as any number with a fraction can hold, and thousands of them add up.
const MOST: u64 = 1 << 53;

/// What cannot be in a document of a report, before it is read as one.
pub(super) fn document(document: &Value) -> Result<(), &'static str> {
    match document {
        Value::Number(number) if number.as_u64().is_some_and(|number| number > MOST) => {
            Err("a number is too large")
        }
        Value::Array(values) => values.iter().try_for_each(self::document),
        Value::Object(entries) => entries.values().try_for_each(self::document),
        _ => Ok(()),
    }
}

/// What cannot be in a report.
pub(super) fn report(report: &Report) -> Result<(), &'static str> {
    let (n_lfs, n_rows) = (report.lfs.len(), report.examples.rows.len());
    let known = |lfs: &[usize]| lfs.iter().all(|&lf| lf < n_lfs);
    let shown = |rows: &[usize]| rows.iter().all(|&row| row < n_rows);
    let rows = &report.rows;
    if rows.labeled.count.saturating_add(rows.tied.count) > rows.rows {
        return Err("more rows have a label than there are");
    }
    let matrix = &report.matrix;
    let of_matrix = |place: usize| place < matrix.lfs.len();
    let pairs = matrix.cells.iter();
    if !known(&matrix.lfs)
        || !pairs.clone().all(|pair| of_matrix(pair.first) && of_matrix(pair.second))
        || !pairs.clone().all(|pair| shown(&pair.examples))
    {
        return Err("the matrix of pairs names what is not there");
    }
    let verdicts = report.lfs.iter().filter_map(|lf| lf.verdict.as_ref());
    if !verdicts.clone().all(|verdict| shown(&verdict.proof)) {
        return Err("a verdict names rows that are not there");
    }
    if let Some(gold) = &report.gold {
        for metrics in [&gold.labels, &gold.majority] {
            let counts = &metrics.confusion.counts;
            let width = counts.first().map_or(0, Vec::len);
            if metrics.classes.len() != gold.labels.classes.len()
                || counts.iter().any(|row| row.len() != width)
            {
                return Err("the scores against gold labels are of different lengths");
            }
            let rankings = &metrics.rankings;
            if !rankings.is_empty() && rankings.len() != metrics.classes.len() {
                return Err("there are not as many rankings as classes");
            }
            if !rankings.iter().all(can_be) {
                return Err("a curve is none");
            }
        }
    }
    Ok(())
}

/// Whether a ranking can be one: areas are shares, and counts grow from point to point up to its rows.
fn can_be(ranking: &Ranking) -> bool {
    let share = |area: Option<f64>| area.is_none_or(|area| (0.0..=1.0).contains(&area));
    let mut before = (0, 0);
    let grows = ranking.points.iter().all(|point| {
        let counts = (point.true_positives, point.false_positives);
        let more = counts.0 >= before.0 && counts.1 >= before.1 && counts != before;
        before = counts;
        more
    });
    share(ranking.roc_auc)
        && share(ranking.average_precision)
        && grows
        && before.0 <= ranking.positives
        && before.1 <= ranking.negatives
        && (ranking.points.is_empty() || ranking.has_curve())
}
