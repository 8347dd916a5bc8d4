"""Pages of printed lines become a document: headings, title, furniture, and boxes that belong to the characters."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from askreport.boxes import UNITS, unpack_boxes
from askreport.parse.options import Parsed
from askreport.parse.pdf.flow import Outline, flow
from askreport.parse.pdf.lines import Line, PageLines
from askreport.types import Document


def line(text: str, top: float, size: float = 12.0, bold: bool = False) -> Line:
    """A printed line whose characters' boxes tell their line and place."""
    boxes = np.array(
        [[100 * (72 + 6 * k), 100 * top, 100 * (78 + 6 * k), 100 * (top + size)] for k in range(len(text))]
    )
    printed = np.array([not char.isspace() for char in text])
    placed = np.where(printed[:, None], boxes, 0).astype(np.int32)
    return Line(
        text=text, boxes=placed, left=72.0, top=top, right=72.0 + 6 * len(text), bottom=top + size, size=size, bold=bold
    )


def page(number: int, *lines: Line, ocr: bool = False) -> PageLines:
    return PageLines(number=number, width=612.0, height=792.0, extent=792.0, lines=lines, ocr=ocr)


def read(*pages: PageLines, outline: tuple[Outline, ...] = (), own: str = "") -> Parsed:
    return flow(pages=pages, outline=outline, own=own, data=b"data", path="a.pdf", title="By its name")


def headings(document: Document) -> list[tuple[int, str]]:
    return [(heading.level, heading.title) for heading in document.headings]


BODY = [line(f"Words of the body in line {n}.", 300 + 14 * n) for n in range(10)]


def test_larger_letters_make_headings_and_the_largest_are_the_highest() -> None:
    lines = [line("Chapter", 100, 20), line("Section", 150, 16), *BODY, line("Another section", 500, 16)]
    assert headings(read(page(1, *lines)).document) == [(1, "Chapter"), (2, "Section"), (2, "Another section")]


def test_bold_lines_make_headings_where_the_body_is_not_bold() -> None:
    lines = [line("Findings", 250, bold=True), *BODY, line("A bold sentence ends with a stop.", 480, bold=True)]
    assert headings(read(page(1, *lines)).document) == [(1, "Findings")]
    assert headings(read(page(1, line("Findings", 250, bold=True))).document) == []


def test_rows_and_long_blocks_make_no_headings() -> None:
    lines = [line("Year\tCount", 100, 20), line("x" * 300, 150, 20), *BODY]
    assert headings(read(page(1, *lines)).document) == []


def test_the_outline_is_believed_if_most_of_it_is_in_the_text() -> None:
    lines = [line("1 Background", 100), *BODY, line("2 Findings", 500)]
    good = (Outline("1. Background", 1, 1), Outline("2. Findings", 2, 1))
    assert headings(read(page(1, *lines), outline=good).document) == [(1, "1 Background"), (2, "2 Findings")]
    bad = (*good[:1], Outline("Elsewhere", 1, 1), Outline("Nowhere", 1, 1))
    assert headings(read(page(1, *lines), outline=bad).document) == []


def test_the_title_is_the_files_own_if_printed_else_the_largest_words() -> None:
    lines = [line("A Report on Tulips", 100, 24), *BODY]
    assert read(page(1, *lines), own="a report on TULIPS").document.title == "a report on TULIPS"
    assert read(page(1, *lines), own="untitled1").document.title == "A Report on Tulips"
    document = read(page(1, *BODY)).document
    assert (document.title, document.has_title) == ("By its name", False)


def test_running_lines_are_furniture() -> None:
    pages = [page(n, line(f"Annual Report {n}", 30), *BODY) for n in range(1, 5)]
    document = read(*pages).document
    shown = [document.text[start:end] for start, end in document.furniture]
    assert shown == [f"Annual Report {n}" for n in range(1, 5)]


def test_a_divided_word_is_made_whole_and_its_letters_keep_their_boxes() -> None:
    lines = [line("There is more informa-", 200), line("tion in the second line.", 214)]
    parsed = read(page(1, *lines))
    text = parsed.document.text
    assert text == "There is more information in the second line.\n"
    boxes = unpack_boxes(parsed.layout[0])
    at = text.index("tion")
    assert boxes[at - 1, 1] == 200 * UNITS
    assert boxes[at, 1] == 214 * UNITS


def test_pages_read_by_ocr_are_named() -> None:
    pages = (page(1, *BODY), page(2, *BODY, ocr=True))
    assert [each.ocr for each in read(*pages).document.pages] == [False, True]


def test_a_page_without_text_has_an_empty_span() -> None:
    document = read(page(1), page(2, *BODY), page(3)).document
    spans = [(each.number, each.start, each.end) for each in document.pages]
    assert spans == [(1, 0, 0), (2, 0, len(document.text)), (3, len(document.text), len(document.text))]


WORDS = st.lists(st.sampled_from(["one", "two-", "three.", "•", "§ 4", "a\tb", "7"]), min_size=1, max_size=4)


@given(
    st.lists(st.lists(st.tuples(WORDS, st.integers(0, 50), st.sampled_from([9.0, 12.0, 18.0])), max_size=5), max_size=4)
)
def test_spans_lie_within_the_text_and_every_character_has_its_own_box(
    pages: list[list[tuple[list[str], int, float]]],
) -> None:
    made = [
        page(n, *(line(" ".join(words), 15 * top, size) for words, top, size in lines))
        for n, lines in enumerate(pages, start=1)
    ]
    if not any(each.lines for each in made):
        return
    parsed = read(*made)
    document = parsed.document
    assert [document.pages[0].start, document.pages[-1].end] == [0, len(document.text)]
    for each, packed in zip(document.pages, parsed.layout, strict=True):
        text = document.text[each.start : each.end]
        boxes = unpack_boxes(packed)
        assert [bool(box[2] > box[0]) for box in boxes] == [not char.isspace() for char in text]
    for heading in document.headings:
        assert " ".join(document.text[heading.start : heading.end].split()) == heading.title
