"""Label matrices: in and out."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
from conftest import TEXTS, VOTES

import jurat

LFS = ["promo", "thanks", "long"]


def test_out(lfs):
    votes = lfs.apply({"text": TEXTS})
    assert (votes.shape, len(votes), votes.n_votes) == ((7, 3), 7, 6)
    assert (votes.lfs, votes.labels) == (LFS, ["spam", "ham"])
    array = votes.to_numpy()
    assert array.dtype == np.int16 and array.flags.writeable and array.tolist() == VOTES
    assert votes.to_numpy(dtype=np.int64).dtype == np.int64
    sparse = votes.to_scipy()
    assert scipy.sparse.issparse(sparse) and sparse.format == "csr" and sparse.nnz == 6
    assert (sparse.toarray() - 1).tolist() == VOTES
    table = votes.to_arrow()
    assert table.schema.names == [f"lf:{lf}" for lf in LFS]
    names = ["spam", "ham", None]
    cells = [[names[vote] for vote in row] for row in VOTES]
    for frame in [
        pl.DataFrame(votes),
        pl.from_arrow(table),
        pl.from_pandas(table.to_pandas()),
        pl.DataFrame(pa.RecordBatchReader.from_stream(votes).read_all()),
    ]:
        assert [list(row) for row in frame.rows()] == cells
    assert repr(votes) == "LabelMatrix(7 rows, 3 labeling functions, 6 votes)"


def test_long_matrices_come_in_pieces(lfs):
    votes = lfs.apply({"text": [TEXTS[row % 7] for row in range(40_000)]})
    assert pl.DataFrame(votes)["lf:promo"].to_list() == [
        "spam" if row % 7 in (0, 4, 6) else None for row in range(40_000)
    ]
    assert (votes.to_scipy().toarray() - 1 == votes.to_numpy()).all()


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, float, ">i8"])
def test_in(dtype):
    array = np.array(VOTES).astype(dtype)
    for given in [array, np.asfortranarray(array), array[::1], array.tolist()]:
        votes = jurat.LabelMatrix.from_numpy(given, labels=["spam", "ham"], lfs=LFS)
        assert votes.to_numpy().tolist() == VOTES and votes.n_votes == 6
    every_other = jurat.LabelMatrix.from_numpy(array[::2], labels=["spam", "ham"], lfs=LFS)
    assert every_other.to_numpy().tolist() == VOTES[::2]


ODD = {
    "a number of no label": ([[2]], "row 0, column 0: 2 is the number of no label; there are 2"),
    "a negative number": ([[0], [-2]], "row 1, column 0: -2 is the number of no label"),
    "half": ([[0.5]], "some are no whole numbers"),
    "texts": ([["spam"]], "votes must be class numbers"),
    "a vector": ([0], "this one has 1 axes"),
    "two columns": ([[0, 0]], "the array has 2 columns for 1 names in lfs"),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_arrays(kind):
    array, message = ODD[kind]
    with pytest.raises(jurat.DataError) as raised:
        jurat.LabelMatrix.from_numpy(array, labels=["a", "b"], lfs=["f"])
    assert message in str(raised.value)


def test_odd_names():
    with pytest.raises(jurat.DataError, match="two labeling functions are named `f`"):
        jurat.LabelMatrix.from_numpy([[0, 0]], labels=["a", "b"], lfs=["f", "f"])
    with pytest.raises(TypeError, match="dense"):
        jurat.LabelMatrix.from_numpy(scipy.sparse.eye(2), labels=["a", "b"], lfs=["f", "g"])


def test_richer_votes_have_no_numbers():
    spec = """spec: 1
labels: [cat, dog, fox]
lfs: [{name: pet, label: [cat, dog], when: {keyword: [collar]}}]
"""
    votes = jurat.LfSet.from_text(spec).apply({"text": ["a collar", "a tail"]})
    assert votes.to_arrow()["lf:pet"].to_pylist() == ["!fox", None]
    for take in [votes.to_numpy, votes.to_scipy]:
        with pytest.raises(jurat.DataError, match=r"such as `!fox`; take to_arrow"):
            take()
    again = pickle.loads(pickle.dumps(votes))
    assert again == votes and again.to_arrow() == votes.to_arrow()


def test_rows(lfs):
    votes = lfs.apply({"text": TEXTS})
    array = votes.to_numpy()
    some = np.arange(7) % 2 == 0
    for rows in [slice(2, 5), slice(None, None, -2), some, [6, 0, 0], np.array([1, -1]), []]:
        assert votes[rows].to_numpy().tolist() == (array[rows].tolist() if len(array[some]) else [])
        assert votes[rows].notes == [] and votes[rows].lfs == LFS
    for rows in [3, (1, 2), [7], "a"]:
        with pytest.raises((IndexError, TypeError)):
            votes[rows]


def test_summary(lfs):
    votes = lfs.apply({"text": TEXTS})
    promo, thanks, long = votes.summary()
    assert promo == {
        "lf": "promo", "labels": ["spam"], "votes": 3, "coverage": 3 / 7, "overlaps": 1 / 7, "conflicts": 1 / 7,
        "missing": 1, "failures": 0,
    }  # fmt: skip
    assert (thanks["votes"], thanks["conflicts"], long["overlaps"]) == (2, 1 / 7, 0)
    assert pd.DataFrame(votes.summary()).shape == (3, 8)
    page = votes._repr_html_()
    assert "7 rows" in page and page.count("<tr>") == 4 and "42.9 %" in page
    odd = jurat.LabelMatrix.from_numpy([[0]], labels=["a", "b"], lfs=["<script>"])
    assert "&lt;script&gt;" in odd._repr_html_() and "<script>" not in odd._repr_html_()


def test_pickles(lfs):
    votes = lfs.with_functions([lambda row: 1 // 0]).apply({"text": TEXTS})
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(votes, protocol))
        assert again == votes and repr(again.notes) == repr(votes.notes)
    assert votes != lfs.apply({"text": TEXTS}) and votes != 7
    with pytest.raises(jurat.DataError, match="damaged"):
        jurat.LabelMatrix._restore(
            '{"lfs":["a"],"classes":["x","y"]}', "[]", b"\x01\x00", b"\x01\x00\x00\x00"
        )
