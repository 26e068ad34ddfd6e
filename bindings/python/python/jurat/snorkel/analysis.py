"""Scores of predictions against known labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from .. import DataError
from .utils import filter_labels, to_int_label_array


def metric_score(
    golds: Any = None,
    preds: Any = None,
    probs: Any = None,
    metric: str = "accuracy",
    filter_dict: Mapping[str, Sequence[int]] | None = None,
    **kwargs: Any,
) -> float:
    """One score.

    :param golds: known labels, n_rows.
    :param preds: predicted labels, n_rows.
    :param probs: predicted probabilities, n_rows × n_classes.
    :param metric: a name, see :data:`METRICS`.
    :param filter_dict: labels whose rows do not count, under ``golds``, ``preds`` or ``probs``.
    :param kwargs: ``beta`` of ``fbeta``; everything else goes to scikit-learn's function, which
        must be installed then.
    :raises DataError: when there is no such metric, or it needs what is not given.
    """
    if metric not in METRICS:
        raise DataError(f"there is no metric `{metric}`; there are " + ", ".join(METRICS))
    given = {
        "golds": None if golds is None else to_int_label_array(golds),
        "preds": None if preds is None else to_int_label_array(preds),
        "probs": None if probs is None else np.asarray(probs),
    }
    lengths = {name: len(values) for name, values in given.items() if values is not None}
    if len(set(lengths.values())) > 1:
        raise DataError(f"not one entry a row: {lengths}")
    if filter_dict:
        odd = sorted(set(filter_dict) - set(given))
        if odd:
            raise DataError(f"filter_dict has `{odd[0]}`; its keys can be golds, preds and probs")
        given = filter_labels(given, filter_dict)
    function, needs = METRICS[metric]
    for name in needs:
        if given[name] is None:
            raise DataError(f"the metric {metric} requires access to {name}")
    return float(function(*(given[name] for name in needs), **kwargs))


class Scorer:
    """Several scores at once.

    :param metrics: names of metrics.
    :param custom_metric_funcs: functions of known labels, predicted labels and probabilities, by
        name; each gives a number, or a dict of numbers by name.
    :param abstain_label: the label whose rows do not count, known or predicted, but for
        ``coverage``; None to count all.
    """

    def __init__(
        self,
        metrics: Sequence[str] | None = None,
        custom_metric_funcs: Mapping[str, Callable[..., Any]] | None = None,
        abstain_label: int | None = -1,
    ) -> None:
        self.abstain_label = abstain_label
        self.metrics: dict[str, Callable[..., Any]] = {}
        for metric in metrics or ():
            if metric not in METRICS:
                raise DataError(f"there is no metric `{metric}`; there are " + ", ".join(METRICS))
            left_out: dict[str, list[int]] = {}
            if abstain_label is not None and metric != "coverage":
                left_out = {"golds": [abstain_label], "preds": [abstain_label]}
            self.metrics[metric] = partial(metric_score, metric=metric, filter_dict=left_out)
        self.metrics.update(custom_metric_funcs or {})

    def score(self, golds: Any, preds: Any = None, probs: Any = None) -> dict[str, float]:
        """The scores by name; see :func:`metric_score`."""
        if len(golds) == 0:
            raise DataError("there are no labels to score against")
        scores: dict[str, float] = {}
        for name, metric in self.metrics.items():
            score = metric(golds, preds, probs)
            scores.update(score if isinstance(score, dict) else {name: score})
        return scores


def get_label_buckets(*y: Any) -> dict[tuple[int, ...], np.ndarray]:
    """The rows that have the same labels in all arrays, by these labels.

    >>> get_label_buckets([1, 1, 0], [1, -1, 0])[(1, -1)].tolist()
    [1]
    """
    labels = [to_int_label_array(values) for values in y]
    if len({len(values) for values in labels}) != 1:
        raise DataError(f"arrays must have one length, these have {[len(v) for v in labels]}")
    buckets: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for row, key in enumerate(zip(*(values.tolist() for values in labels), strict=True)):
        buckets[key].append(row)
    return {key: np.array(rows) for key, rows in buckets.items()}


def get_label_instances(bucket: tuple[int, ...], x: Any, *y: Any) -> np.ndarray:
    """The data points that have these labels, one of each array.

    :param bucket: the labels.
    :param x: an array of data points, n_rows first.
    :param y: arrays of labels, n_rows.
    """
    x = np.asarray(x)
    if len(y) != len(bucket):
        raise DataError(f"the bucket has {len(bucket)} labels for {len(y)} arrays")
    if len(y) and len(x) != len(y[0]):
        raise DataError(f"x has {len(x)} rows, and there are {len(y[0])} labels")
    rows = get_label_buckets(*y).get(tuple(bucket))
    return np.array([]) if rows is None else x[rows]


def _sklearn(name: str, *labels: Any, **kwargs: Any) -> float:
    try:
        from sklearn import metrics
    except ImportError:
        raise ImportError(f"{name} needs scikit-learn: pip install scikit-learn") from None
    return getattr(metrics, name)(*labels, **kwargs)


def _accuracy(golds: Any, preds: Any, **kwargs: Any) -> float:
    if kwargs:
        return _sklearn("accuracy_score", golds, preds, **kwargs)
    return _ratio((golds == preds).sum(), len(golds), float("nan"))


def _coverage(preds: Any) -> float:
    return _ratio((preds != -1).sum(), len(preds), float("nan"))


def _counts(golds: Any, preds: Any, label: int) -> tuple[int, int, int]:
    """Rows that are of a label and predicted to be, predicted to be, and of it."""
    is_label, said = golds == label, preds == label
    return (is_label & said).sum(), said.sum(), is_label.sum()


def _binary(golds: Any, preds: Any) -> tuple[int, int, int]:
    present = np.union1d(golds, preds)
    if len(present) > 2 or (len(present) == 2 and 1 not in present):
        raise DataError(
            f"the metric is about the class 1 of two, and there are {present.tolist()}; for more "
            "take f1_micro or f1_macro"
        )
    return _counts(golds, preds, 1)


def _precision(golds: Any, preds: Any, **kwargs: Any) -> float:
    if kwargs:
        return _sklearn("precision_score", golds, preds, **kwargs)
    both, said, _ = _binary(golds, preds)
    return _ratio(both, said)


def _recall(golds: Any, preds: Any, **kwargs: Any) -> float:
    if kwargs:
        return _sklearn("recall_score", golds, preds, **kwargs)
    both, _, actual = _binary(golds, preds)
    return _ratio(both, actual)


def _fbeta(golds: Any, preds: Any, beta: float | None = None, **kwargs: Any) -> float:
    if beta is None:
        raise DataError(
            "the metric fbeta needs beta, which score cannot pass on; take metric_score"
        )
    if kwargs:
        return _sklearn("fbeta_score", golds, preds, beta=beta, **kwargs)
    both, said, actual = _binary(golds, preds)
    return _ratio((1 + beta**2) * both, beta**2 * actual + said)


def _f1(golds: Any, preds: Any) -> float:
    if len(golds) and golds.max() > 1:
        raise DataError("f1 not supported for multiclass labels; take f1_micro or f1_macro")
    return _fbeta(golds, preds, beta=1.0)


def _f1_macro(golds: Any, preds: Any) -> float:
    labels = np.union1d(golds, preds)
    counts = [_counts(golds, preds, label) for label in labels]
    scores = [_ratio(2 * both, actual + said) for both, said, actual in counts]
    return sum(scores) / len(scores) if scores else float("nan")


def _roc_auc(golds: Any, probs: Any, **kwargs: Any) -> float:
    if probs.ndim != 2 or probs.shape[1] != 2:
        raise DataError(
            "the metric roc_auc is only defined for binary problems, with two columns of probs"
        )
    return _sklearn("roc_auc_score", golds, probs[:, 1], **kwargs)


def _ratio(part: float, whole: float, of_nothing: float = 0.0) -> float:
    return part / whole if whole else of_nothing


# Metrics by name: the function, and what it needs. With one label a row, micro F1 is the accuracy.
METRICS: dict[str, tuple[Callable[..., float], tuple[str, ...]]] = {
    "accuracy": (_accuracy, ("golds", "preds")),
    "coverage": (_coverage, ("preds",)),
    "precision": (_precision, ("golds", "preds")),
    "recall": (_recall, ("golds", "preds")),
    "f1": (_f1, ("golds", "preds")),
    "f1_micro": (_accuracy, ("golds", "preds")),
    "f1_macro": (_f1_macro, ("golds", "preds")),
    "fbeta": (_fbeta, ("golds", "preds")),
    "matthews_corrcoef": (partial(_sklearn, "matthews_corrcoef"), ("golds", "preds")),
    "roc_auc": (_roc_auc, ("golds", "probs")),
}
