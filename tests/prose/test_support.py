"""Whether a sentence is said in the quotes it cites: on labelled sentences, and one by one."""

import pytest

from askreport.answering.library import Library
from askreport.models.encoder import Encoder
from askreport.prose.prompt import Source
from askreport.prose.support import Checker
from tests.tools.labelled import Claim, load_claims, passes

QUOTE = "While the SVR is under agreement not to spy on the Chinese, it is the GRU that simply fills the gap."


def source(n: int, quote: str) -> Source:
    return Source(n=n, title="Report", heading="", before="", quote=quote, after="")


SOURCES: dict[int, Source | None] = {
    1: source(1, QUOTE),
    2: source(2, "Chinese trade with North America and Europe is nine times that with Russia."),
    3: None,
}


@pytest.fixture(scope="module")
def checker(library: Library) -> Checker:
    return Checker(library.encoder, library.scorer)


@pytest.fixture(scope="module")
def claims(library: Library) -> list[Claim]:
    return load_claims(library.store)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The GRU fills the gap [1].", ""),
        ("The SVR is under agreement not to spy on the Chinese, and the GRU fills the gap [1].", ""),
        ("Chinese trade with Europe and North America is nine times that with Russia [2].", ""),
        ("The GRU fills the gap.", "it cites no quote"),
        ("The GRU fills the gap [7].", "there is no quote 7"),
        ("The GRU fills the gap [1, 0].", "there is no quote 0"),
        ("The GRU fills the gap [3].", "the quote it cites, or what stands before it, speaks to a language model"),
        ("The GRU fills the gap [1][3].", "the quote it cites, or what stands before it, speaks to a language model"),
        ("The GRU fills the gap [2].", "GRU does not stand in what it cites"),
        ("The GRU has filled 12 gaps [1].", "12 does not stand in the quote it cites"),
        ("The GRU “fills every gap” [1].", "“fills every gap” does not stand in what it cites"),
        ("The GRU sells old ships to the highest bidder [1].", "the quote does not say so"),
    ],
)
def test_each_check_has_its_reason(checker: Checker, text: str, reason: str) -> None:
    found = checker.check(text, SOURCES)
    assert (found.reason, found.supported) == (reason, not reason)


def test_citations_are_taken_out_of_the_text(checker: Checker) -> None:
    found = checker.check("The GRU [1] fills the gap [2, 1].", SOURCES)
    assert (found.text, found.citations) == ("The GRU fills the gap.", (1, 2))


def test_the_labelled_sentences_are_enough(claims: list[Claim]) -> None:
    for supported in (True, False):
        assert sum(claim.supported == supported for claim in claims) >= 40


# What `python -m benchmarks.claims` prints, with a little room.
@pytest.mark.parametrize("held_out", [False, True])
def test_few_supported_sentences_are_struck(checker: Checker, claims: list[Claim], held_out: bool) -> None:
    passed = [passes(checker, claim) for claim in claims if claim.supported and claim.held_out == held_out]
    assert sum(passed) / len(passed) >= 0.85


@pytest.mark.parametrize("kind", ["number", "name", "negation", "invention", "relation", "quotation"])
def test_few_wrong_sentences_pass(checker: Checker, claims: list[Claim], kind: str) -> None:
    passed = [claim.text for claim in claims if claim.kind == kind and passes(checker, claim)]
    count = sum(claim.kind == kind for claim in claims)
    assert len(passed) <= 0.21 * count, passed


def test_without_a_reader_the_encoder_judges(encoder: Encoder) -> None:
    checker = Checker(encoder)
    assert checker.check("The SVR is under agreement not to spy on the Chinese [1].", SOURCES).supported
    assert not checker.check("The GRU sells old ships to the highest bidder [1].", SOURCES).supported
