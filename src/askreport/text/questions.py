"""Questions that a text may answer, made of its own words by rules. Pure.

Whether it answers them is for the reader to say. A rule makes nothing rather than a question that nobody would ask:
what a sentence is about must be a name, or a few words behind an article.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TypeAlias

from askreport.text.gist import DATE, FIGURE, MAX_CHARS
from askreport.text.mentions import FUNCTION_WORDS

MAX_LENGTH = 120
Match: TypeAlias = re.Match[str]
_MOST_WORDS, _LONGEST_NAME = 8, 5
# Small words that may stand within a name or a noun's phrase.
_WITHIN = frozenset({"the", "a", "an", "of", "and", "for", "in", "de", "von", "van"})
_ARTICLES = frozenset({"the", "a", "an"})
_JOINING = _WITHIN - _ARTICLES
# Words that open a sentence and are no part of what it is about.
_OPENS = (
    "according across along although annexed based because compared despite every following further given hence "
    "like likewise next often otherwise perhaps rather sometimes still today tomorrow unlike usually within "
    "without yesterday"
)
# What such a word means, only the sentences before it say.
_SAYS_LITTLE = (
    "aim aims answer answers case cases chapter example examples exception exceptions first former goal goals "
    "latter main next other others output part place point points problem problems question questions reason "
    "reasons result results same second section table three two"
)
_OPENING, _VAGUE = frozenset(_OPENS.split()), frozenset(_SAYS_LITTLE.split())
_ADVERB = re.compile(r"\w+(?:al|ous|ive|ent|ant|ab|ib|ar|ate|ed|ing|ri|ct|ew|st)ly")
_WORD = re.compile(r"(?:\d{1,4}|[^\W\d_](?:[\w.&/’'–-]*[\w’'])?)")
_ROLE = re.compile(
    r"\b(?:president|minister|chancellor|secretary|director|chair(?:man|woman)?|head|leader|founder|author|professor"
    r"|general|colonel|officer|scientist|engineer|economist|historian|journalist|politician|diplomat|king|queen|emperor"
    r"|physicist|philosopher|writer|artist|composer|agent|analyst|governor|senator|mayor|bishop|pope|captain|spy)\b"
    r"|\bwho\b",
    re.I,
)
_SUBJECT = r"(?P<subject>[A-Z][^,;:()\[\]“”\"|]{1,70}?)"
_ABOUT = r"(?:about |around |over |nearly |almost |some |more than |at least )?"
_NUMBERS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_COUNT = rf"(?:\d[\d,.]*(?: (?:million|billion|thousand))?|{_NUMBERS})"
_WHEN = re.compile(
    rf"{_SUBJECT} (?P<auxiliary>was|were) (?P<rest>[a-z][^,;:()\[\]]{{2,60}}?) (?:on|in|since) (?:{DATE.pattern})"
)
_WHAT = re.compile(rf"{_SUBJECT} (?P<is>is|are) (?:an?|the|one of|[A-Z]\w+[’']s) (?P<rest>[^.;]*)")
_MUCH = re.compile(rf"{_SUBJECT} (?P<is>is|was|are|were) {_ABOUT}(?:worth )?(?:{FIGURE.pattern})")
_MANY = re.compile(rf"{_SUBJECT} (?P<has>has|have|had) {_ABOUT}{_COUNT} (?P<things>[a-z][a-z-]+s|people|men|women)\b")
_SIZE = re.compile(
    rf"{_SUBJECT} (?P<is>is|are|was|were) {_ABOUT}[\d,.]+ ?[a-z]+ (?P<how>long|high|wide|deep|old|tall|thick)\b"
)
_BY = re.compile(
    rf"{_SUBJECT} (?:was|were) (?P<done>(?:first )?[a-z]+ed) by (?!{DATE.pattern})(?:the )?(?:[A-Z][\w-]+)"
)
_NAMED = re.compile(r"(?P<name>[A-Z][\w-]+(?: [A-Z][\w-]+){1,3}), (?:an?|the) (?P<rest>[a-z][^,;.]{5,60}),")
_SHORT = re.compile(r"[A-Z][\w-]+(?: (?:of |for |and )?[A-Z][\w-]+)+ \((?P<short>[A-Z]{2,8})\)")
_IS = re.compile(
    rf"{_SUBJECT} (?P<is>is|are|was|were|has|have|can|will|must|should|could|would)"
    r" (?P<rest>[a-z][^,;:.()\[\]]{10,110})(?=[,;:.()\[\]]|$)"
)
# What goes on behind these says more, and is not needed, unless one of the others stands before it.
_ENDS = re.compile(r" (?:and|but|while|because) .*$")
_NEEDED = re.compile(r"\b(?:both|either|neither|not only|that|which|who|whose|than|as|if)\b")
_HAS = re.compile(r"(?:an?|the|no|many|several|some|its|their|his|her|two|three|\d)\b")
_DONE = re.compile(
    r"(?:also |never |long |already |since )?(?:[a-z]+ed|been|become|begun|made|given|taken|seen|shown)\b"
)
_QUESTION = re.compile(r"[^.?!\n]{8,150}\?$")
_NUMBER = re.compile(r"^(?:\d+(?:\.\d+)*\.?|[A-Z]\.)\s+")


def questions_of(sentence: str) -> Iterator[str]:
    """The questions that a sentence seems to answer, the most telling first."""
    words = " ".join(sentence.split())
    matches = ((make, rule.match(words)) for rule, make in _RULES)
    made = [make(found) for make, found in matches if found and _is_subject(found["subject"])]
    people = (found["name"] for found in _NAMED.finditer(words) if _ROLE.search(found["rest"]))
    made += [f"Who is {name}?" for name in people if _is_subject(name)]
    yield from (question for question in made if len(question) <= MAX_LENGTH)


def plain_question_of(sentence: str) -> str:
    """Whether a sentence is so, as a question; "" if no rule makes one."""
    found = _IS.match(" ".join(sentence.split()))
    if not found or not _is_subject(found["subject"]):
        return ""
    rest = _ENDS.sub("", found["rest"]).strip()
    if len(rest.split()) < 3 or (rest != found["rest"].strip() and _NEEDED.search(rest)):
        return ""
    question = _turned(found["is"], _lowered(found["subject"]), rest)
    return question if len(question) <= MAX_LENGTH else ""


def short_forms_of(sentence: str) -> Iterator[str]:
    """What the short forms stand for that a sentence has behind the long ones."""
    for found in _SHORT.finditer(" ".join(sentence.split())):
        yield f"What does {found['short']} stand for?"


def question_of_heading(title: str, text: str) -> str:
    """A heading as a question: itself if it is one, else what the text says about it; "" for what is no subject."""
    words = _NUMBER.sub("", title.strip())
    if _QUESTION.fullmatch(words):
        return words
    if len(words.split()) < 2 or not _is_subject(words):
        return ""
    first = words.split(None, 1)[0]
    # A capital that is the heading's, not the word's.
    if re.search(rf"\b{re.escape(first.lower())}\b", text[:MAX_CHARS]):
        words = first.lower() + words[len(first) :]
    return f"What is said about {words}?"


def question_of_date(date: str) -> str:
    """What happened on a day or in a month; "" for a year by itself, in which much may have happened."""
    if re.fullmatch(r"\d{4}", date):
        return ""
    has_day = re.search(r"(?:^|\D)\d{1,2}(?:\D|$)", date)
    return f"What happened {'on' if has_day else 'in'} {date}?"


def question_of_name(name: str) -> str:
    """What is said about somebody or something; "" for what is too long to be a name."""
    return f"What is said about {name}?" if len(name.split()) <= _LONGEST_NAME else ""


def _when(found: Match) -> str:
    return f"When {found['auxiliary']} {_lowered(found['subject'])} {found['rest'].strip()}?"


def _much(found: Match) -> str:
    return f"How much {found['is']} {_lowered(found['subject'])}?"


def _many(found: Match) -> str:
    do = {"has": "does", "have": "do", "had": "did"}[found["has"]]
    return f"How many {found['things']} {do} {_lowered(found['subject'])} have?"


def _size(found: Match) -> str:
    return f"How {found['how']} {found['is']} {_lowered(found['subject'])}?"


def _what(found: Match) -> str:
    asks = "Who" if _ROLE.search(found["rest"]) and not found["subject"].startswith(("The ", "A ", "An ")) else "What"
    return f"{asks} {found['is']} {_lowered(found['subject'])}?"


def _by(found: Match) -> str:
    return f"Who {found['done']} {_lowered(found['subject'])}?"


# Each with what makes a question of what it finds.
_RULES: tuple[tuple[re.Pattern[str], Callable[[Match], str]], ...] = (
    (_WHEN, _when),
    (_MANY, _many),
    (_SIZE, _size),
    (_MUCH, _much),
    (_WHAT, _what),
    (_BY, _by),
)


def _turned(auxiliary: str, subject: str, rest: str) -> str:
    """A statement turned round; "" for one that no rule turns."""
    if auxiliary not in ("has", "have") or _DONE.match(rest):
        return f"{auxiliary.capitalize()} {subject} {rest}?"
    return f"{'Does' if auxiliary == 'has' else 'Do'} {subject} have {rest}?" if _HAS.match(rest) else ""


def _is_subject(words: str) -> bool:
    """Whether words are a name, or a noun's phrase: what somebody may ask about."""
    parts = words.split()
    if not 1 <= len(parts) <= _MOST_WORDS or not all(_WORD.fullmatch(part) for part in parts):
        return False
    small = [part.casefold() for part in parts]
    if any(part in FUNCTION_WORDS and part not in _WITHIN for part in small) or not _VAGUE.isdisjoint(small):
        return False
    # "Check a draft" is no subject, "sign of a change" is.
    if any(part in _ARTICLES and before not in _JOINING for before, part in pairwise(small)):
        return False
    first = small[1:] if small[0] in _ARTICLES else small
    return bool(first) and first[0] not in _OPENING | _WITHIN and not _ADVERB.fullmatch(first[0])


def _lowered(words: str) -> str:
    """Words that begin with an article, within a sentence."""
    return re.sub(r"^(?:The|A|An)\b", lambda article: article[0].lower(), words.strip())
