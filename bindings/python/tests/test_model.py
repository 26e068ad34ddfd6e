"""Label models, in the manner of scikit-learn."""

import json
import pickle
import subprocess

import numpy as np
import polars as pl
import pytest
import sklearn.base
import sklearn.utils.validation

import jurat

LABELS, LFS = ["ham", "spam"], ["a", "b", "c"]


@pytest.fixture(scope="module")
def planted():
    """Votes of three labeling functions that are right on 90, 80 and 70 % of their rows."""
    random = np.random.default_rng(7)
    truth = random.integers(0, 2, 5_000)
    right = random.random((5_000, 3)) < [0.9, 0.8, 0.7]
    votes = np.where(right, truth[:, None], 1 - truth[:, None])
    votes[random.random(votes.shape) < 0.4] = -1
    return jurat.LabelMatrix.from_numpy(votes, labels=LABELS, lfs=LFS), truth


@pytest.mark.parametrize("name", jurat.label_models())
def test_models_find_the_truth(planted, name):
    votes, truth = planted
    model = jurat.LabelModel(name)
    assert model.fit(votes) is model
    probabilities = model.predict_proba(votes)
    assert probabilities.shape == (5_000, 2) and probabilities.dtype == np.float64
    assert np.allclose(probabilities.sum(axis=1), 1)
    labels = model.predict(votes)
    decided = labels != None  # noqa: E711
    assert decided.mean() > 0.75 and labels.shape == (5_000,)
    assert (labels[decided] == np.array(LABELS)[truth[decided]]).mean() > 0.8
    assert model.classes_.tolist() == LABELS
    assert (np.array(LABELS)[probabilities.argmax(axis=1)] == labels)[decided].all()


