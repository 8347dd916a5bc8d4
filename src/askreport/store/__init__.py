"""The index: documents, passages, sentences and their vectors, searchable by meaning and by words."""

from askreport.store.base import Candidate, DocumentSummary, MadeWith, Mix, Store, StoredPassage
from askreport.store.folder.backend import LocalShelf, Shelf
from askreport.store.folder.embedding_cache import EmbeddingCache, embedding_key
from askreport.store.folder.files import seal, unseal
from askreport.store.folder.generations import (
    FORMAT,
    IndexCounts,
    Integrity,
    Manifest,
    changed,
    generation_folder,
    latest_generation,
    publication,
    read_manifest,
    write_failures,
    writer_lock,
)
from askreport.store.folder.handover import adopt_generation, copy_database, open_generation, replace_database
from askreport.store.folder.parsed_cache import ParsedCache, Seen
from askreport.store.folder.store import LocalStore
from askreport.store.folder.writer import GenerationWriter, remove_generations
from askreport.store.fusion import DENSE_SHARE, fuse
from askreport.store.lru import Recent
from askreport.store.open import database_packages, open_shelf

__all__ = [
    "DENSE_SHARE",
    "FORMAT",
    "Candidate",
    "DocumentSummary",
    "EmbeddingCache",
    "GenerationWriter",
    "IndexCounts",
    "Integrity",
    "LocalShelf",
    "LocalStore",
    "MadeWith",
    "Manifest",
    "Mix",
    "ParsedCache",
    "Recent",
    "Seen",
    "Shelf",
    "Store",
    "StoredPassage",
    "adopt_generation",
    "changed",
    "copy_database",
    "database_packages",
    "embedding_key",
    "fuse",
    "generation_folder",
    "latest_generation",
    "open_generation",
    "open_shelf",
    "publication",
    "read_manifest",
    "remove_generations",
    "replace_database",
    "seal",
    "unseal",
    "write_failures",
    "writer_lock",
]
