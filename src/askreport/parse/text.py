"""Plain text."""

from askreport.digest import content_id, text_sha256
from askreport.parse.decode import decode
from askreport.types import Document


def parse_text(data: bytes, path: str, title: str) -> Document:
    """A plain text file as a Document; ``title`` is used as it is, for such a file names none."""
    text = decode(data)
    return Document(id=content_id(data), path=path, title=title, text=text, sha256=text_sha256(text))
