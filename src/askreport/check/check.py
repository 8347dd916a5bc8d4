"""A draft -> its quotations, each found in the library word for word, with differences, or not at all."""

import re
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Literal, TypeAlias

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein, ScoreAlignment

from askreport.answering.quotes import MAX_PLACES
from askreport.errors import ParseError, QuestionError
from askreport.parse import SUPPORTED, Parsed, ParserPool, decode
from askreport.store import Store
from askreport.text.links import label_at, link, page_at, reference
from askreport.text.paragraphs import paragraph_at
from askreport.text.quotations import Quotation, find_quotations
from askreport.text.wording import MAX_LEFT_OUT, Folded, Match, Tolerance, Wording, hyphenated
from askreport.types import Document, DocumentRef, IndexState, Span

CheckStatus: TypeAlias = Literal["verbatim", "different", "not_found"]
Operation: TypeAlias = Literal["equal", "replace", "insert", "delete"]

MAX_DRAFT_CHARS = 500_000
MAX_QUOTATIONS = 1_000
# Shorter quotations resemble something everywhere, longer ones take too long to align: both are checked verbatim only.
MIN_ALIGNED_WORDS = 4
MAX_ALIGNED_CHARS = 5_000
# How many passages are searched for a quotation that is not there word for word.
CANDIDATES = 20
# From this similarity on (0 to 1, of the folded texts in lower case) a place is taken for the one that was meant.
# benchmarks/check.py: that finds every sentence of the report with a word changed, left out or swapped with the next,
# and takes none of 1,000 unrelated sentences for one.
DIFFERENT_FROM = 0.75
# After what is left out, a place within so many characters is taken, unless one further away fits so much better (0 to
# 100).
_NEAR = 300
_ABOUT = 5
# How many words the alignment's ends are moved to fit best.
_ADJUSTED_WORDS = 3
# Only those that share most words are aligned.
_ALIGNED_CANDIDATES = 5
# Only the best of the rough alignments are adjusted.
_ADJUSTED_ALIGNMENTS = 3
_OPERATIONS: dict[str, Operation] = {"equal": "equal", "replace": "replace", "insert": "insert", "delete": "delete"}
_SPACED_WORD = re.compile(r"\S+")
# Read as they are: their marks, lines and block quotes are those the author sees.
_PLAIN = (".txt", ".md", ".markdown")
_OPENING = "'([*_"
_CLOSING = ".,;:')]*_"


