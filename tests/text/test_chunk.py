"""Passages and sentences: the invariants on generated documents, and examples of what readers write."""

import json
import re
from bisect import bisect
from collections.abc import Callable
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.digest import text_sha256
from askreport.parse.markdown import parse_markdown
from askreport.parse.text import parse_text
from askreport.text.chunk import MAX_GAP, MAX_SENTENCE_CHARS, MAX_WORDS, chunk
from askreport.types import Document, Heading, Passage, Span
from tests.conftest import REPORT, shared
from tests.tools.timing import PROCESSOR, ratio

WORD = re.compile(r"\w")

# Pieces that once broke a rule or look as if they could: marks, abbreviations, odd spaces, what has to be cut.
PIECES = st.sampled_from(
    [
        *("# One\n", "\n## Two ##\n", "#\n", "### 3.\n", "Four\n====\n", "\n", "\n\n", "---\n", "***\n", "> ", "```\n"),
        *("- ", "* ", "1. ", "42.\n\n", "2) ", "• ", "| a | b |\n", "|---|---|\n", "    code\n", "title: x\n"),
        *("Mr. Smith went. ", "The U.S. agreed. ", "He said “no.” Then left. ", "e.g. ", "3.14 ", "... ", "?! "),
        *("。中国。", "word " * 60, "long " * 200, "x" * 1_000, "*" * 950, " " * 950, ". ", '"', "("),
        *("\u2028", "\x85", "\u3000", "\x0c", "\ufeff", "\u200b", "🙂"),
    ]
)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
TEXTS = st.lists(PIECES | WORDS, max_size=25).map("".join)


def plain(text: str) -> Document:
    return Document(id="id", path="a.txt", title="A", text=text, sha256=text_sha256(text))


def markdown(text: str) -> Document:
    return parse_markdown(text.encode(), "a.md", "A")


FRONT_MATTER = "---\ntitle: On Trade\nkind: note\n---\n"
DOCUMENTS = st.one_of(
    TEXTS.map(plain),
    TEXTS.map(lambda text: markdown(f"Start.\n\n{text}")),
    TEXTS.map(lambda text: markdown(f"{FRONT_MATTER}{text}")),
    TEXTS.map(lambda text: markdown(f"# Head\n{text}")),
)
on_any_document = given(DOCUMENTS)
thoroughly = settings(deadline=None, max_examples=300)


def words_of(document: Document, spans: tuple[Span, ...]) -> int:
    return sum(len(document.text[start:end].split()) for start, end in spans)


def positions(spans: list[Span]) -> set[int]:
    return {position for start, end in spans for position in range(start, end)}


def extents(passages: list[Passage]) -> list[Span]:
    return [Span(passage.start, passage.end) for passage in passages]


def sentences_of(document: Document) -> list[str]:
    """The texts of all sentences, each once, in order."""
    spans = dict.fromkeys(span for passage in chunk(document) for span in passage.sentences)
    return [document.text[start:end] for start, end in spans]


@thoroughly
@on_any_document
def test_a_passage_is_a_slice_without_white_space_around_it(document: Document) -> None:
    for passage in chunk(document):
        part = document.text[passage.start : passage.end]
        assert len(part) == passage.end - passage.start
        assert part == part.strip() != ""


@thoroughly
@on_any_document
def test_a_sentence_is_a_stripped_slice_with_a_word_in_it(document: Document) -> None:
    for sentence in sentences_of(document):
        assert sentence == sentence.strip()
        assert WORD.search(sentence)


@thoroughly
@on_any_document
def test_sentences_lie_in_order_inside_their_passage_and_do_not_overlap(document: Document) -> None:
    for passage in chunk(document):
        edges = [passage.start, *(edge for span in passage.sentences for edge in span), passage.end]
        assert edges == sorted(edges)


@thoroughly
@on_any_document
def test_every_passage_has_a_sentence(document: Document) -> None:
    assert all(passage.sentences for passage in chunk(document))


@pytest.mark.parametrize("run", ["\n\n", "---\n\n", "|\n\n"])
def test_a_long_run_without_a_word_makes_no_long_passage(run: str) -> None:
    lines = run * 4_000
    text = f"{lines}Nine goats.\n\n{lines}Two sheep.\n\n{lines}"
    passages = chunk(Document(id="0", path="", title="", text=text, sha256=""))
    sentences = [text[start:end] for passage in passages for start, end in passage.sentences]
    assert sentences == ["Nine goats.", "Two sheep."]
    assert max(passage.end - passage.start for passage in passages) <= 2 * MAX_GAP + 2 * MAX_SENTENCE_CHARS


