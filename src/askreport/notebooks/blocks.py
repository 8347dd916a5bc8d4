"""A notebook as blocks (headings, paragraphs, quotes, sources), which each format writes in its own way."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeAlias

from askreport.answering.as_text import DIFFER, UNCERTAIN
from askreport.answering.citing import locator_of
from askreport.answering.runs import Run, runs
from askreport.bibliography.description import Description
from askreport.bibliography.styles import Locator, Style, bibliography, cite
from askreport.notebooks.items import CONVERSATION, QUOTE, KeptQuote, quotes_in, turns_of
from askreport.notebooks.recheck import State
from askreport.store.notebooks import Item, Notebook

Kind: TypeAlias = Literal["heading", "paragraph", "quote", "citation", "note", "state", "entry", "code"]
_SAID = {"answered": "Answered in the documents’ own words.", "uncertain": UNCERTAIN}
SILENT = "It does not say."
STATES = {
    "moved": "The document has changed since; these words still stand in it.",
    "different": "The document has changed since. It now says:",
    "missing": "The document has changed since, and does not say this any more.",
    "gone": "The document is not in the library any more; these are its words as they were kept.",
}


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the document: its words, or of a quote its ``runs``; ``url`` leads to its place in the service."""

    kind: Kind
    text: str = ""
    level: int = 0
    runs: tuple[Run, ...] = field(default=())
    url: str = ""


def blocks_of(
    notebook: Notebook, items: Sequence[Item], states: Mapping[str, Sequence[State]], style: Style, base: str
) -> list[Block]:
    """The notebook's blocks; ``states`` has those of each item's quotes, ``base`` the service's address."""
    writer = _Writer(style, base)
    blocks = [Block("heading", notebook.name, 1)]
    for item in items:
        blocks += writer.item(item, states[item.id])
    entries = bibliography(writer.cited, style)
    if entries:
        blocks += [Block("heading", "Sources", 2), *(Block("entry", entry) for entry in entries)]
    return blocks


def difference(state: State) -> str:
    """What the document says now where it differs, with what it said in brackets."""
    parts = []
    for step in state.steps:
        if step.is_equal:
            parts.append(step.now)
        else:
            parts += [f"[−{step.kept}−]"] if step.kept else []
            parts += [f"[+{step.now}+]"] if step.now else []
    return " ".join(parts)


class _Writer:
    def __init__(self, style: Style, base: str) -> None:
        self.cited: list[Description] = []
        self._base = base
        self._cite = cache(lambda description, locator: cite(description, locator, style).reference)

    def item(self, item: Item, states: Sequence[State]) -> Iterator[Block]:
        """An item's blocks, its note last."""
        if item.kind == QUOTE:
            question = item.content["question"]
            yield from [Block("heading", question, 2)] if question else []
            yield from self._quotes(quotes_in(item.kind, item.content), states)
        elif item.kind == CONVERSATION:
            yield from self._conversation(item.content, quotes_in(item.kind, item.content), states)
        elif turns := turns_of(item.kind, item.content):
            yield Block("heading", item.kind.capitalize(), 2)
            yield from self._comparison(turns, quotes_in(item.kind, item.content), states)
        else:
            yield Block("heading", str(item.content.get("title") or item.kind.capitalize()), 2)
            yield Block("code", json.dumps(item.content, ensure_ascii=False, indent=2))
        if item.note:
            yield Block("note", item.note)

    def _conversation(
        self, content: Mapping[str, Any], quotes: list[KeptQuote], states: Sequence[State]
    ) -> Iterator[Block]:
        at = 0
        for turn in content["turns"]:
            yield Block("heading", turn["question"], 2)
            if turn["understood"] != turn["question"]:
                yield Block("paragraph", f"Understood as: {turn['understood']}")
            yield Block("paragraph", _SAID.get(turn["status"], turn["answer"]))
            yield from [Block("paragraph", DIFFER)] if turn["differ"] else []
            end = at + len(turn["quotes"])
            yield from self._quotes(quotes[at:end], states[at:end])
            at = end

    def _comparison(
        self, turns: Sequence[Mapping[str, Any]], quotes: list[KeptQuote], states: Sequence[State]
    ) -> Iterator[Block]:
        pairs = iter(zip(quotes, states, strict=True))
        for turn in turns:
            yield Block("heading", turn["question"], 3)
            for cell in turn["cells"]:
                said = _SAID[cell["status"]] if cell["is_quoted"] else SILENT
                yield Block("paragraph", f"{cell['column']}: {said}")
                if cell["is_quoted"]:
                    kept, state = next(pairs)
                    yield from self._quotes([kept], [state])

    def _quotes(self, quotes: Sequence[KeptQuote], states: Sequence[State]) -> Iterator[Block]:
        for kept, state in zip(quotes, states, strict=True):
            self.cited.append(kept.description)
            locator: Locator = locator_of(kept.quote)
            yield Block("quote", kept.quote.text, runs=tuple(runs(kept.quote)))
            url = f"{self._base}{state.url}" if state.url and self._base else ""
            yield Block("citation", self._cite(kept.description, locator), url=url)
            if state.status != "same":
                yield Block("state", f"{STATES[state.status]} {difference(state)}".strip())
