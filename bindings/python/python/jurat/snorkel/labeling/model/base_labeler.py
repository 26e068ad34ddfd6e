"""What label models and voters have in common."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from .... import DataError, ModelFileError
from ...analysis import Scorer
from ...utils import probs_to_preds

_FORMAT = "jurat-snorkel-1"
_log = logging.getLogger("jurat.snorkel")


class BaseLabeler(ABC):
    """Probabilities, labels and scores of a label matrix.

    :param cardinality: the number of classes.
    """

    def __init__(self, cardinality: int = 2, **kwargs: Any) -> None:
        if isinstance(cardinality, bool) or int(cardinality) != cardinality or cardinality < 2:
            raise DataError(f"cardinality must be a whole number from 2 on, it is {cardinality!r}")
        self.cardinality = int(cardinality)

    @abstractmethod
    def predict_proba(self, L: Any) -> np.ndarray:
        """The probability of each class for each row, n_rows × n_classes."""

    def predict(
        self, L: Any, return_probs: bool | None = False, tie_break_policy: str = "abstain"
    ) -> Any:
        """The most probable class of each row, n_rows, -1 where there is none.

        :param return_probs: whether to return the probabilities, too, n_rows × n_classes.
        :param tie_break_policy: ``abstain``, ``random`` or ``true-random``; see
            :func:`jurat.snorkel.probs_to_preds`. Rows without votes tie unless a class balance is
            known.
        """
        probs = self.predict_proba(L)
        preds = probs_to_preds(probs, tie_break_policy)
        return (preds, probs) if return_probs else preds

    def score(
        self,
        L: Any,
        Y: Any,
        metrics: Sequence[str] | None = ("accuracy",),
        tie_break_policy: str = "abstain",
    ) -> dict[str, float]:
        """Scores against known labels, by the name of the metric.

        Rows without a known label (-1) do not count, nor do those without a prediction, but for
        ``coverage``.

        :param Y: known labels, n_rows.
        :param metrics: ``accuracy``, ``coverage``, ``precision``, ``recall``, ``f1``, ``f1_micro``,
            ``f1_macro``, ``fbeta``, ``matthews_corrcoef``, ``roc_auc``; the last two need
            scikit-learn.
        :param tie_break_policy: as for :meth:`predict`.
        """
        if tie_break_policy == "abstain":
            _log.warning(
                "rows without a predicted label are left out of the scores, but for coverage"
            )
        preds, probs = self.predict(L, return_probs=True, tie_break_policy=tie_break_policy)
        return Scorer(metrics=metrics).score(np.asarray(Y), preds, probs)

    def save(self, destination: str | os.PathLike[str]) -> None:
        """Writes what was learned to a file, as JSON."""
        content = {"format": _FORMAT, "labeler": type(self).__name__, **self._state()}
        folder = os.path.dirname(os.path.abspath(destination))
        handle, staged = tempfile.mkstemp(dir=folder)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(content, file)
            os.replace(staged, destination)
        except BaseException:
            os.unlink(staged)
            raise

    def load(self, source: str | os.PathLike[str]) -> None:
        """Takes over what :meth:`save` wrote.

        :raises ModelFileError: when the file is something else.
        """
        name = type(self).__name__
        try:
            with open(source, encoding="utf-8") as file:
                content = json.load(file)
            if content["format"] != _FORMAT or content["labeler"] != name:
                raise ValueError
            self._restore(content)
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, ModelFileError):
                raise
            raise ModelFileError(
                f"{os.fspath(source)} was not written by {name}.save; fit the model again (a file "
                "of Snorkel itself is a pickle and is not read)"
            ) from None

    def _state(self) -> dict[str, Any]:
        return {"cardinality": self.cardinality}

    def _restore(self, content: dict[str, Any]) -> None:
        self.cardinality = int(content["cardinality"])
