"""Takes the picture in the README from a service that runs: python -m tests.browser.screenshot ADDRESS FILE."""

import shutil
import sys

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM_OPTIONS


def main(address: str, file: str) -> None:
    """Asks the question of the README and saves what is seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1000, "height": 620})
        page.goto(f"{address}/?q=does+the+SVR+spy+on+China%3F")
        page.screenshot(path=file)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
