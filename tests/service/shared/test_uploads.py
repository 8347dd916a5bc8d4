"""What a request brings is staged; PDFs that the given password opens come without it."""

from pathlib import Path
from typing import Any

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from tests.conftest import shared
from tests.tools.parts import TestClient


def added(client: TestClient, password: str) -> dict[str, Any]:
    locked = shared("documents/r6-both-passwords.pdf").read_bytes()
    data = {"password": password} if password else {}
    job = client.post("/api/v1/documents", files={"files": ("locked.pdf", locked)}, data=data).json()
    while (job := client.get(f"/api/v1/jobs/{job['id']}").json())["status"] in ("queued", "running"):
        pass
    outcome: dict[str, Any] = job["outcomes"][0]
    return outcome


def test_a_pdf_is_unlocked_by_the_password_that_comes_with_it(tmp_path: Path, encoder: Encoder) -> None:
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    with TestClient(create_app(settings, Library(settings.index, encoder))) as client:
        assert [added(client, each)["status"] for each in ("", "wrong")] == ["encrypted", "encrypted"]
        kept = added(client, "foo")
        assert (kept["status"], kept["path"]) == ("indexed", "locked.pdf")
        assert "pdf encryption test" in client.get(f"/api/v1/documents/{kept['documents'][0]}").json()["text"]
        assert client.get(f"/documents/{kept['documents'][0]}/pages/1.png").status_code == 200
