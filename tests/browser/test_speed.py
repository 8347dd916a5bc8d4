"""How soon the pages are there beside a bare one, that nothing on them moves, and how much they weigh."""

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, Response
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from askreport.answering.ask import ask
from askreport.answering.library import Library
from tests.browser.conftest import serving, visiting
from tests.browser.paint import answer_paint, fetched_paint, first_paint
from tests.browser.views import QUESTIONS, SVR, asking, paths_of
from tests.conftest import ROOT
from tests.tools.timing import measured_ratio, seconds

MAX_BYTES = 90_000
VISITS = 5
IN_PIECES = "x-in-pieces"
PIECES = 14
# How far things moved that nobody had asked to move; what happened before the observer is told to it.
SHIFT = """() => new Promise((done) => {
    let moved = 0;
    const count = (list) => { for (const each of list.getEntries()) if (!each.hadRecentInput) moved += each.value; };
    new PerformanceObserver(count).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(moved), 300);
})"""
# One word in the style of the others, and no icon to look for.
BARE = """<!doctype html><title>Bare</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/style.css"><p>Word."""


@pytest.fixture(scope="module")
def service(shelf: FastAPI) -> Iterator[str]:
    with serving(in_pieces(shelf)) as address:
        yield address


@pytest.fixture(scope="module")
def bare() -> Iterator[str]:
    """The address of a service that has nothing but a page of one word."""
    routes = [
        Route("/", lambda _: HTMLResponse(BARE)),
        Mount("/static", StaticFiles(directory=ROOT / "web" / "static")),
    ]
    with serving(FastAPI(routes=routes)) as address:
        yield address


@pytest.fixture(scope="module")
def paths(shelf: FastAPI) -> list[str]:
    return paths_of(shelf.state.library)


def test_the_first_paint_comes_little_later_than_that_of_a_bare_page(
    browser: Browser, service: str, bare: str, paths: list[str]
) -> None:
    for path in paths:
        found = measured_ratio(
            lambda path=path: first_paint(browser, service, path),  # type: ignore[misc]
            lambda: first_paint(browser, bare, "/"),
            VISITS,
            # What else the machine does only adds.
            min,
        )
        assert found < 10, path


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_by_itself(browser: Browser, service: str, paths: list[str], width: int) -> None:
    for path in paths:
        with visiting(browser, service, viewport={"width": width, "height": 800}) as page:
            page.goto(path)
            assert page.evaluate(SHIFT) == 0, path


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_a_page_arrives_piece_by_piece(
    browser: Browser, service: str, paths: list[str], width: int
) -> None:
    for path in paths:
        slowly = {"viewport": {"width": width, "height": 800}, "extra_http_headers": {IN_PIECES: "yes"}}
        with visiting(browser, service, **slowly) as page:
            page.goto(path)
            assert page.evaluate(SHIFT) == 0, path


def test_a_shift_would_be_noticed(page: Page) -> None:
    page.goto("/")
    page.evaluate("document.querySelector('main').style.marginTop = '200px'")
    assert page.evaluate(SHIFT) > 0


def test_the_answer_is_painted_little_later_than_it_is_found_and_a_bare_request_is_painted(
    browser: Browser, page: Page, bare: str, library: Library
) -> None:
    page.goto("/")
    asked, found = iter(QUESTIONS), iter(QUESTIONS)
    with visiting(browser, bare) as other:
        other.goto("/")

        def found_and_painted() -> float:
            called = seconds(lambda: ask(library.store, library.encoder, next(found), scorer=library.scorer))
            return 1000 * called + fetched_paint(other)

        assert measured_ratio(lambda: answer_paint(page, next(asked)), found_and_painted, len(QUESTIONS)) < 6


def test_a_page_with_an_answer_weighs_little(browser: Browser, service: str) -> None:
    with visiting(browser, service) as page:
        loaded: list[Response] = []
        page.on("response", lambda response: loaded.append(response))
        page.goto(asking(SVR), wait_until="networkidle")
        weights = {each.url.removeprefix(service): len(each.body()) for each in loaded if not is_picture(each)}
    assert {path.split("?")[0] for path in weights} >= {"/", "/static/style.css", "/static/ask.js"}
    assert sum(weights.values()) < MAX_BYTES, weights


def in_pieces(app: ASGIApp) -> ASGIApp:
    """The application; to requests with IN_PIECES pages come in PIECES, with a pause after each to be painted in."""

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        is_page = False

        async def send_slowly(message: Message) -> None:
            nonlocal is_page
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                is_page = kind.startswith("text/html") and IN_PIECES in Headers(scope=scope)
            body = message.get("body", b"")
            if not is_page or not body:
                await send(message)
                return
            size = -(-len(body) // PIECES)
            for start in range(0, len(body), size):
                is_more = message.get("more_body", False) or start + size < len(body)
                await send({**message, "body": body[start : start + size], "more_body": is_more})
                await asyncio.sleep(0.05)

        await app(scope, receive, send_slowly)

    return slow


def is_picture(response: Response) -> bool:
    return response.headers.get("content-type") == "image/png"
