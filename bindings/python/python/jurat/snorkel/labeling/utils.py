"""What comes between a label model and a classifier."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import DataError
from .._votes import label_matrix


def filter_unlabeled_dataframe(X: Any, y: Any, L: Any) -> tuple[Any, np.ndarray]:
    """The rows on which a labeling function voted, with what is known of them.

    :param X: a DataFrame.
    :param y: an array with one entry a row, such as probabilities, n_rows × n_classes.
    :param L: the label matrix, n_rows × n_lfs.
    """
    voted = (label_matrix(L) != -1).any(axis=1)
    y = np.asarray(y)
    if not len(X) == len(y) == len(voted):
        raise DataError(f"X has {len(X)} rows, y {len(y)} and L {len(voted)}")
    chosen = X.iloc[np.flatnonzero(voted)] if hasattr(X, "iloc") else X[np.flatnonzero(voted)]
    return chosen, y[voted]
