"""The searches of a PostgreSQL library as one statement, so that a question needs one answer from the server.

BM25 is computed from the postings: ``idf * (K1 + 1) * f / (f + K1 * (1 - B + B * length / average))``, as tantivy has
it. Of the terms asked for, the rarest are looked up in all passages, up to ``LOOKED_UP`` postings; what the common ones
add is then looked up for the best of those alone. A term in half of the passages adds next to nothing to any, and
reading all its postings would take longer than everything else (the idea of MaxScore, Turtle and Flood 1995, with a
fixed number of passages in place of a bound).
"""

from askreport.store.lexical import K1, MIN_MISTYPED, MISTYPED_WEIGHT, B

# Postings that are read for one question, beside those of the rarest term, which are always read.
LOOKED_UP = 100_000
# The passages of which the common terms are looked up, as a multiple of those wanted.
CLOSER_LOOK = 5

_WEIGHT = f"{K1 + 1} * p.frequency / (p.frequency + {K1} * ({1 - B} + {B} * p.length / size.average))"

# What a typing mistake may put in a letter's place.
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"

# One letter more, less, other, or two exchanged, of terms that no passage has.
_MISTYPED = f"""
unknown AS (SELECT a.term FROM asked a WHERE length(a.term) >= {MIN_MISTYPED}
    AND NOT EXISTS (SELECT 1 FROM terms t WHERE t.term = a.term)),
letters AS (SELECT u.term, l.letter FROM unknown u, LATERAL (
    SELECT DISTINCT regexp_split_to_table('{_LETTERS}' || u.term, '') AS letter) l),
variants AS (
    SELECT u.term, left(u.term, i - 1) || substr(u.term, i + 1) AS variant
        FROM unknown u, generate_series(1, length(u.term)) i
    UNION SELECT l.term, left(l.term, i - 1) || l.letter || substr(l.term, i + d)
        FROM letters l, generate_series(1, length(l.term) + 1) i, generate_series(0, 1) d
    UNION SELECT u.term, left(u.term, i - 1) || reverse(substr(u.term, i, 2)) || substr(u.term, i + 2)
        FROM unknown u, generate_series(1, length(u.term) - 1) i),
mistyped AS (SELECT DISTINCT v.term, p.document, p.ordinal
    FROM variants v JOIN postings p ON p.term = v.variant COLLATE "C" {{filter}})"""

# {filter} narrows postings to the documents asked for, {among} vectors; %(…)s are the values.
_LEXICAL = f"""
size AS (SELECT passages::float8 AS n, greatest(tokens::float8 / greatest(passages, 1), 1) AS average FROM library),
asked AS (SELECT DISTINCT unnest(%(terms)s::text[]) COLLATE "C" AS term),
known AS (SELECT t.term, t.passages, ln(1 + (n - t.passages + 0.5) / (t.passages + 0.5)) AS idf,
    sum(t.passages) OVER (ORDER BY t.passages, t.term) AS looked FROM asked JOIN terms t USING (term), size),
rare AS (SELECT term, idf FROM known WHERE looked <= %(looked_up)s OR looked = passages),
common AS (SELECT term, idf FROM known WHERE looked > %(looked_up)s AND looked <> passages),
{_MISTYPED},
first AS (SELECT document, ordinal, sum(weight) AS score FROM (
        SELECT p.document, p.ordinal, r.idf * {_WEIGHT} AS weight
            FROM rare r JOIN postings p ON p.term = r.term {{filter}}, size
        UNION ALL SELECT document, ordinal, {MISTYPED_WEIGHT} FROM mistyped) found
    GROUP BY document, ordinal ORDER BY score DESC, document, ordinal LIMIT %(each)s * {CLOSER_LOOK}),
lexical AS (SELECT f.document, f.ordinal, f.score + coalesce((
        SELECT sum(c.idf * {_WEIGHT}) FROM common c JOIN postings p
            ON p.term = c.term AND p.document = f.document AND p.ordinal = f.ordinal, size), 0) AS score
    FROM first f ORDER BY score DESC, document, ordinal LIMIT %(each)s)"""

