"""jurat.snorkel: the numbers of Snorkel 0.10 (tests/peers/snorkel_record.py made the file), votes
of labeling functions in Python and YAML, the label model on planted votes, and docs/snorkel.md."""

import copy
import json
import pathlib
import pickle
import re
from types import SimpleNamespace

import numpy as np
import pytest

import jurat
from jurat import snorkel
from jurat.snorkel.labeling import (
    LabelingFunction,
    LFAnalysis,
    LFApplier,
    PandasLFApplier,
    labeling_function,
)
from jurat.snorkel.labeling.model import (
    LabelModel,
    MajorityClassVoter,
    MajorityLabelVoter,
    RandomVoter,
)

pandas = pytest.importorskip("pandas")

HERE = pathlib.Path(__file__).resolve().parent
PEER = json.loads((HERE / "data/snorkel.json").read_text())
CASES = PEER["cases"]

SPEC = """spec: 1
labels: [ham, spam]
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}
  - {name: thanks, label: ham, when: {keyword: [thanks]}}
"""
TEXTS = ["Subscribe now", "many thanks", "nothing", "thanks, subscribe"]


def same(value, said, exactly=True):
    said = np.array(said, dtype=float)
    if exactly:
        np.testing.assert_array_equal(np.asarray(value, dtype=float), said)
    else:
        np.testing.assert_allclose(np.asarray(value, dtype=float), said, rtol=1e-12)


# -- numbers of Snorkel ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("as_matrix", [False, True], ids=["array", "LabelMatrix"])
def test_analysis(name, as_matrix):
    case, said = CASES[name], CASES[name]["snorkel"]
    L, k = np.array(case["L"]), case["cardinality"]
    if as_matrix:
        L = jurat.LabelMatrix.from_numpy(
            L, [str(y) for y in range(k)], [f"lf{j}" for j in range(L.shape[1])]
        )
    analysis = LFAnalysis(L)
    for method in (
        "label_coverage",
        "label_overlap",
        "label_conflict",
        "lf_coverages",
        "lf_overlaps",
        "lf_conflicts",
    ):
        same(getattr(analysis, method)(), said[method])
    assert analysis.lf_polarities() == said["lf_polarities"]
    same(analysis.lf_overlaps(normalize_by_coverage=True), said["lf_overlaps of coverage"])
    same(analysis.lf_conflicts(normalize_by_overlaps=True), said["lf_conflicts of overlaps"])
    same(analysis.lf_empirical_accuracies(case["Y"]), said["lf_empirical_accuracies"])
    same(analysis.lf_empirical_probs(np.array(case["Y"]), k), said["lf_empirical_probs"])


@pytest.mark.parametrize("name", CASES)
def test_summary(name):
    case, said = CASES[name], CASES[name]["snorkel"]["lf_summary"]
    L = np.array(case["L"])
    names = said["index"]
    known = [-1 if row % 7 == 6 else y for row, y in enumerate(case["Y"])]
    weights = [j / 10 for j in range(L.shape[1])]
    table = LFAnalysis(L, [LabelingFunction(name, len) for name in names]).lf_summary(
        known, weights
    )
    assert list(table.columns) == said["columns"]
    assert list(table.index) == names
    for column in table:
        assert table[column].tolist() == said[column], column
    plain = LFAnalysis(L).lf_summary()
    assert list(plain.columns) == ["Polarity", "Coverage", "Overlaps", "Conflicts"]
    assert list(plain.index) == list(range(L.shape[1]))


@pytest.mark.parametrize("name", CASES)
def test_voters(name):
    case, said = CASES[name], CASES[name]["snorkel"]
    L, k = np.array(case["L"]), case["cardinality"]
    voter = MajorityLabelVoter(cardinality=k)
    same(voter.predict_proba(L), said["majority"])
    for policy, preds in said["majority predict"].items():
        assert voter.predict(L, tie_break_policy=policy).tolist() == preds
    np.random.seed(7)
    same(RandomVoter(cardinality=k).predict_proba(L), said["random"])
    by_class = MajorityClassVoter(cardinality=k)
    by_class.fit([1.0] * 2 + [0.5] * (k - 2))
    same(by_class.predict_proba(L), said["majority class"])


