"""Errors have the texts of the program, and a type."""

import pickle
import subprocess

import pytest
from conftest import SPEC

import jurat

WRONG = {
    "a label": (SPEC.replace("label: ham", "label: hm", 1), ["unknown-label"]),
    "two": (SPEC.replace("keyword", "keywrd"), ["unknown-kind", "unknown-kind"]),
    "no YAML": ("spec: [", ["yaml"]),
    "nothing": ("", ["missing-key"]),
    "a model": (SPEC + "model: {name: nope}\n", ["unknown-model"]),
}


@pytest.mark.parametrize("kind", WRONG)
def test_specs(kind, program, tmp_path):
    text, codes = WRONG[kind]
    (tmp_path / "spec.yaml").write_text(text)
    told = subprocess.run(
        [program, "check", "spec.yaml"], cwd=tmp_path, capture_output=True, text=True
    )
    for load in [jurat.LfSet.from_text, jurat.Job.from_text]:
        with pytest.raises(jurat.SpecError) as raised:
            load(text, "spec.yaml")
        assert str(raised.value) in told.stderr + told.stdout
        problems = raised.value.problems
        assert len(problems) == len(codes)
        for problem in problems:
            assert set(problem) == {"code", "message", "file", "line", "column", "label", "help"}
            assert problem["file"] == "spec.yaml" and problem["line"] >= 1


def test_places():
    with pytest.raises(jurat.SpecError) as raised:
        jurat.LfSet.from_text(WRONG["a label"][0])
    (problem,) = raised.value.problems
    assert (problem["file"], problem["line"], problem["column"]) == ("inline.yaml", 5, 27)
    assert (problem["code"], problem["label"]) == ("unknown-label", "did you mean `ham`?")
    again = pickle.loads(pickle.dumps(raised.value))
    assert again.problems == raised.value.problems and str(again) == str(raised.value)


def test_no_file():
    with pytest.raises(jurat.SpecError, match="no/such.yaml"):
        jurat.LfSet.from_yaml("no/such.yaml")


def test_tables_stay_in_their_folder(tmp_path):
    (tmp_path / "words.csv").write_text("word\nwin\n")
    (tmp_path / "specs").mkdir()
    spec = SPEC + "lookups: {words: {file: ../words.csv, key: word}}\n"
    (tmp_path / "specs/spec.yaml").write_text(spec)
    with pytest.raises(jurat.SpecError, match="outside of the folder"):
        jurat.LfSet.from_yaml(tmp_path / "specs/spec.yaml")
    assert len(jurat.LfSet.from_yaml(tmp_path / "specs/spec.yaml", allow_outside=True)) == 3


def test_data_with_their_line(lfs, tmp_path, program):
    (tmp_path / "a.csv").write_text('text\n"a"\n"b","c"\n')
    (tmp_path / "spec.yaml").write_text(SPEC)
    command = [program, "apply", "spec.yaml", tmp_path / "a.csv", "-o", "o.csv"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    with pytest.raises(jurat.DataError) as raised:
        lfs.apply(tmp_path / "a.csv")
    assert str(raised.value) in told.stderr and "line 3" in str(raised.value)


def test_all_are_value_errors():
    for name in ["SpecError", "DataError", "FitError", "ModelFileError", "OutputError"]:
        error = getattr(jurat, name)
        assert issubclass(error, jurat.JuratError) and issubclass(error, ValueError)
        assert error.__module__ == "jurat" and error.__doc__
