"""What kind of question a question is, where the data set does not say: a small rule for English."""

import re
from itertools import pairwise

# What it is of a question in another language, or of one without any sign that the rule knows.
OTHER = "other"
_ASKING = {"who": "who", "whom": "who", "whose": "who", "when": "when", "where": "where", "why": "why", "what": "what"}
_ASKING |= {"which": "what"}
_BEING = """is are was were am do does did has have had can could will would shall should may might must isn't aren't
wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't"""
_AUXILIARIES = frozenset(_BEING.split())
# After "how" or "what" these ask for a number, or for a time.
_COUNTED = """many much long old far often large tall big deep high fast heavy wide number percentage percent share
amount population age price cost"""
_AMOUNTS = frozenset(_COUNTED.split())
_TIMES = {"year", "years", "day", "date", "time", "month", "century", "decade", "era"}
_WORD = re.compile(r"[a-z]+(?:['’]t)?")
_FOREIGN = re.compile(r"[^\W\d_a-zA-Z]")


def kind_of(question: str, lang: str | None = None) -> str:
    """One of yes/no, who, when, where, how many, what, how, why, statement and keywords; OTHER if none can be told.

    ``lang`` is a data set's word for the languages of question and document, such as ``de`` or ``de>en``. The question
    word counts wherever it stands ("In which year …"), but what begins with a verb is yes/no first.
    """
    if lang is not None and not re.match(r"en\b", lang.lower()):
        return OTHER
    lowered = question.lower().replace("’", "'")
    words = _WORD.findall(lowered)
    if words and words[0] in _AUXILIARIES:
        return "yes/no"
    for word, following in pairwise([*words, ""]):
        if word == "how":
            return "how many" if following in _AMOUNTS else "how"
        if word in ("what", "which") and following in _TIMES:
            return "when"
        if word in ("what", "which") and following in _AMOUNTS:
            return "how many"
        if word in _ASKING:
            return _ASKING[word]
    if question.rstrip().endswith(("?", "？", "؟")) or not words or _FOREIGN.search(question):
        return OTHER
    return "statement" if question.rstrip().endswith((".", "!")) else "keywords"
