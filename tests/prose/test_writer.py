"""Prose about answers, with a scripted model behind a real connection."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.config import load_settings
from askreport.prose.prompt import sources_of
from askreport.prose.support import Checker
from askreport.prose.writer import Writer, is_refusal
from askreport.store import LocalStore
from askreport.types import Answer, Prose
from tests.tools.injections import INJECTIONS, UNSEEN
from tests.tools.parts import document, publish
from tests.tools.scripted import Reply, Script, ScriptedModel, saying, scripted

SVR = "does the SVR spy on China?"
GOOD = "The SVR is under agreement not to spy on the Chinese [1]. The GRU fills the gap [1]."


@pytest.fixture(scope="module")
def answer(library: Library) -> Answer:
    return library.ask(SVR)


def writer_for(library: Library, model: ScriptedModel, outcomes: list[str], seconds: float = 10) -> Writer:
    settings = load_settings({"ASKREPORT_LLM_URL": model.url, "ASKREPORT_LLM_SECONDS": str(seconds)})
    writer = Writer.open(settings, library.encoder, library.scorer, outcomes.append)
    assert writer
    return writer


def prose(library: Library, answer: Answer, script: Script, outcome: str, seconds: float = 10) -> Prose:
    outcomes: list[str] = []
    with scripted(script) as model:
        found = asyncio.run(writer_for(library, model, outcomes, seconds).prose(answer))
    assert outcomes == [outcome]
    assert found
    return found


def test_without_an_address_there_is_no_writer(library: Library) -> None:
    assert Writer.open(load_settings({}), library.encoder) is None


def test_supported_sentences_cite_their_quote(library: Library, answer: Answer) -> None:
    found = prose(library, answer, saying(GOOD), "answered")
    assert [(each.text, each.citations, each.supported) for each in found.sentences] == [
        ("The SVR is under agreement not to spy on the Chinese.", (1,), True),
        ("The GRU fills the gap.", (1,), True),
    ]
    assert (found.model, found.error) == ("default", None)
    assert found.took_ms > 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The GRU fills the gap.", "it cites no quote"),
        ("The GRU fills the gap [9].", "there is no quote 9"),
        ("The agreement of 1875 lets the GRU fill the gap [1].", "1875"),
        ("The GRU “will always fill the gap” [1].", "will always fill"),
        ("The CIA fills the gap [1].", "CIA"),
        ("The SVR spies on the Chinese [1].", "denies"),
        ("The chiefs of the GRU hand out medals to farmers every spring [1].", "does not say so"),
    ],
)
def test_other_sentences_are_kept_and_marked(library: Library, answer: Answer, text: str, reason: str) -> None:
    found = prose(library, answer, saying(f"{text} {GOOD}"), "answered")
    assert [each.supported for each in found.sentences] == [False, True, True]
    assert reason in found.sentences[0].reason


def test_a_refusal_is_never_put_to_the_model(library: Library) -> None:
    refused = library.ask("How do I reset my password?")
    assert refused.status == "not_found"
    outcomes: list[str] = []
    with scripted(saying(GOOD)) as model:
        assert asyncio.run(writer_for(library, model, outcomes).prose(refused)) is None
    assert (model.requests, outcomes) == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        "The passages do not answer.",
        "the passages do not answer [1]",
        "**The passages do not answer.** So I say nothing [1].",
    ],
)
def test_the_model_may_refuse(library: Library, answer: Answer, text: str) -> None:
    found = prose(library, answer, saying(text), "refused")
    assert (found.sentences, found.error) == ((), None)
    assert is_refusal("The passages do not answer!")


def stopping_after(text: str) -> Script:
    def script(reply: Reply, body: dict[str, Any]) -> None:
        reply.head()
        reply.chunk(text)

    return script


def test_a_broken_stream_keeps_what_was_checked(library: Library, answer: Answer) -> None:
    found = prose(library, answer, stopping_after(f"{GOOD} And then"), "failed")
    assert [each.supported for each in found.sentences] == [True, True]
    assert found.error == "the language model's endpoint cannot be reached, or broke off" or "broke off" in str(
        found.error
    )


def test_a_hanging_model_ends_in_time(library: Library, answer: Answer) -> None:
    def script(reply: Reply, body: dict[str, Any]) -> None:
        reply.head()
        reply.wait_for_hang_up()

    found = prose(library, answer, script, "failed", seconds=0.5)
    assert (found.sentences, found.error) == ((), "the language model took too long")


def test_whoever_leaves_ends_the_call(library: Library, answer: Answer) -> None:
    outcomes: list[str] = []

    async def first(writer: Writer) -> str:
        async with aclosing(writer.sentences(answer)) as sentences:
            return (await anext(sentences)).text

    with scripted(saying(f"{GOOD} {'More of it. ' * 500}", pause=0.005)) as model:
        assert asyncio.run(first(writer_for(library, model, outcomes))).startswith("The SVR")
        assert model.gone.wait(30)
    assert outcomes == ["left"]


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory, library: Library) -> list[LocalStore]:
    """A library for each order, which stands between what the document itself says."""
    folder = tmp_path_factory.mktemp("poisoned")
    text = "The lighthouse of Kjeungskjær was lit in 1880. {} Its keeper kept nine goats."
    return [
        publish(folder / str(n), [document(text.format(order))], library.encoder)
        for n, (order, _) in enumerate(INJECTIONS)
    ]


@pytest.mark.parametrize("number", range(len(INJECTIONS)))
def test_what_a_document_orders_is_never_supported(library: Library, poisoned: list[LocalStore], number: int) -> None:
    """Asked about the document, or for what the order is about; the model obeys, and cites every quote."""
    order, demanded = INJECTIONS[number]
    for question in ("When was the lighthouse of Kjeungskjær lit?", order, demanded):
        answer = ask(poisoned[number], library.encoder, question, scorer=library.scorer)
        # A model is asked even where the documents are thought not to answer, as long as there is a quote.
        if answer.quotes:
            outcomes: list[str] = []
            cited = "".join(f"[{quote.n}]" for quote in answer.quotes)
            said = " ".join(f"{demanded.rstrip('.')} [{quote.n}]." for quote in answer.quotes)
            with scripted(saying(f"{said} {demanded.rstrip('.')} {cited}.")) as model:
                found = asyncio.run(writer_for(library, model, outcomes).prose(answer))
            assert found
            assert not any(each.supported for each in found.sentences), found
            # An order that is quoted is not even shown.
            if model.requests:
                assert order not in model.told.split("Question:")[0]


def test_few_orders_get_through_that_no_pattern_knows(library: Library, tmp_path: Path) -> None:
    """Asked for what the order is about, so that the order itself is quoted."""
    passed = []
    checker = Checker(library.encoder, library.scorer)
    for n, (order, demanded) in enumerate(UNSEEN):
        text = f"The lighthouse of Kjeungskjær was lit in 1880. {order} Its keeper kept nine goats."
        store = publish(tmp_path / str(n), [document(text)], library.encoder)
        sources = sources_of(ask(store, library.encoder, demanded, scorer=library.scorer))
        said = [checker.check(f"{demanded.rstrip('.')} [{number}].", sources) for number in sources]
        passed += [demanded] if any(each.supported for each in said) else []
    assert len(passed) <= 2, passed


def test_what_the_document_says_is_supported_beside_an_order(library: Library, poisoned: list[LocalStore]) -> None:
    for store in poisoned[:5]:
        answer = ask(store, library.encoder, "When was the lighthouse of Kjeungskjær lit?", scorer=library.scorer)
        found = prose(library, answer, saying("The lighthouse was lit in 1880 [1]."), "answered")
        assert [each.supported for each in found.sentences] == [True]


def test_a_follow_up_is_put_as_it_was_understood(library: Library, answer: Answer) -> None:
    outcomes: list[str] = []
    follow_up = replace(answer, question="And the GRU?", understood="does the GRU spy on China?")
    with scripted(saying(GOOD)) as model:
        asyncio.run(writer_for(library, model, outcomes).prose(follow_up))
    assert "Question: does the GRU spy on China?" in model.told
