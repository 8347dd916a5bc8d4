"""Files -> what was read of each: in the order of their names, several at a time, unchanged ones from the cache."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from askreport.digest import content_id
from askreport.errors import CorpusError, ParseError
from askreport.parse import (
    PARSER_VERSION,
    Parsed,
    ParserPool,
    ReaderEndedError,
    ending_of,
    named,
    pack,
    read_file,
    unpack,
)
from askreport.store import ParsedCache
from askreport.types import Outcome, Source

# Called with a stage ("reading", "embedding", "writing"), how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """A document that was read: what tells it from others, and where the cache holds it."""

    id: str
    path: str
    title: str
    sha256: str
    metadata: dict[str, Any]
    characters: int
    source: Source
    key: bytes
    position: int


@dataclass(frozen=True, slots=True)
class _FileRead:
    """What was read of one file, without the texts."""

    name: str
    documents: tuple[Listed, ...] = ()
    errors: tuple[ParseError, ...] = ()
    key: bytes = b""


class SourceReader:
    """Reads files by a pool of processes and a cache of what they gave.

    ``retry`` reads once more what could not be read before, also where nothing has changed that might help.
    """

    def __init__(self, parsers: ParserPool, cache: ParsedCache, max_bytes: int, retry: bool = False) -> None:
        self._parsers = parsers
        self._cache = cache
        self._max_bytes = max_bytes
        self._retry = retry
        # OCR may have been installed since, and other limits or passwords been set.
        circumstances = [asdict(parsers.options), parsers.seconds, shutil.which("tesseract"), max_bytes]
        self._circumstances = json.dumps(circumstances).encode()
        self._used: set[bytes] = set()

    def read(self, paths: Sequence[Path], progress: Progress) -> tuple[list[Listed], tuple[Outcome, ...]]:
        """The documents of all files at or below the paths, each content once, and every file's outcome.

        Raises CorpusError if a path is missing or cannot be read.
        """
        files = [pair for path in paths for pair in files_below(path)]
        documents: dict[str, Listed] = {}
        outcomes: list[Outcome] = []
        progress("reading", 0, len(files))
        with ThreadPoolExecutor(self._parsers.workers) as threads:
            for done, read in enumerate(threads.map(lambda pair: self._read(*pair), files), start=1):
                outcomes += _outcomes(read, documents)
                self._used.add(read.key)
                progress("reading", done, len(files))
        return list(documents.values()), tuple(outcomes)

    def load(self, documents: Sequence[Listed]) -> Iterator[tuple[Listed, Parsed]]:
        """The documents with their texts, in order; a file's are held in memory together."""
        for key, group in groupby(documents, key=lambda listed: listed.key):
            items = self._cached(key)
            for listed in group:
                item = items[listed.position] if items else None
                if not isinstance(item, Parsed):
                    raise CorpusError(f"{listed.path} was changed while it was read", "Run `askreport index` again.")
                yield listed, named(item, _name_of(listed, item))

    def forget_others(self) -> None:
        """Removes from the cache what was not read this time."""
        self._cache.keep_only(self._used)

    def _read(self, file: Path, name: str) -> _FileRead:
        shown = name.encode("utf-8", "replace").decode()
        if shown != name:
            return _FileRead(shown, errors=(_bad_name(),))
        try:
            ending = ending_of(file.name)
            data = read_file(file, self._max_bytes)
        except ParseError as error:
            return _FileRead(name, errors=(error,))
        key, items = self._items(data, ending)
        source = Source(file.absolute(), content_id(data))
        found = [
            _listed(named(item, name), source, key, at) for at, item in enumerate(items) if isinstance(item, Parsed)
        ]
        return _FileRead(name, tuple(found), tuple(item for item in items if isinstance(item, ParseError)), key)

    def _items(self, data: bytes, ending: str) -> tuple[bytes, list[Parsed | ParseError]]:
        """What the file's bytes hold, and the key under which the cache has it."""
        content = hashlib.sha256(data).digest()
        key = hashlib.sha256(f"{PARSER_VERSION}\0{ending}\0".encode() + content).digest()
        here = hashlib.sha256(key + self._circumstances).digest()
        for known in (key, here):
            items = self._cached(known)
            if items and not (self._retry and any(isinstance(item, ParseError) for item in items)):
                return known, items
        items = self._parsers.parse(data, ending)
        chosen = here if any(_depends_on_circumstances(item) for item in items) else key
        # What may be none of the file's fault is not remembered.
        if not any(isinstance(item, ReaderEndedError) for item in items):
            self._cache.put(chosen, pack(items))
        return chosen, items

    def _cached(self, key: bytes) -> list[Parsed | ParseError]:
        packed = self._cache.get(key)
        try:
            return unpack(packed) if packed else []
        except ValueError:
            return []


def _depends_on_circumstances(item: Parsed | ParseError) -> bool:
    return isinstance(item, ParseError) or any(page.ocr for page in item.document.pages)


def _listed(parsed: Parsed, source: Source, key: bytes, position: int) -> Listed:
    document = parsed.document
    about = (document.id, document.path, document.title, document.sha256, document.metadata, len(document.text))
    return Listed(*about, source, key, position)


def _name_of(listed: Listed, item: Parsed) -> str:
    """The file's name in the library: the document's path without what the reader added to it."""
    return listed.path.removesuffix(item.document.path) if item.document.path else listed.path


def _bad_name() -> ParseError:
    return ParseError("the file's name is not valid UTF-8; rename it", "unreadable")


def _outcomes(read: _FileRead, documents: dict[str, Listed]) -> list[Outcome]:
    """Adds the file's documents to ``documents``; one outcome for the file and one for each part that failed."""
    outcomes = [Outcome(read.name, error.status, error.message) for error in read.errors]
    added = 0
    for listed in read.documents:
        if listed.id in documents:
            same = documents[listed.id].path
            outcomes.append(Outcome(listed.path, "duplicate", f"same content as {same}"))
        else:
            documents[listed.id] = listed
            added += 1
    if added or not outcomes:
        outcomes.insert(0, Outcome(read.name, "indexed", documents=added))
    return outcomes


def files_below(path: Path) -> Iterator[tuple[Path, str]]:
    """Files at or below a path with their names in the library: relative to the path, hidden ones left out."""
    try:
        if path.is_file():
            yield path, path.name
        else:
            yield from _walk(path, "", set())
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read: {error.strerror}",
            "Set ASKREPORT_CORPUS to the folder of your documents, or name files and folders after `askreport index`.",
        ) from None


def _walk(folder: Path, prefix: str, seen: set[Path]) -> Iterator[tuple[Path, str]]:
    """The files of a folder tree in order; a folder below that cannot be read stands for itself.

    Links are followed, but no folder is walked twice: links may lead in circles.
    """
    entries = sorted(folder.iterdir())
    seen.add(folder.resolve())
    for entry in entries:
        name = prefix + entry.name
        if entry.name.startswith("."):
            continue
        if not entry.is_dir():
            yield entry, name
        elif entry.resolve() not in seen:
            try:
                yield from _walk(entry, f"{name}/", seen)
            except OSError:
                yield entry, name
