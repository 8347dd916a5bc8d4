"""The searches of a PostgreSQL library as one statement, so that a question needs one answer from the server.

BM25 is computed from the postings: ``idf * (K1 + 1) * f / (f + K1 * (1 - B + B * length / average))``, as tantivy has
it. The rarest terms of a question are looked up in all passages, up to ``LOOKED_UP`` postings. The common terms are
looked up only for the best of these passages: a common term adds little to any passage, and reading all its postings
would take longer than everything else. This is the idea of MaxScore (Turtle and Flood 1995), with a fixed number of
passages instead of a bound.
"""

from collections.abc import Mapping
from typing import Any

from askreport.store.words import K1, MIN_MISTYPED, MISTYPED_WEIGHT, B, stem_of

# Postings that are read for one question, beside those of the rarest term, which are always read.
LOOKED_UP = 25_000
# The passages of which the common terms are looked up, as a multiple of those wanted.
CLOSER_LOOK = 3
# What a typing mistake may put in a letter's place.
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"

_WEIGHT = f"{K1 + 1} * p.frequency / (p.frequency + {K1} * ({1 - B} + {B} * p.length / %(average)s::float8))"

# {filter} narrows postings to the documents asked for, {among} vectors; %(…)s are the values.
_LEXICAL = f"""
first AS (SELECT document, ordinal, sum(weight) AS score FROM (
        SELECT p.document, p.ordinal, r.idf * {_WEIGHT} AS weight
            FROM unnest(%(rare)s::text[], %(rare_idf)s::float8[]) AS r(term, idf), LATERAL (
                SELECT * FROM postings p WHERE p.term = r.term COLLATE "C" {{filter}} OFFSET 0) p
        {{mistyped}}) found
    GROUP BY document, ordinal ORDER BY score DESC, document, ordinal LIMIT %(each)s * {CLOSER_LOOK}),
lexical AS (SELECT f.document, f.ordinal, f.score + coalesce((
        SELECT sum(c.idf * {_WEIGHT}) FROM unnest(%(common)s::text[], %(common_idf)s::float8[]) AS c(term, idf)
            JOIN postings p ON p.term = c.term COLLATE "C" AND p.document = f.document AND p.ordinal = f.ordinal), 0)
        AS score
    FROM first f ORDER BY score DESC, document, ordinal LIMIT %(each)s)"""

_MISTYPED = f"""UNION ALL SELECT document, ordinal, {MISTYPED_WEIGHT} FROM (
            SELECT DISTINCT m.asked, p.document, p.ordinal
            FROM unnest(%(mistyped)s::text[], %(meant)s::text[]) AS m(asked, term)
                JOIN postings p ON p.term = m.term COLLATE "C" {{filter}}) mistyped"""

# All vectors are looked at where an addition keeps the planner from using the index of groups.
# As a text at first: a value has one type in all its places, and would be rounded in all.
_ASKED = "%(vector)s::text::vector({dimension})"
_NEAREST = f"(v.vector::halfvec({{dimension}}) <#> {_ASKED}::halfvec({{dimension}}))"
_DENSE = """
dense AS MATERIALIZED (SELECT v.document, v.ordinal FROM vectors v {among} ORDER BY {nearest} LIMIT %(each)s)"""

_COSINE = f"-(v.vector::vector({{dimension}}) <#> {_ASKED})"

_AMONG = "= ANY(%(documents)s::integer[])"

PASSAGE = """d.id, d.key, p.document, p.ordinal, p.start, p."end", p.digest, p.heading, p.sentences,
    p.sentence_vectors"""

_FUSED = """
found AS (SELECT document, ordinal FROM dense UNION SELECT document, ordinal FROM lexical),
scored AS (SELECT v.document, v.ordinal, {cosine} AS cosine, coalesce(l.score, 0) AS bm25
    FROM found f JOIN vectors v USING (document, ordinal) LEFT JOIN lexical l USING (document, ordinal)),
ranked AS (SELECT s.*, p.digest, %(share)s::float8 * (1 + cosine) / greatest(max(1 + cosine) OVER (), 1e-9)
        + (1 - %(share)s::float8) * bm25 / greatest(max(bm25) OVER (), 1e-9) AS fused
    FROM scored s JOIN passages p USING (document, ordinal)),
chosen AS (SELECT DISTINCT ON (digest) document, ordinal, cosine, bm25, fused FROM ranked
    ORDER BY digest, fused DESC, document, ordinal)"""


