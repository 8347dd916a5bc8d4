"""The command that indexes what is added to a library in PostgreSQL: one process, one file at a time."""

import os
import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING

from askreport.answering.library import backend_of
from askreport.cli.terminal import IndexOption, ModelOption, err, out, safe, working
from askreport.config import load_settings
from askreport.errors import SettingError
from askreport.models.encoder import load_encoder
from askreport.parse import parser_pool
from askreport.service.observe.log import configure

if TYPE_CHECKING:
    from askreport.changes.postgres.worker import Worked

# Seconds between two looks at whether the worker still works.
_TICK = 1.0


def worker_command(index: IndexOption = None, model: ModelOption = None) -> None:
    """Index what is added to a library in PostgreSQL (ASKREPORT_STORE), until it is ended; run as many as you like."""
    settings = load_settings(os.environ, index=index, model=model)
    backend = backend_of(settings)
    if not backend.is_postgres:
        raise SettingError(
            "a worker is for a library in a database", "Set ASKREPORT_STORE to the address of a PostgreSQL database."
        )
    # Imported here because psycopg is optional (askreport[cluster]).
    from askreport.changes.postgres.worker import Worker  # noqa: PLC0415

    with working("Loading the encoder (it is made ready on its first use)"):
        encoder = load_encoder(settings.model, settings.cache, settings.threads)
    configure(settings.log)
    parsers = parser_pool(settings)
    worker = Worker(settings, backend, encoder, parsers, _print_worked)
    ending = _told_to_end()
    worker.start()
    err.print("The worker waits for files (Ctrl+C ends it)")
    while worker.is_working and not ending.wait(_TICK):
        pass
    worker.stop()
    if worker.error:
        raise worker.error
    if worker.is_working:
        # Its file is given back, and what it is at may take minutes more.
        os._exit(0)
    parsers.close()


def _told_to_end() -> threading.Event:
    """Is set by the signals that end a process."""
    told = threading.Event()

    def tell(number: int, frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, tell)
    return told


def _print_worked(worked: "Worked") -> None:
    outcome = worked.outcome
    mark = f"[green]{outcome.status}[/green]" if outcome.path else f"[yellow]{outcome.status}[/yellow]"
    count = f"{outcome.count} documents" if outcome.count > 1 else ""
    about = ", ".join(text for text in (count, outcome.reason, f"{worked.seconds:.1f} s") if text)
    out.print(f"  {mark}  {safe(outcome.path or outcome.name)}  [dim]{safe(about)}[/dim]", soft_wrap=True)
