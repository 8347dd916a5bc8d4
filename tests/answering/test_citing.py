"""A quote to be pasted elsewhere: its own words in each form, and of its source what is known and no more."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from askreport.answering.citing import OCR, Citation, block_quote, cite, inline, locator_of
from askreport.answering.library import Library
from askreport.bibliography.description import Description
from askreport.bibliography.styles import Locator
from askreport.types import Context, Document, Quote, Slice
from tests.tools.parts import quote_of

WORDS = "The ferry sails every hour."
FACTS = {"author": "Ann Lee", "publisher": "Harbour Press", "date": "2024-03-05", "url": "https://example.org/a"}
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def quote(text: str = WORDS, title: str = "Ferries", path: str = "ferry.md", page: int | None = None) -> Quote:
    return replace(quote_of(text, title, path, page), url="/documents/d#char=5,32")


def document(metadata: dict[str, Any], has_title: bool = True) -> Document:
    return Document(
        id="d", path="ferry.md", title="Ferries", text=WORDS, sha256="0", metadata=metadata, has_title=has_title
    )


def shown(markdown: str) -> tuple[list[str], str]:
    """The blocks that Markdown makes, and the text that it shows; marks within a line count as blocks."""
    blocks, text = [], ""
    for token in MARKDOWN.parse(markdown):
        if token.type != "inline":
            blocks.append(token.type)
        for part in token.children or []:
            text += part.content if part.type == "text" else " "
            blocks += [] if part.type in ("text", "softbreak") else [part.type]
        text += " "
    return blocks, text


def test_what_is_known_is_cited_in_each_form() -> None:
    assert cite(quote(page=12), document(FACTS), "http://x") == Citation(
        f"“{WORDS}”\nAnn Lee, Ferries, Harbour Press, 2024-03-05, page 12, https://example.org/a",
        f"> {WORDS}\n\n— Ann Lee, [Ferries](http://x/documents/d#char=5,32), Harbour Press, 2024-03-05, page 12, "
        "<https://example.org/a>",
    )


def test_context_is_cited_with_the_quote_and_what_answers_is_bold_in_markdown() -> None:
    before = Context(role="before", text="They share nothing.", start=0, end=19, page=None, boxes=())
    emphasis = (Slice(text="sails", start=115, end=120), Slice(text="every hour.", start=121, end=132))
    found = cite(replace(quote(), start=105, end=132, context=(before,), emphasis=emphasis))
    assert found.plain.startswith(f"“They share nothing. […] {WORDS}”\n")
    # Marks beside a full stop would not be read as marks everywhere.
    assert found.markdown.startswith("> They share nothing. […] The ferry **sails** every hour.\n")
    assert "strong_open" in shown(found.markdown)[0]


def test_what_is_not_known_is_left_out() -> None:
    found = cite(quote(), document({}))
    assert found.plain == f"“{WORDS}”\nFerries, characters 5–32"


@pytest.mark.parametrize("given_document", [None, document({}, has_title=False)])
def test_a_title_made_from_a_files_name_is_not_cited_as_a_title(given_document: Document | None) -> None:
    found = cite(quote(), given_document)
    assert found.plain == f"“{WORDS}”\nFerries (ferry.md), characters 5–32"
    assert found.markdown.endswith("— [Ferries](/documents/d#char=5,32) (ferry.md), characters 5–32")


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"author": ["A B", "C D"]}, "A B and C D, Ferries, characters 5–32"),
        ({"authors": [{"name": "A"}, "B", "C"]}, "A, B, and C, Ferries, characters 5–32"),
        ({"creator": ["A", "B", "C", "D"]}, "A et al., Ferries, characters 5–32"),
        ({"date": 2024}, "Ferries, 2024, characters 5–32"),
        ({"date": "spring 2024", "url": "javascript:x"}, "Ferries, spring 2024, characters 5–32"),
        ({"author": {"x": 1}, "date": True, "publisher": ["x"], "url": 5}, "Ferries, characters 5–32"),
        ({"author": "", "publisher": "A\n B"}, "Ferries, A B, characters 5–32"),
    ],
)
def test_a_citation_says_only_what_the_document_says_of_itself(metadata: dict[str, Any], expected: str) -> None:
    assert cite(quote(), document(metadata)).plain == f"“{WORDS}”\n{expected}"


def test_what_people_have_corrected_is_cited() -> None:
    corrected = Description(title="On ferries", authors=("Ann Lee",), date="2024")
    found = cite(quote(), document({"date": "1970"}, has_title=False), description=corrected)
    assert found.plain == f"“{WORDS}”\nAnn Lee, On ferries, 2024, characters 5–32"


def test_a_place_is_a_page_or_a_paragraph() -> None:
    assert locator_of(replace(quote(path="a.pdf", page=3), page_label="iii")) == Locator("page", "iii")
    assert locator_of(replace(quote(), paragraph=13)) == Locator("paragraph", "13")
    assert locator_of(quote()) == Locator()
    assert cite(replace(quote(), paragraph=13)).plain.endswith("Ferries (ferry.md), paragraph 13")


@pytest.mark.parametrize(("path", "expected"), [("a.pdf", "page 3"), ("a.PPTX", "slide 3"), ("a.xlsx", "sheet 3")])
def test_pages_are_called_what_they_are(path: str, expected: str) -> None:
    assert cite(quote(path=path, page=3)).plain.endswith(f", {expected}")


def test_ocr_is_said() -> None:
    found = cite(replace(quote(), ocr=True), document({}))
    assert found.plain.endswith(OCR)
    assert found.markdown.endswith(OCR)


def test_footnotes_dashes_and_quotation_marks_stay_as_they_are_in_markdown() -> None:
    text = "He said “no” - 'never' - to S-300 files_1 [10][11] & to 3. He (and \"I\") < 5 > 4 | x."
    assert block_quote(text) == f"> {text}"


_MARKUP = st.text(st.sampled_from("ab1 \t\n\\`*_~[]()<>#+-=|:.!&;\"'“”/x"), max_size=40)
_ANY = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]))


@settings(deadline=None)
@given(_MARKUP | _ANY)
@example("a\n1. b\n- c\n# d\n> e\n===\n--- \n[x]: y\n|-|\n| a |\n|:-|")
@example("[a](b) ![c](d) <b> <!-- --> &amp; &#35; `e` *f* __g__ ~~h~~ \\* end\\")
@example("```\ncode\n```\n\n    indented")
@example("1) a\n12. \n+ \n-\n#\n##")
def test_markdown_shows_a_quotes_words_and_nothing_else(text: str) -> None:
    blocks, seen = shown(block_quote(text))
    assert seen.split() == text.split()
    assert set(blocks) <= {"blockquote_open", "paragraph_open", "paragraph_close", "blockquote_close"}


@settings(deadline=None)
@given(_MARKUP | _ANY)
@example("a # #")
def test_markdown_shows_a_headings_words_and_nothing_else(text: str) -> None:
    blocks, seen = shown(f"## {inline(text)}")
    assert seen.split() == text.split()
    assert blocks == ["heading_open", "heading_close"]


@settings(deadline=None)
@given(_MARKUP | _ANY, st.data())
def test_markdown_shows_the_same_words_whatever_is_bold(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    slices = (Slice(text=text[start:end], start=5 + start, end=5 + end),) if start < end else ()
    plain, bold = (cite(replace(quote(text), emphasis=each)).markdown for each in ((), slices))
    # The marks part words only on the way to being shown.
    assert "".join(shown(bold)[1].split()) == "".join(shown(plain)[1].split())


@settings(deadline=None)
@given(_ANY, _MARKUP, st.dictionaries(st.sampled_from(["author", "publisher", "date", "url"]), _MARKUP))
def test_the_words_stand_verbatim_and_the_link_is_the_only_one(text: str, title: str, metadata: dict[str, str]) -> None:
    found = cite(quote(text, title=title), document(metadata))
    assert found.plain.startswith(f"“{text}”\n")
    links = [part.attrGet("href") for block in MARKDOWN.parse(found.markdown) for part in block.children or []]
    assert [link for link in links if link] == ["/documents/d#char=5,32"]


def test_quotes_of_the_corpus_are_cited_by_what_it_says_of_itself(library: Library) -> None:
    for asked in ("does the SVR spy on China?", "Who hacked Russian defence institutes?"):
        for each in library.ask(asked).quotes:
            document = library.store.document(each.document.id)
            found = cite(each, document)
            assert each.text in found.plain
            if document.has_title:
                assert f"{document.title}, 2026-11-24, paragraph {each.paragraph}" in found.plain
            else:
                assert f"{document.title} ({document.path}), paragraph {each.paragraph}" in found.plain
