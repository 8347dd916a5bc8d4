"""The files of a library in PostgreSQL, of whatever version, as a folder that can be indexed."""

from dataclasses import dataclass
from pathlib import Path

from askreport.digest import content_id
from askreport.errors import CopyError, IndexMissingError
from askreport.progress import Progress
from askreport.store.postgres.files import files
from askreport.store.postgres.originals import open_originals
from askreport.store.postgres.pool import SCHEMA, Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many files were written, how many were there already, and the names of those whose bytes are gone."""

    files: int
    known: int
    lost: tuple[str, ...]


def write_originals(
    address: str, originals: str, folder: Path, progress: Progress = lambda stage, done, total: None
) -> Written:
    """Writes every file of the library at an address into a folder; the database stays as it is.

    Raises IndexMissingError if there is no library, CopyError if a file cannot be written or another one is in its
    place, and StoreError.
    """
    database = Database(address)
    try:
        with database.reading(newest=True) as connection:
            if connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.files",)).fetchall() == [(None,)]:
                raise IndexMissingError(f"the database {database.name} holds no library", "Is this the right address?")
            listed = files(connection)
        kept, known, lost = open_originals(originals, database), 0, []
        for done, file in enumerate(listed, start=1):
            data = kept.get(file.content)
            if data is None:
                lost.append(file.name)
            else:
                known += not _write(folder, file.name, data)
            progress("writing", done, len(listed))
    finally:
        database.close()
    return Written(files=len(listed) - known - len(lost), known=known, lost=tuple(lost))


def _write(folder: Path, name: str, data: bytes) -> bool:
    """Writes a file; False if it was there."""
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):
        raise CopyError(f"{name} would lie outside {folder}", "The database has been tampered with.")
    try:
        if file.exists():
            if content_id(file.read_bytes()) == content_id(data):
                return False
            raise CopyError(f"another file is in the place of {file}", "Choose an empty folder.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    except OSError as error:
        raise CopyError(f"{file} cannot be written: {error.strerror}", "Choose another folder.") from error
    return True
