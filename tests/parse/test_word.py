"""Word documents: paragraphs, headings, tables, notes; what mammoth adds or leaves out does not show."""

from pathlib import Path

import pytest

from askreport.errors import ParseError
from askreport.parse.word import parse_docx
from askreport.types import Document
from tests.conftest import shared
from tests.parse.test_archive import LAUGHS, OLE, zipped

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def relations(**targets: str) -> str:
    lines = [
        f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>' for kind, target in targets.items()
    ]
    return f'<Relationships xmlns="{PACKAGE}">{"".join(lines)}</Relationships>'


def docx(body: str, prolog: str = "", **parts: str) -> bytes:
    """A document with this body; each part is a file of word/ with its content."""
    files: dict[str, str | bytes] = {
        "_rels/.rels": relations(officeDocument="word/document.xml"),
        "word/document.xml": f"{prolog}<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations(**{kind: f"{kind}.xml" for kind in parts}),
    }
    return zipped(files | {f"word/{kind}.xml": content for kind, content in parts.items()})


def paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: list[str]) -> str:
    lines = ["".join(f"<w:tc>{cell}</w:tc>" for cell in cells) for cells in rows]
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def parse(data: bytes) -> Document:
    return parse_docx(data, "a.docx", "File Name")


def blocks(body: str, **parts: str) -> list[str]:
    return parse(docx(body, **parts)).text.rstrip("\n").split("\n\n")


STYLES = f"""<w:styles {W}>
<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style></w:styles>"""


def test_paragraphs_and_headings_whatever_the_language_of_the_styles() -> None:
    body = paragraph("On Trade", "Titel") + paragraph("One.") + paragraph("Ships", "berschrift2") + paragraph("Two.")
    document = parse(docx(body, styles=STYLES))
    assert document.text == "On Trade\n\nOne.\n\nShips\n\nTwo.\n"
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "On Trade"), (2, "Ships")]
    assert (document.title, document.has_title) == ("On Trade", True)


def test_a_row_is_a_block_and_merged_cells_are_written_once() -> None:
    wide = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + paragraph("Both")
    rows = (["Year", "Tons"], ["2022", "170"])
    body = table(*([paragraph(cell) for cell in cells] for cells in rows), [paragraph("a") + paragraph("b"), wide])
    assert blocks(body) == ["Year | Tons", "2022 | 170", "a b | Both"]


def test_empty_cells_keep_their_place_but_do_not_end_a_row() -> None:
    assert blocks(table([paragraph("a"), "<w:p/>", paragraph("c")], [paragraph("b"), paragraph("d"), "<w:p/>"])) == [
        "a |  | c".replace("  ", " "),
        "b | d",
    ]


def test_a_table_that_is_only_layout_keeps_its_paragraphs() -> None:
    assert blocks(table([paragraph("One.") + paragraph("Two.")], ["<w:p/>", paragraph("Three.")])) == [
        "One.",
        "Two.",
        "Three.",
    ]


def test_a_table_in_a_cell_keeps_its_rows() -> None:
    inner = table([paragraph("a"), paragraph("b")])
    assert blocks(table([paragraph("Side"), inner + paragraph("After.")])) == ["Side", "a | b", "After."]


def test_a_note_stands_at_the_end_and_its_number_and_arrow_nowhere() -> None:
    note = f'<w:footnotes {W}><w:footnote w:id="1">{paragraph("See there.")}</w:footnote></w:footnotes>'
    body = '<w:p><w:r><w:t>In 2022</w:t></w:r><w:r><w:footnoteReference w:id="1"/></w:r><w:r><w:t>.</w:t></w:r></w:p>'
    assert blocks(body, footnotes=note) == ["In 2022.", "See there."]


def test_a_raised_number_is_no_part_of_the_one_before_it() -> None:
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>6</w:t></w:r>'
    assert blocks(f"<w:p><w:r><w:t>10</w:t></w:r>{raised}<w:r><w:t> tons</w:t></w:r></w:p>") == ["10^6 tons"]


def test_the_words_of_a_simple_field_are_read() -> None:
    field = '<w:fldSimple w:instr="SEQ"><w:r><w:t>3</w:t></w:r></w:fldSimple>'
    assert blocks(f"<w:p><w:r><w:t>Table </w:t></w:r>{field}<w:r><w:t>: Ships</w:t></w:r></w:p>") == ["Table 3: Ships"]


def test_deleted_text_is_left_out_and_inserted_text_is_not() -> None:
    body = "<w:p><w:del><w:r><w:delText>No.</w:delText></w:r></w:del><w:ins><w:r><w:t>Yes.</w:t></w:r></w:ins></w:p>"
    assert blocks(body) == ["Yes."]


def test_text_that_looks_like_html_is_text() -> None:
    assert blocks(paragraph("&lt;script&gt;a &amp;amp; b&lt;/script&gt;")) == ["<script>a &amp; b</script>"]


def test_a_style_map_in_the_document_does_not_count() -> None:
    files: dict[str, str | bytes] = {
        "_rels/.rels": relations(officeDocument="word/document.xml"),
        "word/document.xml": f"<w:document {W}><w:body>{paragraph('Words.')}</w:body></w:document>",
        "mammoth/style-map": "p => !",
    }
    assert parse(zipped(files)).text == "Words.\n"


