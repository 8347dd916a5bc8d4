"""Printed lines become text: paragraphs joined, divided words made whole, headers and footers set aside."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from askreport.parse.pdf.arrange import arrange
from askreport.parse.pdf.lines import Line, PageLines
from askreport.parse.pdf.running import running_lines

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
    whole = paragraph("The first column ends", "with a sentence.")
    new = [line("Another sentence.", 200, left=320)]
    assert text(page(1, *whole, *new)) == "The first column ends with a sentence.\n\nAnother sentence."


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
def test_every_line_is_in_the_text_once_but_running_ones_within_a_sentence(lines: list[list[Line]]) -> None:
    pages = [page(n, *found) for n, found in enumerate(lines, start=1)]
    arranged = [id(piece.line) for piece in arrange(pages)]
    missing = {id(each) for found in lines for each in found}.difference(arranged)
    assert len(arranged) == len(set(arranged))
    assert missing <= running_lines(pages)
    numbers = [piece.page for piece in arrange(pages)]
    assert numbers == sorted(numbers)


def test_a_sentence_goes_on_overleaf_with_a_capital_letter_or_a_digit() -> None:
    for first, second in [
        ("The company had been warned by the inspector", "Olga Brandt, who was dismissed."),
        ("The damages were set by the court at", "31 million marks, never paid."),
        (
            "委员会在报告中写道该公司在当年三月之前已经受到三次警告但是没有任何改变并且继续在河流附近开采",
            "矿石直到第二年的夏天才停止。",
        ),
    ]:
        pages = [page(1, line(first, 700)), page(2, line(second, 60), line("Another line.", 120))]
        assert text(*pages).startswith(f"{first} {second}\n\nAnother")


def test_a_heading_or_an_ended_sentence_does_not_go_on_overleaf() -> None:
    for first, second in [
        ("Summary of Findings and Results", "The company was warned three times."),
        ("Figure 3. Boats on the river in the winter", "The company was warned three times."),
        ("The company had been warned by the inspector.", "Olga Brandt was dismissed."),
        ("The company had been warned by the inspector", "3. Olga Brandt was dismissed."),
        ("The company had been warned by the inspector", "OLGA BRANDT"),
    ]:
        assert text(page(1, line(first, 700)), page(2, line(second, 60))) == f"{first}\n\n{second}"


def test_notes_at_a_pages_foot_do_not_cut_the_sentence_that_goes_on_overleaf() -> None:
    first = page(
        1,
        *paragraph("The kitchens were clean. Of the men", "the commission counted", top=600, right=300),
        line("7 An interview.", 700, size=9),
        line("8 Another one.", 712, size=9),
    )
    second = page(2, *paragraph("61 who had been held", "without a trial."), line("9 A third note.", 700, size=9))
    read = text(first, second)
    assert "The kitchens were clean.\n\n7 An interview." in read
    assert "Of the men the commission counted 61 who had been held without a trial.\n\n9 A third note." in read


def test_notes_at_the_foot_of_a_column_do_not_cut_its_sentence() -> None:
    left = [*paragraph("They were clean. Of the men", "the commission", top=600), line("7 A note.", 700, size=9)]
    right = [line("counted sixty.", 100, left=320, right=420), line("It left.", 114, left=320)]
    read = text(page(1, *left, *right))
    assert "Of the men the commission counted sixty. It left.\n\n7 A note." in read


def test_a_page_in_small_letters_keeps_its_order() -> None:
    body = page(1, *paragraph(*["many words of the report"] * 9))
    small = [line(f"{n} An entry of the list.", 300 + 12 * n, size=9) for n in range(1, 9)]
    assert text(body, page(2, *small, line("The end.", 500))).endswith("8 An entry of the list.\n\nThe end.")


def test_on_a_page_within_one_sentence_the_running_header_is_left_out() -> None:
    pages = [
        page(n, line("Annals of the valley", 30), *paragraph("the men of the valley", "who built the roads in winter"))
        for n in range(1, 5)
    ]
    read = text(*pages)
    assert read.count("{Annals of the valley}") == 2
    assert "winter the men" in read


def test_headers_that_differ_but_count_the_pages_are_set_aside() -> None:
    heads = ["Chapter 1: Beginnings\t101", "A History\t102", "Chapter 2: The river\t103"]
    pages = [page(n, line(head, 30), *paragraph("Some words", f"of page {n}.")) for n, head in enumerate(heads, 1)]
    assert [piece.line.text for piece in arrange(pages) if piece.furniture] == heads
