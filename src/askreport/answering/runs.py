"""A quote with its context as one run of words, in the order of the text: how it is shown, cited and told. Pure.

Between words that do not follow each other in the source stands "[…]".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from askreport.types import Context, Mention, Quote, Role

OMITTED = "[…]"
# Between a sentence and the next stand white space and a list's marks, and no more.
_CLOSE = 6
# What stands on a line of its own.
_LINES: frozenset[Role] = frozenset(("header", "lead_in", "question", "heading"))


_Part: TypeAlias = Context | Mention | Quote


@dataclass(frozen=True, slots=True)
class Run:
    """Words of the source, with what is put before them.

    ``role`` is that of context, None for the quote's own words. ``is_answer`` marks those that answer.
    """

    text: str
    role: Role | None = None
    is_answer: bool = False
    gap: str = ""


def runs(quote: Quote | Mention) -> list[Run]:
    """The quote and its context in the order of the text; the quote is cut around the words that answer."""
    found: list[Run] = []
    previous: _Part | None = None
    parts: list[_Part] = [*quote.context, quote]
    for part in sorted(parts, key=lambda each: each.start):
        gap = _gap(previous, part) if previous else ""
        if not isinstance(part, Context):
            first, *others = _pieces(quote)
            found += [Run(first.text, None, first.is_answer, gap), *others]
        else:
            found.append(Run(part.text, part.role, gap=gap))
        previous = part
    return found


def joined(quote: Quote | Mention) -> str:
    """The quote and its context as one text."""
    return "".join(f"{run.gap}{run.text}" for run in runs(quote))


def _pieces(quote: Quote | Mention) -> Iterator[Run]:
    at = quote.start
    for each in quote.emphasis:
        if each.start < at:
            continue
        if each.start > at:
            yield Run(quote.text[at - quote.start : each.start - quote.start])
        yield Run(quote.text[each.start - quote.start : each.end - quote.start], is_answer=True)
        at = each.end
    if at < quote.end or at == quote.start:
        yield Run(quote.text[at - quote.start :])


def _gap(one: _Part, other: _Part) -> str:
    roles = {part.role for part in (one, other) if isinstance(part, Context)}
    space = "\n" if roles & _LINES else " "
    return space if other.start - one.end <= _CLOSE else f"{space}{OMITTED} "
