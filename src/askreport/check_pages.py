"""The page that checks a draft's quotations: the draft as text or as a file, and what the library says to each."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from askreport.api import LibraryOf, PaintersOf
from askreport.check import MAX_DRAFT_CHARS, CheckReport, check
from askreport.drafts import DraftText, read_draft
from askreport.errors import AskReportError, ParseError, QuestionError
from askreport.gate import GateOf
from askreport.pages import status_of
from askreport.parse import SUPPORTED
from askreport.templating import templates

# Of the form's text, which has up to four bytes a character.
_MAX_TEXT_BYTES = 4 * MAX_DRAFT_CHARS
MAX_PLACES_SHOWN = 3

check_pages = APIRouter(include_in_schema=False)


@check_pages.get("/check")
def show_form(request: Request) -> Response:
    """The form for a draft."""
    return _page(request, DraftText(""))


@check_pages.post("/check")
async def check_draft(request: Request, library: LibraryOf, painters: PaintersOf, gate: GateOf) -> Response:
    """The form's draft, and what became of each of its quotations."""
    form = await request.form(max_files=1, max_fields=1, max_part_size=_MAX_TEXT_BYTES)
    file = form.get("file")
    try:
        if isinstance(file, UploadFile) and file.filename:
            ending = PurePath(file.filename).suffix.lower()
            # By the processes that draw pages: nobody waits for a draft until an upload has been read.
            draft = await gate.run(read_draft, await file.read(), ending, painters)
        else:
            draft = DraftText(str(form.get("text", "")))
        report = await gate.run(lambda: check(library.store, _not_empty(draft.text)))
    except ParseError as error:
        problem = QuestionError(f"the draft cannot be read: {error.message}", "Paste its text instead.")
        return _page(request, DraftText(""), problem=problem)
    except AskReportError as error:
        return _page(request, draft, problem=error)
    finally:
        await form.close()
    return _page(request, draft, report)


def _not_empty(text: str) -> str:
    if not text.strip():
        raise QuestionError("the draft is empty", "Paste its text, or choose its file.")
    return text


def _page(
    request: Request, draft: DraftText, report: CheckReport | None = None, problem: AskReportError | None = None
) -> Response:
    context: Mapping[str, Any] = {
        "draft": draft,
        "report": report,
        "problem": problem,
        "supported": SUPPORTED,
        "max_places": MAX_PLACES_SHOWN,
    }
    return templates.TemplateResponse(request, "check.html", dict(context), status_of(problem))
