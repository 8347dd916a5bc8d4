"""Labelled sentences about quotes of the corpus (claims.jsonl): what is said there, and what only looks like it."""

import json
from dataclasses import dataclass
from pathlib import Path

from askreport.prose.prompt import AROUND, Source, without_footnotes
from askreport.prose.support import Checker
from askreport.store import Store
from askreport.text.chunk import chunk
from askreport.types import Document

CLAIMS = Path(__file__).parent / "claims.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence about one quote, whether the quote says so, and if not, what is wrong with it."""

    text: str
    source: Source
    supported: bool
    kind: str
    held_out: bool


def load_claims(store: Store) -> list[Claim]:
    """The labelled sentences with their quotes, from an index of the corpus."""
    rows = [json.loads(line) for line in CLAIMS.read_text().splitlines()]
    documents = {Path(each.path).name: store.document(each.id) for each in store.documents()}
    return [
        Claim(
            text=row["claim"],
            source=source(documents[row["document"]], row["quote"]),
            supported=row["supported"],
            kind=row["kind"],
            held_out=row.get("held_out", False),
        )
        for row in rows
    ]


def source(document: Document, words: str) -> Source:
    """The sentence of a document that has these words, as a model would be shown it."""
    for passage in chunk(document):
        texts = [document.text[start:end] for start, end in passage.sentences]
        for i, text in enumerate(texts):
            if words in text:
                before = without_footnotes(" ".join(texts[max(0, i - AROUND) : i]))
                heading, quote = " › ".join(passage.heading), without_footnotes(text)
                return Source(n=1, title=document.title, heading=heading, before=before, quote=quote, after="")
    raise ValueError(f"{document.path} has no sentence with “{words}”")


def passes(checker: Checker, claim: Claim) -> bool:
    """Whether the sentence counts as supported by its quote."""
    return checker.check(f"{claim.text} [1]", {1: claim.source}).supported
