"""The example of the README for Dask gives what one machine gives, where it is installed."""

from pathlib import Path

import polars as pl
import pytest

import jurat

SPEC = """spec: 1
labels: [spam, ham]
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}
  - {name: thanks, label: ham, when: {keyword: [thanks]}}
"""


def test_dask(tmp_path):
    pytest.importorskip("dask.dataframe")
    texts = ["Subscribe now", "many thanks", None, "a song", "thanks for the giveaway"]
    frame = pl.DataFrame({"text": [texts[i * 7 % 5] for i in range(3000)]})
    (tmp_path / "rows").mkdir()
    for part in range(3):
        frame[part * 1000 : part * 1000 + 1000].write_parquet(tmp_path / "rows" / f"{part}.parquet")
    job = jurat.Job.from_text(SPEC)
    readme = Path(__file__).parents[1] / "README.md"
    code = readme.read_text().split("```dask\n")[1].split("```")[0]
    place = {"path": str(tmp_path / "rows"), "out": str(tmp_path / "labels")}
    exec(compile(code, str(readme), "exec"), {"jurat": jurat, "job": job, **place})
    found = pl.read_parquet(tmp_path / "labels" / "*.parquet")
    expected = pl.DataFrame(job.run(frame).labels)
    columns = expected.columns[1:]
    assert found.select(columns).sort(columns).equals(expected.select(columns).sort(columns))
