"""Checking a draft: what is called verbatim is verbatim, what was altered never is, and every place is a slice."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from askreport.answering.quotes import MAX_PLACES
from askreport.check.check import (
    CANDIDATES,
    DIFFERENT_FROM,
    MAX_ALIGNED_CHARS,
    MAX_DRAFT_CHARS,
    MAX_QUOTATIONS,
    MIN_ALIGNED_WORDS,
    CheckedQuotation,
    Difference,
    DraftText,
    check,
    is_plain,
    read_draft,
)
from askreport.errors import ParseError, QuestionError
from askreport.store import LocalStore, Store
from askreport.text.links import link, reference
from askreport.text.wording import MAX_BRACKETED_WORDS, MAX_LEFT_OUT, Folded, Wording, splits_word
from askreport.types import Page, Span
from tests.conftest import REPORT, shared
from tests.tools.parts import PARSERS, document, made_files, publish
from tests.tools.timing import PROCESSOR, ratio

TEXT = (
    "At the same time, while the SVR is under agreement not to spy on the Chinese, it is the Russian military "
    "intelligence (GRU) that simply fills the gap. The military spies are institutionally less politicized.\n\n"
    "Russia’s trade fell by 10.5 percent, to -5 billion – half of it ‘new’ money. Putin wanted three things from "
    "China. He got none of those things. That non-military alliance can’t last until 1992–1995, the West—in vain—said."
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    return publish(tmp_path_factory.mktemp("check"), [document(TEXT)])


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    return publish(tmp_path_factory.mktemp("report"), [document(REPORT.read_text(), REPORT.name)])


def one(store: Store, quotation: str, marks: str = "“”") -> CheckedQuotation:
    (checked,) = check(store, f"He said: {marks[0]}{quotation}{marks[1]}").quotations
    assert checked.text == quotation.strip()
    assert_places_are_slices(store, checked)
    return checked


def assert_places_are_slices(store: Store, checked: CheckedQuotation) -> None:
    """Everything that a checked quotation promises of its places."""
    assert (checked.status == "not_found") == (not checked.places)
    assert (checked.status == "different") == bool(checked.differences)
    assert checked.status == "verbatim" or not checked.tolerated
    for place in checked.places:
        source = store.document(place.document.id)
        assert place.text == source.text[place.start : place.end] == place.text.strip() != ""
        assert place.document == reference(source)
        assert place.url == link(source, Span(place.start, place.end))
    if checked.differences:
        joined = [" ".join(filter(None, side)) for side in zip(*map(sides, checked.differences), strict=True)]
        assert joined == [" ".join(checked.text.split()), " ".join(checked.places[0].text.split())]


def sides(difference: Difference) -> tuple[str, str]:
    return difference.draft, difference.source


def tolerated(store: Store, quotation: str, marks: str = "“”") -> tuple[str, ...] | None:
    """What was tolerated to call it verbatim; None if it was not."""
    checked = one(store, quotation, marks)
    return checked.tolerated if checked.status == "verbatim" else None


# Verbatim


@pytest.mark.parametrize(
    "quotation",
    [
        "the SVR is under agreement not to spy on the Chinese",
        "the SVR is under agreement not to spy on the Chinese,",
        "gap",
        "that simply fills the gap. The military spies",
        "(GRU) that",
        "GRU",
        "10.5 percent, to -5 billion",
        "West",
        "the West",
        "in vain—said.",
    ],
)
def test_an_exact_quotation_needs_no_tolerance(store: Store, quotation: str) -> None:
    checked = one(store, quotation, "«»")
    assert (checked.status, checked.tolerated, checked.similarity) == ("verbatim", (), 1.0)
    assert checked.places[0].text == quotation
    assert TEXT[checked.places[0].start : checked.places[0].end] == quotation


@pytest.mark.parametrize(
    ("quotation", "expected"),
    [
        ("Russia's trade fell", ["quotation marks"]),
        ('half of it "new" money', ["quotation marks"]),
        ("-5 billion - half of it", ["dashes"]),
        ("-5 billion—half of it", ["dashes", "white space"]),
        ("to −5 billion", ["dashes"]),
        ("until 1992-1995", ["dashes"]),
        ("the West -- in vain", ["dashes", "white space"]),
        ("under  agreement\nnot\u00a0to", ["white space"]),
        ("agree\u00adment not to spy", ["hyphenation"]),
        ("simply ﬁlls the gap", ["letter forms"]),
        ("the SVR is under agreement not … the Chinese", ["ellipsis"]),
        ("the SVR … agreement not to spy", ["ellipsis"]),
        ("… agreement not to spy...", ["ellipsis"]),
        ("simply fills the gap. … Russia’s trade fell", ["ellipsis"]),
        ("it [...] simply fills the gap. The (…) spies are", ["ellipsis"]),
        ("[I]t is the Russian military", ["brackets"]),
        ("[t]he military spies are", ["brackets"]),
        ("[the GRU] simply fills the gap", ["brackets"]),
        ("the military [sic] spies", None),
        ("The military [sic] spies", ["brackets"]),
        ("The [Russian] spies are", ["brackets"]),
        ("it is [an agency] that simply", None),
        ("intelligence [the GRU] that simply", ["brackets"]),
        ("fills the gap,", ["closing punctuation"]),
        ("trade fell.", ["closing punctuation"]),
        ("half of it ‘new.’", ["closing punctuation"]),
        ("Russia's trade ... to - 5 billion", None),
        (
            "[R]ussia's trade fell … to –5 billion;",
            ["brackets", "closing punctuation", "dashes", "ellipsis", "quotation marks"],
        ),
    ],
)
def test_what_typesetting_changes_and_an_author_marks_is_tolerated_and_named(
    store: Store, quotation: str, expected: list[str] | None
) -> None:
    assert tolerated(store, quotation, "«»") == (tuple(expected) if expected is not None else None)


def test_the_source_s_typography_is_tolerated_like_the_draft_s(tmp_path: Path) -> None:
    text = (
        "The co\u00adop\u00aderation of A—B was ‘ﬁ\u00adne’; an e\u0301lite inter-\nest in a well-\nknown  [sic] plan "
        "... of [T]he\u200b two."
    )
    store = publish(tmp_path, [document(text)])
    assert tolerated(store, "The cooperation of A-B was 'fine'") == (
        "dashes",
        "hyphenation",
        "letter forms",
        "quotation marks",
    )
    assert tolerated(store, "an élite") == ("letter forms",)
    assert tolerated(store, "interest in a") == ("hyphenation",)
    assert tolerated(store, "in a well-known [sic]") == ("white space",)
    assert tolerated(store, "[sic] plan ... of [T]he") == ()


def test_words_left_out_are_shown(store: Store) -> None:
    checked = one(store, "while the SVR … not to spy on the [people], it is")
    assert checked.tolerated == ("brackets", "ellipsis")
    assert checked.places[0].left_out == ("is under agreement", "Chinese")


@pytest.mark.parametrize(
    "quotation",
    [
        "The SVR is under agreement",
        "the svr is under agreement",
        "the SVR is under agreement to spy on the Chinese",
        "the SVR is under agreement … to spy on the Chinese",
        "the SVR is under agreement [...] spy on the Chinese",
        "the SVR is under agreement [indeed] to spy on the Chinese",
        "the SVR is under agreement not [never] to spy",
        "the SVR … [not] to spy",
        "the SVR is [not] under agreement",
        "the SVR is under agreement not to spy on the Chinese?",
        "Putin wanted [some] things from China",
        "Putin wanted four things from China",
        "He got [all] of those things",
        "He got … of those things",
        "[All] of those things",
        "[all] of those things",
        "[H]e got … things",
        "[Not] the military spies",
        "trade fell by 10",
        "trade fell by 10.",
        "fell by 1",
        "5 percent",
        "5 billion",
        "military alliance",
        "alliance can",
        "alliance cant last",
        "until 1992",
        "1995",
        "Russia",
        "agree",
        "agree[d] not to spy",
        "[dis]agreement",
        "[W]he SVR",
        "gap the military",
        "fills the gap The military",
        "spies … the SVR",
        "SVR … percent",
        "the SVR [a] to spy on",
        "while [it is under agreement] to spy",
        "the SVR is under agreement not to spy on the Chinese [at] all",
        "simply fills the gap … money?",
        "[t]hat … last",
    ],
)
def test_a_misquotation_is_not_verbatim(store: Store, quotation: str) -> None:
    assert tolerated(store, quotation) is None


@pytest.mark.parametrize(
    ("text", "quotation"),
    [
        ("This non-\nmilitary alliance can-\nnot last.", "military alliance"),
        ("This non-\nmilitary alliance can-\nnot last.", "alliance can"),
        ("A loss of 1/5 percent at 10:30 sharp.", "5 percent at"),
        ("A loss of 1/5 percent at 10:30 sharp.", "percent at 10"),
        ("It may help. He got no arms. Putin was ill then.", "It may help. He … Putin was ill"),
        ("He says the U.S. will not help. Taiwan is no match.", "says the U.S. … Taiwan is no"),
        ("Nothing fell? Trade rose.", "fell [sic] Trade"),
    ],
)
def test_what_a_border_or_a_joint_could_hide_is_not_verbatim(tmp_path: Path, text: str, quotation: str) -> None:
    assert tolerated(publish(tmp_path, [document(text)]), quotation) is None


def test_whole_sentences_may_be_left_out_with_their_negations(tmp_path: Path) -> None:
    store = publish(tmp_path, [document("Trade rose again. He got no arms. Putin was ill then.")])
    assert tolerated(store, "Trade rose again. … Putin was ill") == ("ellipsis",)
    assert tolerated(store, "Trade rose … Putin was ill") is None


def test_left_out_text_and_brackets_have_their_bounds(tmp_path: Path) -> None:
    near, far = "word " * (MAX_LEFT_OUT // 5 - 1), "word " * (MAX_LEFT_OUT // 5 + 1)
    few = " ".join("abcdefgh"[:MAX_BRACKETED_WORDS])
    text = (
        f"One two three {near}four five six. Ten men left {far}seven eight nine. "
        f"They saw {few} here. We saw z {few} here."
    )
    store = publish(tmp_path, [document(text)])
    assert tolerated(store, "One two three … four five six") == ("ellipsis",)
    assert tolerated(store, "Ten men left … seven eight nine") is None
    assert tolerated(store, "They saw [it] here") == ("brackets",)
    assert tolerated(store, "We saw [it] here") is None


def treaty(tmp_path: Path, middle: str) -> LocalStore:
    filler = " ".join(f"Nothing of note was written in the year {year}." for year in range(1900, 1915))
    return publish(
        tmp_path, [document(f"The old treaty of friendship {middle} in Moscow. {filler} It was signed in Moscow.")]
    )


def test_an_ellipsis_reaches_to_where_the_next_words_first_stand(tmp_path: Path) -> None:
    checked = one(treaty(tmp_path, "between both was signed"), "The old treaty of friendship … was signed in Moscow")
    assert checked.status == "verbatim"
    assert [place.left_out for place in checked.places] == [("between both",)]


def test_with_an_error_as_well_an_ellipsis_reaches_no_further(tmp_path: Path) -> None:
    checked = one(treaty(tmp_path, "between both was signed"), "The ancient treaty of friendship … signed at Moscow")
    assert checked.status == "different"
    assert checked.places[0].text == "The old treaty of friendship between both was signed in Moscow."


def test_a_quotation_in_straight_single_marks_is_checked(store: Store) -> None:
    checked = one(store, "He got none of those things.", "''")
    assert checked.status == "verbatim"


def test_of_several_chains_of_parts_one_that_keeps_the_bounds_is_found(tmp_path: Path) -> None:
    filler = "word " * (MAX_LEFT_OUT // 12)
    text = f"a b c {filler}d e f {filler}d e f {filler}{filler[:-50]}g h i"
    store = publish(tmp_path, [document(text)])
    checked = one(store, "a b c … d e f … g h i")
    assert checked.status == "verbatim"
    assert checked.places[0].text == text


def test_all_places_are_given_the_nearest_to_the_draft_first(tmp_path: Path) -> None:
    texts = {"a.txt": "It’s so. It’s so.", "b.txt": "But it's so, it’s so: It's so.", "c.txt": "It is not."}
    store = publish(tmp_path, [document(text, path) for path, text in texts.items()])
    checked = one(store, "It's so")
    assert [(place.document.path, place.start) for place in checked.places] == [
        ("b.txt", 22),
        ("a.txt", 0),
        ("a.txt", 9),
    ]
    assert checked.tolerated == ()


def test_a_phrase_that_stands_everywhere_has_the_first_places(tmp_path: Path) -> None:
    store = publish(tmp_path, [document("A phrase. " * 15, f"{n}.txt") for n in range(4)])
    checked = one(store, "A phrase")
    assert len(checked.places) == MAX_PLACES
    assert [place.document.path for place in checked.places] == ["0.txt"] * 15 + ["1.txt"] * 5


def test_the_page_is_that_of_the_first_word(tmp_path: Path) -> None:
    paged = replace(
        document("One two three.\fFour five six."),
        pages=(Page(number=1, start=0, end=15), Page(number=2, start=15, end=29)),
    )
    store = publish(tmp_path, [paged])
    assert [one(store, words).places[0].page for words in ("One two", "Four five", "three. Four")] == [1, 2, 1]


@pytest.mark.parametrize("phrase", ["没有禁区", "两国友谊没有止境"])
def test_a_script_without_spaces_is_searched_as_well(tmp_path: Path, phrase: str) -> None:
    store = publish(tmp_path, [document("两国友谊没有止境，合作没有禁区。")])
    assert tolerated(store, phrase) == ()
    assert tolerated(store, phrase.replace("有", "無")) is None


words = st.text(alphabet="abcAB019éﬁ’'-–—.,;:()%\u00ad", min_size=1, max_size=6).filter(re.compile(r"\w").search)
spaces = st.sampled_from([" ", " ", " ", "\n", "  ", "\n\n", "\u00a0"])


@st.composite
def slices(draw: st.DrawFn) -> tuple[str, int, int]:
    """A text and the span of one or more of its words."""
    text = "".join(word + space for word, space in draw(st.lists(st.tuples(words, spaces), min_size=1, max_size=12)))
    borders = [match.span() for match in re.finditer(r"\S+", text)]
    first = draw(st.integers(0, len(borders) - 1))
    last = draw(st.integers(first, len(borders) - 1))
    return text, borders[first][0], borders[last][1]


@given(slices())
def test_every_slice_of_a_text_is_found_in_it_without_tolerance(drawn: tuple[str, int, int]) -> None:
    text, start, end = drawn
    # "0" is no word of "0 000", which is one number.
    assume(not re.search(r"\d$", text[:start].rstrip()) and not re.match(r"\s*\d", text[end:]))
    matches = Wording(text[start:end]).matches(Folded(text), 100)
    exact = [match for match in matches if match.span == (start, end)]
    assert exact or any(text[slice(*match.span)].strip() for match in matches)
    assert all(match.tolerated == () and match.left_out == () for match in exact)
    assert all(
        Folded(text[slice(*match.span)]).text == Folded(text[start:end]).text
        for match in matches
        if not match.tolerated
    )


@given(slices(), st.data())
def test_no_slice_with_another_word_is_found(drawn: tuple[str, int, int], data: st.DataObject) -> None:
    text, start, end = drawn
    changed = text[start:end].split()
    changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(
        st.sampled_from(["zebra", "not", "77", "[not] zebra"])
    )
    assert not Wording(" ".join(changed)).matches(Folded(text), 1)


@given(slices())
def test_folding_traces_every_character_back(drawn: tuple[str, int, int]) -> None:
    text, *_ = drawn
    for joined in (False, True):
        folded = Folded(text, joined)
        starts, ends = folded._offsets
        assert len(starts) == len(ends) == len(folded.text)
        assert all(a < b for a, b in zip(starts, ends, strict=True))
        assert all(one <= other for one, other in pairwise(starts))
        for index, character in enumerate(folded.text):
            assert Folded(folded.piece(index)[0]).text.strip() in ("", character) or character in "fi-"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_slice_of_the_report_is_verbatim_and_with_a_word_changed_is_not(
    report: LocalStore, data: st.DataObject
) -> None:
    text = REPORT.read_text()
    borders = [match.span() for match in re.finditer(r"\S+", text)]
    first = data.draw(st.integers(0, len(borders) - 1))
    count = data.draw(st.integers(1, 30))
    chosen = borders[first : first + count]
    quotation = text[chosen[0][0] : chosen[-1][1]]
    assume("\n" not in quotation and re.search(r"\w", quotation))
    checked = one(report, quotation, "«»")
    assert (checked.status, checked.tolerated) == ("verbatim", ())
    assert all(place.text == quotation for place in checked.places[:1])
    changed = quotation.split()
    changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.sampled_from(["zebra", "not", "77"]))
    altered = " ".join(changed)
    assume(altered not in text)
    assert one(report, altered, "«»").status != "verbatim"


# Different


@pytest.mark.parametrize(
    ("quotation", "expected"),
    [
        ("Putin wanted four things from China", [("equal",), ("replace", "four", "three"), ("equal",)]),
        ("agreement to spy on the Chinese", [("equal",), ("insert", "", "not"), ("equal",)]),
        ("it is the Russian secret military intelligence", [("equal",), ("delete", "secret", ""), ("equal",)]),
        ("he got none of those things", [("replace", "he", "He"), ("equal",)]),
        ("the SVR is under agreement … to spy", [("equal",), ("replace", "…", "not"), ("equal",)]),
        ("Russia's trade fell by 10.7 percent", [("equal",), ("replace", "10.7", "10.5"), ("equal",)]),
        ("The military spies are less institutionally politicized.", None),
    ],
)
def test_a_misquotation_is_shown_against_the_source_s_words(
    store: Store, quotation: str, expected: list[tuple[str, ...]] | None
) -> None:
    checked = one(store, quotation)
    assert checked.status == "different"
    assert DIFFERENT_FROM <= checked.similarity <= 1
    if expected is not None:
        steps = [(step.op, step.draft, step.source) for step in checked.differences]
        assert [step[: len(wanted)] for step, wanted in zip(steps, expected, strict=True)] == expected
    assert all(
        Folded(d.draft).text.strip(".,") == Folded(d.source).text.strip(".,")
        for d in checked.differences
        if d.op == "equal"
    )


def test_the_nearest_of_many_places_is_shown(tmp_path: Path) -> None:
    texts = [f"Unit {n} has {n + 20} tanks and came to Minsk by train in winter." for n in range(CANDIDATES)]
    store = publish(tmp_path, [document(text, f"{n:02}.txt") for n, text in enumerate(texts)])
    checked = one(store, "Unit 7 had 27 tanks and came to Minsk")
    assert (checked.status, checked.places[0].document.path) == ("different", "07.txt")
    assert checked.places[0].text == "Unit 7 has 27 tanks and came to Minsk"


def test_a_quotation_across_passages_is_found_with_its_differences(report: LocalStore) -> None:
    text = REPORT.read_text()
    paragraphs = text.split("\n")
    ending, beginning = paragraphs[2].split()[-12:], paragraphs[3].split()[:12]
    checked = one(report, " ".join([*ending, "zebra", *beginning]), "«»")
    assert checked.status == "different"
    assert checked.places[0].text.split() == [*ending, *beginning]


@pytest.mark.parametrize(
    "quotation",
    [
        "The capital of Brazil is Brasília",
        "wanted zebra things",
        "a b c d e f",
        "???? a",
        "İİİİ İİİ İİ İ",
        "x " * MAX_ALIGNED_CHARS,
        "the SVR is under agreement to spy " * (MAX_ALIGNED_CHARS // 30),
    ],
)
def test_what_resembles_nothing_is_not_found(store: Store, quotation: str) -> None:
    checked = one(store, quotation)
    assert (checked.status, checked.similarity, checked.places) == ("not_found", 0.0, ())


def test_short_quotations_are_checked_verbatim_only(store: Store) -> None:
    assert one(store, "got nine of those").status == "different"
    assert MIN_ALIGNED_WORDS == 4
    assert one(store, "nine of those").status == "not_found"


# The report


@pytest.fixture(scope="module")
def evidence() -> list[tuple[str, int, int]]:
    """The words that answer the questions about the report, and where they stand."""
    lines = shared("questions/report.dev.jsonl").read_text().splitlines()
    spans = [span for line in lines for span in json.loads(line).get("evidence", [])]
    return [(span["text"], span["start"], span["end"]) for span in spans]


def test_every_evidence_of_the_questions_is_verbatim_at_its_place(
    report: LocalStore, evidence: Sequence[tuple[str, int, int]]
) -> None:
    draft = "\n\n".join(f"It says “{text}”." for text, _, _ in evidence)
    quotations = check(report, draft).quotations
    assert len(quotations) == len(evidence) > 10
    for checked, (text, start, end) in zip(quotations, evidence, strict=True):
        assert (checked.text, checked.status, checked.tolerated) == (text, "verbatim", ())
        assert (start, end) in [(place.start, place.end) for place in checked.places]


def test_a_draft_is_checked_quotation_by_quotation(report: LocalStore) -> None:
    draft = (
        "It says “He got none of those things” and «he got all of those things».\n\n"
        "> The balance of power\n> has changed.\n> — The report\n\n“Nobody wrote this sentence about anything.”\n"
        "An “open one."
    )
    found = check(report, draft)
    assert [(each.line, each.status) for each in found.quotations] == [
        (1, "verbatim"),
        (1, "different"),
        (3, "verbatim"),
        (7, "not_found"),
    ]
    assert found.counts == {"verbatim": 2, "different": 1, "not_found": 1}
    assert found.unpaired == (8,)
    assert found.index == report.state
    assert found.took_ms > 0
    assert replace(check(report, draft), took_ms=0) == replace(found, took_ms=0)


# Odd drafts


@pytest.mark.parametrize(
    "draft", ["", " ", "No quotation.", "\0", "“", "“\0”", "“🙂 a”", "“\u0301a\u0301”", "“[a”", "“[T]”", "“(…)a”"]
)
def test_an_odd_draft_does_not_fail(store: Store, draft: str) -> None:
    assert sum(check(store, draft).counts.values()) <= 1


@given(
    st.text(alphabet="ab1 \n“”\"'’.…[]()-–Tt\u00ad\u0301ﬁ", max_size=60),
    st.text(alphabet="ab1 \n'’.…[]()-–Tt\u00ad\u0301ﬁ", max_size=60),
)
def test_whatever_is_searched_for_in_whatever_is_a_slice(text: str, quotation: str) -> None:
    if not re.search(r"\w", quotation):
        return
    source = Folded(text)
    for match in Wording(quotation.strip()).matches(source, 5):
        assert 0 <= match.span.start < match.span.end <= len(text)
        assert not splits_word(text, match.span.start)


def test_an_empty_library_has_nothing_of_it(tmp_path: Path) -> None:
    assert one(publish(tmp_path, []), "He got none of those things").status == "not_found"


def test_a_draft_that_is_too_long_or_has_too_many_quotations_is_an_error(store: Store) -> None:
    check(store, "a" * MAX_DRAFT_CHARS)
    with pytest.raises(QuestionError, match="500,001") as caught:
        check(store, "a" * (MAX_DRAFT_CHARS + 1))
    assert caught.value.hint
    assert len(check(store, "“a” " * MAX_QUOTATIONS).quotations) == MAX_QUOTATIONS
    with pytest.raises(QuestionError, match="1,001") as caught:
        check(store, "“a” " * (MAX_QUOTATIONS + 1))
    assert caught.value.hint


def test_half_a_character_is_an_error(store: Store) -> None:
    with pytest.raises(QuestionError):
        check(store, "He said “\ud800”")


@pytest.mark.parametrize(
    "draft",
    [
        '"' * MAX_DRAFT_CHARS,
        "“" + "[" * (MAX_DRAFT_CHARS - 2) + "”",
        "“" + "[]" * (MAX_DRAFT_CHARS // 2 - 2) + "”",
        "“" + "[a] " * (MAX_DRAFT_CHARS // 4 - 2) + "”",
        "“a" + "." * (MAX_DRAFT_CHARS - 4) + "”",
        "“a" + "'" * (MAX_DRAFT_CHARS - 5) + "a”",
        "“" + "…a" * (MAX_DRAFT_CHARS // 2 - 2) + "”",
        "“" + "a " * (MAX_DRAFT_CHARS // 2 - 2) + "”",
        "“a " + "- " * (MAX_DRAFT_CHARS // 2 - 5) + "”",
        "“e" + "\u0301" * (MAX_DRAFT_CHARS - 5) + "”",
        "“" + "the … " * 19 + "x”",
        "“" + (TEXT * 900)[: MAX_DRAFT_CHARS - 2] + "”",
    ],
    ids=lambda draft: repr(draft[:8]),
)
def test_a_hostile_draft_takes_little_longer_than_an_ordinary_one(store: Store, draft: str) -> None:
    prose = TEXT.replace("‘new’", "new")
    written = f"He said: “{TEXT[:60]}”. {prose} {prose}\n\n"
    ordinary = (written * len(draft))[: len(draft)]
    assert ratio(lambda: check(store, draft), lambda: check(store, ordinary), 1, PROCESSOR) < 50


def test_a_hostile_document_takes_little_longer_than_an_ordinary_one(tmp_path: Path) -> None:
    draft = "“the … the … the … the … the … x” “the the” “[t]he the” “a the”"
    hostile = "the-the the. The 'the' " * 20_000
    stores = [
        publish(tmp_path / name, [document(text[: len(hostile)])])
        for name, text in (("hostile", hostile), ("ordinary", TEXT * 2_000))
    ]
    assert ratio(lambda: check(stores[0], draft), lambda: check(stores[1], draft), 3, PROCESSOR) < 50


@pytest.mark.parametrize(
    "quotation",
    [
        "China [supports Russia militarily]",
        "[Fabricated: Putin ordered all of this] trade",
        "China [attacked] Russia",
        "The SVR did […]",
        "The SVR did …",
        "The SVR did.",
        "… spy on anybody in the [end]",
        "500 tanks",
        "a fleet of 1",
        "more than 10",
        "it [one two three four five six seven eight nine] spy on anybody",
    ],
)
def test_marks_of_an_author_cannot_make_up_a_quotation(tmp_path: Path, quotation: str) -> None:
    text = (
        "China and Russia trade. The SVR did not spy on anybody. It has a fleet of 1 500 tanks and more than 10^6 men."
    )
    assert tolerated(publish(tmp_path, [document(text)]), quotation) is None


def test_a_place_is_listed_once_also_where_words_are_divided(tmp_path: Path) -> None:
    store = publish(tmp_path, [document("The minis-\nter planted nine roses. He planted nine roses.")])
    places = one(store, "planted nine roses").places
    assert len(places) == len({(place.start, place.end) for place in places}) == 2


# Drafts of any format

DRAFT = "He said “nine goats”.\n\n> A block quote.\n"


@pytest.mark.parametrize("ending", [".txt", ".md", ".markdown", "", ".tex"])
def test_plain_drafts_are_read_as_they_are(ending: str) -> None:
    assert is_plain(ending)
    assert read_draft(DRAFT.encode(), ending, PARSERS) == DraftText(DRAFT)
    assert read_draft(DRAFT.encode("utf-16"), ending, PARSERS) == DraftText(DRAFT)


def test_others_are_read_by_the_readers_of_their_formats() -> None:
    data = dict(made_files())[".pdf"]
    assert "Another line on it." in read_draft(data, ".pdf", PARSERS).text


def test_one_that_cannot_be_read_says_why() -> None:
    with pytest.raises(ParseError, match="not a PDF"):
        read_draft(b"no pdf", ".pdf", PARSERS)


def test_what_could_not_be_read_of_one_is_told() -> None:
    draft = read_draft(b'{"id": "a", "text": "One sentence."}\n{"id": \n', ".jsonl", PARSERS)
    assert draft.text == "One sentence."
    assert len(draft.problems) == 1
