"""Each kind of faulty reading in the shared cases, judged by the program that lies beside them.

The cases are read and asked in this process, as ``run.py COMMAND`` does it with one process for each.
"""

import importlib.util
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from shutil import copytree, ignore_patterns
from types import ModuleType
from typing import Any

import pytest

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.models.readers import load_scorer
from tests.conftest import SHARED, shared
from tests.tools.parts import PARSERS

CASES = sorted(path.parent.name for path in SHARED.glob("cases/*/case.json")) or ["none"]
COMMAND = [sys.executable, "-m", "askreport"]


@pytest.fixture(scope="module")
def judge() -> ModuleType:
    """The program that says what is wrong with an answer or a text."""
    spec = importlib.util.spec_from_file_location("cases", shared("cases/run.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", CASES)
def test_every_check_of_a_case_passes(
    name: str, judge: ModuleType, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = shared(f"cases/{name}")
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    copytree(case, corpus, ignore=ignore_patterns("case.json"))
    ingest([corpus], index, encoder, PARSERS)
    library = Library(index, encoder, load_scorer(Settings().reader, Settings().cache))
    monkeypatch.setattr(judge, "_get", lambda address: _texts(library, address))
    environment = {**os.environ, "ASKREPORT_INDEX": str(index)}
    faults: list[str] = []
    for check in map(judge._filled, json.loads((case / "case.json").read_text())["checks"]):
        if check["question"]:
            faults += judge._answer_faults(check, asdict(library.ask(check["question"])))
        if check["shown_contains"]:
            shown = judge._even(judge._call(COMMAND, environment, "ask", check["question"]).stdout)
            faults += judge._missing(check["shown_contains"], shown)
        if check["text_contains"] or check["text_not_contain"]:
            faults += judge._text_faults(check, "")
    assert faults == []


def _texts(library: Library, address: str) -> Any:
    """What ``GET /documents`` and ``GET /documents/{id}`` tell a case of texts."""
    if address == "/documents":
        return [{"id": each.id, "path": each.path} for each in library.store.documents()]
    return {"text": library.store.document(Path(address).name).text}
