"""What a quote is to be read with, as a real browser shows it."""

from playwright.sync_api import Page, expect


def test_the_context_of_a_quote_is_dimmed(page: Page) -> None:
    told = "Is there joint deployment of troops or sharing of military bases between Russia and China?"
    page.goto(f"/?q={told}")
    quotes = page.locator(".quotes blockquote", has_text="sharing of military bases")
    expect(quotes.locator(".context")).to_contain_text("no signs of the advanced military cooperation")
    own, context = (
        quotes.locator(each).first.evaluate("each => getComputedStyle(each).color") for each in ("a", ".context")
    )
    assert own != context
