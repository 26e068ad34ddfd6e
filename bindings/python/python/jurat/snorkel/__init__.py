"""Snorkel's names over jurat, so that programs for Snorkel 0.10 go on after a change of imports.

``from snorkel.labeling import labeling_function`` becomes ``from jurat.snorkel.labeling import
labeling_function``: modules have the names that they have there, and everything is here, too. What
is the same and what differs is in ``docs/snorkel.md``. Labeling functions of Python and of YAML go
together in one applier, so that a program can move one labeling function at a time.

A label matrix is an array of n_rows × n_lfs: the number of a class from 0, and -1 to abstain.
A :class:`jurat.LabelMatrix` does as well.

>>> import numpy as np
>>> from jurat.snorkel import LFAnalysis, MajorityLabelVoter
>>> L = np.array([[0, 0, -1], [1, 1, 1], [1, -1, 0]])
>>> MajorityLabelVoter(cardinality=2).predict(L).tolist()
[0, 1, -1]
>>> LFAnalysis(L).lf_polarities()
[[0, 1], [0, 1], [0, 1]]
"""

from ._rows import Row
from .analysis import Scorer, get_label_buckets, get_label_instances, metric_score
from .labeling import (
    LabelingFunction,
    LFAnalysis,
    LFApplier,
    PandasLFApplier,
    filter_unlabeled_dataframe,
    labeling_function,
)
from .labeling.apply import ApplierMetadata
from .labeling.model import LabelModel, MajorityClassVoter, MajorityLabelVoter, RandomVoter
from .preprocess import preprocessor
from .utils import filter_labels, preds_to_probs, probs_to_preds, to_int_label_array

__all__ = [
    "ApplierMetadata",
    "LFAnalysis",
    "LFApplier",
    "LabelModel",
    "LabelingFunction",
    "MajorityClassVoter",
    "MajorityLabelVoter",
    "PandasLFApplier",
    "RandomVoter",
    "Row",
    "Scorer",
    "filter_labels",
    "filter_unlabeled_dataframe",
    "get_label_buckets",
    "get_label_instances",
    "labeling_function",
    "metric_score",
    "preds_to_probs",
    "preprocessor",
    "probs_to_preds",
    "to_int_label_array",
]
