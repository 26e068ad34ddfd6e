"""Training a classifier on probabilistic labels: jurat against scikit-learn, in ratios.

    cargo build --release
    python benches/peers/train.py [--rows 100000] [--jurat target/release/jurat]

Texts of about 165 bytes with four classes are made up, 40 labeling functions vote on them, and `jurat run` makes
probabilistic labels. Then `jurat train` and scikit-learn's TfidfVectorizer (words and pairs of words) with
LogisticRegression learn from the same texts, probabilities and weights: scikit-learn knows no soft targets, so that
each row stands there once a class, with its probability as weight. Both predict the same further rows, whose classes are
known. jurat's time is that of the whole command: reading, training on three folds and on all rows, calibration, writing.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import polars as pl

CLASSES = ["sports", "money", "science", "travel"]


def texts(rows, seed):
    """Texts and classes. Every class uses some 600 of 30,000 words more often than the others."""
    random = np.random.default_rng(seed)
    words = np.array([f"w{number:x}" + "aeiou"[number % 5] * (number % 4) for number in range(30_000)])
    common = 1.0 / (np.arange(30_000) + 20.0)
    owners = np.random.default_rng(0).permutation(30_000)[: 4 * 600].reshape(4, 600)
    gold = random.integers(0, 4, rows)
    out = [None] * rows
    for y in range(4):
        weights = common.copy()
        weights[owners[y]] *= 3.0
        table = np.cumsum(weights / weights.sum())
        for row in np.flatnonzero(gold == y):
            drawn = np.searchsorted(table, random.random(26)).clip(0, 29_999)
            out[row] = " ".join(words[drawn])
    keywords = [[words[i] for i in sorted(owners[y])[:300]] for y in range(4)]
    return out, gold, keywords


def spec(keywords):
    lines = ["spec: 1", f"labels: [{', '.join(CLASSES)}]", "input: {text: text, id: id}", "lfs:"]
    for y, of_class in enumerate(keywords):
        for part in range(10):
            chosen = ", ".join(of_class[part::10][:12])
            lines.append(
                f"  - {{name: {CLASSES[y]}-{part}, label: {CLASSES[y]}, when: {{keyword: [{chosen}]}}}}"
            )
    lines.append(f"model: {{class_balance: {{{', '.join(f'{name}: 0.25' for name in CLASSES)}}}}}")
    return "\n".join(lines) + "\n"


def write(path, rows):
    with open(path, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "text"])
        writer.writerows(enumerate(rows))


def scikit_learn(folder, train, test, weights, probabilities):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    start = time.perf_counter()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    rows = vectorizer.fit_transform(train)
    n, k = probabilities.shape
    learned = np.flatnonzero(weights > 0)
    repeated = rows[np.repeat(learned, k)]
    model = LogisticRegression(C=0.7)
    model.fit(
        repeated,
        np.tile(np.arange(k), len(learned)),
        sample_weight=(weights[learned, None] * probabilities[learned]).ravel(),
    )
    fitted = time.perf_counter() - start
    start = time.perf_counter()
    predicted = model.predict_proba(vectorizer.transform(test)).argmax(1)
    return fitted, time.perf_counter() - start, predicted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--test", type=int, default=20_000)
    parser.add_argument("--jurat", default="target/release/jurat")
    parser.add_argument("--no-peers", action="store_true")
    arguments = parser.parse_args()
    jurat = os.path.abspath(arguments.jurat)
    with tempfile.TemporaryDirectory() as folder:
        train, _, keywords = texts(arguments.rows, 1)
        test, gold, _ = texts(arguments.test, 2)
        write(f"{folder}/train.csv", train)
        write(f"{folder}/test.csv", test)
        with open(f"{folder}/spec.yaml", "w") as out:
            out.write(spec(keywords))
        print(f"{arguments.rows} rows of {np.mean([len(text) for text in train]):.0f} bytes")
        run = lambda *words: subprocess.run([jurat, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        run("run", "-q", "spec.yaml", "train.csv", "-o", "run", "--no-cache", "--uncertainty", "off", "--format", "parquet")
        labels = pl.read_parquet(f"{folder}/run/labels.parquet")
        probabilities = labels.select(f"prob:{name}" for name in CLASSES).to_numpy()
        votes = pl.read_parquet(f"{folder}/run/votes.parquet")
        covered = votes.select(pl.any_horizontal(pl.col("^lf:.*$").is_not_null())).to_series().to_numpy()
        weights = np.where(covered, 1.0, 0.3)
        print(f"coverage {covered.mean():.3f}")
        start = time.perf_counter()
        run("train", "-q", "run", "-o", "classifier.json", "--characters", "no", "--report", "none")
        ours = time.perf_counter() - start
        start = time.perf_counter()
        run("predict", "-q", "classifier.json", "test.csv", "--id", "id", "-o", "predicted.parquet")
        our_prediction = time.perf_counter() - start
        predicted = pl.read_parquet(f"{folder}/predicted.parquet")
        best = predicted.select(f"prob:{name}" for name in CLASSES).to_numpy().argmax(1)
        size = os.path.getsize(f"{folder}/classifier.json") / 1e6
        print(f"jurat: train {ours:.2f} s, predict {our_prediction:.2f} s, accuracy {(best == gold).mean():.4f}, {size:.0f} MB")
        if arguments.no_peers:
            return
        import sklearn

        fitted, predicting, theirs = scikit_learn(folder, train, test, weights, probabilities)
        print(
            f"scikit-learn {sklearn.__version__}: train {fitted:.2f} s, predict {predicting:.2f} s, "
            f"accuracy {(theirs == gold).mean():.4f}"
        )
        print(f"ratio: train {fitted / ours:.1f}, predict {predicting / our_prediction:.1f}")


if __name__ == "__main__":
    main()