def test_an_entity_that_names_a_file_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("The secret.")
    prolog = f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'
    assert parse(docx(paragraph("One. &s;"), prolog)).text == "One.\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "no_text"),
        (docx(""), "no_text"),
        (docx("<w:p/>"), "no_text"),
        (OLE, "encrypted"),
        (b"%PDF-1.7", "damaged"),
        (docx(paragraph("&b;"), LAUGHS), "damaged"),
        (docx("<w:p>"), "damaged"),
        (docx(paragraph("Words."))[:-30], "damaged"),
        (zipped({"word/document.xml": "<a/>"}), "damaged"),
        (zipped({"_rels/.rels": relations(officeDocument="../../../etc/passwd"), "word/a": ""}), "damaged"),
        (docx("<w:tbl><w:tr><w:tc>" * 9_000 + "</w:tc></w:tr></w:tbl>" * 9_000), "damaged"),
        (docx("<w:smartTag>" * 9_000 + "</w:smartTag>" * 9_000), "damaged"),
    ],
)
def test_what_cannot_be_read(data: bytes, status: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(data)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unit_test_headers.docx", "Paragraph 1.2.3.1"),
        ("word_tables.docx", "Cell 1.0 | Merged Cell 1.1 1.2\n"),
        ("textbox.docx", "Suggested Reportable Symptoms:"),
        ("xxe.docx", "Lorem ipsum dolor sit amet"),
    ],
)
def test_real_documents(name: str, words: str) -> None:
    text = parse(shared(f"documents/{name}").read_bytes()).text
    assert words in text
    assert "root:" not in text


@pytest.mark.parametrize(
    ("name", "status"),
    [("protected_normal_case.docx", "encrypted"), ("truncated.docx", "damaged"), ("billion_laughs.docx", "damaged")],
)
def test_real_documents_that_cannot_be_read(name: str, status: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(shared(f"documents/{name}").read_bytes())
    assert caught.value.status == status


M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def numbered(text: str, level: int = 0) -> str:
    numbers = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
    return f"<w:p><w:pPr>{numbers}</w:pPr>{run(text)}</w:p>"


NUMBERING = f"""<w:numbering {W}><w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/></w:lvl>
</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""


def test_automatic_numbers_are_written() -> None:
    body = (
        numbered("Rent.") + numbered("Deep.", 1) + numbered("Deep too.", 1) + numbered("Term.") + numbered("Deep.", 1)
    )
    assert blocks(body, numbering=NUMBERING) == ["1. Rent.", "1.a) Deep.", "1.b) Deep too.", "2. Term.", "2.a) Deep."]


def test_struck_and_hidden_text_is_not_read_and_is_told() -> None:
    body = f"<w:p>{run('It is ')}{run('7', '<w:strike/>')}{run(' 9.')}{run(' No.', '<w:vanish/>')}</w:p>"
    document = parse(docx(body))
    assert document.text == "It is 9.\n"
    assert document.left_out == ("1 struck-out passage", "1 hidden passage")


def test_equations_are_read_in_their_sentence() -> None:
    fraction = "<m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
    math = f"<m:oMath {M}><m:r><m:t>Q=</m:t></m:r>{fraction}</m:oMath>"
    assert blocks(f"<w:p>{run('It is ')}{math}{run(' litres.')}</w:p>") == ["It is Q = (a + b)/2 litres."]


def test_a_page_break_glues_no_sentences_and_ruby_keeps_its_base() -> None:
    broken = f"<w:p>{run('One.')}<w:r><w:br w:type='page'/></w:r>{run('Two.')}<w:r><w:cr/></w:r>{run('Three.')}</w:p>"
    over = f"<w:ruby><w:rt>{run('kan')}</w:rt><w:rubyBase>{run('漢')}</w:rubyBase></w:ruby>"
    ruby = f"<w:p><w:r>{over}</w:r>{run('字')}</w:p>"
    assert blocks(broken + ruby) == ["One.\nTwo.\nThree.", "漢字"]


def test_text_boxes_are_read_once() -> None:
    names = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    new = f"<w:drawing><x><w:txbxContent>{paragraph('In a box.')}</w:txbxContent></x></w:drawing>"
    old = f"<w:pict><v:textbox><w:txbxContent>{paragraph('In a box.')}</w:txbxContent></v:textbox></w:pict>"
    choices = f"<mc:Choice>{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback>"
    both = f"<mc:AlternateContent {names}>{choices}</mc:AlternateContent>"
    body = f"<w:p>{run('Before.')}<w:r>{both}</w:r></w:p>{paragraph('After.')}"
    assert blocks(body) == ["Before.", "In a box.", "After."]
    assert blocks(f"<w:p>{run('Before.')}<w:r>{new}</w:r></w:p>") == ["Before.", "In a box."]


def test_a_label_stands_in_each_row_that_it_spans() -> None:
    first = '<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>' + paragraph("North")
    second = "<w:tcPr><w:vMerge/></w:tcPr><w:p/>"
    assert blocks(table([first, paragraph("12")], [second, paragraph("15")])) == ["North | 12", "North | 15"]
