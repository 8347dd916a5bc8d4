"""An evaluation as a page: its figures, two plots, and the worst failures to read."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from askreport.service.pages.shared import EVALUATION, error_page
from askreport.service.pages.templating import WEB, templates
from askreport.service.shared.dependencies import SettingsOf
from askreport.store import SEAL, seal, unseal

# Width and height of a plot, in its own units.
PLOT = 200
# Figures that are shares of questions.
_PERCENT = (
    "first",
    "three",
    "coverage at 90% right",
    "coverage at 95% right",
    "right when answered",
    "first when answered",
    "risk at full coverage",
)
# Those that are shown of each language and of each kind of question; on a phone two columns are left out.
_OF_PARTS = ("first", "three", "AUROC", "coverage at 95% right")

evaluation_pages = APIRouter(include_in_schema=False)


@evaluation_pages.get("/evaluation")
def get_evaluation(request: Request, settings: SettingsOf) -> Response:
    """The latest evaluation of this library."""
    latest = read_latest(settings.index)
    if latest is None:
        return error_page(
            request, 404, "nothing was measured yet", "`askreport eval FOLDER` puts questions with known answers."
        )
    return templates.TemplateResponse(request, "evaluation.html", {"layout": "base.html", **view(latest)})


def read_latest(index: Path) -> dict[str, Any] | None:
    """The stored evaluation, or None if there is none that can be read."""
    try:
        text = (index / EVALUATION).read_text(encoding="utf-8")
        latest = json.loads(text)
        # What the release before this one kept has no checksum.
        latest = unseal(text) if isinstance(latest, dict) and SEAL in latest else latest
    except (OSError, ValueError):
        return None
    return latest if isinstance(latest, dict) and {"figures", "curve", "bins", "worst"} <= latest.keys() else None


def keep(index: Path, evaluation: Mapping[str, Any]) -> None:
    """Leaves an evaluation for the page, if there is an index to leave it with."""
    if index.is_dir():
        scratch = index / f".{EVALUATION}.{os.getpid()}"
        # As JSON has it: there, all keys are texts.
        scratch.write_text(seal(json.loads(json.dumps(evaluation))), encoding="utf-8")
        scratch.replace(index / EVALUATION)


def standalone(evaluation: Mapping[str, Any]) -> str:
    """The page as one file that needs nothing else."""
    style = (WEB / "static" / "style.css").read_text(encoding="utf-8")
    page = templates.env.get_template("evaluation.html")
    return page.render(layout="standalone.html", style=style, **view(evaluation))


def view(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """What the template shows."""
    curve = [(point["coverage"], point["risk"]) for point in evaluation["curve"]]
    bins = [(each["confidence"], each["right"], each["count"]) for each in evaluation["bins"]]
    return {
        "evaluation": evaluation,
        "figures": [(name, shown(name, value)) for name, value in evaluation["figures"].items() if value is not None],
        "part_names": _OF_PARTS,
        "parts": [
            [(name, part["questions"], [figure_of(part, each) for each in _OF_PARTS]) for name, part in group.items()]
            # An evaluation that an earlier release kept has none.
            for group in (evaluation.get("languages", {}), evaluation.get("kinds", {}))
            if len(group) > 1
        ],
        "size": PLOT,
        "curve": path_of(curve),
        "bins": [(PLOT * x, PLOT * (1 - y), count) for x, y, count in bins],
    }


def path_of(points: Sequence[tuple[float, float]]) -> str:
    """An SVG path through points of the unit square, the origin at the bottom left."""
    return " ".join(f"{'M' if i == 0 else 'L'}{PLOT * x:.1f} {PLOT * (1 - y):.1f}" for i, (x, y) in enumerate(points))


def shown(name: str, value: float) -> str:
    """A figure as people read it."""
    if name.endswith(" ms"):
        return f"{value:.1f} ms"
    return f"{value:.1%}" if name in _PERCENT else f"{value:.3f}"


def figure_of(part: Mapping[str, Any], name: str) -> str:
    """A figure of some questions as people read it; empty where the data set does not tell."""
    value = part["figures"].get(name)
    return "" if value is None else shown(name, value)
