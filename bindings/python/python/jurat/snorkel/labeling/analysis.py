"""Statistics of a label matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import DataError, LabelMatrix
from .._votes import label_matrix
from ..utils import to_int_label_array
from .apply import Columns


class LFAnalysis:
    """Coverage, overlaps and conflicts of labeling functions, and how accurate they are.

    Shares are of all rows. A share of nothing is 0 for a labeling function, as in Snorkel.

    :param L: the label matrix, n_rows × n_lfs, with -1 to abstain.
    :param lfs: the labeling functions, as an applier takes them; only their names count.
    :raises DataError: when there are not as many as columns.
    """

    def __init__(self, L: Any, lfs: Any = None) -> None:
        self.L = label_matrix(L)
        self._names: list[str] | None = L.lfs if isinstance(L, LabelMatrix) else None
        if lfs is not None:
            self._names = Columns(lfs).names
            if len(self._names) != self.L.shape[1]:
                raise DataError(
                    f"Number of LFs: lfs has {len(self._names)}, and L has {self.L.shape[1]} "
                    "columns"
                )
        self._voted = self.L >= 0
        n_votes = self._voted.sum(axis=1)
        self._covered = n_votes > 0
        self._overlapped = n_votes > 1
        highest = self.L.max(axis=1, initial=-1)
        self._conflicted = (self._voted & (highest[:, None] != self.L)).any(axis=1)

    def label_coverage(self) -> float:
        """The share of rows with a vote."""
        return self._share(self._covered)

    def label_overlap(self) -> float:
        """The share of rows with two votes or more."""
        return self._share(self._overlapped)

    def label_conflict(self) -> float:
        """The share of rows with votes for different classes."""
        return self._share(self._conflicted)

    def lf_polarities(self) -> list[list[int]]:
        """The classes that each labeling function voted for, sorted."""
        return [[int(c) for c in np.unique(votes) if c != -1] for votes in self.L.T]

    def lf_coverages(self) -> np.ndarray:
        """The share of rows on which each labeling function voted, n_lfs."""
        return _ratio(self._voted.sum(axis=0), len(self.L))

    def lf_overlaps(self, normalize_by_coverage: bool = False) -> np.ndarray:
        """The share of rows on which each labeling function voted, and another one, too, n_lfs.

        :param normalize_by_coverage: whether the share is of the rows on which it voted.
        """
        overlaps = _ratio(self._voted[self._overlapped].sum(axis=0), len(self.L))
        if normalize_by_coverage:
            overlaps = _ratio(overlaps, self.lf_coverages())
        return np.nan_to_num(overlaps)

    def lf_conflicts(self, normalize_by_overlaps: bool = False) -> np.ndarray:
        """The share of rows on which each labeling function voted and votes differ, n_lfs.

        :param normalize_by_overlaps: whether the share is of the rows on which it and another one
            voted.
        """
        conflicts = _ratio(self._voted[self._conflicted].sum(axis=0), len(self.L))
        if normalize_by_overlaps:
            conflicts = _ratio(conflicts, self.lf_overlaps())
        return np.nan_to_num(conflicts)

    def lf_empirical_accuracies(self, Y: Any) -> np.ndarray:
        """The share of each labeling function's votes that are right, n_lfs; 0 if it has none.

        :param Y: known labels, n_rows. A vote on a row whose label is not known (-1) counts as
            wrong, as in Snorkel: leave such rows out first.
        """
        right = self._right(self._known(Y)).sum(axis=0)
        votes = self._voted.sum(axis=0)
        # The rounding of Snorkel, too.
        return np.nan_to_num(0.5 * (_ratio(2 * right - votes, votes) + 1))

    def lf_empirical_probs(self, Y: Any, k: int) -> np.ndarray:
        """P(vote | class) by known labels, n_lfs × (k + 1) × k; the votes start with abstain.

        :param Y: known labels, n_rows.
        :param k: the number of classes.
        """
        known = self._known(Y)
        table = np.zeros((self.L.shape[1], k + 1, k))
        for y in range(k):
            votes = self.L[known == y]
            for vote in range(-1, k):
                table[:, vote + 1, y] = _ratio((votes == vote).sum(axis=0), len(votes))
        return table

    def lf_summary(self, Y: Any = None, est_weights: Any = None) -> Any:
        """A DataFrame of these numbers, a row for each labeling function.

        :param Y: known labels, n_rows, -1 where there is none; adds ``Correct``, ``Incorrect`` and
            ``Emp. Acc.``.
        :param est_weights: what a label model learned, n_lfs; adds ``Learned Weight``.
        """
        try:
            import pandas
        except ImportError:
            raise ImportError(
                "lf_summary gives a DataFrame and needs pandas: pip install pandas"
            ) from None
        numbers = list(range(self.L.shape[1]))
        table: dict[str, Any] = {} if self._names is None else {"j": numbers}
        table["Polarity"] = self.lf_polarities()
        table["Coverage"] = self.lf_coverages()
        table["Overlaps"] = self.lf_overlaps()
        table["Conflicts"] = self.lf_conflicts()
        if Y is not None:
            known = self._known(Y)
            right = self._right(known)
            table["Correct"] = right.sum(axis=0)
            table["Incorrect"] = (self._voted & ~right)[known != -1].sum(axis=0)
            table["Emp. Acc."] = self.lf_empirical_accuracies(known)
        if est_weights is not None:
            table["Learned Weight"] = np.asarray(est_weights)
            if table["Learned Weight"].shape != (len(numbers),):
                raise DataError(
                    f"est_weights has the shape {table['Learned Weight'].shape}, there are "
                    f"{len(numbers)} LFs"
                )
        return pandas.DataFrame(table, index=numbers if self._names is None else self._names)

    def _known(self, Y: Any) -> np.ndarray:
        known = to_int_label_array(Y)
        if len(known) != len(self.L):
            raise DataError(f"Y has {len(known)} labels, and L has {len(self.L)} rows")
        return known

    def _right(self, known: np.ndarray) -> np.ndarray:
        return self._voted & (known[:, None] == self.L)

    @staticmethod
    def _share(rows: np.ndarray) -> float:
        return float(_ratio(rows.sum(), len(rows)))


def _ratio(part: Any, whole: Any) -> Any:
    """A ratio, NaN where it is one of nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(part, whole)
