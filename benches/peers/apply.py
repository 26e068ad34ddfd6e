"""How many times as fast as other tools jurat applies labeling functions (LFs), and if votes agree.

    python -m venv peers
    peers/bin/pip install numpy pyarrow snorkel==0.10.0 pandas polars duckdb
    peers/bin/python benches/peers/apply.py

It also needs Cargo, a C compiler, and Hyperscan with its headers (the package libhyperscan-dev of Debian
and Ubuntu, which it installs if it may). A tool that is not there is left out.

A million made-up texts and LFs of ten whole words each, in any case (`texts.py`). Everybody has the
texts in memory; compiling does not count, keeping the votes does. The same LFs are given to

* jurat as `keyword` (the example `matching`);
* Hyperscan as one pattern an LF, all compiled together, on one thread (`hyperscan.c`). Patterns that are
  ASCII are given as such, without UTF-8 mode, which is faster;
* Snorkel as Python functions with a compiled pattern of `re`, on some rows;
* polars as one `str.contains` an LF, DuckDB as one `regexp_matches` an LF, on some rows, all threads.

Every vote is compared. The last columns say how many times as fast jurat is on that many threads. Run
it on a machine that does nothing else: tools are measured one after the other.

    --rules DIR    also the regular expressions in DIR/NAME.regex.json, a list of {"class": NUMBER,
                   "regex": PATTERN}, on the column `text` of NAME.parquet in the folder above, or in
                   --texts, over and over. Hyperscan has them twice: with the Unicode rules that jurat
                   follows (`unicode`), and without (`bytes`).
    --growth       also the time that jurat takes for a row with 100 and with 5,000 LFs
    --data FOLDER  keeps texts and specs there
"""

import argparse
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import texts

warnings.filterwarnings("ignore")

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MATCHING = ROOT / "target" / "release" / "examples" / "matching"
HEADER = Path("/usr/include/hs/hs.h")
# DuckDB works on pieces of so many rows, each on one thread.
DUCKDB_PIECE = 122_880
# No further repeats after so many seconds.
PATIENCE = 20
GROWTH = [100, 5_000]
GROWTH_ROWS = 200_000


def shortest(repeats, run):
    """The result, and the seconds of the fastest run."""
    seconds = []
    while len(seconds) < repeats and sum(seconds) < PATIENCE:
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
    return result, min(seconds)


class Votes:
    """Who votes on which rows, as sorted numbers."""

    def __init__(self, rows, lfs, n_lfs):
        self.n_lfs = n_lfs
        self.cells = np.sort(np.asarray(rows, np.int64) * n_lfs + np.asarray(lfs, np.int64))

    def differ(self, other, n_rows, without=()):
        """On how many of the first rows' cells two differ, some LFs left out."""
        mine, others = (v.cells[v.cells < n_rows * self.n_lfs] for v in (self, other))
        different = np.setxor1d(mine, others)
        return int((~np.isin(different % self.n_lfs, list(without))).sum())


