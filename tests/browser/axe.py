"""axe-core, which finds what keeps people with disabilities from using a page; `make axe` takes it from npm."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.conftest import ROOT

SOURCE = ROOT / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
# All rules of the guidelines up to 2.2 AA, and axe's own best practices.
ALL = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What can differ in the dark.
CONTRAST = ("color-contrast", "link-in-text-block")
_RUN = "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})"


def axe_source(file: Path = SOURCE) -> str:
    """The script; the test is skipped where it is not installed."""
    if not file.exists():
        pytest.skip("needs axe-core, which npm installs: make axe")
    return file.read_text()


def violations(page: Page, source: str, only: Sequence[str] = ALL) -> list[str]:
    """What is wrong with the page as it is seen now, by these rules: the rule, the element, and why."""
    page.evaluate(source)
    found: dict[str, Any] = page.evaluate(_RUN, list(only))
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {' '.join(node['failureSummary'].split())}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
