"""Labeling functions in Python."""

import numpy as np
import polars as pl
import pytest
from conftest import TEXTS

import jurat


@jurat.labeling_function
def short(row):
    return "ham" if row.text is not None and len(row.text) < 12 else None


@jurat.labeling_function(columns=["text", "n"], name="by number", version="1")
def by_number(row):
    return 0 if row["n"] > 3 else -1


def test_beside_a_spec(lfs):
    both = lfs.with_functions([short, by_number])
    assert (len(lfs), len(both)) == (3, 5)
    assert both.lfs == ["promo", "thanks", "long", "short", "by number"]
    assert both.columns == ["n", "text"]
    frame = pl.DataFrame({"text": TEXTS, "n": range(7)})
    votes = both.apply(frame).to_numpy()
    assert (votes[:, :3] == lfs.apply(frame).to_numpy()).all()
    assert votes[:, 3].tolist() == [-1, 1, -1, 1, -1, -1, -1]
    assert votes[:, 4].tolist() == [-1, -1, -1, -1, 0, 0, 0]


def test_alone():
    lfs = jurat.LfSet.of(["spam", "ham"], [short, lambda row: None])
    assert lfs.lfs == ["short", "<lambda>"] and lfs.labels == ["spam", "ham"]
    assert lfs.apply({"text": ["hi"]}).to_numpy().tolist() == [[1, -1]]
    assert short(type("Row", (), {"text": "hi"})) == "ham", "it is a function still"


def test_cells_come_as_what_they_are():
    seen = []

    @jurat.labeling_function(columns=["text", "whole", "real", "truth", "v"])
    def look(row):
        seen.append((row.text, row.whole, row.real, row.truth, row["v"], row.row_number, dict(row)))

    frame = {
        "text": ["ü", None],
        "whole": [3, None],
        "real": [0.5, None],
        "truth": [True, None],
        "v": [[1.0, 2.0], None],
    }
    for data in [frame, pl.DataFrame(frame)]:
        seen.clear()
        jurat.LfSet.of(["a", "b"], [look]).apply(data)
        first, second = sorted(seen, key=lambda row: row[5])
        assert first[:6] == ("ü", 3, 0.5, "true", [1.0, 2.0], 0)
        assert first[6] == dict(zip(frame, first[:5], strict=True))
        assert second[:6] == (None, None, None, None, None, 1)


def test_types_can_be_declared(tmp_path):
    (tmp_path / "a.csv").write_text("n,m,k\n7,7,7\n")
    seen = []

    @jurat.labeling_function(columns={"n": float, "m": str, "k": int})
    def look(row):
        seen.append((row.n, row.m, row.k))

    jurat.LfSet.of(["a", "b"], [look]).apply(tmp_path / "a.csv")
    jurat.LfSet.of(["a", "b"], [look]).apply({"n": [7], "m": [7], "k": [7]})
    assert seen[0][:2] == (7.0, "7") and seen[1] == (7.0, "7", 7)
    with pytest.raises(TypeError, match="str, float, int or list"):
        jurat.labeling_function(columns={"n": dict})(look)


def raises(error):
    def function(row):
        raise error

    return function


WRONG = {
    "an exception": (raises(ValueError("odd")), "raised ValueError: odd (line "),
    "an assertion": (raises(AssertionError()), "raised AssertionError"),
    "an unknown label": (lambda row: "spma", "voted `spma`, which is not one of the labels"),
    "an unknown number": (lambda row: 2, "voted class 2, there are 2"),
    "a negative number": (lambda row: -2, "voted -2, which is the number of no label"),
    "a truth value": (lambda row: True, "gave a value of the type bool"),
    "a list": (lambda row: ["spam"], "gave a value of the type list"),
    "an undeclared column": (lambda row: row.author, "`author` is none of the columns"),
    "an undeclared item": (lambda row: row["author"], "`author` is none of the columns"),
    "a surrogate": (lambda row: "\ud800", "voted a text that is none"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_goes_wrong_is_an_abstention(kind):
    function, message = WRONG[kind]
    lf = jurat.labeling_function(name="odd")(function)
    votes = jurat.LfSet.of(["spam", "ham"], [lf, short]).apply({"text": ["a"] * 9})
    assert votes.to_numpy().tolist() == [[-1, 1]] * 9
    notes = votes.notes[0]
    assert (notes.lf, notes.failures, len(notes.first_failures)) == ("odd", 9, 5)
    assert notes.first_failures[0][0] == 0 and message in notes.first_failures[0][1]
    assert message in repr(notes)


def test_numpy_numbers_are_numbers():
    lfs = jurat.LfSet.of(["a", "b"], [lambda row: np.int64(1)])
    assert lfs.apply({"text": ["x"]}).to_numpy().tolist() == [[1]]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_programs_ends_the_work(error):
    calls = []

    def stop(row):
        calls.append(row.row_number)
        if len(calls) == 5:
            raise error("enough")

    with pytest.raises(error, match="enough"):
        jurat.LfSet.of(["a", "b"], [stop]).apply({"text": ["x"] * 200_000})
    assert len(calls) < 1000


def test_names_are_unique(lfs):
    with pytest.raises(jurat.DataError, match="two labeling functions are named `promo`"):
        lfs.with_functions([jurat.labeling_function(name="promo")(lambda row: None)])
    with pytest.raises(jurat.DataError, match="two labeling functions are named `short`"):
        lfs.with_functions([short]).with_functions([short])
    with pytest.raises(TypeError, match="must be callable"):
        lfs.with_functions([7])


def test_votes_are_kept_by_version(lfs, tmp_path):
    calls = []

    def count(row):
        calls.append(1)
        return "ham"

    def of(version):
        return lfs.with_functions([jurat.labeling_function(name="count", version=version)(count)])

    for version, expected in [("1", 7), ("1", 7), ("2", 14), (None, 21), (None, 28)]:
        votes = of(version).apply({"text": TEXTS}, cache=tmp_path / "votes")
        assert len(calls) == expected
        assert votes.to_numpy()[:, 3].tolist() == [1] * 7


def test_functions_may_label_themselves(lfs):
    """A function that uses jurat does not wait for the threads that wait for it."""

    def inner(row):
        return int(lfs.apply({"text": [row.text]}).to_numpy().max())

    votes = jurat.LfSet.of(["spam", "ham"], [inner]).apply({"text": ["thanks", "subscribe"] * 30})
    assert votes.to_numpy()[:, 0].tolist() == [1, 0] * 30
