"""What several tests share: a spec that every frame can be voted on with, and the embedded example."""

import os
import pathlib
import shutil
import subprocess

import pytest

import jurat

ROOT = pathlib.Path(__file__).resolve().parents[3]

SPEC = """spec: 1
labels: [spam, ham]
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}
  - {name: thanks, label: ham, when: {keyword: [thanks]}}
  - {name: long, label: ham, when: {regex: '.{40}'}}
"""

TEXTS = [
    "Subscribe now",
    "many thanks",
    None,
    "",
    "ein Giveaway für dich",
    "ü" * 40,
    "thanks, subscribe",
]

VOTES = [
    [0, -1, -1],
    [-1, 1, -1],
    [-1, -1, -1],
    [-1, -1, -1],
    [0, -1, -1],
    [-1, -1, 1],
    [0, 1, -1],
]


@pytest.fixture
def lfs():
    return jurat.LfSet.from_text(SPEC)


@pytest.fixture(scope="session")
def program():
    """The program on the command line, to compare with; without it these tests are skipped."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    names = [os.environ.get("JURAT_BIN"), target / "debug/jurat", target / "release/jurat"]
    for name in [*filter(None, names), shutil.which("jurat")]:
        if name and pathlib.Path(name).exists():
            return str(name)
    if os.environ.get("JURAT_PROGRAM") == "required":
        pytest.fail("the program jurat is not there")
    pytest.skip("the program jurat is not there")


@pytest.fixture(scope="session")
def demo(program, tmp_path_factory):
    """A folder with the embedded example: a spec, its tables, 5,000 notes, and a run of the program."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    subprocess.run([program, "demo", folder], check=True, capture_output=True)
    shutil.rmtree(folder / "run")
    command = [program, "run", folder / "triage.yaml", folder / "notes.csv", "-o", folder / "run"]
    subprocess.run(command, check=True, capture_output=True)
    return folder