def fused_search(dimension: int, exact: bool, filtered: bool, mistyped: bool) -> str:
    """The statement of ``Store.search``: the columns of ``PASSAGE``, cosine, BM25 and fused score, best first.

    Values: those of ``words``, vector (as text), each, share, limit, and documents (numbers) if ``filtered``.
    """
    parts = (_lexical(filtered, mistyped), _dense(dimension, exact, filtered), _FUSED.format(cosine=_cosine(dimension)))
    return f"""WITH {",".join(parts)}
SELECT {PASSAGE}, c.cosine, c.bm25, c.fused
    FROM (SELECT * FROM chosen ORDER BY fused DESC, document, ordinal LIMIT %(limit)s) c
    JOIN passages p USING (document, ordinal) JOIN documents d ON d.number = c.document
    ORDER BY c.fused DESC, c.document, c.ordinal"""


def lexical_search(filtered: bool, mistyped: bool) -> str:
    """The statement of ``Store.search_lexical``: document, ordinal and BM25, best first."""
    return f"WITH {_lexical(filtered, mistyped)} SELECT document, ordinal, score FROM lexical ORDER BY score DESC, 1, 2"


def dense_search(dimension: int, exact: bool, filtered: bool) -> str:
    """The statement of ``Store.search_dense``: document, ordinal and cosine, best first."""
    return f"""WITH {_dense(dimension, exact, filtered)}
SELECT v.document, v.ordinal, {_cosine(dimension)} AS cosine FROM dense JOIN vectors v USING (document, ordinal)
    ORDER BY cosine DESC, v.document, v.ordinal"""


def cosines(dimension: int) -> str:
    """The statement of ``Store.cosines``: document, ordinal and cosine of the passages of two arrays."""
    return f"""SELECT v.document, v.ordinal, {_cosine(dimension)} FROM vectors v
    JOIN unnest(%(documents)s::integer[], %(ordinals)s::integer[]) AS f(document, ordinal) USING (document, ordinal)"""


def words(
    counts: Mapping[str, int], weights: Mapping[str, float], meant: Mapping[str, list[str]], average: float
) -> dict[str, Any]:
    """The values of a search by words: the terms that so many passages have, and what others were meant to be.

    ``weights`` has each term's, ``average`` is how many terms a passage has.
    """
    values: dict[str, Any] = {"rare": [], "rare_idf": [], "common": [], "common_idf": [], "mistyped": [], "meant": []}
    looked = 0
    for term, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        looked += count
        name = "rare" if looked <= LOOKED_UP or looked == count else "common"
        values[name].append(term)
        values[f"{name}_idf"].append(weights[term])
    for asked, terms in meant.items():
        values["mistyped"] += [asked] * len(terms)
        values["meant"] += terms
    return values | {"average": average}


def variants(term: str) -> set[str]:
    """What a term that nobody has may have been meant to be: one letter more, less, other, or two exchanged.

    Short terms have too many neighbours, and get none.
    """
    stem = stem_of(term)
    if len(stem) < MIN_MISTYPED:
        return set()
    language = term.removeprefix(stem)
    return {f"{each}{language}" for each in _variants(stem)}


def _variants(term: str) -> set[str]:
    parts = [(term[:at], term[at:]) for at in range(len(term) + 1)]
    letters = set(_LETTERS) | set(term)
    shorter = {before + after[1:] for before, after in parts if after}
    exchanged = {before + after[1] + after[0] + after[2:] for before, after in parts if len(after) > 1}
    other = {before + letter + after[skipped:] for before, after in parts for letter in letters for skipped in (0, 1)}
    return (shorter | exchanged | other) - {term}


def _lexical(filtered: bool, mistyped: bool) -> str:
    among = f"AND p.document {_AMONG}" if filtered else ""
    return _LEXICAL.format(filter=among, mistyped=_MISTYPED.format(filter=among) if mistyped else "")


def _dense(dimension: int, exact: bool, filtered: bool) -> str:
    nearest = _NEAREST.format(dimension=dimension) + (" + 0" if exact else "")
    return _DENSE.format(among=f"WHERE v.document {_AMONG}" if filtered else "", nearest=nearest)


def _cosine(dimension: int) -> str:
    return _COSINE.format(dimension=dimension)
