"""A comparison in a real browser: filled as it comes, opened in its place, saved; and whole without JavaScript."""

import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ServeFiles, visiting
from tests.browser.test_speed import SHIFT

FERRY = "When does the last ferry to Texel leave?"
GARDEN = "How many roses did the king plant?"
NORTH = "# North\n\nIn summer the last ferry to Texel leaves at nine in the evening. Dogs travel for free.\n"
SOUTH = "# South\n\nThe king planted nine roses in the garden of the palace. Nobody counts gulls on the quay.\n"

# Whatever a script fetches comes later.
LATE = """
    const own = fetch;
    fetch = async (...given) => { await new Promise((go) => setTimeout(go, 700)); return own(...given); };
"""


@pytest.fixture(scope="module")
def service(serve_files: ServeFiles) -> str:
    return serve_files({"north/a.md": NORTH, "south/b.md": SOUTH})


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def java_script_enabled(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def compare(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Compare").click()
    # Loaded with its script, without which the table would come whole.
    page.wait_for_url("**/compare")
    page.get_by_label("Questions, one a line").fill(f"{FERRY}\n{GARDEN}")
    page.get_by_label("Folders").select_option(["north", "south"])
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="2 questions to 2 columns")).to_be_visible()


def test_a_table_is_filled_and_its_cells_open_in_their_place(page: Page) -> None:
    compare(page)
    expect(page.locator("#cell-0-0")).to_contain_text("at nine in the evening")
    expect(page.locator("#cell-1-1")).to_contain_text("nine roses")
    expect(page.locator("#cell-1-0 .silent, #cell-1-0 .uncertain")).to_have_count(1)
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator(".comparison .progress")).to_be_hidden()
    expect(page).to_have_url(re.compile("folder=north&folder=south"))
    page.reload()
    expect(page.locator("#cell-0-0")).to_contain_text("at nine in the evening")
    page.locator("#cell-0-0 blockquote a").click()
    marked = "In summer the last ferry to Texel leaves at nine in the evening."
    expect(page.locator(":target")).to_have_text(marked)


def test_the_table_is_saved_as_a_workbook(page: Page) -> None:
    compare(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    saved = Path(download.value.path())
    saved = saved.rename(saved.with_suffix(".xlsx"))
    table = openpyxl.load_workbook(saved)["Comparison"]
    assert [cell.value for cell in table[1]] == [None, "north", "south"]
    assert "at nine in the evening" in table["B2"].value


def test_progress_is_shown_while_cells_come_and_a_failure_is_told(browser: Browser, service: str) -> None:
    with visiting(browser, service) as page:
        page.route("**/compare/cells**", lambda route: route.fulfill(status=204, body=""))
        compare(page)
        expect(page.locator(".comparison .progress")).to_contain_text("The service did not answer")
        page.unroute("**/compare/cells**")
        page.reload()
        expect(page.locator("#cell-1-1")).to_contain_text("nine roses")


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_as_cells_come(browser: Browser, service: str, width: int) -> None:
    with visiting(browser, service, viewport={"width": width, "height": 1800}) as page:
        # What comes within half a second of a click is what it asked for, however things move.
        page.add_init_script(LATE)
        compare(page)
        expect(page.locator("#cell-1-1")).to_contain_text("nine roses")
        expect(page.locator(".waiting")).to_have_count(0)
        assert page.evaluate(SHIFT) == 0
        # It would be noticed.
        page.locator("#cell-0-0").evaluate("(cell) => { cell.style.height = '30rem'; }")
        assert page.evaluate(SHIFT) > 0


def test_a_problem_is_told_on_the_page(page: Page, problems: list[str]) -> None:
    page.goto("/compare?q=Goats&folder=west")
    expect(page.get_by_role("alert")).to_contain_text("No document is left")
    problems[:] = [each for each in problems if "404" not in each]
