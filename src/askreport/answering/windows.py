"""Which sentences are read together, and how many: runs of neighbours around the best by first score."""

from collections.abc import Sequence, Set
from dataclasses import replace

from askreport.answering.considered import Considered
from askreport.models.scorer import Scorer, Window

# Characters in a window of neighbouring sentences (about 80 tokens), and in all windows of a question (about 270). More
# was hardly better (LOG.md).
WINDOW = 380
READ_CHARACTERS = 1_200
# So many windows are read first, and the others only if no sentence of these has at least this logit: as many first
# quotes are right, and a fifth less is read (LOG.md).
READ_FIRST, DECIDES = 2, 2.0
# Characters between neighbours at most: white space, the mark of a list's item, a closing bracket.
MAX_GAP = 12


def scored_by(scorer: Scorer, question: str, found: Sequence[Considered]) -> list[Considered]:
    """The sentences with what the scorer says of those that it has read."""
    windows = windows_around(found)
    read = [_window_of([found[i] for i in window]) for window in windows]
    judged, others = scorer.score(question, read[:READ_FIRST]), read[READ_FIRST:]
    if others and all(each.logit < DECIDES for results in judged for each in results):
        judged += scorer.score(question, others)
    scored = list(found)
    # The last may not have been read.
    for window, results in zip(windows, judged, strict=False):
        for i, result in zip(window, results, strict=True):
            scored[i] = replace(found[i], judged=result)
    return scored


def _window_of(sentences: Sequence[Considered]) -> Window:
    first = sentences[0]
    return Window(sentences=tuple(each.text for each in sentences), title=first.title, before=first.before)


def windows_around(found: Sequence[Considered]) -> list[list[int]]:
    """Runs of neighbouring sentences around the best by first score, until READ_CHARACTERS are used.

    A sentence is in one window only, also where passages overlap.
    """
    places: dict[tuple[str, int], int] = {}
    for i, each in enumerate(found):
        places.setdefault((each.document_id, each.span.start), i)
    in_text = sorted(places.values(), key=lambda i: (found[i].document_id, found[i].span.start))
    position = {i: at for at, i in enumerate(in_text)}
    taken: set[int] = set()
    windows: list[list[int]] = []
    used = 0
    for i in sorted(places.values(), key=lambda i: -found[i].first):
        if i in taken:
            continue
        window = _window(found, in_text, position[i], taken)
        used += sum(len(found[k].text) for k in window)
        # A row is read with what stands above it, which costs as much as other words.
        used += len(found[i].title) + len(found[i].before) if found[i].is_row else 0
        if windows and used > READ_CHARACTERS:
            break
        taken.update(window)
        windows.append(window)
    return windows


def _window(found: Sequence[Considered], in_text: Sequence[int], at: int, taken: Set[int]) -> list[int]:
    """The sentence at a position of ``in_text`` with the free neighbours, before and after in turn, that fit."""
    first, last = at, at
    room = WINDOW - len(found[in_text[at]].text)
    grew = True
    while grew:
        grew = False
        for side in (first - 1, last + 1):
            if not 0 <= side < len(in_text) or in_text[side] in taken:
                continue
            one, other = (side, first) if side < first else (last, side)
            if not _touch(found[in_text[one]], found[in_text[other]]) or len(found[in_text[side]].text) > room:
                continue
            room -= len(found[in_text[side]].text)
            first, last, grew = min(first, side), max(last, side), True
    return [in_text[k] for k in range(first, last + 1)]


def _touch(one: Considered, other: Considered) -> bool:
    """Whether two sentences follow each other under one heading, with little between them but white space.

    Rows of tables do not: each is read with its header alone.
    """
    if one.is_row or other.is_row:
        return False
    near = one.document_id == other.document_id and one.heading == other.heading
    return near and 0 <= other.span.start - one.span.end <= MAX_GAP
