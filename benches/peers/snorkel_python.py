"""How many times longer Snorkel takes than jurat.snorkel, for the same calls in one process.

    python -m venv peers
    peers/bin/pip install snorkel==0.10.0 ./bindings/python
    peers/bin/python benches/peers/snorkel_python.py

Makes comments of made-up words with a number of likes, and takes the shortest of several runs of each of

* `PandasLFApplier.apply` with the same Python functions under Snorkel and under jurat.snorkel: light ones, which
  compare a number, and ten that search for one of ten words each;
* the same ten in YAML, through `jurat.snorkel.PandasLFApplier` and through `jurat.LfSet`;
* `LFAnalysis(L).lf_summary(Y)`, `MajorityLabelVoter().predict(L)` and `LabelModel().fit(L)` with their defaults,
  on a label matrix of its own.

Votes are compared cell by cell first. Prints ratios: machines differ, ratios less.
"""

import argparse
import json
import logging
import os
import random
import re
import time
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import snorkel.labeling as peer  # noqa: E402
import snorkel.labeling.model as peer_model  # noqa: E402

import jurat  # noqa: E402
import jurat.snorkel as own  # noqa: E402


def comments(rows, words, seed):
    rng = random.Random(seed)
    texts = [" ".join(rng.choices(words, k=rng.randint(5, 40))).capitalize() for _ in range(rows)]
    return pd.DataFrame(
        {"author": "somebody", "text": texts, "likes": [rng.randrange(1000) for _ in texts]}
    )


def best(runs, act):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        result = act()
        times.append(time.perf_counter() - start)
    return min(times), result


def planted(rows, lfs, seed):
    """Labeling function j votes class j mod 2 on 2 to 12 % of the rows, right on four of five."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, rows)
    votes = np.full((rows, lfs), -1)
    for j in range(lfs):
        coverage = 0.02 + 0.1 * j / lfs
        fires = np.where(truth == j % 2, 1.6 * coverage, 0.4 * coverage)
        votes[rng.random(rows) < fires, j] = j % 2
    return votes, truth


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--matrix-rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    rng = random.Random(0)
    words = [
        "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 9))) for _ in range(5000)
    ]
    frame = comments(arguments.rows, words, 1)
    lists = [rng.sample(words, 10) for _ in range(10)]

    light = [(f"likes_{j}", lambda x, j=j: j % 2 if x.likes > 100 * j else -1) for j in range(10)]

    def searching(j):
        pattern = re.compile(rf"\b(?:{'|'.join(lists[j])})\b", re.IGNORECASE)
        return lambda x: j % 2 if pattern.search(x.text) else -1

    heavy = [(f"words_{j}", searching(j)) for j in range(10)]
    labels = ["ham", "spam"]
    lfs = [
        {"name": f"words_{j}", "label": labels[j % 2], "when": {"keyword": found}}
        for j, found in enumerate(lists)
    ]
    spec = jurat.LfSet.from_text(json.dumps({"spec": 1, "labels": labels, "lfs": lfs}))

    def applier(library, functions):
        made = [library.LabelingFunction(name, function) for name, function in functions]
        return lambda: library.PandasLFApplier(made).apply(frame, progress_bar=False)

    print(f"snorkel {version('snorkel')}, pandas {pd.__version__}, numpy {np.__version__}")
    print(f"{arguments.rows:,} rows, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    runs = arguments.runs
    for name, functions in [("10 light functions", light), ("10 functions with a regex", heavy)]:
        theirs, expected = best(runs, applier(peer, functions))
        ours, votes = best(runs, applier(own, functions))
        assert (votes == expected).all()
        report(f"{name}, PandasLFApplier", theirs, ours)
    ours, votes = best(runs, lambda: own.PandasLFApplier(spec).apply(frame, progress_bar=False))
    assert (votes == expected).all()
    report("the same in YAML, PandasLFApplier", theirs, ours)
    ours, _ = best(runs, lambda: spec.apply(frame))
    report("the same in YAML, LfSet.apply", theirs, ours)

    L, Y = planted(arguments.matrix_rows, 20, 2)
    print(f"label matrix of {L.shape[0]:,} × {L.shape[1]}, load {os.getloadavg()[0]:.1f}")
    theirs, table = best(runs, lambda: peer.LFAnalysis(L).lf_summary(Y))
    ours, own_table = best(runs, lambda: own.LFAnalysis(L).lf_summary(Y))
    assert table.equals(own_table)
    report("LFAnalysis.lf_summary", theirs, ours)
    theirs, expected = best(runs, lambda: peer_model.MajorityLabelVoter().predict(L))
    ours, votes = best(runs, lambda: own.MajorityLabelVoter().predict(L))
    assert (votes == expected).all()
    report("MajorityLabelVoter.predict", theirs, ours)

    def fit(model):
        model.fit(L, progress_bar=False)
        return model

    theirs, fitted = best(runs, lambda: fit(peer_model.LabelModel(verbose=False)))
    for model in ["auto", "snorkel"]:
        ours, own_fitted = best(runs, lambda: fit(own.LabelModel(model=model)))
        report(f"LabelModel.fit, {model}", theirs, ours)
    theirs, _ = best(runs, lambda: fitted.predict(L))
    ours, _ = best(runs, lambda: own_fitted.predict(L))
    report("LabelModel.predict", theirs, ours)


def report(name, theirs, ours):
    print(f"  {name:36} {theirs / ours:8.1f} times  ({theirs:.3f} s, {ours:.3f} s)")


if __name__ == "__main__":
    main()
