"""The page that checks a draft's quotations: the draft as text or as a file, and what the library says to each."""

from collections.abc import Sequence
from pathlib import PurePath

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from askreport.answering.library import Library
from askreport.check.check import MAX_DRAFT_CHARS, CheckReport, DraftText, check, read_draft
from askreport.errors import AskReportError, ParseError, QuestionError
from askreport.parse import SUPPORTED, ParserPool
from askreport.service.pages.templating import templates
from askreport.service.shared.dependencies import GateOf, LibraryOf, PaintersOf
from askreport.service.shared.problems import headers_of, status_of

# Of the form's text, which has up to four bytes a character.
_MAX_TEXT_BYTES = 4 * MAX_DRAFT_CHARS
MAX_PLACES_SHOWN = 3

check_pages = APIRouter(include_in_schema=False)


@check_pages.get("/check")
def show_form(request: Request) -> Response:
    """The form for a draft."""
    return _page(request)


@check_pages.post("/check")
async def check_draft(request: Request, library: LibraryOf, painters: PaintersOf, gate: GateOf) -> Response:
    """The form's draft, and what became of each of its quotations."""
    async with request.form(max_files=1, max_fields=2, max_part_size=_MAX_TEXT_BYTES) as form:
        file, pasted = form.get("file"), str(form.get("text", ""))
        name, data = (file.filename, await file.read()) if isinstance(file, UploadFile) else (None, b"")
    try:
        # By the processes that draw pages: nobody waits for a draft until an upload has been read.
        draft = await gate.run(_read, name, data, painters) if name else DraftText(pasted)
        report = await gate.run(_checked, library, draft.text)
    except AskReportError as error:
        return _page(request, pasted, problem=error)
    # What was read from a file is not for the box: sent again it would be checked twice.
    return _page(request, "" if name else pasted, report, draft.problems)


def _read(name: str, data: bytes, painters: ParserPool) -> DraftText:
    try:
        return read_draft(data, PurePath(name).suffix.lower(), painters)
    except ParseError as error:
        raise QuestionError(f"the draft cannot be read: {error.message}", "Paste its text instead.") from None


def _checked(library: Library, text: str) -> CheckReport:
    if not text.strip():
        raise QuestionError("the draft is empty", "Paste its text, or choose its file.")
    return library.titled(library.read(lambda store: check(store, text)))


def _page(
    request: Request,
    pasted: str = "",
    report: CheckReport | None = None,
    partly: Sequence[str] = (),
    problem: AskReportError | None = None,
) -> Response:
    context = {
        "pasted": pasted,
        "report": report,
        "partly": partly,
        "problem": problem,
        "supported": SUPPORTED,
        "max_places": MAX_PLACES_SHOWN,
    }
    return templates.TemplateResponse(request, "check.html", context, status_of(problem), headers=headers_of(problem))
