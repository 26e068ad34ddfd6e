"""Parts of the data, counted one by one, give what the whole gives."""

import os
import pathlib
import pickle
import subprocess
import sys

import polars as pl
import pytest

import jurat

SPEC = """spec: 1
labels: [spam, ham]
input: {text: text, gold: gold}
lookups:
  shops: {file: shops.csv, key: shop}
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}
  - {name: thanks, label: ham, when: {keyword: [thanks]}}
  - {name: shop, label: spam, when: {lookup: {table: shops, match: occurs}}}
slices:
  short: {expr: 'length(text) < 20'}
output: {decide: prevalence}
"""

TEXTS = ["Subscribe now", "many thanks", None, "thanks, ACME giveaway", "a song", "acme"]


@jurat.labeling_function(columns=["text"])
def shouts(row):
    return "spam" if row.text and row.text.isupper() else None


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "shops.csv").write_text("shop\nacme\n")
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path / "spec.yaml"


@pytest.fixture
def job(spec):
    return jurat.Job.from_yaml(spec).with_functions([shouts])


@pytest.fixture
def frame():
    rows = [(TEXTS[i * 7 % 6], ["spam", "ham", None][i * 5 % 3]) for i in range(600)]
    return pl.DataFrame(rows, schema=["text", "gold"], orient="row")


@pytest.mark.parametrize("cuts", [[], [300], [1, 2, 500], [0, 599, 600]])
def test_parts_are_the_whole(job, frame, cuts):
    run = job.run(frame)
    edges = [0, *cuts, 600]
    parts = [job.count(frame[start:end]) for start, end in zip(edges, edges[1:])]
    whole = job.count(frame)
    merged = jurat.PatternCounts.merge([pickle.loads(pickle.dumps(part)) for part in parts[::-1]])
    assert merged == whole and merged.to_bytes() == whole.to_bytes()
    assert (merged.n_rows, merged.lfs, merged.labels) == (600, job.lfs, job.labels)
    fitted = job.fit(merged)
    assert fitted.model.to_json() == run.model.to_json()
    labels = pl.DataFrame(run.labels)
    assert pl.DataFrame(fitted.label(frame)).equals(labels)
    for start, end in zip(edges, edges[1:]):
        part = pl.DataFrame(fitted.label(frame[start:end])).drop("row")
        assert part.equals(labels[start:end].drop("row"))
    first, *rest = parts
    for part in rest:
        first = first + part
    assert first == whole


def test_counts_are_those_of_the_program(program, spec, frame, tmp_path):
    job = jurat.Job.from_yaml(spec)
    frame.write_csv(tmp_path / "rows.csv")
    counts = tmp_path / "there.counts"
    command = [program, "patterns", "count", spec, tmp_path / "rows.csv", "-o", counts]
    subprocess.run(command, check=True, capture_output=True)
    there, here = jurat.PatternCounts.load(counts), job.count(frame)
    assert there.n_rows == here.n_rows and there.n_patterns == here.n_patterns
    both = there + here
    assert both.n_rows == 1200
    both.save(tmp_path / "both.counts")
    fit = [program, "patterns", "fit", spec, tmp_path / "both.counts", "-o", tmp_path / "run"]
    subprocess.run(fit, check=True, capture_output=True)
    labeler = jurat.Labeler.from_run(tmp_path / "run")
    assert pl.DataFrame(labeler.label(frame)).equals(pl.DataFrame(job.fit(both).label(frame)))
    job.fit(both).save(tmp_path / "saved")
    model = (tmp_path / "saved" / "model.json").read_bytes()
    assert model == (tmp_path / "run" / "model.json").read_bytes()


def test_a_labeler_goes_where_no_files_are(job, spec, frame, tmp_path):
    fitted = job.fit(job.count(frame))
    kept = tmp_path / "labeler"
    kept.write_bytes(pickle.dumps(fitted.labeler))
    frame.write_parquet(tmp_path / "rows.parquet")
    spec.unlink()
    (tmp_path / "shops.csv").unlink()
    code = (
        "import pickle, sys, polars\n"
        f"labeler = pickle.load(open({str(kept)!r}, 'rb'))\n"
        f"labels = labeler.label(polars.read_parquet({str(tmp_path / 'rows.parquet')!r}))\n"
        f"polars.DataFrame(labels).write_parquet({str(tmp_path / 'there.parquet')!r})\n"
    )
    # The module of the function is there, as it is on workers that have a program's modules.
    paths = [str(pathlib.Path(__file__).parent), *sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    there = pl.read_parquet(tmp_path / "there.parquet")
    assert there.equals(pl.DataFrame(fitted.label(frame)))
    assert fitted.labeler.columns == ["text"] and job.columns == ["text", "gold"]


def test_what_does_not_fit_together(job, spec, frame):
    spec.write_text(SPEC.replace("giveaway", "prize"))
    other = jurat.Job.from_yaml(spec).with_functions([shouts])
    counts = job.count(frame)
    with pytest.raises(jurat.DataError, match="`promo` is not the same.*same spec"):
        counts + other.count(frame)
    with pytest.raises(jurat.DataError, match="`promo`"):
        other.fit(counts)
    with pytest.raises(jurat.DataError, match="not a file of counts"):
        jurat.PatternCounts.from_bytes(b"nothing")
    with pytest.raises(jurat.DataError, match="nowhere"):
        jurat.PatternCounts.load("nowhere.counts")
    with pytest.raises(jurat.DataError, match="no counts to merge"):
        jurat.PatternCounts.merge([])


def test_counts_without_rows(job):
    empty = job.count({"text": [], "gold": []})
    assert (empty.n_rows, empty.n_patterns, repr(empty)) == (
        0,
        0,
        "PatternCounts(0 rows, 0 patterns)",
    )
    counts = job.count({"text": ["thanks"], "gold": ["ham"]})
    assert empty + counts == counts
