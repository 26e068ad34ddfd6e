"""Label models, in the manner of scikit-learn."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import _jurat
from ._jurat import DataError, FitError, LabelMatrix, Report


def label_models() -> dict[str, str]:
    """The names of the label models, each with a sentence on what it is."""
    return {name: summary for name, summary, _ in _jurat.models()}


class LabelModel:
    """Learns how far to trust which labeling function, and gives probabilistic labels.

    :param model: the name of the model, see :func:`label_models`.
    :param class_balance: the share of each label among all rows, if it is known: a dict by label, or
        a sequence in the order of the labels.
    :param trust: the accuracy that you expect of a labeling function, by name.
    :param settings: settings of the model.

    >>> L = LabelMatrix.from_numpy([[0, 0], [1, -1], [1, 1]], labels=["ham", "spam"], lfs=["a", "b"])
    >>> LabelModel("majority").fit(L).predict(L).tolist()
    ['ham', 'spam', 'spam']
    """

    def __init__(
        self,
        model: str = "auto",
        *,
        class_balance: Mapping[str, float] | Sequence[float] | None = None,
        trust: Mapping[str, float] | None = None,
        **settings: float | str,
    ) -> None:
        self.model = model
        self.class_balance = class_balance
        self.trust = trust
        self._settings = settings

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters, as the constructor takes them."""
        params = {"model": self.model, "class_balance": self.class_balance, "trust": self.trust}
        return {**params, **self._settings}

    def set_params(self, **params: Any) -> LabelModel:
        """Changes parameters; the model must be fitted again."""
        for name, value in params.items():
            if name in ("model", "class_balance", "trust"):
                setattr(self, name, value)
            else:
                self._settings[name] = value
        return self

    def fit(self, votes: LabelMatrix, y: Any = None) -> LabelModel:
        """Learns from votes.

        :param votes: the label matrix, n_rows × n_lfs.
        :param y: known labels to learn from, one a row: labels or their numbers, None or -1 where
            there is none. A few dozen help; do not score on the same rows.
        :raises FitError: when there is nothing to learn from, or a setting is wrong.
        """
        labels, lfs = votes.labels, votes.lfs
        balance = self.class_balance
        if isinstance(balance, Mapping):
            if set(balance) != set(labels):
                raise FitError(f"class_balance names {list(balance)}, the labels are {labels}")
            balance = [balance[label] for label in labels]
        trust = []
        for name, accuracy in (self.trust or {}).items():
            if name not in lfs:
                raise FitError(f"trust: no labeling function is named `{name}`")
            trust.append((lfs.index(name), float(accuracy)))
        self.fitted_ = _jurat.fit(
            votes,
            self.model,
            list(self._settings.items()),
            None if balance is None else [float(share) for share in balance],
            trust,
            None if y is None else known_labels(y, votes),
        )
        return self

    def predict_proba(self, votes: LabelMatrix) -> np.ndarray:
        """The probability of each label for each row, n_rows × n_classes."""
        return self._fitted().predict_proba(votes)

    def predict(self, votes: LabelMatrix) -> np.ndarray:
        """The most probable label of each row, an array of str; None where there is no vote, or a
        tie."""
        fitted = self._fitted()
        names = np.array([*fitted.labels, None], dtype=object)
        return names[fitted.decide(votes)]

    def fit_predict(self, votes: LabelMatrix, y: Any = None) -> np.ndarray:
        """Fits, and gives the labels of the same rows."""
        return self.fit(votes, y).predict(votes)

    @property
    def classes_(self) -> np.ndarray:
        """The labels, in the order of the columns of ``predict_proba``."""
        return np.array(self._fitted().labels, dtype=object)

    @property
    def notes_(self) -> list[str]:
        """What the model has to say about the fit."""
        return self._fitted().notes

    def to_json(self) -> str:
        """The fitted model as JSON, as in a run directory or from ``jurat fit --save-model``."""
        return self._fitted().to_json()

    @classmethod
    def from_json(cls, text: str) -> LabelModel:
        """Reads a fitted model from JSON.

        :raises ModelFileError: for a text that is no model.
        """
        return cls._of(_jurat.FittedModel.from_json(text))

    @classmethod
    def _of(cls, fitted: _jurat.FittedModel) -> LabelModel:
        model = cls()
        model.fitted_ = fitted
        return model

    def report(self, votes: LabelMatrix, gold: Any = None) -> Report:
        """What there is to say of votes and their labels.

        :param gold: known labels to score against, one a row, as ``y`` of :meth:`fit`.
        """
        known = None if gold is None else known_labels(gold, votes)
        return Report._of(votes, self._fitted(), known)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the fitted model to a file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.to_json())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> LabelModel:
        """Reads a fitted model from a file."""
        with open(path, encoding="utf-8") as file:
            return cls.from_json(file.read())

    def _fitted(self) -> _jurat.FittedModel:
        try:
            return self.fitted_
        except AttributeError:
            raise FitError("the label model is not fitted yet; call fit(votes) first") from None

    def __sklearn_is_fitted__(self) -> bool:
        return "fitted_" in self.__dict__

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, Tags, TargetTags

        target = TargetTags(required=False)
        return Tags("classifier", target, classifier_tags=ClassifierTags())

    def __getattr__(self, name: str) -> Any:
        settings = self.__dict__.get("_settings", {})
        if name in settings:
            return settings[name]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        if "fitted_" in state:
            state["fitted_"] = state["fitted_"].to_json()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        if "fitted_" in state:
            state["fitted_"] = _jurat.FittedModel.from_json(state["fitted_"])
        self.__dict__.update(state)

    def __repr__(self) -> str:
        params = {name: value for name, value in self.get_params().items() if value is not None}
        given = [repr(params.pop("model")), *(f"{k}={v!r}" for k, v in params.items())]
        return f"LabelModel({', '.join(given)})"


def known_labels(y: Any, votes: LabelMatrix) -> list[int | None]:
    """Known labels as class numbers, one a row."""
    labels = votes.labels
    values = y.tolist() if hasattr(y, "tolist") else list(y)
    if len(values) != votes.shape[0]:
        raise DataError(f"y has {len(values)} known labels for {votes.shape[0]} rows")
    numbers: dict[Any, int | None] = {label: number for number, label in enumerate(labels)}
    known: list[int | None] = []
    for row, value in enumerate(values):
        if isinstance(value, str):
            if value not in numbers:
                raise DataError(
                    f"data row {row + 1}: y holds `{value}`, which is none of the labels "
                    + ", ".join(f"`{label}`" for label in labels)
                )
            known.append(numbers[value])
        elif value is None or value != value or value == -1:
            known.append(None)
        elif isinstance(value, bool) or int(value) != value or not 0 <= value < len(labels):
            raise DataError(
                f"data row {row + 1}: y holds {value!r}, which is the number of no label"
            )
        else:
            known.append(int(value))
    return known
