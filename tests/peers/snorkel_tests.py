"""Runs Snorkel's own tests against `jurat.snorkel`, and says which pass.

    python -m venv peers
    peers/bin/pip install ./bindings/python pandas scikit-learn torch
    peers/bin/python tests/peers/snorkel_tests.py

Some of the tests are in Snorkel's source package, which pip fetches; a checkout of Snorkel v0.10.0
has all, and its folder can be given. None are in this repository. Each file is run as it is; where it
imports `snorkel`, it gets `jurat.snorkel`. What is not offered here (dask, spaCy, slicing) skips
the tests that use it. Every test comes to one of

* passes;
* text: passes except for the text of an error, which here has its own words: the type is the same;
* skipped: needs what is not offered;
* private: reaches into attributes of Snorkel's classes that are not part of its documentation;
* differs: says something else than Snorkel.

The exit code is 1 if a test differs that is not known to, or one that is known to does not.
"""

import argparse
import contextlib
import importlib
import importlib.util
import io
import logging
import subprocess
import sys
import tarfile
import tempfile
import types
import unittest
import warnings
from pathlib import Path

import numpy as np

VERSION = "0.10.0"
FILES = [
    "labeling/test_analysis.py",
    "labeling/test_utils.py",
    "labeling/test_convergence.py",
    "labeling/apply/test_lf_applier.py",
    "labeling/lf/test_core.py",
    "labeling/model/test_baseline.py",
    "labeling/model/test_label_model.py",
    "analysis/test_metrics.py",
    "analysis/test_scorer.py",
    "analysis/test_error_analysis.py",
    "utils/test_core.py",
    "utils/test_data_operators.py",
]

# Where a file of Snorkel's tests imports from, and what it gets.
MODULES = {
    "snorkel": "jurat.snorkel",
    "snorkel.analysis": "jurat.snorkel.analysis",
    "snorkel.labeling": "jurat.snorkel.labeling",
    "snorkel.labeling.apply": "jurat.snorkel.labeling.apply",
    "snorkel.labeling.apply.core": "jurat.snorkel.labeling.apply",
    "snorkel.labeling.lf": "jurat.snorkel.labeling.lf",
    "snorkel.labeling.model": "jurat.snorkel.labeling.model",
    "snorkel.labeling.model.label_model": "jurat.snorkel.labeling.model.label_model",
    "snorkel.preprocess": "jurat.snorkel.preprocess",
    "snorkel.utils": "jurat.snorkel.utils",
}
NOT_OFFERED = [
    "snorkel.labeling.apply.dask",
    "snorkel.preprocess.nlp",
    "snorkel.slicing",
    "snorkel.utils.data_operators",
]

# Tests that say something else, and why.
STEPS = "settings of the training steps have no effect, and are not checked"
DIFFERS = {
    "labeling/model/test_label_model.py::test_lr_scheduler": STEPS,
    "labeling/model/test_label_model.py::test_optimizer": STEPS,
    "labeling/model/test_label_model.py::test_optimizer_init": STEPS,
    "labeling/model/test_label_model.py::test_prec_init": STEPS
    + "; with snorkel, it is one number below 1",
    "labeling/model/test_label_model.py::test_scheduler_init": STEPS,
    "labeling/model/test_label_model.py::test_set_mu_eps": "what was never voted has probability 0",
    "labeling/model/test_label_model.py::test_warmup": STEPS,
}
# One labeling function there is always wrong. `auto` takes each for better than chance.
AUTO_DIFFERS = {
    "labeling/test_convergence.py::test_labeling_convergence": "an inverted labeling function"
}

PRIVATE = (
    "has no attribute '_",
    "has no attribute 'mu",
    "has no attribute 'train_config",
    "has no attribute 'O'",
)


