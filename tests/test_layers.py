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
    0: {"types", "errors", "digest", "boxes", "freshness"},
    1: {"trace", "logs", "chat", "sockets"}
    | {"client", "replies"}
    | {"bucket", "hosts", "keys", "sessions"}
    | {"config", "pace", "parse", "chunk", "embed", "export", "scorer", "store", "quotations", "wording", "metrics"},
    2: {"citing", "spelling"}
    | {"comparing", "places"}
    | {"claims", "mentions", "generate", "injection", "prompt", "sentences", "support"}
    | {"retrieve", "acronyms", "reader", "followup", "answer", "conflict", "sources", "staging"},
    3: {"drafts"}
    | {"cluster_folder", "cluster_index", "cluster_manage", "cluster_work", "pulse", "worker"}
    | {"why"}
    | {"backup", "citations", "database_doctor", "restore", "service_doctor"}
    | {"copying", "database_place", "folder_place"}
    | {"ingest", "ask", "check", "incoming", "manage", "doctor"},
    4: {"cluster_jobs", "worker_cli"}
    | {"consistency", "database_cli"}
    | {"answer_page", "check_pages", "excerpt", "languages", "texts", "why_pages"}
    | {"conversation", "why_api"}
    | {"backup_cli", "copy_cli", "chat_api", "mcp_endpoint", "mcp_server", "mcp_tools"}
    | {"presence", "prose_api", "prose_cli"}
    | {"contract", "examples", "observe", "paging", "service_api", "telemetry"}
    | {"app", "api", "pages", "viewer", "templating", "cli", "__main__"}
    | {"jobs", "watch", "uploads", "library_api", "library_pages", "library_cli", "check_cli", "terminal"}
    | {"evaluate", "evaluation_pages", "eval_cli"}
    | {"board", "gate", "server"}
    | {"access", "bodies", "guard", "headers", "keys_cli", "signin"},
}
LAYER_OF = {unit: layer for layer, units in LAYERS.items() for unit in units}

