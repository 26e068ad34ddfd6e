"""Steps before labeling functions."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Hashable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import DataError


class Preprocessor:
    """A function from a data point to a data point, which runs before labeling functions.

    It gets a copy, so that what it sets is not seen by labeling functions without it.

    :param f: the function; None is no data point, and an error of the labeling function.
    :param pre: other preprocessors, which run first.
    :param memoize: whether equal data points are given to ``f`` once only.
    :param memoize_key: what two data points must have in common to be equal; their fields by
        default.
    """

    def __init__(
        self,
        name: str,
        f: Callable[[Any], Any],
        pre: Sequence[Callable[[Any], Any]] | None = None,
        memoize: bool = False,
        memoize_key: Callable[[Any], Hashable] | None = None,
    ) -> None:
        functools.update_wrapper(self, f, updated=())
        self.name = name
        self.function = f
        self.pre = list(pre or [])
        self.memoize = memoize
        self.memoize_key = memoize_key or fields_of
        self.reset_cache()

    def reset_cache(self) -> None:
        """Forgets what it has seen."""
        self._seen: dict[Hashable, Any] = {}

    def __call__(self, x: Any) -> Any:
        key = self.memoize_key(x) if self.memoize else None
        if self.memoize and key in self._seen:
            return self._seen[key]
        mapped = copy.deepcopy(x)
        for step in self.pre:
            mapped = step(mapped)
        mapped = self.function(mapped)
        if self.memoize:
            self._seen[key] = mapped
        return mapped

    def __repr__(self) -> str:
        return f"Preprocessor({self.name})"


def preprocessor(
    name: str | None = None,
    pre: Sequence[Callable[[Any], Any]] | None = None,
    memoize: bool = False,
    memoize_key: Callable[[Any], Hashable] | None = None,
) -> Callable[[Callable[[Any], Any]], Preprocessor]:
    """Makes a :class:`Preprocessor` of a function, as a decorator.

    >>> @preprocessor(memoize=True)
    ... def lower(x):
    ...     x.lower = x.text.lower()
    ...     return x
    """
    if callable(name):
        raise DataError("the decorator is missing parentheses: write @preprocessor()")
    return lambda f: Preprocessor(name or f.__name__, f, pre, memoize, memoize_key)


def fields_of(x: Any) -> Hashable:
    """What says whether two data points are equal: their fields, and not what they are called."""
    try:
        hash(x)
    except TypeError:
        pass
    else:
        return x
    if isinstance(x, SimpleNamespace):
        x = vars(x)
    if hasattr(x, "items"):
        return frozenset((name, fields_of(value)) for name, value in x.items())
    if isinstance(x, np.ndarray):
        return (x.shape, x.dtype.str, x.tobytes())
    if isinstance(x, (list, tuple)):
        return tuple(fields_of(value) for value in x)
    if isinstance(x, (set, frozenset)):
        return frozenset(fields_of(value) for value in x)
    raise DataError(
        f"data points of the type {type(x).__name__} cannot be compared; give the preprocessor a "
        "memoize_key"
    )
