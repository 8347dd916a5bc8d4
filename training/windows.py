"""Examples -> windows of tokens, cut as the service cuts them around what retrieval finds, with near misses beside.

Run ``python -m training.windows --out FILE``: it writes the groups that ``train.py`` reads.
"""

import argparse
import pickle
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from askreport.config import Settings
from askreport.models.e5 import open_inputs
from askreport.models.e5_reader import BEFORE_TOKENS, QUERY, QUESTION_TOKENS, SENTENCE_TOKENS, TITLE_TOKENS
from askreport.models.unigram import Tokens, Unigram
from training.corrupt import names_in, noisy, point_changed, question_changed, roles_exchanged
from training.examples import CAPS, Example, pairs, public, squad, written
from training.model import IGNORE, Group, Window
from training.relations import relations
from training.titled import titled

# Tokens of sentences in a window, and in one that holds all that belong to a pair.
BUDGET, ALL = (25, 110), 200
# How often each written pair is cut, and how many made-up ones there are of each kind.
PAIRS, RELATIONS = 5, 1_100
# How many texts under two titles are made up, and how many are real.
TITLED = 4_000, 4_000
# Of the nearest sentences of other texts, how many a near miss is drawn from.
NEAREST = 8
# Chances: of a window around the nearest wrong sentence of the same text, around its first, of another text's, of a
# changed sentence, of a changed question, of leaving the title or the sentence before out.
OWN, OPENING, OTHER, CHANGED, ASKED_OTHERWISE, BARE = 0.3, 0.25, 0.55, 0.4, 0.12, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """For an example the number of its nearest wrong sentence, and places of others' nearest: example, sentence."""

    own: int | None
    others: tuple[tuple[int, int], ...]


def near_misses(examples: Sequence[Example]) -> Iterator[Near]:
    """For each example of one source what is near its question by words (TF-IDF)."""
    texts: dict[tuple[str, ...], int] = {}
    for number, each in enumerate(examples):
        texts.setdefault(each.sentences, number)
    places = [(number, i) for sentences, number in texts.items() for i in range(len(sentences))]
    spoken = [examples[number].sentences[i] for number, i in places]
    words = TfidfVectorizer(sublinear_tf=True, token_pattern=r"[^\W_]+", max_df=0.3 if len(spoken) > 50 else 1.0)
    matrix = words.fit_transform(spoken).T.tocsr()
    owners = np.array([number for number, _ in places])
    for start in range(0, len(examples), 500):
        chunk = examples[start : start + 500]
        scores = (words.transform([each.question for each in chunk]) @ matrix).toarray()
        for example, row in zip(chunk, scores, strict=True):
            order = np.argsort(-row, kind="stable")[:60]
            home = texts[example.sentences]
            lowered = [string.lower() for string in example.strings]
            others = [
                places[k]
                for k in order
                if owners[k] != home and row[k] > 0 and not any(each in spoken[k].lower() for each in lowered)
            ]
            mine = np.flatnonzero(owners == home)
            wrong = [k for k in mine[np.argsort(-row[mine], kind="stable")] if example.labels[places[k][1]] == 0]
            yield Near(own=places[wrong[0]][1] if wrong else None, others=tuple(others[:NEAREST]))


