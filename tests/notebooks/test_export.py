"""A notebook as a document: every word is there in every format, and none is markup."""

import json
from io import BytesIO

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from askreport.answering.library import Library
from askreport.bibliography.styles import STYLES
from askreport.notebooks.blocks import Block, blocks_of, difference
from askreport.notebooks.export import FORMATS, as_json, markdown, page, word
from askreport.notebooks.recheck import State, Step
from tests.notebooks.conftest import FERRY, NOTEBOOK, content_of, item_of

HOSTILE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
SAME = State("same", "/documents/d")
CHANGED = State("different", "/documents/d", (Step("The ferry sails", "The ferry sails"), Step("hour", "two hours")))


def blocks(library: Library, state: State = SAME, note: str = "Look.") -> list[Block]:
    items = [item_of(content_of(library), note=note)]
    return blocks_of(NOTEBOOK, items, {"i": [state]}, STYLES["apa"], "http://x")


def test_a_quote_stands_there_with_its_question_citation_note_and_source(library: Library) -> None:
    made = blocks(library)
    assert [each.kind for each in made] == ["heading", "heading", "quote", "citation", "note", "heading", "entry"]
    assert [each.text for each in made[:3]] == ["A trip", "When?", FERRY]
    assert made[3].url == "http://x/documents/d"
    assert "para. 2" in made[3].text


def paragraphs(data: bytes) -> str:
    return "\n".join(each.text for each in docx.Document(BytesIO(data)).paragraphs)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_the_words_the_note_and_what_has_changed(library: Library, form: str) -> None:
    data = FORMATS[form].write(blocks(library, CHANGED))
    text = paragraphs(data) if form == "docx" else data.decode()
    for words in (FERRY, "Look.", "[−hour−]", "[+two hours+]"):
        assert words in text.replace("\\", ""), words


def test_the_difference_is_told_in_brackets() -> None:
    assert difference(CHANGED) == "The ferry sails [−hour−] [+two hours+]"


@given(HOSTILE)
def test_no_word_is_markup(words: str) -> None:
    made = [Block("heading", "x", 1), Block("paragraph", words), Block("entry", words)]
    shown = str(lxml_html.document_fromstring(page(made)).xpath("string(//p[@class='paragraph'])"))
    assert shown.split() == words.split()
    rendered = MarkdownIt().render(markdown(made).decode())
    assert "<script" not in rendered
    assert "<img" not in rendered
    assert paragraphs(word(made)).split("\n")[0] == "x"


def test_what_xml_cannot_hold_is_told_apart_from_words() -> None:
    assert paragraphs(word([Block("paragraph", "a\0b\x1bc")])) == "a\ufffdb\ufffdc"


def test_as_json_it_has_the_states_and_the_sources(library: Library) -> None:
    whole = json.loads(as_json(NOTEBOOK, [item_of(content_of(library))], {"i": [CHANGED]}))
    assert whole["items"][0]["states"][0]["steps"][1] == {"kept": "hour", "now": "two hours"}
    assert len(whole["sources"]) == 1
    assert whole["name"] == "A trip"
