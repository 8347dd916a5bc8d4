"""What an earlier release made is opened by this one, or refused with the command that makes it anew.

``formats`` has a small library of each release whose files are of another form, made by that release.
"""

import tarfile
from pathlib import Path

import pytest

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.guard.keys import KeyFile
from askreport.indexing.ingest import ingest
from askreport.service.app import create_app
from askreport.store import read_manifest
from tests.conftest import ROOT
from tests.tools.parts import PARSERS, HashingEncoder, TestClient

# Of each release, the key that its file knows.
RELEASES = {"0.2.0": "ask_CJIOlK1S_a1HDsq_Y-j_sWS4A2cHCCg74_ULVzmkBoM"}


@pytest.fixture(params=sorted(RELEASES))
def release(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def settings(tmp_path: Path, release: str) -> Settings:
    with tarfile.open(ROOT / "tests" / "formats" / f"library-{release}.tar.gz") as kept:
        kept.extractall(tmp_path, filter="data")
    return Settings(corpus=tmp_path / "corpus", index=tmp_path / "index", keys=tmp_path / "keys.json")


def test_there_is_one_of_each_release() -> None:
    assert {f"library-{name}.tar.gz" for name in RELEASES} == {
        file.name for file in (ROOT / "tests" / "formats").iterdir()
    }


def test_its_keys_open_the_service(settings: Settings, release: str) -> None:
    key = KeyFile(settings.keys).current().find(RELEASES[release])
    assert key
    assert (key.name, key.role) == ("anna", "write")


def test_its_index_is_described_and_not_answered_from_but_the_command_is_named(
    settings: Settings, release: str
) -> None:
    assert read_manifest(settings.index, 2).counts.documents == 4
    app = create_app(settings, Library(settings.index, HashingEncoder()), PARSERS)
    with TestClient(app, headers={"x-api-key": RELEASES[release]}) as client:
        response = client.post("/api/ask", json={"question": "How many goats did the keeper keep?"})
        assert response.status_code == 503
        error = response.json()["error"]
        assert error["code"] == "index_mismatch"
        assert "`askreport index`" in error["hint"]
        assert client.get("/", headers={"accept": "text/html"}).status_code == 503
        # Which an upload does as well.
        assert client.post("/api/index/rebuild").json()["counts"]["documents"] == 4
        answer = client.post("/api/ask", json={"question": "How many goats did the keeper keep?"}).json()
        assert any("nine goats" in each["text"] for each in answer["passages"])


def test_it_is_indexed_anew_without_embedding_what_has_not_changed(settings: Settings) -> None:
    stages = set()
    report = ingest(
        [settings.corpus],
        settings.index,
        HashingEncoder(),
        PARSERS,
        progress=lambda stage, done, total: stages.add(stage),
    )
    assert report.published
    assert (report.counts.documents, report.embedded, report.reused) == (4, 0, report.counts.passages)
    assert {"reading", "embedding", "writing"} <= stages
    assert [outcome.status for outcome in report.outcomes] == ["indexed"] * 4
