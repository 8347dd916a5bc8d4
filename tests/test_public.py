"""What `import askreport` offers: the public names, each loaded when it is used, and the example of its docstring."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from textwrap import dedent

import pytest

import askreport
from askreport import Answer, Client, Filter, Library, Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from tests.conftest import ROOT
from tests.tools.parts import PARSERS, folder, run_python

# What is not to be loaded by `import askreport`: it takes from tenths of a second to seconds.
HEAVY = (
    *("numpy", "faiss", "tantivy", "onnxruntime", "tokenizers", "torch", "sentence_transformers", "transformers"),
    *("pydantic", "fastapi", "starlette", "uvicorn", "httpx", "httpx2", "openai", "mcp", "psycopg", "obstore"),
    *("lxml", "pypdfium2", "rapidfuzz", "typer", "rich", "jinja2"),
)


def test_the_public_names_are_those_of_their_modules() -> None:
    modules = {each.__name__: each.__module__ for each in (Answer, Client, Filter, Library, Settings)}
    assert modules == {
        "Answer": "askreport.types",
        "Client": "askreport.client.client",
        "Filter": "askreport.types",
        "Library": "askreport.answering.library",
        "Settings": "askreport.config",
    }
    assert {*modules, "__version__"} == set(askreport.__all__)
    assert set(askreport.__all__) <= set(dir(askreport))
    assert askreport.__version__ == version("askreport")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Libary'"):
        getattr(askreport, "Libary")  # noqa: B009 - a type checker would refuse it otherwise


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = run_python("import askreport, sys; print(*{name.partition('.')[0] for name in sys.modules})").split()
    assert "askreport" in loaded
    assert set(loaded).isdisjoint(HEAVY)


def test_what_is_said_to_be_heavy_is_loaded_by_what_is_used() -> None:
    """Otherwise the names in HEAVY might be of nothing that is there."""
    loaded = run_python("from askreport import *\nimport sys; print(*sys.modules)").split()
    assert {"numpy", "onnxruntime", "faiss", "pydantic", "httpx2"} <= set(loaded)


def test_the_example_of_the_docstring_prints_a_quote_and_its_link(tmp_path: Path, encoder: Encoder) -> None:
    documents = folder(tmp_path / "corpus", {"ferry.txt": "The ferry sails every hour.\n\nIt takes twenty minutes.\n"})
    ingest([documents], tmp_path / "index", encoder, PARSERS)
    assert askreport.__doc__
    lines = re.findall(r"^    .*$", askreport.__doc__, re.M)
    assert len(lines) == 5
    example = dedent("\n".join(lines))
    done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"The ferry sails every hour\. /documents/[0-9a-f]{16}#char=0,27", done.stdout.splitlines()[0])


def test_the_example_of_the_readme_prints_a_quote_and_its_place(tmp_path: Path, corpus_index: Path) -> None:
    """It runs beside an index, as in the project's folder."""
    (tmp_path / "index").symlink_to(corpus_index)
    (example,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "under agreement not to spy on the Chinese" in done.stdout
    assert "china-russia-report.txt 10766 10916" in done.stdout
