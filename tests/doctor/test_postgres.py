"""The checks say what is wrong with a database and what to do, where things are right and where they are not."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from askreport.answering.library import backend_of
from askreport.config import Settings
from askreport.doctor.library import examine
from askreport.doctor.postgres import examine_postgres, files_check, graph_check, replicas_check, store_check
from askreport.doctor.types import Check
from askreport.models.encoder import Encoder
from askreport.types import Outcome
from tests.store.postgres.test_status import NEW
from tests.tools.postgres import add, settings_in


def checks(settings: Settings) -> dict[str, Check]:
    with closing(backend_of(settings)) as backend:
        found = examine_postgres(settings, backend)
    assert all(check.hint for check in found if check.status != "ok")
    return {check.name: check for check in found}


def test_a_database_without_a_library_with_one_and_of_another_encoder(
    database: str, tmp_path: Path, encoder: Encoder
) -> None:
    settings = settings_in(tmp_path, database)
    assert checks(settings)["store"].status == "warning"
    add(settings)
    found = checks(settings)
    assert list(found) == ["store", "replicas", "library", "files"]
    assert found["store"].status == found["files"].status == "ok"
    assert found["files"].message == "2 indexed"
    # It was made with an encoder of no model.
    assert found["library"].status == "problem"
    assert encoder.fingerprint in found["library"].message
    everything = ["python", "encoder", "store", "replicas", "library", "files", "ocr", "memory", "space"]
    assert [check.name for check in examine(settings)] == everything


def test_a_place_for_files_that_cannot_be_reached_is_a_problem(database: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, database)
    add(settings)
    found = {check.name: check for check in examine(settings.model_copy(update={"originals": "gs://x"}))}
    assert found["store"].status == "problem"
    assert "ASKREPORT_ORIGINALS" in found["store"].message


def test_a_database_that_is_not_there_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askreport.store.postgres.pool.PATIENCE", 0.2)
    found = checks(settings_in(tmp_path, "postgresql://u:secret@127.0.0.1:1/x"))
    assert list(found) == ["store"]
    assert found["store"].status == "problem"
    assert "secret" not in found["store"].message


def test_versions_and_tables() -> None:
    assert store_check("h/db", NEW).status == "ok"
    old = store_check("h/db", replace(NEW, server="14.2"))
    assert (old.status, "15" in old.hint) == ("problem", True)
    assert "no pgvector" in store_check("h/db", replace(NEW, vector="")).message
    assert store_check("h/db", replace(NEW, is_current=False)).status == "warning"


def test_replicas_are_named() -> None:
    assert "node2 streaming sync" in replicas_check(replace(NEW, replicas=("node2 streaming sync",))).message
    assert "none" in replicas_check(NEW).message


def test_many_passages_need_a_graph() -> None:
    assert graph_check("much", 1_000_000, has_graph=True).status == "ok"
    assert graph_check("little", 50_000, has_graph=False).status == "ok"
    assert "askreport worker" in graph_check("much", 50_001, has_graph=False).hint


def test_files_that_could_not_be_read_are_counted() -> None:
    found = files_check(
        (Outcome(path="a", status="indexed"), Outcome(path="b", status="damaged"), Outcome(path="c", status="indexed"))
    )
    assert (found.status, found.message) == ("warning", "2 indexed, 1 damaged")
    assert files_check(()).status == "ok"


def test_a_library_of_another_version_is_a_problem_with_a_way_out() -> None:
    found = store_check("db", replace(NEW, is_current=False, format=4))
    assert found.status == "problem"
    assert "`askreport originals FOLDER`" in found.hint
