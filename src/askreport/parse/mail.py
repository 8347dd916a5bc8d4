"""Mail (.eml): the subject, who wrote when to whom, the text, and the names of what is attached."""

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage

from askreport.errors import ParseError
from askreport.parse.archive import damage_named, refuse_other_kind
from askreport.parse.blocks import Block, assemble
from askreport.parse.decode import decode
from askreport.parse.html import html_blocks, html_tree, settle_tables
from askreport.types import Document

_SHOWN = ("From", "To", "Cc", "Date")
_ENCRYPTED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
# Their bytes are ASCII, and so would pass for UTF-8.
_SEVEN_BIT = ("iso-2022", "iso2022", "utf-7", "hz")
_BLANK_LINES = re.compile(r"\n\s*\n")


def parse_eml(data: bytes, path: str, title: str) -> Document:
    """A mail: its plain text, or its HTML if it has no other. Attached files are not read.

    The title is the subject, else ``title``. Raises ParseError for what is no mail, is encrypted or cannot be read.
    """
    refuse_other_kind(data, "a mail (.eml)")
    with damage_named("mail", MessageError):
        message = message_from_bytes(data, policy=policy.default)
        if not any(message[name] for name in ("Subject", *_SHOWN)):
            raise ParseError("the file is not a mail (.eml): it says neither who wrote it nor to whom, when or what of")
        if message.get_content_type() in _ENCRYPTED and message.get_param("smime-type") != "signed-data":
            raise ParseError("the mail is encrypted; save it as it is once opened", "encrypted")
        subject = str(message["Subject"] or "")
        blocks = [*_head(message, subject), *_body(message), *_attachments(message)]
    return assemble(blocks, data, path, title, subject)


def _head(message: EmailMessage, subject: str) -> Iterator[Block]:
    yield Block(" ".join(subject.split()), 1)
    for name in _SHOWN:
        if message[name]:
            yield Block(f"{name}: {message[name]}")


def _body(message: EmailMessage) -> Iterator[Block]:
    part = message.get_body(("plain", "html"))
    if not isinstance(part, EmailMessage):
        return
    text = _text(part)
    if part.get_content_type() != "text/html":
        yield from map(Block, _BLANK_LINES.split(text))
    elif text.strip():
        root = html_tree(text)
        settle_tables(root)
        yield from html_blocks(root)


def _text(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        return ""
    declared = part.get_content_charset()
    if declared and declared.startswith(_SEVEN_BIT):
        with suppress(LookupError, UnicodeDecodeError):
            return content.decode(declared)
    return decode(content, declared)


def _attachments(message: EmailMessage) -> Iterator[Block]:
    for part in message.iter_attachments():
        name = part.get_filename()
        if name:
            yield Block(f"Attachment: {' '.join(name.split())}")
