"""A draft in any format that is read -> the text whose quotations are checked."""

from dataclasses import dataclass

from askreport.errors import ParseError
from askreport.parse import SUPPORTED, Parsed, ParserPool, decode

# Read as they are: their marks, lines and block quotes are those the author sees.
_PLAIN = (".txt", ".md", ".markdown")


@dataclass(frozen=True, slots=True)
class DraftText:
    """A draft's text, and what of its file could not be read."""

    text: str
    problems: tuple[str, ...] = ()


def is_plain(ending: str) -> bool:
    """Whether a file with this ending is read as it is, without a reader of its format."""
    return ending in _PLAIN or ending not in SUPPORTED


def read_draft(data: bytes, ending: str, parsers: ParserPool) -> DraftText:
    """The draft in a file's bytes, or ParseError; ``ending`` is the file's, in lower case with its dot."""
    if is_plain(ending):
        return DraftText(decode(data))
    first, *others = parsers.parse(data, ending)
    if not isinstance(first, Parsed):
        raise first
    return DraftText(first.document.text, tuple(each.message for each in others if isinstance(each, ParseError)))
