"""Jurat on Apache Spark: every partition is voted on, counted and labeled where it is.

Rows never leave the executors. A partition becomes counts of patterns of votes, some kilobytes; counts are added
in a tree; the driver fits the label model on the sum; and the executors label their rows with it. Labels, model
and report are those of one machine, bit for bit, however the rows are divided.

>>> import jurat.spark                                               # doctest: +SKIP
>>> labeled, fitted = jurat.spark.run(df, "spec.yaml")               # doctest: +SKIP
>>> labeled.write.parquet("labels")                                  # doctest: +SKIP
>>> fitted.save("run")                                               # doctest: +SKIP

Needs PySpark 3.5 or later and pyarrow on the driver and the executors, and this package on both. Partitions are
Arrow on the way in and out (``mapInArrow``), so that no row becomes a Python object unless a labeling function in
Python looks at it. A task uses as many threads as Spark gives it processors (``spark.task.cpus``).
"""

from __future__ import annotations

import hashlib
import math
import os
import pickle
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ._jurat import Fitted, Job, Labeler, LfSet, PatternCounts

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame

__all__ = ["apply", "count_patterns", "fit", "label", "run"]

# Rows that are voted on together: batches of Spark are smaller.
_ROWS = 1 << 16

# Counts that one task of the tree adds.
_FAN = 32


def apply(
    df: DataFrame,
    spec: str | os.PathLike[str] | LfSet,
    *,
    functions: Sequence[Any] = (),
    keep: Sequence[str] | None = None,
) -> DataFrame:
    """The rows with their votes: a column ``lf:<name>`` a labeling function, null where it abstained.

    :param spec: the path of a spec, or an ``LfSet``.
    :param functions: labeling functions in Python that run beside those of the spec; they travel to the executors.
    :param keep: the columns of ``df`` to keep; by default all.
    """
    lfs = spec if isinstance(spec, LfSet) else LfSet.from_yaml(os.fspath(spec))
    if functions:
        lfs = lfs.with_functions(list(functions))
    return _extended(df, lfs, lfs.columns, keep, [(f"lf:{name}", "string") for name in lfs.lfs])


