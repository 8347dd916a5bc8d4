"""Packages keep to their layers (the contracts in pyproject.toml), and each library to the packages that own it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from importlinter.cli import lint_imports

import askreport
from tests.conftest import ROOT

SOURCE = Path(askreport.__file__).parent

# Each third-party library, and the packages and modules below askreport that import it.
OWNERS = {
    "PIL": {"parse"},
    "anyio": {"agents", "service"},
    "charset_normalizer": {"parse"},
    "docx": {"notebooks"},
    "faiss": {"store.folder"},
    "fastapi": {"service"},
    "filelock": {"changes", "guard", "models", "store.folder"},
    "httpx2": {"client", "doctor"},
    "ir_measures": {"evaluation"},
    "h11": {"service"},
    "itsdangerous": {"guard"},
    "lxml": {"parse"},
    "mammoth": {"parse"},
    "markdown_it": {"parse"},
    "marisa_trie": {"models"},
    "markupsafe": {"service.pages"},
    "mcp": {"agents"},
    "mcp_types": {"agents"},
    "mdit_py_plugins": {"parse"},
    "numpy": {"answering", "boxes", "evaluation", "models", "parse", "store", "text", "types"},
    "obstore": {"store.postgres"},
    "onnx": {"models"},
    "onnxruntime": {"models"},
    "openai": {"prose"},
    "openpyxl": {"compare", "parse"},
    "platformdirs": {"config"},
    "pptx": {"parse"},
    "prometheus_client": {"service.observe"},
    "psycopg": {"store.postgres"},
    "psycopg_pool": {"store.postgres"},
    "pydantic": {"agents", "changes", "client", "config", "guard", "service"},
    "pypdfium2": {"parse"},
    "python_multipart": {"service.shared"},
    "rapidfuzz": {"answering", "check"},
    "rich": {"cli", "service"},
    "sentence_transformers": {"models"},
    "sentencex": {"text"},
    "sqlite3": {"store.folder"},
    "starlette": {"agents", "guard", "service"},
    "striprtf": {"parse"},
    "tantivy": {"store"},
    "tokenizers": {"models"},
    "torch": {"models"},
    "transformers": {"models"},
    "typer": {"cli"},
    "typst": {"bibliography"},
    "uvicorn": {"service"},
    "watchfiles": {"changes.folder"},
    "webencodings": {"parse"},
    "yaml": {"parse"},
}


def imported(tree: ast.AST) -> Iterator[str]:
    """The libraries that a module imports, those of Python but for SQLite left out."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are by whole names"
            names = [node.module or ""]
        for name in names:
            root = name.partition(".")[0]
            if root == "sqlite3" or root not in {"askreport", *sys.stdlib_module_names}:
                yield root


def test_imports_keep_to_the_contracts() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0


def test_each_library_is_imported_by_its_owners_only_and_by_all_of_them() -> None:
    found: dict[str, set[str]] = {}
    for file in SOURCE.rglob("*.py"):
        module = ".".join(file.relative_to(SOURCE).with_suffix("").parts)
        for library in imported(ast.parse(file.read_text(encoding="utf-8"))):
            owners = OWNERS.get(library, set())
            owner = next((each for each in owners if f"{module}.".startswith(f"{each}.")), module)
            found.setdefault(library, set()).add(owner)
    assert found == OWNERS
