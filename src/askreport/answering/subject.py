"""What a question is about, without what only asks for it: "What do the documents say about tides?" -> "tides".

Such questions, and those that ask for a list, have all sentences on the subject as their answer. English only, by rule;
what no rule knows is its own subject. Pure.
"""

import re

_SOURCES = (
    r"(?:the|these|those|all|my|our|your)\s+(?:\w+\s+){0,2}?"
    r"(?:documents?|reports?|sources?|files?|texts?|papers?|articles?|notes?|letters?|library|corpus|collection)"
)
_ON = r"(?:about|on|of|regarding|concerning|as\s+to)"
_ALL_OF = r"(?:(?:all|every|each|everything|anything)\s+)?(?:of\s+)?(?:the\s+|those\s+)?"
_SAYING = r"(?:mentions?|sentences?|passages?|statements?|places?|references?|quotes?|quotations?)"
_SHOW = r"(?:please\s+)?(?:list|show|give|find|collect|name|tell)(?:\s+me|\s+us)?\s+"
_ABOUT = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"what\s+(?:all\s+)?(?:do|does|did|can|have|has)\s+{_SOURCES}\s+(?:all\s+)?"
        rf"(?:say|says|said|tell|write|written|state|mention|report|contain|have|know)(?:\s+to\s+say)?(?:\s+us|\s+me)?\s+{_ON}\s+",
        rf"what\s+is\s+(?:all\s+)?(?:said|written|known|reported|mentioned|stated)(?:\s+in\s+{_SOURCES})?\s+{_ON}\s+",
        rf"what\s+is\s+there\s+{_ON}\s+",
        rf"{_SHOW}{_ALL_OF}{_SAYING}\s+(?:that\s+(?:is|are)\s+)?(?:(?:said|written|made)\s+)?(?:in\s+{_SOURCES}\s+)?{_ON}\s+",
        rf"{_SHOW}(?:(?:all|everything|anything|what)\s+)?(?:(?:that\s+)?is\s+(?:said|written|known)\s+)?about\s+",
        rf"(?:all|every|each)\s+(?:of\s+the\s+)?{_SAYING}\s+{_ON}\s+",
        r"(?:everything|anything)\s+(?:(?:said|written|known)\s+)?about\s+",
    )
]
_LISTS = re.compile(
    r"(?:please\s+)?(?:list|enumerate|collect|show|give|name|find)(?:\s+me|\s+us)?\s+"
    r"(?:all|every|each|the|those)\s+(?:of\s+)?(?:the\s+|those\s+)?|(?:please\s+)?(?:list|enumerate)\s+",
    re.IGNORECASE,
)
_ASKS_FOR_ALL = re.compile(
    r"which\b|what\s+are\s+(?:all\b|the\b(?:\s+\w+){0,3}?\s+\w+s\b)|who\s+are\b|all\b", re.IGNORECASE
)
_END = re.compile(r"[\s?!.。？！؟]+$")


def subject_of(question: str) -> str:
    """The question without what only asks for all on its subject."""
    asked = question.strip()
    for pattern in (*_ABOUT, _LISTS):
        if found := pattern.match(asked):
            subject = _END.sub("", asked[found.end() :])
            return subject or question
    return question


def wants_all(question: str) -> bool:
    """Whether a question asks for all that there is on something, not for one thing."""
    asked = question.strip()
    return subject_of(asked) != asked or _ASKS_FOR_ALL.match(asked) is not None
