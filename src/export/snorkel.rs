//! Label matrices as Snorkel 0.9 and 0.10 take them: NumPy arrays, −1 to abstain.
//!
//! See <https://snorkel.readthedocs.io/en/v0.9.7/packages/_autosummary/labeling/snorkel.labeling.model.label_model.LabelModel.html>.
//! All rows stay, in their order, so that row `i` of every array is row `i` of the data.

use super::Summary;
use super::arrays::{ArrayFile, GivenFiles, Width};
use super::registry::Format;
use super::rows::{Keep, Rows};
use super::target::Target;
use crate::Error;

pub(super) static FORMAT: Format = Format {
    name: "snorkel",
    about: "label matrix as .npy, -1 to abstain, with probabilities and labels",
    folder: true,
    cells: false,
    known: true,
    soft: false,
    splits: false,
    write,
};

fn write(rows: &Rows<'_>, target: &Target, summary: &mut Summary) -> Result<(), Error> {
    let kept = rows.kept(Keep::All, summary);
    rows.count_rich(&kept, summary);
    let (n, n_lfs) = (summary.rows, rows.names.lfs.len());
    let width = Width::of(rows.names.classes.len());
    let about =
        format!("{}, rows × LFs: the number of a label from 0, -1 to abstain", width.name());
    let shape = [n, n_lfs as u64];
    let mut matrix = ArrayFile::of(width.descr(), target, "L.npy", &about, &shape)?;
    let mut given = GivenFiles::new(rows, target, "probs.npy", n)?;
    let mut values = vec![-1; n_lfs];
    rows.each(&kept, |row| {
        values.fill(-1);
        rows.single(row.pattern).for_each(|(lf, class)| values[lf.index()] = class.index() as i32);
        values.iter().try_for_each(|&value| matrix.put_class(width, value))?;
        given.put(rows, row)
    })?;
    matrix.finish()?;
    given.finish(summary)
}
