"""Records what scikit-learn says about labels and probabilities of small made-up label matrices.

`tests/it/scores.rs` compares against the recorded numbers, so that neither Python nor scikit-learn is
needed to run the tests. To record again:

    python -m venv peers
    peers/bin/pip install scikit-learn==1.9.1
    peers/bin/python record_scores.py            # writes scikit_learn.json next to this script

Probabilities are such as anybody can compute: the vote of the labeling function with number j adds
1 + j / 4 to the logarithm of its class, and without votes all classes are equally probable. They are
rounded, so that those which are equal but for rounding are equal. The label is the most probable class,
none where classes tie.
"""

import json
import math
import platform
import random
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    matthews_corrcoef,
    precision_recall_curve,
    precision_recall_fscore_support,
    roc_auc_score,
    roc_curve,
)

# A row without a label is given a class of its own, which scikit-learn warns of.
warnings.filterwarnings("ignore")


def matrix(seed, n_rows, shares, n_lfs, coverage, accuracy):
    """Rows of votes (-1: none) and the classes they come from."""
    rng = random.Random(seed)
    rows, truths = [], []
    for _ in range(n_rows):
        left, truth = rng.random(), len(shares) - 1
        for y, share in enumerate(shares):
            left -= share
            if left < 0:
                truth = y
                break
        row = []
        for _ in range(n_lfs):
            votes, right, other = rng.random(), rng.random(), rng.random()
            wrong = (truth + 1 + int(other * (len(shares) - 1))) % len(shares)
            row.append((truth if right < accuracy else wrong) if votes < coverage else -1)
        rows.append(row)
        truths.append(truth)
    return rows, truths


def scores(rows, gold, k):
    probabilities, given = [], []
    for row in rows:
        logs = [sum(1 + j / 4 for j, vote in enumerate(row) if vote == y) for y in range(k)]
        total = sum(math.exp(log) for log in logs)
        probabilities.append([round(math.exp(log) / total, 12) for log in logs])
        best = [y for y in range(k) if logs[y] == max(logs)]
        # A class that no row is: never right.
        given.append(best[0] if len(best) == 1 else k)
    probabilities, gold = np.array(probabilities), np.array(gold)
    precision, recall, f1, support = precision_recall_fscore_support(
        gold, given, labels=range(k), zero_division=0)
    classes = []
    for y in range(k):
        of_class, p = gold == y, probabilities[:, y]
        false_positives, recalls, _ = roc_curve(of_class, p, drop_intermediate=False)
        precisions, recalls_2, thresholds = precision_recall_curve(of_class, p)
        classes.append({
            "support": int(support[y]),
            "precision": precision[y],
            "recall": recall[y],
            "f1": f1[y],
            "roc_auc": roc_auc_score(of_class, p),
            "average_precision": average_precision_score(of_class, p),
            # From the highest threshold to the lowest, without the point where nothing is found.
            "roc": [list(point) for point in zip(false_positives[1:], recalls[1:])],
            "precision_recall": [
                list(point) for point in zip(precisions[-2::-1], recalls_2[-2::-1])],
            "thresholds": list(thresholds[::-1]),
        })
    return {
        "n_classes": k,
        "rows": rows,
        "gold": gold.tolist(),
        "balanced_accuracy": balanced_accuracy_score(gold, given),
        "correlation": matthews_corrcoef(gold, given),
        "classes": classes,
    }


def main():
    cases = {
        "two_rare": (11, 300, [0.1, 0.9], 5, 0.6, 0.75),
        "three_skewed": (12, 240, [0.03, 0.22, 0.75], 6, 0.5, 0.6),
    }
    head = {"python": platform.python_version(), "scikit-learn": sklearn.__version__}
    out = {"versions": head, "matrices": {}}
    for name, (seed, n_rows, shares, *lfs) in cases.items():
        rows, gold = matrix(seed, n_rows, shares, *lfs)
        out["matrices"][name] = scores(rows, gold, len(shares))
    text = json.dumps(out, separators=(",", ":")).replace('],"', '],\n"').replace('},{', '},\n{')
    (Path(__file__).resolve().parent / "scikit_learn.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