@pytest.mark.parametrize("name", [name for name in CASES if "scores" in CASES[name]["snorkel"]])
def test_scores(name):
    pytest.importorskip("sklearn")
    case, said = CASES[name], CASES[name]["snorkel"]["scores"]
    known = [-1 if row % 7 == 6 else y for row, y in enumerate(case["Y"])]
    for policy, scores in said.items():
        voter = MajorityLabelVoter(cardinality=case["cardinality"])
        got = voter.score(np.array(case["L"]), known, list(scores), policy)
        assert list(got) == list(scores)
        same(list(got.values()), list(scores.values()), exactly=False)


def test_ties():
    probs = np.array(PEER["ties"]["probs"])
    for policy, preds in PEER["ties"]["preds"].items():
        assert snorkel.probs_to_preds(probs, policy).tolist() == preds
    drawn = {tuple(snorkel.probs_to_preds(probs, "true-random")) for _ in range(20)}
    assert len(drawn) > 1
    tied = np.abs(probs - probs.max(axis=1, keepdims=True)) < 1e-5
    assert all(tied[np.arange(len(probs)), list(preds)].all() for preds in drawn)
    assert snorkel.probs_to_preds([[np.nan, np.nan], [0.1, 0.9]], "random").tolist() == [-1, 1]


def test_custom_metrics():
    metrics = {"rows": lambda golds, preds, probs: {"n": len(golds)}}
    scorer = snorkel.Scorer(["accuracy"], metrics, abstain_label=None)
    assert scorer.score([1, 0, -1], [1, 1, -1]) == PEER["scorer"]


# -- the label model -------------------------------------------------------------------------------


def test_loss_of_snorkel():
    """The start is random there, so that 100 steps end a little elsewhere; 5,000 end at the "
    "minimum."""
    case = PEER["label model"]
    rows = np.array(case["rows"])
    L = np.repeat(rows, case["counts"], axis=0)
    for name, tolerance in {"100": 0.02, "5000": 2e-4}.items():
        said = case["snorkel"][name]
        model = LabelModel(cardinality=2, verbose=False, model="snorkel")
        model.fit(L, seed=1, progress_bar=False, **said["settings"])
        for value, key in [
            (model.get_weights(), "weights"),
            (model.get_conditional_probs(), "conditional"),
            (model.predict_proba(rows), "probs"),
        ]:
            np.testing.assert_allclose(value, said[key], atol=tolerance, err_msg=f"{name} {key}")


def planted(accuracies, balance, rows=4000, seed=0, coverage=0.6):
    rng = np.random.default_rng(seed)
    k = len(balance)
    Y = rng.choice(k, rows, p=balance)
    L = np.full((rows, len(accuracies)), -1)
    for j, accuracy in enumerate(accuracies):
        wrong = (Y + rng.integers(1, k, rows)) % k
        votes = np.where(rng.random(rows) < accuracy, Y, wrong)
        L[:, j] = np.where(rng.random(rows) < coverage, votes, -1)
    return L, Y


