"""Whether a document's file is still the one that was indexed, without reading all of it for each page."""

import time
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from askreport.answering.library import Library
from askreport.changes.originals import check_original, file_part
from askreport.indexing.sources import RACY, signs_of_change
from askreport.store import Recent
from askreport.types import Document, Source

# Files that are remembered as unchanged, by some hundred bytes each.
_REMEMBERED = 10_000


class Originals:
    """The files of a library's documents; any thread may use it.

    A file is compared by its checksum once. It is compared again when the system's own signs of a change are others
    than then: its size, its times or its place on the disk. This decides only between the printed page and the text.
    The picture of a page is always drawn from bytes that were compared.
    """

    def __init__(self, library: Library, corpus: Path) -> None:
        self._library = library
        self._corpus = corpus
        self._unchanged: Recent[tuple[object, ...], None] = Recent(_REMEMBERED)

    def check(self, document: Document, source: Source) -> None:
        """Raises SourceChangedError if there is no file any more whose bytes were indexed.

        Never to be called within ``Library.read``: it may read the library itself.
        """
        if (files := self._library.backend.files) is not None:
            # Of files that are far away only those that are gone are noticed.
            if not files.has(source.id):
                self._compare(document)
            return
        now = time.time_ns()
        signs = tuple(map(_signs, (source.file, self._corpus / file_part(document.path, source.file.name))))
        if all(max(each[-2:], default=0) < now - RACY for each in signs):
            self._unchanged.get((source.id, signs), lambda: self._compare(document))
        else:
            # The clock of a file's times has steps: one that was just written may be written again unnoticed.
            self._compare(document)

    def _compare(self, document: Document) -> None:
        check_original(self._library.backend, document.id, self._corpus)


def _signs(file: Path) -> tuple[int, ...]:
    """The signs of a change; none of a file that cannot be had."""
    try:
        return signs_of_change(file)
    except OSError:
        return ()


async def get_originals(request: Request) -> Originals:
    """The originals of the application's library."""
    originals: Originals = request.app.state.originals
    return originals


OriginalsOf = Annotated[Originals, Depends(get_originals)]
