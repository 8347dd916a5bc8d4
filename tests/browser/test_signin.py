"""Signing in and out, in a real browser; and no page that asks a browser for more than the policy allows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, FilePayload, Page, expect

from askreport.guard.keys import KeyFile
from tests.browser.conftest import serving
from tests.tools.small import TEXT, application, settings_in


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return application(settings_in(tmp_path))


@pytest.fixture
def service(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


def test_whoever_signs_in_gets_where_they_wanted_and_is_out_again_after_signing_out(page: Page, file: KeyFile) -> None:
    key = file.add("anna", "write")
    page.goto("/documents?q=txt")
    expect(page.get_by_label("Sign in with your key")).to_be_focused()
    page.keyboard.type(key)
    page.keyboard.press("Enter")
    expect(page).to_have_url("/documents?q=txt")
    page.get_by_role("link", name="A.Txt").click()
    expect(page.get_by_text(TEXT)).to_be_visible()
    assert page.evaluate("document.cookie") == ""
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url("/signin")
    page.goto("/")
    expect(page).to_have_url("/signin?next=/")


def test_a_session_adds_as_without_keys(page: Page, file: KeyFile) -> None:
    page.goto("/")
    key = file.add("anna", "write")
    page.goto("/documents")
    page.fill("#key", key)
    page.get_by_role("button", name="Sign in").click()
    page.set_input_files("#files", FilePayload(name="b.bin", mimeType="", buffer=b"\0"))
    page.get_by_role("button", name="Add to the library").click()
    expect(page.locator("#said")).to_have_text("0 files added, 1 not.")


def test_whoever_may_only_read_is_not_offered_more(page: Page, file: KeyFile) -> None:
    key = file.add("ben", "read")
    page.goto("/documents")
    page.fill("#key", key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name="Delete")).to_have_count(0)
    expect(page.locator("main form")).to_have_count(0)


def test_an_ended_session_is_asked_for_again(page: Page, file: KeyFile) -> None:
    key = file.add("anna", "write")
    page.goto("/")
    page.fill("#key", key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#q")).to_be_visible()
    file.remove("anna")
    page.goto("/documents")
    expect(page).to_have_url("/signin?next=/documents")


def test_the_api_can_be_tried_where_it_is_described(page: Page) -> None:
    page.goto("/docs")
    page.locator(".opblock-summary", has_text="/api/v1/index").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table").get_by_text("200", exact=True)).to_be_visible()


def other_site(service: str) -> FastAPI:
    """A site whose page has a form, a frame and a picture of the service."""
    site = FastAPI()
    form = f'<form method="post" action="{service}/documents/reindex"><button>Change</button></form>'
    html = f'{form}<iframe src="{service}/documents"></iframe><img src="{service}/static/icon.svg">'
    site.add_api_route("/", lambda: HTMLResponse(html))
    return site


def test_a_page_of_another_site_cannot_change_read_or_frame_it(
    browser: Browser, app: FastAPI, service: str, problems: list[str]
) -> None:
    with serving(other_site(service)) as other:
        context = browser.new_context()
        page = context.new_page()
        # Another site, not only another port: browsers take different names for different sites.
        page.goto(other.replace("127.0.0.1", "localhost"))
        assert page.evaluate(f"fetch('{service}/api/documents').then(() => 'read', () => 'refused')") == "refused"
        assert page.evaluate("document.images[0].naturalWidth") == 0
        assert "Documents" not in page.frames[1].content()
        page.get_by_role("button", name="Change").click()
        expect(page.get_by_text("A page of another site may only link to this one")).to_be_visible()
        context.close()
    assert app.state.jobs.all() == []
    # The other site itself, and what the browser says of each attempt.
    assert len(problems) > 3
    problems.clear()
