"""Files -> what was read of each: in the order of their names, several at a time, unchanged ones from the cache."""

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from askreport.digest import content_id
from askreport.errors import CorpusError, ParseError
from askreport.indexing.cutting import Cutter
from askreport.parse import (
    GaveUpError,
    Parsed,
    ParserPool,
    ReaderEndedError,
    ending_of,
    named,
    pack,
    read_file,
    reader_version,
    title_from,
    unpack,
)
from askreport.progress import Progress, made_of
from askreport.store import ParsedCache, Seen
from askreport.types import Outcome, Source

# A file that was written so shortly before it was read, in nanoseconds, may have been written again since without
# another time of change: clocks and file systems count in steps, of two seconds at worst.
RACY = 3_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _FileRead:
    """What was read of one file, without the texts."""

    name: str
    documents: tuple[Listed, ...] = ()
    errors: tuple[ParseError, ...] = ()
    left_out: tuple[str, ...] = ()
    key: bytes = b""
    seen: Seen | None = None


# Takes documents, and what to call as long as that lasts.
Offer: TypeAlias = Callable[[Sequence[Listed], Callable[[], None]], None]


class SourceReader:
    """Reads files by a pool of processes and a cache of what they gave.

    A file that nobody has touched since it was last read, as its times, size and number say, is not opened.
    ``retry`` reads once more what could not be read before, also where nothing has changed that might help.
    """

    def __init__(
        self,
        parsers: ParserPool,
        cache: ParsedCache,
        max_bytes: int,
        retry: bool = False,
        cutter: Cutter | None = None,
    ) -> None:
        self._parsers = parsers
        self._cache = cache
        self._max_bytes = max_bytes
        self._retry = retry
        # OCR may have been installed since, and other limits or passwords been set.
        circumstances = [
            asdict(parsers.options),
            parsers.seconds,
            parsers.memory_mb,
            shutil.which("tesseract"),
            max_bytes,
        ]
        self._circumstances = json.dumps(circumstances).encode()
        self._circumstances_digest = hashlib.sha256(self._circumstances).hexdigest()
        self._cutter = cutter or Cutter(parsers)
        # Until the run is given up.
        self._wanted = threading.Event()
        self._wanted.set()
        self._used: set[bytes] = set()
        self._files: set[str] = set()

    def read(
        self, paths: Sequence[Path], progress: Progress, offer: Offer = lambda documents, beat: None
    ) -> tuple[list[Listed], tuple[Outcome, ...]]:
        """The documents of all files at or below the paths, each content once, and every file's outcome.

        ``offer`` is given those of each file as soon as it was read, while other files are, and what to call meanwhile.

        Raises CorpusError if a path is missing or cannot be read.
        """
        files = [(file.absolute(), name) for path in paths for file, name in files_below(path)]
        known = self._seen([file for file, _ in files])
        untouched = [self._untouched(file, name, known) for file, name in files]
        others = [pair for pair, read in zip(files, untouched, strict=True) if read is None]
        documents: dict[str, Listed] = {}
        outcomes: list[Outcome] = []
        fresh: list[Seen] = []
        done = 0

        def beat() -> None:
            progress("reading", done, len(files))

        beat()
        with ThreadPoolExecutor(self._parsers.workers) as threads, self.giving_up(threads):
            opened = made_of(threads, lambda pair: self._read(*pair), others, beat)
            for found in untouched:
                read = found or next(opened)
                outcomes += _outcomes(read, documents)
                self._used.add(read.key)
                fresh += [read.seen] if read.seen else []
                done += 1
                beat()
                offer([each for each in read.documents if documents[each.id] is each], beat)
        self._cache.remember(fresh)
        return list(documents.values()), tuple(outcomes)

    @contextmanager
    def giving_up(self, threads: ThreadPoolExecutor) -> Iterator[None]:
        """Has the threads leave what they read and what they have not begun, if something fails or ends the run."""
        try:
            yield
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            self._parsers.give_up(self._wanted)
            raise

    def load(self, documents: Sequence[Listed]) -> Iterator[tuple[Listed, Parsed]]:
        """The documents with their texts, in order; a file's are held in memory together.

        Raises CorpusError if a file must be read again, and is another by now.
        """
        for key, group in groupby(documents, key=lambda listed: listed.key):
            items = self._cached(key)
            for listed in group:
                items = items or self._read_again(listed.source, key)
                item = items[listed.position] if items else None
                if not isinstance(item, Parsed):
                    # The next run must not take it for untouched, nor others of which as little is left.
                    self._cache.forget_seen()
                    raise CorpusError(f"{listed.path} was changed while it was read", "Run `askreport index` again.")
                yield listed, named(item, _name_of(listed, item))

    def forget(self, files: Sequence[Path]) -> None:
        """Removes from the cache what was read of these files' bytes."""
        for file in files:
            # Of one that cannot be read, the next run forgets it.
            with suppress(ParseError):
                self._cache.forget(self._keys(read_file(file, self._max_bytes), ending_of(file.name)))

    def forget_others(self) -> None:
        """Removes from the cache what was not read this time."""
        self._cache.keep_only(self._used, self._files)

    def _seen(self, files: Sequence[Path]) -> dict[str, Seen]:
        names = [name for name in map(str, files) if _is_text(name)]
        self._files.update(names)
        return self._cache.seen(names)

    def _untouched(self, file: Path, name: str, known: Mapping[str, Seen]) -> _FileRead | None:
        """What was read of a file before, if nobody has touched it since."""
        seen = known.get(str(file))
        if seen is None or seen.stamp != self._stamp(file)[0]:
            return None
        read = _from_listing(name, file, seen.key, seen.listing)
        return None if self._retry and read.errors else read

    def _read(self, file: Path, name: str) -> _FileRead:
        shown = name.encode("utf-8", "replace").decode()
        if shown != name:
            return _FileRead(name=shown, errors=(_bad_name(),))
        stamp, is_settled = self._stamp(file)
        try:
            ending = ending_of(file.name)
            data = read_file(file, self._max_bytes)
        except ParseError as error:
            return _FileRead(name=name, errors=(error,))
        key, items = self._items(data, ending)
        listing = _listing(content_id(data), items)
        read = _from_listing(name, file, key, listing)
        lasts = is_settled and _is_text(str(file)) and not any(isinstance(item, ReaderEndedError) for item in items)
        return replace(read, seen=Seen(file=str(file), stamp=stamp, key=key, listing=listing)) if lasts else read

    def _stamp(self, file: Path) -> tuple[str, bool]:
        """What changes with a file and with how it is read, and whether the next change is sure to change it."""
        now = time.time_ns()
        try:
            about = signs_of_change(file)
        except OSError:
            return "", False
        version = reader_version(file.name)
        return " ".join(map(str, (*about, version, self._circumstances_digest))), max(about[-2:]) < now - RACY

    def _read_again(self, source: Source, key: bytes) -> list[Parsed | ParseError]:
        """What a file holds whose entry the cache has lost; nothing if the file is another by now."""
        try:
            again, items = self._items(read_file(source.file, self._max_bytes), ending_of(source.file.name))
        except ParseError:
            return []
        return items if again == key else []

    def _items(self, data: bytes, ending: str) -> tuple[bytes, list[Parsed | ParseError]]:
        """What the file's bytes hold, and the key under which the cache has it."""
        key, here = self._keys(data, ending)
        for known in (key, here):
            items = self._cached(known)
            if items and not (self._retry and any(isinstance(item, ParseError) for item in items)):
                return known, items
        items = [self._cuttable(item) for item in self._parsers.parse(data, ending, self._wanted)]
        chosen = here if any(_depends_on_circumstances(item) for item in items) else key
        # What may be none of the file's fault is not remembered.
        if not any(isinstance(item, ReaderEndedError) for item in items):
            self._cache.put(chosen, pack(items))
        return chosen, items

    def _keys(self, data: bytes, ending: str) -> tuple[bytes, bytes]:
        """The keys of what is always read of these bytes, and of what is read of them here and now."""
        content = hashlib.sha256(data).digest()
        key = hashlib.sha256(f"{reader_version(ending)}\0{ending}\0".encode() + content).digest()
        return key, hashlib.sha256(key + self._circumstances).digest()

    def _cuttable(self, item: Parsed | ParseError) -> Parsed | ParseError:
        """The item, or why it cannot be cut into passages."""
        try:
            if isinstance(item, Parsed):
                self._cutter.check(item.document, self._wanted)
        except GaveUpError:
            raise
        except ParseError as error:
            return error
        return item

    def _cached(self, key: bytes) -> list[Parsed | ParseError]:
        packed = self._cache.get(key)
        try:
            return unpack(packed) if packed else []
        except ValueError:
            return []


