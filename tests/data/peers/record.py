"""Records what other label models say about small made-up label matrices.

`tests/it/parity.rs` compares against the recorded numbers, so that neither Python nor the peers are
needed to run the tests. To record again, with Python 3.11:

    python -m venv peers
    peers/bin/pip install snorkel==0.10.0 crowd-kit==1.4.2 flyingsquid==0.0.0a0 pgmpy==0.1.26
    peers/bin/python record.py            # writes the JSON files next to this script

flyingsquid names no dependencies; it needs torch (snorkel brings it) and a pgmpy that still has
`MarkovModel`, which is why that one is pinned. No other shim is needed with numpy 2.4, pandas 3.1,
networkx 3.6 and torch 2.15. It takes a few minutes: Snorkel descends until it has converged.

The matrices come from Python's own generator, whose `random()` is the same in every version, and not
from any of the peers. A matrix is its distinct rows with their counts; a vote is a class, an
abstention -1. Every file lists its numbers in the order of those rows.
"""

import json
import logging
import math
import platform
import random
import warnings
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

from crowdkit.aggregation import DawidSkene, MajorityVote, OneCoinDawidSkene  # noqa: E402
from flyingsquid.label_model import LabelModel as FlyingSquid  # noqa: E402
from snorkel.labeling.model import LabelModel as Snorkel  # noqa: E402
from snorkel.labeling.model import MajorityLabelVoter  # noqa: E402

HERE = Path(__file__).resolve().parent

# -- the matrices ------------------------------------------------------------------------------


def pick(rng, shares):
    left = rng.random()
    for index, share in enumerate(shares):
        left -= share
        if left < 0:
            return index
    return len(shares) - 1


def multipolar(seed, n_rows, shares, lfs):
    """Each LF is (coverage, accuracy); it votes any class, wrong ones evenly."""
    rng = random.Random(seed)
    rows = []
    for _ in range(n_rows):
        truth = pick(rng, shares)
        row = []
        for coverage, accuracy in lfs:
            votes, right, other = rng.random(), rng.random(), rng.random()
            wrong = (truth + 1 + int(other * (len(shares) - 1))) % len(shares)
            row.append((truth if right < accuracy else wrong) if votes < coverage else -1)
        rows.append(tuple(row))
    return rows


def unipolar(seed, n_rows, shares, lfs):
    """Each LF is (class, coverage, precision); it votes its class or abstains."""
    rng = random.Random(seed)
    rows = []
    for _ in range(n_rows):
        truth = pick(rng, shares)
        row = []
        for label, coverage, precision in lfs:
            hit = coverage * precision / shares[label]
            miss = coverage * (1 - precision) / (1 - shares[label])
            row.append(label if rng.random() < (hit if truth == label else miss) else -1)
        rows.append(tuple(row))
    return rows


def matrices():
    return {
        "two_dense": (2, [0.5, 0.5], multipolar(
            1, 500, [0.5, 0.5],
            [(0.9, 0.85), (0.8, 0.75), (0.95, 0.65), (0.7, 0.9), (0.85, 0.7)])),
        "two_skewed": (2, [0.3, 0.7], multipolar(
            2, 600, [0.3, 0.7],
            [(0.8, 0.8), (0.7, 0.9), (0.9, 0.7), (0.5, 0.85), (0.75, 0.75)])),
        "two_complete": (2, [0.5, 0.5], multipolar(
            3, 600, [0.5, 0.5],
            [(1.0, 0.85), (1.0, 0.7), (1.0, 0.8), (1.0, 0.65), (1.0, 0.9)])),
        "two_one_sided": (2, [0.4, 0.6], unipolar(
            4, 1000, [0.4, 0.6],
            [(0, 0.3, 0.85), (1, 0.4, 0.9), (0, 0.25, 0.75), (1, 0.3, 0.8), (0, 0.35, 0.8),
             (1, 0.45, 0.75), (0, 0.2, 0.9)])),
        "three_dense": (3, [0.3, 0.3, 0.4], multipolar(
            5, 300, [0.3, 0.3, 0.4],
            [(0.9, 0.8), (0.8, 0.7), (0.9, 0.6), (0.95, 0.85), (0.8, 0.75)])),
        "three_one_sided": (3, [0.3, 0.3, 0.4], unipolar(
            6, 1000, [0.3, 0.3, 0.4],
            [(0, 0.2, 0.85), (1, 0.25, 0.9), (2, 0.3, 0.8), (0, 0.25, 0.75), (1, 0.2, 0.8),
             (2, 0.35, 0.85), (0, 0.15, 0.9), (1, 0.2, 0.7)])),
    }


