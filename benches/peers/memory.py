"""The peak memory and the time of `jurat run` on many rows.

    python benches/peers/memory.py FOLDER [--rows N ...] [--jurat PROGRAM] [--keep]

Makes texts with `texts.py`, as Parquet files of five million rows in row groups of a million, with
text identifiers and with a column that no labeling function reads; runs a spec of 100 keyword LFs on
the first N rows for each N; and prints the peak of resident memory as the system counts it. Ten million
rows take about a gigabyte on disk. What was made is deleted at the end, unless `--keep` says otherwise.
"""

import argparse
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from texts import keyword_rules, texts, vocabulary, write_spec

GROUP = 1_000_000
FILE = 5 * GROUP
LFS = 100
SEED = 42


def data(folder, rows):
    """Files with so many rows; those that are there stay as they are."""
    rng = np.random.default_rng(SEED)
    words = vocabulary(rng)
    rules = keyword_rules(words, LFS, np.random.default_rng([SEED, LFS]))
    spec = folder / "spec.yaml"
    write_spec(rules, spec)
    head, rest = spec.read_text().split("\n", 1)
    spec.write_text(f"{head}\ninput: {{text: text, id: id}}\n{rest}")
    paths = []
    for start in range(0, rows, FILE):
        end = min(start + FILE, rows)
        path = folder / f"{start // GROUP:06}-{end // GROUP:06}.parquet"
        paths.append(path)
        if path.exists():
            continue
        unfinished = path.with_suffix(".part")
        schema = pa.schema({"id": pa.string(), "unused": pa.float64(), "text": pa.string()})
        with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            for group in range(start, end, GROUP):
                n_rows = min(GROUP, end - group)
                column = texts(words, n_rows, np.random.default_rng([SEED, group]))
                ids = pa.array([f"r{row}" for row in range(group, group + n_rows)])
                unused = pa.array(np.full(n_rows, 0.5))
                table = pa.table([ids, unused, column], schema=schema)
                writer.write_table(table, row_group_size=GROUP)
        unfinished.rename(path)
    return spec, paths


def measure(program, spec, paths, out):
    """Seconds, seconds of work, and the peak of memory in megabytes."""
    command = [program, "run", spec, *paths, "-o", out, "--quiet", "--report", "json", "--overwrite"]
    begun = time.time()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    peak = 0
    # Not `ru_maxrss`, which begins with the memory of this program.
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid != 0:
            break
        peak = high_water(process.pid) or peak
        time.sleep(0.02)
    if status != 0:
        raise SystemExit(f"the program ended with {os.waitstatus_to_exitcode(status)}")
    return time.time() - begun, used.ru_utime + used.ru_stime, peak


def high_water(pid):
    """The peak of a running process in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--jurat", default="target/release/jurat")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    made = set()
    print("      rows  vote rows  seconds  of work  peak MB  labels+votes MB", flush=True)
    for rows in options.rows:
        spec, paths = data(options.folder, rows)
        made.update([spec, *paths])
        out = options.folder / "run"
        seconds, work, peak = measure(options.jurat, spec, paths, out)
        patterns = json.loads((out / "report.json").read_text())["model"]["patterns"]
        written = sum(path.stat().st_size for path in out.glob("*.parquet")) / 1e6
        line = f"{rows:10} {patterns:10} {seconds:8.1f} {work:8.1f} {peak:8.0f} {written:16.1f}"
        print(line, flush=True)
        shutil.rmtree(out)
    if not options.keep:
        for path in made:
            path.unlink()


if __name__ == "__main__":
    main()
