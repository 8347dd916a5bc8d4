"""The service as processes: one that answers, or several that share an address, and their orderly end."""

import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.markup import escape
from uvicorn.supervisors import Multiprocess

from askreport.access import check_start
from askreport.app import create_app, end_hard
from askreport.config import Settings, environment, load_settings
from askreport.embed import available_cores
from askreport.errors import SettingError
from askreport.logs import configure

# How long the end waits for answers that are under way.
SHUTDOWN_SECONDS = 10
# A worker that does not answer its parent for so long is replaced; while it starts it may load for a while.
UNRESPONSIVE_SECONDS = 60
# Connections that wait to be taken; a burst of ten times the load must be told so, not time out.
BACKLOG = 1_024
_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def run(settings: Settings) -> None:
    """Serves until interrupted; SettingError if the address cannot be listened on, or must not be without keys."""
    check_start(settings)
    listener = listen(settings.host, settings.port)
    if settings.workers > 1:
        _announce(settings, listener)
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
    return app


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
            Multiprocess(_config(f"{__name__}:{worker.__name__}", settings.workers), [listener]).run()


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


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; SettingError if it cannot."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with ExitStack() as undo:
            # Of a socket that names its protocol, and of no other, asyncio switches Nagle's algorithm off, which would
            # hold the second half of every answer back for 40 ms.
            listener = undo.enter_context(socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            # Before the address is announced: whoever connects now waits until the service accepts.
            listener.listen(BACKLOG)
            undo.pop_all()
    except OSError as error:
        raise SettingError(
            f"cannot listen on {host} port {port}: {error.strerror}",
            "Choose another by --port or ASKREPORT_PORT; another askreport may be running there.",
        ) from None
    return listener
