"""A service over the corpus, and Debian's Chromium driven by Playwright; without a browser these tests are skipped."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.types import ASGIApp

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from tests.browser.views import gallery
from tests.conftest import CORPUS
from tests.tools.parts import PARSERS, folder

ServeFiles: TypeAlias = Callable[[dict[str, str]], str]
# As root Chromium needs --no-sandbox; the others keep it from calling its maker's hosts.
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The address of a service that runs while in the context."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def service(library: Library) -> Iterator[str]:
    """The address of a running service."""
    with serving(create_app(Settings(corpus=CORPUS, index=library.index), library)) as address:
        yield address


@pytest.fixture(scope="module")
def shelf(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """An application over the gallery's library, for tests that change nothing in it; it is served once, and ends."""
    return gallery(tmp_path_factory.mktemp("gallery"), encoder)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("needs Chromium: make system")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        yield launched
        launched.close()


@pytest.fixture(autouse=True)
def problems(browser: Browser) -> Iterator[list[str]]:
    """What went wrong on any page of a test: console errors, uncaught errors, requests to other hosts; nothing may.

    A test that provokes something takes it out of the list.
    """
    found: list[str] = []

    def watch(context: BrowserContext) -> None:
        context.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: found.append(str(error.error)))
        context.on("request", lambda request: None if is_own(request.url) else found.append(request.url))

    browser.on("context", watch)
    yield found
    browser.remove_listener("context", watch)
    assert found == []


def is_own(url: str) -> bool:
    """Whether an address is one of a service of the tests, or no address of a host at all."""
    parts = urlsplit(url)
    return parts.hostname == "127.0.0.1" or parts.scheme in ("data", "blob")


@pytest.fixture
def java_script_enabled() -> bool:
    """Whether pages run scripts; a module that tests both has this in both ways."""
    return True


@pytest.fixture
def page(browser: Browser, service: str, java_script_enabled: bool) -> Iterator[Page]:
    """A page of the service."""
    with visiting(browser, service, java_script_enabled=java_script_enabled) as opened:
        yield opened


@pytest.fixture(scope="module")
def serve_files(encoder: Encoder, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServeFiles]:
    """Serves files, read by the corpus's reader, and gives the service's address."""
    with ExitStack() as stack:

        def serve(files: dict[str, str]) -> str:
            place = tmp_path_factory.mktemp("served")
            corpus = folder(place / "corpus", files)
            settings = Settings(corpus=corpus, index=place / "index", keys=place / "keys.json")
            ingest([corpus], settings.index, encoder, PARSERS)
            own = Library(settings.index, encoder, library.scorer)
            return stack.enter_context(serving(create_app(settings, own, PARSERS)))

        yield serve


@contextmanager
def visiting(browser: Browser, service: str, **options: Any) -> Iterator[Page]:
    """A page of a service in a context of its own, with Playwright's options for contexts."""
    context = browser.new_context(base_url=service, **{"viewport": {"width": 1100, "height": 800}, **options})
    yield context.new_page()
    context.close()