@pytest.mark.parametrize("balance", [[0.5, 0.5], [0.3, 0.7], [0.5, 0.3, 0.2]])
@pytest.mark.parametrize("given", [True, False])
def test_planted_accuracies(balance, given):
    accuracies = [0.9, 0.6, 0.75, 0.85, 0.7]
    L, Y = planted(accuracies, balance)
    model = LabelModel(cardinality=len(balance))
    model.fit(
        L, class_balance=balance if given else None, n_epochs=500, lr=0.01, seed=3, log_freq=100
    )
    np.testing.assert_allclose(model.get_weights(), accuracies, atol=0.05)
    table = model.get_conditional_probs()
    assert table.shape == (5, len(balance) + 1, len(balance))
    np.testing.assert_allclose(table.sum(axis=1), 1)
    np.testing.assert_allclose(table, LFAnalysis(L).lf_empirical_probs(Y, len(balance)), atol=0.06)
    np.testing.assert_allclose(model.p, balance, atol=1e-9 if given else 0.08)
    voted = (L != -1).any(axis=1)
    probs = model.predict_proba(L)
    np.testing.assert_allclose(
        probs[~voted], [balance if given else [1 / len(balance)] * len(balance)] * (~voted).sum()
    )
    majority = MajorityLabelVoter(len(balance)).score(L, Y, tie_break_policy="random")["accuracy"]
    assert model.score(L, Y, tie_break_policy="random")["accuracy"] > majority + 0.01
    preds, again = model.predict(L, return_probs=True)
    np.testing.assert_array_equal(again, probs)
    np.testing.assert_array_equal(preds, snorkel.probs_to_preds(probs, "abstain"))


def test_balance_of_known_labels():
    L, Y = planted([0.8, 0.7, 0.9], [0.2, 0.8])
    by_labels, by_shares = LabelModel(), LabelModel()
    by_labels.fit(L, Y_dev=[0, 1, 1, 1, -1, 1])
    by_shares.fit(L, Y_dev=[0, 1], class_balance=[1, 4])
    np.testing.assert_array_equal(by_labels.predict_proba(L), by_shares.predict_proba(L))
    np.testing.assert_allclose(by_labels.p, [0.2, 0.8])


@pytest.mark.parametrize("model", ["auto", "snorkel", "majority"])
@pytest.mark.parametrize("balance", [None, [0.4, 0.6]])
def test_saved_models(tmp_path, model, balance):
    L, _ = planted([0.8, 0.7, 0.9], [0.4, 0.6], rows=300)
    fitted, loaded = LabelModel(model=model), LabelModel(cardinality=7)
    fitted.fit(L, class_balance=balance)
    fitted.save(tmp_path / "model.json")
    loaded.load(tmp_path / "model.json")
    for method in ("predict_proba", "predict"):
        np.testing.assert_array_equal(getattr(loaded, method)(L), getattr(fitted, method)(L))
    for method in ("get_weights", "get_conditional_probs"):
        np.testing.assert_array_equal(getattr(loaded, method)(), getattr(fitted, method)())
    assert [p.name for p in tmp_path.iterdir()] == ["model.json"]
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(L), fitted.predict_proba(L))
    assert isinstance(fitted.native, jurat.LabelModel)


def test_saved_voters(tmp_path):
    voter, loaded = MajorityClassVoter(3), MajorityClassVoter()
    voter.fit([0.2, 0.5, 0.3])
    voter.save(tmp_path / "voter.json")
    loaded.load(tmp_path / "voter.json")
    assert loaded.predict([[0], [-1]]).tolist() == [1, 1]


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps({"cardinality": 2}),
        b"{}",
        b"[1]",
        b'{"format": "jurat-snorkel-1", "labeler": "LabelModel"}',
    ],
)
def test_other_files_are_no_models(tmp_path, content):
    (tmp_path / "model.pkl").write_bytes(content)
    model = LabelModel()
    with pytest.raises(jurat.ModelFileError, match="was not written by LabelModel.save"):
        model.load(tmp_path / "model.pkl")
    with pytest.raises(jurat.FitError, match="not fitted"):
        model.predict([[0, 1]])