def test_equal_to_the_program(planted, program, tmp_path):
    votes, _ = planted
    table = pl.DataFrame(votes)
    table.write_parquet(tmp_path / "votes.parquet")
    command = [program, "fit", "votes.parquet", "--labels", "ham,spam", "--model", "anchored"]
    command += ["--setting", "rounds=50", "--balance", "ham=0.4,spam=0.6"]
    command += ["-o", "labels.parquet", "--save-model", "model.json"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    model = jurat.LabelModel("anchored", class_balance={"spam": 0.6, "ham": 0.4}, rounds=50).fit(
        votes
    )
    assert model.to_json() == (tmp_path / "model.json").read_text()
    labels = pl.read_parquet(tmp_path / "labels.parquet")
    assert (model.predict_proba(votes) == labels.select("prob:ham", "prob:spam").to_numpy()).all()
    assert model.predict(votes).tolist() == labels["label"].to_list()
    loaded = jurat.LabelModel.load(tmp_path / "model.json")
    assert (loaded.predict_proba(votes) == model.predict_proba(votes)).all()


def test_scikit_learn_manners(planted):
    votes, _ = planted
    model = jurat.LabelModel("anchored", class_balance=[0.5, 0.5], trust={"a": 0.9}, rounds=20)
    params = model.get_params()
    assert params == {
        "model": "anchored",
        "class_balance": [0.5, 0.5],
        "trust": {"a": 0.9},
        "rounds": 20,
    }
    copy = sklearn.base.clone(model)
    assert copy.get_params() == params and copy is not model and copy.rounds == 20
    assert copy.set_params(rounds=30, trust=None) is copy
    assert copy.get_params()["rounds"] == 30 and copy.trust is None and model.rounds == 20
    with pytest.raises(Exception, match="not fitted"):
        sklearn.utils.validation.check_is_fitted(model)
    with pytest.raises(jurat.FitError, match="not fitted yet"):
        model.predict(votes)
    sklearn.utils.validation.check_is_fitted(model.fit(votes))
    assert model.fit_predict(votes).tolist() == model.predict(votes).tolist()
    assert repr(copy) == "LabelModel('anchored', class_balance=[0.5, 0.5], rounds=30)"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = model.nothing


def test_known_labels_are_learned_from(planted):
    votes, truth = planted
    plain = jurat.LabelModel("anchored").fit(votes).predict_proba(votes)
    some = [int(label) if row < 200 else -1 for row, label in enumerate(truth)]
    names = [LABELS[label] if label >= 0 else None for label in some]
    floats = np.array([label if label >= 0 else np.nan for label in some])
    by_number = jurat.LabelModel("anchored").fit(votes, y=some).predict_proba(votes)
    assert (by_number != plain).any()
    for y in [names, floats, np.array(some), pl.Series(names).to_numpy()]:
        assert (jurat.LabelModel("anchored").fit(votes, y).predict_proba(votes) == by_number).all()


WRONG = {
    "a model": ({"model": "nope"}, {}, "no label model is named `nope`; there are auto, anchored"),
    "a setting": ({"model": "anchored", "foo": 1}, {}, "has no setting `foo`"),
    "a value": ({"model": "anchored", "rounds": 0}, {}, "`rounds` must be a whole number"),
    "a balance": ({"class_balance": [0.5, 0.6]}, {}, "shares that sum to 1"),
    "another length": ({"class_balance": [1.0]}, {}, "1 shares for 2 classes"),
    "names in a balance": ({"class_balance": {"ham": 1}}, {}, "class_balance names"),
    "trust": ({"trust": {"d": 0.5}}, {}, "no labeling function is named `d`"),
    "trust beyond": ({"trust": {"a": 1}}, {}, "between 0 and 1"),
    "y of another length": ({}, {"y": [0]}, "y has 1 known labels for 5000 rows"),
    "y with other labels": (
        {},
        {"y": ["spma"] * 5_000},
        "data row 1: y holds `spma`, which is none of",
    ),
    "y with other numbers": ({}, {"y": [2] * 5_000}, "y holds 2, which is the number of no label"),
    "y with truth values": ({}, {"y": [True] * 5_000}, "y holds True"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_said(planted, kind):
    params, fit, message = WRONG[kind]
    with pytest.raises((jurat.FitError, jurat.DataError)) as raised:
        jurat.LabelModel(**params).fit(planted[0], **fit)
    assert message in str(raised.value) and isinstance(raised.value, ValueError)


def test_nothing_to_learn_from():
    empty = jurat.LabelMatrix.from_numpy(np.full((4, 3), -1), labels=LABELS, lfs=LFS)
    with pytest.raises(jurat.FitError) as raised:
        jurat.LabelModel().fit(empty)
    text = "cannot fit the label model: no labeling function voted on any of the 4 rows"
    assert str(raised.value) == text


def test_votes_of_others_are_refused(planted):
    model = jurat.LabelModel("majority").fit(planted[0])
    other = jurat.LabelMatrix.from_numpy([[0, 0, 0]], labels=LABELS, lfs=["a", "b", "d"])
    with pytest.raises(jurat.DataError, match="labeling functions a, b, c, these have a, b, d"):
        model.predict_proba(other)
    other = jurat.LabelMatrix.from_numpy([[0, 0, 0]], labels=LABELS[::-1], lfs=LFS)
    with pytest.raises(jurat.DataError, match="labels ham, spam, these have spam, ham"):
        model.predict(other)


def test_files_and_pickles(planted, tmp_path):
    votes, truth = planted
    model = jurat.LabelModel("triplet").fit(votes)
    model.save(tmp_path / "model.json")
    for again in [
        jurat.LabelModel.load(tmp_path / "model.json"),
        jurat.LabelModel.from_json(model.to_json()),
        pickle.loads(pickle.dumps(model)),
    ]:
        assert (again.predict_proba(votes) == model.predict_proba(votes)).all()
    assert (
        pickle.loads(pickle.dumps(jurat.LabelModel("triplet"))).get_params()["model"] == "triplet"
    )
    for text, message in [
        ("{}", "not a jurat model file"),
        (model.to_json().replace("jurat-model-2", "jurat-model-9"), "`jurat-model-9`"),
    ]:
        with pytest.raises(jurat.ModelFileError, match=message):
            jurat.LabelModel.from_json(text)


def test_report(planted):
    votes, truth = planted
    model = jurat.LabelModel().fit(votes)
    report = model.report(votes, gold=truth)
    about = report.to_dict()
    assert about["rows"]["rows"] == 5_000 and about == json.loads(report.to_json())
    assert [lf["name"] for lf in about["lfs"]] == LFS
    assert 0.85 < about["lfs"][0]["precision"]["value"] < 0.95
    assert "Labeling functions" in str(report) and "| a" in report.to_markdown()
    assert report.to_html().startswith("<!doctype html>")
    assert report._repr_html_().startswith("<iframe sandbox=") and "<script" in report.to_html()
    again = pickle.loads(pickle.dumps(report))
    assert again.to_dict() == about == jurat.Report.from_json(report.to_json()).to_dict()
    with pytest.raises(jurat.DataError, match="not a report"):
        jurat.Report.from_json("{}")
