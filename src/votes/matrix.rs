//! The label matrix in compressed sparse rows: an abstention takes no space.

use super::{Choice, Names, Vote};
use crate::{ChoiceId, ClassId, LfId};
use std::sync::Arc;

/// The votes of `n_lfs` labeling functions on `n_rows` rows; each LF votes at most once a row.
///
/// Votes of a row stand in the order of the LFs. Four bytes a vote and eight a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelMatrix {
    names: Arc<Names>,
    ends: Vec<usize>,
    votes: Vec<Vote>,
}

/// What can be wrong with votes made elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// More names than ids.
    #[error("{count} {what}: at most {limit} are possible")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The same name twice.
    #[error("two {what} are named `{name}`")]
    Duplicate {
        /// What carries the name.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A row that is not as long as the list of labeling functions.
    #[error("row {row} has {found} votes for {expected} labeling functions")]
    Ragged {
        /// Row number, from 0.
        row: usize,
        /// Votes in that row.
        found: usize,
        /// Labeling functions.
        expected: usize,
    },
    /// A vote for a class that does not exist.
    #[error("row {row}, labeling function {lf}: class {class} of {n_classes}")]
    UnknownClass {
        /// Row number, from 0.
        row: usize,
        /// Position of the labeling function.
        lf: usize,
        /// The class that was voted.
        class: usize,
        /// How many classes there are.
        n_classes: usize,
    },
    /// A vote of a labeling function that does not exist, or its second one on the row.
    #[error("row {row}: labeling function {lf} of {n_lfs} votes twice or does not exist")]
    UnknownLf {
        /// Row number, from 0.
        row: usize,
        /// Position of the labeling function.
        lf: usize,
        /// How many labeling functions there are.
        n_lfs: usize,
    },
    /// A choice of classes that do not exist, of no class, or of all classes, which says nothing.
    #[error(
        "a vote must be for some of the {n_classes} classes, not for none or all; got {classes:?}"
    )]
    UnknownChoice {
        /// Positions of the classes.
        classes: Vec<usize>,
        /// How many classes there are.
        n_classes: usize,
    },
    /// A vote that is not made of names of classes.
    #[error("`{vote}` is not a vote for or against some of the classes")]
    UnknownVote {
        /// The vote.
        vote: String,
    },
    /// Stored choices that are not what is written.
    #[error("the list of choices is damaged")]
    Choices,
}

impl LabelMatrix {
    /// A matrix without rows.
    #[must_use]
    pub fn new(names: Arc<Names>) -> Self {
        Self { names, ends: Vec::new(), votes: Vec::new() }
    }

    /// A matrix from dense rows: `rows[i][j]` is the vote of LF `j` on row `i`, `None` to abstain.
    ///
    /// # Errors
    /// [`MatrixError`] when a row has another length than the names, or a class has no name.
    ///
    /// ```
    /// use jurat::{LabelMatrix, Names};
    /// let names = Names::new(["a", "b"], ["ham", "spam"])?;
    /// let matrix = LabelMatrix::from_dense(names, &[vec![Some(1), None], vec![None, None]])?;
    /// assert_eq!((matrix.n_rows(), matrix.n_votes()), (2, 1));
    /// # Ok::<(), jurat::MatrixError>(())
    /// ```
    pub fn from_dense(names: Arc<Names>, rows: &[Vec<Option<usize>>]) -> Result<Self, MatrixError> {
        let mut matrix = Self::new(names);
        let (n_lfs, n_classes) = (matrix.n_lfs(), matrix.n_classes());
        for (row, votes) in rows.iter().enumerate() {
            if votes.len() != n_lfs {
                return Err(MatrixError::Ragged { row, found: votes.len(), expected: n_lfs });
            }
            for (lf, class) in LfId::first(n_lfs).zip(votes) {
                let Some(class) = *class else { continue };
                match ClassId::new(class).filter(|id| id.index() < n_classes) {
                    Some(class) => matrix.votes.push(Vote { lf, choice: class.into() }),
                    None => {
                        let lf = lf.index();
                        return Err(MatrixError::UnknownClass { row, lf, class, n_classes });
                    }
                }
            }
            matrix.ends.push(matrix.votes.len());
        }
        Ok(matrix)
    }