# -- writing -----------------------------------------------------------------------------------


def plain(value, places):
    """Lists and numbers with a few decimal places, losses and majorities with more, None for what is not finite."""
    if isinstance(value, dict):
        exact = {"majority_label_voter": 15}
        return {
            key: plain(item, exact.get(key, places + 6 if "loss" in key else places))
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item, places) for item in value]
    if isinstance(value, (float, np.floating)):
        return round(float(value), places) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value


def document(value, indent=0):
    """JSON with one line for each innermost list, so that a difference can be read."""
    flat = json.dumps(value, separators=(",", ":"))
    if len(flat) <= 110 or not isinstance(value, (dict, list)):
        return flat
    pad = " " * (indent + 1) if indent < 2 else ""
    if isinstance(value, dict):
        parts = [f"{pad}{json.dumps(key)}: {document(item, indent + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(parts) + "\n" + pad[1:] + "}"
    parts = [pad + document(item, indent + 1) for item in value]
    return "[\n" + ",\n".join(parts) + "\n" + pad[1:] + "]"


def write(name, places, value, *packages):
    versions = {package: version(package) for package in packages}
    head = {"python": platform.python_version(), **versions}
    text = document(plain({"versions": head, **value}, places)) + "\n"
    (HERE / name).write_text(text, encoding="utf-8")
    print(f"{name}: {len(text)} bytes")


# -- the peers ---------------------------------------------------------------------------------


class Watched(Snorkel):
    """Notes the parameters as they are before they are clamped to [mu_eps, 1 - mu_eps]."""

    def _clamp_params(self):
        l2 = self.train_config.l2
        self.free_mu = self.mu.detach().numpy().astype(float)
        self.free_loss = float(self._loss_mu(l2=l2).detach())
        super()._clamp_params()


def snorkel(table, distinct, n_classes, balance, l2, epochs, rate, seed):
    model = Watched(cardinality=n_classes, verbose=False)
    model.fit(table, class_balance=balance, l2=l2, n_epochs=epochs, lr=rate, seed=seed,
              progress_bar=False)
    return {
        "class_balance": balance,
        "l2": l2,
        "epochs": epochs,
        "learning_rate": rate,
        # The start is mu_init times the first number that the seeded generator draws.
        "start_scale": np.random.RandomState(seed).random_sample(),
        "mu_init": model.mu_init.numpy(),
        "loss_before_clamping": model.free_loss,
        # What the optimizer's weight decay adds to that loss.
        "loss_of_decay": l2 / 2 * float((model.free_mu**2).sum()),
        "loss": float(model._loss_mu(l2=l2).detach()),
        "conditional": model.get_conditional_probs(),
        "weights": model.get_weights(),
        "probabilities": model.predict_proba(distinct),
    }


def flyingsquid(table, distinct, balance, average):
    """Classes 0 and 1 are its -1 and 1, an abstention is its 0."""
    def signed(votes):
        return np.where(votes < 0, 0, 2 * votes - 1)

    model = FlyingSquid(table.shape[1])
    model.fit(signed(table), class_balance=None if balance is None else np.array(balance),
              solve_method=average)
    moments = {}
    for (lf, *_), _zero in model.expectation_values:
        key = next(k for k in model.expectation_values if k[0][0] == lf)
        moments[int(lf.split("_")[1])] = model.expectation_values[key]
    return {
        "class_balance": balance,
        "solve_method": average,
        # E[vote * Y], abstentions 0, and P(vote = Y), which counts an abstention as not equal.
        "moments": [moments[j] for j in range(table.shape[1])],
        "accuracies": model.estimated_accuracies(),
        "probabilities": model.predict_proba(signed(distinct), verbose=False),
    }


