"""Pickles, threads, forks and Ctrl-C."""

import concurrent.futures
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time

import polars as pl
import pytest
from conftest import TEXTS, VOTES

import jurat


def run(code, *arguments, **options):
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_pickles_need_no_files(demo, tmp_path):
    """Another process, in another folder, where the spec and its tables are not."""
    folder = tmp_path / "here"
    folder.mkdir()
    for name in ["triage.yaml", "tables"]:
        subprocess.run(["cp", "-r", demo / name, folder], check=True)
    lfs, job = (
        jurat.LfSet.from_yaml(folder / "triage.yaml"),
        jurat.Job.from_yaml(folder / "triage.yaml"),
    )

    def mark(row):
        return "urgent" if row.row_number % len(TEXTS) == 0 else None

    mark = jurat.labeling_function(columns=["note"])(mark)
    notes = pl.read_csv(demo / "notes.csv")
    lfs, job = lfs.with_functions([mark]), job.with_functions([mark])
    subprocess.run(["mv", folder, tmp_path / "elsewhere"], check=True)
    (tmp_path / "pickled").write_bytes(
        pickle.dumps((lfs, job, lfs.apply(notes), job.run(notes).model))
    )
    code = """
    import pickle, sys
    import polars as pl
    lfs, job, votes, model = pickle.load(open(sys.argv[1], "rb"))
    notes = pl.read_csv(sys.argv[2])
    assert lfs.apply(notes) == votes
    run = job.run(notes)
    assert run.votes == votes and run.model.to_json() == model.to_json()
    assert len(lfs) == 23 and pickle.dumps(pickle.loads(pickle.dumps(lfs)))
    """
    (tmp_path / "empty").mkdir()
    done = run(code, tmp_path / "pickled", demo / "notes.csv", cwd=tmp_path / "empty")
    assert done.returncode == 0, done.stderr


@jurat.labeling_function
def of_a_module(row):
    return 0


def test_functions_of_modules_go_by_name(lfs, monkeypatch):
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    monkeypatch.setitem(sys.modules, "pyspark.cloudpickle", None)
    pickled = pickle.dumps(lfs.with_functions([of_a_module]))
    assert b"of_a_module" in pickled
    assert pickle.loads(pickled).apply({"text": TEXTS}).to_numpy()[:, 3].tolist() == [0] * 7
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(lfs.with_functions([lambda row: 0]))


def test_sets_of_functions_alone():
    lfs = jurat.LfSet.of(
        ["a", "b"], [jurat.labeling_function(columns={"n": float})(lambda row: int(row.n))]
    )
    again = pickle.loads(pickle.dumps(lfs))
    assert again.apply({"n": [0, 1]}).to_numpy().tolist() == [[0], [1]] and again.columns == ["n"]


def test_threads(lfs):
    slow = lfs.with_functions([lambda row: None if time.sleep(0) else 0])
    frame = pl.DataFrame({"text": TEXTS * 3_000})
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        applied = [pool.submit(one.apply, frame) for one in [lfs, slow, lfs, slow]]
        votes = [future.result(timeout=60).to_numpy() for future in applied]
    assert all(array[:, :3].tolist() == VOTES * 3_000 for array in votes)


def test_other_threads_run_meanwhile(lfs):
    ticks, done = [], threading.Event()

    def tick():
        while not done.wait(0.001):
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        frame = pl.DataFrame({"text": [text * 20 if text else "x" for text in TEXTS] * 20_000})
        start = time.perf_counter()
        lfs.apply(frame)
        taken = time.perf_counter() - start
    finally:
        done.set()
        thread.join()
    assert len(ticks) > 50 * taken, f"{len(ticks)} ticks in {taken} s"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forks(lfs):
    """A fork has none of the threads of its parent."""
    assert lfs.apply({"text": TEXTS}).n_votes == 6
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        results = pool.map_async(lfs.apply, [{"text": TEXTS}] * 4)
        assert [votes.n_votes for votes in results.get(timeout=60)] == [6] * 4


SLOW = {
    "voting": """
        @jurat.labeling_function
        def slow(row):
            time.sleep(0.001)
        lfs = jurat.LfSet.of(["a", "b"], [slow])
        work = lambda: lfs.apply({"text": ["x"] * 300_000})
    """,
    "one slow row": """
        lfs = jurat.LfSet.of(["a", "b"], [lambda row: time.sleep(60)])
        work = lambda: lfs.apply({"text": ["x"]})
    """,
    "rules": """
        rule = "  - {name: f%d, label: a, when: {regex: '(?:x+y?)+%dz'}}\\n"
        rules = "".join(rule % (i, i) for i in range(100))
        lfs = jurat.LfSet.from_text("spec: 1\\nlabels: [a, b]\\nlfs:\\n" + rules)
        frame = {"text": ["xy" * 100 + "1 2 3 z"] * 500_000}
        work = lambda: [lfs.apply(frame) for _ in range(1000)]
    """,
    "fitting": """
        import numpy as np
        votes = np.random.default_rng(0).integers(-1, 2, (100_000, 60))
        lfs = [f"f{i}" for i in range(60)]
        votes = jurat.LabelMatrix.from_numpy(votes, labels=["a", "b"], lfs=lfs)
        model = jurat.LabelModel("generative", rounds=100_000)
        work = lambda: [model.fit(votes) for _ in range(100)]
    """,
}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process")
@pytest.mark.parametrize("kind", SLOW)
def test_ctrl_c(kind):
    code = (
        "import time, jurat\n"
        + textwrap.dedent(SLOW[kind])
        + textwrap.dedent("""
        print("ready", flush=True)
        try:
            work()
            print("done", flush=True)
        except KeyboardInterrupt:
            print("stopped", flush=True)
            import os
            os._exit(7)
    """)
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(1)
        start = time.perf_counter()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopped\n"
        assert time.perf_counter() - start < 1.5
        assert process.wait(timeout=30) == 7
    finally:
        process.kill()
