"""Finds documents by name and gives back the files that they were read from."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from errno import EMFILE, ENFILE
from functools import partial
from io import BytesIO
from pathlib import Path, PurePath
from typing import IO, TypeVar

from askreport.answering.library import Library, read_from
from askreport.answering.overview import Overview
from askreport.changes.staging import safe_name
from askreport.changes.types import Original
from askreport.digest import stream_id
from askreport.errors import (
    AskReportError,
    CollectionPartError,
    DocumentNotFoundError,
    DocumentReplacedError,
    NameTakenError,
    QuestionError,
    SourceChangedError,
)
from askreport.store import Backend, DocumentSummary, Replacement, Store
from askreport.store.folder.outcomes import read_outcomes
from askreport.store.folder.replaced import find_replaced
from askreport.types import Outcome, Source

_Result = TypeVar("_Result")


def open_original(
    backend: Backend, document_id: str, corpus: Path, weigh: Callable[[int], None] = lambda size: None
) -> Original:
    """The file a document was read from, open; for a document of a collection, the collection's.

    ``weigh`` is told its size in bytes before all of it is compared, and may raise.

    Raises DocumentNotFoundError, or SourceChangedError if there is no file any more whose bytes were indexed.
    """
    source, path = _source(backend, document_id)
    if backend.files is None:
        return _in_folder(source, path, corpus, weigh)
    if (data := backend.files.get(source.id)) is None:
        raise _lost(path)
    weigh(len(data))
    return Original(source.file.name, BytesIO(data), source.id)


def check_original(backend: Backend, document_id: str, corpus: Path) -> None:
    """Raises what ``open_original`` would; of files that are far away only those that are gone are noticed."""
    if backend.files is None:
        open_original(backend, document_id, corpus).stream.close()
        return
    source, path = _source(backend, document_id)
    if not backend.files.has(source.id):
        raise _lost(path)


def list_outcomes(backend: Backend, index: Path) -> tuple[Outcome, ...]:
    """What became of each file, those that could not be read included: of all, or of the last run over a folder."""
    return read_outcomes(index) if backend.files is None else backend.files.outcomes()


def _source(backend: Backend, document_id: str) -> tuple[Source, str]:
    """The source of a document, and its path."""
    return read_from(backend, lambda store: (store.source(document_id), store.document(document_id).path))


def _in_folder(source: Source, path: str, corpus: Path, weigh: Callable[[int], None]) -> Original:
    # The second: where the file is if index and corpus were moved to another place together.
    for file in (source.file, corpus / file_part(path, source.file.name)):
        if stream := _open(file, source.id, weigh):
            return Original(file.name, stream, source.id)
    raise source_changed(path)


def _open(file: Path, content: str, weigh: Callable[[int], None]) -> IO[bytes] | None:
    """The file, open, if it has the bytes of this id."""
    try:
        with ExitStack() as undo:
            stream = undo.enter_context(file.open("rb"))
            weigh(os.fstat(stream.fileno()).st_size)
            if stream_id(stream) == content:
                undo.pop_all()
                return stream
    except OSError as error:
        # That there is one too many files open says nothing of this one.
        if error.errno in (EMFILE, ENFILE):
            raise
    return None


def with_dates(backend: Backend, corpus: Path, documents: Sequence[DocumentSummary]) -> list[DocumentSummary]:
    """The documents with when their files came into the library; of a folder, when they came into it."""
    if backend.files is not None:
        return list(documents)
    return [replace(each, added=_came(corpus / each.path.partition("#")[0])) for each in documents]


def _came(file: Path) -> str:
    """When a file came to its place or was last changed, whichever is later; "" if it is not there."""
    try:
        return datetime.fromtimestamp(file.stat().st_ctime, UTC).isoformat(timespec="seconds")
    except OSError:
        return ""


def find_replacement(backend: Backend, index: Path, document_id: str) -> Replacement | None:
    """What has taken the place of a document that is gone, None if that is not known; of several in turn the last."""
    find = partial(find_replaced, index) if backend.files is None else backend.files.replaced
    found, seen = find(document_id), {document_id}
    while found and found.id not in seen and (later := find(found.id)):
        seen.add(found.id)
        found = later
    return found


def read_document(backend: Backend, index: Path, document_id: str, work: Callable[[Store], _Result]) -> _Result:
    """What ``work`` makes of the library; DocumentReplacedError in place of DocumentNotFoundError where that is so."""
    try:
        return read_from(backend, work)
    except DocumentNotFoundError as error:
        raise _replaced(backend, index, document_id) or error from None


def read_overview(library: Library, index: Path, document_id: str) -> Overview:
    """What is in a document; errors as in ``read_document``."""
    try:
        return library.overview(document_id)
    except DocumentNotFoundError as error:
        raise _replaced(library.backend, index, document_id) or error from None


def _replaced(backend: Backend, index: Path, document_id: str) -> AskReportError | None:
    by = find_replacement(backend, index, document_id)
    if by is None:
        return None
    return DocumentReplacedError(
        f"this document was replaced by a new version on {by.at[:10]}",
        f"What was quoted of it may not stand there any more. The new version is document {by.id}.",
        by.id,
    )


def file_of(backend: Backend, document_id: str) -> str:
    """The name in the library of the file that a document was read from.

    Raises DocumentNotFoundError, and CollectionPartError for one of several documents of a file.
    """

    def find(store: Store) -> str:
        path, source = store.document(document_id).path, store.source(document_id)
        name = file_part(path, source.file.name)
        if collection_size(path, source, store.documents()) > 1:
            raise CollectionPartError(f"the document is part of {name}", "Change that file, and add it anew.")
        return name

    return read_from(backend, find)


def renamed(name: str, wanted: str) -> str:
    """A safe name made of the one that is wanted, with the ending that the file has; QuestionError if it is empty."""
    ending = PurePath(name).suffix
    given = wanted.strip()
    given = given[: -len(ending)] if ending and given.lower().endswith(ending.lower()) else given
    if not given.strip(". "):
        raise QuestionError("the name is empty", "Give the file's new name.")
    return safe_name(f"{given}{ending}")


def name_taken(name: str) -> AskReportError:
    """The error for a name that another file has."""
    return NameTakenError(f"there is a file called {name} already", "Choose another name.")


def find_document(store: Store, name: str) -> str:
    """The id of the document with this id or this path; DocumentNotFoundError if there is none."""
    documents = store.documents()
    by_name = {document.path: document.id for document in documents} | {each.id: each.id for each in documents}
    if name in by_name:
        return by_name[name]
    raise DocumentNotFoundError(
        f"no document {name} is in the index", "`askreport documents` lists the ids and the files."
    )


def file_part(path: str, name: str) -> str:
    """The library's name of the file called ``name``: a document's path without what a collection added to it."""
    before, mark, _ = path.partition(f"{name}#")
    return before + name if mark else path


def collection_size(path: str, source: Source, documents: Sequence[DocumentSummary]) -> int:
    """How many documents were read from the same file as the document with this path."""
    file = file_part(path, source.file.name)
    return 1 if file == path else sum(document.path.startswith(f"{file}#") for document in documents)


def source_changed(path: str) -> AskReportError:
    """The error for a document whose file has not the bytes any more that were indexed."""
    return SourceChangedError(
        f"the file of {path} is gone or was changed since it was indexed",
        "Run `askreport index`, or press Re-index on the documents page: the index then follows the files.",
    )


def _lost(path: str) -> AskReportError:
    return SourceChangedError(
        f"the file of {path} is not kept any more, or damaged", "Delete the document, and add it again."
    )