    /// A matrix from sparse rows of partial, negative, scored or plain votes, in any order.
    ///
    /// Its names are those given, with all choices that occur added.
    ///
    /// # Errors
    /// [`MatrixError`] when an LF does not exist or votes twice on a row, or a vote is for classes that
    /// do not exist, for none, or for all.
    pub fn from_votes(names: &Names, rows: &[Vec<(LfId, Choice)>]) -> Result<Self, MatrixError> {
        let choices = rows.iter().flatten().map(|(_, choice)| choice);
        let mut rich: Vec<&Choice> = choices.filter(|choice| choice.plain().is_none()).collect();
        rich.sort_unstable();
        rich.dedup();
        let mut matrix = Self::new(names.and_choices(rich.into_iter().cloned())?);
        let (n_lfs, n_classes) = (matrix.n_lfs(), matrix.n_classes());
        for (row, votes) in rows.iter().enumerate() {
            let start = matrix.votes.len();
            for (lf, choice) in votes {
                let Some(choice) = matrix.names.choice_id(choice) else {
                    let classes = choice.classes().iter().map(|class| class.index()).collect();
                    return Err(MatrixError::UnknownChoice { classes, n_classes });
                };
                matrix.votes.push(Vote { lf: *lf, choice });
            }
            let votes = &mut matrix.votes[start..];
            votes.sort_unstable();
            let twice = votes.windows(2).find(|pair| pair[0].lf == pair[1].lf).map(|pair| pair[0]);
            let unknown = votes.last().copied().filter(|vote| vote.lf.index() >= n_lfs);
            if let Some(Vote { lf, .. }) = twice.or(unknown) {
                return Err(MatrixError::UnknownLf { row, lf: lf.index(), n_lfs });
            }
            matrix.ends.push(matrix.votes.len());
        }
        Ok(matrix)
    }

    /// A matrix from votes in any order, each with its row; no labeling function votes twice on a row,
    /// and ids are those of these names.
    pub(crate) fn from_cast(names: Arc<Names>, n_rows: usize, cast: &[(u32, Vote)]) -> Self {
        // Counting sort by row; within a row there are few.
        let mut ends = vec![0; n_rows + 1];
        for (row, _) in cast {
            ends[*row as usize + 1] += 1;
        }
        for row in 1..=n_rows {
            ends[row] += ends[row - 1];
        }
        let mut votes: Vec<Vote> = cast.iter().map(|(_, vote)| *vote).collect();
        if !cast.is_sorted_by_key(|(row, _)| *row) {
            let mut next = ends.clone();
            for (row, vote) in cast {
                let place = &mut next[*row as usize];
                votes[*place] = *vote;
                *place += 1;
            }
        }
        for row in 0..n_rows {
            let votes = &mut votes[ends[row]..ends[row + 1]];
            if !votes.is_sorted_by_key(|vote| vote.lf) {
                votes.sort_unstable_by_key(|vote| vote.lf);
            }
        }
        ends.remove(0);
        Self { names, ends, votes }
    }

    /// Adds a row with votes in the order of the LFs, one each.
    ///
    /// ```
    /// use jurat::{ChoiceId, LabelMatrix, LfId, Names, Vote};
    /// let mut matrix = LabelMatrix::new(Names::new(["a", "b"], ["ham", "spam"])?);
    /// let (Some(lf), Some(choice)) = (LfId::new(1), ChoiceId::new(0)) else { return Ok(()) };
    /// matrix.push(&[Vote { lf, choice }])?;
    /// assert!(matrix.push(&[Vote { lf, choice }, Vote { lf, choice }]).is_err());
    /// assert_eq!(matrix.n_rows(), 1);
    /// # Ok::<(), jurat::MatrixError>(())
    /// ```
    ///
    /// # Errors
    /// [`MatrixError`] when an LF or a choice does not exist, or an LF votes twice or out of order.
    pub fn push(&mut self, votes: &[Vote]) -> Result<(), MatrixError> {
        let (row, n_lfs, n_choices) = (self.n_rows(), self.n_lfs(), self.names.n_choices());
        let mut last = None;
        for vote in votes {
            let lf = vote.lf.index();
            if lf >= n_lfs || last.is_some_and(|last| last >= vote.lf) {
                return Err(MatrixError::UnknownLf { row, lf, n_lfs });
            }
            if vote.choice.index() >= n_choices {
                let class = vote.choice.index();
                return Err(MatrixError::UnknownClass { row, lf, class, n_classes: n_choices });
            }
            last = Some(vote.lf);
        }
        self.push_row(votes.iter().copied());
        Ok(())
    }