class Cutter:
    """Cuts windows."""

    def __init__(self, pieces: Unigram, draw: random.Random) -> None:
        self.pieces, self.draw = pieces, draw

    def groups(self, examples: Sequence[Example]) -> Iterator[Group]:
        """The groups of one source's examples."""
        names = [name for each in examples[:3000] for name in names_in(each.question)] or ["Norland"]
        for example, near in zip(examples, near_misses(examples), strict=True):
            yield self._group(example, near, examples, names)
            right = [i for i, label in enumerate(example.labels) if label == 1]
            if right and self.draw.random() < ASKED_OTHERWISE:
                text = " ".join((example.title, *example.sentences))
                question = question_changed(example.question, text, names, self.draw)
                if question:
                    other = replace(
                        example, question=question, labels=(0,) * len(example.labels), answers={}, verdict=IGNORE
                    )
                    yield (self.window(other, self.draw.choice(right)),)

    def _group(self, example: Example, near: Near, examples: Sequence[Example], names: Sequence[str]) -> Group:
        draw = self.draw
        asked = replace(example, question=noisy(example.question, draw))
        made = []
        right = [i for i, label in enumerate(example.labels) if label == 1]
        if right:
            focus = draw.choice(right)
            made.append(self.window(asked, focus))
            if draw.random() < CHANGED and (changed := self._changed(asked, focus, names)):
                made.append(self.window(changed, focus))
        if near.own is not None and (not right or draw.random() < OWN):
            made.append(self.window(asked, near.own))
        # A text's first sentence says what its subject is, which looks like an answer to whatever is asked of it.
        if right and example.labels[0] == 0 and draw.random() < OPENING:
            made.append(self.window(asked, 0))
        if near.others and draw.random() < OTHER:
            number, focus = draw.choice(near.others)
            there = examples[number]
            labels = (0,) * len(there.labels)
            other = replace(
                asked, title=there.title, sentences=there.sentences, labels=labels, answers={}, verdict=IGNORE
            )
            made.append(self.window(other, focus))
        return tuple(made)

    def _changed(self, example: Example, focus: int, names: Sequence[str]) -> Example | None:
        sentence = example.sentences[focus]
        found = None
        if example.verdict == IGNORE and self.draw.random() < 0.6:
            found = roles_exchanged(example.question, sentence, self.draw)
        found = found or point_changed(example.question, sentence, names, self.draw)
        if found is None or found == sentence:
            return None
        sentences = (*example.sentences[:focus], found, *example.sentences[focus + 1 :])
        # Its neighbours may say the same, so nothing is known of those that answered.
        labels = tuple(0 if i == focus else IGNORE if label == 1 else label for i, label in enumerate(example.labels))
        return replace(example, sentences=sentences, labels=labels, answers={}, verdict=IGNORE)

    def pair(self, example: Example) -> Group:
        """Sentences of different texts: together in one window, or each in its own."""
        order = list(range(len(example.sentences)))
        self.draw.shuffle(order)
        if self.draw.random() < 0.4:
            sentences = tuple(example.sentences[i] for i in order)
            labels = tuple(example.labels[i] for i in order)
            return (self.window(replace(example, sentences=sentences, labels=labels), 0, all_of=True),)
        alone = (replace(example, sentences=(example.sentences[i],), labels=(example.labels[i],)) for i in order)
        return tuple(self.window(each, 0) for each in alone)

    def contrast(self, right: Example, wrong: Example) -> Group:
        """One text under two titles."""
        focus = self.draw.choice([i for i, label in enumerate(right.labels) if label == 1])
        return (self.window(right, focus, bare=0.0), self.window(wrong, focus, bare=0.0))

    def window(self, example: Example, focus: int, *, all_of: bool = False, bare: float = BARE) -> Window:
        """The focus with as many of its neighbours as a budget allows, under title and the sentence before.

        ``bare`` is the chance of leaving each of these out.
        """
        encoded = {focus: self.pieces.pieces(example.sentences[focus], SENTENCE_TOKENS)}
        budget = ALL if all_of else self.draw.randint(*BUDGET)
        first, last = self._spread(example.sentences, encoded, focus, budget)
        question = self.pieces.pieces(QUERY + example.question, QUESTION_TOKENS).ids
        ids = [self.pieces.start, *question, self.pieces.end, *self._header(example, first, bare), self.pieces.end]
        sentence, answers = [-1] * len(ids), [IGNORE] * len(ids)
        for number in range(first, last):
            own = encoded[number]
            spans = example.answers.get(number, ())
            told = bool(spans) or example.labels[number] == 0
            ids += [*own.ids, self.pieces.end]
            sentence += [number - first] * (len(own.ids) + 1)
            inside = [int(any(a < span.end and span.start < b for span in spans)) for a, b in own.offsets]
            answers += [*(inside if told else [IGNORE] * len(inside)), IGNORE]
        labels = example.labels[first:last]
        return Window(
            ids=np.array(ids, np.int32),
            sentence=np.array(sentence, np.int16),
            labels=labels,
            answers=np.array(answers, np.int8),
            verdict=example.verdict if 1 in labels else IGNORE,
        )

    def _header(self, example: Example, first: int, bare: float) -> list[int]:
        title = example.title if self.draw.random() >= bare else ""
        before = example.sentences[first - 1] if first else example.before
        found = self.pieces.pieces(title, TITLE_TOKENS).ids
        if before and self.draw.random() >= bare:
            # Of a long one the end, which is next to what is read.
            found = found + self.pieces.pieces(before).ids[-BEFORE_TOKENS:]
        return found

    def _spread(self, sentences: Sequence[str], encoded: dict[int, Tokens], focus: int, budget: int) -> tuple[int, int]:
        first, last, used = focus, focus + 1, len(encoded[focus].ids)
        while True:
            sides = [i for i in (first - 1, last) if 0 <= i < len(sentences) and used < budget]
            self.draw.shuffle(sides)
            for side in sides:
                found = self.pieces.pieces(sentences[side], SENTENCE_TOKENS)
                if used + len(found.ids) <= budget:
                    encoded[side] = found
                    used += len(found.ids)
                    first, last = min(first, side), max(last, side + 1)
                    break
            else:
                return first, last


def _nothing_answers(example: Example) -> Example:
    return replace(example, labels=(0,) * len(example.sentences), answers={}, verdict=IGNORE)


def all_groups(draw: random.Random) -> Iterator[tuple[str, list[Group]]]:
    """The groups by source."""
    cutter = Cutter(open_inputs(Settings().cache).tokenizer, draw)
    yield "pairs", [cutter.pair(each) for each in pairs() for _ in range(PAIRS)]
    yield "relations", [cutter.pair(each) for each in relations(draw, RELATIONS)]
    sources = [*written(), *squad()]
    yield "titled", [cutter.contrast(*each) for each in titled(sources, draw, *TITLED)]
    yield "written", list(cutter.groups(list(written())))
    yield "squad2-dev", list(cutter.groups(list(squad())))
    for name in CAPS:
        yield name, list(cutter.groups(list(public(name, draw))))


def main() -> None:
    """Writes the groups."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found: list[Group] = []
    for name, groups in all_groups(random.Random(options.seed)):
        kept = [group for group in groups if group]
        windows = [window for group in kept for window in group]
        tokens = sum(len(window.ids) for window in windows)
        print(
            f"{name}: {len(kept)} questions, {len(windows)} windows, {tokens / max(len(windows), 1):.0f} tokens",
            flush=True,
        )
        found += kept
    options.out.write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main()
