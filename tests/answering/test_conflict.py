"""Quotes of different documents that give different answers are told from those that agree or cannot be compared."""

from dataclasses import replace
from pathlib import Path

import pytest

from askreport.answering.conflict import differ, values
from askreport.answering.library import Library
from askreport.answering.quotes import cut_quote
from askreport.store import LocalStore
from askreport.types import Quote, Slice, Span
from tests.tools.parts import document, publish, scored


def quotes(folder: Path, *texts: str) -> tuple[LocalStore, list[Quote]]:
    """A quote of each text, each from a document of its own."""
    documents = [document(text, f"{n}.txt") for n, text in enumerate(texts)]
    store = publish(folder, documents)
    cut = [cut_quote(store, n, scored(each.id, Span(0, len(each.text)))) for n, each in enumerate(documents, start=1)]
    return store, cut


PLACED = "The sources place the 72nd Special Service Center in"
CENTRE = "To which country does the 72nd Special Service Center belong?"


@pytest.mark.parametrize(
    ("question", "one", "other", "expected"),
    [
        (CENTRE, "They saw the Chinese 72nd Special Services Center.", f"{PLACED} the GRU.", True),
        (CENTRE, "The 72nd Special Service Center is in the GRU.", f"{PLACED} the GRU.", False),
        (CENTRE, "The 72nd Special Service Center is in the GRU.", "The weather was fine.", False),
        ("When did the Vasa sink?", "The Vasa sank in 1628.", "The Vasa went down in 1629.", True),
        ("When did the Vasa sink?", "The Vasa sank in 1628.", "In 1628 the Vasa was lost.", False),
        ("When did the Vasa sink?", "The Vasa sank in 1628.", "It sank between 1620 and 1630.", False),
        ("How many spies are there?", "There are 1,000 spies.", "There are 1000 spies.", False),
        ("How many spies are there?", "There are 1,000 spies.", "There are 2,000 spies.", True),
        ("How many spies are there?", "In 2010 there were 7 spies.", "There were 9 spies in 2010.", True),
        ("How many spies are there?", "In 2010 there were 7 spies.", "In 2011 there were 7 spies.", False),
        ("When did it sink?", "With 30 men it sank in 1628.", "In 1628 it sank with 28 men.", False),
        ("Who leads the GRU?", "The GRU is led by Kostyukov.", "By then Korobov led the GRU.", True),
        ("Why did it sink?", "It sank in 1628.", "It sank in 1629.", False),
    ],
)
def test_values_that_exclude_each_other_differ(
    tmp_path: Path, question: str, one: str, other: str, expected: bool
) -> None:
    store, cut = quotes(tmp_path, one, other)
    assert differ(store, question, cut) is expected


def marked(quote: Quote, *answers: str) -> Quote:
    """The quote with the words that answer, by a reader."""
    places = [(quote.text.index(answer), answer) for answer in answers]
    spans = tuple(Slice(text=answer, start=at, end=at + len(answer)) for at, answer in places)
    return replace(quote, emphasis=spans)


def test_the_words_that_answer_are_compared_where_a_reader_marks_them(tmp_path: Path) -> None:
    store, (one, other, third) = quotes(
        tmp_path,
        "By 1700 only Korobov led the GRU.",
        "The GRU was led by Igor Kostyukov, says Korobov.",
        "Of 12 ships the Vasa sank on 10 August 1628.",
    )
    assert not differ(store, "Who leads the GRU?", [marked(one, "Korobov"), marked(other, "Korobov")])
    assert differ(store, "Who leads the GRU?", [marked(one, "Korobov"), marked(other, "Igor Kostyukov")])
    assert not differ(store, "When did the Vasa sink?", [marked(third, "10 August 1628"), marked(one, "only")])
    assert differ(store, "When did the Vasa sink?", [marked(third, "10 August 1628"), marked(one, "1700")])


def test_one_document_does_not_differ_from_itself(tmp_path: Path) -> None:
    item = document("The Vasa sank in 1628. The Vasa sank in 1629.")
    store = publish(tmp_path, [item])
    cut = [cut_quote(store, 1, scored(item.id, Span(*span))) for span in ((0, 22), (23, 45))]
    assert not differ(store, "When did the Vasa sink?", cut)


def test_numbers_of_the_question_are_no_answers(tmp_path: Path) -> None:
    store, _ = quotes(tmp_path, "x")
    assert values(store, "How many of the 50 spies were caught?", "Of 50 spies 7 were caught.") == {"7"}


def test_the_report_and_its_notes_differ_about_the_72nd_centre(library: Library) -> None:
    answer = library.ask("To which country does the 72nd Special Service Center belong?")
    assert answer.differ
    assert len({quote.document.id for quote in answer.quotes}) > 1
