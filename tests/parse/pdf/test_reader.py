"""PDF files: text with pages and boxes, and an outcome for whatever cannot be read."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.boxes import boxes_of, unpack_boxes
from askreport.errors import ParseError
from askreport.parse.options import Parsed, ParseOptions
from askreport.parse.pdf.reader import draw, parse_pdf, unlock
from askreport.types import Box, Span
from tests.conftest import shared
from tests.tools.parts import pdf, pdf_file

PAGES = (["A heading of the text", "A line on a page."], ["The second page", "has a line (too)."])


def read(data: bytes, **options: object) -> list[Parsed | ParseError]:
    return list(parse_pdf(data, "a.pdf", "A", ParseOptions(**options), lambda seconds: None))  # type: ignore[arg-type]


def parsed(data: bytes) -> Parsed:
    (item,) = read(data)
    assert isinstance(item, Parsed)
    return item


def refusal(data: bytes, **options: object) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read(data, **options)
    return caught.value


def boxes(item: Parsed, span: Span) -> tuple[Box, ...]:
    layout = dict(zip([page.number for page in item.document.pages], item.layout, strict=True))
    return boxes_of(item.document, lambda _, page: unpack_boxes(layout[page]), span)


def test_pages_are_spans_that_tile_the_text() -> None:
    document = parsed(pdf(*PAGES)).document
    assert [(page.number, page.width, page.height) for page in document.pages] == [(1, 612, 792), (2, 612, 792)]
    assert document.pages[0].start == 0
    assert document.pages[0].end == document.pages[1].start
    assert document.pages[1].end == len(document.text)
    assert document.text[document.pages[1].start :].startswith("The second page")


def test_a_words_box_is_where_it_is_printed() -> None:
    item = parsed(pdf(*PAGES))
    start = item.document.text.index("line")
    (box,) = boxes(item, Span(start, start + 4))
    # The second line begins at x 72 and has its baseline at y 720 - 16, from the bottom of 792 points.
    assert box.page == 1
    assert 72 < box.left < box.right < 110
    assert box.top < 792 - 704 < box.bottom
    assert 10 < box.bottom - box.top < 20


def test_every_character_has_a_box_and_white_space_none() -> None:
    item = parsed(pdf(*PAGES))
    for page, packed in zip(item.document.pages, item.layout, strict=True):
        found = unpack_boxes(packed)
        text = item.document.text[page.start : page.end]
        assert len(found) == len(text)
        assert [bool(box[2] > box[0]) for box in found] == [not char.isspace() for char in text]


def test_the_files_own_title_counts_if_it_is_printed() -> None:
    assert parsed(pdf(*PAGES, title="A Heading of the Text")).document.title == "A Heading of the Text"
    assert parsed(pdf(*PAGES, title="Microsoft Word - draft7.doc")).document.title == "A"


def test_the_bookmarks_are_the_headings() -> None:
    (item,) = read(shared("documents/bookmark_sample.pdf").read_bytes())
    assert isinstance(item, Parsed)
    titles = [(heading.level, heading.title) for heading in item.document.headings]
    assert titles[:3] == [(1, "PART I - DEFINITIONS"), (2, "1. Interpretation"), (2, "2. Construction of Terms")]
    for heading in item.document.headings:
        assert " ".join(item.document.text[heading.start : heading.end].split()) == heading.title


def test_a_file_without_text_or_pictures_says_so() -> None:
    error = refusal(pdf([]))
    assert (error.status, error.message) == ("no_text", "the pages hold no text")


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"", "no_text", "empty"),
        (b"some text", "damaged", "not a PDF"),
        (b"%PDF-1.7\nnonsense", "damaged", "damaged"),
        (pdf(), "damaged", "damaged"),
        (pdf(*PAGES)[:200], "damaged", "damaged"),
    ],
)
def test_what_is_no_readable_pdf_is_an_error_that_says_why(data: bytes, status: str, words: str) -> None:
    error = refusal(data)
    assert (error.status, words in error.message) == (status, True)


def test_more_pages_or_characters_than_allowed_are_too_large() -> None:
    assert refusal(pdf(*[["Words"]] * 5), max_pages=4).status == "too_large"
    assert refusal(pdf(*PAGES), max_characters=10).status == "too_large"


def test_six_hundred_pages_are_read() -> None:
    document = parsed(pdf(*[[f"This is page {n} of a long report."] for n in range(600)])).document
    assert len(document.pages) == 600
    assert "page 599 of" in document.text[document.pages[-1].start :]


def test_a_page_that_cannot_be_read_is_an_error_of_its_own() -> None:
    items = read(shared("documents/Pages-tree-refs.pdf").read_bytes())
    assert isinstance(items[0], Parsed)
    assert isinstance(items[1], ParseError)
    assert "page 2 cannot be read" in items[1].message


def test_words_off_the_page_are_not_part_of_the_text() -> None:
    assert "hidden" not in parsed(pdf([*["line"] * 60, "hidden below the page"])).document.text


@given(st.lists(st.lists(st.text(st.characters(codec="latin-1", exclude_categories=["Cc", "Zs", "Cf"]), max_size=30))))
def test_every_printed_letter_is_in_the_text_with_a_box(pages: list[list[str]]) -> None:
    pages = [[line for line in lines[:40] if line.strip()] for lines in pages[:4]]
    letters = "".join(line for lines in pages for line in lines)
    if not letters.strip("-"):
        return
    item = parsed(pdf(*pages))
    found = "".join(char for char in item.document.text if not char.isspace())
    # A hyphen at a line's end may only divide a word.
    assert sorted(found.replace("-", "")) == sorted(letters.replace("-", ""))
    assert [len(unpack_boxes(packed)) for packed in item.layout] == [p.end - p.start for p in item.document.pages]


@given(st.binary(max_size=30), st.integers(0, 900))
def test_whatever_the_bytes_it_is_a_document_or_an_error(junk: bytes, at: int) -> None:
    data = pdf(*PAGES)
    with suppress(ParseError):
        read(data[:at] + junk + data[at + len(junk) :])


def test_a_page_is_drawn_at_the_scale_asked_for_up_to_a_limit() -> None:
    small, large = draw(pdf(*PAGES), 1, 0.5, ()), draw(pdf(*PAGES), 1, 2.0, ())
    widths = [int.from_bytes(picture[16:20], "big") for picture in (small, large)]
    assert widths == [306, 1224]
    huge = draw(pdf(*PAGES), 1, 1_000.0, ())
    assert int.from_bytes(huge[16:20], "big") * int.from_bytes(huge[20:24], "big") <= 16_100_000


def test_an_encrypted_file_opens_with_one_of_the_passwords_only() -> None:
    data = shared("documents/r6-both-passwords.pdf").read_bytes()
    for passwords in ((), ("wrong",)):
        error = refusal(data, passwords=passwords)
        assert error.status == "encrypted"
        # People who upload a file can set nothing.
        assert "ASKREPORT" not in error.message
    assert read(data, passwords=("wrong", "foo"))
    assert draw(data, 1, 1.0, ("wrong", "foo")).startswith(b"\x89PNG")


def test_an_encrypted_file_is_unlocked_by_its_password_only() -> None:
    data = shared("documents/r6-both-passwords.pdf").read_bytes()
    assert "pdf encryption test" in parsed(unlock(data, ("foo",))).document.text
    with pytest.raises(ParseError, match="another password"):
        unlock(data, ("wrong",))
    with pytest.raises(ParseError, match="needs no password"):
        unlock(pdf(*PAGES), ("foo",))


def test_a_file_without_pages_is_not_called_locked_because_another_was() -> None:
    locked = shared("documents/r6-both-passwords.pdf").read_bytes()
    assert refusal(locked).status == "encrypted"
    error = refusal(pdf_file([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]))
    assert (error.status, error.message) == ("damaged", "the file is damaged: it has no pages")
