"""The commands on a library in PostgreSQL do what they do on one in a folder, and print the same."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from askreport.changes.postgres.inline import PostgresInlineManager
from tests.tools.parts import PARSERS, HashingEncoder, folder, prose
from tests.tools.postgres_site import ENCODER, Site

FERRY = "The ferry to Texel sails every hour. It takes twenty minutes."
GOATS = "The lighthouse of Kjeungskjær was lit in 1880. Its keeper kept nine goats."


class Desk(Site):
    """A site with a corpus folder."""

    def __init__(self, path: Path, database: str) -> None:
        super().__init__(path, database)
        self.corpus = folder(path / "corpus", {"a.txt": FERRY, "sub/b.txt": GOATS, "sub/same.txt": FERRY})

    def index(self, retry: bool = False) -> dict[str, str]:
        """Follows the folder; each file's status. ``report`` is what was said."""
        self.library.encoder = self.encoder = HashingEncoder()
        work = PostgresInlineManager(self.settings, self.library, PARSERS)
        self.report = work.index([self.corpus], lambda stage, done, total: None, retry)
        return {each.path: each.status for each in self.report.outcomes}

    def paths(self) -> list[str]:
        return [each.path for each in self.library.store.documents()]


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Iterator[Desk]:
    made = Desk(tmp_path, database)
    yield made
    made.close()


def test_a_folder_is_followed(desk: Desk) -> None:
    assert desk.index() == {"a.txt": "indexed", "sub/b.txt": "indexed", "sub/same.txt": "duplicate"}
    assert (desk.report.published, desk.report.counts.documents, desk.report.embedded) == (True, 2, 2)
    assert desk.paths() == ["a.txt", "sub/b.txt"]


def test_a_second_run_has_nothing_to_do(desk: Desk) -> None:
    desk.index()
    jobs = len(desk.jobs.all())
    desk.index()
    assert (desk.report.published, desk.report.embedded, desk.encoder.encoded) == (False, 0, [])  # type: ignore[attr-defined]
    assert all(each.total == 0 for each in desk.jobs.all()[: len(desk.jobs.all()) - jobs])


def test_uploads_are_left_alone(desk: Desk) -> None:
    desk.add(**{"mine.txt": prose(1, 3), "a.txt": prose(2, 3)})
    assert "a (2).txt" in desk.index()
    (desk.corpus / "a.txt").unlink()
    (desk.corpus / "sub" / "same.txt").unlink()
    desk.index()
    assert sorted(desk.paths()) == ["a.txt", "mine.txt", "sub/b.txt"]


def test_changed_renamed_and_gone_files(desk: Desk) -> None:
    desk.index()
    before = {each.path: each.id for each in desk.library.store.documents()}
    (desk.corpus / "sub" / "b.txt").rename(desk.corpus / "moved.txt")
    (desk.corpus / "a.txt").write_text(prose(3, 3))
    assert desk.index() == {"a.txt": "indexed", "moved.txt": "indexed", "sub/same.txt": "indexed"}
    after = {each.path: each.id for each in desk.library.store.documents()}
    assert (after["moved.txt"], after["sub/same.txt"]) == (before["sub/b.txt"], before["a.txt"])
    assert desk.rows("SELECT count(*) FROM originals") == [(3,)]
    (desk.corpus / "a.txt").unlink()
    desk.index()
    assert desk.paths() == ["moved.txt", "sub/same.txt"]
    assert desk.rows("SELECT count(*) FROM originals") == [(2,)]


def test_a_file_that_becomes_unreadable_answers_no_more_and_is_listed(desk: Desk) -> None:
    desk.index()
    (desk.corpus / "a.txt").write_text("")
    (desk.corpus / "sub" / "same.txt").unlink()
    assert desk.index() == {"a.txt": "no_text", "sub/b.txt": "indexed"}
    assert desk.paths() == ["sub/b.txt"]
    desk.index()
    assert desk.report.published is False


def test_a_collection_that_changes_keeps_what_stays(desk: Desk) -> None:
    def write(*texts: str) -> None:
        lines = [json.dumps({"id": f"d{n}", "text": text}) for n, text in enumerate(texts)]
        (desk.corpus / "c.jsonl").write_text("\n".join(lines) + "\n")

    write(*(prose(n, 2) for n in range(5)))
    desk.index()
    write(*(prose(n, 2) for n in (0, 1, 2, 9)))
    desk.index()
    assert desk.report.embedded == 1
    assert sum(path.startswith("c.jsonl#") for path in desk.paths()) == 4


def test_added_files_are_there_when_it_returns(desk: Desk) -> None:
    work = PostgresInlineManager(desk.settings, desk.library, PARSERS)
    staging = work.stage()
    for n in range(3):
        staging.place(f"f{n}.txt").write_text(prose(n, 3))
    seen: list[tuple[str, int, int]] = []
    added = work.add(staging.files, lambda *state: seen.append(state))
    staging.close()
    assert [each.path for each in added] == ["f0.txt", "f1.txt", "f2.txt"]
    assert seen[-1] == ("reading", 3, 3)
    assert desk.library.store.manifest.encoder == ENCODER.fingerprint
