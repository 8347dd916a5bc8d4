"""Files that are to be added: read before they are let in, and compared with what the corpus has."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from askreport.changes.types import Said
from askreport.config import Settings
from askreport.digest import content_id
from askreport.errors import ParseError
from askreport.indexing.ingest import PARSED
from askreport.indexing.sources import SourceReader, files_below
from askreport.parse import ParserPool, read_file
from askreport.progress import Progress, made_of
from askreport.store import ParsedCache, write_failures
from askreport.types import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A staged file, what reading it gave, and the corpus's file with the same bytes, if there is one."""

    file: Path
    outcomes: tuple[Outcome, ...]
    documents: tuple[str, ...]
    content: str = ""
    same_as: str = ""

    @property
    def keep(self) -> bool:
        """Whether it brings the corpus something it does not have."""
        return bool(self.documents) and not self.same_as


def read_incoming(
    files: Sequence[Path],
    settings: Settings,
    parsers: ParserPool,
    progress: Progress,
    said: Said = lambda place, state: None,
) -> list[Incoming]:
    """What the files hold, in order; ``progress`` counts them in the stage "checking", ``said`` is told of each.

    What was read goes to the indexer's cache, so that the run which follows reads none of them a second time.
    Raises CorpusError if the corpus folder cannot be read, and IndexWriteError.
    """
    with write_failures(settings.index):
        settings.index.mkdir(parents=True, exist_ok=True)
    with closing(ParsedCache(settings.index / PARSED)) as cache:
        reader = SourceReader(parsers, cache, settings.max_file_bytes)
        done = 0

        def beat() -> None:
            progress("checking", done, len(files))

        def read_one(place: int) -> Incoming:
            said(place, "reading")
            found = _read(reader, files[place])
            said(place, "read" if found.documents else found.outcomes[0].status)
            nonlocal done
            done += 1
            return found

        beat()
        with ThreadPoolExecutor(parsers.workers) as threads, reader.giving_up(threads):
            read = list(made_of(threads, read_one, range(len(files)), beat))
        beat()
        return list(_compared(read, reader, settings))


def unlock(files: Sequence[Path], password: str, parsers: ParserPool) -> None:
    """Puts in place of each staged PDF that this password opens the same one without a password."""
    for file in files:
        if file.suffix.lower() == ".pdf":
            # What it does not open stays as it is, and its outcome says so.
            with suppress(ParseError):
                file.write_bytes(parsers.unlock(file.read_bytes(), password))


def content_of(file: Path, limit: int) -> str:
    """The id of a file's bytes, "" if it cannot be read or is larger than the limit."""
    try:
        return content_id(read_file(file, limit))
    except ParseError:
        return ""


def size_of(file: Path) -> int:
    """A file's size, -1 if there is no such file."""
    try:
        return file.stat().st_size
    except OSError:
        return -1


def _read(reader: SourceReader, file: Path) -> Incoming:
    documents, outcomes = reader.read([file], lambda stage, done, total: None)
    content = documents[0].source.id if documents else ""
    return Incoming(
        file=file, outcomes=outcomes, documents=tuple(document.id for document in documents), content=content
    )


def _compared(read: Sequence[Incoming], reader: SourceReader, settings: Settings) -> Iterator[Incoming]:
    """The same, with the names of the files that have the same bytes: in the corpus, or before in the same upload."""
    corpus: dict[int, list[tuple[Path, str]]] = {}
    for file, name in files_below(settings.corpus):
        corpus.setdefault(size_of(file), []).append((file, name))
    before: dict[str, str] = {}
    for incoming in read:
        same = before.get(incoming.content, "") if incoming.documents else ""
        if incoming.documents and not same:
            candidates = corpus.get(size_of(incoming.file), [])
            same = next((name for file, name in candidates if _is_same(file, incoming, reader, settings)), "")
        if incoming.documents:
            before.setdefault(incoming.content, same or incoming.file.name)
        yield replace(incoming, same_as=same)


def _is_same(file: Path, incoming: Incoming, reader: SourceReader, settings: Settings) -> bool:
    """Whether a file has the same bytes and is read by its own name too: a wrong ending makes it no substitute."""
    return content_of(file, settings.max_file_bytes) == incoming.content and bool(_read(reader, file).documents)
