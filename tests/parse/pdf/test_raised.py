"""Raised figures are set apart from the word before them, and do not break its sentence."""

import pytest

from askreport.boxes import unpack_boxes
from tests.parse.pdf.made import Shown, drawn, runs
from tests.parse.pdf.test_reader import parsed


def text(*shown: Shown) -> str:
    return " ".join(parsed(drawn(shown)).document.text.split())


@pytest.mark.parametrize(
    ("parts", "read"),
    [
        (["audited 63", ("5", 4), " of the 140"], "audited 63^5 of the 140"),
        (["dated from 1958", ("7", 4), ". The end"], "dated from 1958^7. The end"),
        (["any other.", ("8", 4), " Its director"], "any other.^8 Its director"),
        (["put at 14 crowns", ("10,11", 4), " in all"], "put at 14 crowns^10,11 in all"),
        (["3.2 x 10", ("9", 4), " m", ("3", 4), " of water"], "3.2 x 10^9 m^3 of water"),
        (["CO", ("2", -3), " is pumped and H", ("2", -3), "O too"], "CO2 is pumped and H2O too"),
        (["the 19", ("th", 4), " century"], "the 19th century"),
        (["up to 1", ("1", 4), "/4 inch"], "up to 1 1/4 inch"),
        (["in Japan", ("a", 4), " alone"], "in Japan^a alone"),
        ([("12", 4), "Interview of 3 May"], "12 Interview of 3 May"),
    ],
)
def test_a_raised_figure_is_no_digit_of_the_word_before_it(parts: list[str | tuple[str, float]], read: str) -> None:
    assert text(runs(*parts)) == read


def test_a_sentence_with_marks_stays_in_one_block() -> None:
    first = runs("It published its findings", ("2", 4), " in", y=700)
    second = runs("May 2016.", ("6", 4), " It found that 27 of them had", y=686)
    third = runs("no plan.", y=672)
    read = text(first, second, third)
    assert read == "It published its findings^2 in May 2016.^6 It found that 27 of them had no plan."


def test_notes_that_begin_with_a_raised_figure_are_blocks_of_their_own() -> None:
    notes = [runs((f"{n}", 4), f" Note {n} of the report.", y=100 - 12 * n) for n in (1, 2)]
    document = parsed(drawn([runs("Words", ("1", 4), " and", ("2", 4), " more.")], notes)).document
    assert "\n\n1 Note 1 of the report.\n\n2 Note 2" in document.text


def test_the_digit_keeps_its_own_box() -> None:
    item = parsed(drawn([runs("63", ("5", 4), " of")]))
    boxes = unpack_boxes(item.layout[0])
    at = item.document.text.index("^5")
    assert boxes[at].tolist()[2] == boxes[at].tolist()[0]
    assert boxes[at + 1, 3] < boxes[at - 1, 3]
