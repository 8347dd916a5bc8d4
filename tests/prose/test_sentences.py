"""The sentences of a text that comes in pieces."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.prose.sentences import whole_sentences

TEXT = "The SVR does not spy on China [1]. The U.S. Congress will not act. [1, 2] It fills the gap [2][3].\nSo it is."
SENTENCES = [
    "The SVR does not spy on China [1].",
    "The U.S. Congress will not act [1, 2].",
    "It fills the gap [2][3].",
    "So it is.",
]


async def stream(pieces: Sequence[str]) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


def sentences(pieces: Sequence[str]) -> list[str]:
    async def collect() -> list[str]:
        return [sentence async for sentence in whole_sentences(stream(pieces))]

    return asyncio.run(collect())


def cut(text: str, places: Sequence[int]) -> list[str]:
    borders = [0, *sorted({place for place in places if place < len(text)}), len(text)]
    return [text[a:b] for a, b in pairwise(borders)]


def test_citations_belong_to_the_sentence_before_them() -> None:
    assert sentences([TEXT]) == SENTENCES


@given(st.lists(st.integers(1, len(TEXT) - 1), max_size=40))
def test_where_the_pieces_end_makes_no_difference(places: list[int]) -> None:
    assert sentences(cut(TEXT, places)) == SENTENCES


@settings(max_examples=60)
@given(st.text(alphabet="Ab .!?[]12,\n*<>/-", max_size=60), st.lists(st.integers(1, 60), max_size=10))
def test_no_text_is_read_differently_in_pieces(text: str, places: list[int]) -> None:
    assert sentences(cut(text, places)) == sentences([text])


def test_a_sentence_comes_before_the_text_is_at_its_end() -> None:
    async def first() -> str:
        async def endless() -> AsyncIterator[str]:
            yield "It is so. [1] And"
            yield " then "
            await asyncio.sleep(60)

        async for sentence in whole_sentences(endless()):
            return sentence
        return ""

    assert asyncio.run(asyncio.wait_for(first(), 30)) == "It is so [1]."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>Let me see. The user asks.</think>\nIt is so [1].", ["It is so [1]."]),
        ("<think>It never ends. And so on", []),
        ("**It** is so [1].", ["It is so [1]."]),
        ("# Answer\n\nIt is so [1].", ["Answer", "It is so [1]."]),
        ("- One thing [1].\n- Another thing [2].", ["One thing [1].", "Another thing [2]."]),
        ("", []),
        ("  \n", []),
    ],
)
def test_what_models_put_around_their_sentences(text: str, expected: list[str]) -> None:
    assert sentences([text]) == expected