def test_few_votes():
    model = LabelModel()
    L = np.array([[-1, 1, 0], [0, -1, 1], [1, 0, -1], [-1, -1, -1]])
    model.fit(L)
    assert model.predict(L).tolist() == [-1] * 4
    model.fit([[0.0, -1.0], [1.0, 1.0]])
    assert model.predict([[0, -1], [-1, 1]]).tolist() == [0, 1]
    never = np.array([[0, 1, -1], [0, 0, -1], [1, 1, -1]])
    model.fit(never)
    assert np.isnan(model.get_weights()).tolist() == [False, False, True]


# -- appliers --------------------------------------------------------------------------------------


@labeling_function()
def long(x):
    return 0 if len(x.text) > 10 else -1


@labeling_function(name="named", resources={"words": ["many"]})
def with_words(x, words):
    return int(any(word in x.text for word in words)) or -1


FRAMES = {
    "pandas": lambda columns: pandas.DataFrame(columns, index=list("pqrs")),
    "polars": lambda columns: pytest.importorskip("polars").DataFrame(columns),
    "pyarrow": lambda columns: pytest.importorskip("pyarrow").table(columns),
    "columns": dict,
}


@pytest.mark.parametrize("kind", FRAMES)
def test_votes_on_frames(kind):
    frame = FRAMES[kind]({"text": TEXTS, "n": [1, 2, 3, 4]})
    seen = []
    record = LabelingFunction(
        "record", lambda x: seen.append((x.text, x["n"], x.n + 1, x.name)) or -1
    )
    L = PandasLFApplier([long, with_words, record]).apply(frame, progress_bar=False)
    assert L.dtype == np.int64
    assert L.tolist() == [[0, -1, -1], [0, 1, -1], [-1, -1, -1], [0, -1, -1]]
    names = "pqrs" if kind == "pandas" else range(4)
    assert seen == [
        (text, n, n + 1, name) for text, n, name in zip(TEXTS, [1, 2, 3, 4], names, strict=True)
    ]
    assert {type(cell) for _, n, m, _ in seen for cell in (n, m)} == {int}


def test_votes_on_other_data():
    points = [SimpleNamespace(text=text) for text in TEXTS]
    assert LFApplier([long]).apply(points, progress_bar=False).ravel().tolist() == [0, 0, -1, 0]
    assert LFApplier([long]).apply(iter(points)).ravel().tolist() == [0, 0, -1, 0]
    big = LabelingFunction("big", lambda x: 1 if x[1] > 2 else 0)
    assert LFApplier(big).apply(np.array([[9, 1], [0, 5]])).tolist() == [[0], [1]]
    assert LFApplier([long, with_words]).apply([]).shape == (0, 2)
    empty = pandas.DataFrame({"text": pandas.Series([], dtype=str)})
    assert PandasLFApplier([long, jurat.LfSet.from_text(SPEC)]).apply(empty).shape == (0, 3)


def test_pieces_and_blocks():
    n = 9000
    many = [LabelingFunction(str(j), lambda x, j=j: x.n % (j + 2) - 1) for j in range(15)]
    L = PandasLFApplier(many).apply(pandas.DataFrame({"n": range(n)}), progress_bar=False)
    expected = np.arange(n)[:, None] % np.arange(2, 17) - 1
    np.testing.assert_array_equal(L, expected)


@pytest.mark.parametrize("given", ["set", "path"])
@pytest.mark.parametrize("data", ["frame", "points", "dicts", "texts"])
def test_yaml_among_functions(tmp_path, given, data):
    (tmp_path / "spec.yaml").write_text(SPEC)
    spec = jurat.LfSet.from_text(SPEC) if given == "set" else tmp_path / "spec.yaml"
    lfs = [long, spec, with_words]
    if data == "texts":
        lfs = [LabelingFunction("long", lambda x: 0 if len(x) > 10 else -1), spec]
    points = {
        "frame": pandas.DataFrame({"text": TEXTS}),
        "points": [SimpleNamespace(text=text) for text in TEXTS],
        "dicts": [{"text": text} for text in TEXTS],
        "texts": TEXTS,
    }[data]
    if data == "dicts":
        lfs = [spec]
    applier = LFApplier(lfs)
    L = applier.apply(points, progress_bar=False)
    expected = {
        "long": [0, 0, -1, 0],
        "promo": [1, -1, -1, 1],
        "thanks": [-1, 0, -1, 0],
        "named": [-1, 1, -1, -1],
    }
    assert applier.labels == ["ham", "spam"]
    assert {name: L[:, at].tolist() for at, name in enumerate(applier.lf_names)} == {
        name: expected[name] for name in applier.lf_names
    }
    assert list(LFAnalysis(L, lfs).lf_summary().index) == applier.lf_names


