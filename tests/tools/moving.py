"""Libraries with all that a library can have, in folders, for the tests that move them to other places."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from askreport.boxes import pack_boxes
from askreport.config import Settings
from askreport.digest import content_id
from askreport.indexing.entries import entry_of, library_digest
from askreport.indexing.ingest import IngestReport, ingest
from askreport.store import GenerationWriter, LocalStore, latest_generation, writer_lock
from askreport.text.chunk import CHUNKING, chunk
from askreport.transfer.compare import Comparison
from askreport.transfer.copy import Copied, copy, open_places, verify
from askreport.transfer.places import Place
from askreport.types import Document, Page, Source, Span
from tests.tools.parts import PARSERS, HashingEncoder, folder, pdf, prose

ENCODER = HashingEncoder()


def opened(index: Path) -> LocalStore:
    """The newest generation."""
    return LocalStore(index, latest_generation(index))


def of_files(where: Path) -> LocalStore:
    """A library of files of several formats in ``where``: a PDF with boxes, a collection, a folder in the folder."""
    rows = ['{"id": "a", "text": "The north harbour has ice."}', '{"id": "b", "text": "It is dark.", "title": "T"}']
    corpus = folder(
        where / "corpus", {"a.txt": prose(1, 30), "b/ü.md": "# Head\n\nIn words.", "c.jsonl": "\n".join(rows)}
    )
    (corpus / "d.pdf").write_bytes(pdf(["A line on a page."], ["The second page."], title="Printed"))
    index_files(where)
    return opened(where / "index")


def index_files(where: Path) -> IngestReport:
    """Makes the index in ``where`` follow the files in it."""
    return ingest([where / "corpus"], where / "index", ENCODER, PARSERS)


def with_pages(document: Document) -> tuple[Document, list[bytes]]:
    """The document as printed on two pages, and the packed boxes of its characters."""
    middle, end = len(document.text) // 2, len(document.text)
    pages = (
        Page(number=1, start=0, end=middle, width=595.3, height=841.9),
        Page(number=2, start=middle, end=end, width=595.3, height=841.9, ocr=True),
    )
    boxes = [np.arange(4 * (page.end - page.start), dtype=np.int32).reshape(-1, 4) for page in pages]
    return replace(document, pages=pages), [pack_boxes(each) for each in boxes]


def publish_in(index: Path, documents: Sequence[Document], gone: Sequence[str] = ()) -> None:
    """Publishes a generation with these documents beside those that are there, but for those that are gone.

    Documents whose text has an even length are printed on pages.
    """
    with writer_lock(index):
        base = opened(index) if any(index.glob("generation-*")) else None
        entries = base.entries() if base else {}
        with GenerationWriter(index, ENCODER.dimension, base.manifest if base else None) as writer:
            writer.delete(list(gone))
            for document in documents:
                entries[document.id] = _add(writer, document)
            entries = {identity: entry for identity, entry in entries.items() if identity not in gone}
            writer.publish(ENCODER.fingerprint, CHUNKING, library_digest(entries.values()))


def _add(writer: GenerationWriter, document: Document) -> str:
    layout: list[bytes] = []
    if len(document.text) % 2 == 0:
        document, layout = with_pages(document)
    passages = chunk(document)
    texts = [document.text[passage.start : passage.end] for passage in passages]
    spans = [[Span(a - each.start, b - each.start) for a, b in each.sentences] for each in passages]
    source = Source(Path("/nowhere") / document.path, content_id(document.text.encode()))
    entry = entry_of(document, source.file, ENCODER.fingerprint)
    vectors = ENCODER.encode_passages(texts, spans)
    writer.add(document, passages, vectors, source=source, layout=layout, entry=entry)
    return entry


@contextmanager
def places(where: Path, *addresses: object) -> Iterator[list[Place]]:
    """The places of these addresses; files go to a folder ``corpus`` in ``where``."""
    with open_places(Settings(corpus=where / "corpus"), *map(str, addresses)) as opened_places:
        yield opened_places


def move(where: Path, source: object, target: object, add: bool = False) -> Copied:
    """Copies a library, as the command does it."""
    with places(where, source, target) as (here, there):
        return copy(here, there, add)


def compared(where: Path, source: object, target: object, add: bool = False) -> Comparison:
    """Compares two, as the command does it."""
    with places(where, source, target) as (here, there):
        return verify(here, there, add)
