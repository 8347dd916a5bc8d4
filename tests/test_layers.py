"""The table of layers: who may import whom, and which library is whose. The checker is checked as well."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate
from pathlib import Path

import pytest

import askreport

SOURCE = Path(askreport.__file__).parent
PACKAGE = "askreport"

# A unit is a module, or one of the packages parse and store. It may import any unit of a lower layer.
LAYERS = {
    0: {"types", "errors", "digest", "boxes", "freshness"},
    1: {"trace", "service.observe.log", "prose.model", "service.sockets"}
    | {"client"}
    | {"guard.rate_limit", "guard.hosts", "guard.keys", "guard.sessions"}
    | {
        "config",
        "progress",
        "parse",
        "text.chunk",
        "models.encoder",
        "models.export",
        "models.scorer",
        "store",
        "text.quotations",
        "text.wording",
        "evaluation.figures",
    },
    2: {"answering.citing", "answering.spelling"}
    | {"transfer.compare", "transfer.places"}
    | {
        "prose.claims",
        "text.mentions",
        "prose.writer",
        "prose.injection",
        "prose.prompt",
        "prose.sentences",
        "prose.support",
    }
    | {
        "answering.retrieve",
        "answering.acronyms",
        "answering.reading",
        "answering.followup",
        "answering.quotes",
        "answering.conflict",
        "indexing.sources",
        "changes.staging",
    },
    3: {"check.drafts"}
    | {
        "changes.postgres.follow",
        "changes.postgres.index_file",
        "changes.postgres.manage",
        "changes.postgres.inline",
        "changes.postgres.heartbeat",
        "changes.postgres.worker",
    }
    | {"answering.why"}
    | {"transfer.backup", "answering.as_text", "doctor.postgres", "transfer.restore", "doctor.service"}
    | {"transfer.copy", "transfer.postgres_place", "transfer.folder_place"}
    | {
        "indexing.ingest",
        "answering.ask",
        "check.check",
        "changes.incoming",
        "changes.folder.manage",
        "doctor.library",
    },
    4: {"changes.postgres.jobs", "cli.worker"}
    | {"guard.consistency"}
    | {
        "service.pages.answer",
        "service.pages.check",
        "service.pages.excerpt",
        "service.pages.languages",
        "service.pages.texts",
        "service.pages.why",
    }
    | {"service.pages.conversation"}
    | {"cli.backup", "cli.copy", "service.api.openai", "service.api.mcp", "agents.server", "agents.tools"}
    | {"service.shared.presence", "cli.prose"}
    | {
        "service.api.openapi",
        "service.observe.requests",
        "service.shared.paging",
        "service.api.probes",
        "service.observe.metrics",
    }
    | {
        "service.app",
        "service.api.questions",
        "service.pages.home",
        "service.pages.document",
        "service.pages.templating",
        "cli.main",
        "__main__",
    }
    | {
        "changes.folder.jobs",
        "changes.folder.watch",
        "service.shared.uploads",
        "service.api.documents",
        "service.pages.documents",
        "cli.documents",
        "cli.check",
        "cli.terminal",
    }
    | {"evaluation.evaluate", "service.pages.evaluation", "cli.evaluate"}
    | {"changes.folder.board", "service.shared.gate", "service.server"}
    | {"service.pages.shared", "service.shared.dependencies", "service.shared.problems", "service.shared.sse"}
    | {"cli.ask", "cli.index", "cli.serve"}
    | {"service.pages.originals"}
    | {"guard.access", "guard.bodies", "guard.middleware", "guard.headers", "cli.keys", "service.pages.signin"},
}
LAYER_OF = {unit: layer for layer, units in LAYERS.items() for unit in units}
# The packages above the units, which hold nothing of their own.
ROOMS = {parent for unit in LAYER_OF for parent in accumulate(unit.split(".")[:-1], "{}.{}".format)}
PACKAGES = {PACKAGE} | {f"{PACKAGE}.{room}" for room in ROOMS}

# Imports inside one layer that make sense; none other is allowed.
NEIGHBOURS = {
    ("service.app", "service.pages.originals"),
    ("service.pages.answer", "service.pages.originals"),
    ("service.pages.document", "service.pages.originals"),
    ("service.pages.excerpt", "service.pages.originals"),
    ("service.pages.home", "service.pages.originals"),
    ("cli.ask", "cli.prose"),
    ("cli.ask", "cli.terminal"),
    ("cli.index", "cli.terminal"),
    ("cli.serve", "agents.server"),
    ("cli.serve", "cli.terminal"),
    ("cli.serve", "service.server"),
    ("service.api.documents", "service.shared.dependencies"),
    ("service.api.documents", "service.shared.problems"),
    ("service.api.documents", "service.shared.sse"),
    ("service.api.openai", "service.shared.dependencies"),
    ("service.api.openai", "service.shared.sse"),
    ("service.api.probes", "service.shared.dependencies"),
    ("service.api.probes", "service.shared.problems"),
    ("service.api.questions", "service.shared.dependencies"),
    ("service.api.questions", "service.shared.problems"),
    ("service.api.questions", "service.shared.sse"),
    ("service.app", "service.pages.shared"),
    ("service.app", "service.shared.problems"),
    ("service.pages.check", "service.shared.dependencies"),
    ("service.pages.check", "service.shared.problems"),
    ("service.pages.conversation", "service.pages.shared"),
    ("service.pages.conversation", "service.shared.dependencies"),
    ("service.pages.document", "service.shared.dependencies"),
    ("service.pages.documents", "service.shared.dependencies"),
    ("service.pages.documents", "service.shared.problems"),
    ("service.pages.evaluation", "service.pages.shared"),
    ("service.pages.evaluation", "service.shared.dependencies"),
    ("service.pages.excerpt", "service.shared.dependencies"),
    ("service.pages.home", "service.pages.shared"),
    ("service.pages.home", "service.shared.dependencies"),
    ("service.pages.home", "service.shared.problems"),
    ("service.pages.shared", "service.pages.templating"),
    ("service.pages.signin", "service.pages.shared"),
    ("service.pages.why", "service.pages.shared"),
    ("service.pages.why", "service.shared.dependencies"),
    ("service.shared.dependencies", "changes.folder.jobs"),
    ("service.shared.dependencies", "service.shared.gate"),
    ("service.app", "guard.consistency"),
    ("doctor.postgres", "answering.ask"),
    ("doctor.postgres", "doctor.library"),
    ("service.app", "changes.postgres.jobs"),
    ("cli.copy", "cli.terminal"),
    ("transfer.copy", "transfer.postgres_place"),
    ("transfer.copy", "transfer.folder_place"),
    ("transfer.copy", "indexing.ingest"),
    ("transfer.copy", "changes.folder.manage"),
    ("transfer.postgres_place", "transfer.folder_place"),
    ("transfer.folder_place", "indexing.ingest"),
    ("changes.postgres.follow", "changes.postgres.manage"),
    ("changes.postgres.index_file", "answering.ask"),
    ("changes.postgres.index_file", "indexing.ingest"),
    ("changes.postgres.index_file", "changes.folder.manage"),
    ("changes.postgres.jobs", "changes.folder.board"),
    ("changes.postgres.jobs", "changes.folder.jobs"),
    ("changes.postgres.manage", "answering.ask"),
    ("changes.postgres.manage", "indexing.ingest"),
    ("changes.postgres.manage", "changes.folder.manage"),
    ("changes.postgres.inline", "answering.ask"),
    ("changes.postgres.inline", "changes.postgres.follow"),
    ("changes.postgres.inline", "changes.postgres.index_file"),
    ("changes.postgres.inline", "changes.postgres.manage"),
    ("changes.postgres.inline", "indexing.ingest"),
    ("changes.postgres.inline", "changes.folder.manage"),
    ("changes.postgres.inline", "changes.postgres.worker"),
    ("changes.postgres.worker", "answering.ask"),
    ("changes.postgres.worker", "changes.postgres.index_file"),
    ("changes.postgres.worker", "changes.folder.manage"),
    ("changes.postgres.worker", "changes.postgres.heartbeat"),
    ("cli.worker", "cli.terminal"),
    ("service.app", "service.pages.conversation"),
    ("answering.why", "answering.ask"),
    ("guard.sessions", "guard.keys"),
    ("guard.access", "guard.middleware"),
    ("guard.bodies", "guard.middleware"),
    ("cli.keys", "cli.terminal"),
    ("service.pages.signin", "guard.access"),
    ("service.pages.signin", "service.pages.templating"),
    ("service.app", "guard.access"),
    ("service.app", "guard.bodies"),
    ("service.app", "guard.middleware"),
    ("service.app", "guard.headers"),
    ("service.app", "service.pages.signin"),
    ("service.server", "guard.access"),
    ("errors", "types"),
    ("boxes", "types"),
    ("models.encoder", "config"),
    ("models.export", "models.encoder"),
    ("models.scorer", "config"),
    ("service.observe.log", "config"),
    ("prose.model", "config"),
    ("prose.prompt", "prose.claims"),
    ("prose.prompt", "prose.injection"),
    ("prose.claims", "text.mentions"),
    ("prose.support", "prose.claims"),
    ("prose.support", "prose.injection"),
    ("prose.support", "prose.prompt"),
    ("prose.support", "prose.sentences"),
    ("prose.writer", "prose.prompt"),
    ("prose.writer", "prose.sentences"),
    ("prose.writer", "prose.support"),
    ("service.api.questions", "service.shared.presence"),
    ("cli.prose", "cli.terminal"),
    ("service.observe.log", "trace"),
    ("transfer.backup", "indexing.ingest"),
    ("transfer.restore", "transfer.backup"),
    ("doctor.service", "doctor.library"),
    ("cli.backup", "cli.terminal"),
    ("service.app", "service.api.openai"),
    ("service.app", "service.api.mcp"),
    ("service.api.mcp", "service.shared.gate"),
    ("service.api.mcp", "agents.server"),
    ("agents.server", "agents.tools"),
    ("models.scorer", "models.encoder"),
    ("answering.reading", "answering.retrieve"),
    ("answering.quotes", "answering.reading"),
    ("answering.quotes", "answering.retrieve"),
    ("service.app", "service.api.questions"),
    ("service.app", "service.api.openapi"),
    ("service.app", "service.observe.requests"),
    ("service.app", "service.api.probes"),
    ("service.app", "service.observe.metrics"),
    ("service.observe.requests", "service.observe.metrics"),
    ("service.observe.metrics", "changes.folder.board"),
    ("service.api.documents", "service.shared.paging"),
    ("service.app", "changes.folder.jobs"),
    ("service.app", "service.api.documents"),
    ("service.app", "service.pages.documents"),
    ("service.app", "service.pages.home"),
    ("service.app", "service.pages.templating"),
    ("service.app", "service.pages.document"),
    ("service.app", "changes.folder.watch"),
    ("service.pages.home", "service.pages.answer"),
    ("service.pages.answer", "service.pages.excerpt"),
    ("service.pages.answer", "service.pages.templating"),
    ("service.app", "service.pages.check"),
    ("service.app", "service.pages.excerpt"),
    ("service.app", "service.pages.why"),
    ("service.pages.check", "service.pages.templating"),
    ("service.pages.excerpt", "service.pages.templating"),
    ("service.pages.excerpt", "service.pages.document"),
    ("service.pages.templating", "service.pages.languages"),
    ("service.pages.templating", "service.pages.texts"),
    ("service.pages.why", "service.pages.templating"),
    ("service.pages.home", "service.pages.templating"),
    ("service.pages.document", "service.pages.templating"),
    ("doctor.library", "indexing.ingest"),
    ("changes.incoming", "indexing.ingest"),
    ("changes.folder.manage", "answering.ask"),
    ("changes.folder.manage", "changes.incoming"),
    ("changes.folder.manage", "indexing.ingest"),
    ("service.api.documents", "changes.folder.jobs"),
    ("service.api.documents", "service.shared.uploads"),
    ("service.pages.documents", "changes.folder.jobs"),
    ("service.pages.documents", "service.pages.templating"),
    ("service.pages.documents", "service.shared.uploads"),
    ("service.app", "service.pages.evaluation"),
    ("service.pages.evaluation", "service.pages.templating"),
    ("cli.evaluate", "evaluation.evaluate"),
    ("cli.evaluate", "service.pages.evaluation"),
    ("cli.evaluate", "cli.terminal"),
    ("service.app", "changes.folder.board"),
    ("service.app", "service.shared.gate"),
    ("changes.folder.jobs", "changes.folder.board"),
    ("service.api.documents", "changes.folder.board"),
    ("service.pages.documents", "changes.folder.board"),
    ("service.server", "service.app"),
    ("cli.check", "cli.terminal"),
    ("cli.main", "cli.terminal"),
    ("cli.documents", "cli.terminal"),
    ("changes.folder.watch", "changes.folder.jobs"),
    ("__main__", "cli.main"),
}

# Each third-party library and the units that may import it.
OWNERS = {
    "obstore": {"store"},
    "psycopg": {"store"},
    "psycopg_pool": {"store"},
    "anyio": {"service.app", "agents.server", "service.api.probes"},
    "charset_normalizer": {"parse"},
    "faiss": {"store"},
    "fastapi": {"service.pages.originals"}
    | {"service.pages.shared", "service.shared.dependencies", "service.shared.sse"}
    | {"service.pages.check", "service.pages.excerpt", "service.pages.why"}
    | {"service.pages.conversation"}
    | {"service.shared.presence"}
    | {"service.api.openai", "service.api.mcp"}
    | {"service.api.openapi", "service.shared.paging", "service.api.probes"}
    | {
        "service.app",
        "service.api.questions",
        "service.pages.home",
        "service.pages.templating",
        "service.pages.document",
        "service.api.documents",
        "service.pages.documents",
        "service.shared.uploads",
    }
    | {"service.pages.evaluation", "service.shared.gate", "service.server", "service.pages.signin"},
    "filelock": {"models.encoder", "store", "changes.staging"}
    | {"changes.folder.board", "guard.keys", "changes.folder.watch"},
    "httpx2": {"client", "doctor.service"},
    "ir_measures": {"evaluation.figures"},
    "itsdangerous": {"guard.sessions"},
    "jinja2": {"service.app", "service.api.questions", "service.pages.home"},
    "markupsafe": {"service.pages.languages", "service.pages.texts"},
    "lxml": {"parse"},
    "mammoth": {"parse"},
    "markdown_it": {"parse"},
    "mcp": {"agents.server"},
    "mcp_types": {"agents.server"},
    "mdit_py_plugins": {"parse"},
    "numpy": set(LAYER_OF),
    "nupunkt": {"text.chunk"},
    "PIL": {"parse"},
    "onnx": {"models.encoder", "models.export"},
    "onnxruntime": {"models.encoder", "models.export", "models.scorer"},
    "openpyxl": {"parse"},
    "platformdirs": {"config"},
    "openai": {"prose.model"},
    "prometheus_client": {"service.observe.metrics"},
    "pptx": {"parse"},
    "pydantic": {"client"}
    | {"service.shared.problems"}
    | {"config", "service.api.questions", "changes.folder.board", "guard.keys"}
    | {"service.api.openai", "agents.server", "agents.tools"},
    "pypdfium2": {"parse"},
    "python_multipart": {"service.shared.uploads"},
    "rapidfuzz": {"check.check", "answering.spelling", "text.wording"},
    "rich": {"cli.ask"} | {"cli.main", "cli.keys", "service.server", "cli.documents", "cli.terminal", "cli.evaluate"},
    "sentence_transformers": {"models.encoder", "models.export", "models.scorer"},
    "transformers": {"models.export"},
    "sqlite3": {"store"},
    "starlette": {"service.pages.check"}
    | {
        "service.observe.requests",
        "service.app",
        "service.api.questions",
        "service.pages.home",
        "service.shared.uploads",
    }
    | {"service.api.mcp", "agents.server"}
    | {"guard.access", "guard.bodies", "guard.consistency", "guard.middleware", "guard.headers", "guard.hosts"},
    "striprtf": {"parse"},
    "tantivy": {"store"},
    "tokenizers": {"models.encoder", "models.export", "models.scorer"},
    "torch": {"models.encoder", "models.export"},
    "typer": {"cli.ask", "cli.index", "cli.serve"}
    | {"cli.main", "cli.documents", "cli.check", "cli.terminal", "cli.evaluate"}
    | {"cli.backup", "cli.copy", "cli.keys"},
    "uvicorn": {"service.server"},
    "watchfiles": {"changes.folder.watch"},
    "yaml": {"parse"},
}

# The imports inside functions: each saves seconds for those who do not need it.
DEFERRED = {
    ("cli.ask", "askreport.changes.folder.manage"),
    ("cli.ask", "askreport.cli.prose"),
    ("cli.index", "askreport.changes.postgres.inline"),
    ("cli.index", "askreport.store.postgres.backend"),
    ("cli.index", "askreport.store.postgres.status"),
    ("cli.serve", "askreport.agents.server"),
    ("cli.serve", "askreport.service.server"),
    ("cli.documents", "askreport.doctor.postgres"),
    ("store", "askreport.store.postgres.backend"),
    ("service.app", "askreport.changes.postgres.jobs"),
    ("transfer.copy", "askreport.transfer.postgres_place"),
    ("cli.documents", "askreport.changes.postgres.inline"),
    ("cli.worker", "askreport.changes.postgres.worker"),
    ("models.encoder", "sentence_transformers"),
    ("models.scorer", "sentence_transformers"),
    ("service.api.mcp", "askreport.agents.server"),
    ("prose.writer", "askreport.prose.model"),
    ("cli.evaluate", "askreport.evaluation.evaluate"),
    ("cli.evaluate", "askreport.service.pages.evaluation"),
}


@dataclass(frozen=True)
class Import:
    """That ``module`` (its name below askreport) imports ``target``."""

    module: str
    target: str
    deferred: bool

    @property
    def unit(self) -> str:
        return unit_of(self.module)

    @property
    def own(self) -> str | None:
        """The imported unit, if it is one of ours."""
        root, _, rest = self.target.partition(".")
        return unit_of(rest) if root == PACKAGE and rest else None


def unit_of(name: str) -> str:
    """The unit that a module is or lies in; of a module in no layer, its own name."""
    return next((unit for unit in accumulate(name.split("."), "{}.{}".format) if unit in LAYER_OF), name)


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
        return [f"{name}.{alias.name}" for alias in node.names] if name in PACKAGES else [name]
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
    assert {unit_of(module) for module in sources()} - ROOMS - {""} == set(LAYER_OF)


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
        (
            "text.chunk",
            "from askreport.indexing.ingest import ingest",
            "text.chunk imports indexing.ingest, which is above it",
        ),
        ("text.chunk", "from askreport.answering import ask", "text.chunk imports answering.ask, which is above it"),
        (
            "store.folder.store",
            "import askreport.answering.retrieve as r",
            "store.folder.store imports answering.retrieve, which is above it",
        ),
        (
            "answering.retrieve",
            "from askreport.answering.reading import read",
            "answering.retrieve imports answering.reading beside it",
        ),
        ("answering.ask", "from askreport.tidying import tidy", "tidying is in no layer"),
        ("tidying", "from askreport.types import Span", "tidying is in no layer"),
        ("answering.ask", "from .types import Span", "answering.ask imports .types by a relative name"),
        ("answering.ask", "import sqlite3", "answering.ask imports sqlite3, which is not its library"),
        (
            "cli.main",
            "from onnxruntime.quantization import x",
            "cli.main imports onnxruntime, which is not its library",
        ),
        ("answering.ask", "import requests", "requests has no owner"),
        ("answering.ask", "def f():\n    import json", "answering.ask imports json inside a function"),
        (
            "answering.ask",
            "class A:\n    async def f(self):\n        import json",
            "answering.ask imports json inside a function",
        ),
        ("answering.ask", "if True:\n    import torch", "answering.ask imports torch, which is not its library"),
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
            "store.folder.store",
            "import sqlite3, faiss\nfrom askreport.store.base import Store\nfrom askreport.types import Span",
        ),
        (
            "service.pages.home",
            "from askreport.service.shared.dependencies import LibraryOf\nfrom fastapi import Request",
        ),
        ("cli.serve", "def serve():\n    from askreport.service.server import run"),
        ("answering.ask", "from __future__ import annotations\nimport json\nimport numpy as np"),
    ],
)
def test_the_checker_accepts_what_the_table_allows(module: str, source: str) -> None:
    assert problems({module: source}) == []
