"""No call passes so many values by position that a reader must count them to know what they are."""

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

MAX_POSITIONAL = 5
SOURCES = ("src", "tests", "benchmarks", "training")
# Functions that take any number of values of one kind, and those of other projects that take no names.
ALL_ALIKE = {"errors", "go", "ignore_patterns", "run"}
FOREIGN = {"FPDF_PageToDevice", "IndexIVFScalarQuantizer", "LogRecord", "pack"}
EXEMPT = ALL_ALIKE | FOREIGN


def long_calls(source: str) -> Iterator[tuple[int, str]]:
    """The line and the name of each function that is called with more than MAX_POSITIONAL values by position."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and len(node.args) > MAX_POSITIONAL:
            yield node.lineno, ast.unparse(node.func).rpartition(".")[2]


@pytest.mark.parametrize("folder", SOURCES)
def test_no_call_has_many_positional_arguments(folder: str) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert files
    found = [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in files
        for line, name in long_calls(file.read_text(encoding="utf-8"))
        if name not in EXEMPT
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("f(1, 2, 3, 4, 5)", []),
        ("f(1, 2, 3, 4, 5, 6)", [(1, "f")]),
        ("\na.b(*one, 2, 3, 4, 5, 6)", [(2, "b")]),
        ("f(1, 2, 3, 4, 5, g=6, h=7)", []),
        ("def f(a):\n    return [g(1, 2, 3, 4, 5, a) for _ in a]", [(2, "g")]),
    ],
)
def test_the_check_finds_long_calls(source: str, found: list[tuple[int, str]]) -> None:
    assert list(long_calls(source)) == found
