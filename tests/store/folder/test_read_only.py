"""An index on a file system that can only be read answers, and says so where something would have to be written."""

import subprocess
import sys
from pathlib import Path

import pytest

from askreport.indexing.ingest import ingest
from tests.tools.parts import PARSERS, HashingEncoder, folder, prose

# In a name space of its own, where the folder is mounted anew, so that not even its owner can write there.
MOUNTED = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$2" -c "$3" "$1" "$4"'
ASK = """
import sys
from pathlib import Path
from askreport.answering.library import Library
from askreport.config import Settings
from askreport.errors import AskReportError
from askreport.indexing.ingest import ingest
from tests.tools.parts import PARSERS, HashingEncoder, TestClient
from askreport.service.app import create_app

index, corpus = Path(sys.argv[1]), Path(sys.argv[2])
library = Library(index, HashingEncoder())
print(len(library.ask("Which colour is Box 1-3?").passages) > 0)
try:
    ingest([corpus], index, HashingEncoder(), PARSERS)
except AskReportError as error:
    print(error.code, error.message)
with TestClient(create_app(Settings(corpus=corpus, index=index, watch=True), library, PARSERS)) as client:
    print(client.post("/api/ask", json={"question": "Which colour is Box 1-3?"}).status_code)
    print([client.get(path).status_code for path in ("/", "/documents", "/readyz", "/api/index", "/metrics")])
    (document,) = client.get("/api/documents").json()
    response = client.delete(f"/api/documents/{document['id']}")
    print(response.status_code, response.json()["error"]["code"])
PARSERS.close()
"""


def test_an_index_that_can_only_be_read_answers_and_says_what_it_is(tmp_path: Path) -> None:
    corpus, index = folder(tmp_path / "corpus", {"a.txt": prose(1, 30)}), tmp_path / "index"
    ingest([corpus], index, HashingEncoder(), PARSERS)
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", MOUNTED, "sh"]
    probe = subprocess.run([*command[:4], "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("needs a system that lets its users have name spaces")
    done = subprocess.run([*command, index, sys.executable, ASK, corpus], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "True"
    assert lines[1].startswith("index_write_failed ")
    assert "cannot be written: Read-only file system" in lines[1]
    assert lines[2:] == ["200", "[200, 200, 200, 200, 200]", "507 index_write_failed"]
    assert (corpus / "a.txt").exists()
