"""Facts that one document each has, the questions that ask for them, and questions that nothing answers."""

import random
from dataclasses import dataclass

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
# Of different matters, so that the reader does not have to tell hundreds of sentences apart by a name alone.
_KINDS = (
    ("The lighthouse of {name} has {number} steps.", "How many steps does the lighthouse of {name} have?"),
    ("The ferry to {name} carries {number} passengers.", "How many passengers does the ferry to {name} carry?"),
    ("The library of {name} owns {number} maps.", "How many maps does the library of {name} own?"),
    ("The orchard of {name} grows {number} pear trees.", "How many pear trees does the orchard of {name} grow?"),
    ("The bell of {name} weighs {number} pounds.", "How many pounds does the bell of {name} weigh?"),
    ("The school of {name} teaches {number} pupils.", "How many pupils does the school of {name} teach?"),
    ("The harbour of {name} shelters {number} boats.", "How many boats does the harbour of {name} shelter?"),
    ("The mill of {name} grinds {number} sacks of flour.", "How many sacks of flour does the mill of {name} grind?"),
    ("The theatre of {name} seats {number} guests.", "How many guests does the theatre of {name} seat?"),
    ("The farm of {name} keeps {number} sheep.", "How many sheep does the farm of {name} keep?"),
)
_NOTHING = (
    "Who composed the anthem of {name}?",
    "What colour is the flag of {name}?",
    "When was the bridge of {name} built?",
    "Why did {name} lose the war?",
)
# The number of the first fact that no document of the beginning has, and of the first name that none ever has.
FIRST_ADDED, FIRST_UNKNOWN = 100_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence that only one document has, and the question that it answers."""

    number: int

    @property
    def sentence(self) -> str:
        """The sentence."""
        return _KINDS[self.number % len(_KINDS)][0].format(name=name(self.number), number=1_000 + self.number)

    @property
    def question(self) -> str:
        """Its question."""
        return _KINDS[self.number % len(_KINDS)][1].format(name=name(self.number))


def name(number: int) -> str:
    """A name of a place; the same number gives the same one."""
    draw = random.Random(number)
    return "".join(draw.choice(_SYLLABLES) for _ in range(5)).capitalize()


def nothing(number: int) -> str:
    """A question that no document answers."""
    return _NOTHING[number % len(_NOTHING)].format(name=name(FIRST_UNKNOWN + number))


def text(number: int) -> str:
    """The text of the document that has the fact of this number."""
    return f"{Fact(number).sentence} Nobody has counted again since, and nobody in the town will ever do so.\n"
