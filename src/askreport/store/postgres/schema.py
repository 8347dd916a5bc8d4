"""The tables of a library in PostgreSQL, brought up to date step by step, by the SQL files of ``migrations/``."""

from collections.abc import Callable
from pathlib import Path

from askreport.errors import IndexMismatchError
from askreport.store.postgres.pool import SCHEMA, Connection, Database

STEPS = Path(__file__).parent / "migrations"
# Keys of PostgreSQL's advisory locks, unlikely to be used by others. One each for: migrating the tables, counting what
# was added, building the graph of the vectors, naming a file.
MIGRATING, COUNTING, GROUPING, NAMING = (0x61736B7265700000 + n for n in range(4))
# And the first of a pair of numbers: who adds or removes files of the same bytes.
HOLDING = 0x61736B72


def steps() -> list[tuple[int, Path]]:
    """The steps there are, in order, by their numbers."""
    return sorted((int(file.stem), file) for file in STEPS.glob("*.sql"))


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of this version; IndexMismatchError if a later version has changed them."""
    done, newest = _done(connection), steps()[-1][0]
    if done > newest:
        raise IndexMismatchError(
            f"the database is of a later version of askreport (step {done}, not {newest})", "Update askreport."
        )
    return done == newest


def migrate(database: Database, check: Callable[[Connection], None] = lambda connection: None) -> None:
    """Makes the tables, or takes the steps that are missing, in one transaction; several may try at once.

    ``check`` is called before the tables of an earlier version are changed, and may raise: the version that made them
    goes on using them.
    """
    with database.writing() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATING,))
        if is_current(connection):
            return
        connection.execute("SET LOCAL statement_timeout = 0")
        done = _done(connection)
        if done:
            check(connection)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.execute(f"CREATE TABLE IF NOT EXISTS {SCHEMA}.steps (step integer PRIMARY KEY)")
        for number, file in steps():
            if number > done:
                connection.execute(file.read_bytes())
                connection.execute("INSERT INTO steps VALUES (%s)", (number,))


def _done(connection: Connection) -> int:
    """The last step that was taken, 0 if none was."""
    rows = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.steps",)).fetchall()
    if rows[0][0] is None:
        return 0
    found = connection.execute(f"SELECT coalesce(max(step), 0) FROM {SCHEMA}.steps").fetchall()
    return int(found[0][0])
