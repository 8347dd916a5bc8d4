"""The index: documents, passages, sentences and their vectors, searchable by meaning and by words."""

from askreport.store.base import (
    FORMAT,
    Backend,
    Candidate,
    DocumentSummary,
    IndexCounts,
    MadeWith,
    Manifest,
    Mix,
    Replacement,
    Store,
    StoredPassage,
)
from askreport.store.folder.backend import FolderBackend
from askreport.store.folder.embedding_cache import EmbeddingCache, embedding_key
from askreport.store.folder.files import SEAL, seal, unseal
from askreport.store.folder.generations import (
    changed,
    first_in_line,
    generation_folder,
    latest_generation,
    must_give_way,
    publication,
    read_manifest,
    write_failures,
    writer_lock,
)
from askreport.store.folder.handover import adopt_generation, copy_database, open_generation, replace_database
from askreport.store.folder.integrity import Integrity
from askreport.store.folder.parsed_cache import ParsedCache, Seen
from askreport.store.folder.store import LocalStore
from askreport.store.folder.writer import GenerationWriter, remove_generations
from askreport.store.fusion import DENSE_SHARE, fuse
from askreport.store.lru import Recent
from askreport.store.names import MANY as MANY_NAMED
from askreport.store.open import open_backend, postgres_packages

__all__ = [
    "DENSE_SHARE",
    "FORMAT",
    "MANY_NAMED",
    "SEAL",
    "Backend",
    "Candidate",
    "DocumentSummary",
    "EmbeddingCache",
    "FolderBackend",
    "GenerationWriter",
    "IndexCounts",
    "Integrity",
    "LocalStore",
    "MadeWith",
    "Manifest",
    "Mix",
    "ParsedCache",
    "Recent",
    "Replacement",
    "Seen",
    "Store",
    "StoredPassage",
    "adopt_generation",
    "changed",
    "copy_database",
    "embedding_key",
    "first_in_line",
    "fuse",
    "generation_folder",
    "latest_generation",
    "must_give_way",
    "open_backend",
    "open_generation",
    "postgres_packages",
    "publication",
    "read_manifest",
    "remove_generations",
    "replace_database",
    "seal",
    "unseal",
    "write_failures",
    "writer_lock",
]
