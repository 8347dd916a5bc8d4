"""Pictures of every view: python -m tests.browser.screenshots FOLDER.

Each at the size of a phone and of a desktop screen, light and dark, from a service over the documents that ship.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from askreport.config import Settings
from askreport.models.encoder import load_encoder
from tests.browser.conftest import CHROMIUM_OPTIONS, visiting
from tests.browser.views import View, gallery, showing
from tests.tools.parts import PARSERS

SIZES = {"phone": ViewportSize(width=390, height=844), "desktop": ViewportSize(width=1280, height=800)}
SCHEMES = ("light", "dark")


def main(out: Path) -> None:
    """Writes FOLDER/VIEW-SIZE-SCHEME.png, the whole page of each."""
    settings = Settings()
    encoder = load_encoder(settings.model, settings.cache)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = gallery(Path(folder), encoder)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS)
        with showing(app) as (service, views):
            for view in views:
                picture(browser, service, view, out)
        browser.close()
    PARSERS.close()


def picture(browser: Browser, service: str, view: View, out: Path) -> None:
    """The pictures of one view."""
    for size, viewport in SIZES.items():
        for scheme in SCHEMES:
            with visiting(browser, service, viewport=viewport, color_scheme=scheme) as page:
                view.show(page)
                page.screenshot(path=out / f"{view.name}-{size}-{scheme}.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
