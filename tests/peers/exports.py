"""Opens every export of `jurat export` with the library that it is for, and compares what comes out.

    cargo build
    python tests/peers/exports.py

The embedded example is labeled, and exported to every format. Each is read with its own library, and counts,
names of labels and values are compared with `labels.csv` and `votes.csv` of the run; votes then go back in with
`jurat fit`. Libraries are installed into an environment of their own, `target/peers`, from the package index that
pip knows; what cannot be installed is left out, which is said. The exit code is 1 when something differs, and with
`--require` also when something was left out.

    --jurat PATH   the program; by default target/debug/jurat, or else target/release/jurat
    --env DIR      another environment, which is made if it is not there; nothing is installed that it has
    --only NAMES   only these formats, separated by commas
    --require      to leave something out is a failure

Versions that have passed: datasets 5.2.0, scikit-learn 1.9.1, cleanlab 2.9.0, snorkel 0.10.0, numpy 2.2.6,
scipy 1.17.1, pandas 3.1.1, label-studio-sdk 2.1.2, argilla 2.8.0, with Python 3.11. WRENCH (`ws-benchmark`) pins
libraries of 2021; where it is not installed, its dataset directory is read as its loader does. Label Studio and
Argilla are tried with their libraries, but without a server.
"""

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import venv
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What each format needs: the module to import, and the package that has it.
NEEDS = {
    "huggingface": [("datasets", "datasets")],
    "sklearn": [("sklearn", "scikit-learn"), ("pandas", "pandas")],
    "cleanlab": [("cleanlab", "cleanlab")],
    "wrench": [],
    "snorkel": [("snorkel", "snorkel")],
    "scipy": [("scipy", "scipy")],
    "label-studio": [("label_studio_sdk", "label-studio-sdk")],
    "argilla": [("argilla", "argilla")],
    "triplets": [],
}


def installed(python, formats):
    """Installs what these formats need; gives the packages that cannot be had, with the reason."""
    failed = {}
    # numpy is used for every comparison; the heavy ones come last.
    wanted = [("numpy", "numpy")] + [need for name in formats for need in NEEDS[name]]
    wanted.sort(key=lambda need: need[1] in ("snorkel", "argilla"))
    for module, package in dict.fromkeys(wanted):
        look = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
        if subprocess.run([python, "-c", look]).returncode == 0:
            continue
        print(f"installing {package}", flush=True)
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", package]
        ran = subprocess.run(pip, capture_output=True, text=True)
        if ran.returncode != 0:
            failed[package] = (ran.stderr.strip().splitlines() or ["pip failed"])[-1]
    return failed


