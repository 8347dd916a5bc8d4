"""A follow-up question -> the question it stands for, from the questions before it.

Rules resolve four kinds, and the result is shown: a phrase that replaces another ("And the GRU?" after "does the SVR
spy on China?"), a question word alone ("Since when?"), what is asked of the whole question before ("Is this
confirmed?"), and pronouns, which refer to the subject of the question before. A follow-up that no rule resolves is read
together with the question before it.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

from askreport.types import FloatArray

Encode = Callable[[str], FloatArray]

MAX_HISTORY = 20
# Words that open a question of its own, so that what begins with them is no phrase.
_AUXILIARY = frozenset(
    re.findall(
        r"\w+",
        "is are was were am do does did has have had can could will would shall should may might must",
    )
)
_ASKING = frozenset(re.findall(r"\w+", "who whom whose what when where why which how")) | _AUXILIARY
_LEAD = re.compile(
    r"(?:and|but|or|so|then|also|ok|okay|well)?[\s,]*\b(?:what|how)\s+(?:about|of)\b|(?:and|but|or)\b", re.I
)
# Question words, alone or with what goes with them.
_BARE = re.compile(
    r"(?:and\s+|but\s+|so\s+)?(?:why|how|when|where|who|whom|which|what|since when|until when|why not|by whom|with whom"
    r"|how (?:many|much|long|often|far|so)|for what|where exactly|which ones?|in what way)",
    re.I,
)
# What is asked of the whole question before, and how it is put behind that one.
_OF_IT_ALL = (
    (
        re.compile(
            r"(?:and\s+|but\s+)?(?:is|was|has)\s+(?:this|that|it|any of (?:this|that|it))\s+"
            r"(?:really\s+|been\s+|actually\s+)*(?:confirmed|certain|proven|proved|verified|official|so|sure|disputed|known|documented"
            r"|established)"
            r"|are (?:you|they) (?:sure|certain)|really",
            re.I,
        ),
        "and is this confirmed",
    ),
    (
        re.compile(
            r"(?:and\s+|but\s+)?(?:says who|who (?:says|said|claims|claimed|reports|reported)"
            r"(?:\s+(?:so|this|that|it))?|according to whom|(?:what|which) (?:is|are) (?:the|your|its) sources?"
            r"|on (?:what|whose) (?:evidence|authority))",
            re.I,
        ),
        "and who says so",
    ),
    (
        re.compile(
            r"(?:and\s+|but\s+)?(?:(?:(?:can|could) you\s+)?(?:please\s+)?(?:give|show|name|cite)(?:\s+(?:me|us))?\s+"
            r"(?:an|one|another|some|any|a few|more)\s+(?:more\s+)?(?:examples?|instances?)"
            r"|(?:is|are) there (?:an|any|some) (?:examples?|instances?)|for (?:example|instance)|such as"
            r"|(?:an|any|some|another|more) (?:examples?|instances?)|examples?)(?:\s+(?:of|for)\s+(?:this|that|it))?"
            r"(?:,?\s+please)?",
            re.I,
        ),
        "for example",
    ),
)
_NEGATED = {
    "is": "isn’t", "are": "aren’t", "was": "wasn’t", "were": "weren’t", "do": "don’t", "does": "doesn’t",
    "did": "didn’t", "has": "hasn’t", "have": "haven’t", "had": "hadn’t", "can": "can’t", "could": "couldn’t",
    "will": "won’t", "would": "wouldn’t", "should": "shouldn’t", "must": "mustn’t",
}  # fmt: skip
_PREPOSITIONS = (
    "of in on at to for from by with about into over under between among against during within since after before"
)
_PREPOSITION = re.compile(rf"(?:{_PREPOSITIONS.replace(' ', '|')})\b\s*", re.I)
_BEFORE_PHRASE = re.compile(rf"\b(?:{_PREPOSITIONS.replace(' ', '|')})\s+$", re.I)
_PRONOUN = re.compile(
    r"\b(?P<possessive>its|their|his|her(?=\s+\w))\b|\b(?P<plain>it|they|them|he|him|she|her|those|these)\b", re.I
)
# Where "it" stands for nothing, and what makes "those" and "these" point to a noun of their own.
_EMPTY = re.compile(
    r"\b(?:is|was|will|would|does|did|has)\s+it\s+(?:true|possible|necessary|likely|the case|that|take|cost|rain)\b"
    r"|\bit\s+(?:is|was|takes?|costs?)\b|\b(?:those|these)\s+(?!of\b|in\b|two\b|three\b)\w+",
    re.I,
)
_NAME = re.compile(
    r"(?:\b(?:the|The|a|A|an|An)\s+)?\b(?:[A-Z][\w.&’'-]*|\d+[A-Z]\w*)(?:\s+(?:of|for|and|de|the|du|von)(?=\s+[A-Z])|\s+[A-Z0-9][\w.&’'-]*)*"
)
_WORD = re.compile(r"[\w’'-]+")
_COMMON = _ASKING | frozenset(
    re.findall(
        r"\w+",
        "a an the of in on at to for from by with about into over under after before between during and or but not no "
        "any some there this that these those it its they them their he him his he she her we us our you your i me my "
        "be been being than then so as if out up down also more most much many long often far",
    )
)
# The encoder measures how alike two phrases are; those of one form are likelier to stand for each other.
_SAME_FORM = 0.1


def understood(question: str, history: Sequence[str], encode: Encode) -> str:
    """The question as it is to be read after those in ``history``, oldest first; itself if it stands alone."""
    before = ""
    for each in (*history[-MAX_HISTORY:], question):
        each = " ".join(each.split())
        before = _after(before, each, encode) if before else each
    return before


def _after(before: str, question: str, encode: Encode) -> str:
    bare = question.rstrip("?!. ")
    for pattern, asked in _OF_IT_ALL:
        if pattern.fullmatch(bare):
            return f"{before.rstrip('?!. ')}, {asked}?"
    if _BARE.fullmatch(bare):
        return _asked_of(before, re.sub(r"^(?:and|but|so)\s+", "", bare, flags=re.I))
    lead = _LEAD.match(bare)
    rest = bare[lead.end() :].strip(" ,") if lead else bare
    words = _WORD.findall(rest.lower())
    if lead and words and words[0] not in _ASKING:
        if len(words) <= 6 and not _PRONOUN.search(rest):
            return _exchanged(before, rest, encode)
    elif lead and words:
        question = rest[0].upper() + rest[1:] + "?"
    return _resolved(before, question)


def _asked_of(before: str, word: str) -> str:
    """A question word, asked of what the question before said: "Why?" after "Does it rain?" is "Why does it rain?"."""
    stem = before.rstrip("?!. ")
    first, _, rest = stem.partition(" ")
    if word.lower() == "why not":
        return _why_not(before, first.lower(), rest)
    if first.lower() in _AUXILIARY:
        return f"{word[0].upper()}{word[1:].lower()} {stem[0].lower() + stem[1:]}?"
    return f"{stem}: {word.lower()}?"


def _why_not(before: str, auxiliary: str, rest: str) -> str:
    """ "Why not?" after "Does it rain?" is "Why doesn’t it rain?"; "not" stands behind a subject that is a name."""
    stem = before.rstrip("?!. ")
    if auxiliary not in _AUXILIARY:
        return f"{stem}: why not?"
    subject = next((end for start, end in _names(rest) if start == 0), 0)
    if subject and rest[subject:].strip():
        return f"Why {auxiliary} {rest[:subject]} not{rest[subject:]}?"
    return f"Why {_NEGATED[auxiliary]} {rest}?" if auxiliary in _NEGATED else f"{stem}: why not?"


def _exchanged(before: str, phrase: str, encode: Encode) -> str:
    """The question before with the phrase in place of the one that is most like it.

    A phrase that begins with a preposition ("And of Russia?") replaces one that stands behind one, with that one.
    """
    names = _names(before)
    candidates = names + [span for span in _words(before) if not any(a < span[1] and span[0] < b for a, b in names)]
    if preposition := _PREPOSITION.match(phrase):
        behind = [(found.start(), b) for a, b in candidates if (found := _BEFORE_PHRASE.search(before, 0, a))]
        same = [(a, b) for a, b in behind if before[a:b].lower().startswith(preposition[0].lower())]
        # A year stands for no country: "in 2020" is added to "to China".
        others = [(a, b) for a, b in behind if _has_digit(before[a:b]) == _has_digit(phrase)]
        candidates = same or others
        if not candidates:
            return f"{before.rstrip('?!. ')} {phrase}?"
    if not candidates:
        return f"{before.rstrip('?!. ')}: {phrase}?"
    vector = encode(phrase)
    alike = [float(encode(before[a:b]) @ vector) + _SAME_FORM * _same_form(before[a:b], phrase) for a, b in candidates]
    start, end = candidates[int(np.argmax(alike))]
    return before[:start] + phrase + before[end:]


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _same_form(one: str, other: str) -> int:
    """How many of these two phrases share: an article or none, a capital or none, a word of capitals only or none."""
    forms = [
        (
            bool(re.match(r"(?:the|an?)\s", text, re.I)),
            text != text.lower(),
            any(len(word) > 1 and word.isupper() for word in text.split()),
        )
        for text in (one, other)
    ]
    return sum(a == b for a, b in zip(*forms, strict=True))


def _resolved(before: str, question: str) -> str:
    """The question with its first pronoun replaced by what the question before names, if it has one of its own."""
    empty = [match.span() for match in _EMPTY.finditer(question)]
    pronouns = [
        match
        for match in _PRONOUN.finditer(question)
        if not any(start <= match.start() < end for start, end in empty) and not _names(question[: match.start()])
    ]
    if not pronouns:
        return question
    match = pronouns[0]
    names = [before[a:b] for a, b in _names(before)]
    fresh = [name for name in names if name.lower() not in question.lower()]
    if not fresh:
        about = " ".join(before[a:b] for a, b in _words(before))
        return f"{question} ({about})" if about else question
    name = fresh[0]
    if match.start() > 0:
        name = re.sub(r"^(The|An?)\b", lambda article: article.group().lower(), name)
    if match.group("possessive"):
        name += "’" if name.endswith("s") else "’s"
    return question[: match.start()] + name + question[match.end() :]


def _names(text: str) -> list[tuple[int, int]]:
    """The spans of names: capitalised words, with an article before them, but for a first word that only opens."""
    spans = []
    for match in _NAME.finditer(text):
        start, end = match.span()
        first = match.group().split(" ", 1)[0]
        if start == 0 and first.lower() in _COMMON and not (first.isupper() and len(first) > 1):
            rest = _NAME.search(match.group(), len(first))
            if first.lower() in {"the", "a", "an"} and rest:
                spans.append((start, end))
            elif rest:
                spans.append((start + rest.start(), end))
            continue
        if match.group().lower() in _COMMON:
            continue
        spans.append((start, end))
    return spans


def _words(text: str) -> list[tuple[int, int]]:
    """The spans of the words that carry meaning, each with an article right before it."""
    spans = []
    for match in re.finditer(r"(?:\b(?:the|an?)\s+)?\b[\w’'-]+", text, re.I):
        if match.group().split()[-1].lower() not in _COMMON:
            spans.append(match.span())
    return spans
