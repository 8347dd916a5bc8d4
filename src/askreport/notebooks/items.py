"""The contents of a notebook's items, made of the stored text; and quotes from them again.

A quote is kept with its place, its context and its source's description, so that it can be cited when its document is
gone. A comparison may also be any other JSON: whoever makes it shows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, get_args

from askreport.answering.describing import consulted
from askreport.answering.quotes import quote_at
from askreport.bibliography.description import FIELDS, Description
from askreport.errors import QuestionError
from askreport.store import Store
from askreport.types import (
    Answer,
    Context,
    DocumentRef,
    Quote,
    Role,
    Slice,
    Span,
    Status,
    TextPositionSelector,
    TextQuoteSelector,
)

QUOTE, CONVERSATION, COMPARISON = "quote", "conversation", "comparison"
MAX_QUOTED = 20_000
# What a kept quote does not need: where it was printed is looked up when it is shown, and how likely it answered said.
_LEFT_OUT = ("boxes", "also_at", "selector", "score", "n")


@dataclass(frozen=True, slots=True)
class Pin:
    """What is to be kept of a document: a span, what it is to be read with, and the words in it that answer."""

    document_id: str
    span: Span
    context: tuple[tuple[Role, Span], ...] = ()
    emphasis: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptQuote:
    """A quote as it was kept, and how its source was described then."""

    quote: Quote
    description: Description


def pinned(store: Store, pin: Pin) -> Quote:
    """The quote, cut from the stored text; QuestionError for a span that is none of it."""
    document = store.document(pin.document_id)
    spans = (pin.span, *(span for _, span in pin.context))
    if not all(0 <= start < end <= len(document.text) for start, end in spans):
        raise QuestionError("the span is not within the document", "Give start and end as an answer's quote has them.")
    if sum(end - start for start, end in spans) > MAX_QUOTED:
        raise QuestionError(f"more than {MAX_QUOTED:,} characters are quoted", "Quote less.")
    if not all(role in get_args(Role) for role, _ in pin.context):
        raise QuestionError("the context has an unknown role", f"These are: {', '.join(get_args(Role))}.")
    return quote_at(store, pin.document_id, pin.span, pin.context, pin.emphasis)


def quote_content(quote: Quote, description: Description, question: str, on: date) -> dict[str, Any]:
    """The content of an item of kind ``quote``; ``on`` is the day on which its source was consulted."""
    return {"question": question, **_kept(quote, description, on)}


def conversation_content(
    answers: Sequence[Answer], descriptions: Mapping[str, Description], on: date
) -> dict[str, Any]:
    """The content of an item of kind ``conversation``: each question with its answer, in order."""
    turns = [
        {
            "question": answer.question,
            "understood": answer.understood,
            "status": answer.status,
            "confidence": answer.confidence,
            "answer": answer.answer,
            "differ": answer.differ,
            "index": asdict(answer.index),
            "quotes": [_kept(quote, descriptions[quote.document.id], on) for quote in answer.quotes],
        }
        for answer in answers
    ]
    return {"turns": turns}


def comparison_content(
    questions: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[Sequence[tuple[Status, float, Quote | None]]],
    descriptions: Mapping[str, Description],
    on: date,
) -> dict[str, Any]:
    """The content of an item of kind ``comparison``: for each question what each column says.

    ``rows`` have a status, a confidence and a quote for each question and column; ``columns`` are their names.
    """
    turns = [
        {
            "question": question,
            "cells": [
                {"column": name, "status": status, "confidence": confidence, "is_quoted": quote is not None}
                for name, (status, confidence, quote) in zip(columns, row, strict=True)
            ],
            "quotes": [_kept(quote, descriptions[quote.document.id], on) for _, _, quote in row if quote],
        }
        for question, row in zip(questions, rows, strict=True)
    ]
    return {"columns": list(columns), "turns": turns}


def turns_of(kind: str, content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The questions of a conversation or of a comparison, each with its quotes; none of what was kept as other JSON."""
    known = kind == CONVERSATION or (kind == COMPARISON and _is_ours(content))
    return list(content["turns"]) if known else []


def _is_ours(content: Mapping[str, Any]) -> bool:
    """Whether it is a comparison as ``comparison_content`` makes it: whoever uses the API may have kept anything."""
    try:
        for turn in content["turns"]:
            quoted = [cell["is_quoted"] for cell in turn["cells"] if (cell["column"], cell["status"], turn["question"])]
            if sum(quoted) != len([_restored(each) for each in turn["quotes"]]):
                return False
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return bool(content["turns"])


def quotes_in(kind: str, content: Mapping[str, Any]) -> list[KeptQuote]:
    """The quotes of an item, in its order; none of a kind that this does not know."""
    if kind == QUOTE:
        return [_restored(content)]
    return [_restored(each) for turn in turns_of(kind, content) for each in turn["quotes"]]


def _kept(quote: Quote, description: Description, on: date) -> dict[str, Any]:
    facts = {name: value for name, value in asdict(quote).items() if name not in _LEFT_OUT}
    facts["context"] = [{**each, "boxes": []} for each in facts["context"]]
    return {"quote": facts, "description": asdict(consulted(description, on))}


def _restored(kept: Mapping[str, Any]) -> KeptQuote:
    facts = dict(kept["quote"])
    start, end = int(facts["start"]), int(facts["end"])
    facts["document"] = DocumentRef(**facts["document"])
    facts["heading"] = tuple(facts["heading"])
    facts["context"] = tuple(Context(**{**each, "boxes": ()}) for each in facts["context"])
    facts["emphasis"] = tuple(Slice(**each) for each in facts["emphasis"])
    selector = (TextPositionSelector(start, end), TextQuoteSelector(exact=facts["text"], prefix="", suffix=""))
    described = {name: value for name, value in kept["description"].items() if name in FIELDS}
    described |= {name: tuple(described.get(name, ())) for name in ("authors", "tags")}
    return KeptQuote(Quote(**facts, n=1, boxes=(), score=0.0, selector=selector), Description(**described))
