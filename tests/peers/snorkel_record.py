"""Records what Snorkel says about small made-up votes, for `bindings/python/tests/test_snorkel.py`.

    python -m venv peers
    peers/bin/pip install snorkel==0.10.0
    peers/bin/python tests/peers/snorkel_record.py

Writes `bindings/python/tests/data/snorkel.json`. Matrices come from Python's own generator, whose
`random()` is the same in every version. NaN is null.
"""

import json
import logging
import math
import random
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

from snorkel.analysis import Scorer  # noqa: E402
from snorkel.labeling import LabelingFunction, LFAnalysis  # noqa: E402
from snorkel.labeling.model import (
    LabelModel,
    MajorityClassVoter,
    MajorityLabelVoter,
    RandomVoter,
)  # noqa: E402
from snorkel.utils import probs_to_preds  # noqa: E402

OUT = Path(__file__).resolve().parents[2] / "bindings/python/tests/data/snorkel.json"
SCORES = ["accuracy", "coverage", "f1_micro", "f1_macro", "matthews_corrcoef"]
BINARY = ["precision", "recall", "f1", "roc_auc"]


def votes(seed, rows, classes, lfs, unipolar=False):
    """Each LF is (coverage, accuracy); if it is unipolar, it votes for `j mod classes` only."""
    rng = random.Random(seed)
    truth, matrix = [], []
    for _ in range(rows):
        y = rng.randrange(classes)
        row = []
        for j, (coverage, accuracy) in enumerate(lfs):
            fires, right, other = (
                rng.random() < coverage,
                rng.random() < accuracy,
                rng.randrange(1, classes),
            )
            vote = y if right else (y + other) % classes
            row.append(vote if fires and (not unipolar or vote == j % classes) else -1)
        truth.append(y)
        matrix.append(row)
    return matrix, truth


CASES = {
    "two classes": (votes(1, 60, 2, [(0.5, 0.8), (0.3, 0.7), (0.6, 0.9), (0.1, 0.6)]), 2),
    "three classes": (
        votes(2, 80, 3, [(0.5, 0.8), (0.4, 0.5), (0.9, 0.7), (0.2, 0.3), (0.3, 0.9)]),
        3,
    ),
    "one class each": (votes(3, 70, 2, [(0.4, 0.8)] * 6, unipolar=True), 2),
    "an LF that never votes": (votes(4, 20, 2, [(0.5, 0.8), (0.0, 0.5), (0.5, 0.7)]), 2),
    "all vote": (votes(5, 15, 4, [(1.0, 0.8), (1.0, 0.5), (1.0, 0.9)]), 4),
    "sparse": (votes(6, 40, 3, [(0.1, 0.8), (0.05, 0.5), (0.1, 0.9)]), 3),
    "one row": (([[0, 1, -1]], [1]), 2),
    "no vote": (([[-1, -1], [-1, -1]], [0, 1]), 2),
}


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    return None if isinstance(value, float) and math.isnan(value) else value


def record(matrix, truth, classes):
    L, Y = np.array(matrix), np.array(truth)
    analysis = LFAnalysis(L)
    names = [f"lf{j}" for j in range(L.shape[1])]
    named = LFAnalysis(L, [LabelingFunction(name, len) for name in names])
    # Every seventh label is not known.
    known = np.where(np.arange(len(Y)) % 7 == 6, -1, Y)
    weights = [j / 10 for j in range(L.shape[1])]
    summary = named.lf_summary(known, est_weights=weights)
    said = {
        "label_coverage": analysis.label_coverage(),
        "label_overlap": analysis.label_overlap(),
        "label_conflict": analysis.label_conflict(),
        "lf_polarities": analysis.lf_polarities(),
        "lf_coverages": analysis.lf_coverages(),
        "lf_overlaps": analysis.lf_overlaps(),
        "lf_overlaps of coverage": analysis.lf_overlaps(normalize_by_coverage=True),
        "lf_conflicts": analysis.lf_conflicts(),
        "lf_conflicts of overlaps": analysis.lf_conflicts(normalize_by_overlaps=True),
        "lf_empirical_accuracies": analysis.lf_empirical_accuracies(Y),
        "lf_empirical_probs": analysis.lf_empirical_probs(Y, classes),
        "lf_summary": {"columns": list(summary.columns), "index": list(summary.index)}
        | {column: summary[column].tolist() for column in summary},
    }
    voter = MajorityLabelVoter(cardinality=classes)
    said["majority"] = voter.predict_proba(L)
    said["majority predict"] = {
        policy: voter.predict(L, tie_break_policy=policy) for policy in ("abstain", "random")
    }
    scores = SCORES + (BINARY if classes == 2 and len(set(truth)) == 2 and (L != -1).any() else [])
    if (L != -1).any() and len(Y) > 1:
        said["scores"] = {
            policy: voter.score(L, known, metrics=scores, tie_break_policy=policy)
            for policy in ("abstain", "random")
        }
    np.random.seed(7)
    said["random"] = RandomVoter(cardinality=classes).predict_proba(L)
    by_class = MajorityClassVoter(cardinality=classes)
    by_class.fit(np.array([1.0] * 2 + [0.5] * (classes - 2)))
    said["majority class"] = by_class.predict_proba(L)
    return {"L": matrix, "Y": truth, "cardinality": classes, "snorkel": said}


def dense():
    """Votes that Snorkel's loss has one minimum for, and what it finds after enough steps."""
    (matrix, truth), k = (
        votes(11, 3000, 2, [(0.9, 0.9), (0.8, 0.7), (0.7, 0.8), (0.9, 0.75), (0.8, 0.85)]),
        2,
    )
    L = np.array(matrix)
    rows, counts = np.unique(L, axis=0, return_counts=True)
    said = {}
    for name, settings in {"100": {}, "5000": {"n_epochs": 5000, "lr": 0.05}}.items():
        model = LabelModel(cardinality=k, verbose=False)
        model.fit(L, progress_bar=False, seed=1, **settings)
        said[name] = {
            "settings": settings,
            "weights": model.get_weights(),
            "conditional": model.get_conditional_probs(),
            "probs": model.predict_proba(rows),
        }
    return {"rows": rows, "counts": counts, "cardinality": k, "snorkel": said}


def ties():
    probs = [
        [0.5, 0.5, 0.0],
        [0.4, 0.4, 0.2],
        [1 / 3] * 3,
        [0.2, 0.4, 0.4],
        [0.3, 0.300001, 0.299999],
    ] * 6
    policies = {policy: probs_to_preds(np.array(probs), policy) for policy in ("abstain", "random")}
    return {"probs": probs, "preds": policies}


def main():
    cases = {name: record(*case, classes) for name, (case, classes) in CASES.items()}
    custom = Scorer(
        ["accuracy"], {"rows": lambda golds, preds, probs: {"n": len(golds)}}, abstain_label=None
    )
    scorer = custom.score(np.array([1, 0, -1]), np.array([1, 1, -1]))
    content = {
        "version": version("snorkel"),
        "cases": cases,
        "label model": dense(),
        "ties": ties(),
        "scorer": scorer,
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(plain(content), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
