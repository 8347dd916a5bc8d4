"""The texts of the pages: a catalogue of one language, with numbers and names filled in."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup


class Texts:
    """A catalogue's texts by their keys (``"home.ask"``); what is filled in is escaped, the texts may hold markup.

    A key that is not there is a KeyError: the catalogue is complete (tests/service/pages/test_texts.py).
    """

    def __init__(self, catalogue: Mapping[str, Any]) -> None:
        self.language: str = catalogue["language"]
        self.texts = dict(_flat(catalogue))

    @classmethod
    def read(cls, file: Path) -> "Texts":
        """The catalogue in a TOML file."""
        return cls(tomllib.loads(file.read_text(encoding="utf-8")))

    def __call__(self, key: str, n: int | None = None, **values: Any) -> Markup:
        """A text; with ``n`` the one for that number, which has it as ``{n}``."""
        if n is not None:
            key, values = f"{key}.{'one' if n == 1 else 'other'}", {**values, "n": n}
        return Markup(self.texts[key]).format(**values)  # noqa: S704

    def group(self, name: str) -> dict[str, str]:
        """The texts below a key as they are, by the rest of their keys; for the pages' scripts."""
        below = f"{name}."
        return {key.removeprefix(below): text for key, text in self.texts.items() if key.startswith(below)}


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
