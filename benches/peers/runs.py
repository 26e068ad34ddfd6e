"""What a whole run costs beside matching alone, and what it costs again after an edit.

    python -m venv peers
    peers/bin/pip install numpy pyarrow
    peers/bin/python benches/peers/runs.py [--rules DIR]

A million made-up texts in Parquet (`texts.py`), on all threads, with three kinds of labeling functions (LFs):
a hundred of ten whole words each; those of `--rules` on their own texts, as in `apply.py`; and a hundred regular
expressions without a word that must occur, each of which looks at every character. For each

* matching: voting alone, on texts in memory (the example `matching`);
* reading: pyarrow reads the column of texts, and does nothing with it, for comparison;
* run: `jurat run` from Parquet to the run directory with labels, votes, model and report, nothing kept from before;
* edit: one of the LFs is edited, and `jurat run` makes the run again with the votes that were kept. The labels, votes
  and model have to be, byte for byte, those of a run that had nothing to go on.

The ratios are run / matching, (matching + reading) / matching, and edit / run. Compiling the LFs is part of a run, and not
of the matching. Of several runs the fastest counts. Run it on a machine that does nothing else.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import texts
from apply import MATCHING, ROOT, command_line, print_cells, run, shortest

JURAT = ROOT / "target" / "release" / "jurat"
KEYWORDS = 100
HEAD = ["LFs", "matching", "reading", "run", "edit", "run/m", "(m+r)/m", "edit/run", "same bytes"]
WIDTH = [-14, 9, 9, 9, 9, 7, 8, 9, 11]


def open_rules(seed):
    """Regular expressions for three words in a row that end in certain letters."""
    rng = np.random.default_rng(seed)
    rules = []
    for lf in range(KEYWORDS):
        first, last = sorted(rng.choice(list("abdefghiklmnoprstu"), 2, replace=False))
        lengths = rng.integers(2, 8, 2)
        pattern = rf"\b[{first}-{last}]\w{{{lengths[0]}}}[aeo] \w{{{lengths[1]}}}[a-n]r? \w+[aeiou]n\b"
        rules.append(texts.Rule(f"open-{lf:03}", texts.LABELS[lf % 4], [], pattern))
    return rules


def edited(rules):
    """The same, but the one in the middle looks for what the one before it looks for."""
    rules = list(rules)
    at = len(rules) // 2
    old, other = rules[at], rules[at - 1]
    rules[at] = texts.Rule(old.name, old.label, other.terms, other.pattern)
    return rules


def digest(folder):
    """The results of a run, as hashes."""
    names = ["labels.parquet", "votes.parquet", "rows.parquet", "model.json"]
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]


class Case:
    """One kind of LFs and its texts."""

    def __init__(self, folder, data, rules, options):
        self.folder, self.data, self.options = folder, folder / f"{data}.parquet", options
        self.specs = {}
        for name, those in [("plain", rules), ("edited", edited(rules))]:
            self.specs[name] = folder / f"{name}.yaml"
            texts.write_spec(those, self.specs[name])

    def jurat(self, spec, out, *more):
        command = [JURAT, "run", self.specs[spec], self.data, "-o", self.folder / out]
        command = [str(word) for word in [*command, "--overwrite", *more]]
        threads = {"RAYON_NUM_THREADS": str(self.options.threads)}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=True, env={**os.environ, **threads}, **quiet)

    def edit(self, cache):
        """The seconds of the fastest run after an edit, each with the votes of the run before it."""
        kept = self.folder / "kept"
        seconds = []
        for _ in range(self.options.repeats):
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(cache, kept)
            _, took = shortest(1, lambda: self.jurat("edited", "again", "--cache", kept))
            seconds.append(took)
        return min(seconds)

    def measure(self, name):
        options = self.options
        command = [MATCHING, self.specs["plain"], self.data, "--threads", options.threads]
        found = json.loads(run(*command, "--repeats", options.repeats))
        matching = found["rows"] / found["rows_per_second"]
        pa.set_cpu_count(options.threads)
        column = {"columns": ["text"], "use_threads": True}
        _, reading = shortest(options.repeats, lambda: pq.read_table(self.data, **column))
        _, whole = shortest(options.repeats, lambda: self.jurat("plain", "run", "--no-cache"))
        cache = self.folder / "cache"
        self.jurat("plain", "run", "--cache", cache)
        edit = self.edit(cache)
        self.jurat("edited", "anew", "--no-cache")
        again, anew, before = (digest(self.folder / name) for name in ["again", "anew", "run"])
        assert again != before, "the edit changed nothing"
        same = again == anew
        seconds = [f"{took:.2f} s" for took in [matching, reading, whole, edit]]
        ratios = [whole / matching, (matching + reading) / matching, edit / whole]
        ratios = [f"{ratio:.2f}" for ratio in ratios]
        print_cells([name, *seconds, *ratios, "yes" if same else "NO"], WIDTH)
        shutil.rmtree(cache)
        return same


def main():
    options = command_line(__doc__).parse_args()
    build = ["cargo", "build", "--release", "--quiet", "--bin", "jurat", "--example", "matching"]
    subprocess.run(build, cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        _, rules = texts.made_up(folder, options.rows, [KEYWORDS], options.seed)
        print(f"{options.rows} rows, {options.threads} threads")
        print_cells(HEAD, WIDTH)
        same = Case(folder, "text", rules[KEYWORDS], options).measure(f"{KEYWORDS} keyword")
        if options.rules:
            above = options.texts or options.rules.resolve().parent
            for name, _, rules in texts.published(folder, options.rows, options.rules, above):
                same &= Case(folder, name, rules, options).measure(f"{len(rules)} {name}")
        rules = open_rules(options.seed)
        same &= Case(folder, "text", rules, options).measure(f"{KEYWORDS} open regex")
    sys.exit(not same)


if __name__ == "__main__":
    main()