def crowd(table, n_classes, n_iter, tol):
    """Tasks are the rows with a vote; the classes that nobody voted have no column."""
    tasks, workers = np.nonzero(table >= 0)
    votes = pd.DataFrame({"task": tasks, "worker": workers, "label": table[tasks, workers]})
    first = {}
    for i, row in enumerate(map(tuple, table)):
        first.setdefault(row, i)

    def by_pattern(frame):
        frame = frame.reindex(columns=range(n_classes), fill_value=0.0)
        return [frame.loc[i].to_numpy() if i in frame.index else None for i in first.values()]

    def errors(frame):
        # [lf][voted][true]; a label that a worker never voted has no row there: 0.
        out = np.zeros((table.shape[1], n_classes, n_classes))
        for (worker, label), row in frame.iterrows():
            out[worker, label] = row.reindex(range(n_classes), fill_value=0.0).to_numpy()
        return out

    def em(model):
        model.fit(votes)
        return {
            "n_iter": n_iter,
            "tol": tol,
            "iterations": len(model.loss_history_),
            "evidence_lower_bound_per_vote": model.loss_history_[-1],
            "class_shares": model.priors_.reindex(range(n_classes), fill_value=0.0).to_numpy(),
            "errors": errors(model.errors_),
            "probabilities": by_pattern(model.probas_),
        }

    one_coin = OneCoinDawidSkene(n_iter=n_iter, tol=tol)
    out = {
        "majority_vote": {"probabilities": by_pattern(MajorityVote().fit_predict_proba(votes))},
        "dawid_skene": em(DawidSkene(n_iter=n_iter, tol=tol)),
        "one_coin": em(one_coin),
    }
    out["one_coin"]["skills"] = one_coin.skills_.reindex(range(table.shape[1])).to_numpy()
    return out


# -- all of it ---------------------------------------------------------------------------------


def main():
    described, snorkels, squids, crowds = {}, {}, {}, {}
    for name, (n_classes, shares, rows) in matrices().items():
        counts = Counter(rows)
        distinct = np.array(list(counts))
        table = np.repeat(distinct, list(counts.values()), axis=0)
        described[name] = {
            "n_classes": n_classes,
            "class_shares": shares,
            "counts": list(counts.values()),
            "rows": distinct,
        }
        fits = [
            snorkel(table, distinct, n_classes, None, 0.0, 8000, 0.05, 1),
            snorkel(table, distinct, n_classes, shares, 0.0, 8000, 0.05, 2),
            snorkel(table, distinct, n_classes, shares, 0.1, 8000, 0.05, 3),
        ]
        defaults = [
            snorkel(table, distinct, n_classes, None, 0.0, 100, 0.01, 4),
            snorkel(table, distinct, n_classes, shares, 0.1, 100, 0.01, 5),
        ]
        for fit in defaults:
            del fit["mu_init"], fit["weights"], fit["probabilities"]
        snorkels[name] = {
            "majority_label_voter": MajorityLabelVoter(n_classes).predict_proba(distinct),
            "label_model": fits,
            # As many steps as it makes when it is not told otherwise, far from the minimum.
            "label_model_short": defaults,
        }
        if n_classes == 2:
            squids[name] = [
                flyingsquid(table, distinct, balance, average)
                for balance in (None, shares)
                for average in ("triplet_mean", "triplet_median")
            ]
        # Its stopping rule compares a bound that may fall, and then ends the search early. Without
        # the rule it makes exactly n_iter steps and is at the maximum.
        crowds[name] = crowd(table, n_classes, 300, -math.inf)
        defaults = crowd(table, n_classes, 100, 1e-5)["dawid_skene"]
        del defaults["probabilities"]
        crowds[name]["dawid_skene_defaults"] = defaults
        print(name, len(distinct), "distinct rows")
    write("matrices.json", 6, {"matrices": described})
    write("snorkel.json", 5, {"matrices": snorkels}, "snorkel", "torch", "numpy")
    write("flyingsquid.json", 8, {"matrices": squids}, "flyingsquid", "pgmpy", "numpy")
    write("crowd_kit.json", 8, {"matrices": crowds}, "crowd-kit", "pandas", "numpy")


if __name__ == "__main__":
    main()
