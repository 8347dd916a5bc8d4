"""Examples -> windows of tokens, cut at random as the service cuts them around what retrieval finds."""

import random
from collections.abc import Sequence

from tokenizers import Tokenizer

from askreport.types import Span
from training.data import Example
from training.model import Window

QUESTION_TOKENS = 48
SENTENCE_TOKENS = 96


def window_of(tokenizer: Tokenizer, example: Example, draw: random.Random, budget: tuple[int, int]) -> Window:
    """The example's focus with as many of its neighbours, before and after, as a budget drawn between two allows."""
    question = tokenizer.encode(example.question, add_special_tokens=False).ids[:QUESTION_TOKENS]
    encoded = [tokenizer.encode(text, add_special_tokens=False) for text in example.sentences]
    lengths = [min(len(each.ids), SENTENCE_TOKENS) for each in encoded]
    first, last = spread(lengths, example.focus, draw.randint(*budget), draw)
    start, sep = token_id(tokenizer, "[CLS]"), token_id(tokenizer, "[SEP]")
    ids = [start, *question, sep]
    second = len(ids)
    spans, answers = [], []
    for i in range(first, last):
        at = len(ids)
        ids += encoded[i].ids[: lengths[i]]
        spans.append(Span(at, len(ids)))
        places = [
            [k for k, (a, b) in enumerate(encoded[i].offsets[: lengths[i]]) if a < end and b > begin]
            for begin, end in example.answers.get(i, ())
        ]
        answers.append(tuple(Span(at + found[0], at + found[-1] + 1) for found in places if found))
    keep = [k for k, span in enumerate(spans) if span.end > span.start]
    return Window(
        ids=(*ids, sep),
        second=second,
        spans=tuple(spans[k] for k in keep),
        labels=tuple(example.labels[first + k] for k in keep),
        answers=tuple(answers[k] for k in keep),
        any_of=example.any_of,
    )


def token_id(tokenizer: Tokenizer, token: str) -> int:
    """The id of a token that must be there."""
    found: int | None = tokenizer.token_to_id(token)
    assert found is not None
    return found


def spread(lengths: Sequence[int], focus: int, budget: int, draw: random.Random) -> tuple[int, int]:
    """The run of sentences around ``focus`` that fits a budget of tokens; the focus always does."""
    first, last, used = focus, focus + 1, lengths[focus]
    while True:
        sides = [i for i in (first - 1, last) if 0 <= i < len(lengths) and used + lengths[i] <= budget]
        if not sides:
            return first, last
        taken = draw.choice(sides)
        first, last, used = min(first, taken), max(last, taken + 1), used + lengths[taken]
