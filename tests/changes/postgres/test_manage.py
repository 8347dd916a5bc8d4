"""A library in PostgreSQL takes files and lets documents go, whole or not at all."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from askreport import freshness
from askreport.changes.originals import find_replacement, with_dates
from askreport.changes.postgres import manage
from askreport.changes.staging import UPLOADS
from askreport.changes.types import Replacing
from askreport.errors import (
    CollectionPartError,
    CorpusWriteError,
    DocumentNotFoundError,
    IndexBusyError,
    NameTakenError,
    OverloadedError,
    StoreError,
)
from tests.tools.parts import HashingEncoder, pdf
from tests.tools.postgres_site import ENCODER, Site

FERRY = "The ferry to Texel sails every hour. It takes twenty minutes."
GOATS = "The lighthouse of Kjeungskjær was lit in 1880. Its keeper kept nine goats."


@pytest.fixture
def site(tmp_path: Path, database: str) -> Iterator[Site]:
    made = Site(tmp_path, database)
    yield made
    made.close()


def test_a_deleted_document_is_gone_with_its_file(site: Site) -> None:
    ferry, _ = site.add(ferry=FERRY, goats=GOATS)
    with freshness.seeing(0) as seen:
        deleted = site.manager.delete(ferry.documents[0])
    assert (deleted.title, deleted.files, deleted.kept_in) == ("Ferry", ("ferry.txt",), "")
    assert [each.path for each in site.library.store.documents()] == ["goats.txt"]
    assert site.rows("SELECT name FROM files") == [("goats.txt",)]
    assert site.rows("SELECT count(*) FROM originals") == [(1,)]
    assert seen.generation == site.library.store.state.generation
    # Whose first attempt was done, but not answered, sees that as well.
    with freshness.seeing(0) as seen, pytest.raises(DocumentNotFoundError):
        site.manager.delete(ferry.documents[0])
    assert seen.generation == site.library.store.state.generation
    assert site.add(ferry=FERRY)[0].status == "indexed"


@pytest.mark.parametrize("name", ["0123456789abcdef", "\0", "\udc80", "a'b"])
def test_there_is_no_other_document(site: Site, name: str) -> None:
    with pytest.raises(DocumentNotFoundError):
        site.manager.delete(name)


def test_a_part_of_a_collection_does_not_go_alone(site: Site) -> None:
    lines = "".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in (("a", FERRY), ("b", GOATS)))
    (added,) = site.add(**{"both.jsonl": lines})
    with pytest.raises(CollectionPartError, match=r"part of both\.jsonl"):
        site.manager.delete(added.documents[0])
    assert site.library.store.manifest.counts.documents == 2


def test_what_is_being_read_is_not_deleted(site: Site) -> None:
    (added,) = site.add(ferry=FERRY)
    with site.manager.backend.database.writing() as connection:
        connection.execute("UPDATE files SET made = ''")
    site.jobs.reindex()
    with pytest.raises(IndexBusyError):
        site.manager.delete(added.documents[0])


def test_bytes_that_wait_are_kept_when_a_document_goes(site: Site) -> None:
    (added,) = site.add(ferry=FERRY)
    job = site.upload(again=FERRY)
    site.manager.delete(added.documents[0])
    assert site.work(job)[0].path == "again.txt"


def test_reindexing_reads_what_was_made_otherwise_and_embeds_nothing_twice(site: Site) -> None:
    site.add(ferry=FERRY, goats=GOATS)
    generation = site.library.store.state.generation
    with site.manager.backend.database.writing() as connection:
        connection.execute("UPDATE files SET made = 'of old' WHERE name = 'ferry.txt'")
    site.encoder = HashingEncoder()
    job = site.jobs.reindex()
    site.work(job)
    assert site.encoder.encoded == []
    assert site.rows("SELECT name FROM job_files WHERE job = '" + job.id + "'") == [("ferry.txt",)]
    assert site.rows("SELECT DISTINCT made FROM files") == [(site.manager.made("ferry.txt"),)]
    assert site.library.store.state.generation == generation
    over = site.jobs.reindex()
    assert (over.status, over.counts) == ("done", site.library.store.manifest.counts)


def test_an_upload_is_there_whole_or_not_at_all(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: object, kind: object, wanted: object) -> str:
        raise StoreError("cut off", retry_after=1)

    monkeypatch.setattr(manage, "put_job", fail)
    with pytest.raises(StoreError, match="cut off"):
        site.upload(ferry=FERRY)
    for table in ("jobs", "job_files", "originals"):
        assert site.rows(f"SELECT count(*) FROM {table}") == [(0,)]
    assert list((site.settings.index / UPLOADS).iterdir()) == []


def test_more_than_can_wait_is_put_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manage, "MAX_WAITING", 1)
    site.upload(ferry=FERRY)
    with pytest.raises(OverloadedError) as caught:
        site.upload(goats=GOATS)
    assert caught.value.retry_after


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, database: str) -> None:
    (tmp_path / "index").write_text("a file")
    site = Site(tmp_path, database, ENCODER)
    with pytest.raises(CorpusWriteError, match="index cannot be written"):
        site.manager.stage()
    site.close()


def test_a_new_version_takes_the_place_of_its_file_and_the_old_document_says_so(site: Site) -> None:
    (first,) = site.add(a="Nine goats graze on the hill.")
    job = site.jobs.upload(site.stage({"a.txt": "Ten goats graze on the hill."}), Replacing(same_name=True))
    assert job.states == ("waiting",)
    (second,) = site.work(job)
    assert (second.path, site.jobs.get(job.id).states) == ("a.txt", ("indexed",))
    assert site.rows("SELECT name FROM files") == [("a.txt",)]
    found = find_replacement(site.library.backend, site.settings.index, first.documents[0])
    assert found is not None
    assert (found.id,) == second.documents
    staging = site.stage({"other.txt": "Eleven goats graze on the hill."})
    (third,) = site.work(site.jobs.upload(staging, Replacing(file="a.txt")))
    assert third.path == "a.txt"
    newest = find_replacement(site.library.backend, site.settings.index, first.documents[0])
    assert newest is not None
    assert (newest.id,) == third.documents
    assert [text for (text,) in site.rows("SELECT text FROM documents")] == ["Eleven goats graze on the hill."]


def test_a_version_that_cannot_be_read_leaves_the_old_one(site: Site) -> None:
    (first,) = site.add(**{"a.pdf": pdf(["Nine goats graze on the hill."])})
    (second,) = site.work(site.jobs.upload(site.stage({"a.pdf": b"no pdf"}), Replacing(same_name=True)))
    assert (second.status, second.path) == ("damaged", "")
    assert site.rows("SELECT id FROM documents") == [(first.documents[0],)]


def test_a_file_gets_another_name_and_its_document_stays_the_same(site: Site) -> None:
    (added,) = site.add(a="Nine goats graze on the hill.")
    site.add(b="A ferry sails.")
    job = site.jobs.rename(added.documents[0], "New name")
    site.work(job)
    assert site.jobs.get(job.id).status == "done"
    assert site.rows("SELECT id, path FROM documents WHERE path <> 'b.txt'") == [(added.documents[0], "New name.txt")]
    assert site.library.store.document(added.documents[0]).title == "New name"
    with pytest.raises(NameTakenError):
        site.jobs.rename(added.documents[0], "b")
    dated = with_dates(site.library.backend, site.settings.corpus, site.library.store.documents())
    assert all(each.added.startswith("20") for each in dated)
