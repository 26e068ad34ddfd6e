//! Votes as lines `row,lf,label`: the label matrix in coordinates, for people and for anything that reads CSV.
//!
//! Every vote is there, those for or against several classes and those with a score as they stand in label
//! matrices (`a|b`, `!a`, `a@0.7-0.9`). `jurat fit --long row=row,annotator=lf,label=label` reads it back.

use super::Summary;
use super::registry::Format;
use super::rows::{Keep, Rows};
use super::target::Target;
use crate::Error;
use std::borrow::Cow;

pub(super) static FORMAT: Format = Format {
    name: "triplets",
    about: "every vote as a line row,lf,label of a CSV file",
    folder: false,
    cells: false,
    known: false,
    soft: false,
    splits: false,
    write,
};

fn write(rows: &Rows<'_>, target: &Target, summary: &mut Summary) -> Result<(), Error> {
    let kept = rows.kept(Keep::All, summary);
    let mut out = target.file("", "")?;
    out.put(b"row,lf,label\n")?;
    let lfs: Vec<Vec<u8>> = rows.names.lfs.iter().map(|lf| cell(lf).into_owned()).collect();
    let choices = (0..rows.names.n_choices()).filter_map(crate::ChoiceId::new);
    let choices: Vec<Vec<u8>> =
        choices.map(|choice| cell(&rows.names.cell(choice)).into_owned()).collect();
    let mut line = Vec::new();
    rows.each(&kept, |row| {
        line.clear();
        for vote in rows.votes.votes(row.pattern) {
            line.extend_from_slice(row.number.to_string().as_bytes());
            for cell in [&lfs[vote.lf.index()], &choices[vote.choice.index()]] {
                line.push(b',');
                line.extend_from_slice(cell);
            }
            line.push(b'\n');
        }
        Ok(out.put(&line)?)
    })?;
    Ok(out.finish()?)
}

/// A text as a cell of CSV, in quotes where it must be.
pub(super) fn cell(text: &str) -> Cow<'_, [u8]> {
    if text.contains([',', '"', '\n', '\r']) || text.is_empty() {
        format!("\"{}\"", text.replace('"', "\"\"")).into_bytes().into()
    } else {
        text.as_bytes().into()
    }
}