def count_patterns(
    df: DataFrame, spec: str | os.PathLike[str] | Job, *, functions: Sequence[Any] = ()
) -> PatternCounts:
    """How often each pattern of votes occurs, with known labels, slices and periods.

    Every partition is counted where it is, and the counts are added in a tree of tasks, so that the driver gets a
    few of them at the most.
    """
    job = _job(spec, functions)
    shipped = _Shipped(df, job)
    wanted = _select(df, job.columns)

    def count(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        import pyarrow

        batches = iter(batches)
        first = next(batches, None)
        if first is not None:
            reader = pyarrow.RecordBatchReader.from_batches(first.schema, _chain(first, batches))
            yield _packed(shipped.get().count(reader))

    counted = wanted.mapInArrow(count, "counts binary")
    while (n := _partitions(counted)) > _FAN:
        counted = counted.repartition(math.ceil(n / _FAN)).mapInArrow(_merge, "counts binary")
    parts = [PatternCounts.from_bytes(bytes(row["counts"])) for row in counted.collect()]
    if not parts:
        return job.count(_empty(wanted))
    return PatternCounts.merge(parts)


def fit(
    df: DataFrame, spec: str | os.PathLike[str] | Job, *, functions: Sequence[Any] = ()
) -> Fitted:
    """The label model, the decision and the report for all rows, fitted on the driver from counts."""
    job = _job(spec, functions)
    return job.fit(count_patterns(df, job))


def label(
    df: DataFrame, fitted: Fitted | Labeler, *, keep: Sequence[str] | None = None
) -> DataFrame:
    """The rows with ``label`` (null where there is none), ``confidence``, and ``prob:<label>`` for each label.

    :param fitted: what :func:`fit` gave, or ``Labeler.from_run(folder)`` for a run directory.
    :param keep: the columns of ``df`` to keep; by default all.
    """
    labeler = fitted.labeler if isinstance(fitted, Fitted) else fitted
    columns = [("label", "string"), ("confidence", "double")]
    columns += [(f"prob:{name}", "double") for name in labeler.labels]
    return _extended(df, labeler, labeler.columns, keep, columns)


def run(
    df: DataFrame,
    spec: str | os.PathLike[str] | Job,
    *,
    functions: Sequence[Any] = (),
    keep: Sequence[str] | None = None,
) -> tuple[DataFrame, Fitted]:
    """Counts, fits and labels: the labeled rows, and what was fitted, with the report.

    The rows are read twice, once to count and once to label; cache ``df`` where that is dear.
    """
    fitted = fit(df, spec, functions=functions)
    return label(df, fitted, keep=keep), fitted


def _job(spec: Any, functions: Sequence[Any]) -> Job:
    job = spec if isinstance(spec, Job) else Job.from_yaml(os.fspath(spec))
    return job.with_functions(list(functions)) if functions else job


def _select(df: DataFrame, columns: Sequence[str]) -> DataFrame:
    """Only these columns; those that are missing are for the message that names them."""
    known = [column for column in columns if column in df.columns]
    if len(known) < len(columns) or not known:
        return df
    return df.select(*(_quoted(column) for column in known))


def _quoted(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"


def _extended(
    df: DataFrame,
    tool: LfSet | Labeler,
    reads: Sequence[str],
    keep: Sequence[str] | None,
    columns: list[tuple[str, str]],
) -> DataFrame:
    """Rows with the columns that a tool adds, a piece of a partition after the other."""
    from pyspark.sql.types import DoubleType, StringType, StructField, StructType

    kept = list(df.columns if keep is None else keep)
    added = [name for name, _ in columns]
    for name in added:
        if name in kept:
            raise ValueError(
                f"the rows have a column `{name}` already; leave it out with keep=[…], or rename it"
            )
    for name in kept:
        if name not in df.columns:
            raise ValueError(f"there is no column `{name}` to keep; the columns are {df.columns}")
    types = {"string": StringType(), "double": DoubleType()}
    schema = StructType(
        [df.schema[name] for name in kept]
        + [StructField(name, types[kind], True) for name, kind in columns]
    )
    shipped = _Shipped(df, tool)
    by_label = isinstance(tool, Labeler)

    def extend(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        import pyarrow

        for table in _pieces(batches):
            own = shipped.get()
            made = pyarrow.table(own.label(table) if by_label else own.apply(table))
            out = table.select(kept)
            for name in added:
                out = out.append_column(name, made.column(name))
            yield from out.combine_chunks().to_batches()

    wanted = _select(df, list(dict.fromkeys([*kept, *reads])))
    return wanted.mapInArrow(extend, schema)


def _pieces(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.Table]:
    """Batches joined to tables of some size, so that voting on them pays."""
    import pyarrow

    held: list[pyarrow.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= _ROWS:
            yield pyarrow.Table.from_batches(held)
            held, rows = [], 0
    if rows:
        yield pyarrow.Table.from_batches(held)


def _chain(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _merge(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
    """Adds the counts of some partitions."""
    merged: PatternCounts | None = None
    for batch in batches:
        parts = [PatternCounts.from_bytes(counts.as_py()) for counts in batch.column(0)]
        if merged is not None:
            parts.append(merged)
        if parts:
            merged = PatternCounts.merge(parts)
    if merged is not None:
        yield _packed(merged)


def _packed(counts: PatternCounts) -> pyarrow.RecordBatch:
    import pyarrow

    return pyarrow.RecordBatch.from_arrays(
        [pyarrow.array([counts.to_bytes()], pyarrow.binary())], ["counts"]
    )


def _partitions(df: DataFrame) -> int:
    try:
        return int(df.rdd.getNumPartitions())
    except Exception:  # Spark Connect has no RDDs, and the driver takes all counts.
        return 1


def _empty(df: DataFrame) -> Any:
    """No rows with the columns of a frame."""
    return {name: [] for name in df.columns}


class _Shipped:
    """A job, a labeler or a set on its way to the executors: once a process, not once a task."""

    def __init__(self, df: DataFrame, tool: Any) -> None:
        content = pickle.dumps(tool)
        self._key = hashlib.sha256(content).hexdigest()
        try:
            self._content: Any = df.sparkSession.sparkContext.broadcast(content)
        except Exception:  # Spark Connect has no broadcasts; it goes with the task.
            self._content = content

    def get(self) -> Any:
        tool = _restored.get(self._key)
        if tool is None:
            _use_processors()
            content = self._content
            tool = pickle.loads(content if isinstance(content, bytes) else content.value)
            while len(_restored) >= _KEPT:
                _restored.pop(next(iter(_restored)))
            _restored[self._key] = tool
        return tool


# What was restored in this process; workers serve several tasks.
_restored: dict[str, Any] = {}
_KEPT = 4


def _use_processors() -> None:
    """As many threads as the task has processors."""
    from pyspark import TaskContext

    context = TaskContext.get()
    if context is not None:
        os.environ.setdefault("RAYON_NUM_THREADS", str(context.cpus()))