class Checks:
    def __init__(self, jurat, folder):
        self.jurat, self.folder = jurat, folder

    def run(self, *arguments):
        """Runs the program; gives what it said on standard error."""
        ran = subprocess.run(
            [self.jurat, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True
        )
        if ran.returncode != 0:
            raise AssertionError(f"jurat {' '.join(map(str, arguments))}: {ran.stderr}")
        return ran.stderr

    def prepare(self):
        """Labels the example, and reads what the exports are compared with."""
        import numpy as np

        self.run("demo", "demo", "--report", "json")
        self.run("run", "demo/triage.yaml", "demo/notes.csv", "-o", "run", "--format", "csv")
        rows = lambda name: list(csv.DictReader(open(self.folder / name, newline="")))
        labels, votes = rows("run/labels.csv"), rows("run/votes.csv")
        self.classes = [name[5:] for name in labels[0] if name.startswith("prob:")]
        self.lfs = [name[3:] for name in votes[0] if name.startswith("lf:")]
        number = {name: at for at, name in enumerate(self.classes)}
        self.labels = np.array([number.get(row["label"], -1) for row in labels])
        self.confidence = np.array([float(row["confidence"]) for row in labels])
        self.probs = np.array([[float(row["prob:" + c]) for c in self.classes] for row in labels])
        self.votes = np.array([[number.get(row["lf:" + lf], -1) for lf in self.lfs] for row in votes])
        notes = rows("demo/notes.csv")
        self.ids = [row["id"] for row in notes]
        self.notes = [row["note"] for row in notes]
        self.gold = np.array([number.get(row["triage"], -1) for row in notes])
        self.n = len(notes)
        assert [row["id"] for row in labels] == self.ids
        assert (self.votes >= 0).any() and (self.labels < 0).any() and (self.gold >= 0).all()

    def export(self, name, path, *more):
        self.run("export", "run", "--to", name, "-o", path, *more)
        return self.folder / path

    def huggingface(self):
        import numpy as np
        from datasets import ClassLabel, Dataset, load_dataset

        path = str(self.export("huggingface", "train.parquet"))
        kept = np.flatnonzero(self.labels >= 0)
        for loaded in (
            Dataset.from_parquet(path, cache_dir=str(self.folder / "hf")),
            load_dataset("parquet", data_files=path, cache_dir=str(self.folder / "hf2"))["train"],
        ):
            assert isinstance(loaded.features["label"], ClassLabel), loaded.features
            assert loaded.features["label"].names == self.classes
            assert loaded.features["probs"].length == len(self.classes)
            assert loaded["row"][:] == kept.tolist()
            assert loaded["id"][:] == [self.ids[i] for i in kept]
            assert loaded["note"][:] == [self.notes[i] or None for i in kept]
            assert loaded["label"][:] == self.labels[kept].tolist()
            probs = np.array(loaded.with_format("numpy")["probs"][:])
            assert probs.shape == (len(kept), len(self.classes))
            assert np.abs(probs - self.probs[kept]).max() < 1e-6
            assert loaded.features["label"].int2str(loaded[0]["label"]) in self.classes
        path = str(self.export("huggingface", "all.parquet", "--keep-unlabeled"))
        loaded = Dataset.from_parquet(path, cache_dir=str(self.folder / "hf3"))
        assert loaded["label"][:] == self.labels.tolist()

    def sklearn(self):
        import numpy as np
        import pandas
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        kept = np.flatnonzero(self.labels >= 0)
        hard = pandas.read_csv(self.export("sklearn", "train.csv"), keep_default_na=False)
        assert hard["row"].tolist() == kept.tolist()
        assert hard["note"].tolist() == [self.notes[i] for i in kept]
        assert hard["label"].tolist() == [self.classes[y] for y in self.labels[kept]]
        assert np.array_equal(hard["weight"].to_numpy(), self.confidence[kept])
        assert np.array_equal(hard[["prob:" + c for c in self.classes]].to_numpy(), self.probs[kept])
        soft = pandas.read_csv(self.export("sklearn", "soft.csv", "--soft"), keep_default_na=False)
        together = soft.groupby("row")["weight"].sum()
        assert np.abs(together - 1).max() < 1e-4
        voted = (self.votes >= 0).any(axis=1) | (self.labels >= 0)
        assert together.index.tolist() == np.flatnonzero(voted).tolist()
        truth = np.array(self.classes)[self.gold]
        for train in (hard, soft):
            model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
            model.fit(train["note"], train["label"], logisticregression__sample_weight=train["weight"])
            accuracy = (model.predict(self.notes) == truth).mean()
            assert accuracy > 0.7, accuracy

    def cleanlab(self):
        import numpy as np
        from cleanlab.filter import find_label_issues
        from cleanlab.multiannotator import get_label_quality_multiannotator

        folder = self.export("cleanlab", "cleanlab")
        load = lambda name: np.load(folder / name)
        votes, probs, labels = load("votes.npy"), load("pred_probs.npy"), load("labels.npy")
        rows, gold = load("rows.npy"), load("gold.npy")
        lfs = json.load(open(folder / "lfs.json"))
        kept = np.flatnonzero((self.labels >= 0) & (self.votes >= 0).any(axis=1))
        assert rows.tolist() == kept.tolist()
        columns = [self.lfs.index(lf) for lf in lfs]
        wanted = self.votes[kept][:, columns]
        assert np.array_equal(np.where(np.isnan(votes), -1, votes), wanted)
        assert np.array_equal(labels, self.labels[kept]) and np.array_equal(gold, self.gold[kept])
        assert np.array_equal(probs, self.probs[kept])
        quality = get_label_quality_multiannotator(votes, probs, verbose=False)
        assert len(quality["annotator_stats"]) == len(lfs)
        assert len(quality["label_quality"]) == len(kept)
        issues = find_label_issues(gold, probs)
        assert issues.dtype == bool and len(issues) == len(kept)
        find_label_issues(labels, probs)

    def wrench(self):
        import numpy as np

        def read(folder, split):
            try:
                from wrench.dataset import TextDataset

                loaded = TextDataset(path=str(folder), split=split)
                keys, examples = loaded.ids, loaded.examples
                return keys, examples, loaded.labels, loaded.weak_labels, loaded.id2label
            except ImportError:
                data = json.load(open(folder / f"{split}.json"))
                names = json.load(open(folder / "label.json"))
                names = {int(key): name for key, name in names.items()}
                take = lambda key: [example[key] for example in data.values()]
                return list(data), take("data"), take("label"), take("weak_labels"), names

        folder = self.export("wrench", "wrench")
        keys, examples, labels, votes, names = read(folder, "train")
        assert [int(key) for key in keys] == list(range(self.n))
        assert [names[at] for at in range(len(names))] == self.classes
        assert [example["text"] for example in examples] == self.notes
        assert labels == self.gold.tolist() and np.array_equal(votes, self.votes)
        # The same with splits.
        splits = ["train", "valid", "test", "train"]
        lines = list(csv.reader(open(self.folder / "demo/notes.csv", newline="")))
        with open(self.folder / "split.csv", "w", newline="") as out:
            header, *rows = lines
            writer = csv.writer(out)
            writer.writerow([*header, "split"])
            writer.writerows([*row, splits[at % 4]] for at, row in enumerate(rows))
        folder = self.export("wrench", "wrench-split", "--data", "split.csv")
        found = {split: [int(key) for key in read(folder, split)[0]] for split in set(splits)}
        for split, keys in found.items():
            assert keys == [at for at in range(self.n) if splits[at % 4] == split]

    def snorkel(self):
        import numpy as np
        from snorkel.labeling import LFAnalysis
        from snorkel.labeling.model import LabelModel

        folder = self.export("snorkel", "snorkel")
        load = lambda name: np.load(folder / name)
        matrix = load("L.npy")
        assert matrix.dtype == np.int8 and np.array_equal(matrix, self.votes)
        assert np.array_equal(load("probs.npy"), self.probs)
        assert np.array_equal(load("labels.npy"), self.labels)
        assert np.array_equal(load("gold.npy"), self.gold)
        record = json.load(open(folder / "export.json"))
        assert record["labels"] == self.classes and record["lfs"] == self.lfs
        # What Snorkel counts is what the report says.
        report = json.load(open(self.folder / "run/report.json"))
        coverage = [lf["coverage"]["count"] / self.n for lf in report["lfs"]]
        assert np.allclose(LFAnalysis(matrix).lf_coverages(), coverage)
        model = LabelModel(cardinality=len(self.classes), verbose=False)
        model.fit(matrix, n_epochs=50, seed=1, progress_bar=False)
        assert model.predict_proba(matrix).shape == self.probs.shape
        self.back(matrix, folder)

    def back(self, matrix, folder):
        """Arrays of any kind go in again, and give the labels that a table of the same votes gives."""
        import numpy as np

        names = ["--labels", ",".join(self.classes), "--lfs", json.dumps(self.lfs)]
        self.run("fit", "run/votes.csv", "--labels", ",".join(self.classes), "-o", "table.csv")
        wanted = (self.folder / "table.csv").read_text()
        kinds = {
            "int8": matrix,
            "fortran": np.asfortranarray(matrix.astype(np.int64)),
            "big": matrix.astype(">i4"),
            "nan": np.where(matrix < 0, np.nan, matrix).astype(np.float32),
        }
        for kind, array in kinds.items():
            np.save(self.folder / f"{kind}.npy", array)
            self.run("fit", f"{kind}.npy", *names, "--gold", folder / "gold.npy", "-o", f"{kind}.csv")
            assert (self.folder / f"{kind}.csv").read_text() == wanted, kind
        np.save(self.folder / "from-1.npy", matrix + 1)
        self.run("fit", "from-1.npy", *names, "--abstain", "0", "-o", "from-1.csv")
        assert (self.folder / "from-1.csv").read_text() == wanted

    def scipy(self):
        import numpy as np
        import scipy.sparse

        folder = self.export("scipy", "scipy")
        matrix = scipy.sparse.load_npz(folder / "votes.npz")
        assert matrix.format == "csr" and matrix.shape == self.votes.shape
        assert matrix.nnz == (self.votes >= 0).sum() and matrix.has_canonical_format
        assert np.array_equal(matrix.toarray().astype(int) - 1, self.votes)
        assert np.array_equal(np.load(folder / "probs.npy"), self.probs)
        assert np.array_equal(np.load(folder / "labels.npy"), self.labels)

    def label_studio(self):
        from label_studio_sdk.label_interface import LabelInterface

        folder = self.export("label-studio", "label-studio")
        interface = LabelInterface((folder / "config.xml").read_text())
        interface.validate()
        choices = interface.get_control("label")
        assert list(choices.labels) == self.classes
        tasks = json.load(open(folder / "tasks.json"))
        assert len(tasks) == self.n
        for at, task in enumerate(tasks):
            bare = {key: part for key, part in task.items() if key != "predictions"}
            assert interface.validate_task(bare), at
            assert task["data"]["text_note"] == self.notes[at]
            assert task["meta"]["row"] == at and task["meta"]["id"] == self.ids[at]
            found = [
                (self.classes.index(p["result"][0]["value"]["choices"][0]), p["score"])
                for p in task["predictions"]
            ]
            label = self.labels[at]
            assert found == ([(label, self.confidence[at])] if label >= 0 else [])
            for prediction in task["predictions"]:
                assert interface.validate_prediction(prediction), at

    def argilla(self):
        import argilla

        records = json.load(open(self.export("argilla", "records.json")))
        assert len(records) == self.n
        for at, record in enumerate(argilla.Record.from_dict(record) for record in records):
            assert record.id == self.ids[at] and record.fields["note"] == self.notes[at]
            found = [(s.question_name, s.value, s.score, s.agent) for s in record.suggestions]
            label = self.labels[at]
            wanted = ("label", self.classes[label], self.confidence[at], "jurat")
            assert found == ([wanted] if label >= 0 else []), found

    def triplets(self):
        import numpy as np

        path = self.export("triplets", "votes-long.csv")
        found = np.full(self.votes.shape, -1)
        for line in csv.DictReader(open(path, newline="")):
            place = int(line["row"]), self.lfs.index(line["lf"])
            found[place] = self.classes.index(line["label"])
        assert np.array_equal(found, self.votes)
        long = "row=row,annotator=lf,label=label"
        self.run("fit", path, "--long", long, "--labels", ",".join(self.classes), "-o", "long.csv")
        labels = list(csv.DictReader(open(self.folder / "long.csv", newline="")))
        assert len(labels) == (self.votes >= 0).any(axis=1).sum()


def versions():
    from importlib.metadata import PackageNotFoundError, version

    packages = ["numpy"] + [package for needs in NEEDS.values() for _, package in needs]
    for package in dict.fromkeys(packages):
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            pass


def check(arguments):
    """Runs inside of the environment."""
    warnings.filterwarnings("ignore")
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
    missing = json.loads(os.environ.pop("JURAT_MISSING", "{}"))
    failed, left_out = [], []
    with tempfile.TemporaryDirectory() as folder:
        # Votes of other runs of the program do not matter here.
        os.environ["JURAT_CACHE"] = os.path.join(folder, "cache")
        checks = Checks(arguments.jurat, Path(folder))
        checks.prepare()
        for name in arguments.only:
            lacking = [package for _, package in NEEDS[name] if package in missing]
            if lacking:
                reasons = "; ".join(f"{package}: {missing[package]}" for package in lacking)
                left_out.append(name)
                print(f"left out  {name} ({reasons})")
                continue
            try:
                getattr(checks, name.replace("-", "_"))()
                print(f"passed    {name}", flush=True)
            except Exception as error:
                import traceback

                failed.append(name)
                traceback.print_exc()
                print(f"failed    {name}: {type(error).__name__}: {error}", flush=True)
    print(f"with {', '.join(versions())}, Python {sys.version.split()[0]}")
    return 1 if failed or left_out and arguments.require else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jurat")
    parser.add_argument("--env", default=str(ROOT / "target" / "peers"))
    parser.add_argument("--only")
    parser.add_argument("--require", action="store_true")
    arguments = parser.parse_args()
    arguments.only = arguments.only.split(",") if arguments.only else list(NEEDS)
    if unknown := set(arguments.only) - set(NEEDS):
        sys.exit(f"there is no format {', '.join(unknown)}; there are {', '.join(NEEDS)}")
    if not arguments.jurat:
        built = [ROOT / "target" / kind / "jurat" for kind in ("debug", "release")]
        there = [path for path in built if path.exists()]
        if not there:
            sys.exit("there is no target/debug/jurat: build it first, or say --jurat PATH")
        arguments.jurat = str(there[0])
    arguments.jurat = str(Path(arguments.jurat).resolve())
    python = Path(arguments.env) / "bin" / "python"
    if os.environ.get("JURAT_PEERS") == "inside":
        sys.exit(check(arguments))
    if not python.exists():
        print(f"making an environment in {arguments.env}", flush=True)
        venv.create(arguments.env, with_pip=True)
    missing = installed(str(python), arguments.only)
    if "numpy" in missing:
        sys.exit(f"numpy cannot be installed: {missing['numpy']}")
    environment = {**os.environ, "JURAT_PEERS": "inside", "JURAT_MISSING": json.dumps(missing)}
    sys.exit(subprocess.run([python, *sys.argv], env=environment).returncode)


if __name__ == "__main__":
    main()