def test_native_functions():
    native = jurat.labeling_function(
        lambda row: "spam" if "giveaway" in row.text.lower() else None, name="native"
    )
    lfs = [jurat.LfSet.from_text(SPEC), native]
    L = LFApplier(lfs).apply({"text": ["Giveaway", "thanks"]})
    assert L.tolist() == [[1, -1, 1], [-1, 0, -1]]
    with pytest.raises(jurat.DataError, match="`native` voted 'spam' on data point 0"):
        LFApplier([native]).apply({"text": ["Giveaway"]})


def fails(x):
    if x.n == 2:
        raise KeyError("gone")
    return {0: 7, 1: -3, 3: None, 4: 0.5, 5: "spam", 6: np.int64(1), 7: True, 8: 1.0}[x.n]


def test_faults():
    frame, lf = pandas.DataFrame({"n": range(9)}), LabelingFunction("lf", fails)
    L, meta = PandasLFApplier([lf]).apply(frame, fault_tolerant=True, return_meta=True)
    assert L.ravel().tolist() == [7, -1, -1, -1, -1, -1, 1, 1, 1]
    assert meta == snorkel.ApplierMetadata({"lf": 3})
    with pytest.raises(KeyError) as raised:
        PandasLFApplier([lf]).apply(frame)
    if hasattr(raised.value, "__notes__"):
        assert "data point 2" in raised.value.__notes__[0]
    for n, vote in [(4, "0.5"), (5, "'spam'")]:
        with pytest.raises(jurat.DataError, match=f"`lf` voted {vote} on data point 1"):
            PandasLFApplier([lf]).apply({"n": [0, n]})


def test_faults_in_sets():
    def broken(row):
        return 1 // (len(row.text) - 7) * 0 - 1

    lfs = jurat.LfSet.from_text(SPEC).with_functions([broken])
    applier, frame = LFApplier(lfs), {"text": [*TEXTS, "nothing"]}
    with pytest.raises(jurat.DataError, match="`broken`.*zero.*data point 2, 2 in all"):
        applier.apply(frame)
    L, meta = applier.apply(frame, fault_tolerant=True, return_meta=True)
    assert meta.faults == {"broken": 2}
    assert L[:, 2].tolist() == [-1] * 5


def test_preprocessors():
    calls = []

    @snorkel.preprocessor(memoize=True)
    def lower(x):
        calls.append(x.text)
        x.text = x.text.lower()
        return x

    @snorkel.preprocessor(pre=[lower])
    def words(x):
        x.words = x.text.split()
        return x

    @labeling_function(pre=[words])
    def subscribe(x):
        return 1 if "subscribe" in x.words else -1

    @labeling_function()
    def untouched(x):
        return 0 if x.text[0].isupper() and "words" not in x else -1

    frame = pandas.DataFrame(
        {"text": ["Subscribe now", "no", "Subscribe now"], "n": [[1], [2], [1]]}
    )
    L = PandasLFApplier([subscribe, untouched]).apply(frame, progress_bar=False)
    assert L.tolist() == [[1, 0], [-1, -1], [1, 0]]
    assert calls == ["Subscribe now", "no"]
    lower.reset_cache()
    subscribe(SimpleNamespace(text="Subscribe now"))
    assert len(calls) == 3
    nothing = LabelingFunction("nothing", len, pre=[lambda x: None])
    with pytest.raises(jurat.DataError, match="gave None"):
        nothing("text")


