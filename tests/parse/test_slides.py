"""Presentations: slides are pages, titles headings, tables and charts rows, in the order of the file."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from askreport.errors import ParseError
from askreport.parse.slides import parse_pptx
from askreport.types import Document
from tests.conftest import shared
from tests.parse.test_archive import LAUGHS, OLE, zipped

AREA = (Inches(1), Inches(1), Inches(4), Inches(3))


def saved(presentation: Any) -> bytes:
    stream = BytesIO()
    presentation.save(stream)
    return stream.getvalue()


def parse(presentation: Any) -> Document:
    data = presentation if isinstance(presentation, bytes) else saved(presentation)
    return parse_pptx(data, "a.pptx", "File Name")


def blocks(presentation: Any) -> list[str]:
    return parse(presentation).text.rstrip("\n").split("\n\n")


def blank(presentation: Any) -> Any:
    return presentation.slides.add_slide(presentation.slide_layouts[6]).shapes


def changed(data: bytes, name: str, old: str, new: str) -> bytes:
    """The file with a text of one member replaced."""
    source = ZipFile(BytesIO(data))
    files: dict[str, str | bytes] = {each: source.read(each) for each in source.namelist()}
    assert old.encode() in source.read(name)
    return zipped(files | {name: source.read(name).replace(old.encode(), new.encode(), 1)})


def text_box(words: str, presentation: Any = None) -> Any:
    presentation = presentation or Presentation()
    blank(presentation).add_textbox(*AREA).text_frame.text = words
    return presentation


def test_slides_are_pages_with_their_titles_as_headings_and_notes_last() -> None:
    presentation = Presentation()
    for number in (1, 2):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = f"Title {number}\vgoes on"
        slide.placeholders[1].text = "One.\nTwo."
    presentation.slides[0].notes_slide.notes_text_frame.text = "Say this."
    document = parse(presentation)
    assert [(page.number, document.text[page.start : page.end]) for page in document.pages] == [
        (1, "Title 1 goes on\n\nOne.\n\nTwo.\n\nSay this.\n\n"),
        (2, "Title 2 goes on\n\nOne.\n\nTwo.\n"),
    ]
    assert [heading.title for heading in document.headings] == ["Title 1 goes on", "Title 2 goes on"]
    assert (document.title, document.has_title) == ("Title 1 goes on", True)


def test_a_slide_without_text_still_counts() -> None:
    presentation = Presentation()
    blank(presentation)
    assert [page.number for page in parse(text_box("Words.", presentation)).pages] == [2]


def test_a_tables_rows_are_blocks_and_merged_cells_are_written_once() -> None:
    presentation = Presentation()
    table = blank(presentation).add_table(2, 3, *AREA).table
    for at, words in enumerate(["a", "b\nc", "d", "e", "", "f"]):
        table.cell(at // 3, at % 3).text = words
    table.cell(1, 0).merge(table.cell(1, 1))
    assert blocks(presentation) == ["a | b c | d", "e | | f"]


@pytest.mark.parametrize(
    "kind", [XL_CHART_TYPE.LINE, XL_CHART_TYPE.PIE, XL_CHART_TYPE.THREE_D_COLUMN, XL_CHART_TYPE.DOUGHNUT]
)
def test_a_charts_title_and_data_are_read(kind: XL_CHART_TYPE) -> None:
    data = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["2021", "2022"]
    data.add_series("Tons", (1.5, 170))  # type: ignore[no-untyped-call]
    presentation = Presentation()
    drawn = kind if kind != XL_CHART_TYPE.THREE_D_COLUMN else XL_CHART_TYPE.COLUMN_CLUSTERED
    chart = blank(presentation).add_chart(drawn, *AREA, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Ships by year"
    source = saved(presentation)
    if kind != drawn:  # python-pptx can neither make nor read it.
        name = next(name for name in ZipFile(BytesIO(source)).namelist() if name.startswith("ppt/charts/chart"))
        for tag in ("<c:barChart>", "</c:barChart>"):
            source = changed(source, name, tag, tag.replace("bar", "bar3D"))
    assert blocks(source) == ["Ships by year", "| Tons", "2021 | 1.5", "2022 | 170"]


def test_a_chart_of_points_is_read() -> None:
    data = XyChartData()  # type: ignore[no-untyped-call]
    series = data.add_series("Tons")  # type: ignore[no-untyped-call]
    series.add_data_point(1, 2.5)
    series.add_data_point(3, 4)
    presentation = Presentation()
    blank(presentation).add_chart(XL_CHART_TYPE.XY_SCATTER, *AREA, data)
    assert blocks(presentation) == ["| Tons", "1 | 2.5", "3 | 4"]


def test_groups_are_read_in_their_place_however_deep() -> None:
    presentation = Presentation()
    shapes = blank(presentation)
    shapes.add_textbox(*AREA).text_frame.text = "One."
    group = shapes
    for _ in range(60):
        group = group.add_group_shape().shapes
    group.add_textbox(*AREA).text_frame.text = "Two."
    shapes.add_textbox(*AREA).text_frame.text = "Three."
    assert blocks(presentation) == ["One.", "Two.", "Three."]


def test_a_raised_number_is_no_part_of_the_one_before_it() -> None:
    presentation = Presentation()
    paragraph = blank(presentation).add_textbox(*AREA).text_frame.paragraphs[0]
    for words in ("10", "6", " tons, the 1", "st"):
        run = paragraph.add_run()
        run.text = words
        if words in ("6", "st"):
            run.font._element.set("baseline", "30000")
    assert blocks(presentation) == ["10^6 tons, the 1st"]


def test_nesting_without_end_is_damaged() -> None:
    deep = "<p:grpSp>" * 5_000 + "</p:grpSp>" * 5_000
    data = changed(saved(text_box("Words.")), "ppt/slides/slide1.xml", "</p:spTree>", f"{deep}</p:spTree>")
    with pytest.raises(ParseError) as caught:
        parse(data)
    assert caught.value.status == "damaged"


def test_entities_are_refused() -> None:
    data = changed(saved(text_box("Words.")), "ppt/slides/slide1.xml", "<p:sld ", f"{LAUGHS}<p:sld ")
    with pytest.raises(ParseError, match="entity"):
        parse(data)


def test_a_slide_that_is_missing_is_damage() -> None:
    source = ZipFile(BytesIO(saved(text_box("Words."))))
    names = [name for name in source.namelist() if name != "ppt/slides/slide1.xml"]
    with pytest.raises(ParseError) as caught:
        parse(zipped({name: source.read(name) for name in names}))
    assert caught.value.status == "damaged"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "no_text"),
        (OLE, "encrypted"),
        (b"%PDF-1.7", "damaged"),
        (zipped({"ppt/presentation.xml": "<a/>"}), "damaged"),
        (zipped({"xl/workbook.xml": "<a/>"}), "damaged"),
        (saved(Presentation()), "no_text"),
        (saved(text_box("Words."))[:-99], "damaged"),
    ],
)
def test_what_cannot_be_read(data: bytes, status: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(data)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("name", "words", "number"),
    [
        ("powerpoint_sample.pptx", "Test Table Slide", 1),
        ("powerpoint_sample.pptx", "Some notes on the second slide.", 2),
        ("pptx_chart.pptx", "Wild Duck Observations by Year", 1),
        ("pptx_chart.pptx", "2022 | 175 | 130", 1),
    ],
)
def test_real_presentations(name: str, words: str, number: int) -> None:
    document = parse(shared(f"documents/{name}").read_bytes())
    at = document.text.index(words)
    assert [page.number for page in document.pages if page.start <= at < page.end] == [number]
