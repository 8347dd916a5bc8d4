"""The figures of a running service, for Prometheus. No label ever holds what somebody wrote."""

import os
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from askreport.answering.library import Library
from askreport.changes.types import Job
from askreport.errors import AskReportError
from askreport.trace import Trace

# The folder where several processes keep their figures. Whoever starts them sets it in their environment, because the
# client library looks for it when it is imported.
SEVERAL_PROCESSES = "PROMETHEUS_MULTIPROC_DIR"
# Seconds. A question takes tens of milliseconds; a rebuild or a language model may take a minute.
_REQUEST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_STAGE = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)

# Since when each series is counted is of no use to anybody, and makes the text half as long again.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The counters of one application.

    ``llm_calls.labels(outcome=…)`` counts calls of the language model: "answered", "refused" (it found no answer), or
    the reason of a failure in a word.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.in_flight = Gauge(
            "askreport_requests_in_flight",
            "Requests being served.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self.requests = self._counter("requests", "Requests, by the route's template.", "route", "method", "status")
        self.request_seconds = self._histogram("request_seconds", "Time of whole requests.", _REQUEST, "route")
        self.stage_seconds = self._histogram("stage_seconds", "Time of the stages of a question.", _STAGE, "stage")
        self.answers = self._counter("answers", "Answers; those not_found are refusals.", "status")
        self.jobs = self._counter("jobs", "Uploads and re-indexings that are over.", "kind", "status")
        self.llm_calls = self._counter("llm_calls", "Calls of the language model.", "outcome")
        self._process = CollectorRegistry()
        if SEVERAL_PROCESSES not in os.environ:
            ProcessCollector(registry=self._process)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"askreport_{name}", meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"askreport_{name}", meaning, labels, buckets=buckets, registry=self.registry)

    def count_request(self, trace: Trace, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request that is over, and what was noted on its way."""
        self.requests.labels(route, method, status).inc()
        self.request_seconds.labels(route).observe(seconds)
        for name, took in trace.stages:
            self.stage_seconds.labels(name).observe(took)
        for answer in trace.answers:
            self.answers.labels(answer).inc()

    def count_job(self, job: Job) -> None:
        """Counts a job that is over."""
        self.jobs.labels(job.kind, job.status).inc()

    def render(self, library: Library, accept: str = "") -> tuple[bytes, str]:
        """The figures of all processes and of the index, as text, and its media type."""
        encode, kind = choose_encoder(accept)
        own: Collector = MultiProcessCollector(None) if SEVERAL_PROCESSES in os.environ else self.registry  # type: ignore[no-untyped-call]
        return encode(_Together([own, self._process, _Index(library)])), kind


class _Together(Collector):
    """Several collectors as one."""

    def __init__(self, parts: Iterable[Collector]) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        for part in self._parts:
            yield from part.collect()


class _Index(Collector):
    """What the newest generation holds, read when it is asked for: no process needs to keep it up to date."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def collect(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("askreport_info", "The version, as a label.", labels=["version"])
        info.add_metric([version("askreport")], 1)
        yield info
        try:
            manifest = self._library.store.manifest
        except AskReportError:
            yield GaugeMetricFamily("askreport_index_ready", "Whether the index can be opened.", 0)
            return
        yield GaugeMetricFamily("askreport_index_ready", "Whether the index can be opened.", 1)
        yield GaugeMetricFamily("askreport_index_generation", "The generation that answers.", manifest.generation)
        yield GaugeMetricFamily("askreport_index_documents", "Documents in it.", manifest.counts.documents)
        yield GaugeMetricFamily("askreport_index_passages", "Passages in it.", manifest.counts.passages)
        yield GaugeMetricFamily("askreport_index_embedded", "The share of them with vectors.", manifest.embedded)
