"""How soon the pages are seen in Chromium: `python -m benchmarks.page`.

Printed are milliseconds by the browser's own clock: until something of each page is painted in a context that has
cached nothing, and from the click until an answer is painted. The service and the browser share this machine.
"""

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from askreport.config import Settings
from askreport.models.encoder import load_encoder
from tests.browser.conftest import CHROMIUM_OPTIONS, visiting
from tests.browser.paint import answer_paint, first_paint
from tests.browser.views import QUESTIONS, gallery, paths_of
from tests.tools.parts import PARSERS
from tests.tools.serving import serving


def row(name: str, times: list[float]) -> str:
    """A line of the table."""
    return f"{name:40.40} {min(times):8.0f} {statistics.median(times):8.0f} {max(times):8.0f}"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--visits", type=int, default=8)
    visits = parser.parse_args().visits
    settings = Settings()
    encoder = load_encoder(settings.model, settings.cache)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = gallery(Path(folder), encoder)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS)
        with serving(app) as service:
            print(f"{'first paint':40} {'best':>8} {'median':>8} {'worst':>8}")
            for path in paths_of(app.state.library):
                print(row(path, [first_paint(browser, service, path) for _ in range(visits)]))
            with visiting(browser, service) as page:
                page.goto("/")
                print(row("an answer after the click", [answer_paint(page, question) for question in QUESTIONS]))
        browser.close()
    PARSERS.close()


if __name__ == "__main__":
    main()