def test_rows():
    frame = pandas.DataFrame({"name": ["a"], "count": [2], 3: [0.5]}, index=["first"])
    (row,) = snorkel._rows.rows(frame)
    assert (row.name, row["name"], row.count, row[3]) == ("first", "a", 2, 0.5)
    assert (row.get("count"), row.get("none"), row.get("none", 4)) == (2, None, 4)
    assert (row.keys(), list(row), len(row)) == (["name", "count", 3], ["a", 2, 0.5], 3)
    assert dict(row.items()) == row.to_dict() == {"name": "a", "count": 2, 3: 0.5}
    row.extra = 1
    assert row["extra"] == 1 and "extra" in row and "name" in row
    for again in (pickle.loads(pickle.dumps(row)), copy.deepcopy(row)):
        assert (again, again.name) == (row, "first")
    assert row.to_series().name == "first"
    with pytest.raises(AttributeError):
        getattr(row, "none")  # noqa: B009
    with pytest.raises(KeyError):
        row["none"]


def test_functions():
    assert (long.name, long.__name__, repr(long)) == ("long", "long", "LabelingFunction(long)")
    assert (with_words.name, with_words.__name__) == ("named", "with_words")
    assert pickle.loads(pickle.dumps(long)) is long
    plain = pickle.loads(pickle.dumps(LabelingFunction("f", fails, {"a": 1})))
    assert (plain.name, plain.function, plain.resources) == ("f", fails, {"a": 1})


def test_filter():
    frame = pandas.DataFrame({"a": [1, 2, 3]}, index=[7, 8, 9])
    X, y = snorkel.filter_unlabeled_dataframe(
        frame, np.eye(3), np.array([[0, -1], [-1, -1], [-1, 1]])
    )
    assert X.index.tolist() == [7, 9] and y.tolist() == np.eye(3)[[0, 2]].tolist()


# -- what is refused -------------------------------------------------------------------------------