class Task:
    """Texts and LFs, as files and in memory."""

    def __init__(self, folder, name, data, column, rules, options):
        self.folder, self.name, self.column, self.rules = folder, name, column, rules
        self.data, self.options = folder / f"{data}.parquet", options
        self.binary = folder / f"{data}.bin"

    def jurat(self, threads, repeats=None, votes=False):
        """What `matching` says, and the votes if wanted."""
        out = self.folder / "votes.parquet"
        command = [MATCHING, self.folder / f"{self.name}.yaml", self.data]
        command += ["--threads", threads, "--repeats", repeats or self.options.repeats]
        found = json.loads(run(*command, *(["--votes", out] if votes else [])))
        if not votes:
            return found, None
        table = pq.read_table(out)
        row, lf, label = (table[name].to_numpy() for name in ["row", "lf", "label"])
        labels = sorted({rule.label for rule in self.rules})
        expected = np.array([labels.index(rule.label) for rule in self.rules])
        assert np.array_equal(label, expected[lf]), "a vote for another label than that of its LF"
        return found, Votes(row, lf, len(self.rules))

    def hyperscan(self, scan, flags):
        """Rate, votes, and the LFs that are refused; `flags` for each pattern, see hyperscan.c."""
        if not self.binary.exists():
            write_binary(self.column, self.binary)
        patterns, matches = self.folder / "patterns", self.folder / "matches"
        lines = (f"{i}\t{flags(r.pattern)}\t{in_pcre(r.pattern)}" for i, r in enumerate(self.rules))
        patterns.write_text("\n".join(lines) + "\n")
        command = [scan, self.binary, patterns, matches, str(self.options.repeats)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        refused = {int(line.split("\t")[0]): line for line in done.stderr.splitlines()}
        found = json.loads(done.stdout)
        row, lf = np.fromfile(matches, np.uint32).reshape(-1, 2).T
        return found["rows"] / found["seconds"], Votes(row, lf, len(self.rules)), refused

    def dense(self, columns):
        """Votes from one column of truth values an LF."""
        found = [np.flatnonzero(np.asarray(column)) for column in columns]
        lfs = np.repeat(np.arange(len(found)), [len(rows) for rows in found])
        return Votes(np.concatenate(found), lfs, len(self.rules))

    def snorkel(self, rows, use_pandas):
        from snorkel.labeling import LFApplier, PandasLFApplier, labeling_function

        labels = sorted({rule.label for rule in self.rules})

        def function(rule):
            pattern, label = re.compile(rule.pattern, re.IGNORECASE), labels.index(rule.label)

            @labeling_function(name=rule.name)
            def vote(row):
                return label if pattern.search(row.text) else -1

            return vote

        lfs = [function(rule) for rule in self.rules]
        found = self.column.slice(0, rows).to_pylist()
        if use_pandas:
            import pandas

            applier, data = PandasLFApplier(lfs), pandas.DataFrame({"text": found})
        else:
            applier, data = LFApplier(lfs), [SimpleNamespace(text=text) for text in found]
        matrix, seconds = shortest(
            self.options.repeats, lambda: applier.apply(data, progress_bar=False)
        )
        return len(found) / seconds, self.dense((matrix >= 0).T)

    def polars(self, rows):
        import polars

        frame = polars.DataFrame({"text": self.column.slice(0, rows).to_pylist()})
        columns = [
            polars.col("text").str.contains(f"(?i){rule.pattern}").alias(rule.name)
            for rule in self.rules
        ]
        found, seconds = shortest(self.options.repeats, lambda: frame.select(columns))
        return len(frame) / seconds, self.dense(column.to_numpy() for column in found)

    def duckdb(self, rows):
        import duckdb

        connection = duckdb.connect()
        connection.execute(f"SET threads = {self.options.threads}")
        connection.register("given", pa.table({"text": self.column.slice(0, rows)}))
        connection.execute("CREATE TABLE texts AS SELECT text FROM given").fetchall()
        columns = (f"regexp_matches(text, '{r.pattern}', 'i') AS \"{r.name}\"" for r in self.rules)
        query = f"SELECT {', '.join(columns)} FROM texts"
        found, seconds = shortest(
            self.options.repeats, lambda: connection.sql(query).to_arrow_table()
        )
        return len(found) / seconds, self.dense(column.to_numpy() for column in found.columns)


def run(*command):
    command = [str(word) for word in command]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def in_pcre(pattern):
    """`$` as jurat means it, at the very end: in PCRE it also stands before a last line end."""
    pieces = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]])*\])|\$")
    return pieces.sub(lambda piece: piece[1] or r"\z", pattern)


def write_binary(column, path):
    """For each text its length in four bytes, low byte first, and its bytes."""
    with open(path, "wb") as file:
        for text in column:
            text = text.as_py().encode()
            file.write(len(text).to_bytes(4, "little") + text)


def build_scan(folder):
    """Compiles the driver of Hyperscan; `None` where that is not possible."""
    if not HEADER.exists() and shutil.which("apt-get") and os.geteuid() == 0:
        run("apt-get", "install", "-y", "-q", "libhyperscan-dev")
    if not HEADER.exists():
        print("Hyperscan is left out: its headers are not there", file=sys.stderr)
        return None
    scan = folder / "scan"
    run("cc", "-O3", "-o", scan, HERE / "hyperscan.c", "-lhs")
    return scan


class Table:
    """Lines of results for one set of LFs; jurat comes first."""

    HEAD = ["LFs", "tool", "threads", "rows", "rows/s", "jurat is", "on", "votes identical"]
    WIDTH = [-18, -24, 7, 9, 10, 9, 9, 16]

    def __init__(self, task, name):
        self.name, self.rates = name, {}
        n_threads = task.options.threads
        for threads in dict.fromkeys([1, n_threads]):
            found, votes = task.jurat(threads, votes=threads == 1)
            self.votes = votes or self.votes
            self.rates[threads] = found["rows_per_second"]
            self.line("jurat", threads, found["rows"], found["rows_per_second"])
        self.n_rows = found["rows"]
        share = found["votes"] / found["rows"]
        scan = found["scan_seconds"] * self.rates[1] / found["rows"]
        reading = f"only reading the bytes takes {scan:.2%} of the time"
        print(f"{'':18} {len(task.rules)} LFs, {share:.2f} votes a row; {reading}")

    def peer(self, tool, threads, rows, rate, votes, against, refused=()):
        different = self.votes.differ(votes, rows, refused)
        says = f"no, {different} cells" if different else "yes"
        if refused:
            says += f", {len(refused)} refused"
        self.line(tool, threads, rows, rate, self.rates[against] / rate, against, says)

    def line(self, tool, threads, rows, rate, ratio=None, against=None, says=""):
        cells = [self.name, tool, threads, rows, f"{rate:.0f}"]
        cells += [f"x {ratio:.2f}", f"{against} thr.", says] if ratio else [""] * 3
        print_cells(cells)


