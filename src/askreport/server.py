"""The service as processes: one that answers, or several that share an address, and their orderly end."""

import os
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import parent_process

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.markup import escape
from uvicorn.supervisors import Multiprocess

from askreport.access import check_start
from askreport.app import create_app, end_hard
from askreport.config import Settings, environment, load_settings
from askreport.embed import available_cores
from askreport.logs import configure
from askreport.sockets import CAN_DEAL, another, listen, reserve

# How long the end waits for answers that are under way.
SHUTDOWN_SECONDS = 10
# A worker that does not answer its parent for so long is replaced; while it starts it may load for a while.
UNRESPONSIVE_SECONDS = 15
_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def run(settings: Settings) -> None:
    """Serves until interrupted; SettingError if the address cannot be listened on, or must not be without keys."""
    check_start(settings)
    listener = listen(settings.host, settings.port)
    if settings.workers > 1:
        _run_workers(settings, listener)
        return
    app = create_app(settings)
    _announce(settings, listener)
    _serve(app, listener)


def worker() -> FastAPI:
    """The application of one of several processes, from the environment that the first one left it."""
    settings = load_settings(os.environ)
    app = create_app(settings)
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


def _run_workers(settings: Settings, listener: socket.socket) -> None:
    threads = settings.threads or max(1, available_cores() // settings.workers)
    configure(settings.log)
    # Each process counts for itself, into files here, and whichever is asked adds them up.
    with tempfile.TemporaryDirectory(prefix="askreport-metrics-") as counters:
        own = {**environment(settings.model_copy(update={"threads": threads})), _METRICS: counters}
        with _exported(own):
            Workers(_config(f"{__name__}:{worker.__name__}", settings.workers), settings, listener).run()


class Workers(Multiprocess):
    """The processes, each with a socket of its own where the system deals connections out among several."""

    def __init__(self, config: uvicorn.Config, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = reserve(listener) if CAN_DEAL else listener
        super().__init__(config, [])

    def init_processes(self) -> None:
        """Starts them; the address is told when somebody listens on it."""
        super().init_processes()
        _announce(self._settings, self._listener)

    @property
    def sockets(self) -> list[socket.socket]:
        """What the next process is given."""
        return [another(self._listener) if CAN_DEAL else self._listener]

    @sockets.setter
    def sockets(self, _: list[socket.socket]) -> None:
        """Not what was given to all."""


@contextmanager
def _exported(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _config(app: FastAPI | str, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_worker_healthcheck=UNRESPONSIVE_SECONDS,
    )


def _announce(settings: Settings, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"\\[{host}]" if ":" in host else host
    console = Console(stderr=True)
    console.print(f"askreport answers on [bold]http://{shown}:{port}[/bold] (Ctrl+C ends it)")
    if settings.watch:
        console.print(f"and indexes what changes in {escape(str(settings.corpus))}")
