"""Printed lines become text: paragraphs joined, divided words made whole, headers and footers set aside."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.parse.pdf.lines import Hyphens, Line, PageLines, arrange, body_size

HEIGHT = 792.0


def line(text: str, top: float, left: float = 72.0, size: float = 12.0, right: float = 0.0, bold: bool = False) -> Line:
    boxes = np.zeros((len(text), 4), np.int32)
    return Line(
        text=text,
        boxes=boxes,
        left=left,
        top=top,
        right=right or left + 6 * len(text),
        bottom=top + size,
        size=size,
        bold=bold,
    )


def page(number: int, *lines: Line) -> PageLines:
    return PageLines(number=number, width=612.0, height=HEIGHT, extent=HEIGHT, lines=lines)


def text(*pages: PageLines) -> str:
    """The text as it is put together, but for hyphens; furniture in braces."""
    pieces = arrange(pages)
    shown = [f"{{{piece.line.text}}}" if piece.furniture else piece.line.text for piece in pieces]
    return "".join(piece.gap * (n > 0) + words for n, (piece, words) in enumerate(zip(pieces, shown, strict=True)))


def paragraph(*texts: str, top: float = 200.0, right: float = 400.0) -> list[Line]:
    """Lines one under the other, all as long as the column but the last."""
    return [line(words, top + 14 * n, right=right if n < len(texts) - 1 else 0.0) for n, words in enumerate(texts)]


def test_the_lines_of_a_paragraph_are_joined() -> None:
    assert text(page(1, *paragraph("A sentence that", "goes on in", "three lines."))) == (
        "A sentence that goes on in three lines."
    )


def test_a_wider_distance_begins_a_paragraph() -> None:
    lines = [*paragraph("One line", "and another"), *paragraph("a new one", "goes on", top=260.0)]
    assert text(page(1, *lines)) == "One line and another\n\na new one goes on"


def test_an_indented_line_after_a_sentences_end_begins_a_paragraph() -> None:
    lines = [line("It ended here.", 200, right=400), line("Next one", 214, left=90, right=400)]
    assert text(page(1, *lines)) == "It ended here.\n\nNext one"


def test_a_sentence_goes_on_in_the_next_column_and_a_new_one_does_not() -> None:
    left = paragraph("The first column", "ends with the")
    right = [line("words of a sentence.", 200, left=320), line("more of it.", 214, left=320)]
    assert text(page(1, *left, *right)) == "The first column ends with the words of a sentence. more of it."
    new = [line("Another sentence.", 200, left=320)]
    assert text(page(1, *left, *new)) == "The first column ends with the\n\nAnother sentence."


def test_a_line_higher_up_in_the_same_column_is_another_block() -> None:
    lines = [line("The column ends with the", 400, right=300), line("words of a note", 100, right=300)]
    assert text(page(1, *lines)) == "The column ends with the\n\nwords of a note"


def test_letters_of_another_size_or_weight_begin_a_block() -> None:
    lines = [line("A Head", 180, size=16), line("Bold words", 200, bold=True), line("plain words", 214)]
    assert text(page(1, *lines)) == "A Head\n\nBold words\n\nplain words"


def test_list_items_and_rows_stand_alone() -> None:
    lines = [line(words, 200 + 14 * n) for n, words in enumerate(("These:", "• one", "• two", "a\tb", "c\td"))]
    assert text(page(1, *lines)) == "These:\n\n• one\n\n• two\n\na\tb\n\nc\td"


def test_a_number_in_brackets_within_a_sentence_begins_no_item() -> None:
    assert text(page(1, *paragraph("They are (1) this,", "(2) that and", "(3) those."))) == (
        "They are (1) this, (2) that and (3) those."
    )


def test_a_raised_figure_stays_in_its_row() -> None:
    lines = [line("up to 1", 200, right=150), line("⁄4 inch", 201, left=150.5, size=8)]
    assert text(page(1, *lines)) == "up to 1⁄4 inch"


def reports(pages: int, header: str = "Annual Report {}") -> list[PageLines]:
    return [
        page(n, line(header.format(n), 30), *paragraph(f"Page {n} has a", f"paragraph {n}."), line(str(n), 760))
        for n in range(1, pages + 1)
    ]


def test_running_headers_and_footers_are_set_aside_after_the_first_block() -> None:
    for piece in arrange(reports(4)):
        assert piece.furniture == (piece.line.text.startswith("Annual") or piece.line.text.isdigit())
    assert text(*reports(3)).startswith("Page 1 has a paragraph 1.\n\n{Annual Report 1}\n{1}\n\nPage 2")


def test_a_sentence_that_runs_on_to_the_next_page_stays_in_one_piece() -> None:
    first, second, third = reports(3)
    cut = page(1, first.lines[0], line("A first paragraph.", 150), line("A sentence that runs", 700), first.lines[-1])
    assert "A sentence that runs on here. " not in text(cut, second, third)
    goes_on = page(2, second.lines[0], line("on here.", 60), *paragraph("Then", "more.", top=300), second.lines[-1])
    assert "A sentence that runs on here.\n\n{Annual Report 2}\n{2}\n\nThen more." in text(cut, goes_on, third)


def test_what_stands_once_at_the_top_is_no_header() -> None:
    pages = reports(3)
    title = page(1, line("The Title of It All", 40, size=20), *pages[0].lines[1:])
    assert not next(piece for piece in arrange([title, *pages[1:]]) if "Title" in piece.line.text).furniture


def test_what_repeats_in_the_middle_is_no_header() -> None:
    pages = [page(n, line("The same words.", 400)) for n in range(1, 6)]
    assert not any(piece.furniture for piece in arrange(pages))


@given(
    st.lists(
        st.lists(
            st.builds(
                line,
                st.sampled_from(["One.", "two", "a\tb", "• x", "Annual Report 3", "7", "end-"]),
                st.floats(0, HEIGHT - 12),
                st.sampled_from([72.0, 320.0]),
                st.sampled_from([8.0, 12.0, 20.0]),
            ),
            max_size=6,
        ),
        max_size=5,
    )
)
def test_every_line_is_in_the_text_once(lines: list[list[Line]]) -> None:
    pages = [page(n, *found) for n, found in enumerate(lines, start=1)]
    arranged = [id(piece.line) for piece in arrange(pages)]
    assert sorted(arranged) == sorted(id(each) for found in lines for each in found)
    numbers = [piece.page for piece in arrange(pages)]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("before", "after", "elsewhere", "goes"),
    [
        ("of infor-", "mation here", "", True),
        ("a well-", "known man", "is well-known", False),
        ("a dis-", "ease", "the disease", True),
        ("the univer-", "sity-affiliated", "university", True),
        ("too far to go-", "ing home", "", True),
        ("a university-", "affiliated body", "a university, affiliated with it", False),
        ("a state-of-", "the art", "", False),
        ("a state-", "of-the-art plan", "", False),
        ("a blue-", "collar job", "blue skies", False),
        ("Anglo-", "Saxon", "", False),
        ("2013-", "2014", "", False),
        ("a word -", "aside", "", False),
    ],
)
def test_a_hyphen_goes_where_the_words_of_the_document_say_so(
    before: str, after: str, elsewhere: str, goes: bool
) -> None:
    lines = [line(before, 200), line(after, 214), line(elsewhere or "x", 300)]
    assert Hyphens(lines).divides(before, after) == goes


def test_the_body_size_is_that_of_most_letters() -> None:
    assert body_size([line("Head", 100, size=20), *paragraph("much more text", "than that")]) == 12.0
    assert body_size([]) == 0.0
