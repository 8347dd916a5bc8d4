"""What a document is called: the words of its title, of its file's name and folders, and of its front matter."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from askreport.store.words import words_of
from askreport.types import Document

# The fields of a document's front matter that say whose it is, and of when.
_ABOUT = ("company", "organisation", "organization", "issuer", "entity", "client", "year", "period", "date")
# A word that more documents are called by tells too few apart; as with a search's candidates, reading all costs time.
MANY = 300
# The words that are kept of one document at most.
_MOST = 64
# Documents whose words are kept: each of a question's candidates is asked for several times.
_KEPT = 1_024
_YEAR = re.compile(r"(?<!\d)(?:18|19|20)\d\d(?!\d)")


def names_of(document: Document) -> list[str]:
    """The words that a document is called by, each once, in no order that matters."""
    path = PurePosixPath(document.path)
    about = (str(document.metadata[field]) for field in _ABOUT if field in document.metadata)
    return _words_in((document.title, path.stem, *reversed(path.parts[:-1]), *about))


@lru_cache(_KEPT)
def _words_in(parts: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(word for part in parts for word in name_words(part)))[:_MOST]


def name_words(text: str) -> Iterable[str]:
    """The words of a text as documents are called: unstemmed, and the year that is part of a longer one by itself."""
    for word in words_of(text):
        yield word
        if (year := _YEAR.search(word)) and year.group() != word:
            yield year.group()
