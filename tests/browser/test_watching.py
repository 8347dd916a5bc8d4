"""The tests' own watch over pages: whatever goes wrong on one is noticed, in every context."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import is_own, visiting


def take(problems: list[str]) -> list[str]:
    taken = list(problems)
    problems.clear()
    return taken


def test_errors_and_other_hosts_are_noticed(page: Page, problems: list[str]) -> None:
    page.goto("/")
    assert problems == []
    page.evaluate("console.warn('said'); console.error('wrong'); setTimeout(() => { throw new Error('thrown') })")
    page.evaluate("fetch('http://localhost:9/').catch(() => 0)")
    page.evaluate("fetch('/nothing')")
    page.wait_for_timeout(50)
    noticed = take(problems)
    assert "wrong" in noticed
    assert "said" not in noticed
    assert any("thrown" in each for each in noticed)
    # The policy has kept it from being sent.
    assert any("Content Security Policy" in each for each in noticed)
    assert any("404" in each for each in noticed)


def test_a_context_without_javascript_is_watched_too(browser: Browser, service: str, problems: list[str]) -> None:
    with visiting(browser, service, java_script_enabled=False) as page:
        page.route(
            "**/", lambda route: route.fulfill(body="<img src='http://localhost:9/x.png'>", content_type="text/html")
        )
        page.goto("/")
    assert "http://localhost:9/x.png" in take(problems)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000/a", True),
        ("data:image/png;base64,x", True),
        ("http://localhost/", False),
        ("https://127.0.0.1.example.org/", False),
        ("file:///etc/passwd", False),
    ],
)
def test_what_is_another_host(url: str, expected: bool) -> None:
    assert is_own(url) is expected
