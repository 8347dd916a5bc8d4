"""Line numbers in the margin are no part of the sentences; numbers of a list or a table are."""

from tests.parse.pdf.made import Shown, drawn
from tests.parse.pdf.test_reader import parsed

LINES = [
    *(
        "Q. When did you learn of",
        "the leak at the plant?",
        "A. It was in August, when",
        "the shift leader called",
        "me.",
    ),
    *("Q. And then?", "A. I told her, who said it", "would have to wait."),
]


def text(*shown: Shown) -> str:
    return " ".join(parsed(drawn(shown)).document.text.split())


def test_numbers_in_the_line_or_drawn_apart_are_left_out() -> None:
    read = " ".join(LINES)
    glued = [Shown(f"{n:2} {words}", font="F3", y=700 - 22 * n) for n, words in enumerate(LINES, 1)]
    apart = [Shown(f"{n}", x=40, y=700 - 22 * n) for n in range(1, len(LINES) + 1)]
    words = [Shown(words, y=700 - 22 * n) for n, words in enumerate(LINES, 1)]
    assert text(*glued) == read
    assert text(*apart, *words) == read
    assert text(*(each for pair in zip(apart, words, strict=True) for each in pair)) == read


def test_numbers_of_every_fifth_line_at_the_right_are_left_out() -> None:
    lines = LINES * 3
    shown = []
    for n, words in enumerate(lines, 1):
        shown.append(Shown(words, y=750 - 22 * n))
        shown += [Shown(f"{n}", x=560, y=750 - 22 * n)] if n % 5 == 0 else []
    assert text(*shown) == " ".join(lines)


def test_the_numbers_of_lists_and_tables_stay() -> None:
    names = ["Anna Berg", "Bert Caro", "Cora Dahl", "Dora Ebert", "Emil Falk", "Fritz Gans"]
    listed = [Shown(f"{n} {name}", y=700 - 16 * n) for n, name in enumerate(names, 1)]
    assert "4 Dora Ebert" in text(*listed)
    rows = [each for n in range(1, 8) for each in (Shown(f"{n}", y=700 - 16 * n), Shown(f"{n * 7}", 200, 700 - 16 * n))]
    assert "3 21 4 28" in text(*rows)
