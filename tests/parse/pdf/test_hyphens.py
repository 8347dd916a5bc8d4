"""Words that are divided at a line's end are made whole, and what has a hyphen of its own keeps it."""

import pytest

from askreport.parse.pdf.hyphens import Hyphens
from tests.parse.pdf.made import Shown, drawn
from tests.parse.pdf.test_arrange import line
from tests.parse.pdf.test_reader import parsed


@pytest.mark.parametrize(
    ("before", "after", "elsewhere", "goes"),
    [
        ("of infor-", "mation here", "", True),
        ("a well-", "known man", "is well-known", False),
        ("a dis-", "ease", "the disease", True),
        ("the univer-", "sity-affiliated", "university", True),
        ("too far to go-", "ing home", "", True),
        ("a university-", "affiliated body", "a university, affiliated with it", False),
        ("a state-of-", "the art", "", False),
        ("a state-", "of-the-art plan", "", False),
        ("a blue-", "collar job", "blue skies", False),
        ("Anglo-", "Saxon", "", False),
        ("2013-", "2014", "", False),
        ("a word -", "aside", "", False),
    ],
)
def test_a_hyphen_goes_where_the_words_of_the_document_say_so(
    before: str, after: str, elsewhere: str, goes: bool
) -> None:
    lines = [line(before, 200), line(after, 214), line(elsewhere or "x", 300)]
    assert Hyphens(lines).divides(before, after) == goes


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("The long-", "term programme", "The long-term programme"),
        ("the inter-", "national bank", "the international bank"),
        ("an anti-", "corruption office", "an anti-corruption office"),
        ("in Pres-", "sburg it", "in Pressburg it"),
        ("die Donau-", "dampfer", "die Donaudampfer"),
        ("firm Altara-", "Bergwerk got", "firm Altara-Bergwerk got"),
        ("ran from 2010–", "2015 and", "ran from 2010–2015 and"),
        ("received 1,", "200 tons", "received 1,200 tons"),
        ("on pages 12,", "134 and 140", "on pages 12, 134 and 140"),
        ("articles 3, 12,", "134 of it", "articles 3, 12, 134 of it"),
        ("short-", "and long-term", "short- and long-term"),
        ("a state\u2010", "owned firm", "a state\u2010owned firm"),
        ("the inter\u2010", "national bank", "the international bank"),
        ("the A\u2011", "class", "the A\u2011class"),
        ("policy—", "which", "policy—which"),
        ("a word –", "another", "a word – another"),
        ("and/", "or", "and/or"),
        ("it over-", "looked them", "it overlooked them"),
        ("for COVID-", "19 cases", "for COVID-19 cases"),
    ],
)
def test_what_stands_between_the_halves(before: str, after: str, joined: str) -> None:
    gap, divides = Hyphens([line(before, 200), line(after, 214)]).gap(before, after)
    assert (before[:-1] if divides else before) + gap + after == joined


def test_a_soft_hyphen_within_a_line_is_no_blank() -> None:
    """PDFium leaves out the character, and its width looked like a space that PDFium had missed."""
    names = b"/CIDInit begincmap 1 begincodespacerange <00> <FF> endcodespacerange\n"
    names += b"2 beginbfrange <20> <7E> <0020> <AD> <AD> <00AD> endbfrange endcmap"
    unicode = f"<</Length {len(names)}>>stream\n{names.decode()}\nendstream"
    data = drawn([Shown("a soft\xadened word")], more=[unicode], fonts={"F1": "/ToUnicode 3 0 R"})
    assert parsed(data).document.text == "a softened word\n"
