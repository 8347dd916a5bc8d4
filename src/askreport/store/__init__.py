"""The index: documents, passages, sentences and their vectors, searchable by meaning and by words."""

from askreport.store.base import DocumentSummary, MadeWith, Mix, Store, StoredPassage
from askreport.store.cache import EmbeddingCache, embedding_key
from askreport.store.files import seal, unseal
from askreport.store.fusion import DENSE_SHARE, fuse
from askreport.store.local import LocalStore
from askreport.store.manifest import (
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
from askreport.store.opening import database_packages, open_shelf
from askreport.store.parsed import ParsedCache, Seen
from askreport.store.recent import Recent
from askreport.store.shelf import LocalShelf, Shelf
from askreport.store.transfer import adopt_generation, copy_database, open_generation, replace_database
from askreport.store.write import GenerationWriter, remove_generations

__all__ = [
    "DENSE_SHARE",
    "FORMAT",
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
