"""The page of comparisons: a form, the table, the cells as they come for its script, and the table as a file."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from askreport.answering.library import Library
from askreport.compare.compare import Cell, Comparison, Plan, plan
from askreport.compare.export import KINDS, exported
from askreport.errors import AskReportError
from askreport.service.pages.narrow import narrowing
from askreport.service.pages.templating import FRAGMENT, layout_of, templates
from askreport.service.shared.cells import cells, table
from askreport.service.shared.dependencies import GateOf, LibraryOf
from askreport.service.shared.problems import headers_of, status_of
from askreport.service.shared.sse import event, stream
from askreport.types import ALL

PATH = "/compare"
_Names = Annotated[list[str] | None, Query()]

compare_pages = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a comparison was asked for: its questions, and its columns by what they are."""

    questions: tuple[str, ...]
    documents: tuple[str, ...]
    folders: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def fields(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Its values by the names that forms and addresses have for them."""
        return ("q", self.questions), ("document", self.documents), ("folder", self.folders), ("tag", self.tags)

    def address(self, path: str) -> str:
        """The address of the same elsewhere: its cells, or a file of it."""
        return f"{path}?{urlencode([(name, each) for name, values in self.fields for each in values])}"

    def plan(self, library: Library) -> Plan:
        """What is to be compared; errors as for ``plan``."""
        return plan(library, self.questions, documents=self.documents, folders=self.folders, tags=self.tags)


def asked_for(
    questions: Sequence[str] | None,
    documents: Sequence[str] | None,
    folders: Sequence[str] | None,
    tags: Sequence[str] | None,
) -> Asked:
    """What a form or an address asks for; of the questions one or several lines each."""
    lines = [line.strip() for each in questions or () for line in each.splitlines()]
    return Asked(
        questions=tuple(dict.fromkeys(line for line in lines if line)),
        documents=tuple(each for each in documents or () if each),
        folders=tuple(each for each in folders or () if each),
        tags=tuple(each for each in tags or () if each),
    )


async def _asked(q: _Names = None, document: _Names = None, folder: _Names = None, tag: _Names = None) -> Asked:
    return asked_for(q, document, folder, tag)


AskedOf = Annotated[Asked, Depends(_asked)]


@compare_pages.get(PATH)
async def show_comparison(request: Request, library: LibraryOf, gate: GateOf, asked: AskedOf) -> Response:
    """The form and, with questions (``q``, one or several lines each), the table.

    A script is given the table without its cells, which it has fetched one after another.
    """
    planned, found, problem, index = None, None, None, None
    try:
        if asked.questions:
            planned = await gate.run(asked.plan, library)
            found = await table(library, gate, planned) if FRAGMENT not in request.headers else None
            index = found.index if found else await gate.run(library.read, lambda store: store.state)
    except AskReportError as error:
        planned, problem = None, error
    choice = await gate.run(narrowing, library, ALL, lambda _: PATH)
    context = {
        "asked": asked,
        "choice": choice,
        # Documents may be named by their files.
        "chosen": [column.value for column in planned.columns] if planned and asked.documents else asked.documents,
        "planned": planned,
        "rows": _rows(planned, found),
        "index": index,
        "kinds": list(KINDS),
        "problem": problem,
        "layout": layout_of(request),
    }
    headers = {"vary": FRAGMENT, **headers_of(problem)}
    return templates.TemplateResponse(request, "compare.html", context, status_of(problem), headers=headers)


@compare_pages.get("/compare/cells")
async def get_cells(library: LibraryOf, gate: GateOf, asked: AskedOf) -> StreamingResponse:
    """The cells of the table as server-sent events, each with its place and its words as a part of the page."""
    planned = await gate.run(asked.plan, library)

    async def events() -> AsyncGenerator[bytes, None]:
        try:
            async with aclosing(cells(library, gate, planned)) as coming:
                async for cell, _ in coming:
                    yield event({"id": f"cell-{cell.question}-{cell.column}", "html": _said(cell)}, "cell")
        except AskReportError as error:
            yield event({"message": error.message}, "problem")
            return
        yield event(None, "done")

    return stream(events())


@compare_pages.get("/compare.{kind}")
async def get_file(
    request: Request,
    kind: str,
    library: LibraryOf,
    gate: GateOf,
    asked: AskedOf,
) -> Response:
    """The table as a file: csv, xlsx, md or html."""
    if kind not in KINDS:
        return Response(status_code=404)
    base = str(request.base_url).rstrip("/")
    found = await table(library, gate, await gate.run(asked.plan, library))
    content = await gate.run(exported, found, kind, base)
    name = f"comparison-{datetime.now(UTC):%Y-%m-%d}.{kind}"
    disposition = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=KINDS[kind], headers=disposition)


def _rows(planned: Plan | None, found: Comparison | None) -> list[tuple[str, list[Cell | None]]]:
    """The questions with their cells, each None if it is still to come."""
    if planned is None:
        return []
    if found is None:
        return [(question, [None] * len(planned.columns)) for question in planned.questions]
    return [(question, list(row)) for question, row in zip(planned.questions, found.rows, strict=True)]


def _said(cell: Cell) -> str:
    """A cell's words as a part of the page."""
    return templates.get_template("cell.html").render(cell=cell)
