"""An answer as plain text with its citations, for programs that show text: chat clients and agents."""

from collections.abc import Callable
from dataclasses import dataclass

from askreport.answering.places import where
from askreport.answering.refusal import refusal
from askreport.answering.runs import runs
from askreport.types import Answer, Quote, Span

UNCERTAIN = "These sentences are near, but may not answer:"
DIFFER = "The sources differ: read each before you quote one."
ANSWERS = "answers by:"
OCR = "read by OCR: compare the words with the page"


@dataclass(frozen=True, slots=True)
class Cited:
    """The text, and the span in it of each quote's words, in the order of the quotes."""

    text: str
    quotes: tuple[Span, ...]


def cited(answer: Answer, address: Callable[[Quote], str]) -> Cited:
    """Every quote word for word with its context, its number, place and address; or that there is none."""
    parts = [f"Understood as: {answer.understood}\n\n"] if answer.understood != answer.question else []
    if answer.status == "not_found":
        titles = "".join(f"\n- {document.title}" for document in answer.overviews)
        return Cited(
            "".join(
                [
                    *parts,
                    f"{answer.answer}{titles}" if titles else refusal(answer.languages, answer.reach, answer.index),
                ]
            ),
            (),
        )
    parts += [f"{UNCERTAIN}\n\n"] if answer.status == "uncertain" else []
    parts += [f"{DIFFER}\n\n"] if answer.differ else []
    spans = []
    for quote in answer.quotes:
        words = runs(quote)
        first = next(at for at, run in enumerate(words) if run.role is None)
        parts += [f"{quote.n}. “", *(f"{run.gap}{run.text}" for run in words[:first]), words[first].gap]
        start = sum(map(len, parts))
        spans.append(Span(start, start + len(quote.text)))
        after = "".join(f"{run.gap}{run.text}" for run in words[first:] if run.role)
        parts.append(f"{quote.text}{after}”\n{_answers(quote)}   {place(quote)}\n   <{address(quote)}>\n\n")
    return Cited("".join(parts).rstrip(), tuple(spans))


def _answers(quote: Quote) -> str:
    """The quote's words that answer, on a line, if they are known."""
    said = ", ".join(f"“{each.text}”" for each in quote.emphasis)
    return f"   {ANSWERS} {said}\n" if said else ""


def place(quote: Quote) -> str:
    """Where a quote stands, on one line."""
    title = " ".join(quote.document.title.split())
    name = " ".join(quote.document.path.split())
    parts = [title if title == name else f"{title} ({name})"]
    parts += [where(quote, quote.document.path)]
    parts += [OCR] if quote.ocr else []
    return ", ".join(parts)
