"""Invariant 1: a quote is a slice of the stored text, or it is not shown; passages are slices as well."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.answering.quotes import (
    ANSWERED_FROM,
    CONTEXT,
    QUOTE_SHARE,
    UNCERTAIN_FROM,
    choose_quotes,
    cut_quote,
    decide,
    merge_hits,
)
from askreport.answering.reading import MAX_QUOTES, Reading
from askreport.digest import text_digest
from askreport.errors import IndexDamagedError
from askreport.indexing.ingest import ingest
from askreport.models.scorer import Judged
from askreport.store import Candidate, LocalStore, Store
from askreport.types import Document, Hit, Page, Quote, Span
from tests.conftest import CORPUS
from tests.tools.parts import PARSERS, HashingEncoder, document, pdf, prose, publish, scored

VOCABULARY = sorted({word for file in CORPUS.iterdir() for word in re.findall(r"\w+", file.read_text())})
words = st.sampled_from(VOCABULARY) | st.text(max_size=8) | st.sampled_from(["🙂", "“”", "\u202e", "中国", "1992?"])
questions = st.lists(words, min_size=1, max_size=12).map(" ".join).filter(str.strip)


def assert_is_a_slice(store: Store, quote: Quote) -> None:
    """Everything that a quote promises."""
    source = store.document(quote.document.id)
    text = source.text
    assert text[quote.start : quote.end] == quote.text
    assert quote.text.strip() == quote.text != ""
    assert hashlib.sha256(text.encode()).hexdigest() == source.sha256 == quote.document.sha256
    position, words = quote.selector
    assert (position.start, position.end) == (quote.start, quote.end)
    assert words.exact == quote.text
    assert words.prefix + words.exact + words.suffix in text
    assert words.prefix == text[max(0, quote.start - CONTEXT) : quote.start]
    assert words.suffix == text[quote.end : quote.end + CONTEXT]
    assert quote.url == f"/documents/{quote.document.id}#char={quote.start},{quote.end}"
    for each in quote.context:
        assert text[each.start : each.end] == each.text != ""
    for bold in quote.emphasis:
        assert text[bold.start : bold.end] == bold.text != ""
    assert all(each.end <= quote.start or each.start >= quote.end for each in quote.context)
    assert all(quote.start <= each.start < each.end <= quote.end for each in quote.emphasis)
    for place in quote.also_at:
        assert (place.document_id, place.start) != (quote.document.id, quote.start)
        other = store.document(place.document_id).text[place.start : place.end]
        assert text_digest(other) == text_digest(quote.text)
        assert other.casefold().split() == quote.text.casefold().split()


def assert_hit_is_a_slice(store: Store, hit: Hit) -> None:
    source = store.document(hit.document.id)
    assert source.text[hit.start : hit.end] == hit.text
    assert hit.document.sha256 == source.sha256
    assert hit.url == f"/documents/{hit.document.id}#char={hit.start},{hit.end}"


# Quotes


@given(questions)
def test_whatever_is_asked_every_quote_and_passage_is_a_slice_of_the_stored_text(
    library: Library, question: str
) -> None:
    store = library.store
    answer = ask(store, library.encoder, question)
    for quote in answer.quotes:
        assert_is_a_slice(store, quote)
    for hit in answer.passages:
        assert_hit_is_a_slice(store, hit)
    assert [quote.n for quote in answer.quotes] == list(range(1, len(answer.quotes) + 1))
    assert len(answer.quotes) <= MAX_QUOTES
    assert bool(answer.quotes) == (answer.status != "not_found")


def test_every_sentence_of_the_library_can_be_quoted(library: Library) -> None:
    store = library.store
    for item in store.documents():
        for span in store.sentences(item.id):
            assert_is_a_slice(store, cut_quote(store, 1, scored(item.id, span, 0.5)))


@pytest.mark.parametrize("span", [(-1, 5), (5, 5), (7, 5), (0, 10**9), (10**9, 10**9 + 5)])
def test_a_span_outside_the_text_is_damage_and_never_a_quote(library: Library, span: tuple[int, int]) -> None:
    item = library.store.documents()[0]
    with pytest.raises(IndexDamagedError) as caught:
        cut_quote(library.store, 1, scored(item.id, Span(*span), 0.5))
    assert caught.value.hint


def test_the_context_is_cut_at_the_ends_of_the_text(tmp_path: Path) -> None:
    item = document("First one. " + "Middle sentence here. " * 3 + "Last one.")
    store = publish(tmp_path, [item])
    first = cut_quote(store, 1, scored(item.id, Span(0, 10), 0.5)).selector[1]
    last = cut_quote(store, 1, scored(item.id, Span(77, 86), 0.5)).selector[1]
    assert (first.prefix, first.exact, len(first.suffix)) == ("", "First one.", CONTEXT)
    assert (len(last.prefix), last.exact, last.suffix) == (CONTEXT, "Last one.", "")


def test_offsets_count_code_points(tmp_path: Path) -> None:
    item = document("🙂🙃 Ünïcode стоит здесь. 中国说了什么。 The end is near.")
    store = publish(tmp_path, [item])
    for span in store.sentences(item.id):
        assert_is_a_slice(store, cut_quote(store, 1, scored(item.id, span, 0.5)))


def test_the_same_words_elsewhere_are_places_of_the_quote(tmp_path: Path) -> None:
    one = document("The sky is blue. Grass is green.\n\nTHE SKY\tis  Blue.", "one.txt")
    two = document("Nobody knows.\n\nthe sky\nis blue.", "two.txt")
    store = publish(tmp_path, [one, two])
    quote = cut_quote(store, 1, scored(one.id, Span(0, 16), 0.5))
    assert_is_a_slice(store, quote)
    assert {place.document_id for place in quote.also_at} == {one.id, two.id}
    assert len(quote.also_at) == 2


def test_a_quote_names_its_page_and_heading(tmp_path: Path) -> None:
    item = replace(
        document("One. Two.\fThree."), pages=(Page(number=7, start=0, end=10), Page(number=8, start=10, end=16))
    )
    store = publish(tmp_path, [item])
    quote = cut_quote(store, 2, scored(item.id, Span(10, 16), 0.56789, ("Part", "Chapter")))
    assert (quote.page, quote.heading, quote.n, quote.score) == (8, ("Part", "Chapter"), 2, 0.5679)


# Which quotes


def reading(store: Store, ranks: Sequence[float]) -> Reading:
    """A reading whose sentences are the first of the first document, with these ranks."""
    item = store.documents()[0]
    spans = store.sentences(item.id)
    read = [scored(item.id, span, rank) for span, rank in zip(spans, ranks, strict=False)]
    return Reading(tuple(read))


@given(st.lists(st.floats(0, 1), max_size=8).map(lambda ranks: sorted(ranks, reverse=True)))
def test_one_to_three_quotes_near_the_best_are_shown_in_order(library: Library, ranks: list[float]) -> None:
    quotes = choose_quotes(library.store, reading(library.store, ranks))
    assert bool(quotes) == bool(ranks)
    assert len(quotes) == len(ranks[:1]) + sum(rank >= QUOTE_SHARE * ranks[0] for rank in ranks[1:MAX_QUOTES])
    assert [quote.score for quote in quotes] == [round(rank, 4) for rank in ranks[: len(quotes)]]


@given(st.floats(0, 1))
def test_the_status_is_decided_by_the_confidence(confidence: float) -> None:
    expected = "answered" if confidence >= ANSWERED_FROM else "uncertain"
    assert decide(confidence) == ("not_found" if confidence < UNCERTAIN_FROM else expected)


def test_a_quote_carries_what_it_hangs_on_and_the_words_that_answer(tmp_path: Path) -> None:
    item = document("They share no signs of trust. This includes bases and ships. The SVR spies.")
    store = publish(tmp_path, [item])
    sentence = scored(item.id, Span(30, 60))
    judged = Judged(logit=1.0, answers=(Span(14, 19), Span(24, 40)))
    told = replace(sentence, considered=replace(sentence.considered, judged=judged))
    (quote,) = choose_quotes(store, Reading((told,)))
    assert_is_a_slice(store, quote)
    assert [(each.role, each.text) for each in quote.context] == [("before", "They share no signs of trust.")]
    # What is not within the quote is not emphasised.
    assert [each.text for each in quote.emphasis] == [item.text[44:49]]


def test_context_has_its_page_and_boxes_as_a_quote_has(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    lines = ["The two services share no bases.", "", "This includes the ports of the north and of the south."]
    (tmp_path / "corpus" / "bases.pdf").write_bytes(pdf(lines))
    ingest([tmp_path / "corpus"], tmp_path / "index", HashingEncoder(), PARSERS)
    store = Library(tmp_path / "index", HashingEncoder()).store
    item = store.documents()[0]
    span = store.sentences(item.id)[1]
    (quote,) = choose_quotes(store, Reading((scored(item.id, span),)))
    (before,) = quote.context
    assert (before.role, before.text, before.page) == ("before", "The two services share no bases.", 1)
    assert before.boxes
    assert before.boxes[0].bottom <= quote.boxes[0].top


def test_a_question_and_its_answer_are_one_quote(tmp_path: Path) -> None:
    item = document("Who owns the depot?\n\nThe trust of the town of Sorel.\n")
    store = publish(tmp_path, [item])
    asked, answered = (scored(item.id, span, 0.9) for span in store.sentences(item.id))
    (quote,) = choose_quotes(store, Reading((asked, answered)))
    assert quote.text == "The trust of the town of Sorel."
    assert [(each.role, each.text) for each in quote.context] == [("question", "Who owns the depot?")]


def test_the_header_of_the_best_row_is_quoted_behind_it(tmp_path: Path) -> None:
    item = document("Year | Dust | Workers\n\n2017 | 12 | 905\n\n2018 | 9 | 880\n")
    store = publish(tmp_path, [item])
    first, second = (scored(item.id, span, 0.9) for span in store.sentences(item.id)[1:])
    quotes = choose_quotes(store, Reading((second, first)))
    assert [quote.text for quote in quotes] == ["2018 | 9 | 880", "Year | Dust | Workers", "2017 | 12 | 905"]
    assert [quote.n for quote in quotes] == [1, 2, 3]


@given(st.data())
def test_the_context_of_every_quote_is_a_slice_of_the_same_text(library: Library, data: st.DataObject) -> None:
    store = library.store
    item = data.draw(st.sampled_from(store.documents()))
    span = data.draw(st.sampled_from(store.sentences(item.id)))
    for quote in choose_quotes(store, Reading((scored(item.id, span, 0.5),))):
        assert_is_a_slice(store, quote)


# Passages


def candidates(store: LocalStore, numbers: Sequence[int]) -> list[Candidate]:
    """These passages as candidates, the first with the best score."""
    found = store.passages(numbers)
    return [
        Candidate(stored=stored, score=1 - n / 64, dense=0.5 - n / 64, lexical=3.0 - n / 64)
        for n, stored in enumerate(found)
    ]


@pytest.fixture(scope="module")
def sections(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    """Two documents, each of three sections of several passages; the second and third sections have the same name."""
    return publish(tmp_path_factory.mktemp("sections"), [sectioned("a.txt", 0), sectioned("b.txt", 10)])


def sectioned(path: str, seed: int) -> Document:
    parts = [f"{title}\n{prose(seed + n, 30)}" for n, title in enumerate(["Origins", "Notes", "Notes"])]
    return document("\n\n".join(parts), path, ["Origins", "Notes", "Notes"])


def section_of(store: LocalStore, number: int) -> tuple[str, int]:
    """The document and the heading that a passage stands under."""
    passage = store.passages([number])[0].passage
    headings = store.document(passage.document_id).headings
    return passage.document_id, sum(heading.start <= passage.sentences[0].start for heading in headings)


def test_the_samples_sections_have_neighbours(sections: LocalStore) -> None:
    of = [section_of(sections, number) for number in range(sections.manifest.counts.passages)]
    assert len(set(of)) == 6
    assert all(of.count(section) >= 3 for section in of)


@given(st.data())
def test_hits_are_slices_and_runs_of_neighbours_under_one_heading(sections: LocalStore, data: st.DataObject) -> None:
    every = range(sections.manifest.counts.passages)
    numbers = data.draw(st.lists(st.sampled_from(every), unique=True, min_size=1))
    chosen = candidates(sections, numbers)
    hits = merge_hits(sections, chosen, len(chosen))
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1 and section_of(sections, number) == section_of(sections, number - 1):
            runs[-1].append(number)
        else:
            runs.append([number])
    expected = set()
    for run in runs:
        passages = [stored.passage for stored in sections.passages(run)]
        best = max(run, key=lambda number: -numbers.index(number))
        score = round(1 - numbers.index(best) / 64, 4)
        expected.add((passages[0].document_id, passages[0].start, passages[-1].end, score))
    assert {(hit.document.id, hit.start, hit.end, hit.score) for hit in hits} == expected
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert_hit_is_a_slice(sections, hit)


def test_two_neighbours_that_a_third_joins_become_one(sections: LocalStore) -> None:
    (hit,) = merge_hits(sections, candidates(sections, [0, 2, 1]), 3)
    first, last = sections.passages([0, 2])
    assert (hit.start, hit.end) == (first.passage.start, last.passage.end)
    assert (hit.score, hit.dense, hit.lexical) == (1.0, 0.5, 3.0)


def test_the_limit_is_counted_before_merging(sections: LocalStore) -> None:
    assert len(merge_hits(sections, candidates(sections, [0, 5, 1]), 2)) == 2
    assert merge_hits(sections, [], 5) == ()


def test_neighbours_in_two_documents_stay_two(sections: LocalStore) -> None:
    border = sections.documents()[0].passages
    hits = merge_hits(sections, candidates(sections, [border - 1, border]), 2)
    assert [hit.document.path for hit in hits] == ["a.txt", "b.txt"]


def test_neighbours_under_two_headings_of_the_same_name_stay_two(sections: LocalStore) -> None:
    of = [section_of(sections, number) for number in range(sections.manifest.counts.passages)]
    border = next(n for n in range(1, len(of)) if of[n] != of[n - 1] and of[n][1] == 3)
    hits = merge_hits(sections, candidates(sections, [border - 1, border]), 2)
    assert [hit.heading for hit in hits] == [("Notes",), ("Notes",)]


# Small things


def test_a_quote_of_a_page_that_ocr_read_says_so(tmp_path: Path) -> None:
    pages = (
        Page(number=1, start=0, end=17, width=612, height=792),
        Page(number=2, start=17, end=34, width=612, height=792, ocr=True),
    )
    made = document("The first is red. The second too.\n")
    store = publish(tmp_path, [replace(made, pages=pages, metadata={"ocr_pages": 3})])
    spans = store.sentences(made.id)
    quotes = [cut_quote(store, 1, scored(made.id, span)) for span in spans]
    assert [(quote.page, quote.ocr) for quote in quotes] == [(1, False), (2, True)]
