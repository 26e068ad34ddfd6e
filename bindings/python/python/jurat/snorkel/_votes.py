"""Label matrices as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import DataError, LabelMatrix


def label_matrix(L: Any, what: str = "L") -> np.ndarray:
    """A label matrix as an array of int, n_rows × n_lfs.

    :raises DataError: when it is none.
    """
    if isinstance(L, LabelMatrix):
        return L.to_numpy(np.int64)
    if hasattr(L, "toarray"):
        raise DataError(f"{what} must be a dense array, with -1 to abstain; this is a sparse one")
    votes = np.asarray(L)
    if votes.ndim != 2:
        raise DataError(f"{what} must have the axes rows × LFs, and has {votes.ndim} axes")
    if votes.dtype.kind == "f" and votes.size:
        whole = votes.astype(np.int64) if np.isfinite(votes).all() else None
        if whole is None or (whole != votes).any():
            raise DataError(
                f"{what} must hold numbers of classes, and holds some that are not whole"
            )
        votes = whole
    elif votes.dtype.kind not in "iubf":
        raise DataError(f"{what} must hold numbers of classes, its type is {votes.dtype}")
    votes = votes.astype(np.int64, copy=False)
    if votes.size and votes.min() < -1:
        row, lf = (int(at[0]) for at in np.nonzero(votes < -1))
        raise DataError(
            f"{what} holds {votes[row, lf]} in row {row}, column {lf}; classes count from 0, "
            "and -1 is to abstain"
        )
    return votes
