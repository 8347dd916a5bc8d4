"""An evaluation as a page: the latest one of the library, or that there is none."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.service.app import create_app
from askreport.service.pages.evaluation import PLOT, path_of, read_latest, shown, standalone
from askreport.service.pages.shared import EVALUATION
from tests.tools.parts import HashingEncoder, TestClient

FOUND: dict[str, Any] = {
    "name": "set <b>", "scope": "auto", "documents": 1, "passages": 3, "encoder": "e", "reader": "r", "questions": 2,
    "measured_at": "2026-01-02T03:04:05+00:00",
    "figures": {"first": 0.5, "nDCG@10": None, "median ms": 12.34},
    "statuses": {"answerable": {"answered": 1, "uncertain": 0, "not_found": 1}},
    "curve": [{"coverage": 0.5, "risk": 0.0}, {"coverage": 1.0, "risk": 0.5}],
    "bins": [{"count": 2, "confidence": 0.4, "right": 0.5}],
    "worst": [{"id": "1", "question": "<script>alert(1)</script>", "answerable": True, "status": "answered",
               "confidence": 0.9, "first": "<i>no</i>", "place": "a.txt"}],
}  # fmt: skip

KINDS = {"who": 0.25, "why": 1.0}


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    return TestClient(create_app(Settings(index=tmp_path), Library(tmp_path, HashingEncoder())))


def test_before_anything_was_measured_the_page_says_how(client: TestClient) -> None:
    answer = client.get("/evaluation")
    assert answer.status_code == 404
    assert "askreport eval" in answer.text


def test_the_latest_evaluation_is_shown_and_markup_in_it_is_text(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / EVALUATION).write_text(json.dumps(FOUND))
    page = client.get("/evaluation").text
    assert "Measured on “set &lt;b&gt;”" in page
    assert "50.0%" in page
    assert "12.3 ms" in page
    assert "nDCG@10" not in page
    assert "<script>alert" not in page
    assert "&lt;i&gt;no&lt;/i&gt;" in page


def test_figures_by_kind_are_shown_where_there_are_several(client: TestClient, tmp_path: Path) -> None:
    parts = {kind: {"questions": 1, "figures": {"first": share, "AUROC": None}} for kind, share in KINDS.items()}
    (tmp_path / EVALUATION).write_text(json.dumps({**FOUND, "languages": {"en": parts["who"]}, "kinds": parts}))
    page = client.get("/evaluation").text
    assert '<th scope="row" dir="auto">who</th>' in page
    assert "25.0%" in page
    assert '<th scope="row" dir="auto">en</th>' not in page


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"figures": {}}', "\udcff"])
def test_a_file_that_is_no_evaluation_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / EVALUATION).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert read_latest(tmp_path) is None


def test_the_file_for_others_has_the_style_inside() -> None:
    page = standalone(FOUND)
    assert "<style>" in page
    assert "--paper" in page


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=9))
def test_a_path_stays_in_its_plot(points: list[tuple[float, float]]) -> None:
    numbers = [float(number) for number in path_of(points).replace("M", "").replace("L", "").split()]
    assert len(numbers) == 2 * len(points)
    assert all(0 <= number <= PLOT for number in numbers)


def test_figures_are_shown_as_people_read_them() -> None:
    assert (shown("first", 0.881), shown("p95 ms", 38.26), shown("MRR", 0.9)) == ("88.1%", "38.3 ms", "0.900")
