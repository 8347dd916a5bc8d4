"""A table's row is one line of the text, also where a cell has several lines, and on a turned page."""

import numpy as np
import pytest

from askreport.boxes import unpack_boxes
from tests.parse.pdf.made import Shown, drawn
from tests.parse.pdf.test_reader import parsed

NAMES = ["Aldmoor", "Brack", "Upper Carn and the|islands of the bay", "Total"]


def table(figures_at: str, leading: float = 12, gap: float = 18) -> list[Shown]:
    shown = [Shown("District", size=10), Shown("2017", 300, size=10), Shown("2018", 360, size=10)]
    y = 700.0 - gap
    for n, name in enumerate(NAMES, 1):
        lines = name.split("|")
        shown += [Shown(words, y=y - leading * k, size=10) for k, words in enumerate(lines)]
        offset = {"top": 0.0, "middle": leading / 2, "bottom": leading}[figures_at] if len(lines) > 1 else 0.0
        shown += [Shown(f"{n}.{k}", 300 + 60 * k, y - offset, size=10) for k in range(2)]
        y -= gap + leading * (len(lines) - 1)
    return shown


@pytest.mark.parametrize("figures_at", ["top", "middle", "bottom"])
@pytest.mark.parametrize("rotate", [0, 90, 270])
def test_a_row_with_a_cell_of_two_lines_is_one_line(figures_at: str, rotate: int) -> None:
    item = parsed(drawn(table(figures_at), page_entries=f"/Rotate {rotate}"))
    assert "\n\nUpper Carn and the islands of the bay\t3.0\t3.1\n\nTotal\t4.0\t4.1" in item.document.text


@pytest.mark.parametrize("figures_at", ["top", "bottom"])
def test_rows_as_near_as_the_lines_of_a_cell_are_told_by_their_words(figures_at: str) -> None:
    assert (
        "\n\nUpper Carn and the islands of the bay\t3.0\t3.1\n\nTotal"
        in parsed(drawn(table(figures_at, gap=12))).document.text
    )


def test_a_groups_label_stays_apart() -> None:
    shown = []
    for n, (name, figures) in enumerate([("Item", "2017 2018"), ("Income", ""), ("Sales", "1 2"), ("Fees", "3 4")]):
        y = 700.0 - 14 * n
        shown += [Shown(name, y=y)] + [Shown(each, 300 + 60 * k, y) for k, each in enumerate(figures.split())]
    assert "\n\nIncome\n\nSales\t1\t2" in parsed(drawn(shown)).document.text


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_every_character_of_a_row_keeps_its_own_box(rotate: int) -> None:
    item = parsed(drawn(table("middle"), page_entries=f"/Rotate {rotate}"))
    text, boxes = item.document.text, unpack_boxes(item.layout[0])
    printed = [not character.isspace() for character in text]
    assert ((boxes[:, 2] > boxes[:, 0]) == np.array(printed)).all()
    page = item.document.pages[0]
    assert (boxes[:, 2] <= 100 * page.width).all()
    assert (boxes[:, 3] <= 100 * page.height).all()
