"""HTML: the main text in reading order, one block after the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.errors import ParseError
from askreport.parse.html import parse_html
from askreport.types import Document


def parse(source: str) -> Document:
    return parse_html(source.encode(), "a.html", "File Name")


def blocks(source: str) -> list[str]:
    return parse(source).text.rstrip("\n").split("\n\n")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>One.</p><p>Two.</p>", ["One.", "Two."]),
        ("<p>One.<p>Two.", ["One.", "Two."]),
        ("<p>One.<br>Two.</p>", ["One.", "Two."]),
        ("<p>One <b>bold</b> and <i>i</i>talic.</p>", ["One bold and italic."]),
        ("<p>  One\n   line. </p>", ["One line."]),
        ("<div>One.<p>Two.</p>Three.</div>", ["One.", "Two.", "Three."]),
        ("<ul><li>One<ul><li>Two</li></ul>Three</li></ul>", ["One", "Two", "Three"]),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", ["Term", "Meaning"]),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", ["A | B", "1 | 2"]),
        ("<pre>one\n  two</pre>", ["one two"]),
        ("One.<!-- no -->Two.", ["One.Two."]),
        ("<p>a&nbsp;b &amp; c &lt; d &#x1F642;</p>", ["a b & c < d 🙂"]),
        ("a < b and c > d", ["a < b and c > d"]),
        ("<p>One.</p>Tail.", ["One.", "Tail."]),
    ],
)
def test_each_block_is_a_paragraph_of_the_text(source: str, expected: list[str]) -> None:
    assert blocks(source) == expected


@pytest.mark.parametrize(
    "hidden",
    [
        *(f"<{tag}>No.</{tag}>" for tag in ("script", "style", "noscript", "template", "nav", "header", "footer")),
        *(f"<{tag}>No.</{tag}>" for tag in ("aside", "button", "iframe", "object", "svg", "math")),
        "<div hidden>No.</div>",
        "<nav><p>No.<p>No.</nav>",
        "<aside><aside>No.</aside>No.</aside>",
        "<!-- No. -->",
        "<?php No. ?>",
    ],
)
def test_what_is_not_read_is_left_out_and_what_follows_it_is_not(hidden: str) -> None:
    assert blocks(f"<p>One.</p>{hidden}<p>Two.</p>") == ["One.", "Two."]


def test_what_follows_a_skipped_element_in_its_line_stays() -> None:
    assert blocks("<p>One<script>no</script> and two.</p>") == ["One and two."]


@pytest.mark.parametrize("name", ["main", "article"])
def test_the_main_element_is_the_main_text(name: str) -> None:
    assert blocks(f"<div>Menu</div><{name}><p>One. Two.</p></{name}><div>Imprint</div>") == ["One. Two."]


def test_a_main_element_with_little_in_it_is_not_the_main_text() -> None:
    assert blocks("<main>One.</main><p>Much more than that stands outside.</p>")[1].startswith("Much more")


def test_of_several_articles_none_is_the_main_text() -> None:
    assert blocks("<article>One.</article><article>Two.</article>") == ["One.", "Two."]


def test_a_heading_spans_its_block() -> None:
    document = parse("<p>Before.</p><h2>On <em>Trade</em></h2><p>After.</p>")
    (heading,) = document.headings
    assert document.text[heading.start : heading.end] == heading.title == "On Trade"


@pytest.mark.parametrize("level", range(1, 7))
def test_a_heading_has_its_level(level: int) -> None:
    assert parse(f"<h{level}>Head</h{level}>").headings[0].level == level


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("<title> On\n Trade </title><h1>Head</h1>", "On Trade"),
        ("<h1>Head</h1><p>Words.</p>", "Head"),
        ("<title></title><h1>Head</h1>", "Head"),
        ("<p>Words.</p>", "File Name"),
        ("<body><svg><title>Icon</title></svg><p>Words.</p></body>", "File Name"),
    ],
)
def test_the_title_is_the_pages_then_the_first_headings_then_the_given_one(source: str, title: str) -> None:
    assert parse(f"{source}<p>More.</p>").title == title


@pytest.mark.parametrize(
    ("source", "own"), [("<title>On Trade</title>", True), ("<h1>Head</h1>", True), ("<p>Words.</p>", False)]
)
def test_the_document_knows_whether_the_title_is_its_own(source: str, own: bool) -> None:
    assert parse(f"{source}<p>More.</p>").has_title is own


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_wrong_declaration_of_the_encoding_does_not_matter(encoding: str) -> None:
    source = f'<?xml version="1.0" encoding="{encoding}"?>\n<meta charset="{encoding}"><p>Žluťoučký kůň.</p>'
    assert blocks(source) == ["Žluťoučký kůň."]


def test_tags_that_are_never_closed_do_not_cost_words() -> None:
    assert parse("<p>" + "<font>word " * 1_000).text.split() == ["word"] * 1_000


def test_a_very_long_paragraph_is_kept() -> None:
    assert len(parse(f"<p>{'word ' * 2_200_000}</p>").text) == 11_000_000


def test_nesting_without_end_is_damaged() -> None:
    with pytest.raises(ParseError, match="depth") as caught:
        parse("<div>" * 100_000 + "Words.")
    assert caught.value.status == "damaged"


@pytest.mark.parametrize(
    "source", ["<p> </p>", "<title>Only a title</title>", "<script>x()</script>", "<nav>Menu</nav>"]
)
def test_a_page_without_text_is_empty(source: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(source)
    assert caught.value.status == "no_text"


PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<div>", "</div>", "<h1>", "</h1>", "<h3>", "<li>", "<td>", "<tr>", "<table>", "<b>", "</b>"),
        *("<br>", "<hr>", "<pre>", "<!-- c -->", "<a href=x>", "<span hidden>", "</span>", "&amp;", " ", "\n", "words"),
    ]
)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)


@given(st.lists(PIECES | WORDS, max_size=40).map("".join))
def test_every_heading_stands_in_the_text_where_it_says(source: str) -> None:
    document = parse(f"<p>x</p>{source}")
    assert [document.text[each.start : each.end] for each in document.headings] == [
        each.title for each in document.headings
    ]


def test_an_articles_own_header_is_part_of_it_and_the_pages_is_not() -> None:
    page = "<header>Menu</header><article><header><h1>Ferries</h1></header><p>They sail hourly.</p></article>"
    assert parse_html(page.encode(), "x.html", "x").text == "Ferries\n\nThey sail hourly.\n"


def test_a_page_inside_a_form_is_read_without_its_controls() -> None:
    page = (
        "<form><h1>Ferries</h1><p>They sail hourly.</p><select><option>One</option></select><button>Go</button></form>"
    )
    assert parse_html(page.encode(), "x.html", "x").text == "Ferries\n\nThey sail hourly.\n"


def test_the_number_of_a_note_is_not_read_and_an_exponent_is_marked() -> None:
    page = "<p>It was 10<sup>6</sup> tons in 2022<sup><a href='#n3'>3</a></sup>, the 1<sup>st</sup> time.</p>"
    assert blocks(page) == ["It was 10^6 tons in 2022, the 1st time."]


@pytest.mark.parametrize(
    "head", ["<meta charset=iso-8859-2>", '<meta http-equiv=x content="text/html; charset=iso-8859-2">']
)
def test_the_encoding_that_a_page_declares_is_used(head: str) -> None:
    page = f"{head}<p>Łódź: zażółć gęślą jaźń.</p>".encode("iso-8859-2")
    assert parse_html(page, "x.html", "x").text == "Łódź: zażółć gęślą jaźń.\n"


def test_cells_that_hold_paragraphs_are_a_row_all_the_same() -> None:
    first = b"<tr><td><p>2022</p></td><td><p>170</p></td><td></td></tr>"
    page = b"<table>" + first + b"<tr><td><p>2021</p></td><td>160</td></tr></table>"
    assert parse_html(page, "a.html", "A").text == "2022 | 170\n\n2021 | 160\n"
