"""Mail (.eml): the subject, who wrote when to whom, the text, forwarded messages, and the names of what is attached."""

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message

from askreport.errors import ParseError
from askreport.parse.archive import damage_named, refuse_other_kind
from askreport.parse.blocks import Block, LeftOut, assemble
from askreport.parse.decode import decode
from askreport.parse.described import mail_description
from askreport.parse.html import html_blocks, html_tree, settle_tables
from askreport.types import Document

_SHOWN = ("From", "To", "Cc", "Date")
_ENCRYPTED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
# Their bytes are ASCII, and so would pass for UTF-8.
_SEVEN_BIT = ("iso-2022", "iso2022", "utf-7", "hz")
_BLANK_LINES = re.compile(r"\n\s*\n")
_WORD = re.compile(r"\w+")
# What stands in the plain form of a mail that has none: how to see the other.
_STUB = re.compile(r"html|browser|(?:e-?mail|mail)[- ](?:client|program|reader|app)|plain[- ]text|multi-?part", re.I)
_STUB_WORDS = 60
# The plain form says the same as the page if it has this share of the page's different words.
_SAME_SHARE = 0.5
# Forwarded messages that hold one another without end are a trick.
_MAX_DEPTH = 10


def parse_eml(data: bytes, path: str, title: str) -> Document:
    """A mail: all its text, of each part's forms the plain one if it says as much as the page. Forwarded messages are
    read like the mail itself; other attached files are not.

    The title is the subject, else ``title``. Raises ParseError for what is no mail, is encrypted or cannot be read.
    """
    refuse_other_kind(data, "a mail (.eml)")
    left_out = LeftOut()
    with damage_named("mail", MessageError):
        message = message_from_bytes(data, policy=policy.default)
        if not any(message[name] for name in ("Subject", *_SHOWN)):
            raise ParseError("the file is not a mail (.eml): it says neither who wrote it nor to whom, when or what of")
        if _is_encrypted(message):
            raise ParseError("the mail is encrypted; save it as it is once opened", "encrypted")
        subject = str(message["Subject"] or "")
        reader = _Reader(left_out)
        blocks = [*_head(message, subject, 1), *reader.part(message, 0), *reader.attached]
        metadata = mail_description(message)
    return assemble(blocks, data, path, title, subject, metadata=metadata, left_out=left_out)


def _is_encrypted(part: Message) -> bool:
    return part.get_content_type() in _ENCRYPTED and part.get_param("smime-type") != "signed-data"


def _head(message: Message, subject: str, level: int) -> Iterator[Block]:
    yield Block(" ".join(subject.split()), level)
    for name in _SHOWN:
        if message[name]:
            yield Block(f"{name}: {message[name]}")


class _Reader:
    """Goes through the parts of a mail in their order; what is attached is named at the end."""

    def __init__(self, left_out: LeftOut) -> None:
        self.left_out = left_out
        self.attached: list[Block] = []

    def part(self, part: Message, depth: int) -> Iterator[Block]:
        """The text of a part and of all in it."""
        kind = part.get_content_type()
        name = " ".join((part.get_filename() or "").split())
        if name and depth:
            self.attached.append(Block(f"Attachment: {name}"))
        if depth > _MAX_DEPTH or _is_encrypted(part):
            self.left_out["encrypted part" if _is_encrypted(part) else "too deeply nested part"] += 1
        elif kind == "message/rfc822":
            yield from self._forwarded(part, depth)
        elif kind == "multipart/alternative":
            yield from self._alternative(part, depth)
        elif kind == "multipart/related":
            yield from self._related(part, depth)
        elif part.is_multipart():
            for each in _parts(part):
                yield from self.part(each, depth + 1)
        elif kind in ("text/plain", "text/html") and not (name and part.get_content_disposition() == "attachment"):
            yield from self._text(part, depth)
        elif depth and (name or kind.startswith("image/")):
            self._not_read(kind)

    def _text(self, part: Message, depth: int) -> Iterator[Block]:
        try:
            blocks = list(_text_blocks(part, self.left_out))
        except ParseError:
            # Of several parts one may be damaged.
            if not depth:
                raise
            self.left_out["unreadable part"] += 1
            return
        yield from blocks

    def _forwarded(self, part: Message, depth: int) -> Iterator[Block]:
        for message in _parts(part):
            yield from _head(message, str(message["Subject"] or ""), min(depth + 1, 6))
            yield from self.part(message, depth + 1)

    def _alternative(self, part: Message, depth: int) -> Iterator[Block]:
        """The plain form, unless the page says what it does not; what is in none of the forms alone (files) too."""
        forms = [self._form(each, depth) for each in _parts(part)]
        plain = [blocks for kind, blocks in forms if kind == "text/plain" and blocks]
        pages = [blocks for kind, blocks in forms if kind != "text/plain" and blocks]
        if not plain or not pages:
            yield from next((blocks for _, blocks in reversed(forms) if blocks), [])
        else:
            yield from pages[-1] if _says_less(plain[0], pages[-1]) else plain[0]

    def _form(self, part: Message, depth: int) -> tuple[str, list[Block]]:
        return part.get_content_type(), list(self.part(part, depth + 1))

    def _related(self, part: Message, depth: int) -> Iterator[Block]:
        """The first part, or the one that is named as the root; pictures belong to it."""
        start = part.get_param("start")
        parts = _parts(part)
        root = next((each for each in parts if start and each["content-id"] == start), parts[0] if parts else None)
        for each in parts:
            if each is root or each.get_content_type() not in ("text/plain", "text/html"):
                yield from self.part(each, depth + 1)

    def _not_read(self, kind: str) -> None:
        if kind.startswith("image/"):
            self.left_out["picture"] += 1
        elif not kind.startswith(("application/pgp", "application/pkcs7", "message/", "text/calendar")):
            self.left_out["attached file"] += 1


def _parts(part: Message) -> list[Message]:
    content = part.get_payload()
    return [each for each in content if isinstance(each, Message)] if isinstance(content, list) else []


def _says_less(plain: list[Block], page: list[Block]) -> bool:
    """Whether the plain form only stands in for the page."""
    said, shown = _words(plain), _words(page)
    if len(said & shown) >= _SAME_SHARE * len(shown):
        return False
    if len(shown) > len(said):
        return True
    return len(said) <= _STUB_WORDS and any(_STUB.search(block.text) for block in plain)


def _words(blocks: list[Block]) -> set[str]:
    return {word for block in blocks for word in _WORD.findall(block.text.casefold())}


def _text_blocks(part: Message, left_out: LeftOut) -> Iterator[Block]:
    text = _text(part)
    if part.get_content_type() != "text/html":
        yield from map(Block, filter(str.strip, _BLANK_LINES.split(text)))
    elif text.strip():
        root = html_tree(text)
        settle_tables(root)
        yield from html_blocks(root, left_out)


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        return ""
    declared = part.get_content_charset()
    if declared and declared.startswith(_SEVEN_BIT):
        with suppress(LookupError, UnicodeDecodeError):
            return content.decode(declared)
    return decode(content, declared)
