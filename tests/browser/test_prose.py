"""A language model's sentences on the page, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from askreport.answering.library import Library
from askreport.config import load_settings
from askreport.service.app import create_app
from tests.browser.conftest import serving
from tests.conftest import CORPUS
from tests.tools.scripted import Script, saying, scripted

SVR = "/?q=does the SVR spy on China?"
GOOD = "The SVR is under agreement not to spy on the Chinese [1]. The GRU sells <b>ships</b> [1]. It is so."


def page_with(library: Library, browser: Browser, script: Script) -> Iterator[Page]:
    with scripted(script) as model:
        environ = {
            "ASKREPORT_INDEX": str(library.index),
            "ASKREPORT_LLM_URL": model.url,
            "ASKREPORT_CORPUS": str(CORPUS),
        }
        with serving(create_app(load_settings(environ), library)) as url:
            context = browser.new_context(base_url=url)
            page = context.new_page()
            problems: list[str] = []
            page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: problems.append(str(error)))
            yield page
            context.close()
            assert problems == []


@pytest.fixture
def page(library: Library, browser: Browser) -> Iterator[Page]:
    yield from page_with(library, browser, saying(GOOD, pause=0.01))


@pytest.fixture
def broken_page(library: Library, browser: Browser) -> Iterator[Page]:
    yield from page_with(library, browser, lambda reply, _: reply.head(500, "application/json"))


@pytest.fixture
def silent_page(library: Library, browser: Browser) -> Iterator[Page]:
    yield from page_with(library, browser, saying("The passages do not answer."))


def test_checked_sentences_appear_below_the_quotes(page: Page) -> None:
    page.goto(SVR)
    expect(page.locator("#prose [role=status]")).to_contain_text("2 of 3 sentences struck")
    expect(page.locator("#prose .said span").first).to_have_text(
        "The SVR is under agreement not to spy on the Chinese."
    )
    expect(page.locator("#prose s").first).to_have_text("The GRU sells <b>ships</b>.")
    expect(page.locator("#prose small").first).to_have_text("not supported: the quote does not say so")
    expect(page.locator("#prose small").last).to_have_text("not supported: it cites no quote")
    page.locator("#prose .said a").first.click()
    assert page.url.endswith("#quote-1")


def test_the_next_answer_on_the_page_has_its_own_sentences(page: Page) -> None:
    page.goto("/")
    for question in ("does the SVR spy on China?", "And the GRU?"):
        page.fill("#q", question)
        page.keyboard.press("Enter")
        expect(page.locator(".asked")).to_have_text(question)
        expect(page.locator("#prose [role=status]")).to_contain_text("sentences struck")
        expect(page.locator("#prose .said a").first).to_have_text("1")


def test_a_failure_leaves_the_quotes(broken_page: Page) -> None:
    broken_page.goto(SVR)
    expect(broken_page.locator("#prose [role=status]")).to_contain_text("HTTP 500. The quotes stand.")
    expect(broken_page.locator(".quotes li").first).to_be_visible()


def test_a_model_that_finds_no_answer_leaves_nothing(silent_page: Page) -> None:
    silent_page.goto(SVR)
    expect(silent_page.locator("#prose")).to_have_count(0)
    expect(silent_page.locator(".quotes li").first).to_be_visible()


def test_without_javascript_there_are_the_quotes_only(library: Library, browser: Browser, page: Page) -> None:
    page.goto("/")
    context = browser.new_context(base_url=page.url, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(SVR)
    expect(plain.locator("#prose")).to_be_hidden()
    expect(plain.locator(".quotes li").first).to_be_visible()
    context.close()