def _depends_on_circumstances(item: Parsed | ParseError) -> bool:
    return isinstance(item, ParseError) or any(page.ocr for page in item.document.pages)


def _listing(source: str, items: Sequence[Parsed | ParseError]) -> str:
    """What a run must know of a file without its texts, as JSON; ``_from_listing`` reads it."""
    documents = []
    for position, item in enumerate(items):
        if isinstance(item, Parsed):
            document = item.document
            about = (document.id, document.path, document.title, document.sha256, document.metadata)
            documents.append([*about, len(document.text), position])
    errors = [[item.message, item.status] for item in items if isinstance(item, ParseError)]
    left_out = dict.fromkeys(each for item in items if isinstance(item, Parsed) for each in item.document.left_out)
    return json.dumps({"source": source, "documents": documents, "errors": errors, "left_out": [*left_out]})


def _from_listing(name: str, file: Path, key: bytes, listing: str) -> _FileRead:
    """What was read of a file, under its name in the library."""
    values = json.loads(listing)
    source = Source(file, values["source"])
    documents = tuple(
        Listed(
            id=identity,
            path=name + path,
            title=title or title_from(name),
            sha256=sha256,
            metadata=metadata,
            characters=characters,
            source=source,
            key=key,
            position=position,
        )
        for identity, path, title, sha256, metadata, characters, position in values["documents"]
    )
    return _FileRead(
        name=name,
        documents=documents,
        errors=tuple(ParseError(*error) for error in values["errors"]),
        left_out=tuple(values.get("left_out", ())),
        key=key,
    )


