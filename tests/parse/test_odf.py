"""OpenDocument: the text of paragraphs, slides and sheets, without comments, deleted text and the numbers of notes."""

import pytest

from askreport.errors import ParseError
from askreport.parse.odf import parse_odf
from askreport.types import Document
from tests.conftest import shared
from tests.parse.test_archive import LAUGHS, OLE, zipped

NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{whole}:1.0"'
    for name, whole in {
        **{name: name for name in ("office", "text", "table", "style", "presentation")},
        "draw": "drawing",
    }.items()
)


def odf(body: str, styles: str = "", prolog: str = "", **files: str) -> bytes:
    content = f"{prolog}<office:document-content {NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
    content += f"<office:body>{body}</office:body></office:document-content>"
    return zipped({"content.xml": content, **{name.replace("_", "/"): each for name, each in files.items()}})


def text(body: str, styles: str = "") -> bytes:
    return odf(f"<office:text>{body}</office:text>", styles)


def parse(data: bytes) -> Document:
    return parse_odf(data, "a.odt", "File Name")


def blocks(body: str, styles: str = "") -> list[str]:
    return parse(text(body, styles)).text.rstrip("\n").split("\n\n")


def row(*cells: str, attributes: str = "") -> str:
    inner = "".join(f"<table:table-cell {attributes}>{cell}</table:table-cell>" for cell in cells)
    return f"<table:table-row>{inner}</table:table-row>"


def p(words: str) -> str:
    return f"<text:p>{words}</text:p>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (p("One.") + "<text:p/>" + p("Two."), ["One.", "Two."]),
        (p('a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d'), ["a b c\nd"]),
        (
            p("One <text:span>b<text:span>ol</text:span>d</text:span>ly <text:a>linked</text:a>."),
            ["One boldly linked."],
        ),
        (p("One<!-- no --> and<?no?> two"), ["One and two"]),
        (p("One<office:annotation><text:p>No.</text:p></office:annotation> two"), ["One two"]),
        ("<text:tracked-changes><text:p>No.</text:p></text:tracked-changes>" + p("One."), ["One."]),
        (p("<text:ruby><text:ruby-base>漢</text:ruby-base><text:ruby-text>kan</text:ruby-text></text:ruby>"), ["漢"]),
        (f"<text:list><text:list-item>{p('One')}</text:list-item></text:list>", ["• One"]),
        (f"<text:section><text:section>{p('One')}</text:section></text:section>", ["One"]),
    ],
)
def test_paragraphs(body: str, expected: list[str]) -> None:
    assert blocks(body) == expected


def test_headings_and_what_has_the_style_of_a_title() -> None:
    styles = '<style:style style:name="P1" style:parent-style-name="Title"/>'
    body = '<text:p text:style-name="P1">On Trade</text:p><text:h text:outline-level="2">Ships</text:h>' + p("One.")
    document = parse(text(body, styles))
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "On Trade"), (2, "Ships")]
    assert (document.title, document.has_title) == ("On Trade", True)


def test_a_note_and_a_text_box_follow_their_paragraph() -> None:
    body = f"<text:note-body>{p('Note.')}</text:note-body>"
    note = f"<text:note><text:note-citation>1</text:note-citation>{body}</text:note>"
    box = f"<draw:frame><draw:text-box>{p('Box.')}</draw:text-box></draw:frame>"
    assert blocks(p(f"In 2022{note}, {box}ships sailed.")) == ["In 2022, ships sailed.", "Note.", "Box."]


def test_a_raised_number_is_no_part_of_the_one_before_it() -> None:
    styles = '<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>'
    raised = '<text:span text:style-name="T1">%s</text:span>'
    assert blocks(p(f"10{raised % '6 '}tons, 1{raised % 'st'}"), styles) == ["10^6 tons, 1st"]


def test_a_row_is_a_block_and_merged_cells_are_written_once() -> None:
    head = f"<table:table-header-rows>{row(p('Year'), p('Tons'))}</table:table-header-rows>"
    covered = f"<table:table-row><table:table-cell>{p('Both')}</table:table-cell><table:covered-table-cell/>"
    body = f"{head}{row(p('a') + p('b'), '', p('c'), '')}{covered}<table:table-cell>{p('d')}</table:table-cell>"
    assert blocks(f"<table:table>{body}</table:table-row></table:table>") == ["Year | Tons", "a b | | c", "Both | | d"]


def test_a_table_that_is_only_layout_keeps_its_paragraphs() -> None:
    inner = f"<table:table>{row(p('a'), p('b'))}</table:table>"
    assert blocks(f"<table:table>{row('', p('One.') + inner)}</table:table>") == ["One.", "a | b"]


