"""Whether Spark gives what one machine gives, bit for bit, and what it costs.

    pip install './bindings/python[spark]' polars
    python benches/spark.py FOLDER [--rows 5000000]

Makes rows of about 165 bytes of text in FOLDER, unless they are there, with known labels, times and scores. One
process runs a spec of 40 labeling functions on them; then Spark does, in one process with 1, 2 and 16 partitions, and on
a cluster of two workers of which one is killed while it votes. Every label and probability, the model and the report are
compared, and the seconds are printed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bindings" / "python" / "tests"))
os.environ["PYSPARK_PYTHON"] = sys.executable

import jurat  # noqa: E402
import jurat.spark  # noqa: E402
from cluster import Cluster, descendants  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

CLASSES = ["billing", "bug", "how-to", "praise"]
LFS = 40


def words(number: int) -> list[str]:
    """The vocabulary: made of syllables, so that nobody's text is needed."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en")]
    n = len(syllables)
    return [
        syllables[i % n] + syllables[i // n % n] + (syllables[i // n // n] if i >= n * n else "")
        for i in range(number)
    ]


def spec() -> str:
    known = words(20_000)
    lines = [
        "spec: 1",
        f"labels: [{', '.join(CLASSES)}]",
        "input: {text: text, id: id, gold: gold, time: day}",
        "lfs:",
    ]
    for lf in range(LFS):
        label = CLASSES[lf % len(CLASSES)]
        terms = ", ".join(known[2000 + lf * 10 : 2010 + lf * 10])
        lines.append(f"  - {{name: lf-{lf}, label: {label}, when: {{keyword: [{terms}]}}}}")
    lines += [
        "  - {name: score, label: bug, when: {model: {column: score, at_least: 0.9}}}",
        "slices: {scored: {model: {column: score, at_least: 0.5}}}",
        "model: {class_balance: {billing: 0.25, bug: 0.25, how-to: 0.25, praise: 0.25}}",
        "output: {decide: prevalence}",
    ]
    return "\n".join(lines) + "\n"


def make(folder: Path, rows: int) -> Path:
    """Rows in a Parquet file, a piece after the other."""
    path = folder / f"rows-{rows}.parquet"
    if path.exists():
        return path
    import pyarrow.parquet as pq

    rng = np.random.default_rng(7)
    known = np.array(words(20_000))
    # Frequencies fall with the rank, as they do in language.
    weights = 1 / np.arange(1, len(known) + 1) ** 0.9
    phrases = np.array(
        [
            " ".join(known[rng.choice(len(known), 8, p=weights / weights.sum())])
            for _ in range(50_000)
        ]
    )
    writer = None
    for start in range(0, rows, 250_000):
        n = min(250_000, rows - start)
        parts = [pl.Series(f"p{i}", phrases[rng.integers(0, len(phrases), n)]) for i in range(4)]
        frame = pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator=" ").alias("text"))
        gold = rng.integers(0, 200, n)
        frame = frame.with_columns(
            pl.Series("id", np.arange(start, start + n)),
            pl.Series("gold", [CLASSES[g] if g < 4 else None for g in gold]),
            pl.Series("score", rng.random(n)),
            (
                pl.lit(np.datetime64("2025-01-01"))
                + pl.duration(days=pl.Series(rng.integers(0, 500, n)))
            )
            .cast(pl.String)
            .str.slice(0, 10)
            .alias("day"),
        )
        table = frame.select("id", "text", "gold", "score", "day").to_arrow()
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=125_000)
    writer.close()
    return path


def session(master: str, **more: str) -> SparkSession:
    builder = SparkSession.builder.master(master).appName("jurat")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "3g",
        **{key.replace("_", "."): value for key, value in more.items()},
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def timed(what: str, work):
    start = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - start
    print(f"{what:44} {seconds:8.1f} s", flush=True)
    return done, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=5_000_000)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    data = make(options.folder, options.rows)
    path = options.folder / "spec.yaml"
    path.write_text(spec())
    job = jurat.Job.from_yaml(path)

    def alone():
        run = job.run(str(data), privacy="no-examples")
        return pl.DataFrame(run.labels), run.model.to_json()

    (labels, model), once = timed("one process: vote, fit, label, report", alone)
    fitted, _ = timed("one process: count and fit", lambda: job.fit(job.count(str(data))))
    report = fitted.report.to_dict()
    assert fitted.model.to_json() == model
    print(f"{options.rows} rows, {fitted!r}")
    wrong = 0

    def check(what: str, labeled, found) -> None:
        nonlocal wrong
        out = options.folder / "labels"
        timed(f"{what}: label and write", lambda: labeled.write.mode("overwrite").parquet(str(out)))
        there = pl.read_parquet(out / "*.parquet").sort("id")
        same = {
            "labels": labels.equals(there.select(labels.columns)),
            "model": found.model.to_json() == model,
            "report": found.report.to_dict() == report,
        }
        wrong += not all(same.values())
        print(
            f"{what}: "
            + ", ".join(f"{k} {'the same' if v else 'DIFFERENT'}" for k, v in same.items()),
            flush=True,
        )

    for partitions in (1, 2, 16):
        spark = session("local[2]")
        df = spark.read.parquet(str(data)).repartition(partitions)
        found, seconds = timed(
            f"{partitions} partitions: count and fit", lambda: jurat.spark.fit(df, job)
        )
        check(f"{partitions} partitions", jurat.spark.label(df, found, keep=["id"]), found)
        spark.stop()

    place = tempfile.TemporaryDirectory()
    cluster = Cluster(Path(place.name))
    try:
        spark = session(cluster.master, spark_cores_max="2", spark_executor_memory="1g")
        df = spark.read.parquet(str(data)).repartition(16)
        spark.range(1).count()
        killed = []

        def kill() -> None:
            # As soon as it has Python workers it votes.
            while not killed:
                time.sleep(0.2)
                for pid in descendants(cluster.workers[1].pid):
                    try:
                        command = Path(f"/proc/{pid}/cmdline").read_text()
                    except OSError:
                        continue
                    if "pyspark.daemon" in command or "pyspark/daemon" in command:
                        time.sleep(2)
                        cluster.kill(1)
                        killed.append(pid)
                        return

        threading.Thread(target=kill, daemon=True).start()
        found, _ = timed("a worker is killed: count and fit", lambda: jurat.spark.fit(df, job))
        print("the worker was killed" if killed else "THE WORKER WAS NOT KILLED", flush=True)
        wrong += not killed
        check("after the kill", jurat.spark.label(df, found, keep=["id"]), found)
        spark.stop()
    finally:
        cluster.stop()
        place.cleanup()
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
