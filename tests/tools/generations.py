"""Generations on disk that no indexer has written."""

from pathlib import Path

from askreport.store import IndexCounts, Manifest
from askreport.store.base import Segment
from askreport.store.folder.files import file_sum, files_of
from askreport.store.folder.generations import generation_folder, write_manifest


def write(index: Path, generation: int) -> Manifest:
    """A generation of two files, with its manifest."""
    folder = generation_folder(index, generation)
    (folder / "below").mkdir(parents=True)
    (folder / "one").write_bytes(b"first")
    (folder / "below" / "two").write_bytes(b"second")
    counts = IndexCounts(1, 2, 3)
    sums = {path.relative_to(folder).as_posix(): file_sum(path) for path in files_of(folder)}
    segments = (
        Segment(name="one", documents=2, passages=3, deleted=("a",), dead=1),
        Segment(name="two", documents=1, passages=1),
    )
    manifest = Manifest(
        generation=generation,
        built_at="2024-01-02T03:04:05+00:00",
        encoder="encoder",
        dimension=8,
        chunking="chunking",
        library="library",
        counts=counts,
        segments=segments,
        next_number=17,
        files=sums,
    )
    write_manifest(folder, manifest)
    return manifest
