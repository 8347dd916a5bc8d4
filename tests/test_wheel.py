"""The wheel carries everything: the service runs from it, away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

PROGRAM = """
import sys
from pathlib import Path
from starlette.testclient import TestClient
import askreport
from askreport.service.app import create_app
from askreport.config import load_settings

assert Path(askreport.__file__).is_relative_to(sys.argv[1]), askreport.__file__
with TestClient(create_app(load_settings({}, index=Path(sys.argv[2]))), base_url="http://127.0.0.1") as client:
    assert "under agreement not to spy" in client.get("/", params={"q": "does the SVR spy on China?"}).text
    for path in ("style.css", "ask.js", "answer.js", "viewer.js", "library.js", "icon.svg"):
        assert client.get(f"/static/{path}").status_code == 200, path
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    with zipfile.ZipFile(next(folder.glob("askreport-*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def test_the_service_runs_from_the_wheel(installed: Path, corpus_index: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", PROGRAM, str(installed), str(corpus_index)]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
