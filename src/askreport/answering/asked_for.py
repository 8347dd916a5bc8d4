"""What kind of thing an English question asks for, and whether a text has any: a date, a number."""

import re
from typing import Literal

Kind = Literal["time", "number"]

_TIME = re.compile(
    r"\b(?:when|(?:what|which)\s+(?:exact\s+)?(?:year|date|month|day|century|decade|time|quarter)s?)\b", re.IGNORECASE
)
_NUMBER = re.compile(
    r"\bhow\s+(?:many|much|long|old|far|large|big|tall|deep|high|fast|heavy|wide|often)\b"
    r"|\b(?:what|which)\s+(?:is|was|were|are)?\s*(?:the\s+)?(?:average\s+|total\s+|exact\s+|approximate\s+)?"
    r"(?:percentage|percent|share|number|amount|price|cost|age|population|proportion|size|length|height|rate|budget)\b",
    re.IGNORECASE,
)
# A question that only begins with "when" as in "When it rains, who pays?" asks for something else.
_CLAUSE = re.compile(r"^\s*when\b[^,?]*,", re.IGNORECASE)
_SAYS_TIME = re.compile(
    r"\d|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday"
    r"|wednesday|thursday|friday|saturday|sunday|century|decade|today|yesterday|tomorrow|ago|after|before|during|since"
    r"|until|when|once|as soon as|upon|following|spring|summer|autumn|winter|christmas|easter|noon|midnight|dawn|dusk"
    r"|morning|afternoon|evening|night|hour(?:s|ly)?|minutes?|o.clock|days?|weeks?|months?|years?|daily|weekly|monthly"
    r"|yearly|every|always|never|now|then|soon|early|late|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|first|second|third|fourth|fifth|last|next)\b",
    re.IGNORECASE,
)
_SAYS_NUMBER = re.compile(
    r"\d|\b(?:no|none|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?"
    r"|millions?|billions?|trillions?|dozens?|half|third|quarter|quarters|once|twice|double[ds]?|triple[ds]?|all|every"
    r"|each|both|only|single|few|several|many|most|majority|minority|daily|weekly|monthly|yearly|annually|free)\b",
    re.IGNORECASE,
)


def kind_of(question: str) -> Kind | None:
    """The kind of thing that is asked for, if it is one that can be told from the words of a text."""
    if _NUMBER.search(question):
        return "number"
    if _TIME.search(question) and not _CLAUSE.search(question):
        return "time"
    return None


def gives(kind: Kind, text: str) -> bool:
    """Whether a text has something of the kind."""
    return (_SAYS_TIME if kind == "time" else _SAYS_NUMBER).search(text) is not None
