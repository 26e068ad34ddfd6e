"""The stubs name what is there, with the same arguments, and everything public says what it is."""

import ast
import doctest
import inspect
import pathlib

import pytest

import jurat
from jurat import _functions, _jurat, _model

STUB = pathlib.Path(jurat.__file__).with_name("_jurat.pyi")
TREE = ast.parse(STUB.read_text())
CLASSES = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}
ONLY_TYPES = {"Problem"}


def arguments(function):
    names = function.args
    return [name.arg for name in [*names.posonlyargs, *names.args, *names.kwonlyargs]]


def methods(node):
    return {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}


def test_the_same_names():
    functions = {node.name for node in TREE.body if isinstance(node, ast.FunctionDef)}
    names = (set(CLASSES) - ONLY_TYPES) | functions
    assert names == {name for name in dir(_jurat) if not name.startswith("_")}


@pytest.mark.parametrize("name", sorted(set(CLASSES) - ONLY_TYPES))
def test_classes(name):
    real, stub = getattr(_jurat, name), methods(CLASSES[name])
    if not issubclass(real, Exception):
        public = {member for member in vars(real) if not member.startswith("_")}
        assert public == {member for member in stub if not member.startswith("_")}
    for member, declared in stub.items():
        found = inspect.getattr_static(real, member, None)
        if any(getattr(mark, "id", "") == "property" for mark in declared.decorator_list):
            assert inspect.isgetsetdescriptor(found), member
        elif not member.startswith("__"):
            found = getattr(real, member)
            names = list(inspect.signature(found).parameters)
            assert names == arguments(declared), member


def test_functions():
    for node in TREE.body:
        if isinstance(node, ast.FunctionDef):
            assert list(inspect.signature(getattr(_jurat, node.name)).parameters) == arguments(node)


def test_everything_public_says_what_it_is():
    for name in jurat.__all__:
        public = getattr(jurat, name)
        if name == "__version__":
            continue
        assert public.__doc__, name
        if inspect.isclass(public) and not issubclass(public, Exception):
            for member, value in vars(public).items():
                if not member.startswith("_") and (
                    callable(value) or inspect.isdatadescriptor(value)
                ):
                    assert getattr(public, member).__doc__ or value.__doc__, f"{name}.{member}"


@pytest.mark.parametrize("module", [jurat, _functions, _model], ids=lambda module: module.__name__)
def test_examples(module):
    assert doctest.testmod(module).failed == 0


def test_readme(tmp_path, monkeypatch):
    """The Python of the README runs, in one go."""
    readme = pathlib.Path(__file__).parents[1] / "README.md"
    blocks = readme.read_text().split("```python\n")[1:]
    code = "\n".join(block.split("```")[0] for block in blocks)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, str(readme), "exec"), {"__name__": "readme"})


def test_it_is_typed():
    assert STUB.with_name("py.typed").exists()
