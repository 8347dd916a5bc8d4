"""A quotation's wording -> where a text has it word for word, and what had to be tolerated for that. Pure.

Tolerated is what typesetting changes and what an author may mark as changed: left-out text (…) and brackets. Neither
may hide a negation, and a bracket no number: what could be a misquotation is not called verbatim.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from askreport.types import Span

Tolerance: TypeAlias = Literal[
    "quotation marks",
    "dashes",
    "white space",
    "hyphenation",
    "letter forms",
    "ellipsis",
    "brackets",
    "closing punctuation",
]
_IntArray: TypeAlias = npt.NDArray[np.int64]

# How much text an ellipsis may stand for, in code points.
MAX_LEFT_OUT = 1_000
# Next to a part with fewer words an ellipsis stays in one sentence: single words are found anywhere.
MIN_PART_WORDS = 3
# How many words of the source a bracket may stand for.
MAX_BRACKETED_WORDS = 3
# How many words of the author's own a bracket may hold.
MAX_INSERTED_WORDS = 8
# A quotation with more ellipses and brackets is only searched as it stands.
MAX_JOINTS = 20

_QUOTES = "‘’‚‛“”„‟«»‹›′″ʼ´`\"'"
_DASHES = "‐‑‒–—―−﹘﹣－-"
_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
# Soft hyphens, zero-width spaces and marks of direction: nothing of them is to be seen.
_INVISIBLE = "\u00ad\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_ALIKE = {
    **dict.fromkeys(map(ord, _QUOTES), "'"),
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _SPACES), " "),
}
_RESHAPED = {**dict.fromkeys(map(ord, _INVISIBLE), ""), **{ord(form): letters for form, letters in _LIGATURES.items()}}
_TABLE = {**_ALIKE, **_RESHAPED}

_RESHAPE = re.compile(f"[{_INVISIBLE}{''.join(_LIGATURES)}]")
_HYPHENATED = re.compile(r"[-‐](?<=[^\W\d_].)\n[^\S\n]*(?=[^\W\d_])")
_ACCENTED = re.compile("\\w[\u0300-\u036f\u3099\u309a]+")
# In this order, after the table. A dash with white space on both sides is one without; "-5" keeps its sign.
_STEPS = [
    (re.compile(r"-(?<!--)-{1,2}(?!-)"), "-"),
    (re.compile(" {2,}"), " "),
    (re.compile(r"-(?<![^ ]-)(?![^ ])"), "—"),
    (re.compile(" ?— ?"), "-"),
    (re.compile(r"- (?<=\w- )(?=\w)"), "-"),
]

# Scripts without spaces have no word borders to see.
_LETTER = r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
# What holds a word together: "can" is no word of "can’t", "military" none of "non-military", also where the line ends
# after the hyphen. A number keeps its sign and its decimals.
_BINDER = "['’ʼ‐‑–-]"
_INSIDE_WORD = re.compile(
    rf"{_LETTER}{_BINDER}?\0(?:{_LETTER}|[\u0300-\u036f])|{_LETTER}\0{_BINDER}{_LETTER}"
    r"|\d[.,:/]\0\d|\d\0[.,:/]\d|(?:^|[\s(])[-−–]\0\d|\d\0\^"
    # Thousands that are set apart: "1 500".
    r"|(?<!\d)\d{1,3}[ \u00a0\u2009\u202f]\0\d{3}(?!\d)|(?<!\d)\d{1,3}\0[ \u00a0\u2009\u202f]\d{3}(?!\d)"
)
_BROKEN_LINE = re.compile(r"(?<=[-‐])\n[^\S\n]*")
_BORDER = 8

_WORD = re.compile(r"\w")
_ELLIPSIS = r"[\[(]\s?(?:…|\.\s?\.\s?\.)\s?[\])]|…\.?|\.(?:\s?\.){2,3}"
_INSERTION = r"(?<!\w)\[[^\[\]]{1,200}\](?!\w)"
_JOINT = re.compile(f"(?P<ellipsis>{_ELLIPSIS})|(?P<brackets>{_INSERTION})")
_CHANGED_LETTER = re.compile(r"(?<!\w)\[([^\W\d_])\](?=\w)")
_CLOSING = ".,;:'"
_DROPPED = f"{_SPACES}{_QUOTES}{_DASHES}.,;:()"
_CLOSING_HERE = re.compile(f"[{_CLOSING}]*")
_SENTENCE_END = re.compile(r"[.!?]['\")\]]*(?:\s|$)")
_AT_SENTENCE_END = re.compile(r"[.!?]['\")\]]*\s?$")
NEGATION = re.compile(
    r"\b(?:no|not|non|never|none|nor|neither|nobody|nothing|nowhere|without|cannot|\w+n't|hardly|scarcely|barely"
    r"|rarely|seldom|unlikely|except|unless|fail\w*|refus\w+|den(?:y|ies|ied)|nicht|nie|niemals|kein\w*|ohne|ne|pas"
    r"|jamais|sans|не|нет|ни|никогда|без)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|half|third|quarter|dozens?"
    r"|hundreds?|thousands?|[mbt]r?illions?)\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\[(?:sic|emphasis .*|italics .*)[.!]?\]", re.IGNORECASE)


class Folded:
    """A text with its typography evened out, and the way back to it.

    ``joined`` also joins words that a hyphen divides at a line's end.
    """

    def __init__(self, raw: str, joined: bool = False) -> None:
        self.raw = raw
        self._joined = joined
        text = (_HYPHENATED.sub("", raw) if joined else raw).translate(_TABLE)
        if not unicodedata.is_normalized("NFC", text):
            text = _ACCENTED.sub(_composed, text)
        for pattern, replacement in _STEPS:
            text = pattern.sub(replacement, text)
        self.text = text

    @cached_property
    def _offsets(self) -> tuple[_IntArray, _IntArray]:
        """Where each character of ``text`` starts and ends in ``raw``."""
        trace = _Trace(self.raw)
        if self._joined:
            trace.replace(_HYPHENATED, "")
        trace.replace(_RESHAPE, None)
        trace.text = trace.text.translate(_ALIKE)
        trace.replace(_ACCENTED, None)
        for pattern, replacement in _STEPS:
            trace.replace(pattern, replacement)
        return trace.starts, trace.ends

    def span(self, start: int, end: int) -> Span:
        """The span of ``raw`` that became ``text[start:end]``, which is not empty, without white space around it."""
        starts, ends = self._offsets
        first, last = int(starts[start]), int(ends[end - 1])
        part = self.raw[first:last]
        return Span(first + len(part) - len(part.lstrip()), first + len(part.rstrip()))

    def piece(self, index: int) -> tuple[str, str]:
        """What became the character at ``index``, and what was dropped between it and the next."""
        starts, ends = self._offsets
        after = int(starts[index + 1]) if index + 1 < len(starts) else int(ends[index])
        return self.raw[starts[index] : ends[index]], self.raw[ends[index] : after]


def hyphenated(text: str) -> bool:
    """Whether a hyphen divides a word at the end of a line, so that ``joined`` makes a difference."""
    return bool(_HYPHENATED.search(text))


def _composed(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match[0])


class _Trace:
    """A text in the course of replacements, with where each of its characters comes from."""

    def __init__(self, raw: str) -> None:
        self.text = raw
        self.starts: _IntArray = np.arange(len(raw), dtype=np.int64)
        self.ends: _IntArray = self.starts + 1

    def replace(self, pattern: re.Pattern[str], replacement: str | None) -> None:
        """Replaces every match; by None, by its reshaped and composed self."""
        texts: list[str] = []
        starts: list[_IntArray] = []
        ends: list[_IntArray] = []
        done = 0
        for match in pattern.finditer(self.text):
            new = _composed(match).translate(_RESHAPED) if replacement is None else replacement
            first, last = match.span()
            texts += [self.text[done:first], new]
            starts += [self.starts[done:first], np.full(len(new), self.starts[first])]
            ends += [self.ends[done:first], np.full(len(new), self.ends[last - 1])]
            done = last
        self.text = "".join([*texts, self.text[done:]])
        self.starts = np.concatenate([*starts, self.starts[done:]])
        self.ends = np.concatenate([*ends, self.ends[done:]])


@dataclass(frozen=True, slots=True)
class Joint:
    """An ellipsis or a bracket as the draft has it."""

    kind: Literal["ellipsis", "brackets"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Words that must stand as they are, but that ``letters`` says whether there are changed letters ("[T]he").

    ``needle`` is a string that every occurrence contains; ``pattern`` has the occurrence as its group 1.
    """

    draft: Folded
    needle: str
    pattern: re.Pattern[str]
    letters: bool
    words: int


