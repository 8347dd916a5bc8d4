"""From a quote to its place on the printed page, in a real browser: seen, not only in the markup."""

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from tests.browser.conftest import serving
from tests.tools.parts import PARSERS, pdf

PAGES = (
    ["The garden of the ministry", "", "The minister planted forty tulips there in the spring of 1992."],
    ["The garden of the palace", "", "The king planted nine roses there in the autumn of 1998."],
)
QUESTION = "When did the king plant roses?"
MARKED = (255, 226, 122)


@pytest.fixture(scope="module")
def service(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service over one PDF of two pages."""
    folder: Path = tmp_path_factory.mktemp("garden")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "garden.pdf").write_bytes(pdf(*PAGES))
    settings = Settings(corpus=folder / "corpus", index=folder / "index")
    ingest([settings.corpus], settings.index, encoder, PARSERS)
    with serving(create_app(settings, Library(settings.index, encoder), PARSERS)) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def visitor(browser: Browser, service: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page with and without JavaScript."""
    context = browser.new_context(
        base_url=service, viewport={"width": 1100, "height": 800}, java_script_enabled=request.param
    )
    yield context.new_page()
    context.close()


def ask(page: Page) -> None:
    page.goto("/")
    page.fill("#q", QUESTION)
    page.click("button[type=submit]")
    page.locator(".quotes .source a").first.click()
    page.wait_for_load_state("load")


def test_a_quote_leads_to_its_words_marked_on_the_printed_page(visitor: Page) -> None:
    ask(visitor)
    expect(visitor.locator(".quoted q")).to_contain_text("nine roses")
    mark = visitor.locator("rect.mark").first
    box = mark.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 800
    seen = Image.open(io.BytesIO(visitor.screenshot())).convert("RGB")
    area = seen.crop((int(box["x"]), int(box["y"]), int(box["x"] + box["width"]), int(box["y"] + box["height"])))
    colours = Counter(zip(*(band.tobytes() for band in area.split()), strict=True))
    # The marker's colour, and black letters that show through it.
    assert colours.most_common(1)[0][0] == MARKED
    assert min(map(sum, colours)) < 120


def test_pages_are_turned_by_links_and_by_keys(page: Page) -> None:
    ask(page)
    expect(page.locator("input[name=page]").last).to_have_value("2")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("input[name=page]").last).to_have_value("1")
    expect(page.locator(".quoted")).to_contain_text("on page 2")
    page.locator("a[rel=next]").click()
    expect(page.locator("rect.mark")).to_have_count(1)
    page.fill(".pager input[name=page]", "1")
    page.keyboard.press("Enter")
    expect(page.locator("rect.mark")).to_have_count(0)


def test_zoom_makes_the_page_larger_and_keeps_the_mark(page: Page) -> None:
    ask(page)
    before = page.locator(".sheet").bounding_box()
    page.keyboard.press("+")
    expect(page.locator(".zoom")).to_contain_text("150%")
    after = page.locator(".sheet").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > 1.3 * before["width"]
    expect(page.locator("rect.mark")).to_have_count(1)


def test_the_words_of_the_page_can_be_selected(page: Page) -> None:
    ask(page)
    text = page.locator("svg text", has_text="nine roses").first
    box = text.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()
    assert "nine roses there in the autumn" in page.evaluate("String(getSelection())")


def test_words_are_found_in_the_document(page: Page) -> None:
    ask(page)
    page.keyboard.press("/")
    page.keyboard.type("tulips")
    page.keyboard.press("Enter")
    page.locator(".hits a").click()
    expect(page.locator("rect.mark")).to_have_count(1)
    expect(page.locator("input[name=page]").last).to_have_value("1")


def test_a_link_that_only_has_the_characters_opens_the_page_with_the_mark(page: Page) -> None:
    ask(page)
    address = page.url.split("?")[0] + "#" + page.url.split("#")[1]
    page.goto("/")
    page.goto(address)
    expect(page.locator("rect.mark")).to_have_count(1)


def test_the_printed_page_is_no_wider_than_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    ask(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
