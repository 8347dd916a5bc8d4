"""What holds for every view: axe-core finds nothing, nothing is wider than the screen, no error, no other host.

axe's rules also ask for a title, a language, and one main part.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, ViewportSize

from tests.browser.axe import CONTRAST, axe_source, violations
from tests.browser.conftest import visiting
from tests.browser.views import View, showing

PHONE = ViewportSize(width=320, height=640)
DESKTOP = ViewportSize(width=1280, height=800)
LARGE = ViewportSize(width=2560, height=1440)


@pytest.fixture(scope="module")
def gallery(shelf: FastAPI) -> Iterator[tuple[str, list[View]]]:
    with showing(shelf) as shown:
        yield shown


@pytest.fixture(scope="module")
def service(gallery: tuple[str, list[View]]) -> str:
    return gallery[0]


@pytest.fixture(scope="module")
def shown(gallery: tuple[str, list[View]]) -> list[View]:
    return gallery[1]


def forgive_status(view: View, problems: list[str]) -> None:
    """The browser says of a page with the status of an error that it has it."""
    expected = f"the server responded with a status of {view.status}"
    problems[:] = [each for each in problems if view.status == 200 or expected not in each]


def test_axe_finds_nothing(browser: Browser, service: str, shown: list[View], problems: list[str]) -> None:
    source, found = axe_source(), []
    for size in (PHONE, DESKTOP):
        with visiting(browser, service, viewport=size) as page:
            for view in shown:
                page.emulate_media(color_scheme="light")
                view.show(page)
                wrong = violations(page, source)
                page.emulate_media(color_scheme="dark")
                wrong += [f"dark: {each}" for each in violations(page, source, CONTRAST)]
                found += [f"{view.name} at {size['width']}: {each}" for each in wrong]
                forgive_status(view, problems)
    assert not found, "\n".join(found)


def test_nothing_is_wider_than_the_screen(
    browser: Browser, service: str, shown: list[View], problems: list[str]
) -> None:
    wide = []
    with visiting(browser, service) as page:
        for view in shown:
            page.set_viewport_size(LARGE)
            view.show(page)
            for size in (LARGE, PHONE):
                page.set_viewport_size(size)
                width = page.evaluate("document.documentElement.scrollWidth")
                wide += [f"{view.name}: {width} of {size['width']}"] if width > size["width"] else []
            forgive_status(view, problems)
    assert not wide, "\n".join(wide)


def test_axe_would_find_something(browser: Browser, service: str) -> None:
    with visiting(browser, service) as page:
        page.goto("/signin")
        page.evaluate("document.querySelector('main').innerHTML = '<img src=\"/static/icon.svg\"><input>'")
        found = violations(page, axe_source())
    assert {each.split(":")[0] for each in found} >= {"image-alt", "label"}


def test_without_axe_its_tests_are_skipped(tmp_path: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="make axe"):
        axe_source(tmp_path / "axe.min.js")
