"""Which segments a new generation keeps, and which it writes anew: the logarithmic method (Bentley and Saxe 1980).

Keeping a segment costs nothing, but every question looks into each. So an addition absorbs the segments before it, as
long as they are no larger than what it has absorbed so far. Sizes then at least double from each segment to the one
before it. A million passages are in a dozen segments, and each passage is rewritten about once for each doubling. A
segment with many deleted passages is rewritten without them. Passages with vectors and passages without are never in
one segment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from askreport.store.base import Segment

# Writing so few passages anew takes a fraction of a second; and what is deleted among them is gone from the disk.
SMALL = 2_000
# The share of a segment's passages that may be deleted before it is written anew.
DEAD = 0.25


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the segments: ``apart`` stay segments of their own, in order, and ``taken`` are taken over.

    Those of ``apart`` that ``renewed`` names are written anew without what is deleted.
    """

    apart: tuple[Segment, ...]
    renewed: frozenset[str]
    taken: tuple[Segment, ...]

    @property
    def keeps(self) -> bool:
        """Whether any segment stays as it is."""
        return len(self.apart) > len(self.renewed)


def plan(segments: Sequence[Segment], added: int, compact: bool = False, embedded: bool = True) -> Plan:
    """What becomes of the segments when so many passages are added; ``compact`` makes all of them one.

    ``embedded`` tells whether those that are added have vectors. Segments of which nothing is left are dropped.
    """
    there = [segment for segment in segments if len(segment.deleted) < segment.documents]
    alike = list(takewhile(lambda segment: segment.embedded == embedded, reversed(there)))[::-1]
    others = len(there) - len(alike)
    first = others + (0 if compact else _first_taken(alike, added))
    apart = tuple(there[:first])
    renewed = frozenset(segment.name for segment in apart if _is_stale(segment))
    return Plan(apart, renewed, tuple(there[first:]))


def _first_taken(segments: Sequence[Segment], added: int) -> int:
    """From which segment on all are taken over by what is added; those after the last if there is nothing to add."""
    gathered = added
    first = len(segments)
    while added and first and segments[first - 1].live <= max(gathered, SMALL):
        first -= 1
        gathered += segments[first].live
    return first


def _is_stale(segment: Segment) -> bool:
    # One without vectors is soon gone as a whole.
    if not segment.embedded or not segment.deleted:
        return False
    return segment.live <= SMALL or segment.dead > DEAD * segment.passages
