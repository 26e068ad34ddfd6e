"""Snorkel's ``LabelModel``, fitted by jurat."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from .... import FitError, LabelMatrix, ModelFileError
from .... import LabelModel as Native
from ..._votes import label_matrix
from ...utils import to_int_label_array
from .base_labeler import BaseLabeler

_log = logging.getLogger("jurat.snorkel")

# Keywords of Snorkel's fit; those in the first row count with model="snorkel".
_STEPS = ("n_epochs", "lr", "l2", "prec_init", "mu_eps")
_WITHOUT_EFFECT = (
    "optimizer",
    "optimizer_config",
    "lr_scheduler",
    "lr_scheduler_config",
    "seed",
    "log_freq",
)


class LabelModel(BaseLabeler):
    """Learns how far to trust which labeling function, and gives probabilistic labels.

    By default the model is jurat's ``auto``, and not the one that Snorkel has: it needs no steps,
    rates or seeds, estimates the class balance unless it is given, and takes any number of labeling
    functions.

    :param cardinality: the number of classes.
    :param verbose: without effect; nothing is printed.
    :param device: without effect; all is computed on the processor.
    :param model: the name of the model, see :func:`jurat.label_models`. ``snorkel`` is jurat's fit
        of Snorkel's loss in the same steps, from a start that is not random; ``n_epochs``, ``lr``,
        ``l2``, ``prec_init`` and ``mu_eps`` of :meth:`fit` count for it.
    """

    def __init__(
        self,
        cardinality: int = 2,
        verbose: bool = True,
        device: str = "cpu",
        model: str = "auto",
    ) -> None:
        super().__init__(cardinality)
        if device != "cpu":
            _log.warning("device=%r has no effect: jurat fits on the processor", device)
        self.model = model
        self._native: Native | None = None

    def fit(
        self,
        L_train: Any,
        Y_dev: Any = None,
        class_balance: Sequence[float] | None = None,
        progress_bar: bool = True,
        **kwargs: Any,
    ) -> None:
        """Learns from votes.

        :param L_train: the label matrix, n_rows × n_lfs.
        :param Y_dev: known labels of some rows, of whichever; only the shares of their classes
            count.
        :param class_balance: the share of each class, n_classes, which goes before ``Y_dev``.
            Without both ``auto`` estimates it, and ``snorkel`` takes the classes for equally
            frequent.
        :param progress_bar: without effect.
        :param kwargs: the training settings of Snorkel, so that programs that set them go on:
            ``n_epochs``, ``lr``, ``l2``, ``prec_init`` (a number) and ``mu_eps`` count with
            ``model="snorkel"`` only, and ``optimizer``, ``optimizer_config``, ``lr_scheduler``,
            ``lr_scheduler_config``, ``seed`` and ``log_freq`` never.
        :raises FitError: when there is nothing to learn from, or an argument is wrong.
        """
        unknown = [name for name in kwargs if name not in _STEPS + _WITHOUT_EFFECT]
        if unknown:
            raise FitError(
                f"fit has no argument `{unknown[0]}`; it takes "
                + ", ".join(_STEPS + _WITHOUT_EFFECT)
            )
        votes = label_matrix(L_train, "L_train")
        if votes.size and votes.max() >= self.cardinality:
            raise FitError(
                f"L_train has cardinality {votes.max() + 1} (it votes for the class "
                f"{votes.max()}), and the model {self.cardinality}"
            )
        balance = self._balance(class_balance, Y_dev)
        native = Native(self.model, class_balance=balance, **self._settings(kwargs))
        matrix = self._matrix(votes)
        native.fit(matrix)
        posterior = native.predict_proba(matrix)
        self._native = native
        self._given = None if balance is None else np.asarray(balance)
        self.n, self.m = votes.shape
        self.coverage = (votes != -1).mean(axis=0)
        # The shares of the classes among the rows that were learned from.
        self.p = posterior.mean(axis=0) if self._given is None else self._given
        if self.model == "snorkel":
            self.p = self._prior()
            self._table = self._conditional()
        else:
            self._table = _expected(votes, posterior, self.p)

    def predict_proba(self, L: Any) -> np.ndarray:
        """The probability of each class for each row, n_rows × n_classes.

        A row without votes has the class balance that was given to :meth:`fit`, else 1 / n_classes.
        """
        votes = label_matrix(L)
        probs = self._fitted().predict_proba(self._matrix(votes))
        probs[(votes == -1).all(axis=1)] = self._prior()
        return probs

    def get_conditional_probs(self) -> np.ndarray:
        """P(vote | class), n_lfs × (n_classes + 1) × n_classes; the votes start with abstain.

        With ``model="snorkel"`` these are its parameters. Other models have parameters of other
        kinds: there it is how often each labeling function votes what, among the rows that it was
        fitted to, each counted for a class as far as it probably is of it.
        """
        self._fitted()
        return self._table.copy()

    def get_weights(self) -> np.ndarray:
        """The share of each labeling function's votes that are right, as it was learned, n_lfs.

        NaN for a labeling function that never voted.
        """
        self._fitted()
        right = np.einsum("jyy,y->j", self._table[:, 1:], self.p)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.clip(right / self.coverage, 1e-6, 1.0)

    @property
    def native(self) -> Native:
        """The fitted :class:`jurat.LabelModel`, whose labels are "0", "1", …, as are its LFs."""
        return self._fitted()

    @property
    def notes(self) -> list[str]:
        """What the model has to say about the fit, such as what ``auto`` chose."""
        return self._fitted().notes_

    def _fitted(self) -> Native:
        if self._native is None:
            raise FitError("the label model is not fitted yet; call fit(L_train) first")
        return self._native

    def _prior(self) -> np.ndarray:
        uniform = np.full(self.cardinality, 1 / self.cardinality)
        return uniform if self._given is None else self._given

    def _matrix(self, votes: np.ndarray) -> LabelMatrix:
        labels = [str(y) for y in range(self.cardinality)]
        return LabelMatrix.from_numpy(votes, labels, [str(j) for j in range(votes.shape[1])])

    def _balance(self, class_balance: Any, Y_dev: Any) -> list[float] | None:
        if class_balance is not None:
            shares = np.asarray(class_balance, dtype=float)
            if shares.shape != (self.cardinality,):
                raise FitError(
                    f"class_balance has {shares.size} entries, and the model {self.cardinality} "
                    "classes"
                )
        elif Y_dev is not None:
            known = to_int_label_array(Y_dev)
            known = known[known != -1]
            present = np.unique(known)
            if present.tolist() != list(range(self.cardinality)):
                raise FitError(
                    f"Y_dev has the classes {present.tolist()}, of 0 to {self.cardinality - 1}. "
                    "Does not match LabelModel: a balance needs rows of each; give class_balance "
                    "instead"
                )
            shares = np.bincount(known) / len(known)
        else:
            return None
        if not (np.isfinite(shares).all() and (shares >= 0).all() and shares.any()):
            raise FitError(f"class_balance must be shares of the classes, and is {shares.tolist()}")
        if (shares == 0).any():
            raise FitError(
                f"class_balance is 0 for the class {np.flatnonzero(shares == 0)[0]}, which no row "
                "could have"
            )
        return (shares / shares.sum()).tolist()

    def _settings(self, given: dict[str, Any]) -> dict[str, Any]:
        """The settings of jurat's ``snorkel`` that make the steps of Snorkel."""
        if self.model != "snorkel":
            return {}
        settings = {name: given[name] for name in _STEPS if given.get(name) is not None}
        if np.ndim(settings.get("prec_init", 0)) > 0:
            raise FitError("prec_init must be one number for all labeling functions")
        settings = {name: float(value) for name, value in settings.items()}
        # Snorkel's optimizer has l2 once more as a decay.
        return {"solver": "descent", "decay": settings.get("l2", 0.0), **settings}

    def _conditional(self) -> np.ndarray:
        """P(vote | class) as the parameters of ``snorkel`` say it."""
        (member,) = json.loads(self._fitted().to_json())["members"]
        table = np.zeros((self.m, self.cardinality + 1, self.cardinality))
        for entry in member["evidence"]["evidence"]:
            vote = entry["vote"]
            table[vote["lf"], vote["class"] + 1] = np.exp(entry["scores"])
        table[:, 0] = 1 - table[:, 1:].sum(axis=1)
        return table

    def _state(self) -> dict[str, Any]:
        native = self._fitted()
        return {
            **super()._state(),
            "model": self.model,
            "balance": None if self._given is None else self._given.tolist(),
            "n": self.n,
            "p": self.p.tolist(),
            "coverage": self.coverage.tolist(),
            "conditional_probs": self._table.tolist(),
            "native": json.loads(native.to_json()),
        }

    def _restore(self, content: dict[str, Any]) -> None:
        k, m = int(content["cardinality"]), len(content["coverage"])
        native = Native.from_json(json.dumps(content["native"]))
        table = np.asarray(content["conditional_probs"], dtype=float)
        p = np.asarray(content["p"], dtype=float)
        given = content["balance"]
        given = None if given is None else np.asarray(given, dtype=float)
        if table.shape != (m, k + 1, k) or p.shape != (k,) or len(native.classes_) != k:
            raise ModelFileError("the parts of the model do not fit each other")
        super()._restore(content)
        self.model, self.n, self.m = str(content["model"]), int(content["n"]), m
        self.coverage = np.asarray(content["coverage"], dtype=float)
        self.p, self._given, self._table, self._native = p, given, table, native

    def __repr__(self) -> str:
        return f"LabelModel(cardinality={self.cardinality}, model={self.model!r})"


def _expected(votes: np.ndarray, posterior: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """P(vote | class) from votes, n_rows × n_lfs, and probabilities, n_rows × n_classes."""
    m, k = votes.shape[1], posterior.shape[1]
    rows, lfs = np.nonzero(votes != -1)
    cells = lfs * k + votes[rows, lfs]
    mass = posterior.sum(axis=0)
    table = np.zeros((m, k + 1, k))
    for y in range(k):
        counts = np.bincount(cells, weights=posterior[rows, y], minlength=m * k)
        with np.errstate(divide="ignore", invalid="ignore"):
            table[:, 1:, y] = counts.reshape(m, k) / mass[y]
    table[:, 0] = 1 - table[:, 1:].sum(axis=1)
    return table