# Imports inside one layer that make sense; none other is allowed.
NEIGHBOURS = {
    ("app", "consistency"),
    ("cli", "database_cli"),
    ("database_cli", "terminal"),
    ("database_doctor", "ask"),
    ("database_doctor", "doctor"),
    ("app", "cluster_jobs"),
    ("cli", "worker_cli"),
    ("cli", "copy_cli"),
    ("copy_cli", "terminal"),
    ("copying", "database_place"),
    ("copying", "folder_place"),
    ("copying", "ingest"),
    ("copying", "manage"),
    ("database_place", "folder_place"),
    ("folder_place", "ingest"),
    ("cluster_folder", "cluster_manage"),
    ("cluster_index", "ask"),
    ("cluster_index", "ingest"),
    ("cluster_index", "manage"),
    ("cluster_jobs", "board"),
    ("cluster_jobs", "jobs"),
    ("cluster_manage", "ask"),
    ("cluster_manage", "ingest"),
    ("cluster_manage", "manage"),
    ("cluster_work", "ask"),
    ("cluster_work", "cluster_folder"),
    ("cluster_work", "cluster_index"),
    ("cluster_work", "cluster_manage"),
    ("cluster_work", "ingest"),
    ("cluster_work", "manage"),
    ("cluster_work", "worker"),
    ("worker", "ask"),
    ("worker", "cluster_index"),
    ("worker", "manage"),
    ("worker", "pulse"),
    ("worker_cli", "terminal"),
    ("app", "conversation"),
    ("app", "why_api"),
    ("conversation", "api"),
    ("conversation", "gate"),
    ("conversation", "pages"),
    ("why", "ask"),
    ("why_api", "api"),
    ("why_api", "gate"),
    ("sessions", "keys"),
    ("access", "guard"),
    ("bodies", "guard"),
    ("keys_cli", "terminal"),
    ("signin", "access"),
    ("signin", "pages"),
    ("signin", "templating"),
    ("app", "access"),
    ("app", "bodies"),
    ("app", "guard"),
    ("app", "headers"),
    ("app", "signin"),
    ("cli", "keys_cli"),
    ("server", "access"),
    ("errors", "types"),
    ("boxes", "types"),
    ("embed", "config"),
    ("export", "embed"),
    ("scorer", "config"),
    ("logs", "config"),
    ("chat", "config"),
    ("prompt", "claims"),
    ("prompt", "injection"),
    ("claims", "mentions"),
    ("support", "claims"),
    ("support", "injection"),
    ("support", "prompt"),
    ("support", "sentences"),
    ("generate", "prompt"),
    ("generate", "sentences"),
    ("generate", "support"),
    ("api", "presence"),
    ("app", "prose_api"),
    ("prose_api", "api"),
    ("prose_api", "gate"),
    ("prose_cli", "terminal"),
    ("cli", "prose_cli"),
    ("logs", "trace"),
    ("client", "replies"),
    ("backup", "ingest"),
    ("restore", "backup"),
    ("service_doctor", "doctor"),
    ("backup_cli", "terminal"),
    ("cli", "backup_cli"),
    ("cli", "mcp_server"),
    ("app", "chat_api"),
    ("app", "mcp_endpoint"),
    ("chat_api", "api"),
    ("chat_api", "gate"),
    ("mcp_endpoint", "gate"),
    ("mcp_endpoint", "mcp_server"),
    ("mcp_server", "mcp_tools"),
    ("scorer", "embed"),
    ("reader", "retrieve"),
    ("answer", "reader"),
    ("answer", "retrieve"),
    ("app", "api"),
    ("app", "contract"),
    ("app", "observe"),
    ("app", "service_api"),
    ("app", "telemetry"),
    ("contract", "examples"),
    ("observe", "telemetry"),
    ("telemetry", "board"),
    ("service_api", "api"),
    ("api", "paging"),
    ("library_api", "paging"),
    ("app", "jobs"),
    ("app", "library_api"),
    ("app", "library_pages"),
    ("app", "pages"),
    ("app", "templating"),
    ("app", "viewer"),
    ("app", "watch"),
    ("pages", "answer_page"),
    ("pages", "api"),
    ("answer_page", "excerpt"),
    ("answer_page", "templating"),
    ("app", "check_pages"),
    ("app", "excerpt"),
    ("app", "why_pages"),
    ("check_pages", "api"),
    ("check_pages", "gate"),
    ("check_pages", "pages"),
    ("check_pages", "templating"),
    ("excerpt", "api"),
    ("excerpt", "templating"),
    ("excerpt", "viewer"),
    ("templating", "languages"),
    ("templating", "texts"),
    ("why_pages", "api"),
    ("why_pages", "gate"),
    ("why_pages", "pages"),
    ("why_pages", "templating"),
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
    ("api", "gate"),
    ("app", "board"),
    ("app", "gate"),
    ("cli", "server"),
    ("jobs", "board"),
    ("library_api", "board"),
    ("library_pages", "board"),
    ("pages", "gate"),
    ("server", "app"),
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
    "obstore": {"store"},
    "psycopg": {"store"},
    "psycopg_pool": {"store"},
    "anyio": {"app", "mcp_server", "service_api"},
    "charset_normalizer": {"parse"},
    "faiss": {"store"},
    "fastapi": {"check_pages", "excerpt", "why_pages"}
    | {"conversation", "why_api"}
    | {"presence", "prose_api"}
    | {"chat_api", "mcp_endpoint"}
    | {"contract", "paging", "service_api"}
    | {"app", "api", "pages", "templating", "viewer", "library_api", "library_pages", "uploads"}
    | {"evaluation_pages", "gate", "server", "signin"},
    "filelock": {"embed", "store", "staging"} | {"board", "keys", "watch"},
    "httpx2": {"client", "service_doctor"},
    "ir_measures": {"metrics"},
    "itsdangerous": {"sessions"},
    "jinja2": {"app", "api", "pages"},
    "markupsafe": {"languages", "texts"},
    "lxml": {"parse"},
    "mammoth": {"parse"},
    "markdown_it": {"parse"},
    "mcp": {"mcp_server"},
    "mcp_types": {"mcp_server"},
    "mdit_py_plugins": {"parse"},
    "numpy": set(LAYER_OF),
    "nupunkt": {"chunk"},
    "PIL": {"parse"},
    "onnx": {"embed", "export"},
    "onnxruntime": {"embed", "export", "scorer"},
    "openpyxl": {"parse"},
    "platformdirs": {"config"},
    "openai": {"chat"},
    "prometheus_client": {"telemetry"},
    "pptx": {"parse"},
    "pydantic": {"config", "api", "board", "keys"} | {"chat_api", "mcp_server", "mcp_tools", "replies"},
    "pypdfium2": {"parse"},
    "python_multipart": {"uploads"},
    "rapidfuzz": {"check", "spelling", "wording"},
    "rich": {"cli", "keys_cli", "server", "library_cli", "terminal", "eval_cli"},
    "sentence_transformers": {"embed", "export", "scorer"},
    "transformers": {"export"},
    "sqlite3": {"store"},
    "starlette": {"check_pages"}
    | {"observe", "app", "api", "pages", "uploads"}
    | {"mcp_endpoint", "mcp_server"}
    | {"access", "bodies", "consistency", "guard", "headers", "hosts"},
    "striprtf": {"parse"},
    "tantivy": {"store"},
    "tokenizers": {"embed", "export", "scorer"},
    "torch": {"embed", "export"},
    "typer": {"cli", "library_cli", "check_cli", "terminal", "eval_cli"} | {"backup_cli", "copy_cli", "keys_cli"},
    "uvicorn": {"server"},
    "watchfiles": {"watch"},
    "yaml": {"parse"},
}

# The imports inside functions: each saves seconds for those who do not need it.
DEFERRED = {
    ("cli", "askreport.database_cli"),
    ("library_cli", "askreport.database_doctor"),
    ("store", "askreport.store.postgres_shelf"),
    ("app", "askreport.cluster_jobs"),
    ("copying", "askreport.database_place"),
    ("cli", "askreport.cluster_work"),
    ("library_cli", "askreport.cluster_work"),
    ("worker_cli", "askreport.worker"),
    ("embed", "sentence_transformers"),
    ("scorer", "sentence_transformers"),
    ("cli", "askreport.server"),
    ("cli", "askreport.mcp_server"),
    ("mcp_endpoint", "askreport.mcp_server"),
    ("generate", "askreport.chat"),
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
        ("cli", "def serve():\n    from askreport.server import run"),
        ("ask", "from __future__ import annotations\nimport json\nimport numpy as np"),
    ],
)
def test_the_checker_accepts_what_the_table_allows(module: str, source: str) -> None:
    assert problems({module: source}) == []
