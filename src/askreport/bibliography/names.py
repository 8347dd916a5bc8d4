"""Names of authors: which part is the family's, and which are names of organisations. Pure."""

import re
from dataclasses import dataclass

# An organisation's name has one of these; a person's has not.
_ORGANISATIONS = frozenset(
    re.findall(
        r"\w+",
        "academy administration agency association authority bank board bureau cabinet center centre church city club"
        " college commission committee company congress consortium corporation corp council court department division"
        " embassy federation forum foundation fund gmbh government group inc institute institut institution laboratory"
        " library limited llc ltd ministry ministerium museum network nations office organisation organization"
        " parliament party press project school secretariat senate service services society staff state states studio"
        " team treasury trust union universidad university universität université news times post magazine journal",
    )
)
# What belongs to the family's name that follows it.
_PARTICLES = frozenset(
    re.findall(r"\w+", "af al bin da das de del della den der di do dos du el la le ten ter van von y zu zum zur")
)
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_SPACES = re.compile(r"\s+")
# A person's name has so many words at most.
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Name:
    """A name: of a person by ``family`` and ``given``, or of an organisation by ``family`` alone."""

    family: str
    given: str = ""

    @property
    def inverted(self) -> str:
        """The name as a bibliography sorts it: "Family, Given"."""
        return f"{self.family}, {self.given}" if self.given else self.family


def name_of(text: str) -> Name:
    """The parts of a name as people write it.

    "Family, Given" says itself which is which, and "{…}" that it is all one name; of others the last word is the
    family's, unless the words are those of an organisation.
    """
    words = _SPACES.sub(" ", text).strip()
    if words.startswith("{") and words.endswith("}"):
        return Name(words[1:-1].strip())
    family, comma, given = words.partition(",")
    if comma:
        return Name(words) if _is_organisation(words) else Name(family.strip(), given.strip())
    parts = words.split(" ")
    if len(parts) == 1 or len(parts) > _MOST_WORDS or _is_organisation(words) or not _is_latin(words):
        return Name(words)
    at = len(parts) - (2 if parts[-1].strip(".").lower() in _SUFFIXES and len(parts) > 2 else 1)
    while at > 1 and parts[at - 1].lower() in _PARTICLES:
        at -= 1
    return Name(" ".join(parts[at:]), " ".join(parts[:at]))


def _is_organisation(words: str) -> bool:
    lower = words.lower()
    return any(word in _ORGANISATIONS for word in re.findall(r"\w+", lower)) or " of " in lower or "&" in lower


def _is_latin(words: str) -> bool:
    """Whether the family's name may be told by its place: scripts of East Asia have it first, and no spaces."""
    return all(not letter.isalpha() or letter < "\u2e80" for letter in words)
