"""What happens to a request is gathered with it, across threads, and never with another one."""

import threading
from contextvars import copy_context

import pytest

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.trace import current, note_question, stage, traced

SVR = "does the SVR spy on China?"


def test_without_a_request_nothing_is_kept() -> None:
    with stage("read"):
        note_question("what?")
    assert current() is None


def test_a_question_its_stages_and_its_answer_are_noted(library: Library) -> None:
    # Asked by no other test: what was asked before is given again.
    questions = ["and does the SVR spy on China?", "How would I reset my password?"]
    with traced("a") as trace:
        for question in questions:
            library.ask(question)
    assert trace.questions == questions
    assert trace.answers == ["answered", "not_found"]
    assert [name for name, _ in trace.stages] == ["retrieve", "read", "quote"] * 2
    assert all(seconds > 0 for _, seconds in trace.stages)
    assert current() is None


def test_an_answer_that_is_given_again_is_noted_without_stages(library: Library) -> None:
    library.ask(SVR)
    with traced("a") as trace:
        library.ask(SVR)
    assert (trace.questions, trace.answers, trace.stages) == ([SVR], ["answered"], [])


def test_the_stages_are_nearly_all_of_the_time(library: Library) -> None:
    shares = []
    for _ in range(5):
        with traced("a") as trace:
            answer = ask(library.store, library.encoder, SVR, scorer=library.scorer)
        shares.append(1000 * sum(seconds for _, seconds in trace.stages) / (answer.took_ms + 0.01))
    assert 0.8 < max(shares) <= 1


def test_threads_of_a_request_note_to_it_and_others_do_not() -> None:
    with traced("a") as trace:
        context = copy_context()
        own = threading.Thread(target=context.run, args=(note_question, "mine"))
        other = threading.Thread(target=note_question, args=("another's",))
        for thread in (own, other):
            thread.start()
            thread.join()
    assert trace.questions == ["mine"]


def test_a_stage_that_fails_has_no_time() -> None:
    with traced("a") as trace, pytest.raises(ValueError, match="broken"), stage("read"):
        raise ValueError("broken")
    assert trace.stages == []
