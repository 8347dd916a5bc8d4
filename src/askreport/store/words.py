"""Words and their weights: the terms of passages, of questions and of what the reader counts, and BM25's figures.

A term is a word in lower case, without accents, stemmed. What stems a word is its script, or, in Latin script, the
language of its document; then the term names the language, unless it is English ("haus:de"), since a stem of one
language is another word in another. Text that has no spaces between words gives pairs of neighbouring characters.
"""

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
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

# Of a longer word (a checksum, words glued together) the first letters stand for all.
MAX_LETTERS = 39
# Snowball's rules by language, for words in Latin script.
_STEMMERS = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "sv": "swedish",
    "tr": "turkish",
}
# And for the scripts that one such set of rules is for, whatever language a word in them is of.
_BY_SCRIPT = ("russian", "greek", "arabic", "tamil")
_STEMMED_SCRIPT = re.compile("[\u0370-\u03ff\u0400-\u052f\u0600-\u077f\u0b80-\u0bff\u1f00-\u1fff]")
# The rules of all other languages, and where it is not known: names and loan words have English plurals, too.
_ENGLISH = "en"
# And those of names: none.
_PLAIN = ""
# Stands between a stem and its language.
_OF = ":"

# Characters that say nothing: soft hyphens, joiners, marks of direction, vowel points, accents that stand alone.
_UNSEEN = re.compile(
    "[\u00ad\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u061c\u0640\u064b-\u065f\u0670\u180b-\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
# Other forms of characters: radicals as PDFs have them, ligatures, Arabic letters as they join, full and half width.
_OTHER_FORMS = re.compile("[\u2e80-\u2fdf\ufb00-\ufdff\ufe70-\ufefc\uff00-\uffef]+")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
# Letters that are written either way: Russian ё, Persian and Arabic yeh and kaf, a capital i of Turkish.
_EITHER_WAY = str.maketrans({"ё": "е", "Ё": "Е", "ی": "ي", "ک": "ك", "İ": "I"})
# Han, Japanese, Korean, Thai, Lao, Burmese and Khmer. Korean has spaces, but what follows a noun is written with it.
_UNSPACED = re.compile(
    "[\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3\u0e01-\u0e3a\u0e40-\u0e4e"
    "\u0e81-\u0ecf\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f\u1780-\u17d3\u17d7\u17dc\u17dd]+"
)
# A character with what is written above, below or behind it.
_CLUSTER = re.compile(
    ".(?:[\u1039\u17d2].|[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecf\u102b-\u103e\u1056-\u1059"
    "\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u109a-\u109d\u17b4-\u17d3\u17dd])*"
)
# Marks that are part of words: tantivy's own words end at some of them. They are as Rust has them otherwise.
_MARK = re.compile("[\u0900-\u0dff\u0f00-\u0fff\u1700-\u1cff\ua800-\uabff]")
_WITH_MARKS = r"[\p{Alphabetic}\p{M}\p{N}]+"
_LONG = re.compile(rf"(?<![^\W_])([^\W_]{{{MAX_LETTERS}}})[^\W_]+")


def terms_of(text: str, language: str = "") -> list[str]:
    """The terms of a text of this language, in order; by the rules of English if it has none of its own."""
    return _terms(text, rule_of(language))


def forms_of(question: str, languages: Iterable[str]) -> dict[str, frozenset[str]]:
    """The terms of a question, each with its forms in documents of any of the languages, the most common one first.

    So a word is found as it stands there, whichever language a document was taken for.
    """
    rules = list(dict.fromkeys(map(rule_of, languages))) or [_ENGLISH]
    found: dict[str, frozenset[str]] = {}
    for own in zip(*(_terms(question, rule) for rule in rules), strict=True):
        found[own[0]] = found.get(own[0], frozenset()).union(own)
    return found


def mistyped_in(forms: Mapping[str, frozenset[str]], unknown: Collection[str]) -> set[str]:
    """The terms of a question that no passage has in any form: they may be mistyped."""
    return {term for term, own in forms.items() if own.issubset(unknown)}


def in_order(languages: Mapping[str, int]) -> dict[str, int]:
    """The languages that documents are in, with their numbers, the most common one first."""
    there = {language: count for language, count in languages.items() if count > 0}
    return dict(sorted(there.items(), key=lambda pair: (-pair[1], pair[0])))


def words_of(text: str) -> list[str]:
    """The words of a text as they stand, in lower case and without accents."""
    return _terms(text, _PLAIN)


def weights_of(forms: Mapping[str, frozenset[str]], idf: Mapping[str, float]) -> dict[str, float]:
    """What each form of a question's terms weighs: as much as the term does in the language where it is commonest.

    So a document does not come first because few are in its language.
    """
    weights: dict[str, float] = {}
    for own in forms.values():
        weight = min(idf[form] for form in own)
        weights |= {form: max(weight, weights.get(form, 0.0)) for form in own}
    return weights


def stem_of(term: str) -> str:
    """A term without its language."""
    return term.partition(_OF)[0]


def rule_of(language: str) -> str:
    """By which rules words in Latin script are stemmed in a document of this language."""
    return language if language in _STEMMERS else _ENGLISH


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


def _terms(text: str, rule: str) -> list[str]:
    if text.isascii():
        return _stemmed(text, rule)
    text = _cleaned(text)
    found: list[str] = []
    at = 0
    for run in _UNSPACED.finditer(text):
        found += _stemmed(text[at : run.start()], rule)
        found += _pairs(run.group())
        at = run.end()
    return found + _stemmed(text[at:], rule)


def _cleaned(text: str) -> str:
    """The text with one form for what is written in several, and without what nobody sees."""
    text = unicodedata.normalize("NFC", text)
    text = _OTHER_FORMS.sub(lambda form: unicodedata.normalize("NFKC", form.group()), text)
    text = _UNSEEN.sub("", text).translate(_EITHER_WAY)
    return _OTHER_DIGIT.sub(lambda digit: str(unicodedata.digit(digit.group())), text)


def _pairs(run: str) -> list[str]:
    """Each two neighbouring characters of text without spaces; the character itself if it stands alone."""
    characters = _CLUSTER.findall(run)
    return [one + other for one, other in pairwise(characters)] or characters


def _stemmed(text: str, rule: str) -> list[str]:
    if not text or text.isspace():
        return []
    has_marks, is_scripted = (False, False) if text.isascii() else (_MARK.search(text), _STEMMED_SCRIPT.search(text))
    terms: list[str] = _analyser(rule, bool(has_marks), bool(is_scripted)).analyze(_LONG.sub(r"\1", text))
    if rule in (_ENGLISH, _PLAIN):
        return terms
    return [f"{term}{_OF}{rule}" if term.isascii() and term.isalpha() else term for term in terms]


@lru_cache
def _analyser(rule: str, has_marks: bool, is_scripted: bool) -> Any:
    """Words of a text in lower case, without accents, stemmed: in English, as ever, after the accents are gone."""
    tokenizer = tantivy.Tokenizer.regex(_WITH_MARKS) if has_marks else tantivy.Tokenizer.simple()
    steps = [tantivy.Filter.lowercase()]
    last = [tantivy.Filter.ascii_fold(), *(tantivy.Filter.stemmer(_STEMMERS[each]) for each in [rule] if each)]
    # Other languages' endings have accents.
    steps += last if rule == _ENGLISH else reversed(last)
    steps += [tantivy.Filter.stemmer(language) for language in _BY_SCRIPT if is_scripted and rule]
    builder = tantivy.TextAnalyzerBuilder(tokenizer)
    for step in steps:
        builder = builder.filter(step)
    return builder.build()
