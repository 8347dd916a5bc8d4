"""Rich text: paragraphs and rows, in the code pages that the file names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.errors import ParseError
from askreport.parse.rtf import parse_rtf
from tests.conftest import shared
from tests.parse.test_archive import OLE, zipped


def parse(data: bytes) -> list[str]:
    return parse_rtf(data, "a.rtf", "File Name").text.rstrip("\n").split("\n\n")


def blocks(source: str) -> list[str]:
    return parse(rf"{{\rtf1\ansi\deff0 {source}}}".encode("cp1252"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"One.\par Two {\b bold\b0}ly.\par", ["One.", "Two boldly."]),
        (r"\'84K\'f6ln\'93 \u381?lu\u357\'3f", ["„Köln“ Žluť"]),
        ("Köln", ["Köln"]),
        (r"A \u-10179?\u-8704? face", ["A 😀 face"]),
        (r"a \{b\} \\ c|d", [r"a {b} \ c|d"]),
        (r"a\~b\emdash c\endash d\lquote e\rquote", ["a b—c–d‘e’"]),
        (r"{\header No.}{\footer No.}{\*\unknown No.}{\info{\title No.}}One.", ["One."]),
        (r'{\field{\*\fldinst{HYPERLINK "http://example.org"}}{\fldrslt{a link}}} here.', ["a link here."]),
        (r"{\fonttbl{\f0\fcharset128 \'82\'6c\'82\'72;}{\f1 Arial;}}{\colortbl;\red0;}One.", ["One."]),
        (r"{\fonttbl{\f0\fcharset204 Arial;}}\f0\'cf\'f0\'e8", ["При"]),
    ],
)
def test_paragraphs(source: str, expected: list[str]) -> None:
    assert blocks(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"Before.\par\trowd\intbl a\cell b\cell\row\trowd\intbl c|d\cell e\cell\row\pard After.",
         ["Before.", "a | b", "c|d | e", "After."]),
        (r"\trowd\intbl a\par b\cell c\cell\trowd\row", ["a b | c"]),
        (r"\trowd a\cell\cell c\cell\row", ["a | | c"]),
        (r"\trowd \u381\cell\u357\cell\row", ["Ž | ť"]),
        (r"\trowd C:\\\cell \\cell\cell\row", [r"C:\ | \cell"]),
        (r"\trowd a\cell b\cell Never closed.", ["a | b | Never closed."]),
        (r"\cellx99\rowx One.", ["One."]),
    ],
)  # fmt: skip
def test_a_row_is_a_block(source: str, expected: list[str]) -> None:
    assert blocks(source) == expected


def test_pictures_are_left_out() -> None:
    digits = "89504e47" * 2_000
    assert blocks(rf"One.{{\pict\pngblip{{\*\blipuid 00}} {digits}}} Two.") == ["One. Two."]
    data = rb"{\rtf1 One.{\pict\bin13 \par }}{{{{{{} Two.}"
    assert parse(data) == ["One. Two."]


def test_the_title_is_the_given_one() -> None:
    document = parse_rtf(rb"{\rtf1 Words.}", "a.rtf", "File Name")
    assert (document.title, document.has_title, document.headings) == ("File Name", False, ())


def test_nesting_without_end_is_read() -> None:
    assert parse(rb"{\rtf1 " + b"{" * 100_000 + b"One." + b"}" * 100_000) == ["One."]


@given(st.lists(st.text("abc \\{}|žЖ漢😀", min_size=1, max_size=12), min_size=1, max_size=5))
def test_no_word_is_lost(paragraphs: list[str]) -> None:
    def written(text: str) -> str:
        units = text.encode("utf-16-le")
        codes = [int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2)]
        return "".join(f"\\u{code}?" if code > 127 else f"\\'{code:02x}" for code in codes)

    data = r"{\rtf1\ansi " + r"\par ".join(map(written, [*paragraphs, "End."])) + "}"
    assert " ".join(parse(data.encode())).split() == " ".join([*paragraphs, "End."]).split()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "no_text"),
        (b"{\\rtf1}", "no_text"),
        (OLE, "encrypted"),
        (zipped({"word/document.xml": ""}), "damaged"),
        (b"%PDF-1.7", "damaged"),
        (b"Only words.", "damaged"),
        (rb"{\rtf1 \u9999999999 x}", "damaged"),
        (rb"{\rtf1 \uc x}", "damaged"),
    ],
)
def test_what_cannot_be_read(data: bytes, status: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(data)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fake-doc.rtf", "My First Heading\n\nMy first paragraph."),
        ("fake-doc.rtf", "Row 1, Cell 1 | Row 1, Cell 2\n"),
        ("testRTFWindowsCodepage1250.rtf", "zażółć gęślą jaźń"),
    ],
)
def test_real_files(name: str, words: str) -> None:
    assert words in parse_rtf(shared(f"documents/{name}").read_bytes(), name, "x").text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            r"In 2011{\super 4} it was 10{\super 6} tons, the 1{\super st} time.",
            ["In 2011 it was 10^6 tons, the 1st time."],
        ),
        (r"It had 48\super 1\nosupersub  guns.", ["It had 48^1 guns."]),
        (
            r"In 1812{\super\chftn}{\footnote {\super\chftn} Army list.} it fell.\par After.",
            ["In 1812 it fell.", "Army list.", "After."],
        ),
        (r"It was {\deleted ten}{\revised twelve} marks.", ["It was twelve marks."]),
        (r"It was {\strike ten} twelve.{\v Hidden.}", ["It was twelve."]),
        (r"It fell on\line the third.", ["It fell on\nthe third."]),
        (r"{\pntext 1.\tab}One.\par {\listtext 2.\tab}Two.", ["1. One.", "2. Two."]),
        (
            r"Before {\shp{\*\shpinst{\shptxt \pard In a box.\par}}}it.\par After.",
            ["Before it.", "In a box.", "After."],
        ),
        (r"Well 7 gives {\mmath{\*\moMath{\mr Q=3.4}}} litres.", ["Well 7 gives Q=3.4 litres."]),
    ],
)
def test_what_striprtf_would_drop_or_run_together(source: str, expected: list[str]) -> None:
    assert blocks(source) == expected


def test_a_label_stands_in_each_row_that_it_spans() -> None:
    first = r"\trowd\clvmgf\cellx1\cellx2\pard\intbl North\cell 12\cell\row"
    second = r"\trowd\clvmrg\cellx1\cellx2\pard\intbl \cell 15\cell\row"
    assert blocks(f"{first}{second}\\pard") == ["North | 12", "North | 15"]
