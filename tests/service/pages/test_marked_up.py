"""Markdown is shown as it is meant to be seen, and no character of the text is added or lost."""

from hypothesis import given
from hypothesis import strategies as st

from askreport.parse.markdown import parse_markdown
from askreport.service.pages.marked_up import MarkedUp, Piece, in_runs, listed_sources, named_sources
from askreport.types import Document, Span
from tests.tools.timing import PROCESSOR, ratio

FRONT = '---\ntitle: T\nsources:\n  1: "A paper, https://example.org/a"\n  20: "Another"\n---\n'


def made(text: str, path: str = "a.md") -> Document:
    return parse_markdown(text.encode(), path, "A")


def pieces(text: str) -> list[Piece]:
    document = made(text)
    start = document.furniture[0].end if document.furniture else 0
    return MarkedUp(document).pieces(Span(start, len(document.text)))


def seen(text: str) -> str:
    return "".join("•" if each.kind == "bullet" else each.text for each in pieces(text) if each.kind != "mk")


def test_marks_are_not_seen_and_what_they_set_apart_is() -> None:
    text = "## A **bold** head ##\n\n- one *thing*\n* two\n\n"
    text += "`code` of [a page](https://example.org) \\* a_b_c 2 * 3 * 4\n\n---\n"
    assert seen(text) == "A bold head\n\n• one thing\n• two\n\ncode of a page * a_b_c 2 * 3 * 4\n\n\n"
    kinds = {each.text: (each.kind, each.href) for each in pieces(text) if each.kind not in ("", "mk", "bullet")}
    assert kinds == {
        "bold": ("strong", ""),
        "thing": ("em", ""),
        "code": ("code", ""),
        "a page": ("link", "https://example.org"),
    }


def test_fenced_code_keeps_its_signs() -> None:
    assert seen("```\n# not a head\n**x**\n```\n# a head\n") == "\n# not a head\n**x**\n\na head\n"


def test_a_link_that_could_run_a_script_leads_nowhere() -> None:
    found = pieces("[x](javascript:alert) [y](data:text/html,z) [z](/documents)")
    assert [each.text for each in found if each.kind == "link"] == ["x", "y", "z"]
    assert not any(each.href for each in found)


def test_numbers_in_brackets_lead_to_the_sources_that_the_document_lists() -> None:
    found = [(each.text, each.href) for each in pieces(f"{FRONT}Said so [20][1], not [3].") if each.kind]
    assert found == [("[20]", "#source-20"), ("[1]", "#source-1")]
    document = made(f"{FRONT}Words.")
    assert [each.number for each in named_sources("[20][1] and [20][3]", document.metadata)] == [20, 1]
    assert listed_sources(document.metadata)[1].url == "https://example.org/a"
    assert listed_sources({"sources": ["One", "Two"]})[2].text == "Two"
    assert listed_sources({"sources": "none"}) == listed_sources({}) == {}


def test_a_text_that_is_not_markdown_keeps_its_marks() -> None:
    document = made("## A **bold** head", "a.txt")
    assert MarkedUp(document).pieces(Span(0, 18)) == [Piece("## A **bold** head")]


@given(st.text(alphabet="ab *_`[]()#-\\\n123>~", max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_pieces_are_the_text_cut_up(text: str, first: int, second: int) -> None:
    document = made(f"x{text}")
    start, end = sorted((min(first, len(document.text)), min(second, len(document.text))))
    found = MarkedUp(document).pieces(Span(start, end))
    assert "".join(each.text for each in found) == document.text[start:end]
    marked = Span(start + (end - start) // 3, end)
    runs = [(is_marked, "".join(each.text for each in run)) for is_marked, run in in_runs(found, start, marked)]
    assert "".join(words for _, words in runs) == document.text[start:end]
    assert [words for is_marked, words in runs if is_marked] == [document.text[marked.start : marked.end]] * (
        start < end
    )


def test_reading_marks_takes_time_in_proportion_to_the_text() -> None:
    def read(count: int) -> None:
        MarkedUp(made("*a [b `c **d " * count))

    assert ratio(lambda: read(8_000), lambda: read(2_000), clock=PROCESSOR) < 12


def test_a_part_of_a_document_is_read_by_its_path() -> None:
    assert MarkedUp.of_part("# One\n\ntwo", "a.md")[0] == Piece("# ", "mk")
    assert [(each.text, each.kind) for each in MarkedUp.of_part("# One\n\ntwo", "a.txt")] == [("# One\n\ntwo", "")]
