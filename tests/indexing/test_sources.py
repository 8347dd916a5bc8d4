"""Files are read in the order of their names, unchanged ones from the cache, and failures again when that may help."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from askreport.digest import content_id
from askreport.errors import CorpusError, ParseError
from askreport.indexing import sources
from askreport.indexing.sources import SourceReader, files_below
from askreport.parse import Parsed, ParseOptions, ParserPool, formats, read_file
from askreport.store import ParsedCache
from askreport.types import Outcome
from tests.conftest import shared
from tests.tools.parts import folder, pdf


class CountingPool(ParserPool):
    """A pool that counts the files it is given."""

    def __init__(self, options: ParseOptions | None = None) -> None:
        super().__init__(options, workers=2)
        self.files = 0

    def parse(self, data: bytes, ending: str, wanted: threading.Event | None = None) -> list[Parsed | ParseError]:
        self.files += 1
        return super().parse(data, ending, wanted)


@dataclass(slots=True)
class Place:
    """A corpus folder, the cache of what was read of it, and a pool."""

    corpus: Path
    cache: ParsedCache
    pool: CountingPool

    def read(self, retry: bool = False, pool: ParserPool | None = None) -> tuple[Outcome, ...]:
        reader = SourceReader(pool or self.pool, self.cache, 10_000_000, retry)
        listed, outcomes = reader.read([self.corpus], lambda *_: None)
        loaded = [(entry.path, entry.title, parsed.document) for entry, parsed in reader.load(listed)]
        assert [(path, title) for path, title, _ in loaded] == [(entry.path, entry.title) for entry in listed]
        assert [(doc.path, doc.title, doc.id) for _, _, doc in loaded] == [(e.path, e.title, e.id) for e in listed]
        reader.forget_others()
        return outcomes


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    corpus = folder(tmp_path / "corpus", {"b.txt": "Bees.", "a/deep.md": "# Deep\n\nWater.", "c.exe": "x"})
    pool = CountingPool()
    cache = ParsedCache(tmp_path / "files.sqlite")
    yield Place(corpus, cache, pool)
    cache.close()
    pool.close()


def statuses(outcomes: tuple[Outcome, ...]) -> dict[str, str]:
    return {outcome.path: outcome.status for outcome in outcomes}


def test_outcomes_are_in_the_order_of_names_whatever_is_read_first(place: Place) -> None:
    folder(place.corpus, {f"z{n:02}.txt": f"File {n}." for n in range(30)})
    paths = [outcome.path for outcome in place.read()]
    assert paths == ["a/deep.md", "b.txt", "c.exe", *(f"z{n:02}.txt" for n in range(30))]


def test_nothing_unchanged_is_read_twice(place: Place) -> None:
    first, second = place.read(), place.read()
    assert first == second
    assert place.pool.files == 2


def test_a_moved_file_is_not_read_again_and_has_its_new_name(place: Place) -> None:
    place.read()
    (place.corpus / "b.txt").rename(place.corpus / "moved-bees.txt")
    reader = SourceReader(place.pool, place.cache, 10_000_000)
    listed, _ = reader.read([place.corpus], lambda *_: None)
    assert [(entry.path, entry.title) for entry in listed] == [
        ("a/deep.md", "Deep"),
        ("moved-bees.txt", "Moved Bees"),
    ]
    assert [parsed.document.title for _, parsed in reader.load(listed)] == ["Deep", "Moved Bees"]
    assert place.pool.files == 2


def test_the_same_bytes_under_another_ending_are_another_document_format(place: Place) -> None:
    place.read()
    (place.corpus / "b.txt").rename(place.corpus / "b.md")
    place.read()
    assert place.pool.files == 3


def test_what_is_gone_is_forgotten(place: Place) -> None:
    place.read()
    (place.corpus / "b.txt").unlink()
    place.read()
    folder(place.corpus, {"b.txt": "Bees."})
    place.read()
    assert place.pool.files == 3


def test_a_failure_is_remembered_until_something_changes(place: Place) -> None:
    (place.corpus / "locked.pdf").write_bytes(shared("documents/r6-both-passwords.pdf").read_bytes())
    assert statuses(place.read())["locked.pdf"] == "encrypted"
    assert statuses(place.read())["locked.pdf"] == "encrypted"
    assert place.pool.files == 3
    assert statuses(place.read(retry=True))["locked.pdf"] == "encrypted"
    assert place.pool.files == 4
    with CountingPool(ParseOptions(passwords=("foo",))) as other:
        assert statuses(place.read(pool=other))["locked.pdf"] == "indexed"
        assert other.files == 1


def test_the_file_of_a_document_and_its_bytes_are_known(place: Place) -> None:
    reader = SourceReader(place.pool, place.cache, 10_000_000)
    listed, _ = reader.read([place.corpus], lambda *_: None)
    for entry in listed:
        assert entry.source.file == place.corpus / entry.path
        assert entry.source.id == entry.id == content_id(entry.source.file.read_bytes())


def test_documents_of_a_collection_keep_their_names_and_order(place: Place) -> None:
    lines = "".join(f'{{"id": "{n}", "text": "Line {n}."}}\n' for n in range(50))
    folder(place.corpus, {"many.jsonl": lines})
    reader = SourceReader(place.pool, place.cache, 10_000_000)
    listed, outcomes = reader.read([place.corpus], lambda *_: None)
    assert next(outcome for outcome in outcomes if outcome.path == "many.jsonl").documents == 50
    loaded = [parsed.document for entry, parsed in reader.load(listed) if "#" in entry.path]
    assert [(doc.path, doc.text) for doc in loaded] == [(f"many.jsonl#{n}", f"Line {n}.") for n in range(50)]


def test_the_boxes_of_pages_come_with_the_document(place: Place) -> None:
    (place.corpus / "page.pdf").write_bytes(pdf(["Words on a page."]))
    reader = SourceReader(place.pool, place.cache, 10_000_000)
    for _ in range(2):
        listed, _ = reader.read([place.corpus], lambda *_: None)
        layouts = {entry.path: parsed.layout for entry, parsed in reader.load(listed)}
        assert [len(layouts[path]) for path in ("b.txt", "page.pdf")] == [0, 1]


def test_what_the_cache_has_lost_is_read_again_and_a_file_that_changed_meanwhile_is_an_error(place: Place) -> None:
    reader = SourceReader(place.pool, place.cache, 10_000_000)
    listed, _ = reader.read([place.corpus], lambda *_: None)
    place.cache.keep_only(set(), set())
    assert [entry.path for entry, _ in reader.load(listed)] == ["a/deep.md", "b.txt"]
    place.cache.keep_only(set(), set())
    (place.corpus / "b.txt").write_text("Wasps.")
    with pytest.raises(CorpusError, match=r"b\.txt"):
        list(reader.load(listed))


def test_a_file_that_nobody_touched_is_not_opened(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "RACY", 0)
    first = place.read()
    opened: list[Path] = []
    read = read_file

    def counted(file: Path, limit: int) -> bytes:
        opened.append(file)
        return read(file, limit)

    monkeypatch.setattr(sources, "read_file", counted)
    assert place.read() == first
    assert opened == []
    (place.corpus / "b.txt").write_text("Wasp.")
    place.read()
    assert [file.name for file in opened] == ["b.txt"]


def test_files_whose_reader_changed_are_read_again_and_no_others(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "RACY", 0)
    first = place.read()
    before = place.pool.files
    monkeypatch.setitem(formats._VERSIONS, ".md", formats._VERSIONS[".md"] + 1)
    assert place.read() == first
    assert place.pool.files == before + 1
    assert place.read() == first
    assert place.pool.files == before + 1


def test_a_file_written_just_now_is_opened_again_as_its_times_may_not_tell(place: Place) -> None:
    place.read()
    file = place.corpus / "b.txt"
    times = file.stat()
    file.write_text("Ants.")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    reader = SourceReader(place.pool, place.cache, 10_000_000)
    listed, _ = reader.read([place.corpus], lambda *_: None)
    assert [parsed.document.text for _, parsed in reader.load(listed)][-1] == "Ants."


def test_a_file_that_reads_otherwise_now_is_an_error_once_and_listed_anew_by_the_next_run(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could be read in time when it was listed first, and what was read then is lost."""
    monkeypatch.setattr(sources, "RACY", 0)
    place.read()
    reader = SourceReader(place.pool, place.cache, 10_000_000)
    listed, _ = reader.read([place.corpus], lambda *_: None)
    place.cache.keep_only(set(), reader._files)
    monkeypatch.setattr(place.pool, "parse", lambda *_: [ParseError("it took too long", "timed_out")])
    with pytest.raises(CorpusError):
        list(reader.load(listed))
    again = place.read()
    assert [outcome.status for outcome in again if outcome.path == "a/deep.md"] == ["timed_out"]