@dataclass(frozen=True, slots=True)
class Match:
    """Where a text has a wording, what was tolerated, and the source's words that ellipses and brackets stand for."""

    span: Span
    tolerated: tuple[Tolerance, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """Parts with the joints between them; ``opening`` and ``closing`` are joints with nothing beyond them.

    ``tail`` is the last part's closing punctuation, which is not in its pattern.
    """

    parts: tuple[Part, ...]
    joints: tuple[Joint, ...]
    opening: Joint | None
    closing: Joint | None
    tail: str


_Chain: TypeAlias = tuple[tuple[int, int], ...]


class Wording:
    """The words of one quotation, ready to be searched for in any number of texts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = len(_words(text))
        editorial = _parse(text)
        # As it stands first: a source has brackets and ellipses of its own.
        readings = [_reading([text], [])] + ([editorial] if editorial else [])
        self._readings = [(reading, [part.needle for part in reading.parts]) for reading in readings]
        self.parts = [part.draft.text for part in readings[-1].parts]

    def matches(self, source: Folded, limit: int) -> list[Match]:
        """The first ``limit`` places where the text has this wording, in order; ``limit`` is at least 1."""
        for reading, needles in self._readings:
            # Nearly all texts end here, and there are many.
            for needle in needles:
                if needle not in source.text:
                    break
            else:
                found = list(islice(_matches(reading, source), limit))
                if found:
                    return found
        return []


def _words(text: str) -> list[str]:
    return [word for word in text.split() if _WORD.search(word)]


def _parse(text: str) -> _Reading | None:
    """The reading in which ellipses and brackets mean what they mean; None if there is none, or too many."""
    joints: list[Joint] = []
    pieces: list[str] = []
    done = 0
    for match in islice(_JOINT.finditer(text), MAX_JOINTS + 1):
        joint = Joint("ellipsis" if match["ellipsis"] else "brackets", Folded(match[0]).text)
        piece = text[done : match.start()]
        if joints and not _WORD.search(piece):
            # "[sic] …" is one joint.
            kind = joint.kind if joints[-1].kind == "brackets" else "ellipsis"
            joints[-1] = Joint(kind, f"{joints[-1].text} {joint.text}")
        else:
            joints.append(joint)
            pieces.append(piece)
        done = match.end()
    pieces.append(text[done:])
    changed = joints or _CHANGED_LETTER.search(text)
    # What stands beyond the first or last joint without a word in it is dropped, so it must not mean anything.
    meaningless = all(_WORD.search(piece) or not piece.strip(_DROPPED) for piece in (pieces[0], pieces[-1]))
    fits = len(joints) <= MAX_JOINTS and meaningless and any(_WORD.search(piece) for piece in pieces)
    # A word or two between brackets are found anywhere, and then everything would be the author's.
    own = sum(len(_words(piece)) for piece in pieces)
    modest = all(len(_words(joint.text)) <= MAX_INSERTED_WORDS for joint in joints)
    fits = fits and modest and (not joints or own >= MIN_PART_WORDS)
    return _reading(pieces, joints, editorial=True) if changed and fits else None


def _reading(pieces: list[str], joints: list[Joint], editorial: bool = False) -> _Reading:
    """Pieces of a quotation, of which only the first and the last may be without words, and the joints between."""
    opening = closing = None
    if len(pieces) > 1 and not _WORD.search(pieces[0]):
        pieces, opening, joints = pieces[1:], joints[0], joints[1:]
    if len(pieces) > 1 and not _WORD.search(pieces[-1]):
        pieces, closing, joints = pieces[:-1], joints[-1], joints[:-1]
    *others, last = pieces
    folded = Folded(last.strip()).text
    tail = folded[len(folded.rstrip(_CLOSING)) :]
    parts = [_part(piece, "", editorial) for piece in others] + [_part(last, tail, editorial)]
    return _Reading(parts=tuple(parts), joints=tuple(joints), opening=opening, closing=closing, tail=tail)


def _part(piece: str, tail: str, editorial: bool) -> Part:
    piece = piece.strip()
    folded = Folded(piece).text
    core = folded[: len(folded) - len(tail)]
    # Odd pieces are the letters that the pattern captures.
    pieces = _CHANGED_LETTER.split(core) if editorial else [core]
    escaped = [f"[{text.lower()}{text.upper()}]" if n % 2 else re.escape(text) for n, text in enumerate(pieces)]
    plain = _CHANGED_LETTER.sub(r"\1", piece) if editorial else piece
    pattern = re.compile(f"{_edge(core[:1], '<!')}(?=({''.join(escaped)}){_edge(core[-1:], '!')})")
    return Part(
        draft=Folded(plain),
        needle=max(pieces[::2], key=len),
        pattern=pattern,
        letters=len(pieces) > 1,
        words=len(_words(core)),
    )


def _edge(character: str, look: str) -> str:
    """A quick test of the border next to a character; ``splits_word`` is the whole one, but slow to compile in."""
    return f"(?{look}[0-9A-Za-z])" if re.match(_LETTER, character) else ""


def splits_word(text: str, at: int) -> bool:
    """Whether a word (number, compound) goes on across a position."""
    left = _BROKEN_LINE.sub("", text[max(0, at - _BORDER) : at].translate(_RESHAPED))
    right = _BROKEN_LINE.sub("", text[at : at + _BORDER].translate(_RESHAPED))
    return bool(_INSIDE_WORD.search(f"{left[-6:]}\0{right[:5]}"))


def _occurrences(part: Part, source: Folded) -> Iterator[tuple[int, int]]:
    for match in part.pattern.finditer(source.text):
        span = source.span(*match.span(1))
        if not splits_word(source.raw, span.start) and not splits_word(source.raw, span.end):
            yield match.span(1)


def _matches(reading: _Reading, source: Folded) -> Iterator[Match]:
    for chain in _chains(reading, source):
        start, end = chain[0][0], chain[-1][1]
        closed_at = _close(reading.tail, source.text, end)
        if closed_at is None or not _may_end(reading, source.text, start, closed_at, end):
            continue
        chain = (*chain[:-1], (chain[-1][0], closed_at))
        gaps = [source.span(one[1], other[0]) for one, other in pairwise(chain) if one[1] < other[0]]
        left_out = tuple(words for gap in gaps if (words := source.raw[gap.start : gap.end]))
        yield Match(source.span(start, closed_at), _tolerated(reading, source, chain), left_out)


def _chains(reading: _Reading, source: Folded) -> Iterator[_Chain]:
    """Occurrences of all parts in order, as near to each other as can be, with gaps that the joints may stand for."""
    chains: Iterator[_Chain] = ((each,) for each in _occurrences(reading.parts[0], source))
    for number, joint in enumerate(reading.joints):
        pair = reading.parts[number : number + 2]
        chains = _extend(source, list(chains), joint, pair)
    begun: set[int] = set()
    for chain in chains:
        # What is left out ends where the next words first stand: no later place is meant as well.
        if chain[0][0] not in begun:
            begun.add(chain[0][0])
            yield chain


def _extend(source: Folded, chains: list[_Chain], joint: Joint, pair: tuple[Part, ...]) -> Iterator[_Chain]:
    ends = [chain[-1][1] for chain in chains]
    short = min(part.words for part in pair) < MIN_PART_WORDS
    for start, end in _occurrences(pair[1], source) if chains else ():
        nearest = bisect_right(ends, start) - 1
        if nearest >= 0 and start - ends[nearest] <= MAX_LEFT_OUT:
            before = source.text[max(0, ends[nearest] - _BORDER) : ends[nearest]]
            if _may_stand_for(joint, before, source.text[ends[nearest] : start], short):
                yield (*chains[nearest], (start, end))


def _may_stand_for(joint: Joint, before: str, gap: str, short: bool) -> bool:
    """Whether a joint may stand for the source's words in the gap, which come after ``before``."""
    if gap.strip() == joint.text:
        return True
    if joint.kind == "ellipsis":
        hides = NEGATION.search(joint.text) or _hides_negation(before, gap)
        return not hides and not (short and _SENTENCE_END.search(gap))
    if _SENTENCE_END.search(gap):
        return False
    words = len(_words(gap))
    if _COMMENT.fullmatch(joint.text):
        return words == 0
    changes_sense = NEGATION.search(gap) or _NUMBER.search(gap) or NEGATION.search(joint.text)
    return words <= MAX_BRACKETED_WORDS and not changes_sense


def _hides_negation(before: str, gap: str) -> bool:
    """Whether one is left out of a sentence that is quoted in part; whole sentences may be left out."""
    ends = [match.end() for match in _SENTENCE_END.finditer(gap)]
    # By the capital as well: "the U.S. will not" goes on.
    starts_anew = _AT_SENTENCE_END.search(before) and gap.lstrip(" '\"([")[:1].isupper()
    head = gap[: ends[0] if ends else len(gap)]
    tail = gap[ends[-1] if ends else 0 :]
    return bool(NEGATION.search(tail) or (NEGATION.search(head) and not starts_anew))


def _may_end(reading: _Reading, text: str, start: int, end: int, words_end: int) -> bool:
    """Whether what is marked as left out at the quotation's beginning and end is no negation of the same sentence.

    A full stop that the source has not is such a mark as well; ``words_end`` is where the words end before it.
    """
    before, after = text[max(0, start - 60) : start], text[end : end + 60]
    before = before[max((match.end() for match in _SENTENCE_END.finditer(before)), default=0) :]
    stop = _SENTENCE_END.search(after)
    follows = _words(after[: stop.end() if stop else len(after)])[:MAX_BRACKETED_WORDS]
    stopped = "." in reading.tail and not text.startswith(reading.tail, words_end)
    closing = reading.closing.text if reading.closing else ""
    opening = reading.opening.text if reading.opening else ""
    hides_before = opening and NEGATION.search(" ".join([opening, *_words(before)[-MAX_BRACKETED_WORDS:]]))
    hides_after = (closing or stopped) and NEGATION.search(" ".join([closing, *follows]))
    return not (hides_before or hides_after)


def _close(tail: str, text: str, end: int) -> int | None:
    """Where the quotation ends with its closing punctuation; None if a quotation mark of it is not there."""
    if text.startswith(tail, end):
        return end + len(tail)
    here = _CLOSING_HERE.match(text, end)
    follows = here[0] if here else ""
    if follows.count("'") < tail.count("'"):
        return None
    return end + len(follows) if "'" in tail else end


def _tolerated(reading: _Reading, source: Folded, chain: _Chain) -> tuple[Tolerance, ...]:
    """What the match needed, in alphabetical order."""
    found: set[Tolerance] = {joint.kind for joint in (reading.opening, reading.closing) if joint}
    for joint, (one, other) in zip(reading.joints, pairwise(chain), strict=True):
        if source.text[one[1] : other[0]].strip() != joint.text:
            found.add(joint.kind)
    as_drafted = source.text.endswith(reading.tail, 0, chain[-1][1])
    if not as_drafted:
        found.add("closing punctuation")
    for part, (start, end) in zip(reading.parts, chain, strict=True):
        found |= {"brackets"} if part.letters else set()
        if part.draft.raw != source.raw[slice(*source.span(start, end))]:
            is_cut = part is reading.parts[-1] and not as_drafted
            length = len(part.draft.text) - (len(reading.tail) if is_cut else 0)
            found.update(_differences(part.draft, source, start, min(end - start, length)))
    return tuple(sorted(found))


def _differences(draft: Folded, source: Folded, at: int, length: int) -> Iterator[Tolerance]:
    """What kinds of typography differ between a draft's first characters and the source's from ``at``."""
    for index in range(length):
        (one, dropped), (other, dropped_there) = draft.piece(index), source.piece(at + index)
        if dropped != dropped_there and index + 1 < length:
            yield "hyphenation"
        if one == other or one.casefold() == other.casefold():
            continue
        character = draft.text[index]
        if character in " -" and _spacing(one) != _spacing(other):
            yield "white space"
        if character == "-" and one.strip() != other.strip():
            yield "dashes"
        elif character not in " -":
            yield "quotation marks" if character == "'" else "letter forms"


def _spacing(piece: str) -> tuple[str, str]:
    """The white space before and after what a piece consists of."""
    return piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
