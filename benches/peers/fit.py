"""How many times longer Snorkel's LabelModel takes to fit than jurat, on the same votes.

    python -m venv peers
    peers/bin/pip install snorkel==0.10.0 pyarrow
    cargo build --release --bin jurat --example stages
    peers/bin/python benches/peers/fit.py

Makes a label matrix of 100,000 rows and 20 labeling functions for two classes, each of which votes one
class or abstains, and writes it as Parquet. Then it takes the shortest of several runs of

* Snorkel: `LabelModel(cardinality=2).fit(L)` with its defaults (100 epochs), the matrix in memory;
* jurat in the process: packing the rows to patterns and fitting, the matrix in memory, for each label
  model (the example `stages`);
* jurat as a process: `jurat fit`, from the start of the program through reading the file to the labels
  and the report written.

Prints ratios: machines differ, ratios less. Importing Snorkel and reading its matrix do not count.
"""

import argparse
import json
import logging
import subprocess
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

from snorkel.labeling.model import LabelModel  # noqa: E402

RELEASE = Path(__file__).resolve().parents[2] / "target" / "release"
MODELS = ["auto", "anchored", "snorkel", "dawid-skene", "triplet"]
CLASSES = np.array(["no", "yes"])


def planted(rows, lfs, seed):
    """Labeling function j votes class j mod 2 on 2 to 12 % of the rows, right on four of five."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, rows)
    votes = np.full((rows, lfs), -1)
    for j in range(lfs):
        coverage = 0.02 + 0.1 * j / lfs
        fires = np.where(truth == j % 2, 1.6 * coverage, 0.4 * coverage)
        votes[rng.random(rows) < fires, j] = j % 2
    return votes


def write(votes, path):
    columns = {}
    for j, column in enumerate(votes.T):
        cells = np.where(column < 0, None, CLASSES[np.maximum(column, 0)])
        columns[f"lf:{j}"] = pa.array(cells, type=pa.string())
    pq.write_table(pa.table(columns), path)


def shortest(repeats, run):
    """Seconds of the fastest run."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def stages(path, model, repeats):
    command = [RELEASE / "examples" / "stages", path, model, str(repeats)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--lfs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    votes = planted(options.rows, options.lfs, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "votes.parquet"
        write(votes, path)

        def snorkel():
            LabelModel(cardinality=2, verbose=False).fit(votes, seed=0, progress_bar=False)

        peer = shortest(options.repeats, snorkel)
        print(f"{options.rows} rows, {options.lfs} labeling functions; snorkel {version('snorkel')}")
        print("Snorkel's fit takes so many times as long as jurat's")
        print(f"{'model':12} {'fit':>8} {'pack + fit':>12} {'process':>10}")
        for model in MODELS:
            found = stages(path, model, options.repeats)["seconds"]
            command = [RELEASE / "jurat", "fit", path, "--model", model, "--quiet"]
            command += ["--out", Path(folder) / "labels.parquet"]
            process = shortest(
                options.repeats, lambda: subprocess.run(command, check=True, capture_output=True)
            )
            both = found["pack"] + found["fit"]
            print(f"{model:12} {peer / found['fit']:8.1f} {peer / both:12.1f} {peer / process:10.1f}")


if __name__ == "__main__":
    main()