def test_a_run_that_is_to_end_reads_no_more_files(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(place.corpus, {f"{n}.txt": f"File {n}." for n in range(300)})
    parse = place.pool.parse

    def parse_slowly(data: bytes, ending: str, wanted: threading.Event) -> list[Parsed | ParseError]:
        # On a busy machine the files would all be read before the run can end.
        time.sleep(0.02)
        return list(parse(data, ending, wanted))

    monkeypatch.setattr(place.pool, "parse", parse_slowly)

    def stop(stage: str, done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SourceReader(place.pool, place.cache, 10_000_000).read([place.corpus], stop)
    assert place.pool.files < 100


@pytest.mark.parametrize("change", ["limit", "ending", "replaced", "moved"])
def test_what_tells_a_file_from_the_one_that_was_seen(
    place: Place, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "RACY", 0)
    before = place.read()
    file, limit = place.corpus / "b.txt", 10_000_000
    if change == "limit":
        limit = 2
    elif change == "ending":
        file.rename(file.with_suffix(".md"))
    elif change == "replaced":
        (place.corpus / ".new").write_text("Wasp.")
        (place.corpus / ".new").replace(file)
    else:
        file.rename(place.corpus / "c.txt")
    reader = SourceReader(place.pool, place.cache, limit)
    listed, after = reader.read([place.corpus], lambda *_: None)
    fresh, outcomes = SourceReader(place.pool, place.cache, limit, retry=True).read([place.corpus], lambda *_: None)
    assert (listed, after) == (fresh, outcomes)
    assert after != before or change == "replaced"


def test_a_missing_folder_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        list(files_below(tmp_path / "none"))
    assert "ASKREPORT_CORPUS" in (caught.value.hint or "")
