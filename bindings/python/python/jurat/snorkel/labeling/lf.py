"""Labeling functions that are written in Python, with Snorkel's signatures."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ... import DataError


class LabelingFunction:
    """A named function from a data point to the number of a class, or to -1 to abstain.

    :param name: its name, and that of its column.
    :param f: the function.
    :param resources: further arguments of ``f``, by name.
    :param pre: functions from a data point to a data point, which run first, one after the other.
    """

    def __init__(
        self,
        name: str,
        f: Callable[..., int],
        resources: Mapping[str, Any] | None = None,
        pre: Sequence[Callable[[Any], Any]] | None = None,
    ) -> None:
        if not callable(f):
            raise DataError(f"labeling function `{name}`: f must be callable, this is {f!r}")
        functools.update_wrapper(self, f, updated=())
        self.name = name
        self.function = f
        self.resources = dict(resources or {})
        self.pre = list(pre or [])

    def __call__(self, x: Any) -> int:
        for step in self.pre:
            x = step(x)
            if x is None:
                raise DataError(
                    f"labeling function `{self.name}`: the preprocessor {step!r} gave None, no "
                    "data point"
                )
        return self.function(x, **self.resources)

    def __repr__(self) -> str:
        return f"LabelingFunction({self.name})"

    def __reduce__(self) -> Any:
        # A decorated function stands in its module under the name of the function itself.
        name = getattr(self.function, "__qualname__", "")
        found: Any = sys.modules.get(getattr(self.function, "__module__", ""))
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is self:
            return name
        return (type(self), (self.name, self.function, self.resources, self.pre))


def labeling_function(
    name: str | None = None,
    resources: Mapping[str, Any] | None = None,
    pre: Sequence[Callable[[Any], Any]] | None = None,
) -> Callable[[Callable[..., int]], LabelingFunction]:
    """Makes a :class:`LabelingFunction` of a function, as a decorator.

    >>> @labeling_function()
    ... def short(x):
    ...     return 0 if len(x.text) < 10 else -1
    >>> short
    LabelingFunction(short)
    """
    if callable(name):
        raise DataError("the decorator is missing parentheses: write @labeling_function()")
    return lambda f: LabelingFunction(name or f.__name__, f, resources, pre)
