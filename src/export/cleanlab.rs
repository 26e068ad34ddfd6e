//! Arrays for cleanlab: votes as the labels of many annotators, and probabilities with labels.
//!
//! `cleanlab.multiannotator` takes a matrix of numbers of classes with NaN where an annotator said nothing, and
//! refuses rows and columns without any; `cleanlab.filter.find_label_issues` takes a label for every row. So
//! only rows with a label and a vote are written, and labeling functions with a vote on one of them; `rows.npy`
//! and `lfs.json` say which. See <https://docs.cleanlab.ai/stable/cleanlab/multiannotator.html>.

use super::Summary;
use super::arrays::{ArrayFile, GivenFiles};
use super::registry::Format;
use super::rows::{Keep, Rows};
use super::target::{Target, json_line};
use crate::Error;

pub(super) static FORMAT: Format = Format {
    name: "cleanlab",
    about: "annotator matrix as .npy, NaN to abstain, with pred_probs and labels",
    folder: true,
    cells: false,
    known: true,
    soft: false,
    splits: false,
    write,
};

fn write(rows: &Rows<'_>, target: &Target, summary: &mut Summary) -> Result<(), Error> {
    let kept = rows.kept(Keep::LabeledAndVoted, summary);
    rows.count_rich(&kept, summary);
    let n = summary.rows;
    let n_lfs = rows.names.lfs.len();
    // The column of each labeling function that has one.
    let mut busy = vec![rows.options.keep_unlabeled; n_lfs];
    for pattern in (0..kept.len()).filter(|&u| kept[u]) {
        rows.single(pattern).for_each(|(lf, _)| busy[lf.index()] = true);
    }
    let (lfs, idle): (Vec<_>, Vec<_>) =
        rows.names.lfs.iter().zip(&busy).partition(|(_, busy)| **busy);
    let lfs: Vec<&String> = lfs.into_iter().map(|(lf, _)| lf).collect();
    summary.idle_lfs = idle.into_iter().map(|(lf, _)| lf.clone()).collect();
    let shape = [n, lfs.len() as u64];
    let about = "float64, rows × LFs: the number of a label from 0, NaN to abstain";
    let mut matrix = ArrayFile::new::<f64>(target, "votes.npy", about, &shape)?;
    let about = "int64, a value a row: its number in the data, from 0";
    let mut numbers = ArrayFile::new::<i64>(target, "rows.npy", about, &[n])?;
    let mut given = GivenFiles::new(rows, target, "pred_probs.npy", n)?;
    let mut values = vec![f64::NAN; n_lfs];
    rows.each(&kept, |row| {
        values.fill(f64::NAN);
        rows.single(row.pattern).for_each(|(lf, class)| values[lf.index()] = class.index() as f64);
        let mut values = values.iter().zip(&busy).filter(|(_, busy)| **busy);
        values.try_for_each(|(&value, _)| matrix.put(value))?;
        numbers.put(row.number as i64)?;
        given.put(rows, row)
    })?;
    matrix.finish()?;
    numbers.finish()?;
    given.finish(summary)?;
    let mut out =
        target.file("lfs.json", "the labeling functions that votes.npy has columns for")?;
    out.put(&json_line(&lfs)?)?;
    out.put(b"\n")?;
    Ok(out.finish()?)
}