def _is_text(name: str) -> bool:
    """Whether a path is valid UTF-8, which PostgreSQL asks for."""
    return os.fsencode(name).decode("utf-8", "replace") == name


def _name_of(listed: Listed, item: Parsed) -> str:
    """The file's name in the library: the document's path without what the reader added to it."""
    return listed.path.removesuffix(item.document.path) if item.document.path else listed.path


def _bad_name() -> ParseError:
    return ParseError("the file's name is not valid UTF-8; rename it", "unreadable")


def _outcomes(read: _FileRead, documents: dict[str, Listed]) -> list[Outcome]:
    """Adds the file's documents to ``documents``; one outcome for the file and one for each part that failed."""
    outcomes = [Outcome(path=read.name, status=error.status, reason=error.message) for error in read.errors]
    added = 0
    for listed in read.documents:
        if listed.id in documents:
            same = documents[listed.id].path
            outcomes.append(Outcome(path=listed.path, status="duplicate", reason=same_as(same)))
        else:
            documents[listed.id] = listed
            added += 1
    if added or not outcomes:
        said = f"not read: {', '.join(read.left_out)}" if read.left_out else ""
        outcomes.insert(0, Outcome(path=read.name, status="indexed", reason=said, documents=added))
    return outcomes


def same_as(path: str) -> str:
    """The reason for which a document is left out that another file has as well."""
    return f"same content as {path}"


def signs_of_change(file: Path) -> tuple[int, ...]:
    """What changes when a file is written to or replaced: device, number, size, and its two times in nanoseconds."""
    status = file.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


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
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    seen.add(folder.resolve())
    for entry in entries:
        name = prefix + entry.name
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if not _is_folder(entry):
            yield path, name
        elif path.resolve() not in seen:
            try:
                yield from _walk(path, f"{name}/", seen)
            except OSError:
                yield path, name


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    # A link in a circle, or a name too long.
    except OSError:
        return False
