"""A library from one place to another as it is: nothing is read, cut or embedded again."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from askreport.changes.originals import file_part
from askreport.config import Settings
from askreport.errors import CopyError, SettingError
from askreport.indexing.entries import entry_of
from askreport.progress import Progress
from askreport.store.contents import StoredDocument
from askreport.store.desk import carry
from askreport.transfer.compare import Comparison, compare
from askreport.transfer.folder_place import FolderPlace
from askreport.transfer.places import Arrival, LibraryFile, Place, Reading, Writing, taken_error
from askreport.types import Source

_ADDRESSES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a copy did: how much it wrote and how many documents were there, the files that it could not find any more.

    ``kept`` counts descriptions, notebooks and their items that were carried over.
    ``seconds`` are those of writing; ``comparison`` is of both places afterwards.
    """

    documents: int
    passages: int
    known: int
    lost: tuple[str, ...]
    kept: int
    seconds: float
    comparison: Comparison


@contextmanager
def open_places(settings: Settings, *addresses: str) -> Iterator[list[Place]]:
    """The places of these addresses: folders of indexes, or databases (postgresql://…); SettingError."""
    with ExitStack() as opened:
        places = [_place(settings, address) for address in addresses]
        for place in places:
            opened.callback(place.close)
        yield places


def _place(settings: Settings, address: str) -> Place:
    if not address.startswith(_ADDRESSES):
        if "://" in address:
            raise SettingError(f"{address.partition('://')[0]}:// is no place for a library", "Begin by postgresql://")
        return FolderPlace(Path(address).expanduser(), settings.corpus)
    try:
        # Imported here because psycopg is optional (askreport[cluster]).
        from askreport.transfer.postgres_place import PostgresPlace  # noqa: PLC0415
    except ImportError as error:
        raise SettingError(
            f"a database needs packages that are not installed ({error.name})",
            "Install them: pip install 'askreport[cluster]'",
        ) from None
    return PostgresPlace(address, settings.originals)


def copy(
    source: Place, target: Place, add: bool = False, progress: Progress = lambda stage, done, total: None
) -> Copied:
    """Makes the target hold the documents of the source, and compares both; ``add`` leaves others there.

    What the target has already is passed over, so a copy that was cut short goes on. The source is read as it was at
    the beginning. Raises CopyError if the target holds other documents or other files of the same names,
    IndexMismatchError if it was made with something else, and the errors of both places.
    """
    with source.reading() as here:
        with target.writing(here.manifest) as there:
            copying = _Copying(here, there, progress)
            copying.prepare(target.name, add)
            copying.run()
        kept = carry(source.desk, target.desk)
        with target.reading() as written:
            comparison = _compare(here, written, add, progress)
    return copying.report(comparison, kept)


def verify(
    source: Place, target: Place, add: bool = False, progress: Progress = lambda stage, done, total: None
) -> Comparison:
    """Compares two places as ``copy`` does when it has copied."""
    with source.reading() as here, target.reading() as there:
        return _compare(here, there, add, progress)


def _compare(here: Reading, there: Reading, among_others: bool, progress: Progress) -> Comparison:
    done, total = 0, here.manifest.counts.passages + there.manifest.counts.passages

    def compared(passages: int) -> None:
        nonlocal done
        done += passages
        progress("comparing", done, total)

    return compare(here, there, among_others, compared)


class _Copying:
    """One copy from a state of a library to a place that is being written."""

    def __init__(self, here: Reading, there: Writing, progress: Progress) -> None:
        self._here = here
        self._there = there
        self._progress = progress
        self._started = time.perf_counter()
        self._seconds = 0.0
        self._files: dict[str, LibraryFile] = {}
        self._documents = self._passages = self._known = 0
        self._lost: list[str] = []

    def prepare(self, where: str, add: bool) -> None:
        """Raises CopyError for what would be lost there, before anything is done."""
        known = 0
        for identity, path, source in self._here.listed():
            known += identity in self._there.known
            if source.id:
                self._list(_name(path, source), source)
        if len(self._there.known) > known and not add:
            raise CopyError(
                f"{where} holds {len(self._there.known) - known} other documents",
                "Choose an empty place by --to, or have these added to it by --add.",
            )
        if taken := self._there.taken({name: file.content for name, file in self._files.items()}):
            raise taken_error(taken, where)

    def _list(self, name: str, source: Source) -> None:
        there = self._files.get(name)
        if there and there.content != source.id:
            raise CopyError(
                f"two files are called {name} in the library", "Rename one of them, and run `askreport index`."
            )
        file = there or LibraryFile(
            name=name, content=source.id, documents=0, read=partial(self._original, name, source)
        )
        self._files[name] = replace(file, documents=file.documents + 1)

    def _original(self, name: str, source: Source) -> bytes | None:
        data = self._here.original(name, source)
        if data is None:
            self._lost.append(name)
        return data

    def run(self) -> None:
        """Writes what is not there, some documents at a time."""
        arrivals = self._arrivals()
        while (first := next(arrivals, None)) is not None:
            self._there.write(self._some(first, arrivals))
        self._seconds = time.perf_counter() - self._started
        # In a large database the graph of the vectors is made now, which takes minutes.
        self._progress("finishing", 0, 1)
        self._there.finish()
        self._there.add_replaced(self._here.replaced())
        self._progress("finishing", 1, 1)

    def _some(self, first: Arrival, arrivals: Iterator[Arrival]) -> Iterator[Arrival]:
        """Of the documents so many as are to be written at a time."""
        passages = 0
        for each in chain([first], arrivals):
            yield each
            passages += len(each.stored.passages)
            if passages >= self._there.step:
                return

    def _arrivals(self) -> Iterator[Arrival]:
        done, total = 0, self._here.manifest.counts.passages
        for stored in self._here.contents():
            arrival = self._arrival(stored)
            if arrival.entry and self._there.known.get(stored.document.id) == arrival.entry:
                self._known += 1
            else:
                stored.check()
                yield arrival
                self._documents += 1
                self._passages += len(stored.passages)
            done += len(stored.passages)
            self._progress("copying", done, total)

    def _arrival(self, stored: StoredDocument) -> Arrival:
        document, source = stored.document, stored.source
        if not source.id:
            return Arrival(stored, stored.entry, None)
        file = self._files[_name(document.path, source)]
        encoder = self._here.manifest.encoder
        # Of what was read or cut by another version the next run over the files shall know that it was.
        is_current = stored.entry == entry_of(document, source.file, encoder)
        entry = entry_of(document, self._there.place_of(file.name), encoder) if is_current else stored.entry
        return Arrival(stored, entry, file)

    def report(self, comparison: Comparison, kept: int) -> Copied:
        """What was done."""
        seconds = round(self._seconds, 3)
        return Copied(
            documents=self._documents,
            passages=self._passages,
            known=self._known,
            lost=tuple(self._lost),
            kept=kept,
            seconds=seconds,
            comparison=comparison,
        )


def _name(path: str, source: Source) -> str:
    """The name in the library of the file that a document was read from."""
    return file_part(path, source.file.name)
