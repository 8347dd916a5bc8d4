"""The numbers, addresses and names of a sentence that do not stand in a text it is taken from. Pure."""

import re
from collections.abc import Iterable
from itertools import pairwise

# What a sentence may begin with, or hold, without saying anything of its own.
_SMALL = (
    "a an the this that these those it its he him his she her they them their we our you your i there here and or but "
    "nor so yet for of to in on at by with from into over under about after before between among during through until "
    "since while when where whereas although though because if unless as than then thus also both either neither each "
    "some any all many most more several few other another only just even still not no none never who whom whose which "
    "what how why is are was were be been being am has have had having do does did will would can could may might must "
    "shall should however therefore furthermore moreover instead overall according despite similarly consequently much "
    "together specifically currently recently meanwhile such both one up out s"
)
FUNCTION_WORDS = frozenset(_SMALL.split())
_TOKEN = re.compile(r"\w+(?:[-’'.&]\w+)*")
_NUMBER = re.compile(
    r"(?<![^\W\d_])(?<![^\W\d_]-)(?<!\d[.,])(?<!\d)(\d+(?:[.,]\d+)*)(?![.,]?\d)"
    r"(?:\s?(%|percent\b|per cent\b)|[\s-](thousand|million|billion|trillion)s?\b|\s?(bn)\b)?",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(r"[\s-]([^\W\d_]+)")
_YEARS = re.compile(r"\b(\d\d)(\d\d)[–-](\d\d)\b")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_ONES = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBER_WORDS = {word: str(n) for n, word in enumerate(_ONES.split(), start=2)} | {
    word: str(10 * n) for n, word in enumerate(_TENS.split(), start=2)
}
# Words for numbers that have to stand there as they are; those with s are the same.
_AMOUNT = (
    "half third quarter dozen hundred thousand million billion trillion twice double triple second fourth fifth sixth "
    "seventh eighth ninth tenth"
)
_AMOUNTS = frozenset(_AMOUNT.split())
# Endings by which names of one country differ: Russia and Russian, China and Chinese, Iran and Iranians.
_ENDINGS = frozenset(
    ["", "s", "a", "e", "y", "n", "an", "ian", "ns", "ans", "ians", "ese", "i", "ish", "ed", "ing", "es"]
)
_MIN_STEM = 3
_ADDRESS = re.compile(
    r"\w+://\S+|\bwww\.\S+|\S+@\S+\.\w+|\b[\w-]+\.(?:com|org|net|io|info|ru|cn|de|eu)\b", re.IGNORECASE
)


def stranger(sentence: str, said: str, around: str) -> str:
    """What is wrong with the numbers and addresses of a sentence taken from ``said``, or its names from ``around``."""
    for address in _ADDRESS.findall(sentence):
        if address not in said:
            return f"{address} does not stand in the quote it cites"
    numbers = [number for number in _numbers(sentence) if number not in _numbers(said)]
    if numbers:
        return f"{numbers[0]} does not stand in the quote it cites"
    there = _counted(said)
    for _number, thing in _counted(sentence) - there:
        if thing in {other for _, other in there}:
            return f"the quote has another number of {thing}"
    names = _strange_names(sentence, around)
    return f"{names[0]} does not stand in what it cites" if names else ""


def _numbers(text: str) -> dict[str, None]:
    """The numbers of a text in one form each, in order: "1,500" as "1500", "two" as "2", "2 per cent" as "2%"."""
    text = _YEARS.sub(r"\1\2 \1\3", text)
    found = [f"{_plain(m[1])}{'%' if m[2] else ''}{_magnitude(m[3] or m[4])}" for m in _NUMBER.finditer(text)]
    for word in re.findall(r"[a-z]+", _NUMBER.sub(" ", text).casefold()):
        amount = word.removesuffix("s")
        found += [_NUMBER_WORDS[word]] if word in _NUMBER_WORDS else [amount] if amount in _AMOUNTS else []
    return dict.fromkeys(found)


def _counted(text: str) -> set[tuple[str, str]]:
    """The numbers of a text with the word that follows each directly."""
    found = ((_NEXT_WORD.match(text, match.end()), match) for match in _NUMBER.finditer(text))
    return {
        (f"{_plain(match[1])}{_magnitude(match[3] or match[4])}", word[1].casefold())
        for word, match in found
        if word and word[1].casefold() not in FUNCTION_WORDS
    }


def _plain(number: str) -> str:
    return _THOUSANDS.sub("", number)


def _magnitude(word: str | None) -> str:
    return f" {'billion' if word.casefold() == 'bn' else word.casefold()}" if word else ""


def _strange_names(sentence: str, around: str) -> list[str]:
    """The capitalised words of a sentence that are not those of a text, in any form."""
    known = set(words(around))
    short = _initials(around)
    acronyms = {token.replace(".", "") for token in _TOKEN.findall(around) if token.isupper()}
    opening = next(iter(_TOKEN.findall(sentence)), "")
    names = [token for token in _TOKEN.findall(_without_known_runs(sentence, acronyms)) if _is_name(token)]
    return [
        name
        for name in names
        if not (name == opening and name.casefold() in FUNCTION_WORDS)
        and name.replace(".", "") not in short
        and not all(_is_known(part, known) for part in words(name))
    ]


def _is_name(token: str) -> bool:
    return any(character.isupper() for character in token)


def words(text: str) -> list[str]:
    """The words of a text in lower case, compounds in their parts, without the ’s of a genitive."""
    found = []
    for token in _TOKEN.findall(text):
        token = re.sub(r"[’']s$", "", token).casefold()
        found += [part.replace(".", "") for part in re.split(r"[-’'&]", token) if part]
    return found


def _is_known(word: str, known: set[str]) -> bool:
    return word in known or any(_alike(word, other) for other in known)


def _alike(one: str, other: str) -> bool:
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return shared >= _MIN_STEM and one[shared:] in _ENDINGS and other[shared:] in _ENDINGS


def _runs(text: str) -> Iterable[list[str]]:
    """Runs of capitalised words, with "of", "and" and "the" between them, as lists of the capitalised ones."""
    run: list[str] = []
    for token in _TOKEN.findall(text):
        if token[0].isupper():
            run.append(token)
        elif run and token not in ("of", "and", "the", "for"):
            yield run
            run = []
    yield run


def _initials(text: str) -> set[str]:
    """What may stand for names of two words and more: all their first letters."""
    runs = [run[i:j] for run in _runs(text) for i in range(len(run)) for j in range(i + 2, min(len(run), i + 7) + 1)]
    return {"".join(word[0] for word in run) for run in runs}


def _without_known_runs(sentence: str, short: set[str]) -> str:
    """The sentence without the names that the text has in short ("United States" where it has "US")."""
    for run in _runs(sentence):
        for one, other in pairwise(run):
            if one[0] + other[0] in short:
                sentence = sentence.replace(f"{one} {other}", "")
    return sentence
