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
        ("<p>One.<br>Two.</p>", ["One.\nTwo."]),
        ("<p>One<br><br>Two</p>", ["One", "Two"]),
        ("<p>One <b>bold</b> and <i>i</i>talic.</p>", ["One bold and italic."]),
        ("<p>  One\n   line. </p>", ["One line."]),
        ("<div>One.<p>Two.</p>Three.</div>", ["One.", "Two.", "Three."]),
        ("<ul><li>One<ul><li>Two</li></ul>Three</li></ul>", ["• One", "• Two", "Three"]),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", ["Term", "Meaning"]),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", ["A | B", "1 | 2"]),
        ("<pre>one\n  two\n\n- three\n- four</pre>", ["one\ntwo", "- three\n- four"]),
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
        *(f"<{tag}>No.</{tag}>" for tag in ("aside", "button", "iframe", "object", "svg")),
        "<div hidden>No.</div>",
        "<nav><p>No.<p>No.</nav>",
        "<aside><aside>No.</aside>No.</aside>",
        "<!-- No. -->",
        "<?php No. ?>",
    ],
)
def test_what_is_not_read_is_left_out_and_what_follows_it_is_not(hidden: str) -> None:
    assert blocks(f"<p>One.</p>{hidden}<p>Two.</p>") == ["One.", "Two."]


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><style>body{display:none}</style></head><body><p>One.</p></body></html>",
        "<html><body style='visibility: hidden'><p>One.</p></body></html>",
        "<html hidden><body><p>One.</p></body></html>",
    ],
)
def test_a_page_that_hides_all_of_itself_until_its_script_runs_is_read(page: str) -> None:
    assert blocks(page) == ["One."]


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


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Ridership fell by a<br>third.</p>", ["Ridership fell by a\nthird."]),
        ("<p><b>Trams</b><br>They run.</p>", ["Trams", "They run."]),
        ("<p>Phone: 12<br>Fax: 13</p>", ["Phone: 12", "Fax: 13"]),
        ("<h2>One<br>line</h2>", ["One line"]),
        ("<table><tr><td>a<br>b</td><td>c</td></tr></table>", ["a b | c"]),
    ],
)
def test_a_line_break_ends_no_sentence(source: str, expected: list[str]) -> None:
    assert blocks(source) == expected


@pytest.mark.parametrize(
    "mark",
    [
        "<a href='#fn1' role='doc-noteref'><sup>1</sup></a>",
        "<a href='/other.html#note4'><sup>4</sup></a>",
        "<sup><a href='https://example.org/x#note3'>3</a></sup>",
        "<sup><a href='notes.html'>3</a></sup>",
        "<sup class='fn'>5</sup>",
        "<sup>[2]</sup>",
        "<a class='noteref' href='n.html#3'>3</a>",
        "<a href='#f4' class='fnref'>*</a>",
        "<a href='#n1'>[1]</a>",
    ],
)
def test_the_mark_of_a_note_is_no_part_of_the_number_before_it(mark: str) -> None:
    assert blocks(f"<p>They supplied 41{mark} villages.</p>") == ["They supplied 41 villages."]


def test_the_way_back_from_a_note_is_no_text_and_other_links_are() -> None:
    page = "<p>See <a href='#a'>part 3</a> and <a href='#b'>4</a>.</p>"
    page += "<p>Census.<a href='#r' class='footnote-back'>↩︎</a></p>"
    assert blocks(page) == ["See part 3 and 4.", "Census."]


def test_a_raised_number_is_a_power_after_figures_and_units_only() -> None:
    page = "<p>10<sup>6</sup> m<sup>3</sup> in 2011<sup>4</sup>.<sup>7</sup> The minister<sup>8</sup> left.</p>"
    assert blocks(page) == ["10^6 m^3 in 2011. The minister left."]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>It is <del>2.10</del> <ins>2.40</ins>.</p>", ["It is 2.40."]),
        ("<p>It is <span style='text-decoration: line-through'>1</span> 2.</p>", ["It is 2."]),
        ("<style>.old { text-decoration: line-through }</style><p>It is <i class='a old'>1</i> 2.</p>", ["It is 2."]),
        ("<style>div.x, #y{display:none}</style><div class=x>No.</div><p id=y>No.</p><p>Yes.</p>", ["Yes."]),
        ("<style>@media print { p { display: none } }</style><p>Yes.</p>", ["Yes."]),
        ("<p style='display:none'>No.</p><p style='visibility: hidden'>No.</p><p>Yes.</p>", ["Yes."]),
    ],
)
def test_struck_and_hidden_text_is_not_read_and_is_counted(source: str, expected: list[str]) -> None:
    document = parse(source)
    assert document.text.rstrip("\n").split("\n\n") == expected
    assert bool(document.left_out) is ("@media" not in source)


def test_what_opens_with_a_click_is_read_with_its_question() -> None:
    page = (
        "<h3><button aria-controls='a'>When?</button></h3><div id='a' style='display:none'>In 1968.</div>"
        "<h3><button>Where?</button></h3><div hidden='until-found'>Here.</div><p><button>Send</button></p>"
    )
    assert blocks(page) == ["When?", "In 1968.", "Where?", "Here."]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<ol><li>a<li>b</ol>", ["1. a", "2. b"]),
        ("<ol type=a start=3><li>a<li value=7>b<li><p>c</p><p>d</p></ol>", ["c. a", "g. b", "h. c", "d"]),
        ("<ol reversed><li>a<li>b</ol>", ["2. a", "1. b"]),
        ("<ul style='list-style: none'><li>a</ul>", ["a"]),
    ],
)
def test_items_have_the_marks_that_a_browser_shows(source: str, expected: list[str]) -> None:
    assert blocks(source) == expected


def test_a_label_stands_in_each_row_that_it_spans() -> None:
    head = "<tr><th rowspan=2>Ministry<th colspan=2>2018<th colspan=2>2019</tr>"
    head += "<tr><th>plan<th>actual<th>plan<th>actual</tr>"
    body = "<tr><th rowspan=2>Health<td>310<td>325<td>330<td>341</tr><tr><td>12<td>15<td>13<td>18</tr>"
    page = f"<table>{head}{body}</table>"
    assert blocks(page) == [
        *("Ministry | 2018 | | 2019", "Ministry | plan | actual | plan | actual"),
        *("Health | 310 | 325 | 330 | 341", "Health | 12 | 15 | 13 | 18"),
    ]


def test_equations_are_read_in_a_line() -> None:
    math = "<math><mi>Q</mi><mo>=</mo><mfrac><mn>3</mn><mn>4</mn></mfrac><annotation>Q</annotation></math>"
    katex = f"<span class=katex><span class='katex-mathml'>{math}</span><span class='katex-html'>Q=34</span></span>"
    assert blocks(f"<p>It is {math} and {katex}.</p>") == ["It is Q = 3/4 and Q = 3/4 ."]


def test_latin_1_is_the_code_page_of_windows() -> None:
    page = '<meta charset="iso-8859-1"><p>“Nordkai” cost €4 – the port’s.</p><p>&#147;Yes&#148;</p>'.encode("cp1252")
    assert parse_html(page, "a.html", "A").text == "“Nordkai” cost €4 – the port’s.\n\n“Yes”\n"