def test_long_headings_and_many_of_them_make_no_long_passage() -> None:
    long, many = "goats " * 2_000, "".join(f"# Heading {n}\n\n" for n in range(3_000))
    document = markdown(f"# {long}\n\nNine goats.\n\n{many}Two sheep.")
    passages = chunk(document)
    assert max(passage.end - passage.start for passage in passages) <= 2 * MAX_GAP + 2 * MAX_SENTENCE_CHARS
    found = " ".join(document.text[passage.start : passage.end] for passage in passages)
    assert found.count("goats") == 2_001
    assert all(f"Heading {n}\n" in f"{found}\n" or f"Heading {n} " in found for n in range(3_000))


@thoroughly
@on_any_document
def test_passages_cover_all_but_white_space_furniture_and_long_runs_without_a_word(
    document: Document,
) -> None:
    prose = positions([Span(0, len(document.text))]) - positions(list(document.furniture))
    seen = {position for position in prose if not document.text[position].isspace()}
    covered = positions(extents(chunk(document)))
    words = sorted(position for position in seen if WORD.match(document.text[position]))
    assert words or not covered
    assert covered.issuperset(words)
    # What else is left out is far from the words on one side at least.
    for position in (seen - covered) if words else ():
        at = bisect(words, position)
        before, after = position - words[at - 1] if at else inf, words[at] - position if at < len(words) else inf
        assert max(before, after) >= MAX_GAP


@thoroughly
@on_any_document
def test_every_letter_outside_headings_and_furniture_is_in_a_sentence(document: Document) -> None:
    headings = [Span(heading.start, heading.end) for heading in document.headings]
    quoted = positions([span for passage in chunk(document) for span in passage.sentences])
    elsewhere = positions([*headings, *document.furniture])
    lost = {position for position, char in enumerate(document.text) if char.isalpha()} - quoted - elsewhere
    assert lost == set()


@thoroughly
@on_any_document
def test_furniture_is_in_no_passage(document: Document) -> None:
    assert not positions(extents(chunk(document))) & positions(list(document.furniture))


@thoroughly
@on_any_document
def test_a_passage_keeps_the_limit_of_words(document: Document) -> None:
    assert all(words_of(document, passage.sentences) <= MAX_WORDS for passage in chunk(document))


@thoroughly
@on_any_document
def test_a_sentence_keeps_the_limit_of_characters(document: Document) -> None:
    assert all(len(sentence) <= MAX_SENTENCE_CHARS for sentence in sentences_of(document))


def has_prose_under(document: Document, passage: Passage) -> bool:
    first = passage.sentences[0].start
    return not any(heading.start <= first < heading.end for heading in document.headings)


@thoroughly
@on_any_document
def test_no_passage_of_prose_goes_on_after_the_next_heading(document: Document) -> None:
    worded = [heading for heading in document.headings if WORD.search(heading.title)]
    for passage in filter(lambda each: has_prose_under(document, each), chunk(document)):
        first = passage.sentences[0].start
        assert not [heading for heading in worded if first < heading.start < passage.end]


@thoroughly
@on_any_document
def test_neighbouring_passages_share_at_most_one_sentence(document: Document) -> None:
    for before, after in pairwise(chunk(document)):
        assert len({*before.sentences} & {*after.sentences}) <= 1


