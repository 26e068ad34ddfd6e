"""Jobs give what the program gives, down to the last bit."""

import json
import subprocess

import pandas as pd
import polars as pl
import pyarrow.csv
import pytest

import jurat


def read(path):
    options = pyarrow.csv.ConvertOptions(strings_can_be_null=True)
    return pyarrow.csv.read_csv(path, convert_options=options)


def frames(demo):
    notes = demo / "notes.csv"
    return {
        "a file": notes,
        "polars": pl.read_csv(notes),
        "pandas": pd.read_csv(notes),
        "pyarrow": read(notes),
        "a stream": read(notes).to_reader(),
        "columns": pl.read_csv(notes).to_dict(as_series=False),
    }


@pytest.mark.parametrize("kind", ["a file", "polars", "pandas", "pyarrow", "a stream", "columns"])
def test_equal_to_the_program(demo, kind):
    job = jurat.Job.from_yaml(demo / "triage.yaml")
    run = job.run(frames(demo)[kind])
    labels = pl.read_parquet(demo / "run/labels.parquet")
    assert pl.DataFrame(run.labels).equals(labels)
    assert (run.probabilities == labels.select("^prob:.*$").to_numpy()).all()
    votes = pl.read_parquet(demo / "run/votes.parquet").select("^lf:.*$")
    assert pl.DataFrame(run.votes).equals(votes)
    assert run.model.to_json() == (demo / "run/model.json").read_text()
    assert run.model.predict(run.votes).tolist() == labels["label"].to_list()
    report, wanted = run.report.to_dict(), json.loads((demo / "run/report.json").read_text())
    if kind == "a stream":
        # It cannot be read a second time, so that no rows are shown.
        assert report["rows"] == wanted["rows"] and report["model"] == wanted["model"]
    else:
        # The record of how it was made comes with a run directory.
        wanted.pop("made"), report.pop("made", None)
        assert report == wanted
    assert repr(run) == "Run(5000 rows, 22 labeling functions)"


# Votes, and rows by label.
GOLDEN = 9_875, {"routine": 2_781, "urgent": 1_486, "immediate": 260, None: 473}


def test_golden_numbers(demo):
    """So that neither of the two changes without the other."""
    run = jurat.Job.from_yaml(demo / "triage.yaml").run(demo / "notes.csv")
    table = pl.DataFrame(run.labels)
    counts = dict(table["label"].value_counts().rows())
    assert (run.votes.n_votes, counts) == GOLDEN
    assert len(run.labels) == 5_000 and table.schema["id"] == pl.String


def test_runs_are_saved(demo, program, tmp_path):
    job = jurat.Job.from_yaml(demo / "triage.yaml")
    run = job.run(demo / "notes.csv")
    run.save(tmp_path / "run")
    for name in ["labels.parquet", "votes.parquet", "rows.parquet", "model.json", "spec.yaml"]:
        assert (tmp_path / "run" / name).read_bytes() == (demo / "run" / name).read_bytes(), name
    verify = subprocess.run([program, "verify", tmp_path / "run"], capture_output=True, text=True)
    assert verify.returncode == 0, verify.stdout + verify.stderr
    with pytest.raises(jurat.OutputError, match="exists"):
        run.save(tmp_path / "run")
    run.save(tmp_path / "run", overwrite=True, format="csv", with_votes=True)
    assert "lf:chest-pain" in (tmp_path / "run/labels.csv").read_text().splitlines()[0]
    with pytest.raises(jurat.DataError, match="the format is one of"):
        run.save(tmp_path / "other", format="xml")


def test_runs_of_frames_are_saved(demo, program, tmp_path):
    run = jurat.Job.from_yaml(demo / "triage.yaml").run(pl.read_csv(demo / "notes.csv"))
    run.save(tmp_path / "run")
    told = subprocess.run([program, "report", tmp_path / "run"], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert str(run.report)[:40] in told.stdout


def test_columns_of_a_run_can_be_chosen(demo):
    job = jurat.Job.from_yaml(demo / "triage.yaml")
    notes = pl.read_csv(demo / "notes.csv")
    plain = job.run(notes.drop("id", "triage"), id=False, gold=False)
    assert pl.DataFrame(plain.labels).columns[0] == "row"
    assert pl.DataFrame(plain.labels)["row"].to_list() == list(range(5_000))
    assert plain.report.to_dict()["gold"] is None
    numbered = notes.rename({"id": "key", "triage": "truth"}).with_columns(
        key=pl.int_range(7, 5_007)
    )
    run = job.run(numbered, id="key", gold="truth")
    assert pl.DataFrame(run.labels)["key"].to_list() == list(range(7, 5_007))
    assert (run.probabilities == plain.probabilities).all()
    gold = run.report.to_dict()["gold"]
    assert gold == json.loads((demo / "run/report.json").read_text())["gold"]
    with pytest.raises(jurat.DataError, match="no column `id`"):
        job.run(notes.drop("id"))
    with pytest.raises(jurat.OutputError, match="label"):
        job.run(notes.rename({"id": "label"}), id="label")


def test_functions_join(demo):
    @jurat.labeling_function(columns=["note"])
    def brief(row):
        return "routine" if row.note and len(row.note) < 30 else None

    job = jurat.Job.from_yaml(demo / "triage.yaml").with_functions([brief])
    assert job.lfs[-1] == "brief" and job.labels == ["immediate", "urgent", "routine"]
    run = job.run(demo / "notes.csv", privacy="no-examples")
    about = run.report.to_dict()
    assert about["lfs"][-1]["name"] == "brief" and about["lfs"][-1]["coverage"]["count"] > 0
    assert run.votes.lfs[-1] == "brief"


def test_the_cache_changes_nothing(demo, tmp_path):
    job = jurat.Job.from_yaml(demo / "triage.yaml")
    runs = [job.run(demo / "notes.csv", cache=tmp_path / "votes") for _ in range(2)]
    assert runs[0].votes == runs[1].votes and list((tmp_path / "votes").iterdir())