@dataclass(frozen=True, slots=True)
class DraftText:
    """A draft's text, and what of its file could not be read."""

    text: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlace:
    """Where the library has the words of a quotation; ``text`` is the document's own, ``document.text[start:end]``.

    ``left_out`` are the words of the source that the quotation's ellipses and brackets stand for, in order.
    """

    document: DocumentRef
    start: int
    end: int
    page: int | None
    text: str
    url: str
    left_out: tuple[str, ...] = ()
    page_label: str = ""
    paragraph: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that turns the draft's words into the source's: "insert" adds words that the draft lacks."""

    op: Operation
    draft: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedQuotation:
    """A quotation of the draft (``start`` and ``end`` in code points, ``line`` from 1) and what the library says to it.

    ``tolerated`` is what the first place of a verbatim quotation needed; it is empty for an exact one.
    ``similarity`` is 1.0 if it is verbatim and 0.0 if it was not found; only if it is different, there are
    ``differences`` to its one place.
    """

    text: str
    start: int
    end: int
    line: int
    status: CheckStatus
    tolerated: tuple[Tolerance, ...] = ()
    similarity: float = 0.0
    places: tuple[SourcePlace, ...] = ()
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """All quotations of a draft, in order; ``unpaired`` are lines where one is opened but not closed."""

    quotations: tuple[CheckedQuotation, ...]
    counts: dict[CheckStatus, int]
    unpaired: tuple[int, ...]
    index: IndexState
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """What the library says to a wording."""

    status: CheckStatus
    tolerated: tuple[Tolerance, ...] = ()
    similarity: float = 0.0
    places: tuple[SourcePlace, ...] = ()
    differences: tuple[Difference, ...] = ()


_Found: TypeAlias = tuple[tuple[Tolerance, ...], SourcePlace]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alignment:
    """How well the parts of a quotation fit to a stretch of a document, and where each does, in ``source.text``."""

    similarity: float
    document: Document
    offset: int
    source: Folded
    spans: tuple[Span, ...]


def check(store: Store, draft: str) -> CheckReport:
    """Looks up every quotation of a draft (plain text or Markdown) in all documents of the store.

    Raises QuestionError for a draft that is too long, has too many quotations, or is not valid Unicode.
    """
    started = time.perf_counter()
    quotations = find_quotations(_checked(draft))
    if len(quotations.found) > MAX_QUOTATIONS:
        raise QuestionError(
            f"the draft has {len(quotations.found):,} quotations; at most {MAX_QUOTATIONS:,} are checked",
            "Check it in parts.",
        )
    wordings = {quotation.text: Wording(quotation.text) for quotation in quotations.found}
    verbatim = _find_verbatim(store, wordings) if wordings else {}
    verdicts = {text: verbatim.get(text) or _resembling(store, wording) for text, wording in wordings.items()}
    checked = tuple(_as_checked(quotation, verdicts[quotation.text]) for quotation in quotations.found)
    counted = Counter(quotation.status for quotation in checked)
    counts: dict[CheckStatus, int] = {
        "verbatim": counted["verbatim"],
        "different": counted["different"],
        "not_found": counted["not_found"],
    }
    took_ms = round(1000 * (time.perf_counter() - started), 2)
    return CheckReport(
        quotations=checked, counts=counts, unpaired=quotations.unpaired, index=store.state, took_ms=took_ms
    )


def _checked(draft: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in draft):
        raise QuestionError("the draft holds bytes that are not valid UTF-8", "Save it as UTF-8, or paste it anew.")
    if len(draft) > MAX_DRAFT_CHARS:
        raise QuestionError(
            f"the draft has {len(draft):,} characters; at most {MAX_DRAFT_CHARS:,} are checked",
            "Check it in parts.",
        )
    return draft


def _as_checked(quotation: Quotation, verdict: _Verdict) -> CheckedQuotation:
    return CheckedQuotation(
        text=quotation.text,
        start=quotation.start,
        end=quotation.end,
        line=quotation.line,
        status=verdict.status,
        tolerated=verdict.tolerated,
        similarity=verdict.similarity,
        places=verdict.places,
        differences=verdict.differences,
    )


# Word for word


def _find_verbatim(store: Store, wordings: Mapping[str, Wording]) -> dict[str, _Verdict]:
    """The verdicts on the wordings that stand in some document, from one pass over all of them.

    Nothing but the texts themselves is searched, so that what is not found is not there.
    """
    found: dict[str, list[_Found]] = {}
    pending = dict(wordings)
    for source, document in _sources(store):
        for text, wording in tuple(pending.items()):
            matches = wording.matches(source, MAX_PLACES)
            if matches:
                # The nearer to the source's own typography, the earlier; otherwise in the order of the documents.
                places = found.get(text, []) + [_place(document, match) for match in matches]
                ranked = sorted(places, key=lambda each: len(each[0]))
                # A text with divided words is searched twice, and most places are found both times.
                once: dict[tuple[str, int, int], _Found] = {}
                for kinds, place in ranked:
                    once.setdefault((place.document.id, place.start, place.end), (kinds, place))
                found[text] = list(once.values())[:MAX_PLACES]
                if _is_settled(found[text]):
                    del pending[text]
        if not pending:
            break
    return {
        text: _Verdict(
            status="verbatim", tolerated=places[0][0], similarity=1.0, places=tuple(place for _, place in places)
        )
        for text, places in found.items()
    }


def _sources(store: Store) -> Iterator[tuple[Folded, Document]]:
    """The text of every document; twice, where words are divided at line ends."""
    for summary in store.documents():
        document = store.document(summary.id)
        yield Folded(document.text), document
        if hyphenated(document.text):
            yield Folded(document.text, joined=True), document


def _is_settled(places: list[_Found]) -> bool:
    """Whether there are enough places, all exact, so that no other could come before one of them."""
    return len(places) == MAX_PLACES and not places[-1][0]


def _place(document: Document, match: Match) -> _Found:
    return match.tolerated, _source_place(document, match.span, match.left_out)


def _source_place(document: Document, span: Span, left_out: tuple[str, ...] = ()) -> SourcePlace:
    return SourcePlace(
        document=reference(document),
        start=span.start,
        end=span.end,
        page=page_at(document, span.start),
        text=document.text[span.start : span.end],
        url=link(document, span),
        left_out=left_out,
        page_label=label_at(document, span.start),
        paragraph=paragraph_at(document, span.start),
    )


# With differences


def _resembling(store: Store, wording: Wording) -> _Verdict:
    """The verdict on a wording that stands nowhere: the place that resembles it most, if any does enough."""
    best = _nearest(store, wording)
    if best is None or best.similarity < DIFFERENT_FROM:
        return _Verdict(status="not_found")
    start, end = best.source.span(best.spans[0].start, best.spans[-1].end)
    place = _source_place(best.document, Span(best.offset + start, best.offset + end))
    return _Verdict(
        status="different",
        similarity=round(best.similarity, 4),
        places=(place,),
        differences=_differences(wording.text, place.text),
    )


def _nearest(store: Store, wording: Wording) -> _Alignment | None:
    if wording.words < MIN_ALIGNED_WORDS or len(wording.text) > MAX_ALIGNED_CHARS:
        return None
    parts = [_lowered(part) for part in wording.parts]
    ours = set(wording.text.lower().split())
    likely = nlargest(
        _ALIGNED_CANDIDATES,
        _windows(store, wording),
        key=lambda each: len(ours.intersection(each[0].text[slice(*each[1])].lower().split())),
    )
    rough = [_align(parts, document, window) for document, window in likely]
    best = nlargest(_ADJUSTED_ALIGNMENTS, rough, key=lambda alignment: alignment.similarity)
    adjusted = [_adjusted(parts, alignment) for alignment in best]
    return max(adjusted, key=lambda alignment: alignment.similarity, default=None)


def _windows(store: Store, wording: Wording) -> Iterator[tuple[Document, Span]]:
    """Passages that share words with a wording, best first, with as much around them as it may reach beyond."""
    margin = len(wording.text) + (MAX_LEFT_OUT if len(wording.parts) > 1 else 0)
    for stored in store.passages(list(store.search_lexical(wording.text, CANDIDATES))):
        passage = stored.passage
        yield store.document(passage.document_id), Span(max(0, passage.start - margin), passage.end + margin)


def _align(parts: list[str], document: Document, window: Span) -> _Alignment:
    """Each part, in lower case, where it fits best after the one before."""
    source = Folded(document.text[window.start : window.end])
    text = _lowered(source.text)
    spans: list[Span] = []
    score = 0.0
    position = 0
    for part in parts:
        found = _nearest_alignment(part, text, position, is_first=not spans)
        if found is None or found.dest_start == found.dest_end:
            return _Alignment(similarity=0.0, document=document, offset=window.start, source=source, spans=())
        spans.append(Span(position + found.dest_start, position + found.dest_end))
        score += found.score * len(part)
        position = spans[-1].end
    return _Alignment(
        similarity=score / 100 / sum(map(len, parts)),
        document=document,
        offset=window.start,
        source=source,
        spans=tuple(spans),
    )


def _nearest_alignment(part: str, text: str, position: int, *, is_first: bool) -> ScoreAlignment | None:
    """Where a part fits best from a position on; after another part, a place near it that fits about as well."""
    if is_first:
        return fuzz.partial_ratio_alignment(part, text[position:])
    far = fuzz.partial_ratio_alignment(part, text[position : position + MAX_LEFT_OUT + len(part)])
    near = fuzz.partial_ratio_alignment(part, text[position : position + _NEAR + len(part)])
    return near if far is None or (near and near.score >= far.score - _ABOUT) else far


def _adjusted(parts: list[str], alignment: _Alignment) -> _Alignment:
    """The alignment with the whole words that resemble each part most."""
    text = _lowered(alignment.source.text)
    words = [Span(*match.span()) for match in _SPACED_WORD.finditer(text)]
    best = [_adjust(part, text, words, span) for part, span in zip(parts, alignment.spans, strict=False)]
    if not best:
        return alignment
    score = sum(similarity * len(part) for part, (similarity, _) in zip(parts, best, strict=True))
    return replace(alignment, similarity=score / sum(map(len, parts)), spans=tuple(span for _, span in best))


def _adjust(part: str, text: str, words: list[Span], span: Span) -> tuple[float, Span]:
    """The run of words at or near a span that resembles a part most, and how much it does."""
    first = bisect_right(words, span.start, key=lambda word: word.end)
    last = bisect_left(words, span.end, key=lambda word: word.start) - 1
    reach = range(-_ADJUSTED_WORDS, _ADJUSTED_WORDS + 1)
    starts = {words[min(max(0, first + step), len(words) - 1)].start for step in reach}
    ends = {words[min(max(0, last + step), len(words) - 1)].end for step in reach}
    runs = (Span(start, end) for start in starts for end in ends if start < end)
    # Of equals the shortest, and of these the first.
    return max(
        ((fuzz.ratio(part, text[run.start : run.end]) / 100, run) for run in runs),
        key=lambda each: (each[0], each[1].start - each[1].end, -each[1].start),
        default=(0.0, span),
    )


def _lowered(text: str) -> str:
    lowered = text.lower()
    # For a few characters ("İ") it is longer, and the offsets would not fit.
    return lowered if len(lowered) == len(text) else text


# The words of the difference


def _differences(draft: str, source: str) -> tuple[Difference, ...]:
    """What turns the draft's words into the source's, where typography makes no difference."""
    ours, theirs = draft.split(), source.split()
    opcodes = Levenshtein.opcodes(_keys(ours), _keys(theirs))
    return tuple(
        Difference(
            _OPERATIONS[op.tag],
            " ".join(ours[op.src_start : op.src_end]),
            " ".join(theirs[op.dest_start : op.dest_end]),
        )
        for op in opcodes
    )


def _keys(words: list[str]) -> list[str]:
    """The words as they are compared: without the punctuation before the first and after the last."""
    keys = [Folded(word).text for word in words]
    if keys:
        keys[0] = keys[0].lstrip(_OPENING)
        keys[-1] = keys[-1].rstrip(_CLOSING)
    return keys


# The draft


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
