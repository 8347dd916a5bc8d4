"""An overview is the document's own words, and its questions are answered by it; questions about a whole lead there."""

from pathlib import Path

import pytest

from askreport.answering import offered as module
from askreport.answering.library import Library
from askreport.answering.overview import MAX_KEY_SENTENCES, MAX_QUESTIONS, MAX_SPOKEN, overview
from askreport.answering.whole import asks_for_whole
from askreport.errors import DocumentNotFoundError
from askreport.models.encoder import Encoder
from askreport.parse.markdown import parse_markdown
from askreport.store import DocumentSummary
from askreport.text.links import link
from askreport.types import Filter, Span
from tests.tools.parts import HashingEncoder, document, publish


def all_documents(library: Library) -> list[DocumentSummary]:
    return library.store.documents()


def test_everything_in_an_overview_is_a_slice_of_the_document(library: Library) -> None:
    for summary in all_documents(library):
        found, text = library.overview(summary.id), library.store.document(summary.id)
        extracts = [*found.key_sentences, *found.conclusions, *(each.answer for each in found.questions)]
        for each in extracts:
            assert text.text[each.start : each.end] == each.text
            assert each.url == link(text, Span(each.start, each.end))
        for spoken in (*found.dates, *found.names, *found.figures):
            assert " ".join(text.text[spoken.start : spoken.end].split()) == spoken.text
        assert 3 <= len(found.key_sentences) <= MAX_KEY_SENTENCES
        assert [each.start for each in found.key_sentences] == sorted({each.start for each in found.key_sentences})
        assert max(len(found.dates), len(found.names), len(found.figures)) <= MAX_SPOKEN
        assert [each.title for each in found.outline] == [heading.title for heading in text.headings]


def test_the_reader_answers_each_question_of_an_overview_from_that_document(library: Library) -> None:
    asked = 0
    for summary in all_documents(library):
        found = library.overview(summary.id)
        assert len(found.questions) <= MAX_QUESTIONS
        assert len({each.answer.start for each in found.questions}) == len(found.questions)
        for each in found.questions:
            answer = library.ask(each.question, within=Filter(documents=(summary.id,)))
            assert answer.status == "answered"
            assert answer.quotes[0].text == each.answer.text
        asked += len(found.questions)
    # Nearly all documents offer all three.
    assert asked >= 3 * len(all_documents(library)) - 3


def test_the_reader_is_asked_so_often_and_so_long_at_most(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    (report,) = [each for each in all_documents(library) if each.path == "china-russia-report.txt"]

    def found() -> int:
        return len(overview(library.store, library.encoder, library.scorer, report.id).questions)

    assert found() == MAX_QUESTIONS
    with monkeypatch.context() as patched:
        patched.setattr(module, "MAX_TRIED", 1)
        assert found() <= 1
    monkeypatch.setattr(module, "MAX_SECONDS", -1.0)
    assert found() == 0


def test_a_document_that_concludes_is_said_to(tmp_path: Path, encoder: Encoder) -> None:
    text = (
        "# Ferries\n\nThe ferry to Texel sails every hour from six in the morning until midnight.\n\n"
        "# Conclusions\n\nThe ferry should sail twice an hour in summer, when the island has many visitors.\n"
    )
    publish(tmp_path, [parse_markdown(text.encode(), "a.md", "A"), document("One line only.", "b.txt")], encoder)
    made = Library(tmp_path, encoder)
    first, second = made.store.documents()
    found = made.overview(first.id)
    assert found.concludes
    assert [each.text for each in found.conclusions] == [text.strip().rpartition("\n")[2]]
    empty = made.overview(second.id)
    assert (empty.key_sentences, empty.questions, empty.outline) == ((), (), ())
    with pytest.raises(DocumentNotFoundError):
        made.overview("0" * 16)


def test_an_overview_is_made_once_for_each_state(tmp_path: Path) -> None:
    publish(tmp_path, [document("The ferry to Texel sails every hour from six in the morning.", "a.txt")])
    made = Library(tmp_path, HashingEncoder())
    (one,) = made.store.documents()
    assert made.overview(one.id) is made.overview(one.id)


@pytest.mark.parametrize(
    "question",
    [
        "summarise the report",
        "Can you give me a brief summary of this document, please?",
        "what is this about",
        "What’s in here?",
        "what are its conclusions",
        "What are the main findings of the paper?",
        "What does the report say?",
        "tl;dr",
    ],
)
def test_a_question_about_a_whole_document_leads_to_overviews(library: Library, question: str) -> None:
    assert asks_for_whole(question)
    answer = library.ask(question)
    assert (answer.status, answer.quotes, answer.passages) == ("not_found", (), ())
    assert answer.overviews


@pytest.mark.parametrize(
    "question",
    [
        "What does the report say about China?",
        "Summarise China’s position on the war",
        "What are the results of the election?",
        "What are the main points of the peace plan?",
        "What is a document?",
        "Who wrote the report?",
    ],
)
def test_a_question_that_a_sentence_may_answer_is_read(library: Library, question: str) -> None:
    assert not asks_for_whole(question)
    assert not library.ask(question).overviews


def test_the_document_that_is_named_or_chosen_is_offered(library: Library) -> None:
    (named,) = library.ask("Summarise the china russia report").overviews
    assert named.path == "china-russia-report.txt"
    chosen = all_documents(library)[-1]
    (offered,) = library.ask("What is this about?", within=Filter(documents=(chosen.id,))).overviews
    assert offered.id == chosen.id