    /// Adds a row; `votes` must stand in the order of the LFs, one each, with ids of these names.
    pub(crate) fn push_row(&mut self, votes: impl IntoIterator<Item = Vote>) {
        self.votes.extend(votes);
        self.ends.push(self.votes.len());
    }

    /// Adds the rows of another matrix with the same names.
    pub(crate) fn append(&mut self, other: &Self) {
        let start = self.votes.len();
        self.votes.extend_from_slice(&other.votes);
        self.ends.extend(other.ends.iter().map(|end| start + end));
    }

    /// The names of LFs and classes.
    #[must_use]
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// Number of rows, covered or not.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.ends.len()
    }

    /// Number of labeling functions.
    #[must_use]
    pub fn n_lfs(&self) -> usize {
        self.names.lfs.len()
    }

    /// Number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.names.classes.len()
    }

    /// Number of votes in all rows.
    #[must_use]
    pub fn n_votes(&self) -> usize {
        self.votes.len()
    }

    /// The votes of row `i`, in the order of the LFs; empty when all abstained or there is no such row.
    #[must_use]
    pub fn row(&self, i: usize) -> &[Vote] {
        let Some(&end) = self.ends.get(i) else { return &[] };
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.votes[start..end]
    }

    /// All rows in order.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[Vote]> {
        (0..self.n_rows()).map(|i| self.row(i))
    }

    /// The vote of one LF on one row.
    #[must_use]
    pub fn vote(&self, row: usize, lf: LfId) -> Option<ChoiceId> {
        let votes = self.row(row);
        votes.binary_search_by_key(&lf, |vote| vote.lf).ok().map(|at| votes[at].choice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_rows_are_checked() {
        let names = Names::new(["a", "b"], ["x", "y"]).expect("names");
        let ragged = LabelMatrix::from_dense(names.clone(), &[vec![None]]);
        assert_eq!(ragged, Err(MatrixError::Ragged { row: 0, found: 1, expected: 2 }));
        let class = LabelMatrix::from_dense(names.clone(), &[vec![None, Some(2)]]);
        assert_eq!(class, Err(MatrixError::UnknownClass { row: 0, lf: 1, class: 2, n_classes: 2 }));
        let matrix = LabelMatrix::from_dense(names, &[vec![None, Some(1)], vec![None, None]]);
        let matrix = matrix.expect("valid");
        assert_eq!(matrix.row(0).len(), 1);
        assert!(matrix.row(1).is_empty() && matrix.row(2).is_empty());
        assert_eq!(matrix.vote(0, LfId::new(1).expect("id")), ChoiceId::new(1));
    }

    #[test]
    fn sparse_rows_are_checked() {
        let names = Names::new(["a", "b"], ["x", "y", "z"]).expect("names");
        let lf = |index| LfId::new(index).expect("in range");
        let class = |index| ClassId::new(index).expect("in range");
        let (one, some) = (Choice::class(class(1)), Choice::one_of([class(0), class(2)]));
        let rows = [vec![(lf(1), some.clone()), (lf(0), one.clone())], vec![]];
        let matrix = LabelMatrix::from_votes(&names, &rows).expect("valid");
        assert_eq!(
            (matrix.n_rows(), matrix.row(0)[0].lf, matrix.names().n_choices()),
            (2, lf(0), 4)
        );
        for wrong in [
            vec![(lf(2), one.clone())],
            vec![(lf(0), one), (lf(0), some)],
            vec![(lf(0), Choice::class(class(3)))],
            vec![(lf(0), Choice::one_of([0, 1, 2].map(class)))],
        ] {
            assert!(
                LabelMatrix::from_votes(&names, std::slice::from_ref(&wrong)).is_err(),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn names_are_unique() {
        let twice = Names::new(["a", "a"], ["x", "y"]);
        assert!(matches!(twice, Err(MatrixError::Duplicate { name, .. }) if name == "a"));
    }
}
