"""All that a library has of its documents, to be read from one place and written to another as it is."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import takewhile
from typing import Any, Protocol

from askreport.digest import text_sha256
from askreport.errors import IndexDamagedError
from askreport.store.base import Manifest
from askreport.store.codec import unpack_vectors
from askreport.store.rows import structure_of
from askreport.types import Document, HalfArray, Passage, PassageVectors, Source


@dataclass(frozen=True, slots=True)
class PackedPassage:
    """A passage with its digest and the packed vectors of its sentences (codec.py)."""

    passage: Passage
    digest: bytes
    sentence_vectors: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document with everything that is stored of it; the text is not yet compared with its SHA-256.

    ``vectors`` are those of the passages, shape (passages, dimension); ``layout`` has the packed boxes of each page,
    by its number; ``entry`` is what was given as such when it was added.
    """

    document: Document
    passages: tuple[PackedPassage, ...]
    vectors: HalfArray
    layout: dict[int, bytes]
    source: Source
    entry: str

    @property
    def sentences(self) -> int:
        """How many sentences it has; one that two passages share counts once."""
        return len({start for each in self.passages for start, _ in each.passage.sentences})

    def unpacked(self) -> Iterator[PassageVectors]:
        """The vectors of each passage as a writer takes them: packed again they are, bit for bit, what was stored."""
        for each, vector in zip(self.passages, self.vectors, strict=True):
            yield vector.astype("float32"), unpack_vectors(each.sentence_vectors, len(vector))

    def pages(self) -> list[bytes]:
        """The packed boxes of its pages as a writer takes them: of the first ones, if not all have some."""
        numbers = takewhile(self.layout.__contains__, (page.number for page in self.document.pages))
        return [self.layout[number] for number in numbers]

    def check(self) -> None:
        """Raises IndexDamagedError if the text is not the one that was indexed."""
        if text_sha256(self.document.text) != self.document.sha256:
            raise IndexDamagedError(
                f"the stored text of {self.document.path} is not the one that was indexed",
                "Nothing more was copied. Index the document anew where it was read from.",
            )

    def checksum(self) -> bytes:
        """128 bits that are equal for documents of which equal things are stored, wherever that is."""
        document = self.document
        about = [document.id, storable(document.path), storable(document.title), document.sha256, document.metadata]
        parts: list[bytes] = [_json([*about, structure_of(document), self.source.id, text_sha256(document.text)])]
        for each in self.passages:
            parts += [_json([each.passage.start, each.passage.end, each.passage.heading, each.passage.sentences])]
            parts += [each.digest, each.sentence_vectors]
        parts += [self.vectors.astype("<f2").tobytes()]
        for number, boxes in sorted(self.layout.items()):
            parts += [_json(number), boxes]
        digest = blake2b(digest_size=16)
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()


class Contents(Protocol):
    """One state of a library, to be read as a whole."""

    @property
    def manifest(self) -> Manifest:
        """What the library holds and what it was made with."""

    def listed(self) -> Iterator[tuple[str, str, Source]]:
        """The id, the path and the file of each document, in no order."""

    def contents(self) -> Iterator[StoredDocument]:
        """The documents in the order of their passages' numbers, one after another; IndexDamagedError."""


def storable(text: str) -> str:
    """A text as every store can keep it: PostgreSQL has no character 0."""
    return text.replace("\0", "\ufffd")


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
