"""A generation appears whole or not at all, whatever fails while it is written."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askreport.errors import IndexDamagedError, IndexMissingError
from askreport.store import (
    GenerationWriter,
    IndexCounts,
    Integrity,
    LocalStore,
    adopt_generation,
    latest_generation,
    read_manifest,
    writer_lock,
)
from askreport.store.folder import plan
from askreport.store.folder import writer as write
from askreport.store.folder.files import file_sum, files_of
from askreport.store.folder.generations import generation_folder, generations
from askreport.store.folder.writer import KEPT_GENERATIONS
from askreport.text.chunk import CHUNKING, chunk
from askreport.types import Document, Heading, Page, Passage, Span
from tests.tools.parts import HashingEncoder, add, document, part, prose, publish, publish_by_words, run_python

# Writes a second generation with files limited to a size from some moment on.
PUBLISH_WITH_LITTLE_SPACE = """
import resource, sys
from pathlib import Path
from askreport.errors import IndexWriteError
from askreport.store import GenerationWriter, writer_lock
from tests.tools.parts import HashingEncoder, add, document

index, text, dimension, limit = Path(sys.argv[1]), Path(sys.argv[2]).read_text(), int(sys.argv[3]), int(sys.argv[4])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
encoder = HashingEncoder(dimension)
try:
    with writer_lock(index), GenerationWriter(index, dimension) as writer:
        add(writer, [document(text)], encoder)
        writer.publish(encoder.fingerprint, "chunking", "library")
    print("published")
except IndexWriteError as error:
    print(type(error.__cause__).__name__, bool(error.hint))
