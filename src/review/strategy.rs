//! What makes a row worth a look.

use std::fmt;
use std::str::FromStr;

/// A way to choose rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// Rows on which one class leads the next by little.
    Uncertain,
    /// Rows with votes that cannot both be right, the more the stronger these are.
    Conflicting,
    /// Rows on which several label models differ: query by committee (Seung, Opper and Sompolinsky 1992,
    /// doi:10.1145/130385.130417; Dagan and Engelson 1995).
    Committee,
    /// Rows whose label says most about label models and classifier: the mutual information between the label and
    /// who of them is right (Houlsby et al. 2011, arXiv:1112.5745).
    Information,
    /// Rows on which the classifier contradicts the votes, and those without votes of which it is not sure: query
    /// by committee (McCallum and Nigam 1998).
    Disagreement,
    /// Rows of a labeling function, drawn at random, to check its precision.
    Precision,
    /// Rows drawn at random, to check the labels.
    Random,
}

impl Strategy {
    /// All of them, in the order in which rows are taken in turn.
    pub const ALL: [Self; 7] = [
        Self::Uncertain,
        Self::Conflicting,
        Self::Committee,
        Self::Information,
        Self::Disagreement,
        Self::Precision,
        Self::Random,
    ];

    /// Whether it needs a trained classifier.
    #[must_use]
    pub fn needs_classifier(self) -> bool {
        matches!(self, Self::Information | Self::Disagreement)
    }

    /// What rows are chosen by unless somebody says: all, without a classifier those that need none.
    #[must_use]
    pub fn usual(classifier: bool) -> Vec<Self> {
        Self::ALL.into_iter().filter(|one| classifier || !one.needs_classifier()).collect()
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uncertain => "uncertain",
            Self::Conflicting => "conflicting",
            Self::Committee => "committee",
            Self::Information => "information",
            Self::Disagreement => "disagreement",
            Self::Precision => "precision",
            Self::Random => "random",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Strategy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|strategy| strategy.name() == text).ok_or_else(|| {
            let near = crate::names::nearest(text, names);
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            format!("`{text}` is no way to choose rows; there are {}{near}", names.join(", "))
        })
    }
}

/// What rows are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How many.
    pub n: usize,
    /// By what; several take turns.
    pub by: Vec<Strategy>,
    /// The labeling functions whose precision is to be checked; without, those that need it.
    pub lfs: Vec<String>,
    /// The seed of the draws.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self { n: 50, by: Strategy::usual(false), lfs: Vec::new(), seed: 0 }
    }
}
