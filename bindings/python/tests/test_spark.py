"""Spark gives what one machine gives, bit for bit: in one process, on a cluster of two workers on this machine, with a
task that dies, a worker that is killed, and partitions of very different sizes."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

if os.environ.get("JURAT_SPARK") != "required":
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or later", allow_module_level=True)

import polars as pl  # noqa: E402
import jurat  # noqa: E402
import jurat.spark  # noqa: E402
from cluster import Cluster, descendants  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

SPEC = """
spec: 1
labels: [spam, ham]
input: {text: text, id: id, gold: gold, time: day}
lookups:
  shops: {file: shops.csv, key: shop}
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe, giveaway, prize]}}
  - {name: thanks, label: ham, when: {keyword: [thanks, "thank you"]}}
  - {name: link, label: spam, when: {regex: 'https?://'}, unless: {keyword: [lovely]}}
  - {name: shop, label: spam, when: {lookup: {table: shops, match: occurs}}}
  - {name: score, label: ham, when: {model: {column: score, at_most: 0.2}}}
slices:
  long: {expr: 'length(text) > 40'}
output: {decide: prevalence}
model: {class_balance: {spam: 0.4, ham: 0.6}}
"""

WORDS = "subscribe giveaway prize thanks lovely day song https://a.b acme the a to it video".split()


@jurat.labeling_function(columns={"text": str}, version="1")
def shouting(row):
    text = row.text or ""
    return "spam" if text.endswith("video") else None


def rows(n: int) -> pl.DataFrame:
    """Words in an order that nobody would guess, with ids, known labels, days and scores."""
    state, texts, gold, scores = 7, [], [], []
    for _ in range(n):
        words = []
        for _ in range(8):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            words.append(WORDS[(state >> 33) % len(WORDS)])
        texts.append(None if state >> 40 & 63 == 0 else " ".join(words))
        gold.append(["spam", "ham", None][(state >> 45) % 3])
        scores.append(None if state >> 50 & 7 == 0 else (state >> 30 & 255) / 256)
    day = [f"2026-{i % 12 + 1:02}-{i % 28 + 1:02}" for i in range(n)]
    columns = {"id": range(n), "text": texts, "gold": gold, "score": scores, "day": day}
    return pl.DataFrame(columns)


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spec")
    (folder / "shops.csv").write_text("shop\nacme\n")
    (folder / "spec.yaml").write_text(SPEC)
    return folder / "spec.yaml"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "rows.parquet"
    rows(20_000).write_parquet(path, row_group_size=2_500)
    return path


@pytest.fixture(scope="module")
def alone(spec, data):
    """One machine: the run, and what is fitted on its counts."""
    job = jurat.Job.from_yaml(spec).with_functions([shouting])
    frame = pl.read_parquet(data)
    run = job.run(frame)
    fitted = job.fit(job.count(frame))
    assert fitted.model.to_json() == run.model.to_json()
    return pl.DataFrame(run.labels), fitted


def session(master: str, **more: str) -> SparkSession:
    # The executors run this Python, and import this module for its labeling function.
    paths = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    os.environ.update(PYSPARK_PYTHON=sys.executable, PYTHONPATH=paths)
    builder = SparkSession.builder.master(master).appName("jurat")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "4",
        "spark.executorEnv.PYTHONPATH": paths,
        **{key.replace("_", "."): value for key, value in more.items()},
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


@pytest.fixture(scope="module")
def local():
    spark = session("local[2,3]")
    yield spark
    spark.stop()


def same(labeled, fitted, alone) -> None:
    """Labels, model and report of Spark are those of one machine."""
    labels, expected = alone
    assert fitted.model.to_json() == expected.model.to_json()
    assert fitted.report.to_dict() == expected.report.to_dict()
    found = pl.from_arrow(labeled.toArrow()) if hasattr(labeled, "toArrow") else None
    if found is None:  # PySpark 3.5
        found = pl.from_pandas(labeled.toPandas())
    assert labels.equals(
        found.select(labels.columns).sort("id").with_columns(pl.col("id").cast(pl.Int64))
    )


@pytest.mark.parametrize("partitions", [1, 2, 16, 40])
def test_any_division_gives_what_one_machine_gives(local, spec, data, alone, partitions):
    df = local.read.parquet(str(data)).repartition(partitions)
    labeled, fitted = jurat.spark.run(df, spec, functions=[shouting], keep=["id"])
    same(labeled, fitted, alone)


def test_skewed_and_empty_partitions(local, spec, data, alone):
    df = local.read.parquet(str(data))
    # One partition has nearly all rows, some have none.
    df = df.repartition(12, df.id >= 19_990)
    sizes = df.rdd.mapPartitions(lambda part: [sum(1 for _ in part)]).collect()
    assert max(sizes) >= 19_990 and 0 in sizes
    labeled, fitted = jurat.spark.run(df, spec, functions=[shouting], keep=["id"])
    same(labeled, fitted, alone)


def test_a_task_that_dies_is_made_again(local, spec, data, alone, tmp_path):
    mark = tmp_path / "died"
    path = str(mark)

    @jurat.labeling_function(columns=["text"], name="shouting", version="1")
    def dies_once(row):
        import os

        from pyspark import TaskContext

        context = TaskContext.get()
        if row.row_number == 5 and not os.path.exists(path) and context is not None:
            open(path, "w").close()
            os._exit(1)
        return "spam" if (row.text or "").endswith("video") else None

    df = local.read.parquet(str(data)).repartition(4)
    fitted = jurat.spark.fit(df, spec, functions=[dies_once])
    assert mark.exists()
    assert fitted.model.to_json() == alone[1].model.to_json()


def test_votes(local, spec, data):
    df = local.read.parquet(str(data)).repartition(3)
    votes = jurat.spark.apply(df, spec, functions=[shouting], keep=["id"])
    assert votes.columns == ["id"] + [
        f"lf:{name}" for name in ("promo", "thanks", "link", "shop", "score", "shouting")
    ]
    lfs = jurat.LfSet.from_yaml(spec).with_functions([shouting])
    expected = pl.DataFrame(lfs.apply(pl.read_parquet(data)))
    found = pl.DataFrame(
        [r.asDict() for r in votes.orderBy("id").collect()],
        schema_overrides={c: pl.String for c in expected.columns},
    )
    assert expected.equals(found.select(expected.columns))


def test_closures_travel(local, spec):
    limit = 3
    short = jurat.labeling_function(
        lambda row: "ham" if len(row.text) < limit else None, name="short"
    )
    df = local.createDataFrame(
        [("a", None, 0.5, None, 0), ("abcdef", None, 0.5, None, 1)],
        "text string, gold string, score double, day string, id long",
    )
    votes = jurat.spark.apply(df, spec, functions=[short], keep=["text"])
    assert {r["text"]: r["lf:short"] for r in votes.collect()} == {"a": "ham", "abcdef": None}


def test_no_rows(local, spec):
    df = local.createDataFrame([], "id long, text string, gold string, score double, day string")
    counts = jurat.spark.count_patterns(df, spec)
    assert (counts.n_rows, counts.n_patterns) == (0, 0)


def test_mistakes_are_told_before_any_task_runs(local, spec, data):
    df = local.read.parquet(str(data))
    fitted = jurat.spark.fit(df, spec)
    with pytest.raises(ValueError, match="`label` already"):
        jurat.spark.label(df.withColumnRenamed("gold", "label"), fitted)
    with pytest.raises(ValueError, match="no column `nope`"):
        jurat.spark.label(df, fitted, keep=["nope"])
    with pytest.raises(Exception, match="score"):
        jurat.spark.fit(df.drop("score"), spec)


def test_a_run_directory_labels_what_comes_later(local, spec, data, tmp_path):
    df = local.read.parquet(str(data))
    fitted = jurat.spark.fit(df, spec)
    fitted.save(tmp_path / "run")
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["rows"] == 20_000
    labeler = jurat.Labeler.from_run(tmp_path / "run")
    later = jurat.spark.label(df.limit(100), labeler, keep=["id"]).orderBy("id").collect()
    own = jurat.spark.label(df.limit(100), fitted, keep=["id"]).orderBy("id").collect()
    assert later == own and len(own) == 100


def test_the_readme(local, spec, data, alone, tmp_path):
    readme = Path(__file__).parents[1] / "README.md"
    code = readme.read_text().split("```py\n")[1].split("```")[0]
    job = jurat.Job.from_yaml(spec).with_functions([shouting])
    folders = {"path": str(data), "out": str(tmp_path / "labels"), "folder": tmp_path / "run"}
    found: dict = {"jurat": jurat, "spark": local, "job": job, **folders}
    exec(compile(code, str(readme), "exec"), found)
    assert found["fitted"].model.to_json() == alone[1].model.to_json()
    assert pl.read_parquet(tmp_path / "labels" / "*.parquet").height == 20_000
    assert jurat.Labeler.from_run(tmp_path / "run").labels == ["spam", "ham"]


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_a_worker_that_is_killed(spec, data, alone, tmp_path):
    active = SparkSession.getActiveSession()
    if active is not None:
        active.stop()
    cluster = Cluster(tmp_path)
    mark = tmp_path / "voting"
    path = str(mark)

    @jurat.labeling_function(columns=["text"], name="shouting", version="1")
    def slowly(row):
        import os
        import time

        if row.row_number % 500 == 0:
            with open(path, "a") as out:
                out.write(f"{os.getpid()}\n")
            time.sleep(0.2)
        return "spam" if (row.text or "").endswith("video") else None

    try:
        spark = session(cluster.master, spark_cores_max="2", spark_executor_memory="600m")
        df = spark.read.parquet(str(data)).repartition(8)
        df.count()
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(jurat.spark.fit, df, spec, functions=[slowly])
            deadline = time.monotonic() + 60
            doomed = set(descendants(cluster.workers[1].pid))
            # Only once it votes is its death felt.
            while time.monotonic() < deadline and not done.done():
                doomed = set(descendants(cluster.workers[1].pid))
                seen = {int(line) for line in mark.read_text().split()} if mark.exists() else set()
                if seen & doomed:
                    break
                time.sleep(0.05)
            assert not done.done(), "it was done before a worker could be killed"
            assert seen & doomed, "the second worker never voted"
            cluster.kill(1)
            fitted = done.result(timeout=240)
        assert fitted.model.to_json() == alone[1].model.to_json()
        assert fitted.report.to_dict() == alone[1].report.to_dict()
        labeled = jurat.spark.label(df, fitted, keep=["id"])
        same(labeled, fitted, alone)
        spark.stop()
    finally:
        cluster.stop()
