"""Words and their weights: one analyser for passages, questions and the reader's counts, and BM25's figures."""

import math
from typing import Any

import tantivy

# A term that no passage has is also searched with one letter more, less or other, if it has at least this many letters.
# A passage found that way gets this weight, about what BM25 gives for a rare term.
MIN_MISTYPED = 5
MISTYPED_WEIGHT = 5.0
# BM25's two parameters, as tantivy has them: how soon more of a word adds no more, and how much length counts.
K1 = 1.2
B = 0.75
# Lengths up to this one are kept as they are; of longer ones, the first four bits.
_EXACT_LENGTH = 24


def analyser() -> Any:
    """Words in lower case, without accents, stemmed by Snowball's English rules."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(40),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()


def counted_length(terms: int) -> int:
    """A passage's length as BM25 counts it: tantivy, as Lucene, keeps it in one byte, rounded down."""
    beyond = terms - _EXACT_LENGTH
    if beyond < 16:
        return terms
    dropped = beyond.bit_length() - 4
    return _EXACT_LENGTH + (beyond >> dropped << dropped)


def idf_of(passages: int, total: int) -> float:
    """BM25's inverse document frequency of a term that so many of all passages have."""
    return math.log1p((total - passages + 0.5) / (passages + 0.5))
