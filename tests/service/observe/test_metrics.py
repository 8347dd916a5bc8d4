"""The figures: what happened is counted, nothing that was written is a label, and several processes count together."""

import os
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from askreport.answering.library import Library
from askreport.models.encoder import Encoder
from askreport.service.observe.metrics import SEVERAL_PROCESSES, Metrics
from askreport.trace import Trace
from tests.tools.parts import run_python


def figures(text: bytes) -> dict[str, float]:
    """Each sample by its name and labels, as ``name{label=value}``."""
    found = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_a_request_its_stages_and_its_answer_are_counted(library: Library) -> None:
    metrics = Metrics()
    trace = Trace(id="a", questions=["what was asked"], stages=[("read", 0.02)], answers=["not_found"])
    metrics.count_request(trace, "POST", "/api/v1/ask", 200, 0.03)
    metrics.llm_calls.labels(outcome="timeout").inc()
    text, kind = metrics.render(library)
    shown = figures(text)
    assert kind.startswith("text/plain")
    assert shown["askreport_requests_total{method=POST,route=/api/v1/ask,status=200}"] == 1
    assert shown["askreport_request_seconds_sum{route=/api/v1/ask}"] == 0.03
    assert shown["askreport_stage_seconds_count{stage=read}"] == 1
    assert shown["askreport_answers_total{status=not_found}"] == 1
    assert shown["askreport_llm_calls_total{outcome=timeout}"] == 1
    assert b"what was asked" not in text


def test_the_index_is_described_as_it_is_now(library: Library) -> None:
    shown = figures(Metrics().render(library)[0])
    manifest = library.store.manifest
    assert shown["askreport_index_ready"] == 1
    assert shown["askreport_index_generation"] == manifest.generation
    assert shown["askreport_index_documents"] == manifest.counts.documents
    assert shown["askreport_index_passages"] == manifest.counts.passages
    assert shown["askreport_index_embedded"] == 1


def test_without_an_index_that_is_a_figure_too(tmp_path: Path, encoder: Encoder) -> None:
    shown = figures(Metrics().render(Library(tmp_path, encoder))[0])
    assert shown["askreport_index_ready"] == 0
    assert "askreport_index_generation" not in shown


def test_two_applications_count_for_themselves(library: Library) -> None:
    first, second = Metrics(), Metrics()
    first.answers.labels("answered").inc()
    assert "askreport_answers_total{status=answered}" not in figures(second.render(library)[0])


def test_openmetrics_is_given_where_it_is_asked_for(library: Library) -> None:
    text, kind = Metrics().render(library, "application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    assert text.endswith(b"# EOF\n")


WORKER = """
import sys
from askreport.service.observe.metrics import Metrics
from askreport.trace import Trace
metrics = Metrics()
metrics.count_request(Trace(id="a", answers=["answered"]), "POST", "/api/v1/ask", 200, 0.01)
if len(sys.argv) > 1:
    from pathlib import Path
    from askreport.answering.library import Library
    from tests.tools.parts import HashingEncoder
    print(metrics.render(Library(Path(sys.argv[1]), HashingEncoder()))[0].decode())
"""


def test_several_processes_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "figures"
    folder.mkdir()
    assert SEVERAL_PROCESSES not in os.environ
    monkeypatch.setenv(SEVERAL_PROCESSES, str(folder))
    run_python(WORKER)
    shown = figures(run_python(WORKER, tmp_path / "no-index").encode() + b"\n")
    assert shown["askreport_requests_total{method=POST,route=/api/v1/ask,status=200}"] == 2
    assert shown["askreport_answers_total{status=answered}"] == 2
    assert shown["askreport_request_seconds_count{route=/api/v1/ask}"] == 2
    assert shown["askreport_index_ready"] == 0
