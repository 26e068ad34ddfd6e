"""Labeling functions that are written in Python."""

from __future__ import annotations

import functools
import importlib
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_TYPES = {str: "text", float: "number", int: "whole", list: "vector"}


class LabelingFunction:
    """A Python function that votes on rows, with the columns that it reads.

    Made by :func:`labeling_function`. It can be called like the function itself.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        columns: Sequence[str] | Mapping[str, type] = ("text",),
        name: str | None = None,
        version: str | None = None,
    ) -> None:
        if not callable(function):
            raise TypeError(f"a labeling function must be callable, this is {function!r}")
        if isinstance(columns, str):
            columns = [columns]
        types: Mapping[str, type | None]
        types = columns if isinstance(columns, Mapping) else dict.fromkeys(columns)
        for column, declared in types.items():
            if declared is not None and declared not in _TYPES:
                raise TypeError(f"column {column!r}: its type must be str, float, int or list")
        self.function = function
        self.columns = dict(types)
        self.name = name or getattr(function, "__name__", type(function).__name__)
        self.version = version
        functools.update_wrapper(self, function, updated=())

    @property
    def columns_and_types(self) -> list[tuple[str, str | None]]:
        """The columns, and as what they are read: text, number, whole, vector, or as they come."""
        return [(name, _TYPES[kind] if kind else None) for name, kind in self.columns.items()]

    def __call__(self, row: Any) -> Any:
        return self.function(row)

    def __repr__(self) -> str:
        return f"LabelingFunction({self.name}, columns={list(self.columns)})"

    def __reduce__(self) -> Any:
        # A decorated function stands in its module under its name, where the function itself should.
        module, name = self.function.__module__, getattr(self.function, "__qualname__", "")
        if module != "__main__" or _cloudpickle() is None:
            found: Any = sys.modules.get(module)
            for part in name.split("."):
                found = getattr(found, part, None)
            if found is self:
                return (_named, (module, name))
        return (LabelingFunction, (self.function, _plain(self.columns), self.name, self.version))


def _plain(columns: Mapping[str, type | None]) -> Any:
    typed = {name: kind for name, kind in columns.items() if kind is not None}
    return dict(columns) if len(typed) == len(columns) and typed else list(columns)


def _named(module: str, name: str) -> Any:
    __import__(module)
    found: Any = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part)
    return found


def labeling_function(
    function: Callable[[Any], Any] | None = None,
    *,
    columns: Sequence[str] | Mapping[str, type] = ("text",),
    name: str | None = None,
    version: str | None = None,
) -> Any:
    """Makes a labeling function of a Python function, as a decorator.

    The function gets a row, whose declared columns are its attributes and items, and gives a label,
    the number of a label, or None (or -1) to abstain. What it raises is an abstention, and noted.

    :param columns: the columns that it reads. Numbers of frames come as numbers, lists as lists,
        all else as str; a dict such as ``{"age": float}`` (str, float, int, list) says it for files
        without types, too.
    :param name: its name; that of the function if there is none.
    :param version: change it whenever what the function votes changes. With a version, votes may be
        kept in the cache of ``apply``; without, the function always runs.

    >>> @labeling_function(columns=["text"])
    ... def promo(row):
    ...     return "spam" if "subscribe" in row.text.lower() else None
    """
    if function is not None:
        return LabelingFunction(function, columns, name, version)
    return lambda function: LabelingFunction(function, columns, name, version)


def as_labeling_function(function: Any) -> LabelingFunction:
    """A decorated function as it is, any other one as a reader of the column ``text``."""
    if isinstance(function, LabelingFunction):
        return function
    return LabelingFunction(function)


def _cloudpickle() -> Any:
    for name in ("cloudpickle", "pyspark.cloudpickle"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def dump(functions: list[Any]) -> bytes:
    """Functions as bytes: with cloudpickle if it is there, which takes lambdas and notebooks, too."""
    content: bytes = (_cloudpickle() or pickle).dumps(functions)
    return content


def load(content: bytes) -> list[Any]:
    """Functions again."""
    functions: list[Any] = pickle.loads(content)
    return functions
