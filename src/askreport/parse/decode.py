"""Bytes of a text format -> canonical text: decoded, with LF line ends, otherwise unchanged."""

import unicodedata
from contextlib import suppress

import webencodings
from charset_normalizer import from_bytes

from askreport.errors import ParseError

# Tabs, line and page breaks, the old end-of-file mark and escape (terminal logs) occur in text files; other control
# characters mean binary data.
_TEXT_CONTROLS = frozenset("\t\n\v\f\r\x1a\x1b\x85")
_SAMPLE = 65_536
# On a short text charset-normalizer finds several encodings equally likely and may name a rare one (Mac Cyrillic,
# cp775); these are the ones that files outside UTF-8 are in.
_COMMON_ENCODINGS = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "iso8859_2"),
    *("iso8859_15", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp949", "utf_16_le", "utf_16_be"),
]


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of ``data``: UTF-8 if it is valid, else ``declared`` if that fits, else what charset-normalizer finds.

    Mostly valid UTF-8 is read as such, with U+FFFD for damaged bytes; it also stands for NUL, which pages cannot show.
    Raises ParseError for bytes that are not text, and for text without a single printable character.
    """
    text = _decode(data, declared)
    if _looks_binary(text[:_SAMPLE]):
        raise ParseError("the file holds binary data, not text; give it the ending of its real format")
    text = canonical(text)
    if not text.strip():
        raise ParseError("the file holds no text", "no_text")
    return text


def canonical(text: str) -> str:
    """The text with LF line ends, and U+FFFD for NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def codec_of(declared: str) -> str:
    """The codec that browsers take for an encoding's name: "iso-8859-1" is Windows' code page with the curly quotes."""
    known = webencodings.lookup(declared)
    name = declared if known is None else known.codec_info.name
    # What says that it is UTF-8 and is not is in none that is known.
    return declared if known is None or name.startswith(("utf", "x-")) else name


def replace_surrogates(text: str) -> str:
    """JSON and YAML can spell lone surrogates, which are no characters and cannot be stored: each becomes "?"."""
    return text.encode("utf-8", "replace").decode()


def _decode(data: bytes, declared: str | None) -> str:
    for bom, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(bom):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise ParseError(f"the file says it is {encoding}, but is not valid {encoding}") from None
    for encoding in ("utf-16-le", "utf-16-be"):
        if _is_utf16(data, zeros_at=encoding == "utf-16-le"):
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
    if declared is not None:
        with suppress(LookupError, UnicodeDecodeError):
            return data.decode(codec_of(declared))
    letters, broken = len(text) - len(text.encode("ascii", "ignore")), text.count("\ufffd")
    # Text in another encoding is hardly ever valid UTF-8 at all: where most of it is, some bytes are damaged.
    if 2 * broken <= letters:
        return text
    matches = from_bytes(data, cp_isolation=_COMMON_ENCODINGS)
    # min() keeps the first of equals, and cp1252 comes first: by far the likeliest where nothing speaks against it.
    ranked = sorted(matches, key=lambda match: match.encoding != "cp1252")
    best = min(ranked, key=lambda match: (match.chaos, -match.coherence), default=None)
    if best is None:
        raise ParseError("no text encoding fits the file; it is binary or damaged")
    return str(best)


def _is_utf16(data: bytes, zeros_at: int) -> bool:
    """Whether ``data`` is mostly-Latin UTF-16 without its mark: a zero in every other byte, none in the rest."""
    sample = data[:_SAMPLE]
    zeros = sample[zeros_at::2].count(0)
    return len(data) % 2 == 0 and zeros > 0.7 * len(sample) / 2 and sample[1 - zeros_at :: 2].count(0) == 0


def _looks_binary(text: str) -> bool:
    controls = sum(unicodedata.category(char) == "Cc" and char not in _TEXT_CONTROLS for char in text)
    return controls > max(2, len(text) // 500)
