"""Labels and their probabilities."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import DataError

_POLICIES = ("abstain", "random", "true-random")


def probs_to_preds(probs: Any, tie_break_policy: str = "random", tol: float = 1e-5) -> np.ndarray:
    """The most probable class of each row.

    :param probs: probabilities, n_rows × n_classes.
    :param tie_break_policy: what becomes of a row whose classes tie: ``abstain`` gives -1,
        ``random`` one of them by the number of the row, always the same, and ``true-random`` one
        that ``numpy.random`` draws.
    :param tol: classes tie whose probabilities are nearer than that to the highest.
    :returns: numbers of classes, n_rows; -1 also where probabilities are missing (NaN).
    :raises DataError: for less than two classes, or a policy that there is not.
    """
    if tie_break_policy not in _POLICIES:
        raise DataError(
            f"tie_break_policy={tie_break_policy!r}: policy not recognized; take one of "
            + ", ".join(_POLICIES)
        )
    probs = np.asarray(probs, dtype=float)
    if probs.ndim != 2 or probs.shape[1] < 2:
        raise DataError(
            f"probs must have probabilities of two classes or more for each row; the shape is "
            f"{probs.shape}"
        )
    if len(probs) == 0:
        return np.zeros(0, dtype=np.int64)
    near = np.abs(probs - probs.max(axis=1, keepdims=True)) < tol
    n_near = near.sum(axis=1)
    preds = np.where(n_near > 0, near.argmax(axis=1), -1)
    if tie_break_policy == "abstain":
        preds[n_near > 1] = -1
        return preds
    for row in np.flatnonzero(n_near > 1):
        tied = np.flatnonzero(near[row])
        if tie_break_policy == "true-random":
            preds[row] = np.random.choice(tied)
        else:
            preds[row] = tied[_digest(int(row)) % len(tied)]
    return preds


def _digest(row: int) -> int:
    """The number that Snorkel breaks the tie of a row with: SHA-1 of its decimal digits."""
    return int.from_bytes(hashlib.sha1(str(row).encode()).digest(), "big")


def preds_to_probs(preds: Any, num_classes: int) -> np.ndarray:
    """Probability 1 for the class of each row, n_rows × num_classes.

    :raises DataError: when a row has no class.
    """
    preds = to_int_label_array(preds)
    if len(preds) and preds.min() < 0:
        raise DataError(
            "a row without a class (-1) has no probabilities; leave such rows out first"
        )
    if len(preds) and preds.max() >= num_classes:
        raise DataError(f"preds holds the class {preds.max()}, and num_classes is {num_classes}")
    return np.eye(num_classes)[preds]


def to_int_label_array(X: Any, flatten_vector: bool = True) -> np.ndarray:
    """Numbers of classes as int, in one axis unless ``flatten_vector`` is false.

    :raises DataError: when there are others than whole numbers, or more than one column.
    """
    labels = np.asarray(X)
    if labels.dtype.kind not in "iubf" and labels.size:
        try:
            labels = labels.astype(float)
        except (TypeError, ValueError):
            raise DataError(
                f"labels must be numbers of classes, their type is {labels.dtype}"
            ) from None
    if labels.size and np.any(np.mod(labels, 1) != 0):
        raise DataError("labels must be whole numbers, and there is a non-integer value")
    labels = labels.astype(np.int64)
    if flatten_vector:
        labels = np.atleast_1d(labels.squeeze()) if labels.size else labels.reshape(-1)
        if labels.ndim != 1:
            raise DataError(f"labels must be one a row, and no 1d np.array comes of {labels.shape}")
    return labels


def filter_labels(
    label_dict: Mapping[str, Any], filter_dict: Mapping[str, Sequence[int]]
) -> dict[str, Any]:
    """Leaves out the rows in which one of the arrays has one of the labels to leave out.

    :param label_dict: arrays of one length, by name; None stays None.
    :param filter_dict: labels to leave out, by the name of the array.
    """
    keep: Any = None
    for name, unwanted in filter_dict.items():
        labels = label_dict.get(name)
        if labels is not None:
            labels = np.asarray(labels)
            found = np.isin(labels, list(unwanted)).reshape(len(labels), -1)
            kept = ~found.any(axis=1)
            keep = kept if keep is None else keep & kept
    return {
        name: labels if labels is None or keep is None else np.asarray(labels)[keep]
        for name, labels in label_dict.items()
    }