@thoroughly
@on_any_document
def test_every_passage_brings_a_new_sentence(document: Document) -> None:
    for before, after in pairwise(chunk(document)):
        assert before.sentences[-1] < after.sentences[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He got none of those things. The secretary left.", ["He got none of those things.", "The secretary left."]),
        (
            "Mr. Xi met Dr. Li in the U.S. on Monday. It rained.",
            ["Mr. Xi met Dr. Li in the U.S. on Monday.", "It rained."],
        ),
        ("- one thing\n- another\n* a third", ["one thing", "another", "a third"]),
        ("1. First point\n2) Second point\n10. Tenth", ["1. First point", "2) Second point", "10. Tenth"]),
        (
            "He met on the\n14. of June and decided that the\n- by then old - cranes would go.",
            ["He met on the\n14. of June and decided that the\n- by then old - cranes would go."],
        ),
        ("Needed\n1) a record\n2) a deposit", ["Needed", "1) a record", "2) a deposit"]),
        ("Needed:\n- a record", ["Needed:", "a record"]),
        ("2. The lessee may not sublet. He pays.", ["2. The lessee may not sublet.", "He pays."]),
        ("> Quoted words.", ["Quoted words."]),
        ("A line\nthat goes on.", ["A line\nthat goes on."]),
        ("A title\n\nand prose", ["A title", "and prose"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["a | b |", "1 | 2 |"]),
        ("How many?\n\n42.\n\nThat many.", ["How many?", "42.", "That many."]),
        ("1992 was the year.", ["1992 was the year."]),
        ("...\n\n***\n\nWords.", ["Words."]),
    ],
)
def test_sentences_are_what_a_reader_takes_for_one(text: str, expected: list[str]) -> None:
    assert sentences_of(plain(text)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# A\n\nOne.\n\n## B\n\nTwo.\n\n# C\n\nThree.\n", [("A",), ("A", "B"), ("C",)]),
        ("### Deep\n\nOne.\n\n# Top\n\nTwo.\n", [("Deep",), ("Top",)]),
        ("Before.\n\n# A\n\nOne.\n", [(), ("A",)]),
        ("# A\n\n## B\n\nOne.\n", [("A", "B")]),
    ],
)
def test_a_passage_knows_the_headings_above_it(source: str, expected: list[tuple[str, ...]]) -> None:
    assert [passage.heading for passage in chunk(markdown(source))] == expected


def test_a_passage_begins_with_the_headings_right_above_it() -> None:
    document = markdown("# A\n\n## B\n\nOne.\n")
    (passage,) = chunk(document)
    assert document.text[passage.start : passage.end] == "# A\n\n## B\n\nOne."


def test_a_heading_is_no_sentence_of_the_prose_below_it() -> None:
    assert sentences_of(markdown("# A\n\nOne.\n")) == ["One."]


def test_headings_with_nothing_under_them_are_sentences_of_their_own() -> None:
    assert sentences_of(markdown("# A\n\n## B\n")) == ["# A", "## B"]


def test_a_long_list_of_headings_is_several_passages() -> None:
    assert len(chunk(markdown("# A heading of five words\n\n" * 100))) > 1


def test_a_heading_without_a_word_at_the_end_belongs_to_the_last_passage() -> None:
    document = markdown("Words.\n\n#\n\n***\n")
    (passage,) = chunk(document)
    assert document.text[passage.start : passage.end] == "Words.\n\n#\n\n***"


@pytest.mark.parametrize("text", ["", " \n", "***\n\n---", "...", "\u200b"])
def test_a_text_without_a_word_has_no_passages(text: str) -> None:
    assert chunk(plain(text)) == []


def test_nothing_but_front_matter_has_no_passages() -> None:
    assert chunk(markdown(FRONT_MATTER)) == []


def test_a_hundred_thousand_characters_without_a_space_are_cut_into_sentences() -> None:
    assert [len(each) for each in sentences_of(plain("x" * 100_000))] == [MAX_SENTENCE_CHARS] * 111 + [100]


