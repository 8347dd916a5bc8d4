"""What several pages share: the questions before one, and errors as pages."""

from fastapi import Request
from fastapi.responses import Response

from askreport.answering.followup import MAX_HISTORY
from askreport.service.pages.templating import templates

# In the index's folder: what this library was last measured at.
EVALUATION = "evaluation.json"


def recent(after: list[str] | None) -> list[str]:
    """The questions before one, as an address has them, oldest first; of many the last."""
    return [each for each in after or [] if each.strip()][-MAX_HISTORY:]


def is_page(request: Request) -> bool:
    """Whether a browser asks for a page, not a program for data."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def error_page(request: Request, status: int, message: str, hint: str | None, instead: str = "") -> Response:
    """An error as a page; ``instead`` is the address of what has taken the place of what is not there."""
    context = {"status": status, "message": message, "hint": hint, "instead": instead}
    return templates.TemplateResponse(request, "error.html", context, status)
