"""The index: documents, passages, sentences and their vectors, searchable by meaning and by words."""

from askreport.store.base import DocumentSummary, Store, StoredPassage
from askreport.store.cache import EmbeddingCache
from askreport.store.local import LocalStore
from askreport.store.manifest import (
    FORMAT,
    IndexCounts,
    Manifest,
    is_intact,
    latest_generation,
    publication,
    read_manifest,
    write_failures,
    writer_lock,
)
from askreport.store.parsed import ParsedCache
from askreport.store.write import GenerationWriter

__all__ = [
    "FORMAT",
    "DocumentSummary",
    "EmbeddingCache",
    "GenerationWriter",
    "IndexCounts",
    "LocalStore",
    "Manifest",
    "ParsedCache",
    "Store",
    "StoredPassage",
    "is_intact",
    "latest_generation",
    "publication",
    "read_manifest",
    "write_failures",
    "writer_lock",
]
