"""Columns that are drawn line by line are read one after the other; tables are not."""

import pytest

from tests.parse.pdf.made import Shown, drawn
from tests.parse.pdf.test_reader import parsed

LEFT = ["The salt mines of Varn were", "opened by monks in 1284 and", "closed in 1911. Their deepest",
        "shaft reached 412 metres, and", "in the last year only thirty", "men went below to work with"]  # fmt: skip
RIGHT = ["20,000 visitors a year. The", "museum was destroyed in the", "war, and it was flooded in",
         "1951. A survey found that the", "lower galleries were dry."]  # fmt: skip


def text(*shown: Shown) -> str:
    return " ".join(parsed(drawn(shown)).document.text.split())


@pytest.mark.parametrize("right_at", [216.0, 230.0, 300.0])
def test_prose_in_columns_is_read_column_by_column(right_at: float) -> None:
    shown = [Shown("The mines", size=18, y=740)]
    for n, words in enumerate(LEFT):
        shown.append(Shown(words, y=700 - 14 * n, size=10))
        shown += [Shown(RIGHT[n], right_at, 700 - 14 * n, size=10)] if n < len(RIGHT) else []
    assert text(*shown) == f"The mines {' '.join(LEFT)} {' '.join(RIGHT)}"


def test_a_table_of_names_and_figures_is_read_across() -> None:
    names = ["Northern districts", "Southern districts", "Eastern districts", "Western districts", "All of them"]
    shown = [each for n, name in enumerate(names) for each in (
        Shown(name, y=700 - 14 * n), Shown(f"{n} ships of the line", 250, 700 - 14 * n))]  # fmt: skip
    assert "Southern districts 1 ships of the line Eastern" in text(*shown)