class Missing(types.ModuleType):
    """A module of which nothing is offered: what is taken from it skips the test that calls it."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def skip(*args, **kwargs):
            raise unittest.SkipTest(f"{self.__name__}.{name} is not offered")

        return skip


def alias(sources):
    for name, own in MODULES.items():
        sys.modules[name] = importlib.import_module(own)
    for name in NOT_OFFERED:
        sys.modules[name] = Missing(name)
    types_ = types.ModuleType("snorkel.types")
    types_.DataPoint = object
    sys.modules["snorkel.types"] = types_
    # Snorkel's generator of votes stays Snorkel's.
    sys.modules["snorkel.synthetic"] = types.ModuleType("snorkel.synthetic")
    load("snorkel.synthetic.synthetic_data", sources / "snorkel/synthetic/synthetic_data.py")
    model = sys.modules["snorkel.labeling.model.label_model"]
    model.TrainConfig = Missing("snorkel.labeling.model.label_model").TrainConfig
    if importlib.util.find_spec("dask") is None:
        sys.modules["dask"] = Missing("dask")
        sys.modules["dask.dataframe"] = sys.modules["dask"].dataframe = Missing("dask.dataframe")
    if importlib.util.find_spec("pytest") is None:
        sys.modules["pytest"] = types.ModuleType("pytest")
        sys.modules["pytest"].mark = types.SimpleNamespace(complex=lambda test: test)


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def tests_of(suite):
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from tests_of(part)
        else:
            yield part


def run(test):
    result = unittest.TestResult()
    np.random.seed(0)
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        unittest.TestSuite([test]).run(result)
    if result.skipped:
        return "skipped", result.skipped[0][1]
    told = result.errors + result.failures
    return ("fails", told[0][1]) if told else ("passes", "")


def outcome(test):
    kind, told = run(test)
    if kind != "fails":
        return kind, told
    last = told.strip().splitlines()[-1]
    if any(mark in told for mark in PRIVATE):
        return "private", last
    # Once more, without a look at texts.
    original = unittest.TestCase.assertRaisesRegex
    unittest.TestCase.assertRaisesRegex = (
        lambda self, error, text, *args, **kwargs: self.assertRaises(error, *args, **kwargs)
    )
    try:
        kind, told = run(type(test)(test._testMethodName))
    finally:
        unittest.TestCase.assertRaisesRegex = original
    if kind == "passes":
        return "text", last
    if any(mark in told for mark in PRIVATE):
        return "private", told.strip().splitlines()[-1]
    return ("differs" if kind == "fails" else kind), told.strip().splitlines()[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "sources",
        type=Path,
        nargs="?",
        help="a checkout of Snorkel; else the source package is fetched",
    )
    parser.add_argument(
        "--model", default="auto", help="the label model that LabelModel() has (auto)"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="name all tests")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return compare(arguments.sources or fetched(Path(folder)), arguments)


def fetched(folder):
    """The files of Snorkel's source package."""
    options = f"--quiet --no-deps --no-binary :all: snorkel=={VERSION}".split()
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", folder]
    subprocess.run(command, check=True)
    with tarfile.open(folder / f"snorkel-{VERSION}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder / f"snorkel-{VERSION}"


def compare(sources, arguments):
    logging.disable(logging.WARNING)
    alias(sources)
    label_model = sys.modules["snorkel.labeling.model"].LabelModel
    label_model.__init__.__kwdefaults__, label_model.__init__.__defaults__ = None, (
        *label_model.__init__.__defaults__[:-1],
        arguments.model,
    )
    differs = DIFFERS | (AUTO_DIFFERS if arguments.model == "auto" else {})
    total, surprises = {}, []
    for file in FILES:
        name = "peer_" + Path(file).with_suffix("").as_posix().replace("/", "_")
        if not (sources / "test" / file).exists():
            print(file, "is not in the source package; give a checkout")
            continue
        module = load(name, sources / "test" / file)
        counts = {}
        for test in tests_of(unittest.defaultTestLoader.loadTestsFromModule(module)):
            kind, told = outcome(test)
            counts[kind] = counts.get(kind, 0) + 1
            total[kind] = total.get(kind, 0) + 1
            label = f"{file}::{test._testMethodName}"
            if arguments.verbose or kind == "differs":
                print(f"  {kind:8} {label}  {differs.get(label, told)}")
            if (kind == "differs") != (label in differs):
                surprises.append(label)
        print(file, ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
    print("all:", ", ".join(f"{count} {kind}" for kind, count in sorted(total.items())))
    for label in surprises:
        print(f"unexpected: {label}")
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
