"""Ask, read the quote, stand at its place: in a real browser, with and without JavaScript."""

import re

from playwright.sync_api import Browser, Page, expect

from askreport.answering.library import Library
from tests.browser.conftest import visiting
from tests.browser.views import NEAR

SVR = "does the SVR spy on China?"
SENTENCE = "while the SVR is under agreement not to spy on the Chinese"


def in_view(page: Page, selector: str) -> bool:
    box = page.locator(selector).first.bounding_box()
    height = page.viewport_size["height"] if page.viewport_size else 0
    return box is not None and 0 <= box["y"] < height


def test_a_question_leads_to_the_sentence_in_its_document(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(SVR)
    page.keyboard.press("Enter")
    page.locator(".quotes .source a").first.click()
    expect(page.locator(".sentence:target")).to_contain_text(SENTENCE)
    assert in_view(page, ".sentence:target")


def test_without_javascript_the_quote_is_marked_and_in_view(browser: Browser, service: str) -> None:
    context = browser.new_context(base_url=service, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.fill("#q", SVR)
    page.click("button[type=submit]")
    page.locator(".quotes blockquote a").first.click()
    target = page.locator(".sentence:target")
    expect(target).to_contain_text(SENTENCE)
    expect(target).to_have_css("background-color", "rgb(255, 230, 154)")
    assert in_view(page, ".sentence:target")
    context.close()


def test_a_span_of_any_extent_is_marked_exactly(page: Page) -> None:
    page.goto("/?q=" + SVR)
    page.locator(".passages summary").click()
    link = page.locator(".passages article a").first
    expected = page.locator(".passages .text").first.text_content()
    link.click()
    page.wait_for_selector("mark")
    assert "".join(page.locator("mark").all_text_contents()) == expected
    assert in_view(page, "mark")


def test_characters_outside_the_basic_plane_count_once(page: Page) -> None:
    page.goto("/documents")
    page.get_by_role("link", name="China Russia Report").click()
    page.wait_for_selector("#text")
    page.evaluate("document.getElementById('text').textContent = '𝒳𝒴 naïve 🙂 end'")
    page.evaluate("location.hash = '#char=3,10'")
    expect(page.locator("mark")).to_have_text("naïve 🙂")


def test_a_wrong_span_marks_nothing(page: Page) -> None:
    page.goto("/documents")
    page.get_by_role("link", name="China Russia Report").click()
    page.wait_for_selector("#text")
    for fragment in ("char=5,2", "char=0,999999", "char=x"):
        page.evaluate(f"location.hash = '#{fragment}'")
        expect(page.locator("mark")).to_have_count(0)


def test_a_refusal_shows_no_quotes(page: Page) -> None:
    page.goto("/?q=How do I reset my password?")
    expect(page.locator("#verdict")).to_have_text("The documents do not say")
    expect(page.locator(".quotes")).to_have_count(0)


def test_nothing_is_wider_than_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    for url in ("/", f"/?q={SVR}", "/documents"):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_api_description_works_offline(page: Page) -> None:
    page.goto("/docs")
    expect(page.get_by_text("/api/v1/ask", exact=True)).to_be_visible()


def test_the_api_description_is_dark_in_the_dark_and_has_a_way_back(browser: Browser, service: str) -> None:
    with visiting(browser, service, color_scheme="dark") as page:
        page.goto("/docs")
        expect(page.get_by_text("/api/v1/ask", exact=True)).to_be_visible()
        expect(page.locator("body")).to_have_css("background-color", "rgb(21, 24, 27)")
        expect(page.locator("#swagger-ui")).to_have_css("filter", re.compile("invert"))
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Compare").click()
        expect(page).to_have_url(re.compile("/compare$"))
        page.go_back()
        page.get_by_role("link", name="askreport", exact=True).click()
        expect(page.locator("form.ask")).to_be_visible()


def test_sentences_that_may_not_answer_do_not_look_like_answers(page: Page, library: Library) -> None:
    def look(question: str) -> list[str]:
        page.goto(f"/?q={question}")
        card = page.locator(".quotes > li").first
        style = "(each) => { const own = getComputedStyle(each); return [own.borderTopStyle, own.backgroundColor]; }"
        words = "(each) => { const own = getComputedStyle(each); return [own.fontSize, own.color]; }"
        return [*card.evaluate(style), *card.locator("blockquote").evaluate(words)]

    unsure = next(each for each in NEAR if library.ask(each).status == "uncertain")
    answered, near = look(SVR), look(unsure)
    assert near[0] == "dashed"
    assert all(one != other for one, other in zip(answered, near, strict=True))


def test_a_follow_up_is_understood_and_can_be_asked_by_itself(page: Page) -> None:
    page.goto("/?q=" + SVR)
    page.fill("#q", "And the GRU?")
    page.keyboard.press("Enter")
    expect(page.locator(".understood")).to_contain_text("does the GRU spy on China?")
    expect(page.locator(".earlier a")).to_have_text(SVR)
    page.get_by_role("link", name="Ask it by itself").click()
    expect(page.locator(".understood")).to_have_count(0)
    page.go_back()
    page.locator(".earlier a").click()
    expect(page.locator("#q")).to_have_value(SVR)
