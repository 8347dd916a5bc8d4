"""A database with a node that is behind: an older copy of it, from which is read unless the newest state is wanted."""

from collections.abc import Iterator
from contextlib import contextmanager

from askreport.store.postgres.pool import Connection, Database


class Behind(Database):
    """A database whose reads go to another one; ``newest`` counts those that went to itself."""

    def __init__(self, address: str, older: str) -> None:
        super().__init__(address)
        self.older = Database(older)
        self.newest = 0

    @contextmanager
    def reading(self, newest: bool = False) -> Iterator[Connection]:
        """A connection to the other database, or to this one."""
        self.newest += newest
        with super().reading(True) if newest else self.older.reading() as connection:
            yield connection

    def close(self) -> None:
        """Closes the connections to both."""
        self.older.close()
        super().close()
