"""The table of layers: who may import whom, and which library is whose. The checker is checked as well."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import askreport

SOURCE = Path(askreport.__file__).parent
PACKAGE = "askreport"

# A unit is a module or a package right below askreport. It may import any unit of a lower layer.
LAYERS = {
    0: {"types", "errors", "digest", "boxes"},
    1: {"config", "pace", "parse", "chunk", "embed", "export", "scorer", "store", "quotations", "wording", "metrics"},
    2: {"retrieve", "acronyms", "reader", "followup", "answer", "conflict", "sources", "staging"},
    3: {"ingest", "ask", "check", "incoming", "manage", "doctor"},
    4: {"app", "api", "pages", "viewer", "templating", "cli", "__main__"}
    | {"jobs", "watch", "uploads", "library_api", "library_pages", "library_cli", "check_cli", "terminal"}
    | {"evaluate", "evaluation_pages", "eval_cli"},
}
LAYER_OF = {unit: layer for layer, units in LAYERS.items() for unit in units}

# Imports inside one layer that make sense; none other is allowed.
NEIGHBOURS = {
    ("errors", "types"),
    ("boxes", "types"),
    ("embed", "config"),
    ("scorer", "config"),
    ("scorer", "embed"),
    ("reader", "retrieve"),
    ("answer", "reader"),
    ("answer", "retrieve"),
    ("app", "api"),
    ("app", "jobs"),
    ("app", "library_api"),
    ("app", "library_pages"),
    ("app", "pages"),
    ("app", "templating"),
    ("app", "viewer"),
    ("app", "watch"),
    ("pages", "api"),
    ("pages", "templating"),
    ("viewer", "api"),
    ("viewer", "templating"),
    ("doctor", "ingest"),
    ("incoming", "ingest"),
    ("manage", "ask"),
    ("manage", "incoming"),
    ("manage", "ingest"),
    ("library_api", "api"),
    ("library_api", "jobs"),
    ("library_api", "uploads"),
    ("library_pages", "api"),
    ("library_pages", "jobs"),
    ("library_pages", "library_api"),
    ("library_pages", "pages"),
    ("library_pages", "templating"),
    ("library_pages", "uploads"),
    ("app", "evaluation_pages"),
    ("evaluation_pages", "api"),
    ("evaluation_pages", "pages"),
    ("evaluation_pages", "templating"),
    ("eval_cli", "evaluate"),
    ("eval_cli", "evaluation_pages"),
    ("eval_cli", "terminal"),
    ("cli", "app"),
    ("cli", "eval_cli"),
    ("cli", "check_cli"),
    ("check_cli", "terminal"),
    ("cli", "library_cli"),
    ("cli", "terminal"),
    ("library_cli", "terminal"),
    ("watch", "jobs"),
    ("__main__", "cli"),
}

# Each third-party library and the units that may import it.
OWNERS = {
    "charset_normalizer": {"parse"},
    "faiss": {"store"},
    "fastapi": {"app", "api", "pages", "templating", "viewer", "library_api", "library_pages", "uploads"}
    | {"evaluation_pages"},
    "filelock": {"embed", "store", "staging"},
    "ir_measures": {"metrics"},
    "jinja2": {"app", "api", "pages"},
    "lxml": {"parse"},
    "mammoth": {"parse"},
    "markdown_it": {"parse"},
    "mdit_py_plugins": {"parse"},
    "numpy": set(LAYER_OF),
    "nupunkt": {"chunk"},
    "PIL": {"parse"},
    "onnx": {"embed", "export"},
    "onnxruntime": {"embed", "export", "scorer"},
    "openpyxl": {"parse"},
    "platformdirs": {"config"},
    "pptx": {"parse"},
    "pydantic": {"config", "api"},
    "pypdfium2": {"parse"},
    "python_multipart": {"uploads"},
    "rapidfuzz": {"check", "wording"},
    "rich": {"cli", "app", "library_cli", "terminal", "eval_cli"},
    "sentence_transformers": {"embed", "export", "scorer"},
    "transformers": {"export"},
    "sqlite3": {"store"},
    "starlette": {"app", "api", "pages", "uploads"},
    "striprtf": {"parse"},
    "tantivy": {"store"},
    "tokenizers": {"embed", "export", "scorer"},
    "torch": {"embed", "export"},
    "typer": {"cli", "library_cli", "check_cli", "terminal", "eval_cli"},
    "uvicorn": {"app", "api", "pages"},
    "watchfiles": {"watch"},
    "yaml": {"parse"},
}

# The imports inside functions: each saves seconds for those who do not need it.
DEFERRED = {
    ("embed", "sentence_transformers"),
    ("scorer", "sentence_transformers"),
    ("cli", "askreport.app"),
    ("eval_cli", "askreport.evaluate"),
    ("eval_cli", "askreport.evaluation_pages"),
}


@dataclass(frozen=True)
class Import:
    """That ``module`` (its name below askreport) imports ``target``."""

    module: str
    target: str
    deferred: bool

    @property
    def unit(self) -> str:
        return self.module.partition(".")[0]

    @property
    def own(self) -> str | None:
        """The imported unit, if it is one of ours."""
        root, _, rest = self.target.partition(".")
        return rest.partition(".")[0] if root == PACKAGE and rest else None


def imports(module: str, source: str) -> Iterator[Import]:
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inner = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        for target in targets(node):
            yield Import(module, target, id(node) in inner)


def targets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        name = "." * node.level + (node.module or "")
        return [f"{name}.{alias.name}" for alias in node.names] if name == PACKAGE else [name]
    return []


def problem(found: Import) -> str | None:
    """What is wrong with an import, if anything is."""
    if found.deferred and (found.unit, found.target) not in DEFERRED:
        return f"{found.module} imports {found.target} inside a function"
    if found.target.startswith("."):
        return f"{found.module} imports {found.target} by a relative name"
    return layer_problem(found, found.own) if found.own else library_problem(found)


def layer_problem(found: Import, own: str) -> str | None:
    for unit in (found.unit, own):
        if unit not in LAYER_OF:
            return f"{unit} is in no layer"
    if LAYER_OF[own] > LAYER_OF[found.unit]:
        return f"{found.module} imports {own}, which is above it"
    same = LAYER_OF[own] == LAYER_OF[found.unit] and own != found.unit
    return f"{found.module} imports {own} beside it" if same and (found.unit, own) not in NEIGHBOURS else None


def library_problem(found: Import) -> str | None:
    library = found.target.partition(".")[0]
    if library in OWNERS:
        owners = OWNERS[library]
        return None if found.unit in owners else f"{found.module} imports {library}, which is not its library"
    return None if library in sys.stdlib_module_names else f"{library} has no owner"


def cycle(found: list[Import]) -> list[str]:
    graph: dict[str, set[str]] = {}
    for each in found:
        graph.setdefault(each.module, set()).add(each.target.removeprefix(f"{PACKAGE}."))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [f"import cycle: {' -> '.join(error.args[1])}"]
    return []


def problems(sources: dict[str, str]) -> list[str]:
    """Everything that is wrong with the imports of modules, given by their names below askreport."""
    found = [each for module, source in sources.items() for each in imports(module, source)]
    return [text for each in found if (text := problem(each))] + cycle(found)


def module_name(file: Path) -> str:
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> dict[str, str]:
    return {module_name(file): file.read_text() for file in SOURCE.rglob("*.py")}


def test_every_import_keeps_to_the_table() -> None:
    assert problems(sources()) == []


def test_every_module_is_in_a_layer() -> None:
    assert {module.partition(".")[0] for module in sources()} - {""} == set(LAYER_OF)


def test_the_table_lists_no_neighbours_that_do_not_import_each_other() -> None:
    found = {(each.unit, each.own) for name, text in sources().items() for each in imports(name, text)}
    assert found >= NEIGHBOURS


def test_the_table_lists_no_deferred_import_that_is_not_there() -> None:
    found = {
        (each.unit, each.target) for name, text in sources().items() for each in imports(name, text) if each.deferred
    }
    assert found == DEFERRED


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("types", "from askreport.errors import ParseError", "types imports errors beside it"),
        ("chunk", "from askreport.ingest import ingest", "chunk imports ingest, which is above it"),
        ("chunk", "from askreport import ask", "chunk imports ask, which is above it"),
        ("store.local", "import askreport.retrieve as r", "store.local imports retrieve, which is above it"),
        ("retrieve", "from askreport.reader import read", "retrieve imports reader beside it"),
        ("ask", "from askreport.tidying import tidy", "tidying is in no layer"),
        ("tidying", "from askreport.types import Span", "tidying is in no layer"),
        ("ask", "from .types import Span", "ask imports .types by a relative name"),
        ("ask", "import sqlite3", "ask imports sqlite3, which is not its library"),
        ("cli", "from onnxruntime.quantization import x", "cli imports onnxruntime, which is not its library"),
        ("ask", "import requests", "requests has no owner"),
        ("ask", "def f():\n    import json", "ask imports json inside a function"),
        ("ask", "class A:\n    async def f(self):\n        import json", "ask imports json inside a function"),
        ("ask", "if True:\n    import torch", "ask imports torch, which is not its library"),
    ],
)
def test_the_checker_finds_a_bad_import(module: str, source: str, expected: str) -> None:
    assert problems({module: source}) == [expected]


def test_the_checker_finds_a_cycle_inside_a_package() -> None:
    bad = {"store.a": "from askreport.store.b import x", "store.b": "from askreport.store.a import y"}
    assert problems(bad)[0].startswith("import cycle: store.")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "store.local",
            "import sqlite3, faiss\nfrom askreport.store.base import Store\nfrom askreport.types import Span",
        ),
        ("pages", "from askreport.api import LibraryOf\nfrom fastapi import Request"),
        ("cli", "def serve():\n    from askreport.app import run"),
        ("ask", "from __future__ import annotations\nimport json\nimport numpy as np"),
    ],
)
def test_the_checker_accepts_what_the_table_allows(module: str, source: str) -> None:
    assert problems({module: source}) == []
