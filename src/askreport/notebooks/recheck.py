"""Whether the library still says what was kept of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

from askreport.errors import DocumentNotFoundError
from askreport.store import Store
from askreport.text.links import link
from askreport.types import Document, Quote, Span

Status: TypeAlias = Literal["same", "moved", "different", "missing", "gone"]
# From this share of common words on, a place is taken for the one that was quoted.
_NEAR = 0.5
# A quote of so many words is looked for with differences; of a longer one only whether it still stands there.
_MAX_WORDS = 600


@dataclass(frozen=True, slots=True)
class Step:
    """A step from the words that were kept to those of the document now; equal ones are in both."""

    kept: str
    now: str

    @property
    def is_equal(self) -> bool:
        """Whether nothing has changed here."""
        return self.kept == self.now


@dataclass(frozen=True, slots=True)
class State:
    """What has become of a quote.

    ``same``: its document is as it was. ``moved``: that has changed, and says the same, at ``url``. ``different``: it
    says something like it, at ``url``, with ``steps``. ``missing``: it says nothing like it. ``gone``: the library has
    no such document any more.
    """

    status: Status
    url: str = ""
    steps: tuple[Step, ...] = ()


def recheck(store: Store, quotes: Iterable[Quote]) -> list[State]:
    """The state of each quote, of one state of the library."""
    listed = list(quotes)
    by_path: dict[str, str] | None = None
    states = []
    for quote in listed:
        document = _as_it_was(store, quote)
        if document is None:
            by_path = {each.path: each.id for each in store.documents()} if by_path is None else by_path
            document = _newer(store, quote, by_path)
        states.append(State("gone") if document is None else _state(store, document, quote))
    return states


def _as_it_was(store: Store, quote: Quote) -> Document | None:
    try:
        return store.document(quote.document.id)
    except DocumentNotFoundError:
        return None


def _newer(store: Store, quote: Quote, by_path: Mapping[str, str]) -> Document | None:
    """The document that has the name now that the quote's had."""
    identity = by_path.get(quote.document.path)
    return store.document(identity) if identity else None


def _state(store: Store, document: Document, quote: Quote) -> State:
    if document.text[quote.start : quote.end] == quote.text and document.sha256 == quote.document.sha256:
        return State("same", link(document, Span(quote.start, quote.end)))
    found = re.search(r"\s+".join(map(re.escape, quote.text.split())), document.text)
    if found:
        return State("moved", link(document, Span(*found.span())))
    return _nearest(document, store.sentences(document.id), quote.text)


def _nearest(document: Document, sentences: Sequence[Span], text: str) -> State:
    """The run of sentences that has most words in common with a text, if it has enough."""
    words = text.split()
    if not sentences or len(words) > _MAX_WORDS:
        return State("missing")
    ours = set(words)
    best, where = 0.0, sentences[0]
    for first in range(len(sentences)):
        run = Span(sentences[first].start, _end(sentences, first, len(text)))
        theirs = set(document.text[run.start : run.end].split())
        share = 2 * len(ours & theirs) / (len(ours) + len(theirs))
        if share > best:
            best, where = share, run
    if best < _NEAR:
        return State("missing")
    return State("different", link(document, where), _steps(words, document.text[where.start : where.end].split()))


def _end(sentences: Sequence[Span], first: int, length: int) -> int:
    """The end of the sentences from one on that are about as long as the text together."""
    start, end = sentences[first]
    for sentence in sentences[first + 1 :]:
        if sentence.end - start > 1.3 * length:
            break
        end = sentence.end
    return end


def _steps(kept: list[str], now: list[str]) -> tuple[Step, ...]:
    opcodes = SequenceMatcher(None, kept, now, autojunk=False).get_opcodes()
    return tuple(Step(" ".join(kept[a:b]), " ".join(now[c:d])) for _, a, b, c, d in opcodes)
