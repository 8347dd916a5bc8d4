"""Whether the service lives, whether it can answer, and that both are told when it is busy."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from tests.conftest import CORPUS
from tests.service.observe.test_metrics import figures
from tests.tools.parts import PARSERS, HashingEncoder, folder


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    app = create_app(Settings(corpus=CORPUS, index=library.index), library, PARSERS)
    with TestClient(app, base_url="http://127.0.0.1") as made:
        yield made


def test_a_service_over_an_index_is_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    served = client.get("/metrics")
    assert served.headers["content-type"].startswith("text/plain")
    assert figures(served.content)["askreport_requests_total{method=GET,route=/readyz,status=200}"] == 1


def test_without_an_index_it_lives_and_is_not_ready(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=tmp_path, index=tmp_path / "none")
    app = create_app(settings, Library(settings.index, encoder), PARSERS)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/healthz").status_code == 200
        refused = client.get("/readyz")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "index_missing")
        assert figures(client.get("/metrics").content)["askreport_index_ready"] == 0


def test_an_index_of_another_encoder_is_not_ready(tmp_path: Path) -> None:
    settings = Settings(corpus=folder(tmp_path / "corpus", {"a.txt": "Nine goats."}), index=tmp_path / "index")
    ingest([settings.corpus], settings.index, HashingEncoder(), PARSERS)
    library = Library(settings.index, HashingEncoder(fingerprint="another"))
    with TestClient(create_app(settings, library, PARSERS), base_url="http://127.0.0.1") as client:
        assert client.get("/readyz").json()["error"]["code"] == "index_mismatch"
        assert client.get("/healthz").status_code == 200


def test_they_answer_while_all_other_threads_are_busy(client: TestClient) -> None:
    done = threading.Event()
    busy = threading.Semaphore(0)
    threads = 40

    def wait() -> None:
        busy.release()
        done.wait(20)

    client.app.add_api_route("/api/busy", wait)  # type: ignore[attr-defined]
    waiting = [threading.Thread(target=client.get, args=("/api/busy",)) for _ in range(threads)]
    try:
        for thread in waiting:
            thread.start()
        for _ in range(threads):
            assert busy.acquire(timeout=10)
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
        in_flight = figures(client.get("/metrics").content)["askreport_requests_in_flight"]
    finally:
        done.set()
        for thread in waiting:
            thread.join()
    # The one that asks as well.
    assert in_flight == threads + 1


def test_jobs_are_counted_when_they_are_over(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=folder(tmp_path / "corpus", {}), index=tmp_path / "index")
    app = create_app(settings, Library(settings.index, encoder), PARSERS)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        job = client.post("/api/v1/documents", files=[("files", ("a.txt", b"Nine goats."))]).json()
        client.get(f"/api/v1/jobs/{job['id']}/events")
        shown = figures(client.get("/metrics").content)
    assert shown["askreport_jobs_total{kind=upload,status=done}"] == 1
