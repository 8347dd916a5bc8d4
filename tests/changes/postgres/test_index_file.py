"""A file of the queue becomes documents that answer; all of it, once, whatever fails on the way."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askreport.changes.postgres import index_file
from askreport.changes.postgres.worker import Worker
from askreport.indexing.ingest import CACHE
from askreport.store.postgres.queue import MAX_ATTEMPTS, take
from tests.tools.parts import PARSERS, HashingEncoder, pdf, prose
from tests.tools.postgres_site import Site

FERRY = "The ferry to Texel sails every hour. It takes twenty minutes."
GOATS = "The lighthouse of Kjeungskjær was lit in 1880. Its keeper kept nine goats."


@pytest.fixture
def site(tmp_path: Path, database: str) -> Iterator[Site]:
    made = Site(tmp_path, database)
    yield made
    made.close()


def lines(*texts: str) -> str:
    """A collection of these documents."""
    return "".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts))


def test_what_was_sent_answers(site: Site) -> None:
    (added,) = site.add(ferry=FERRY)
    (summary,) = site.library.store.documents()
    assert (added.status, added.path, added.documents) == ("indexed", "ferry.txt", (summary.id,))
    assert (summary.path, summary.title) == ("ferry.txt", "Ferry")
    assert site.library.search("ferry Texel").passages[0].text == FERRY
    source = site.library.store.source(summary.id)
    assert str(source.file) == "ferry.txt"
    assert site.manager.originals.get(source.id) == FERRY.encode()


def test_a_pdf_keeps_its_boxes(site: Site) -> None:
    (added,) = site.add(**{"a.pdf": pdf(["A line on a page.", "Another line on it."])})
    boxes = site.library.store.boxes(added.documents[0], 1)
    assert boxes is not None
    assert len(boxes) > 30


def test_the_same_bytes_are_there_once(site: Site) -> None:
    first, again = site.add(one=FERRY, two=FERRY)
    assert (first.status, again.status, again.reason) == ("indexed", "duplicate", "same content as one.txt")
    assert (again.path, again.documents) == ("", first.documents)
    assert site.add(three=FERRY)[0].reason == "same content as one.txt"
    assert site.library.store.manifest.counts.documents == 1
    assert site.rows("SELECT count(*) FROM originals") == [(1,)]


def test_other_bytes_of_the_same_name_get_a_name_of_their_own(site: Site) -> None:
    assert [site.add(notes=text)[0].path for text in (FERRY, GOATS)] == ["notes.txt", "notes (2).txt"]
    assert sorted(each.path for each in site.library.store.documents()) == ["notes (2).txt", "notes.txt"]


def test_what_cannot_be_read_is_not_kept(site: Site) -> None:
    bad, other = site.add(**{"bad.pdf": "no PDF", "film.mkv": "x"})
    assert (bad.status, bad.path, other.status) == ("damaged", "", "unsupported")
    assert site.rows("SELECT count(*) FROM originals") == [(0,)]
    assert site.rows("SELECT count(*) FROM files") == [(0,)]


def test_a_collection_comes_in_parts_and_is_whole_in_the_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_file, "BATCH", 2)
    (added,) = site.add(**{"many.jsonl": lines(*(prose(n, 3) for n in range(7)))})
    assert added.count == 7
    assert site.library.store.manifest.counts.documents == 7
    assert site.library.store.state.generation == 4
    assert site.rows("SELECT name, status, documents FROM files") == [("many.jsonl", "indexed", 7)]


def test_a_document_that_another_file_has_stays_that_files(site: Site) -> None:
    site.add(**{"one.jsonl": lines(FERRY)})
    (added,) = site.add(**{"two.jsonl": lines(FERRY, GOATS)})
    assert (added.count, len(added.problems)) == (1, 1)
    assert added.problems[0].startswith("same content as one.jsonl#")
    assert site.library.store.manifest.counts.documents == 2
    (same,) = site.add(**{"three.jsonl": lines(FERRY) + "\n"})
    assert (same.status, same.path) == ("duplicate", "")


def test_nothing_of_a_file_is_kept_where_it_was_read(site: Site) -> None:
    site.add(ferry=FERRY)
    kept = [each.name for each in site.settings.index.rglob("*") if each.is_file()]
    assert [name for name in kept if not name.startswith(CACHE)] == []


class Breaking(HashingEncoder):
    """An encoder that fails after so many passages, once or always."""

    def __init__(self, after: int, times: int) -> None:
        super().__init__()
        self.left, self.times = after, times

    def encode_passages(self, texts, sentences):  # type: ignore[no-untyped-def]
        self.left -= len(texts)
        if self.left < 0 and self.times:
            self.times -= 1
            raise MemoryError
        return super().encode_passages(texts, sentences)


@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(after=st.integers(0, 9), batch=st.integers(1, 4))
def test_a_collection_that_fails_anywhere_is_whole_after_the_next_attempt(site: Site, after: int, batch: int) -> None:
    texts = [prose(1000 * after + 100 * batch + n, 2) for n in range(8)]
    before = site.library.store.manifest.counts.documents if site.rows("SELECT 1 FROM library") else 0
    site.encoder, old = Breaking(after, 1), site.encoder
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("askreport.changes.postgres.worker.put_off", _at_once)
        patch.setattr(index_file, "BATCH", batch)
        patch.setattr("askreport.indexing.embedding.WINDOW", 2)
        (added,) = site.add(**{f"{after}-{batch}.jsonl": lines(*texts)})
    site.encoder = old
    counts = site.library.store.manifest.counts
    documents = site.rows("SELECT count(*), sum(passages) FROM documents")[0]
    if added.status == "indexed":
        assert added.count == 8
        assert counts.documents == before + 8
    assert documents == (counts.documents, counts.passages)
    assert site.rows("SELECT count(*) FROM passages") == [(counts.passages,)]


def test_a_file_that_always_fails_is_set_aside_with_its_reason_and_nothing_of_it_stays(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_file, "BATCH", 1)
    monkeypatch.setattr("askreport.indexing.embedding.WINDOW", 1)
    monkeypatch.setattr("askreport.changes.postgres.worker.put_off", _at_once)
    site.encoder = Breaking(4, 100)
    (added,) = site.add(**{"many.jsonl": lines(*(prose(n, 2) for n in range(8)))})
    assert (added.status, added.path) == ("unreadable", "")
    assert added.reason == f"set aside after {MAX_ATTEMPTS} attempts: the program failed (MemoryError)"
    assert site.library.store.manifest.counts.documents == 0
    for table in ("files", "documents", "passages", "postings", "terms", "originals"):
        assert site.rows(f"SELECT count(*) FROM {table}") == [(0,)], table


def _at_once(database, task, reason):  # type: ignore[no-untyped-def]
    with database.writing() as connection:
        connection.execute(
            "UPDATE job_files SET status = 'queued', reason = %s WHERE number = %s", (reason, task.number)
        )
    return 0


def test_a_file_whose_workers_all_ended_is_set_aside(site: Site) -> None:
    job = site.upload(poison=FERRY, good=GOATS)
    site.manager.backend.bring_up_to_date()
    with site.manager.backend.database.writing() as connection:
        connection.execute(
            "UPDATE job_files SET status = 'running', attempts = %s, heartbeat = now() - interval '1 hour' "
            "WHERE name = 'poison.txt'",
            (MAX_ATTEMPTS,),
        )
    poison, good = site.work(job)
    assert (poison.status, good.status) == ("unreadable", "indexed")
    assert poison.reason == f"set aside after {MAX_ATTEMPTS} attempts: the workers that read it ended"


def test_what_a_worker_writes_whose_file_was_taken_is_refused(site: Site) -> None:
    site.upload(ferry=FERRY)
    database = site.manager.backend.database
    slow = take(database, "slow")
    assert slow
    with database.writing() as connection:
        connection.execute("UPDATE job_files SET heartbeat = now() - interval '1 hour'")
    quick = take(database, "quick")
    assert quick
    assert quick.number == slow.number
    worker = Worker(site.settings, site.library.backend, site.encoder, PARSERS)
    assert worker._done(slow, lambda stage, done, total: None) is None
    outcome = worker._done(quick, lambda stage, done, total: None)
    assert outcome
    assert outcome.status == "indexed"
    assert worker._done(slow, lambda stage, done, total: None) is None
    worker.close()
    assert site.library.store.state.generation == 1