def growth(made: Callable[[int], Document], size: int) -> float:
    """How many times as long a document takes as a quarter of it: 4 times in a straight line, 16 in the square."""
    whole, quarter = made(size), made(size // 4)
    return ratio(lambda: chunk(whole), lambda: chunk(quarter), 4, PROCESSOR, min)


def test_the_time_for_text_without_spaces_grows_with_its_length() -> None:
    assert growth(lambda size: plain("x" * size), 10_000_000) < 10


def test_the_time_for_headings_grows_with_their_number() -> None:
    def headed(size: int) -> Document:
        headings = tuple(Heading(start=start, end=start + 2, level=1, title="H") for start in range(0, 10 * size, 10))
        return Document(id="id", path="a.md", title="A", text="H\nWords.\n\n" * size, sha256="", headings=headings)

    assert growth(headed, 20_000) < 10


def test_rows_of_cells_below_one_another_are_sentences_of_their_own() -> None:
    rows = ["Country | Capital | People", "France | Paris | 68 million", "Germany | Berlin | 84 million"]
    assert sentences_of(plain("The capitals:\n\n" + "\n".join(rows))) == ["The capitals:", *rows]


@pytest.mark.parametrize(
    "lines",
    [
        [
            "[2024-05-02 10:01] anna: has anyone seen the figures?",
            "[2024-05-02 10:09] ben: the shop was shut",
            "10:11 no",
        ],
        ["10:00 Opening", "10:15 Talk by Ms Lee", "11:00 Coffee"],
        ["ANNA: we lost it", "BEN: why", "ANNA: no idea, ask\nCarla about it"],
        ["Price: 40 euros", "**Delivery:** within ten days, but not on\nSundays", "Origin: Italy"],
        ["Protokoll", "Anwesend: Krüger, Becker", "Entschuldigt: Sommer"],
        ["Заседание", "Присутствуют: Иванов", "Отсутствует: Петров"],
    ],
)
def test_turns_of_chats_and_fields_of_forms_are_sentences_of_their_own(lines: list[str]) -> None:
    assert sentences_of(plain("\n".join(lines))) == lines


@pytest.mark.parametrize(
    "text",
    ["The train leaves at\n10:30 and arrives in the evening.", "He was clear on\nOne thing: it must not end."],
)
def test_one_line_that_begins_like_a_turn_ends_no_sentence(text: str) -> None:
    assert sentences_of(plain(text)) == [text]


def test_one_line_with_a_bar_in_it_ends_no_sentence() -> None:
    text = "He had the choice of yes\nor no | neither of which\nhe liked."
    assert sentences_of(plain(text)) == [text]


def test_lines_of_one_number_take_little_longer_than_others() -> None:
    numbered, others = plain("A list\n3. ab" + "\n3. ab" * 4_000), plain("A text\nab ab" + "\nab ab" * 4_000)
    assert ratio(lambda: chunk(numbered), lambda: chunk(others), 3, PROCESSOR, min) < 60


def test_a_sentence_of_too_many_words_is_cut_between_words() -> None:
    assert {word for each in sentences_of(plain("word " * 1_000)) for word in each.split()} == {"word"}


def test_long_sentences_are_not_repeated_from_one_passage_to_the_next() -> None:
    document = plain(f"{'word ' * 170}end. " * 3)
    assert [len(passage.sentences) for passage in chunk(document)] == [1, 1, 1]


def test_a_sentence_is_not_repeated_when_the_next_paragraph_has_no_room_beside_it() -> None:
    document = plain(f"Start here. Word {'word ' * 129}end.\n\nNext paragraph of a few words.")
    assert [len(passage.sentences) for passage in chunk(document)] == [2, 1]


def test_the_passages_of_the_report_are_of_a_length_a_reader_can_take_in() -> None:
    report = parse_text(REPORT.read_bytes(), REPORT.name, "Report")
    words = [words_of(report, passage.sentences) for passage in chunk(report)]
    assert (min(words) >= 40, max(words) <= MAX_WORDS) == (True, True)


@pytest.mark.parametrize(
    "sentence",
    [
        "He got none of those things.",
        "Russia is a member of the Shanghai Cooperation Organisation, not the other way around.",
        "The service seems genuinely torn.",
    ],
)
def test_the_report_is_read_sentence_by_sentence(sentence: str) -> None:
    assert sentence in sentences_of(parse_text(REPORT.read_bytes(), REPORT.name, "Report"))


def test_no_sentence_of_the_report_crosses_a_paragraph() -> None:
    assert not [s for s in sentences_of(parse_text(REPORT.read_bytes(), REPORT.name, "Report")) if "\n" in s]


def test_real_documents_lose_no_character() -> None:
    lines = shared("eval/stici-longdoc/corpus.jsonl").read_text().splitlines()[:20]
    for document in [plain(json.loads(line)["text"]) for line in lines]:
        seen = {position for position, char in enumerate(document.text) if not char.isspace()}
        assert seen <= positions(extents(chunk(document)))


@pytest.mark.parametrize("start", ["-5% growth", ">50% of those asked", "+49 30 1234", "-40 degrees"])
def test_a_sign_before_a_number_is_part_of_the_sentence(start: str) -> None:
    assert sentences_of(plain(f"{start} was recorded in 2022.")) == [f"{start} was recorded in 2022."]


def test_a_negative_number_in_a_table_keeps_its_sign() -> None:
    assert sentences_of(plain("| -3.2 | Q1 |"))[0].startswith("-3.2")


def test_a_number_at_the_start_of_a_wrapped_line_does_not_cut_the_sentence() -> None:
    text = "The population of the region fell by\n3.5 million people in ten years."
    assert sentences_of(plain(text)) == [text]
