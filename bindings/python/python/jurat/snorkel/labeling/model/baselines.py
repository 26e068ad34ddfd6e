"""Voters that a label model should beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from .... import DataError, FitError
from ..._votes import label_matrix
from .base_labeler import BaseLabeler


class RandomVoter(BaseLabeler):
    """Random probabilities, from ``numpy.random``."""

    def predict_proba(self, L: Any) -> np.ndarray:
        """Random numbers that sum to 1, n_rows × n_classes."""
        probs = np.random.rand(len(label_matrix(L)), self.cardinality)
        return probs / probs.sum(axis=1, keepdims=True)


class MajorityClassVoter(BaseLabeler):
    """The most frequent class, for every row."""

    balance: np.ndarray | None = None

    def fit(self, balance: Any, *args: Any, **kwargs: Any) -> None:
        """Takes the share of each class, n_classes; other arguments have no effect."""
        shares = np.asarray(balance, dtype=float)
        if shares.shape != (self.cardinality,) or not np.isfinite(shares).all():
            raise FitError(f"balance must have {self.cardinality} shares, one for each class")
        self.balance = shares

    def predict_proba(self, L: Any) -> np.ndarray:
        """1 for the most frequent class, or even parts for those that are, n_rows × n_classes."""
        if self.balance is None:
            raise FitError("the voter knows no class balance yet; call fit(balance) first")
        most = (self.balance == self.balance.max()).astype(float)
        return np.tile(most / most.sum(), (len(label_matrix(L)), 1))

    def _state(self) -> dict[str, Any]:
        balance = None if self.balance is None else self.balance.tolist()
        return {**super()._state(), "balance": balance}

    def _restore(self, content: dict[str, Any]) -> None:
        super()._restore(content)
        balance = content["balance"]
        self.balance = None if balance is None else np.asarray(balance, dtype=float)


class MajorityLabelVoter(BaseLabeler):
    """The class with most votes, row by row."""

    def predict_proba(self, L: Any) -> np.ndarray:
        """1 for the class with most votes, or even parts for those that tie, n_rows × n_classes.

        A row without votes has 1 / n_classes for each.
        """
        votes = label_matrix(L)
        if votes.size and votes.max() >= self.cardinality:
            raise DataError(
                f"L votes for the class {votes.max()}, the cardinality is {self.cardinality}"
            )
        counts = np.stack([(votes == y).sum(axis=1) for y in range(self.cardinality)], axis=1)
        most = (counts == counts.max(axis=1, keepdims=True)).astype(float)
        return most / most.sum(axis=1, keepdims=True)
