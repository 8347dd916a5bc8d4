"""Takes the README's pictures from a service that runs: python -m tests.browser.screenshot ADDRESS FOLDER."""

import shutil
import sys
from pathlib import Path
from typing import Literal
from urllib.parse import quote_plus

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM_OPTIONS

# Each with its question, and the colours in which it is asked.
PICTURES: dict[str, tuple[str, Literal["light", "dark"]]] = {
    "screenshot.png": ("does the SVR spy on China?", "light"),
    "refusal.png": ("Does the CIA spy on China?", "dark"),
}


def main(address: str, folder: Path) -> None:
    """Asks the questions of the README and saves what is seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS)
        for name, (question, scheme) in PICTURES.items():
            page = browser.new_page(viewport={"width": 1000, "height": 620}, color_scheme=scheme)
            page.goto(f"{address}/?q={quote_plus(question)}")
            page.screenshot(path=folder / name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
