"""Labeling functions, their votes, and what there is to say of these."""

from .analysis import LFAnalysis
from .apply import LFApplier, PandasLFApplier
from .lf import LabelingFunction, labeling_function
from .utils import filter_unlabeled_dataframe

__all__ = [
    "LFAnalysis",
    "LFApplier",
    "LabelingFunction",
    "PandasLFApplier",
    "filter_unlabeled_dataframe",
    "labeling_function",
]
