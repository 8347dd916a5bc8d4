"""What those who run the service ask it: whether it lives, whether it can answer, and its figures."""

from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response

from askreport.service.shared.dependencies import LibraryOf
from askreport.service.shared.problems import errors

# Probes and figures are looked at by threads of their own: they answer also when all others have a question to answer.
PROBE_THREADS = 2

_FIGURES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/plain": {"schema": {"type": "string"}}},
        "description": "Figures in the text format of Prometheus, or of OpenMetrics where that is asked for",
    }
}

probes_api = APIRouter(tags=["service"])


def _probes(request: Request) -> CapacityLimiter:
    probes: CapacityLimiter = request.app.state.probes
    return probes


@probes_api.get("/healthz", summary="Health")
async def get_health() -> dict[str, str]:
    """Whether the service runs; it says nothing of the index."""
    return {"status": "ok"}


@probes_api.get("/readyz", summary="Readiness", responses=errors(503))
async def get_readiness(request: Request, library: LibraryOf) -> dict[str, str]:
    """Whether questions can be answered: the index can be opened and was made with the encoder that is loaded."""
    await to_thread.run_sync(lambda: library.store, limiter=_probes(request))
    return {"status": "ready"}


@probes_api.get("/metrics", summary="Figures", response_class=Response, responses=_FIGURES)
async def get_metrics(request: Request, library: LibraryOf) -> Response:
    """Requests, answers, stages, jobs and the index as counters, histograms and gauges; never what was asked."""
    accept = request.headers.get("accept", "")
    render = request.app.state.metrics.render
    text, kind = await to_thread.run_sync(render, library, accept, limiter=_probes(request))
    return Response(text, headers={"content-type": kind})