# All vectors are looked at where an addition keeps the planner from using the index of groups.
# As a text at first: a value has one type in all its places, and would be rounded in all.
_ASKED = "%(vector)s::text::vector({dimension})"
_NEAREST = f"(v.vector::halfvec({{dimension}}) <#> {_ASKED}::halfvec({{dimension}}))"
_DENSE = """
dense AS MATERIALIZED (SELECT v.document, v.ordinal FROM vectors v {among} ORDER BY {nearest} LIMIT %(each)s)"""

_COSINE = f"-(v.vector::vector({{dimension}}) <#> {_ASKED})"

_AMONG = "= ANY(%(documents)s::integer[])"

PASSAGE = 'd.id, p.document, p.ordinal, p.start, p."end", p.digest, p.heading, p.sentences, p.sentence_vectors'

_FUSED = """
found AS (SELECT document, ordinal FROM dense UNION SELECT document, ordinal FROM lexical),
scored AS (SELECT v.document, v.ordinal, {cosine} AS cosine, coalesce(l.score, 0) AS bm25
    FROM found f JOIN vectors v USING (document, ordinal) LEFT JOIN lexical l USING (document, ordinal)),
ranked AS (SELECT s.*, p.digest, %(share)s::float8 * (1 + cosine) / greatest(max(1 + cosine) OVER (), 1e-9)
        + (1 - %(share)s::float8) * bm25 / greatest(max(bm25) OVER (), 1e-9) AS fused
    FROM scored s JOIN passages p USING (document, ordinal)),
chosen AS (SELECT DISTINCT ON (digest) document, ordinal, cosine, bm25, fused FROM ranked
    ORDER BY digest, fused DESC, document, ordinal)"""


def fused_search(dimension: int, exact: bool, filtered: bool) -> str:
    """The statement of ``Store.search``: the columns of ``PASSAGE``, cosine and BM25, best first.

    Values: terms, looked_up, vector (as text), each, share, limit, and documents (numbers) if ``filtered``.
    """
    parts = (_lexical(filtered), _dense(dimension, exact, filtered), _FUSED.format(cosine=_cosine(dimension)))
    return f"""WITH {",".join(parts)}
SELECT {PASSAGE}, c.cosine, c.bm25 FROM (SELECT * FROM chosen ORDER BY fused DESC, document, ordinal LIMIT %(limit)s) c
    JOIN passages p USING (document, ordinal) JOIN documents d ON d.number = c.document
    ORDER BY c.fused DESC, c.document, c.ordinal"""


def lexical_search(filtered: bool) -> str:
    """The statement of ``Store.search_lexical``: document, ordinal and BM25, best first."""
    return f"WITH {_lexical(filtered)} SELECT document, ordinal, score FROM lexical ORDER BY score DESC, 1, 2"


def dense_search(dimension: int, exact: bool, filtered: bool) -> str:
    """The statement of ``Store.search_dense``: document, ordinal and cosine, best first."""
    return f"""WITH {_dense(dimension, exact, filtered)}
SELECT v.document, v.ordinal, {_cosine(dimension)} AS cosine FROM dense JOIN vectors v USING (document, ordinal)
    ORDER BY cosine DESC, v.document, v.ordinal"""


def cosines(dimension: int) -> str:
    """The statement of ``Store.cosines``: document, ordinal and cosine of the passages of two arrays."""
    return f"""SELECT v.document, v.ordinal, {_cosine(dimension)} FROM vectors v
    JOIN unnest(%(documents)s::integer[], %(ordinals)s::integer[]) AS f(document, ordinal) USING (document, ordinal)"""


def _lexical(filtered: bool) -> str:
    return _LEXICAL.format(filter=f"AND p.document {_AMONG}" if filtered else "")


def _dense(dimension: int, exact: bool, filtered: bool) -> str:
    nearest = _NEAREST.format(dimension=dimension) + (" + 0" if exact else "")
    return _DENSE.format(among=f"WHERE v.document {_AMONG}" if filtered else "", nearest=nearest)


def _cosine(dimension: int) -> str:
    return _COSINE.format(dimension=dimension)
