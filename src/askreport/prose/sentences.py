"""A language model's words as they come -> its sentences, each with its citations. Pure."""

import re
from collections.abc import AsyncGenerator, AsyncIterator

from askreport.text.chunk import split_sentences

CITATION = re.compile(r"\s*\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_LATE_CITATION = re.compile(r"([.!?][\"”’')]*)\s*((?:\[\d[\d\s,;]*\]\s*)*\[\d[\d\s,;]*\])\s*")
_OPEN_CITATION = re.compile(r"\s*\[[\d\s,;]*$")
# Some models think aloud first.
_THOUGHT = re.compile(r"\s*<think>.*?(?:</think>|$)", re.DOTALL)
_MARKUP = re.compile(r"\*\*|__|^#+\s*", re.MULTILINE)


async def whole_sentences(pieces: AsyncIterator[str]) -> AsyncGenerator[str, None]:
    """The sentences of a text that comes in pieces, each with the citations behind it, once the next one has begun.

    They do not depend on where the pieces end: the text is read word by word.
    """
    held = ""
    text = ""
    async for piece in pieces:
        held += piece
        *words, held = re.split(r"(?<=\s)(?=\S)", held)
        for word in words:
            done, text = _cut(text + word)
            for sentence in done:
                yield sentence
    readable = _readable(text + held)
    for start, end in split_sentences(readable):
        yield readable[start:end]


def _cut(text: str) -> tuple[list[str], str]:
    """The sentences that are complete, and the text from the last one on, which may not be."""
    readable = _readable(text)
    spans = split_sentences(readable)
    # Of "[1, 2]" the first word is here.
    if len(spans) < 2 or _OPEN_CITATION.match(readable, spans[-1].start):
        return [], text
    return [readable[start:end] for start, end in spans[:-1]], readable[spans[-1].start :]


def _readable(text: str) -> str:
    """The text without what is not for reading, its citations before the full stop: there the sentence is theirs."""
    return _LATE_CITATION.sub(r" \2\1 ", _MARKUP.sub("", _THOUGHT.sub("", text)))
