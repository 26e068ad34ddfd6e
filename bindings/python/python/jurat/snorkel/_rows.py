"""The rows of a frame, as labeling functions of Snorkel see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from types import SimpleNamespace
from typing import Any

from .. import DataError

# Rows of a frame that are Python objects at a time.
_PIECE = 1 << 12


class Row(SimpleNamespace):
    """A row of a frame: ``x.text`` and ``x["text"]`` are its cells, and both can be set.

    It stands where Snorkel has a ``pandas.Series``, and is quicker to make and to read. Like there
    ``x.name`` is the row's label in the index, whatever the columns are called; the cell of a
    column ``name`` is ``x["name"]``. Cells are objects of Python: numbers are int and float.
    """

    __slots__ = ("name",)
    __hash__ = None  # type: ignore[assignment]

    def __getitem__(self, column: Any) -> Any:
        return self.__dict__[column]

    def __setitem__(self, column: Any, value: Any) -> None:
        self.__dict__[column] = value

    def __contains__(self, column: Any) -> bool:
        return column in self.__dict__

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__dict__.values())

    def __len__(self) -> int:
        return len(self.__dict__)

    def get(self, column: Any, default: Any = None) -> Any:
        """The cell of a column, or the default if there is no such column."""
        return self.__dict__.get(column, default)

    def keys(self) -> list[Any]:
        """The columns."""
        return list(self.__dict__)

    def items(self) -> list[tuple[Any, Any]]:
        """The columns, each with its cell."""
        return list(self.__dict__.items())

    def to_dict(self) -> dict[Any, Any]:
        """The cells by column."""
        return dict(self.__dict__)

    def to_series(self) -> Any:
        """The row as a ``pandas.Series``."""
        import pandas

        return pandas.Series(self.__dict__, name=self.name, dtype=object)

    def __reduce__(self) -> Any:
        return (_row, (self.__dict__, self.name))


def _row(cells: Mapping[Any, Any], name: Any) -> Row:
    row = Row()
    row.__dict__.update(cells)
    row.name = name
    return row


def is_frame(data: Any) -> bool:
    """Whether some data have rows and named columns."""
    return _kind(data) is not None


def _kind(data: Any) -> str | None:
    if isinstance(data, Mapping):
        return "columns"
    module = type(data).__module__.partition(".")[0]
    if hasattr(data, "iloc") and hasattr(data, "columns"):
        return "pandas"
    if module == "polars" and hasattr(data, "iter_rows"):
        return "polars"
    if module == "pyarrow" and hasattr(data, "to_batches"):
        return "pyarrow"
    return None


def n_rows(data: Any) -> int | None:
    """How many rows or data points there are, if that is known."""
    if isinstance(data, Mapping):
        lengths = {len(column) for column in data.values()}
        if len(lengths) > 1:
            raise DataError(f"the columns have different lengths: {sorted(lengths)}")
        return lengths.pop() if lengths else 0
    kind = _kind(data)
    if kind == "pyarrow":
        return data.num_rows
    return len(data) if hasattr(data, "__len__") else None


def rows(frame: Any) -> Iterator[Row]:
    """The rows of a frame, a piece of it after the other."""
    new = Row.__new__
    for names, columns, index in _pieces(frame):
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(f"two columns of the frame are named `{twice}`")
        cells = zip(*columns, strict=True) if columns else iter([()] * len(index))
        for name, values in zip(index, cells, strict=True):
            row = new(Row)
            row.__dict__.update(zip(names, values, strict=True))
            row.name = name
            yield row


def _pieces(frame: Any) -> Iterator[tuple[list[Any], list[list[Any]], Any]]:
    """Names and values of columns, and labels of rows."""
    kind, total = _kind(frame), n_rows(frame) or 0
    starts = range(0, total, _PIECE)
    if kind == "pandas":
        names = list(frame.columns)
        for start in starts:
            part = frame.iloc[start : start + _PIECE]
            columns = [part.iloc[:, at].tolist() for at in range(len(names))]
            yield names, columns, part.index.tolist()
        return
    if kind == "columns":
        names = list(frame)
        values = [v.tolist() if hasattr(v, "tolist") else v for v in frame.values()]
        for start in starts:
            end = min(start + _PIECE, total)
            columns = [list(islice(column, start, end)) for column in values]
            yield names, columns, range(start, end)
        return
    for start in starts:
        part = frame.slice(start, _PIECE)
        if kind == "polars":
            columns = [column.to_list() for column in part.get_columns()]
            yield list(part.columns), columns, range(start, start + len(part))
        else:
            columns = [column.to_pylist() for column in part.columns]
            yield list(part.column_names), columns, range(start, start + part.num_rows)
