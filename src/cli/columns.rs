//! What labels carry besides the label, its confidence and probabilities.

use crate::model::{CountOf, RowWeights, Weighting};
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

/// β of the effective number when nobody says.
const BETA: f64 = 0.999;

/// Columns of labels on request.
#[derive(Debug, Default, Args)]
pub(super) struct ColumnOptions {
    /// Give every label row its reason, as a column `why`: who voted, with the log-odds that each vote adds for
    /// the label, as in `promo:+1.33 polite:-0.42`. With `jurat run` also `run` and `spec`, hashes of what
    /// the label was made from.
    #[arg(long)]
    pub(super) with_why: bool,
    /// Give every label row a `weight` for training, 1 on average: `balanced`, so that all classes weigh the same
    /// together; or `effective=BETA`, by their effective number of rows (0.999 when no beta is given).
    #[arg(long, value_name = "HOW")]
    weights: Option<String>,
    /// What --weights counts as rows of a class.
    #[arg(long, value_enum, default_value = "labels", value_name = "WHAT", requires = "weights")]
    weights_of: Counted,
}

/// What is counted as rows of a class.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Counted {
    /// Rows with this label; rows without one weigh 0.
    #[default]
    Labels,
    /// The sum of its probability over rows with votes; others weigh 0.
    Expected,
}

impl ColumnOptions {
    /// How rows are weighed, if they are.
    pub(super) fn weights(&self) -> anyhow::Result<Option<RowWeights>> {
        let Some(how) = &self.weights else { return Ok(None) };
        let weighting = match how.split_once('=') {
            None if how == "balanced" => Weighting::Balanced,
            None if how == "effective" => Weighting::EffectiveNumber(BETA),
            Some(("effective", beta)) => {
                let number = beta.parse::<f64>();
                let number = number.with_context(|| format!("--weights: `{beta}` is no number"))?;
                let weighting = Weighting::effective_number(number);
                weighting.map_err(|message| anyhow::anyhow!("--weights: {message}"))?
            }
            _ => bail!(
                "--weights: `{how}` is no way to weigh; there are balanced and effective=BETA"
            ),
        };
        let of = match self.weights_of {
            Counted::Labels => CountOf::Labels,
            Counted::Expected => CountOf::Expected,
        };
        Ok(Some(RowWeights { weighting, of }))
    }

    /// The names of the columns; of a run there are more.
    pub(super) fn names(&self, of_run: bool) -> Vec<&'static str> {
        let mut names = Vec::new();
        names.extend(self.weights.as_ref().map(|_| "weight"));
        names.extend(self.with_why.then_some("why"));
        if self.with_why && of_run {
            names.extend(["run", "spec"]);
        }
        names
    }
}