def test_slides_are_pages_with_titles_and_notes() -> None:
    frame = '<draw:frame presentation:class="title"><draw:text-box>%s</draw:text-box></draw:frame>'
    first = f"{frame % (p('On') + p('Trade'))}<draw:g><draw:custom-shape>{p('One.')}</draw:custom-shape></draw:g>"
    notes = f"<presentation:notes><draw:frame>{p('Say this.')}</draw:frame></presentation:notes>"
    pages = f"<draw:page>{first}{notes}</draw:page><draw:page/><draw:page>{frame % p('Last')}</draw:page>"
    document = parse(odf(f"<office:presentation>{pages}</office:presentation>"))
    assert [(page.number, document.text[page.start : page.end]) for page in document.pages] == [
        (1, "On Trade\n\nOne.\n\nSay this.\n\n"),
        (3, "Last\n"),
    ]
    assert [heading.title for heading in document.headings] == ["On Trade", "Last"]


def test_sheets_are_pages_and_their_names_no_title() -> None:
    sheets = f'<table:table table:name="Empty">{row("", "")}</table:table>'
    sheets += f'<table:table table:name="Ships">{row(p("Year"), p("Tons"))}{row(p("2022"), p("170"))}</table:table>'
    document = parse(odf(f"<office:spreadsheet>{sheets}</office:spreadsheet>"))
    assert document.text == "Ships\n\nYear | Tons\n\n2022 | 170\n"
    assert ([page.number for page in document.pages], document.title) == ([2], "File Name")


def test_repeated_cells_make_no_grid() -> None:
    many = 'table:number-columns-repeated="1000000"'
    empty = f"<table:table-cell {many}/>"
    line = f"<table:table-row>{empty}<table:table-cell {many}>{p('0')}</table:table-cell>{empty}</table:table-row>"
    line = line.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="1000000">')
    document = parse(odf(f'<office:spreadsheet><table:table table:name="A">{line}</table:table></office:spreadsheet>'))
    assert document.text.split() == ["A", *["|"] * 20, *["0", "|"] * 19, "0"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "no_text"),
        (text(""), "no_text"),
        (odf(""), "no_text"),
        (OLE, "encrypted"),
        (odf("", META_INF="x"), "no_text"),
        (zipped({"content.xml": "?", "META-INF/manifest.xml": "<manifest:encryption-data/>"}), "encrypted"),
        (zipped({"content.xml": "words"}), "damaged"),
        (zipped({"word/document.xml": ""}), "damaged"),
        (text(p("One."))[:-30], "damaged"),
        (odf(f"<office:text>{p('&b;')}</office:text>", prolog=LAUGHS), "damaged"),
        (text("<text:section>" * 9_000 + "</text:section>" * 9_000), "damaged"),
        (text(p("<text:span>" * 9_000 + "</text:span>" * 9_000)), "damaged"),
        (text('<text:h text:outline-level="one">Head</text:h>'), "damaged"),
    ],
)
def test_what_cannot_be_read(data: bytes, status: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(data)
    assert caught.value.status == status


@pytest.mark.parametrize("tag", ["text:section", "text:list", "table:table"])
def test_the_deepest_nesting_that_xml_may_have_is_read(tag: str) -> None:
    opening, closing = f"<{tag}>", f"</{tag}>"
    if tag == "table:table":
        opening, closing = (
            f"{opening}<table:table-row><table:table-cell>",
            f"</table:table-cell></table:table-row>{closing}",
        )
    depth = 240 // opening.count("<")
    assert blocks(opening * depth + p("One.") + closing * depth) == ["One."]


@pytest.mark.parametrize(
    ("name", "words", "pages"),
    [("text_document_01.odt", "heading level 1.0", []), ("odf_presentation_01.odp", "Test Table Slide", [1])],
)
def test_real_documents(name: str, words: str, pages: list[int]) -> None:
    document = parse(shared(f"documents/{name}").read_bytes())
    at = document.text.index(words)
    assert [page.number for page in document.pages if page.start <= at < page.end] == pages


LISTS = """<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1"
style:num-suffix="."/><text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"/>
</text:list-style>"""


def test_items_have_the_numbers_that_the_document_shows() -> None:
    inner = f"<text:list><text:list-item>{p('deep')}</text:list-item></text:list>"
    items = f"<text:list-item>{p('one')}{inner}</text:list-item><text:list-item>{p('two')}</text:list-item>"
    styles = LISTS.replace("<text:list-style", "<text:list-style", 1)
    assert blocks(f'{styles}<text:list text:style-name="L">{items}</text:list>') == ["1. one", "a) deep", "2. two"]


def test_a_label_stands_in_each_row_that_it_spans() -> None:
    first = f'<table:table-row><table:table-cell table:number-rows-spanned="2">{p("North")}</table:table-cell>'
    second = "<table:table-row><table:covered-table-cell/>"
    cells = [f"<table:table-cell>{p(words)}</table:table-cell></table:table-row>" for words in ("12", "15")]
    assert blocks(f"<table:table>{first}{cells[0]}{second}{cells[1]}</table:table>") == ["North | 12", "North | 15"]


def test_an_equation_in_a_sentence_is_read() -> None:
    math = '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>Q</mi><mo>=</mo><mn>3</mn></math>'
    frame = f"<draw:frame><draw:object>{math}</draw:object></draw:frame>"
    assert blocks(p(f"It is {frame} litres.")) == ["It is Q = 3 litres."]
