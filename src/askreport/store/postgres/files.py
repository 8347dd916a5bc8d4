"""The files of a library in PostgreSQL: their names, which of them have the same bytes, and how they go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from psycopg.rows import class_row

from askreport.store.base import Replacement
from askreport.store.postgres.originals import Originals
from askreport.store.postgres.pool import Connection
from askreport.store.postgres.queue import Task
from askreport.store.postgres.schema import HOLDING, NAMING
from askreport.types import OutcomeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as the library knows it: ``status`` and ``reason`` are its outcome, ``documents`` how many it is.

    ``made`` is what they were made with, "" while they are not all there or that is unknown.
    """

    name: str
    content: str
    size: int
    folder: bool
    status: OutcomeStatus
    reason: str = ""
    documents: int = 0
    made: str = ""


_LOCKS = 1024
# When something was noted, in ISO 8601.
_AT = """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""
_COLUMNS = "name, content, size, folder, status, reason, documents, made"


def hold_contents(connection: Connection, contents: Iterable[str]) -> None:
    """Makes others who add or remove files of these bytes wait until the transaction ends."""
    # A server has room for a few thousand locks, and an upload may have as many files.
    for number in sorted({crc32(content.encode()) % _LOCKS for content in contents}):
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (HOLDING, number))


def find_file(connection: Connection, name: str) -> File | None:
    """The file of this name, None if there is none."""
    with connection.cursor(row_factory=class_row(File)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM files WHERE name = %s", (name,)).fetchone()


def files(connection: Connection) -> list[File]:
    """All files, by name."""
    with connection.cursor(row_factory=class_row(File)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM files ORDER BY name").fetchall()


def same_content(connection: Connection, content: str, name: str) -> str:
    """The name of another file with these bytes whose documents are in the library, "" if there is none."""
    query = "SELECT name FROM files WHERE content = %s AND name <> %s AND status = 'indexed' ORDER BY name LIMIT 1"
    rows = connection.execute(query, (content, name)).fetchall()
    return str(rows[0][0]) if rows else ""


def choose_name(connection: Connection, task: Task, names: Iterable[str]) -> str:
    """The first of the names that no file has or is about to get; it is the task's file's own from then on."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (NAMING,))
    taken = """SELECT 1 FROM files WHERE name = %(name)s UNION ALL
        SELECT 1 FROM job_files WHERE path = %(name)s AND status <> 'done' AND number <> %(number)s"""
    for name in names:
        if not connection.execute(taken, {"name": name, "number": task.number}).fetchall():
            connection.execute("UPDATE job_files SET path = %s WHERE number = %s", (name, task.number))
            return name
    raise AssertionError("there is always another name")


def put_file(connection: Connection, file: File) -> None:
    """Adds a file, or replaces what is known of the one of its name."""
    connection.execute(
        """INSERT INTO files (name, content, size, folder, status, reason, documents, made)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (name) DO UPDATE SET content = excluded.content, size = excluded.size,
                folder = excluded.folder, status = excluded.status, reason = excluded.reason,
                documents = excluded.documents, made = excluded.made""",
        (file.name, file.content, file.size, file.folder, file.status, file.reason, file.documents, file.made),
    )


def begin_file(connection: Connection, file: File) -> None:
    """Adds a file whose documents come one transaction after another, unless one of its name is there."""
    if find_file(connection, file.name) is None:
        put_file(connection, file)


def rename_file(connection: Connection, name: str, to: str) -> None:
    """Gives a file another name; its documents get it when they are read again, which is asked for by this."""
    connection.execute("DELETE FROM files WHERE name = %s", (to,))
    connection.execute("UPDATE files SET name = %s, made = '' WHERE name = %s", (to, name))


def remove_file(connection: Connection, name: str, originals: Originals) -> None:
    """Removes a file, and its bytes unless others have them."""
    for (content,) in connection.execute("DELETE FROM files WHERE name = %s RETURNING content", (name,)).fetchall():
        drop_original(connection, content, originals)


def drop_original(connection: Connection, content: str, originals: Originals) -> None:
    """Removes bytes that no file has and none that waits will have; the contents must be held."""
    query = """SELECT 1 FROM files WHERE content = %(content)s AND status IN ('indexed', 'duplicate') UNION ALL
        SELECT 1 FROM job_files WHERE content = %(content)s AND status <> 'done'"""
    if not connection.execute(query, {"content": content}).fetchall():
        originals.delete(content, connection)


def note_replaced(connection: Connection, old: Sequence[str], new: str) -> None:
    """Notes that a document has taken the place of others."""
    with connection.cursor() as cursor:
        query = """INSERT INTO replaced (old, new) VALUES (%s, %s)
            ON CONFLICT (old) DO UPDATE SET new = excluded.new, at = now()"""
        cursor.executemany(query, [(each, new) for each in old])


def list_replaced(connection: Connection) -> dict[str, Replacement]:
    """By the id of each document that was replaced, what has taken its place."""
    rows = connection.execute(f"SELECT old, new, {_AT} FROM replaced").fetchall()
    return {old: Replacement(new, at) for old, new, at in rows}


def find_replaced(connection: Connection, document_id: str) -> Replacement | None:
    """What has taken a document's place, None if that is not known."""
    query = f"SELECT new, {_AT} FROM replaced WHERE old = %s"
    rows = connection.execute(query, (document_id,)).fetchall() if document_id.isalnum() else []
    return Replacement(*rows[0]) if rows else None


def add_replaced(connection: Connection, replaced: Mapping[str, Replacement]) -> None:
    """Adds what has taken documents' places elsewhere, where nothing newer is known."""
    with connection.cursor() as cursor:
        query = """INSERT INTO replaced (old, new, at) VALUES (%s, %s, %s)
            ON CONFLICT (old) DO UPDATE SET new = excluded.new, at = excluded.at WHERE replaced.at < excluded.at"""
        cursor.executemany(query, [(old, by.id, by.at) for old, by in replaced.items()])


def documents_of(connection: Connection, name: str) -> dict[str, str]:
    """The documents of the file of this name: their ids, and the ids of the bytes they were read from."""
    rows = connection.execute("SELECT id, content FROM documents WHERE file = %s", (name,)).fetchall()
    return dict(rows)


def known(connection: Connection, documents: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Of those of the documents that are there: their entries, their files' names ("" if that is gone), their paths."""
    rows = connection.execute(
        """SELECT d.id, d.entry, coalesce(f.name, ''), d.path FROM documents d LEFT JOIN files f ON f.name = d.file
            WHERE d.id = ANY(%s)""",
        (list(documents),),
    ).fetchall()
    return {identity: (entry, file, path) for identity, entry, file, path in rows}


def copies_of(connection: Connection, content: str, name: str) -> list[str]:
    """The names of the other files that a folder has with these bytes."""
    query = "SELECT name FROM files WHERE content = %s AND name <> %s AND status = 'duplicate' ORDER BY name"
    return [each for (each,) in connection.execute(query, (content, name)).fetchall()]


def at_work(connection: Connection, name: str) -> bool:
    """Whether the file of this name waits to be read, or is being read."""
    query = "SELECT 1 FROM job_files WHERE path = %s AND status <> 'done' LIMIT 1"
    return bool(connection.execute(query, (name,)).fetchall())