def print_cells(cells, widths=Table.WIDTH):
    line = (f"{c:{'<' if w < 0 else '>'}{abs(w)}}" for c, w in zip(cells, widths))
    print(" ".join(line).rstrip(), flush=True)


def keyword_table(task, scan):
    """All tools on LFs of whole words."""
    options, rows = task.options, len(task.column)
    table = Table(task, f"{len(task.rules)} keyword")
    if scan:
        rate, votes, refused = task.hyperscan(scan, lambda p: "i" if p.isascii() else "i8")
        table.peer("hyperscan", 1, rows, rate, votes, 1, refused)
    few, sample = min(rows, options.peer_rows), min(rows, options.sample)
    pieces = min(rows, max(sample, DUCKDB_PIECE * options.threads))
    for tool, package, threads, n_rows, run_on in [
        ("snorkel LFApplier", "snorkel", 1, few, lambda n: task.snorkel(n, False)),
        ("snorkel PandasLFApplier", "snorkel", 1, few, lambda n: task.snorkel(n, True)),
        ("polars", "polars", options.threads, sample, task.polars),
        ("duckdb", "duckdb", options.threads, pieces, task.duckdb),
    ]:
        if installed(package):
            rate, votes = run_on(n_rows)
            table.peer(tool, threads, n_rows, rate, votes, options.threads)


def rules_table(task, scan):
    """Hyperscan and polars on regular expressions."""
    rows = len(task.column)
    table = Table(task, task.name)
    reasons = {}
    for kind, flags in [("unicode", "i8W"), ("bytes", "i")] if scan else []:
        rate, votes, refused = task.hyperscan(scan, lambda _, flags=flags: flags)
        table.peer(f"hyperscan, {kind}", 1, rows, rate, votes, 1, refused)
        reasons |= {f"{kind}: {line}": None for line in refused.values()}
    if installed("polars"):
        sample = min(rows, task.options.sample)
        rate, votes = task.polars(sample)
        threads = task.options.threads
        table.peer("polars", threads, sample, rate, votes, threads)
    for reason in reasons:
        print(f"  hyperscan refuses {reason}")


def growth(folder, options):
    """Time for a row with few and with many LFs."""
    rows = min(options.rows, GROWTH_ROWS)
    column, rules = texts.made_up(folder, rows, GROWTH, options.seed)
    print(f"\njurat, one thread, {rows} rows")
    for number in GROWTH:
        found, _ = Task(folder, str(number), "text", column, rules[number], options).jurat(1)
        time_of_row, per_row = 1e6 * found["seconds"] / rows, found["votes"] / rows
        print(f"{number:6} LFs {time_of_row:8.2f} us a row, {per_row:.2f} votes a row")


def installed(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def command_line(what):
    """What measures of matching are asked for."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=what, formatter_class=form)
    texts.arguments(parser)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeats", type=int, default=3)
    return parser


def main():
    parser = command_line(__doc__)
    parser.add_argument("--peer-rows", type=int, default=2_000, help="rows for Snorkel")
    parser.add_argument("--sample", type=int, default=50_000, help="rows for polars")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--data", type=Path, help="where to keep the data")
    options = parser.parse_args()
    # It is read when polars is imported.
    os.environ["POLARS_MAX_THREADS"] = str(options.threads)
    logging.disable(logging.WARNING)
    subprocess.run(
        ["cargo", "build", "--release", "--quiet", "--example", "matching"], cwd=ROOT, check=True
    )
    with tempfile.TemporaryDirectory() as temporary:
        temporary = Path(temporary)
        folder = options.data or temporary
        folder.mkdir(parents=True, exist_ok=True)
        scan = build_scan(temporary)
        column, rules = texts.made_up(folder, options.rows, options.lfs, options.seed)
        (folder / "text.bin").unlink(missing_ok=True)
        size = pc.mean(pc.binary_length(column)).as_py()
        peers = ", ".join(f"{p} {installed(p)}" for p in ["snorkel", "polars", "duckdb"])
        busy = f"{os.getloadavg()[0]:.1f} processes at work before"
        print(f"{options.rows} rows of {size:.0f} bytes; {options.threads} threads, {busy}; {peers}")
        print_cells(Table.HEAD)
        for number in options.lfs:
            task = Task(folder, str(number), "text", column, rules[number], options)
            keyword_table(task, scan)
        if options.rules:
            above = options.texts or options.rules.resolve().parent
            for name, column, rules in texts.published(folder, options.rows, options.rules, above):
                (folder / f"{name}.bin").unlink(missing_ok=True)
                rules_table(Task(folder, name, name, column, rules, options), scan)
        if options.growth:
            growth(temporary, options)


if __name__ == "__main__":
    main()
