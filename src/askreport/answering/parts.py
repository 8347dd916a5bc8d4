"""The numbered parts that a question names: "clause 2" is what stands behind a "2."."""

import re
from collections.abc import Sequence, Set

_KINDS = (
    "clause|article|section|paragraph|item|rule|point|step|chapter|klausel|artikel|abschnitt|absatz|ziffer|punkt|kapitel"
    "|chapitre|alinéa|cláusula|artículo|sección|apartado|punto|articolo|статья|статье|пункт|пункте|článek|článku|bod"
)
_NUMBER = r"\d{1,3}(?:\.\d{1,3})*"
_NAMED = re.compile(rf"(?:\b({_KINDS})\s|§)\s*({_NUMBER})(?!\w|%|[.,]\d)", re.I)
_BEGINS = re.compile(rf"\W*(?:(?:{_KINDS})\s+)?({_NUMBER})(?:[.):]|\s|$)", re.I)


def parts_of(question: str) -> frozenset[str]:
    """The numbers of the parts that a question names."""
    return frozenset(number for _, number in _NAMED.findall(question))


def part_words(question: str) -> str:
    """The words with which it names them: the document may give the number alone."""
    return " ".join(word for word, _ in _NAMED.findall(question))


def is_part(parts: Set[str], text: str, heading: Sequence[str]) -> bool:
    """Whether a sentence, or the heading right above it, begins with one of the numbers."""
    begins = [match for line in (text, *heading[-1:]) if (match := _BEGINS.match(line))]
    return any(match[1] in parts for match in begins)
