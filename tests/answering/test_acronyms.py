"""A name written out in a question is found under the acronym that the documents have for it."""

from pathlib import Path

import pytest

from askreport.answering.acronyms import with_acronyms
from askreport.answering.library import Library
from askreport.store import LocalStore
from tests.tools.parts import document, publish

TEXTS = [
    "The Russian Foreign Intelligence Service (SVR) has an agreement.",
    "Russian military intelligence (GRU) fills the gap. It is not (ABC).",
    "The Ministry of State Security (MSS) is civilian.",
]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return publish(tmp_path, [document("Words.")])


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Does the foreign intelligence service spy?", "Does the foreign intelligence service (SVR) spy?"),
        ("what do foreign intelligence services do", "what do foreign intelligence services (SVR) do"),
        ("Whom does military intelligence watch?", "Whom does military intelligence (GRU) watch?"),
        (
            "Is the Ministry of State Security above the Foreign Intelligence Service?",
            "Is the Ministry of State Security (MSS) above the Foreign Intelligence Service (SVR)?",
        ),
        ("Does the Foreign Intelligence Service (SVR) spy?", "Does the Foreign Intelligence Service (SVR) spy?"),
        ("Is the service foreign?", "Is the service foreign?"),
        ("Does the SVR spy?", "Does the SVR spy?"),
        ("", ""),
    ],
)
def test_the_acronym_is_put_after_its_name(store: LocalStore, question: str, expected: str) -> None:
    assert with_acronyms(store, question, TEXTS) == expected


def test_the_report_is_asked_about_a_service_by_its_full_name(library: Library) -> None:
    answer = library.ask("Does the foreign intelligence service spy on the Chinese?")
    assert "(SVR)" in answer.understood
    assert "under agreement not to spy on the Chinese" in answer.quotes[0].text
