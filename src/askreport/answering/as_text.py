"""An answer as plain text with its citations, for programs that show text: chat clients and agents."""

from collections.abc import Callable
from dataclasses import dataclass

from askreport.answering.quotes import REFUSAL
from askreport.types import Answer, Quote, Span

UNCERTAIN = "These sentences are near, but may not answer:"
DIFFER = "The sources differ: read each before you quote one."
OCR = "read by OCR: compare the words with the page"


@dataclass(frozen=True, slots=True)
class Cited:
    """The text, and the span in it of each quote's words, in the order of the quotes."""

    text: str
    quotes: tuple[Span, ...]


def cited(answer: Answer, address: Callable[[Quote], str]) -> Cited:
    """Every quote word for word with its number, its place and the address that opens it; or that there is none."""
    parts = [f"Understood as: {answer.understood}\n\n"] if answer.understood != answer.question else []
    if answer.status == "not_found":
        return Cited("".join([*parts, REFUSAL]), ())
    parts += [f"{UNCERTAIN}\n\n"] if answer.status == "uncertain" else []
    parts += [f"{DIFFER}\n\n"] if answer.differ else []
    spans = []
    for quote in answer.quotes:
        parts.append(f"{quote.n}. “")
        start = sum(map(len, parts))
        spans.append(Span(start, start + len(quote.text)))
        parts.append(f"{quote.text}”\n   {place(quote)}\n   <{address(quote)}>\n\n")
    return Cited("".join(parts).rstrip(), tuple(spans))


def place(quote: Quote) -> str:
    """Where a quote stands, on one line."""
    title = " ".join(quote.document.title.split())
    name = " ".join(quote.document.path.split())
    parts = [title if title == name else f"{title} ({name})"]
    parts += [f"page {quote.page_label or quote.page}"] if quote.page else []
    parts += [f"characters {quote.start}–{quote.end}"]
    parts += [OCR] if quote.ocr else []
    return ", ".join(parts)