WRONG = {
    "sparse L": (lambda: LFAnalysis(SimpleNamespace(toarray=None)), "dense"),
    "one axis": (lambda: LFAnalysis([0, 1]), "rows × LFs"),
    "below -1": (lambda: LFAnalysis([[0, 1], [0, -2]]), "holds -2 in row 1, column 1"),
    "no whole numbers": (lambda: LFAnalysis([[0.5]]), "not whole"),
    "NaN": (lambda: LFAnalysis([[np.nan]]), "not whole"),
    "texts": (lambda: LFAnalysis([["spam"]]), "its type is"),
    "names": (lambda: LFAnalysis([[0, 1]], [long]), "lfs has 1, and L has 2 columns"),
    "Y too short": (
        lambda: LFAnalysis([[0], [1]]).lf_empirical_accuracies([0]),
        "Y has 1 labels, and L has 2 rows",
    ),
    "weights": (lambda: LFAnalysis([[0]]).lf_summary(est_weights=[1, 2]), "est_weights"),
    "no parentheses": (lambda: labeling_function(len), "parentheses"),
    "no parentheses, pre": (lambda: snorkel.preprocessor(len), "parentheses"),
    "no function": (lambda: LabelingFunction("f", 3), "must be callable"),
    "no lfs": (lambda: LFApplier([]), "no labeling functions"),
    "twice": (lambda: LFApplier([long, long]), "2 labeling functions are named `long`"),
    "a number": (lambda: LFApplier([3]), "3 is no labeling function"),
    "no spec": (lambda: LFApplier(["nowhere.yaml"]), "nowhere.yaml"),
    "other labels": (
        lambda: LFApplier([jurat.LfSet.from_text(SPEC), jurat.LfSet.of(["a", "b"], [])]),
        "different labels",
    ),
    "a list": (lambda: PandasLFApplier([long]).apply([1]), "reads frames, this is a list"),
    "a column twice": (
        lambda: PandasLFApplier([long]).apply(pandas.DataFrame([[1, 2]], columns=["a", "a"])),
        "two columns of the frame are named `a`",
    ),
    "no such cell": (
        lambda: LFApplier([jurat.LfSet.from_text(SPEC)]).apply([1]),
        "data point 0 has no `text`",
    ),
    "cardinality": (lambda: MajorityLabelVoter(1), "from 2 on"),
    "class 2 of 2": (lambda: MajorityLabelVoter(2).predict([[2]]), "class 2"),
    "class 2 of 2, model": (lambda: LabelModel(2).fit([[2, 0, 1]]), "cardinality 3"),
    "balance of 3": (
        lambda: LabelModel().fit([[0, 1]], class_balance=[0.2, 0.3, 0.5]),
        "3 entries",
    ),
    "balance with 0": (
        lambda: LabelModel().fit([[0, 1]], class_balance=[0, 1]),
        "0 for the class 0",
    ),
    "balance below 0": (lambda: LabelModel().fit([[0, 1]], class_balance=[-1, 2]), "shares"),
    "one class known": (lambda: LabelModel().fit([[0, 1]], Y_dev=[1, 1]), r"has the classes \[1\]"),
    "no votes": (lambda: LabelModel().fit([[-1, -1]]), "no labeling function voted"),
    "unknown argument": (lambda: LabelModel().fit([[0, 1]], epochs=3), "no argument `epochs`"),
    "unknown model": (lambda: LabelModel(model="best").fit([[0, 1]]), "best"),
    "other LFs": (lambda: fitted().predict([[0]]), "labeling functions"),
    "policy": (lambda: snorkel.probs_to_preds([[0.5, 0.5]], "first"), "policy not recognized"),
    "one class": (lambda: snorkel.probs_to_preds([[1.0]]), "two classes"),
    "abstention": (lambda: snorkel.preds_to_probs([0, -1], 2), "no probabilities"),
    "too many": (lambda: snorkel.preds_to_probs([0, 2], 2), "the class 2"),
    "metric": (lambda: snorkel.metric_score([0], [0], metric="f3"), "no metric `f3`"),
    "f1 of three": (lambda: snorkel.metric_score([0, 2], [0, 1], metric="f1"), "f1_macro"),
    "precision of three": (
        lambda: snorkel.metric_score([0, 2], [0, 1], metric="precision"),
        "f1_macro",
    ),
    "no preds": (lambda: snorkel.metric_score([0], metric="accuracy"), "requires access to preds"),
    "no beta": (lambda: snorkel.metric_score([0], [0], metric="fbeta"), "beta"),
    "lengths": (lambda: snorkel.metric_score([0], [0, 1]), "one entry a row"),
    "filter": (
        lambda: snorkel.filter_unlabeled_dataframe(pandas.DataFrame({"a": [1]}), [1, 2], [[0]]),
        "1 rows, y 2",
    ),
}


def fitted():
    model = LabelModel()
    model.fit([[0, 0], [1, 1]])
    return model


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments(name):
    act, told = WRONG[name]
    with pytest.raises(ValueError, match=told) as raised:
        act()
    assert isinstance(raised.value, jurat.JuratError)


# -- the page --------------------------------------------------------------------------------------

PAGE = HERE.parents[2] / "docs/snorkel.md"


def test_page(tmp_path, monkeypatch, capsys):
    """The blocks of the page run one after the other, and print what their comments say."""
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text(encoding="utf-8")
    for name, text in re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", page, re.M | re.S):
        (tmp_path / name).write_text(text, encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    assert len(blocks) == 4
    scope = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), scope)
        printed = capsys.readouterr().out.splitlines()
        expected = [line.partition("# → ")[2] for line in block.splitlines() if "# → " in line]
        assert printed == expected
