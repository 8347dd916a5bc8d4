"""A generation appears whole or not at all, whatever fails while it is written."""

import json
from pathlib import Path
from random import Random

import pytest

from askreport.chunk import chunk
from askreport.errors import IndexMissingError
from askreport.store import GenerationWriter, LocalStore, latest_generation, read_manifest, writer_lock
from askreport.store.manifest import generation_folder, generations
from askreport.store.write import KEPT_GENERATIONS
from askreport.types import Document, Heading, Page, Span

from .parts import HashingEncoder, add, document, prose, publish, run_python

# Writes a second generation with files limited to a size from some moment on.
PUBLISH_WITH_LITTLE_SPACE = """
import resource, sys
from pathlib import Path
from askreport.errors import IndexWriteError
from askreport.store import GenerationWriter, writer_lock
from tests.parts import HashingEncoder, add, document

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
        "id",
        "folder/ä b.txt",
        "A “title”",
        text,
        document(text).sha256,
        (Heading(16, 22, 1, "Title"),),
        (Page(1, 0, 20), Page(2, 20, len(text))),
        (Span(0, 16),),
        {"kind": "x", "nested": [1, {"ä": None}]},
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


def test_nothing_is_visible_before_publishing_and_nothing_is_left_without(tmp_path: Path) -> None:
    with writer_lock(tmp_path):
        with GenerationWriter(tmp_path, 32) as writer:
            add(writer, [document(prose(1, 5))], HashingEncoder())
            with pytest.raises(IndexMissingError):
                latest_generation(tmp_path)
        assert names(tmp_path) == {".writer.lock"}


@pytest.mark.parametrize("kind", [KeyError, ValueError, RuntimeError, KeyboardInterrupt])
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