"""


def names(index: Path) -> set[str]:
    return {entry.name for entry in index.iterdir()}


def largest_file(index: Path, generation: int) -> tuple[str, int]:
    """The name and the size of the largest file of a generation."""
    files = read_manifest(index, generation).files
    return max(((name, size) for name, (size, _) in files.items()), key=lambda pair: pair[1])


def test_a_document_comes_back_as_it_was_added(tmp_path: Path) -> None:
    text = "---\nkind: x\n---\nTitle\nFirst sentence. “Second” one 🙂.\nEnd\n"
    written = Document(
        id="id",
        path="folder/ä b.txt",
        title="A “title”",
        text=text,
        sha256=document(text).sha256,
        headings=(Heading(start=16, end=22, level=1, title="Title"),),
        pages=(Page(number=1, start=0, end=20), Page(number=2, start=20, end=len(text))),
        furniture=(Span(0, 16),),
        metadata={"kind": "x", "nested": [1, {"ä": None}]},
    )
    assert publish(tmp_path, [written]).document("id") == written


def test_passages_and_sentences_come_back_as_they_were_added(tmp_path: Path) -> None:
    documents = [document(prose(n, 30), f"{n}.txt") for n in range(3)]
    store = publish(tmp_path, documents)
    added = [passage for item in documents for passage in chunk(item)]
    assert [stored.passage for stored in store.passages(range(len(added)))] == added
    for item in documents:
        assert store.sentences(item.id) == sorted({span for passage in chunk(item) for span in passage.sentences})


def test_the_manifest_counts_what_was_added(tmp_path: Path) -> None:
    documents = [document(prose(n, 30), f"{n}.txt") for n in range(3)]
    counts = publish(tmp_path, documents).manifest.counts
    assert counts.documents == 3
    assert counts.passages == sum(len(chunk(item)) for item in documents)
    assert counts.sentences == 3 * 30


def test_the_manifest_counts_the_documents_left_in_each_language(tmp_path: Path) -> None:
    german = document("Der Bericht ist von der Regierung und nicht von uns.", "de.txt")
    english = document("The report is by the government and not by us.", "en.txt")
    base = publish(tmp_path, [german, english, document("12", "table.txt")]).manifest
    assert base.languages == {"": 1, "de": 1, "en": 1}
    with writer_lock(tmp_path), GenerationWriter(tmp_path, 32, base) as writer:
        writer.delete([german.id])
        state = writer.publish("hashing-v1", CHUNKING, "library")
    store = LocalStore(tmp_path, state.generation)
    assert store.manifest.languages == {"": 1, "en": 1}
    assert store.named(["de", "en"]) == {"en": {english.id}}


def test_nothing_is_visible_before_publishing_and_nothing_is_left_without(tmp_path: Path) -> None:
    with writer_lock(tmp_path):
        with GenerationWriter(tmp_path, 32) as writer:
            add(writer, [document(prose(1, 5))], HashingEncoder())
            with pytest.raises(IndexMissingError):
                latest_generation(tmp_path)
        assert names(tmp_path) == {".writer.lock"}


@pytest.mark.parametrize("kind", [KeyError, ValueError, RuntimeError, MemoryError, KeyboardInterrupt])
def test_a_failure_of_the_caller_stays_what_it_is_and_leaves_nothing(tmp_path: Path, kind: type[BaseException]) -> None:
    publish(tmp_path, [document("Old text.")])

    def fail() -> None:
        with writer_lock(tmp_path), GenerationWriter(tmp_path, 32) as writer:
            add(writer, [document(prose(1, 5))], HashingEncoder())
            raise kind("mine")

    with pytest.raises(kind, match="mine"):
        fail()
    assert names(tmp_path) == {".writer.lock", "generation-000001"}


def test_the_last_generations_are_kept_and_no_others(tmp_path: Path) -> None:
    for n in range(KEPT_GENERATIONS + 3):
        publish(tmp_path, [document(prose(n, 5))])
    last = KEPT_GENERATIONS + 3
    assert generations(tmp_path) == list(range(last - KEPT_GENERATIONS + 1, last + 1))
    assert len(names(tmp_path)) == KEPT_GENERATIONS + 1


def test_after_a_restore_a_new_segment_has_a_name_that_none_has(tmp_path: Path) -> None:
    publish(tmp_path / "there", [document(prose(0, 5))])
    there = publish(tmp_path / "there", [document(prose(1, 5))])
    (tmp_path / "here").mkdir()
    generation = adopt_generation(tmp_path / "here", tmp_path / "there")
    base = read_manifest(tmp_path / "here", generation)
    assert (generation, [each.name for each in base.segments]) == (1, ["segment-000002-0"])
    # One that stays as it is.
    store = publish_by_words(tmp_path / "here", [document(prose(2, 5))], base)
    assert [each.name for each in store.manifest.segments] == ["segment-000002-0", "segment-000002-1"]
    assert len(store.documents()) == 2
    assert there.manifest.counts.documents == 1


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    publish(tmp_path, [document("Old text.")])
    (tmp_path / ".building-dead" / "lexical").mkdir(parents=True)
    publish(tmp_path, [document("New text.")])
    assert names(tmp_path) == {".writer.lock", "generation-000001", "generation-000002"}


def test_a_generation_that_lost_its_manifest_is_removed_and_its_number_used_again(tmp_path: Path) -> None:
    for n in range(2):
        publish(tmp_path, [document(prose(n, 5))])
    for number in (1, 2):
        (generation_folder(tmp_path, number) / "manifest.json").unlink()
    store = publish(tmp_path, [document("New text.")])
    assert store.state.generation == 1
    assert names(tmp_path) == {".writer.lock", "generation-000001"}


def test_the_same_documents_make_the_same_library_and_vectors(tmp_path: Path) -> None:
    documents = [document(prose(n, 20), f"{n}.txt") for n in range(3)]
    first, second = publish(tmp_path, documents).manifest, publish(tmp_path, documents).manifest
    segments = [[manifest.files[name] for name in manifest.files if "segment" in name] for manifest in (first, second)]
    assert segments[0] == segments[1]
    assert len(segments[0]) == 3


def test_the_manifest_names_every_file_of_the_generation(tmp_path: Path) -> None:
    manifest = publish(tmp_path, [document(prose(1, 5))]).manifest
    folder = generation_folder(tmp_path, 1)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    there = {name for name in there if not name.endswith(".lock")}
    assert there == {*manifest.files, "manifest.json"}
    assert json.loads((folder / "manifest.json").read_text())["generation"] == 1


_chance = Random(1)
# A number in brackets, "⒇", takes three bytes in the library and four as a term: only here tantivy's file is largest.
LARGE = {
    "library.sqlite": (prose(1, 500), 4),
    "passages.faiss": ("\n\n".join(" ".join(f"word{m}" for m in range(110)) for _ in range(8)), 16_384),
    "lexical": (" ".join("".join(_chance.choices("⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇", k=13)) for _ in range(6000)), 1),
}


@pytest.mark.parametrize("part", LARGE)
@pytest.mark.parametrize("missing", [1, 100, 20_000])
def test_a_full_disk_is_an_error_and_the_published_generation_still_answers(
    tmp_path: Path, part: str, missing: int
) -> None:
    """``missing`` bytes of the largest file find no room; which file that is, the text and the dimension decide."""
    text, dimension = LARGE[part]
    publish(tmp_path / "trial", [document(text)], HashingEncoder(dimension))
    name, size = largest_file(tmp_path / "trial", 1)
    assert part in name
    index, source = tmp_path / "index", tmp_path / "text"
    publish(index, [document("Old text.")])
    source.write_text(text)
    kinds = {"library.sqlite": "OperationalError", "passages.faiss": "OSError RuntimeError", "lexical": "ValueError"}
    kind, hinted = run_python(PUBLISH_WITH_LITTLE_SPACE, index, source, dimension, size - missing).split()
    assert kind in kinds[part]
    assert hinted == "True"
    assert names(index) == {".writer.lock", "generation-000001"}
    assert LocalStore(index, 1).documents()[0].path == "a.txt"


@pytest.mark.parametrize("limit", [0, 50, 200, 600, 2000])
def test_a_disk_without_any_room_is_an_error(tmp_path: Path, limit: int) -> None:
    source = tmp_path / "text"
    source.write_text("A text.")
    assert run_python(PUBLISH_WITH_LITTLE_SPACE, tmp_path / "index", source, 4, limit).endswith("True")
    with pytest.raises(IndexMissingError):
        latest_generation(tmp_path / "index")


# Generations that go on from one another

CHANGES = st.lists(
    st.tuples(st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)), st.booleans()), min_size=1, max_size=6
)


def go_on(index: Path, gone: Sequence[Document], new: Sequence[Document], compact: bool = False) -> LocalStore:
    """The next generation: the last one without some documents and with others."""
    encoder = HashingEncoder()
    base = read_manifest(index, latest_generation(index))
    with writer_lock(index), GenerationWriter(index, encoder.dimension, base, compact=compact) as writer:
        writer.delete([item.id for item in gone])
        add(writer, new, encoder)
        state = writer.publish(encoder.fingerprint, CHUNKING, "library")
    return LocalStore(index, state.generation)


def assert_holds_exactly(store: LocalStore, held: Mapping[str, Document]) -> None:
    """Every way to look into the store shows these documents and no others."""
    assert {summary.id for summary in store.documents()} == set(held) == set(store.entries())
    chunks = {identity: chunk(item) for identity, item in held.items()}
    sentences = {identity: {span for each in chunks[identity] for span in each.sentences} for identity in held}
    counts = IndexCounts(len(held), sum(map(len, chunks.values())), sum(map(len, sentences.values())))
    assert store.manifest.counts == counts
    vector = HashingEncoder().encode_question("red Box")
    found = store.search_dense(vector, 1_000)
    passages = {stored.number: stored.passage for stored in store.passages(list(found))}
    assert sorted(passages.values(), key=by_place) == sorted(
        (p for each in chunks.values() for p in each), key=by_place
    )
    for number, passage in passages.items():
        text = held[passage.document_id].text[passage.start : passage.end]
        assert found[number] == pytest.approx(float(HashingEncoder().encode_question(text) @ vector), abs=1e-3)
    assert store.cosines(vector, list(found)) == pytest.approx(list(found.values()), abs=1e-6)
    assert store.search_lexical("Box", 1_000).keys() == found.keys()
    for identity, item in held.items():
        assert store.document(identity) == item
        assert set(store.sentences(identity)) == sentences[identity]
        assert {place.document_id for place in store.places(item.text.partition("\n")[0])} == {identity}
        assert set(store.search_dense(vector, 1_000, [identity])) == {
            number for number, passage in passages.items() if passage.document_id == identity
        }


def by_place(passage: Passage) -> tuple[str, int]:
    return passage.document_id, passage.start


@pytest.mark.parametrize("small", [0, 3, 2_000])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_a_generation_holds_what_was_added_and_not_deleted_however_it_came_to_be(
    monkeypatch: pytest.MonkeyPatch, small: int, changes: list[tuple[set[int], set[int], bool]]
) -> None:
    """``small`` decides how many segments stay apart; what a segment holds and what is deleted of it get mixed."""
    monkeypatch.setattr(plan, "SMALL", small)
    library = [document(prose(n, 12 * (n + 1)), f"{n}.txt") for n in range(8)]
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        index = Path(name)
        held = {item.id: item for item in library[:3]}
        publish(index, library[:3])
        for deleted, added, compact in changes:
            gone = [item for n, item in enumerate(library) if n in deleted and item.id in held]
            for item in gone:
                del held[item.id]
            new = [item for n, item in enumerate(library) if n in added and item.id not in held]
            held |= {item.id: item for item in new}
            before = {path: file_sum(path) for path in files_of(index)}
            store = go_on(index, gone, new, compact)
            assert_holds_exactly(store, held)
            assert not Integrity().damaged(index, store.manifest)
            folders = {path.name for path in generation_folder(index, store.state.generation).glob("segment-*")}
            assert folders == {segment.name for segment in store.manifest.segments}
            # What was published before is as it was, though its files are shared.
            assert all(file_sum(path) == before[path] for path in files_of(index) if path in before)
            if compact:
                assert len(store.manifest.segments) <= 1


def test_what_did_not_change_is_shared_with_the_generation_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "SMALL", 0)
    publish(tmp_path, [document(prose(n, 60), f"{n}.txt") for n in range(5)])
    store = go_on(tmp_path, [document(prose(1, 60), "1.txt")], [document(prose(9, 5), "9.txt")])
    first, second = (generation_folder(tmp_path, number) for number in (1, 2))
    shared = [
        name for name in store.manifest.files if (first / name).exists() and (second / name).samefile(first / name)
    ]
    assert {name.rpartition("/")[2] for name in shared} >= {"library.sqlite", "passages.faiss", "numbers.npy"}
    assert sum("lexical" in name for name in shared) >= 5


def test_a_generation_lives_on_when_those_before_it_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "SMALL", 0)
    first = [document(prose(n, 60), f"{n}.txt") for n in range(5)]
    publish(tmp_path, first)
    new = [document(prose(10 + n, 5), f"{10 + n}.txt") for n in range(4)]
    for item in new:
        store = go_on(tmp_path, [], [item])
    assert generations(tmp_path) == [4, 5]
    assert_holds_exactly(store, {item.id: item for item in (*first, *new)})


def test_where_links_are_refused_what_is_copied_is_made_durable_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no links on this disk")

    synced: list[Path] = []
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(plan, "SMALL", 0)
    monkeypatch.setattr(write, "sync", synced.extend)
    publish(tmp_path, [document(prose(n, 60), f"{n}.txt") for n in range(5)])
    del synced[:]
    store = go_on(tmp_path, [], [document(prose(9, 5), "9.txt")])
    names = {path.relative_to(path.parents[1]).as_posix() for path in synced}
    assert {name for name in store.manifest.files if "segment" in name} <= names
    assert not Integrity().damaged(tmp_path, store.manifest)


def test_damage_in_a_shared_file_does_not_pass_for_sound_in_the_next_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "SMALL", 0)
    publish(tmp_path, [document(prose(n, 60), f"{n}.txt") for n in range(5)])
    file = part(tmp_path, 1, "passages.faiss")
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(IndexDamagedError, match=r"passages\.faiss"):
        go_on(tmp_path, [], [document(prose(9, 5), "9.txt")])
