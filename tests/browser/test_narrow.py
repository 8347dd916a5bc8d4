"""Asking some documents only, in a real browser: chosen by the form, kept in the address, taken away by a click."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ServeFiles, visiting

QUESTION = "When does the last ferry to Texel leave?"
NORTH = """---
title: North
date: 2023-05-01
tags: [ferry]
---
In summer the last ferry to Texel leaves at nine in the evening. It takes twenty minutes.
"""
SOUTH = """---
title: South
date: 2024
---
In winter the last ferry to Texel leaves at six in the evening. Dogs travel for free.
"""


@pytest.fixture(scope="module")
def service(serve_files: ServeFiles) -> str:
    return serve_files({"north/ferry.md": NORTH, "south/ferry.md": SOUTH})


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def java_script_enabled(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def quotes(page: Page) -> list[str]:
    return page.locator(".quotes blockquote").all_text_contents()


def ask(page: Page, question: str) -> None:
    page.get_by_role("searchbox").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def narrow(page: Page, **chosen: str) -> None:
    page.get_by_text("Only some documents").click()
    for label, value in chosen.items():
        field = page.locator(f".narrow-form [name={label}]")
        field.select_option(value) if label != "since" else field.fill(value)
    page.get_by_role("button", name="Apply").click()


def test_a_question_is_put_to_a_folder_and_then_to_all(page: Page) -> None:
    page.goto("/")
    ask(page, QUESTION)
    expect(page.locator(".quotes")).to_contain_text("at nine")
    narrow(page, folder="south")
    expect(page.locator(".chip")).to_contain_text("folder south")
    expect(page.locator(".quotes")).to_contain_text("at six")
    expect(page.locator(".quotes")).not_to_contain_text("at nine")
    expect(page).to_have_url(re.compile("folder=south"))
    page.reload()
    expect(page.locator(".quotes")).to_contain_text("at six")
    ask(page, "How long does the ferry take?")
    expect(page.locator(".asked")).to_have_text("How long does the ferry take?")
    expect(page.locator(".chip")).to_contain_text("south")
    assert not any("at nine" in each for each in quotes(page))
    page.locator(".chip").click()
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.locator(".quotes")).to_contain_text("twenty minutes")
    expect(page).not_to_have_url(re.compile("folder="))


def test_dates_and_tags_narrow_and_what_leaves_nothing_is_taken_away(page: Page, problems: list[str]) -> None:
    page.goto("/")
    narrow(page, since="2024")
    expect(page.locator(".chip")).to_contain_text("from 2024")
    ask(page, QUESTION)
    expect(page.locator(".quotes")).to_contain_text("at six")
    assert not any("at nine" in each for each in quotes(page))
    narrow(page, tag="ferry")
    expect(page.get_by_role("alert")).to_contain_text("No document is left")
    problems[:] = [each for each in problems if "404" not in each]
    page.locator(".chip", has_text="2024").click()
    expect(page.locator(".quotes")).to_contain_text("at nine")


def test_a_refusal_of_some_documents_leads_to_all(page: Page) -> None:
    page.goto("/?folder=south")
    ask(page, "Who discovered zirconium?")
    expect(page.get_by_role("heading", name="The chosen documents do not say")).to_be_visible()
    page.get_by_role("link", name="Ask all documents").click()
    expect(page.get_by_role("heading", name="The documents do not say")).to_be_visible()


def test_a_document_is_asked_from_its_own_page(page: Page) -> None:
    page.goto("/documents")
    page.get_by_role("link", name="South").click()
    page.get_by_role("link", name="Ask this document").click()
    expect(page.locator(".chip")).to_contain_text("document South")
    ask(page, QUESTION)
    expect(page.locator(".quotes")).to_contain_text("at six")
    assert not any("at nine" in each for each in quotes(page))


def test_chips_and_form_are_reached_by_the_keyboard(browser: Browser, service: str) -> None:
    with visiting(browser, service) as page:
        page.goto("/?folder=south")
        page.locator(".chip").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".chip")).to_have_count(0)
        page.locator(".narrow summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "folder"
        page.keyboard.press("s")
        page.locator(".narrow-form button").press("Enter")
        expect(page.locator(".chip")).to_contain_text("south")
