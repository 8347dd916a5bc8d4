"""The question page in a real browser: a conversation, the source beside the answer, keys, copying, what goes wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.service.app import create_app
from tests.browser.conftest import serving, visiting
from tests.tools.parts import PARSERS, folder, pdf

SENTENCE = "The ferry to Texel sails every hour and takes twenty minutes."
GULLS = "Nobody knows how many gulls there are on the quay, and nobody counts them."
WINTER = "In winter the last ferry to Texel sails at nine in the evening."
FERRY = "\n\n".join(["# Ferries", f"{SENTENCE} {WINTER}", *[GULLS] * 30])
ROSES = ["The garden of the palace", "", "The king planted nine roses there in the autumn of 1998."]
QUESTION = "How often does the ferry to Texel sail?"


@pytest.fixture(scope="module")
def service(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place: Path = tmp_path_factory.mktemp("ask")
    arabic = "---\ntitle: تقرير\nlang: ar\n---\nتبحر العبّارة إلى تكسل كل ساعة في الصيف.\n"
    corpus = folder(place / "corpus", {"ferries.md": FERRY, "arabic.md": arabic})
    (corpus / "garden.pdf").write_bytes(pdf(ROSES))
    settings = Settings(corpus=corpus, index=place / "index", keys=place / "keys.json")
    ingest([corpus], settings.index, encoder, PARSERS)
    with serving(create_app(settings, Library(settings.index, encoder), PARSERS)) as address:
        yield address


def ask(page: Page, question: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    expect(page.locator(".asked")).to_have_text(question)


def quote(page: Page, n: int) -> str:
    """The words of a quote, without its context."""
    own = (
        "quote => { const own = quote.cloneNode(true); own.querySelectorAll('.context').forEach(each => each.remove());"
    )
    words: str = page.locator(f"#quote-{n} blockquote").evaluate(f"{own} return own.textContent; }}")
    return words.strip()


def source(page: Page) -> str:
    return "".join(page.locator("#source mark").all_text_contents())


# A conversation


def test_a_conversation_is_held_on_one_page_and_back_goes_through_it(page: Page) -> None:
    page.goto("/")
    page.evaluate("window.marked = true")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text(page.locator("#verdict").text_content() or "")
    expect(page).to_have_title(f"{QUESTION} · askreport")
    ask(page, "And in winter?")
    expect(page.locator(".earlier li")).to_contain_text([QUESTION])
    expect(page.locator(".earlier .first")).to_contain_text(SENTENCE)
    expect(page).to_have_url(f"/?q=And+in+winter%3F&after={QUESTION.replace(' ', '+').replace('?', '%3F')}")
    page.go_back()
    expect(page.locator(".asked")).to_have_text(QUESTION)
    expect(page.locator("#q")).to_have_value(QUESTION)
    page.go_back()
    expect(page.locator(".asked")).to_have_count(0)
    page.go_forward()
    expect(page.locator(".asked")).to_have_text(QUESTION)
    assert page.evaluate("window.marked")
    page.get_by_role("link", name="New conversation").click()
    expect(page.locator("#q")).to_be_focused()
    assert page.evaluate("window.marked") is None


def test_that_it_is_looking_is_seen_at_once_and_nothing_moves_when_the_answer_comes(page: Page) -> None:
    page.goto("/")
    waiting: list[Route] = []
    page.route("**/?q=*", lambda route: waiting.append(route))
    page.fill("#q", QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".skeleton")).to_have_count(2)
    expect(page.locator("#live")).to_have_text("Looking in the documents …")
    box, button = page.locator("#q").bounding_box(), page.locator("form.ask button").bounding_box()
    waiting[0].continue_()
    expect(page.locator(".quotes > li").first).to_be_visible()
    assert page.locator(".skeleton").count() == 0
    assert (page.locator("#q").bounding_box(), page.locator("form.ask button").bounding_box()) == (box, button)


def test_the_newest_question_wins(page: Page) -> None:
    page.goto("/")
    held: list[Route] = []
    page.route("**/?q=slow*", lambda route: held.append(route))
    page.fill("#q", "slow question")
    page.keyboard.press("Enter")
    expect(page.locator(".skeleton").first).to_be_visible()
    page.fill("#q", QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".asked")).to_have_text(QUESTION)
    assert held


def test_a_suggestion_asks_again(page: Page) -> None:
    page.goto("/?q=How many gullz does the kqay have in the mushrooms opera?")
    expect(page.locator("#verdict")).to_have_text("The documents do not say")
    expect(page.locator(".word.unknown").first).to_contain_text("in no document")
    page.locator(".instead a", has_text="gulls").click()
    expect(page.locator(".asked")).to_contain_text("gulls")


# What goes wrong


def test_a_service_that_is_gone_is_told_in_place(page: Page, problems: list[str]) -> None:
    page.goto("/")
    page.route("**/?q=*", lambda route: route.abort())
    page.fill("#q", QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("did not answer")
    expect(page.locator("#q")).to_have_value(QUESTION)
    problems.clear()
    page.unroute("**/?q=*")
    page.get_by_role("link", name="Try again").click()
    expect(page.locator(".quotes blockquote").first).to_contain_text("every hour")


def test_an_error_is_told_below_the_box(page: Page, problems: list[str]) -> None:
    page.goto("/")
    error = '<title>Busy</title><main id="main"><section class="notice bad"><h1>Too many wait</h1></section></main>'
    page.route("**/?q=*", lambda route: route.fulfill(status=503, content_type="text/html", body=error))
    page.fill("#q", QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_have_text("Too many wait")
    expect(page.locator("#live")).to_have_text("Too many wait")
    expect(page.locator("#q")).to_have_value(QUESTION)
    problems.clear()


def test_what_is_no_page_of_the_service_is_gone_to(page: Page) -> None:
    page.goto("/")
    body = "<p>Sign in to the network first"
    page.route("**/?q=*", lambda route: route.fulfill(content_type="text/html", body=body))
    page.fill("#q", QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Sign in to the network first")).to_be_visible()
    expect(page.locator("#q")).to_have_count(0)


# The source beside the answer


def test_the_source_follows_what_is_pointed_at_and_stays_on_the_page(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    assert source(page) == quote(page, 1)
    page.locator("#quote-2 .n").hover()
    expect(page.locator("#quote-2")).to_have_class("current")
    expect(page.locator("#source mark")).to_have_text(quote(page, 2))
    page.locator("#quote-1 blockquote a").click()
    expect(page.locator("#source mark")).to_have_text(quote(page, 1))
    expect(page).to_have_url(f"/?q={QUESTION.replace(' ', '%20')}")
    page.get_by_role("link", name="Open the document here").click()
    expect(page.locator(".sentence:target")).to_have_text(SENTENCE)


def test_the_marked_words_are_in_view_in_the_source(page: Page) -> None:
    page.set_viewport_size({"width": 1100, "height": 420})
    page.goto("/?q=Who counts the gulls on the quay?")
    pane, mark = page.locator("#source").bounding_box(), page.locator("#source mark").first.bounding_box()
    assert pane
    assert mark
    assert pane["y"] <= mark["y"] <= pane["y"] + pane["height"] - mark["height"]
    assert page.evaluate("scrollY") == 0


def test_the_printed_page_is_shown_with_the_words_marked(page: Page) -> None:
    page.goto("/?q=When did the king plant roses?")
    expect(page.locator("#source rect.mark")).to_have_count(1)
    assert page.evaluate("document.querySelector('#source img').complete")
    assert page.locator("#source img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 500
    page.get_by_role("link", name="Open the document here").click()
    expect(page.locator(".quoted q")).to_contain_text("nine roses")


def test_escape_closes_the_source_and_a_click_opens_it(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    expect(page.locator("#pane")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#pane")).to_be_hidden()
    page.locator("#quote-2 blockquote a").click()
    expect(page.locator("#pane")).to_be_visible()
    expect(page.locator("#source mark")).to_have_text(quote(page, 2))
    page.get_by_role("button", name="Close the source").click()
    expect(page.locator("#pane")).to_be_hidden()


def test_a_source_that_cannot_be_had_is_told(page: Page, problems: list[str]) -> None:
    page.goto(f"/?q={QUESTION}")
    page.route("**/excerpt*", lambda route: route.fulfill(status=500, body=""))
    page.locator("#quote-2 .n").hover()
    expect(page.locator("#source")).to_have_text("The source cannot be shown here.")
    page.unroute("**/excerpt*")
    page.locator("#quote-1 blockquote a").click()
    expect(page.locator("#source mark")).to_have_text(quote(page, 1))
    problems.clear()


def test_a_document_written_from_right_to_left_is_read_so(page: Page) -> None:
    page.goto("/?q=كم مرة تبحر العبّارة إلى تكسل؟")
    for place in ("#quote-1 blockquote", "#source .document"):
        expect(page.locator(place)).to_have_css("direction", "rtl")
        expect(page.locator(place)).to_have_attribute("lang", "ar")
    expect(page.locator("#quote-1 .source")).to_have_css("direction", "ltr")


# Keys


def test_the_keyboard_alone_asks_reads_and_opens(page: Page) -> None:
    page.goto("/")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#quote-1 blockquote a")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#source mark")).to_have_text(quote(page, 2))
    page.keyboard.press("ArrowUp")
    expect(page.locator("#source mark")).to_have_text(quote(page, 1))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    expect(page.locator("#quote-1 blockquote a")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()
    expect(page.locator("#q")).to_have_value(QUESTION)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".sentence:target")).to_have_text(SENTENCE)
    page.go_back()
    expect(page.locator(".asked")).to_have_text(QUESTION)


def test_the_keys_are_listed(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(page.locator("#pane")).to_be_visible()
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.locator("#q").press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


# Citing, and why


def test_a_citation_and_the_address_are_copied(browser: Browser, service: str) -> None:
    with visiting(browser, service, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"/?q={QUESTION}")
        page.locator("#quote-1 details.cite summary").click()
        page.locator("#quote-1 [data-copy]").nth(1).click()
        expect(page.locator("#live")).to_have_text("Copied")
        markdown = page.evaluate("navigator.clipboard.readText()")
        assert markdown.startswith(f"> {SENTENCE}")
        assert f"]({service}/documents/" in markdown
        page.get_by_role("link", name="Copy link").click()
        expect(page.locator(".copy-link")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == f"{service}/?q={QUESTION.replace(' ', '+')[:-1]}%3F"


def test_where_copying_is_not_allowed_the_words_are_selected(browser: Browser, service: str) -> None:
    with visiting(browser, service) as page:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page.goto(f"/?q={QUESTION}")
        page.locator("#quote-1 details.cite summary").click()
        page.locator("#quote-1 [data-copy]").first.click()
        expect(page.locator("#live")).to_contain_text("Ctrl+C")
        assert SENTENCE in page.evaluate("String(getSelection())")


def test_why_is_shown_in_place_and_has_a_page_of_its_own(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    page.locator("details.why summary").click()
    expect(page.locator(".behind .text").first).to_have_text(quote(page, 1))
    page.goto(f"/why?q={QUESTION}")
    page.get_by_role("link", name=QUESTION).click()
    expect(page.locator(".asked")).to_have_text(QUESTION)


def test_the_conversation_is_saved_as_a_file(page: Page) -> None:
    page.goto(f"/?q=And in winter?&after={QUESTION}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    text = Path(download.value.path()).read_text()
    assert SENTENCE in text
    assert "And in winter?" in text


# Screens, scripts, paper


def test_on_a_phone_a_quotes_words_come_up_over_the_answer_and_go_again(browser: Browser, service: str) -> None:
    size = {"width": 390, "height": 700}
    with visiting(browser, service, viewport=size, has_touch=True, is_mobile=True) as page:
        page.goto(f"/?q={QUESTION}")
        # The box cuts a question off that the page has in full.
        expect(page.locator(".asked")).to_be_visible()
        expect(page.locator("#pane")).to_be_hidden()
        page.locator("#quote-2 blockquote a").tap()
        expect(page.locator("#source mark")).to_have_text(quote(page, 2))
        expect(page.locator("#source mark")).to_be_in_viewport()
        page.get_by_role("button", name="Close the source").tap()
        expect(page.locator("#pane")).to_be_hidden()
        expect(page.locator("#quote-2 blockquote a")).to_be_in_viewport()
        expect(page.locator("[data-opens]").first).to_be_hidden()


def test_on_a_phone_a_printed_page_is_large_enough_to_be_read_with_its_words_in_view(
    browser: Browser, service: str
) -> None:
    size = {"width": 390, "height": 700}
    with visiting(browser, service, viewport=size, has_touch=True, is_mobile=True) as page:
        page.goto("/?q=How many roses did the king plant?")
        page.locator("#quote-1 blockquote a").tap()
        sheet = page.locator("#source .sheet")
        expect(sheet).to_be_visible()
        assert sheet.evaluate("(each) => each.getBoundingClientRect().width") > 600
        expect(page.locator("#source rect.mark").first).to_be_in_viewport()


def test_without_a_script_the_source_is_there_and_nothing_that_does_nothing(browser: Browser, service: str) -> None:
    with visiting(browser, service, java_script_enabled=False) as page:
        page.goto(f"/?q={QUESTION}")
        expect(page.locator("#source mark")).to_have_text(SENTENCE)
        page.locator("#quote-1 details.cite summary").click()
        expect(page.locator("#quote-1 details.cite p").first).to_contain_text(SENTENCE)
        assert page.locator(".js").count() > 0
        for control in page.locator(".js").all():
            expect(control).to_be_hidden()
        page.locator("details.why summary").click()
        page.get_by_role("link", name="Show the words that matched").click()
        expect(page.locator(".behind .text").first).to_have_text(SENTENCE)


def test_in_the_dark_the_words_and_marks_are_light_on_dark(browser: Browser, service: str) -> None:
    with visiting(browser, service, color_scheme="dark") as page:
        page.goto(f"/?q={QUESTION}")
        expect(page.locator("body")).to_have_css("background-color", "rgb(21, 24, 27)")
        expect(page.locator("#source mark")).to_have_css("background-color", "rgb(107, 84, 16)")


def test_on_paper_there_is_the_question_and_its_quotes(page: Page) -> None:
    page.goto(f"/?q=And in winter?&after={QUESTION}")
    page.emulate_media(media="print", color_scheme="dark")
    for part in (".asked", ".earlier", "#verdict", "#quote-1", "#quote-1 .source"):
        expect(page.locator(part)).to_be_visible()
    for part in (".bar", "form.ask", "#pane", ".actions", ".why", ".passages"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
