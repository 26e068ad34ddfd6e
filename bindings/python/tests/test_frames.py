"""Every kind of data gives the same votes."""

import array
import datetime
import pathlib

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from conftest import SPEC, TEXTS, VOTES

import jurat


class Stream:
    """An object that has Arrow streams to offer, and nothing else."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


class Array:
    """One that has a single Arrow array to offer."""

    def __init__(self, batch):
        self.batch = batch

    def __arrow_c_array__(self, requested_schema=None):
        return self.batch.__arrow_c_array__(requested_schema)


def text(kind):
    return pa.table({"text": pa.array(TEXTS, kind), "other": range(len(TEXTS))})


def padded(table):
    """A slice of something longer, in odd pieces."""
    table = pa.concat_tables([table, table, table]).combine_chunks()
    n = len(TEXTS)
    return pa.concat_tables([table.slice(n, 2), table.slice(n + 2, 0), table.slice(n + 2, n - 2)])


FRAMES = {
    "dict": lambda: {"text": TEXTS},
    "dict of tuples": lambda: {"text": tuple(TEXTS)},
    "dict of numpy": lambda: {"text": np.array(TEXTS, dtype=object)},
    "dict of series": lambda: {"text": pd.Series(TEXTS)},
    "polars": lambda: pl.DataFrame({"odd": [object()] * len(TEXTS), "text": TEXTS}),
    "polars in pieces": lambda: pl.concat(
        [pl.DataFrame({"text": TEXTS[:3]}), pl.DataFrame({"text": TEXTS[3:]})], rechunk=False
    ),
    "polars slice": lambda: pl.DataFrame({"text": ["thanks", *TEXTS, "thanks"]})[1:-1],
    "polars categories": lambda: pl.DataFrame({"text": pl.Series(TEXTS, dtype=pl.Categorical)}),
    "pandas": lambda: pd.DataFrame({"text": TEXTS, "odd": [object()] * len(TEXTS)}),
    "pandas objects": lambda: pd.DataFrame({"text": pd.Series(TEXTS, dtype=object)}),
    "pandas with an index": lambda: pd.DataFrame({"text": TEXTS}, index=list("gfedcba")),
    "pandas categories": lambda: pd.DataFrame({"text": pd.Categorical(TEXTS)}),
    "pandas arrow": lambda: pd.DataFrame({"text": pd.array(TEXTS, dtype="string[pyarrow]")}),
    "pyarrow": lambda: text(pa.string()),
    "pyarrow large": lambda: text(pa.large_string()),
    "pyarrow view": lambda: text(pa.string_view()),
    "pyarrow dictionary": lambda: pa.table({"text": pa.array(TEXTS).dictionary_encode()}),
    "pyarrow slice": lambda: padded(text(pa.string())),
    "pyarrow slice of views": lambda: padded(text(pa.string_view())),
    "pyarrow batch": lambda: pa.record_batch({"text": TEXTS}),
    "pyarrow reader": lambda: text(pa.string()).to_reader(max_chunksize=2),
    "stream": lambda: Stream(text(pa.string())),
    "array": lambda: Array(pa.record_batch({"text": TEXTS})),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_frames(lfs, kind):
    votes = lfs.apply(FRAMES[kind]())
    assert votes.to_numpy().tolist() == VOTES
    assert [notes.missing for notes in votes.notes] == [1, 1, 1]


def test_files(lfs, tmp_path):
    table = text(pa.string())
    pa.parquet.write_table(table, tmp_path / "a.parquet")
    pl.DataFrame(table).write_ndjson(tmp_path / "a.jsonl")
    for name in ["a.parquet", "a.jsonl"]:
        assert lfs.apply(tmp_path / name).to_numpy().tolist() == VOTES
        assert lfs.apply(str(tmp_path / name)).to_numpy().tolist() == VOTES
    both = lfs.apply([tmp_path / "a.parquet", str(tmp_path / "a.jsonl")])
    assert both.to_numpy().tolist() == VOTES + VOTES
    assert lfs.apply(str(tmp_path / "a.*")).shape == (2 * len(VOTES), 3)


def test_long_frames_are_voted_on_in_pieces(lfs):
    n = 30_000
    texts = [TEXTS[row % 7] for row in range(n)]
    expected = [VOTES[row % 7] for row in range(n)]
    for frame in [pl.DataFrame({"text": texts}), pd.DataFrame({"text": texts}), {"text": texts}]:
        assert lfs.apply(frame).to_numpy().tolist() == expected


def test_pandas_pieces_have_one_type(lfs):
    """The first pieces of a column may be all missing."""
    texts = [None] * 70_000 + ["thanks"]
    assert lfs.apply(pd.DataFrame({"text": pd.Series(texts, dtype=object)})).n_votes == 1


def test_pandas_without_pyarrow(lfs, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    frame = pd.DataFrame({"text": pd.Series(TEXTS, dtype=object), "n": [1.0] * len(TEXTS)})
    assert lfs.apply(frame).to_numpy().tolist() == VOTES


TYPES = {
    **{
        f"{t}": (pa.array([1, None, 30], t), "30")
        for t in [
            pa.int8(),
            pa.int16(),
            pa.int32(),
            pa.int64(),
            pa.uint8(),
            pa.uint16(),
            pa.uint32(),
            pa.uint64(),
        ]
    },
    **{
        f"{t}": (pa.array([1.0, None, 30.0], t), None)
        for t in [pa.float16(), pa.float32(), pa.float64()]
    },
    "bool": (pa.array([False, None, True]), "true"),
    "string": (pa.array(["1", None, "30"]), "30"),
    "date": (pa.array([None, None, datetime.date(2024, 2, 29)]), "2024-02-29"),
    "time": (pa.array([None, None, datetime.datetime(2024, 2, 29, 23, 15)]), "2024-02-29T23:15:00"),
    "null": (pa.nulls(3), None),
}


@pytest.mark.parametrize("kind", TYPES)
def test_types_as_text_and_number(kind):
    column, written = TYPES[kind]
    spec = "spec: 1\nlabels: [a, b]\nlfs:\n"
    if written is not None:
        spec += (
            f"  - {{name: text, label: a, when: {{regex: {{match: '^{written}$', field: c}}}}}}\n"
        )
    number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if number:
        spec += "  - {name: number, label: b, when: {expr: 'c > 29'}}\n"
    if not number and written is None:
        spec += "  - {name: text, label: a, when: {regex: {match: '.', field: c}}}\n"
    votes = jurat.LfSet.from_text(spec).apply(pa.table({"c": column}))
    expected = (
        []
        if kind == "null"
        else [lf for lf in (written and 0, 1 if number else None) if lf is not None]
    )
    assert [vote for vote in votes.to_numpy()[2] if vote >= 0] == expected
    assert (votes.to_numpy()[:2] == -1).all()


VECTORS = [[1.0, 0.0], None, [0.1, 1.0]]
SIMILAR = """spec: 1
labels: [x, y]
lookups: {near: {file: near.csv, key: name, vector: v, label: label}}
lfs: [{name: similar, when: {similar: {column: v, to: near, at_least: 0.9}}}]
"""


@pytest.mark.parametrize(
    "column",
    [
        VECTORS,
        [np.array(v) if v else None for v in VECTORS],
        [array.array("d", v).tolist() if v else None for v in VECTORS],
        pa.array(VECTORS, pa.list_(pa.float32())),
        pa.array(VECTORS, pa.large_list(pa.float64())),
        pa.array(VECTORS, pa.list_(pa.float32(), 2)),
        pl.Series(VECTORS),
        pl.Series(VECTORS, dtype=pl.Array(pl.Float32, 2)),
    ],
    ids=repr,
)
def test_vectors(column, tmp_path):
    (tmp_path / "near.csv").write_text('name,v,label\na,"[1, 0]",x\nb,"[0, 1]",y\n')
    (tmp_path / "spec.yaml").write_text(SIMILAR)
    lfs = jurat.LfSet.from_yaml(tmp_path / "spec.yaml")
    table = {list: dict, pl.Series: pl.DataFrame}.get(type(column), pa.table)
    frame = table({"v": column})
    assert lfs.apply(frame).to_numpy().tolist() == [[0], [-1], [1]]


def test_numpy_matrix_as_vectors(tmp_path):
    (tmp_path / "near.csv").write_text('name,v,label\na,"[1, 0]",x\nb,"[0, 1]",y\n')
    (tmp_path / "spec.yaml").write_text(SIMILAR)
    lfs = jurat.LfSet.from_yaml(tmp_path / "spec.yaml")
    assert lfs.apply({"v": np.eye(2, dtype=np.float32)}).to_numpy().tolist() == [[0], [1]]


ODD = {
    "a missing column": (
        {"txt": ["a"]},
        jurat.DataError,
        "there is no column `text` (did you mean `txt`?)",
    ),
    "a missing column of pandas": (
        pd.DataFrame({"txt": ["a"], "b": [{}]}),
        jurat.DataError,
        "DataFrame: there is no column `text` (did you mean `txt`?); the columns are `txt`, `b`",
    ),
    "a missing column of polars": (
        pl.DataFrame({"txt": ["a"]}),
        jurat.DataError,
        "DataFrame: there is no column `text` (did you mean `txt`?)",
    ),
    "numbers": (
        {"text": [1.5]},
        jurat.DataError,
        "columns: column `text` holds values of the type Float64, but text is wanted",
    ),
    "mixed": (
        {"text": ["a", None, 3]},
        jurat.DataError,
        "columns, data row 3: column `text` holds whole numbers, but rows before hold texts",
    ),
    "bytes": (
        {"text": [b"a"]},
        jurat.DataError,
        "columns, data row 1: column `text` holds a value of the type bytes",
    ),
    "lengths": ({"text": ["a"], "b": []}, jurat.DataError, "column `b` has 0 values, `text` 1"),
    "a text for a list": ({"text": "a"}, TypeError, "a column must be a list of values"),
    "a lazy frame": (pl.LazyFrame({"text": ["a"]}), TypeError, "frame.collect()"),
    "something else": (7, TypeError, "this is a builtins.int"),
    "no file": ("no/such.csv", jurat.DataError, "no/such.csv: No such file or directory"),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_data(lfs, kind):
    frame, error, message = ODD[kind]
    with pytest.raises(error) as raised:
        lfs.apply(frame)
    assert message in str(raised.value)


def test_a_generator_that_raises(lfs):
    def batches():
        yield pa.record_batch({"text": ["thanks"]})
        raise RuntimeError("the line is dead")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"text": pa.string()}), batches())
    with pytest.raises(jurat.DataError, match="the line is dead"):
        lfs.apply(reader)


def test_no_rows(lfs):
    for frame in [
        {"text": []},
        pl.DataFrame({"text": []}, schema={"text": str}),
        pd.DataFrame({"text": []}, dtype=object),
    ]:
        votes = lfs.apply(frame)
        assert votes.shape == (0, 3) and votes.to_numpy().shape == (0, 3)
        assert len(pl.DataFrame(votes)) == 0


def test_spec_is_read_from_anywhere(tmp_path):
    (tmp_path / "spec.yaml").write_text(
        SPEC.replace("subscribe", "'${word}'") + "vars: {word: a}\n"
    )
    path: pathlib.Path = tmp_path / "spec.yaml"
    assert jurat.LfSet.from_yaml(str(path)).apply({"text": ["b"]}).n_votes == 0
    assert jurat.LfSet.from_yaml(path, set={"word": "b"}).apply({"text": ["b"]}).n_votes == 1
