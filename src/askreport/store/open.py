"""Opens the backend that the settings name: a folder, or PostgreSQL, whose client is imported only then."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from askreport.errors import SettingError
from askreport.store.base import Backend, MadeWith
from askreport.store.folder.backend import FolderBackend


def open_backend(address: str, index: Path, made_with: MadeWith | None = None, originals: str = "") -> Backend:
    """The backend at an address of PostgreSQL, or, without one, in a folder; a library need not be there yet.

    With ``made_with``, a library that was made with something else raises IndexMismatchError. ``originals`` is where a
    library in PostgreSQL keeps its files (originals.py). Raises SettingError if the address or that place is invalid,
    or if psycopg is not installed.
    """
    if not address:
        return FolderBackend(index, made_with)
    if not address.startswith(("postgresql://", "postgres://")):
        raise SettingError("ASKREPORT_STORE is no address of a PostgreSQL database", "It begins with postgresql://")
    with postgres_packages():
        # Imported here because psycopg is optional (askreport[cluster]).
        from askreport.store.postgres.backend import PostgresBackend  # noqa: PLC0415
    return PostgresBackend(address, made_with, originals)


@contextmanager
def postgres_packages() -> Iterator[None]:
    """Turns the failure of an import that needs a client of PostgreSQL into SettingError."""
    try:
        yield
    except ImportError as error:
        raise SettingError(
            f"ASKREPORT_STORE needs packages that are not installed ({error.name})",
            "Install them: pip install 'askreport[cluster]'",
        ) from None
