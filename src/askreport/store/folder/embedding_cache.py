"""Vectors of passages that were embedded before, so that no text is embedded twice."""

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from askreport.store.codec import pack_vectors, unpack_vectors
from askreport.store.folder.cache_file import CacheFile
from askreport.types import PassageVectors, Span

_SCHEMA = """
CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, passage BLOB, sentences BLOB, sum INTEGER) WITHOUT ROWID
"""


def embedding_key(encoder: str, text: str, sentences: Sequence[Span]) -> bytes:
    """The key of what an encoder makes of a passage's text and of the sentences at these spans within that text."""
    spans = json.dumps([list(span) for span in sentences])
    return hashlib.sha256(f"{encoder}\0{spans}\0{text}".encode()).digest()


class EmbeddingCache:
    """A table from (encoder, text, sentence spans) to vectors, in one SQLite file beside the generations.

    Vectors are kept with the precision they have in the index. A damaged file is replaced by an empty one. A row
    that fails its checksum is a cache miss. Failures to write are IndexWriteError.
    """

    def __init__(self, file: Path, dimension: int) -> None:
        self._dimension = dimension
        self._file = CacheFile(file, _SCHEMA)

    def get(self, key: bytes) -> PassageVectors | None:
        """The passage's unit vector and its sentences' unit rows, or None."""
        query = "SELECT passage, sentences, sum FROM embeddings WHERE key = ?"
        for passage, sentences, written in self._file.rows(query, (key,)):
            # In a damaged row bytes may be a number, or nothing.
            with suppress(TypeError):
                if _sum(key, passage, sentences) == written:
                    vector = np.frombuffer(passage, np.float16).astype(np.float32)
                    return vector, unpack_vectors(sentences, self._dimension)
        return None

    def put(self, items: Iterable[tuple[bytes, PassageVectors]]) -> None:
        """Stores vectors under their keys, all or none."""
        rows = []
        for key, (passage, sentences) in items:
            row = (key, passage.astype(np.float16).tobytes(), pack_vectors(sentences))
            rows.append((*row, _sum(*row)))
        self._file.put("embeddings", rows)

    def keys(self) -> set[bytes]:
        """The keys of all vectors that are stored."""
        return {key for (key,) in self._file.rows("SELECT key FROM embeddings")}

    def keep_only(self, keys: Collection[bytes]) -> None:
        """Removes the vectors under all other keys."""
        gone = [(key,) for key in self.keys().difference(keys)]
        self._file.change("DELETE FROM embeddings WHERE key = ?", gone)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _sum(key: bytes, passage: bytes, sentences: bytes) -> int:
    return zlib.crc32(b"".join((key, passage, sentences)))
