"""The commands on a library in PostgreSQL, as whole processes: what they print, and how a worker ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from askreport.models.encoder import Encoder
from tests.tools.parts import folder, prose
from tests.tools.postgres_site import Site, until

FERRY = "The ferry to Texel sails every hour. It takes twenty minutes."


@pytest.fixture
def site(tmp_path: Path, database: str, encoder: Encoder) -> Iterator[Site]:
    made = Site(tmp_path, database, encoder)
    yield made
    made.close()


@contextmanager
def process(site: Site, *arguments: str | Path) -> Iterator["subprocess.Popen[str]"]:
    settings = {"STORE": site.settings.store.get_secret_value(), "INDEX": str(site.settings.index), "THREADS": "1"}
    environment = os.environ | {"COLUMNS": "120"} | {f"ASKREPORT_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-W", "error", "-m", "askreport", *map(str, arguments)]
    pipe = subprocess.PIPE
    started = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def run(site: Site, *arguments: str | Path) -> tuple[int | None, str, str]:
    with process(site, *arguments) as started:
        output, errors = started.communicate(timeout=60)
        return started.returncode, output, errors


def test_a_worker_indexes_what_comes_says_so_and_ends_when_it_is_told(site: Site) -> None:
    with process(site, "worker") as worker:
        assert worker.stderr
        assert worker.stdout
        until(lambda: worker.stderr.readline(), lambda line: "waits for files" in line)  # type: ignore[union-attr]
        job = site.upload(ferry=FERRY, again=FERRY)
        until(lambda: site.jobs.get(job.id), lambda found: found.is_over)
        long = site.upload(long=prose(1, 3_000))
        until(lambda: site.jobs.get(long.id), lambda found: found.stage == "embedding")
        worker.send_signal(signal.SIGTERM)
        output, errors = worker.communicate(timeout=10)
    assert (worker.returncode, errors) == (0, "")
    first, second = output.splitlines()
    assert first.startswith("  indexed  ferry.txt  ")
    assert second.startswith("  duplicate  again.txt  same content as ferry.txt, ")
    assert site.rows("SELECT status, attempts FROM job_files WHERE name = 'long.txt'") == [("queued", 0)]


def test_files_are_added_indexed_and_deleted_by_commands(site: Site, tmp_path: Path) -> None:
    corpus = folder(tmp_path / "corpus", {"a.txt": FERRY, "b.txt": prose(1, 3)})
    status, output, errors = run(site, "add", corpus / "a.txt")
    assert (status, output.startswith("  indexed  a.txt  "), errors.strip()) == (0, True, "")
    (document,) = site.library.store.documents()
    status, output, _ = run(site, "delete", document.id, "--yes")
    assert (status, output) == (0, "deleted  A\n  a.txt\n")
    status, output, _ = run(site, "index", corpus)
    assert status == 0
    assert "  indexed  a.txt" in output
    assert "generation 4: 2 documents" in output
    assert "is up to date; nothing to publish" in run(site, "index", corpus)[1]


def test_a_worker_needs_a_database(tmp_path: Path, site: Site) -> None:
    site.settings = site.settings.model_copy(update={"store": type(site.settings.store)("")})
    status, _, errors = run(site, "worker")
    assert status == 2
    assert "Set ASKREPORT_STORE" in errors
