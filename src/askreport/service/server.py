"""The service as processes: one that answers, or several that share an address, and their orderly end."""

import logging
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.markup import escape

from askreport.config import Settings, environment, load_settings
from askreport.errors import KeyFileError
from askreport.guard.access import Access, check_start
from askreport.models.session import available_cores
from askreport.service.app import create_app, end_hard
from askreport.service.connections import Connection, InPieces, most_connections
from askreport.service.observe.log import configure
from askreport.service.sockets import CAN_DEAL, another, listen, reserve

# How long the end waits for answers that are under way; whoever does not read is not waited for any longer.
SHUTDOWN_SECONDS = 3
# Seconds between two looks at whether the end was asked for, and before a worker that has ended is replaced.
TICK = 0.5
RESTART_SECONDS = 0.5
SPAWN = get_context("spawn")
_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def run(settings: Settings) -> None:
    """Serves until interrupted; SettingError if the address cannot be listened on, or must not be without keys."""
    access = check_start(settings)
    listener = listen(settings.host, settings.port)
    if settings.workers > 1:
        _run_workers(settings, listener, access)
        return
    app = create_app(settings, access=access)
    _announce(settings, listener)
    _serve(app, listener)


def worker(is_asked: bool) -> FastAPI:
    """The application of one of several processes, from the environment that the first one left it.

    ``is_asked`` tells that a key is to be asked for even if the file of keys is lost by now.
    """
    settings = load_settings(os.environ)
    app = create_app(settings, access=Access(settings, is_asked))
    app.state.ends_hard = True
    configure(settings.log)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    return app


def _end_with_parent() -> None:
    """Ends this worker when the process that started it is gone, however it went: nobody else would ever end it."""
    if (parent := parent_process()) is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _serve(app: FastAPI, listener: socket.socket) -> None:
    configure(app.state.settings.log)
    try:
        uvicorn.Server(_config(app)).run(sockets=[listener])
    finally:
        end_hard(app.state.jobs)


def _run_workers(settings: Settings, listener: socket.socket, access: Access) -> None:
    threads = settings.threads or max(1, available_cores() // settings.workers)
    configure(settings.log)
    # Each process counts for itself, into files here, and whichever is asked adds them up.
    with tempfile.TemporaryDirectory(prefix="askreport-metrics-") as counters:
        own = {**environment(settings.model_copy(update={"threads": threads})), _METRICS: counters}
        with _exported(own):
            Workers(settings, listener, access).run()


class Workers:
    """The processes, each with a socket of its own where the system deals connections out among several.

    The system itself tells when one has ended, at whatever moment it was killed; another takes its place.
    """

    def __init__(self, settings: Settings, listener: socket.socket, access: Access) -> None:
        self._settings = settings
        self._access = access
        self._listener = reserve(listener) if CAN_DEAL else listener
        self._ending = False
        self._is_asked = access.is_asked

    def run(self) -> None:
        """Keeps them going until it is told to end."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        workers = [self._start() for _ in range(self._settings.workers)]
        _announce(self._settings, self._listener)
        while not self._ending:
            wait([each.sentinel for each in workers], TICK)
            self._notice_keys()
            workers = [each if each.is_alive() or self._ending else self._replace(each) for each in workers]
        for each in workers:
            each.terminate()
        for each in workers:
            each.join()

    def _start(self) -> SpawnProcess:
        with ExitStack() as after:
            # The process gets a socket of its own by being started with it.
            listener = after.enter_context(another(self._listener)) if CAN_DEAL else self._listener
            made = SPAWN.Process(target=_work, args=(listener, self._is_asked))
            made.start()
        return made

    def _notice_keys(self) -> None:
        """Remembers that there are keys: those that are started later ask for one, whatever has become of the file."""
        # A file that cannot be read opens nothing, and says so to whoever asks.
        with suppress(KeyFileError):
            self._is_asked = self._access.is_asked

    def _replace(self, ended: SpawnProcess) -> SpawnProcess:
        """Starts another one, not at once: one that cannot start would otherwise take all there is."""
        logging.getLogger(__name__).error("worker %s has ended (%s); another is started", ended.pid, ended.exitcode)
        time.sleep(RESTART_SECONDS)
        return self._start()

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True


def _work(listener: socket.socket, is_asked: bool) -> None:
    """What a process does."""
    uvicorn.Server(_config(worker(is_asked))).run(sockets=[listener])


@contextmanager
def _exported(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        InPieces(app),
        http=Connection,
        # There are none; and each that is asked for would be a line in the log.
        ws="none",
        log_config=None,
        access_log=False,
        limit_concurrency=most_connections(app.state.settings.connections),
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


def _announce(settings: Settings, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"\\[{host}]" if ":" in host else host
    console = Console(stderr=True)
    console.print(f"askreport answers on [bold]http://{shown}:{port}[/bold] (Ctrl+C ends it)")
    if settings.watch:
        console.print(f"and indexes what changes in {escape(str(settings.corpus))}")
