"""An index folder, and the folder of its files, as a place to copy a library from and to."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from askreport.changes.staging import Staging, move_new
from askreport.digest import content_id
from askreport.errors import CopyError, CorpusWriteError, IndexDamagedError, IndexMismatchError, IndexMissingError
from askreport.indexing.entries import library_digest
from askreport.store import (
    FORMAT,
    GenerationWriter,
    Integrity,
    LocalStore,
    Manifest,
    Replacement,
    changed,
    latest_generation,
    read_manifest,
    writer_lock,
)
from askreport.store.contents import StoredDocument
from askreport.store.desk import Desk
from askreport.store.folder.desk import DeskFile
from askreport.transfer.places import Arrival, LibraryFile, Reading, Writing, check_made_alike, taken_error
from askreport.transfer.replaced import add_replaced, read_replaced
from askreport.types import Source

# A generation is published after so many passages: what a copy that is cut short has to do again.
STEP = 50_000


class FolderPlace:
    """An index folder; the files of what is copied into it go to the corpus folder."""

    def __init__(self, index: Path, corpus: Path) -> None:
        self.name = str(index)
        self.desk: Desk = DeskFile(index)
        self._index = index
        self._corpus = corpus.absolute()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """The newest generation, compared with its checksums."""
        yield _FolderReading(self._index, _open(self._index), self._corpus)

    @contextmanager
    def writing(self, like: Manifest) -> Iterator[Writing]:
        """The right to publish generations there; IndexBusyError if another process has it."""
        with writer_lock(self._index):
            try:
                base = _open(self._index)
                check_made_alike(self.name, base.manifest, like)
            except IndexMissingError:
                base = None
            yield _FolderWriting(self._index, self._corpus, like, base)

    def close(self) -> None:
        """A folder needs no closing."""


class _FolderReading:
    def __init__(self, index: Path, store: LocalStore, corpus: Path) -> None:
        self._index = index
        self._store = store
        self._corpus = corpus
        self.manifest = store.manifest

    def listed(self) -> Iterator[tuple[str, str, Source]]:
        return self._store.listed()

    def contents(self) -> Iterator[StoredDocument]:
        return self._store.contents()

    def original(self, name: str, source: Source) -> bytes | None:
        # The second: where the file is if index and corpus were moved to another place together.
        found = (_bytes_of(file) for file in (source.file, self._corpus / name))
        return next((data for data in found if data is not None and content_id(data) == source.id), None)

    def replaced(self) -> dict[str, Replacement]:
        return read_replaced(self._index)


class _FolderWriting:
    step = STEP

    def __init__(self, index: Path, corpus: Path, like: Manifest, base: LocalStore | None) -> None:
        self.known = base.entries() if base else {}
        self._index = index
        self._corpus = corpus
        self._like = like
        self._base = base.manifest if base else None

    def place_of(self, name: str) -> Path:
        return self._corpus / name

    def taken(self, files: Mapping[str, str]) -> list[str]:
        return [name for name, content in files.items() if not self._is_free(name, content)]

    def _is_free(self, name: str, content: str) -> bool:
        """Whether a file may be written under this name, or is there already."""
        _check_name(name)
        file = self._corpus / name
        if not os.path.lexists(file):
            return True
        data = _bytes_of(file)
        return data is not None and content_id(data) == content

    def write(self, arrivals: Iterable[Arrival]) -> None:
        like = self._like
        with GenerationWriter(self._index, like.dimension, self._base) as writer:
            for arrival in arrivals:
                self._add(writer, arrival)
            state = writer.publish(like.encoder, like.chunking, library_digest(self.known.values()))
        self._base = read_manifest(self._index, state.generation)

    def _add(self, writer: GenerationWriter, arrival: Arrival) -> None:
        stored = arrival.stored
        document, passages = stored.document, [each.passage for each in stored.passages]
        source = stored.source
        if arrival.file:
            self._put(arrival.file)
            source = Source(self.place_of(arrival.file.name), source.id)
        if document.id in self.known:
            writer.delete([document.id])
        layout, entry = stored.pages(), arrival.entry
        writer.add(document, passages, stored.unpacked(), source=source, layout=layout, entry=entry)
        self.known[document.id] = arrival.entry

    def _put(self, file: LibraryFile) -> None:
        """Writes a file into the corpus folder, unless it is there."""
        if os.path.lexists(self._corpus / file.name):
            if not self._is_free(file.name, file.content):
                raise taken_error([file.name], str(self._corpus))
            return
        data = file.read()
        if data is None:
            return
        try:
            self._corpus.mkdir(parents=True, exist_ok=True)
            self._write(file.name, data)
        except OSError as error:
            raise CorpusWriteError(
                f"{file.name} cannot be written to {self._corpus}: {error.strerror}",
                "Free space, or choose another folder by --corpus, then copy again: it goes on where it was.",
            ) from None

    def _write(self, name: str, data: bytes) -> None:
        staging = Staging(self._corpus)
        try:
            written = staging.place(PurePosixPath(name).name)
            with written.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            if (got := move_new(written, self._corpus / name)) != self._corpus / name:
                # Somebody has put another file there meanwhile.
                got.unlink()
                raise taken_error([name], str(self._corpus))
        finally:
            staging.close()

    def add_replaced(self, replaced: Mapping[str, Replacement]) -> None:
        add_replaced(self._index, replaced)

    def finish(self) -> None:
        if self._base is None:
            self.write(())


def _open(index: Path) -> LocalStore:
    """The newest generation, with every file as it was written."""
    integrity = Integrity()
    while True:
        newest = latest_generation(index)
        try:
            manifest = read_manifest(index, newest)
            if manifest.format != FORMAT:
                raise IndexMismatchError(
                    f"the index in {index} has format {manifest.format}, not {FORMAT}", "Run `askreport index` first."
                )
            if damaged := integrity.damaged(index, manifest):
                raise changed(damaged)
            if manifest.embedded < 1:
                raise CopyError(
                    f"the index in {index} is not complete: some of its passages have no vectors yet",
                    "Run `askreport index` first.",
                )
            return LocalStore(index, newest, integrity)
        except (IndexDamagedError, OSError) as error:
            # Or not damaged, but replaced by newer ones and removed while it was being opened.
            if newest == latest_generation(index):
                raise IndexDamagedError(str(error), "Run `askreport index` to build it anew.") from None


def _check_name(name: str) -> None:
    """Raises CopyError for a name that is none of a file below a folder, or of one that is hidden there."""
    parts = PurePosixPath(name).parts
    if not parts or PurePosixPath(name).is_absolute() or any(part.startswith(".") for part in parts):
        raise CopyError(f"{name!r} is no name for a file in the corpus folder", "Rename or delete that document first.")


def _bytes_of(file: Path) -> bytes | None:
    with suppress(OSError):
        if file.is_file():
            return file.read_bytes()
    return None
