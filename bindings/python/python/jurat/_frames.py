"""What Python programs have data in, on its way to Arrow."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

_PANDAS_ROWS = 1 << 16


def prepare(frame: Any, wanted: list[str]) -> tuple[str, str, Any]:
    """The kind of some data (files, stream or columns), what messages call them, and the data, of
    which these columns are wanted."""
    if isinstance(frame, (str, os.PathLike)):
        return "files", "", [os.fspath(frame)]
    if isinstance(frame, (list, tuple)) and all(isinstance(p, (str, os.PathLike)) for p in frame):
        return "files", "", [os.fspath(path) for path in frame]
    if isinstance(frame, Mapping):
        return "columns", "columns", {str(k): _values(v) for k, v in frame.items()}
    module = type(frame).__module__.partition(".")[0]
    name = type(frame).__name__
    if module == "pandas" and name == "DataFrame":
        return _pandas(frame, wanted)
    if module == "polars" and name == "LazyFrame":
        raise TypeError("a LazyFrame has no rows yet; give jurat frame.collect()")
    if module == "polars" and name == "DataFrame":
        known = [column for column in dict.fromkeys(wanted) if column in frame.columns]
        # What is not there is for the message that says so.
        if len(known) == len(set(wanted)) and known:
            frame = frame.select(known)
        return "stream", name, frame
    if hasattr(frame, "__arrow_c_stream__"):
        return "stream", name, frame
    if hasattr(frame, "__arrow_c_array__"):
        import pyarrow

        return "stream", name, pyarrow.Table.from_batches([pyarrow.record_batch(frame)])
    raise TypeError(
        f"jurat reads frames of polars, pandas and pyarrow, everything else with __arrow_c_stream__, "
        f"dicts of lists, and paths of files; this is a {module}.{name}"
    )


def _pandas(frame: Any, wanted: list[str]) -> tuple[str, str, Any]:
    """A DataFrame of pandas, of which a slice after the other is converted."""
    names = [str(name) for name in frame.columns]
    missing = any(column not in names for column in wanted)
    # Messages name all columns that there are; columns of odd objects do not matter otherwise.
    chosen = frame if missing else frame.loc[:, [name in wanted for name in names]]
    try:
        import pyarrow
    except ImportError:
        columns = {}
        for at, name in enumerate(chosen.columns):
            series = chosen.iloc[:, at].astype(object)
            columns[str(name)] = series.where(series.notna(), None).tolist()
        return "columns", "DataFrame", columns
    if missing:
        empty = {name: pyarrow.array([], pyarrow.null()) for name in names}
        return "stream", "DataFrame", pyarrow.table(empty)
    try:
        schema = pyarrow.Schema.from_pandas(chosen, preserve_index=False)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError) as error:
        raise _data_error(f"DataFrame: {error}") from None
    pieces = (
        pyarrow.RecordBatch.from_pandas(
            chosen.iloc[start : start + _PANDAS_ROWS], schema=schema, preserve_index=False
        )
        for start in range(0, len(chosen), _PANDAS_ROWS)
    )
    return "stream", "DataFrame", pyarrow.RecordBatchReader.from_batches(schema, pieces)


def _data_error(text: str) -> Exception:
    from ._jurat import DataError

    return DataError(text)


def _values(values: Any) -> list[Any]:
    """A column of a dict as a list."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"a column must be a list of values, this is a {type(values).__name__}")
    if getattr(values, "ndim", 1) > 1:
        return list(values)
    to_list = getattr(values, "tolist", None) or getattr(values, "to_list", None)
    return to_list() if to_list else list(values)


def rows(index: Any, n: int) -> list[int]:
    """The numbers of the rows that an index means."""
    import numpy

    if isinstance(index, tuple):
        raise TypeError("votes have rows to choose from, not columns: votes[rows]")
    if isinstance(index, (list, tuple)) and not index:
        return []
    chosen = numpy.arange(n)[index]
    if chosen.ndim != 1:
        raise TypeError("choose rows with a slice, a mask or a list of numbers")
    numbers: list[int] = chosen.tolist()
    return numbers


def votes(array: Any) -> Any:
    """Class numbers as an array that can be read without a copy, if they are one already."""
    import numpy

    if hasattr(array, "toarray"):
        raise TypeError("give from_numpy a dense array, for example L.toarray() - 1")
    array = numpy.asarray(array)
    if array.ndim != 2:
        raise _data_error(f"votes must be an array of rows × LFs, this one has {array.ndim} axes")
    if array.dtype.kind == "f":
        whole = array.astype(numpy.int64)
        if not (whole == array).all():
            raise _data_error("votes must be class numbers, and some are no whole numbers")
        return whole
    known = array.dtype.isnative and array.dtype.name in ("int8", "int16", "int32", "int64")
    if not known:
        if array.dtype.kind not in "iub":
            raise _data_error(f"votes must be class numbers, the array has the type {array.dtype}")
        return array.astype(numpy.int64)
    return array
