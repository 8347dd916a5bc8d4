"""A conversation saved: every question, every quote word for word, and links that lead back."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from markdown_it import MarkdownIt

from askreport.answering.as_text import DIFFER, UNCERTAIN
from askreport.answering.library import Library
from askreport.answering.refusal import REFUSAL
from askreport.check.check import check
from askreport.config import Settings
from askreport.service.app import create_app
from askreport.service.pages.conversation import conversation
from askreport.service.shared.gate import Gate
from tests.conftest import CORPUS
from tests.tools.parts import TestClient

SVR = "does the SVR spy on China?"
QUESTIONS = [SVR, "And the GRU?", "How do I reset my password?", "Who hacked Russian defence institutes?"]
DIFFERING = "To which country does the 72nd Special Service Center belong?"
NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
BASE = "http://127.0.0.1:8000"


def links(markdown: str) -> list[str]:
    parts = [part for block in MarkdownIt("commonmark").parse(markdown) for part in block.children or []]
    return [str(part.attrGet("href")) for part in parts if part.type == "link_open"]


def test_it_has_the_questions_in_order_with_their_answers(library: Library) -> None:
    text = conversation(library, QUESTIONS, BASE, NOW)
    assert text.startswith("# Questions and answers\n\n2026-01-31 12:30 UTC\n\n## does the SVR spy on China?\n\n")
    assert re.findall(r"^## (.+)$", text, re.M) == QUESTIONS
    first, second, refused, _ = text.split("\n## ")[1:]
    assert "Answered in the documents’ own words." in first
    assert "Understood as: does the GRU spy on China?" in second
    assert REFUSAL in refused
    assert "> " not in refused
    assert text.count("from the library as of ") == len(QUESTIONS)


def test_its_quotes_pass_the_check_of_quotations_word_for_word(library: Library) -> None:
    text = conversation(library, QUESTIONS, BASE, NOW)
    report = check(library.store, text)
    quotes = [
        quote.text for at, each in enumerate(QUESTIONS) for quote in library.ask(each, history=QUESTIONS[:at]).quotes
    ]
    assert [each.text for each in report.quotations] == quotes
    assert {each.status for each in report.quotations} == {"verbatim"}


def test_its_links_lead_to_the_quotes_and_to_the_answers(library: Library, client: TestClient) -> None:
    found = links(conversation(library, QUESTIONS[:2], BASE, NOW))
    assert all(link.startswith(f"{BASE}/") for link in found)
    answers = [parse_qs(urlsplit(link).query) for link in found if "?q=" in link]
    assert answers == [{"q": [SVR]}, {"q": ["And the GRU?"], "after": [SVR]}]
    for link in found:
        assert client.get(link.removeprefix(BASE)).status_code == 200


def test_doubt_and_difference_are_said(library: Library) -> None:
    text = conversation(library, [DIFFERING], BASE, NOW)
    assert f"**{DIFFER}**" in text
    uncertain = next(
        each
        for each in (
            "Does the SVR spy on Japan?",
            "Who leads the SVR?",
            "Does China spy on Russia?",
            "Do they share bases?",
        )
        if is_uncertain(library, each)
    )
    assert UNCERTAIN in conversation(library, [uncertain], BASE, NOW)


def is_uncertain(library: Library, question: str) -> bool:
    return library.ask(question).status == "uncertain"


def test_markup_in_a_question_is_text(library: Library) -> None:
    text = conversation(library, ["<b>Who</b> `spies` [x](javascript:y) # #"], BASE, NOW)
    assert not [link for link in links(text) if not link.startswith(BASE)]
    heading = MarkdownIt("commonmark").parse(text)[7]
    assert heading.content == r"\<b\>Who\</b\> \`spies\` \[x\](javascript:y) \# \#"
    assert {part.type for part in heading.children or []} == {"text"}


def test_it_is_saved_under_a_name_with_the_date(client: TestClient) -> None:
    response = client.get("/conversation.md", params={"q": "And the GRU?", "after": [SVR, " "]})
    assert response.headers["content-type"] == "text/markdown; charset=utf-8"
    name = f"conversation-{datetime.now(UTC):%Y-%m-%d}.md"
    assert response.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert re.findall(r"^## (.+)$", response.text, re.M) == [SVR, "And the GRU?"]
    assert "](http://127.0.0.1/documents/" in response.text


@pytest.mark.parametrize("params", [{}, {"q": " "}, {"q": "x" * 2_001}, {"q": "a", "after": "x" * 2_001}])
def test_what_cannot_be_asked_cannot_be_saved(client: TestClient, params: dict[str, str]) -> None:
    assert client.get("/conversation.md", params=params).status_code == 422
    page = client.get("/conversation.md", params=params, headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")


def test_it_waits_its_turn_with_the_questions(library: Library) -> None:
    app = create_app(Settings(corpus=CORPUS, index=library.index), library)
    app.state.gate = Gate(1, waiting=0)
    with TestClient(app) as client:
        response = client.get("/conversation.md", params={"q": SVR})
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
