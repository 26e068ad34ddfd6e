"""Votes of labeling functions on data: those of Python row by row, those of YAML in jurat."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ... import DataError, LfSet
from .. import _rows
from .lf import LabelingFunction

# Votes that are Python objects at a time.
_BLOCK = 1 << 16


class ApplierMetadata(NamedTuple):
    """What happened besides votes."""

    # How often each labeling function failed; those that never did are left out.
    faults: dict[str, int]


class Columns:
    """The columns of a label matrix: which function of Python or which set of YAML votes in them.

    :param lfs: functions, sets, and paths of specs; or one of these alone.
    """

    def __init__(self, lfs: Any) -> None:
        if isinstance(lfs, (str, os.PathLike, LfSet)) or callable(lfs):
            lfs = [lfs]
        self.names: list[str] = []
        self.functions: list[tuple[int, Any]] = []
        self.sets: list[tuple[int, LfSet]] = []
        self.labels: list[str] | None = None
        for lf in lfs:
            if isinstance(lf, (str, os.PathLike)):
                lf = LfSet.from_yaml(lf)
            if isinstance(lf, LfSet):
                if self.labels not in (None, lf.labels):
                    raise DataError(
                        f"two sets have different labels, {self.labels} and {lf.labels}; classes "
                        "are numbered in their order"
                    )
                self.labels = lf.labels
                self.sets.append((len(self.names), lf))
                self.names.extend(lf.lfs)
            elif callable(lf) and hasattr(lf, "name"):
                self.functions.append((len(self.names), lf))
                self.names.append(lf.name)
            else:
                raise DataError(
                    f"{lf!r} is no labeling function; give functions with @labeling_function(), an "
                    "LfSet, or the path of a spec"
                )
        if not self.names:
            raise DataError("there are no labeling functions")
        name, times = Counter(self.names).most_common(1)[0]
        if times > 1:
            raise DataError(f"{times} labeling functions are named `{name}`")


class LFApplier:
    """Applies labeling functions to a list of data points, an array, or a frame.

    :param lfs: labeling functions in the order of the columns. An :class:`jurat.LfSet`, or the path
        of a spec, stands for all its labeling functions, in its order; its labels are the classes
        0, 1, … in the order in which it names them.
    :raises DataError: when two have the same name, or sets have different labels.
    """

    def __init__(self, lfs: Any) -> None:
        self._columns = Columns(lfs)

    @property
    def lf_names(self) -> list[str]:
        """The names of the labeling functions, in the order of the columns."""
        return list(self._columns.names)

    @property
    def labels(self) -> list[str] | None:
        """The labels of the specs, class after class, if there are specs."""
        return self._columns.labels

    def apply(
        self,
        data_points: Any,
        progress_bar: bool = True,
        fault_tolerant: bool = False,
        return_meta: bool = False,
    ) -> Any:
        """Votes on all data points.

        :param data_points: a list or an array of data points; or a frame of pandas, polars or
            pyarrow, or a dict of columns, whose rows are data points (:class:`jurat.snorkel.Row`).
        :param progress_bar: whether to show one, if tqdm is installed.
        :param fault_tolerant: whether a labeling function that raises abstains, instead of ending
            the call.
        :param return_meta: whether to return :class:`ApplierMetadata`, too.
        :returns: class numbers, n_rows × n_lfs, with -1 to abstain.
        """
        columns, faults = self._columns, Counter[str]()
        frame = _rows.is_frame(data_points)
        if columns.sets and not frame and not hasattr(data_points, "__len__"):
            data_points = list(data_points)
        total = _rows.n_rows(data_points)
        points = _rows.rows(data_points) if frame else iter(data_points)
        parts: list[tuple[list[int], np.ndarray]] = []
        if columns.functions:
            shown = _shown(points, total, progress_bar)
            votes = self._python(shown, faults if fault_tolerant else None)
            parts.append(([at for at, _ in columns.functions], votes))
        for at, lfs in columns.sets:
            read = data_points if frame else _cells(data_points, lfs.columns)
            votes = _voted(lfs, read, faults, fault_tolerant)
            parts.append((list(range(at, at + votes.shape[1])), votes))
        L = np.full((len(parts[0][1]), len(columns.names)), -1, dtype=np.int64)
        for places, votes in parts:
            L[:, places] = votes
        return (L, ApplierMetadata(dict(faults))) if return_meta else L

    def _python(self, points: Iterable[Any], faults: Counter[str] | None) -> np.ndarray:
        """The votes of the functions of Python; faults that are counted do not end the call."""
        lfs = [lf for _, lf in self._columns.functions]
        calls = [_direct(lf) for lf in lfs]
        if faults is not None:
            calls = [_guarded(call, lf.name, faults) for call, lf in zip(calls, lfs, strict=True)]
        blocks: list[np.ndarray] = []
        pending: list[Any] = []
        row, start = -1, 0
        try:
            for row, x in enumerate(points):
                pending += [call(x) for call in calls]
                if len(pending) >= _BLOCK:
                    blocks.append(self._block(pending, start, faults))
                    pending, start = [], row + 1
        except Exception as error:
            if hasattr(error, "add_note"):
                error.add_note(
                    f"while labeling functions voted on data point {row}, counted from 0"
                )
            raise
        blocks.append(self._block(pending, start, faults))
        return np.concatenate(blocks)

    def _block(self, votes: list[Any], start: int, faults: Counter[str] | None) -> np.ndarray:
        names = [lf.name for _, lf in self._columns.functions]
        try:
            block = np.array(array("q", votes), dtype=np.int64)
        except (TypeError, OverflowError):
            block = np.empty(len(votes), dtype=np.int64)
            for at, vote in enumerate(votes):
                row, lf = divmod(at, len(names))
                number = _number(vote, self._columns.labels)
                if number is None and faults is None:
                    raise DataError(
                        f"labeling function `{names[lf]}` voted {vote!r} on data point "
                        f"{start + row}; give the number of a class, or -1 to abstain"
                    ) from None
                if number is None and faults is not None:
                    faults[names[lf]] += 1
                block[at] = -1 if number is None else number
        np.maximum(block, -1, out=block)
        return block.reshape(-1, len(names))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._columns.names)})"


class PandasLFApplier(LFApplier):
    """Applies labeling functions to the rows of a DataFrame; see :class:`LFApplier`."""

    def apply(
        self,
        df: Any,
        progress_bar: bool = True,
        fault_tolerant: bool = False,
        return_meta: bool = False,
    ) -> Any:
        """Votes on all rows; see :meth:`LFApplier.apply`.

        :param df: a frame of pandas, polars or pyarrow, or a dict of columns.
        """
        if not _rows.is_frame(df):
            raise DataError(
                f"PandasLFApplier reads frames, this is a {type(df).__name__}; LFApplier reads "
                "lists and arrays"
            )
        return super().apply(df, progress_bar, fault_tolerant, return_meta)


def _direct(lf: Any) -> Callable[[Any], Any]:
    """What to call for a vote: the function itself where there is nothing around it."""
    if type(lf) is LabelingFunction and not lf.pre and not lf.resources:
        return lf.function
    return lf


def _guarded(call: Callable[[Any], Any], name: str, faults: Counter[str]) -> Callable[[Any], Any]:
    def vote(x: Any) -> Any:
        try:
            return call(x)
        except Exception:
            faults[name] += 1
            return -1

    return vote


def _number(vote: Any, labels: list[str] | None) -> int | None:
    """The class that a vote other than an int means, -1 to abstain; None if it means nothing."""
    if vote is None:
        return -1
    if isinstance(vote, str):
        return labels.index(vote) if labels and vote in labels else None
    try:
        whole = int(vote)
        return whole if whole == vote and abs(whole) < 1 << 62 else None
    except (TypeError, ValueError, OverflowError):
        return None


def _voted(lfs: LfSet, data: Any, faults: Counter[str], fault_tolerant: bool) -> np.ndarray:
    """The votes of a set; its Python functions fail as others do."""
    matrix = lfs.apply(data)
    for notes in matrix.notes:
        if notes.failures and not fault_tolerant:
            row, what = notes.first_failures[0]
            raise DataError(
                f"labeling function `{notes.lf}` {what} (data point {row}, {notes.failures} in "
                "all); with fault_tolerant=True it abstains there"
            )
        if notes.failures:
            faults[notes.lf] += notes.failures
    return matrix.to_numpy()


def _cells(points: Any, columns: list[str]) -> dict[str, list[Any]]:
    """The columns that a set reads, from data points that have them as attributes or items."""
    cells: dict[str, list[Any]] = {column: [] for column in columns}
    for at, x in enumerate(points):
        for column, values in cells.items():
            if isinstance(x, str) and column == "text":
                values.append(x)
                continue
            try:
                values.append(x[column] if isinstance(x, Mapping) else getattr(x, column))
            except (AttributeError, KeyError):
                raise DataError(
                    f"data point {at} has no `{column}`, which the spec reads"
                ) from None
    return cells


def _shown(points: Iterator[Any], total: int | None, progress_bar: bool) -> Iterable[Any]:
    if not progress_bar:
        return points
    try:
        from tqdm import tqdm
    except ImportError:
        return points
    return tqdm(points, total=total)
