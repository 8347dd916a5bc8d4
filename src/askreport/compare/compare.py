"""Questions in rows, documents or collections in columns -> in each cell the best quote, or that it does not say."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from askreport.answering.ask import checked, milliseconds_since
from askreport.answering.filters import Catalogue
from askreport.answering.library import Library
from askreport.errors import QuestionError
from askreport.types import Answer, Filter, IndexState, Quote, Status

MAX_QUESTIONS = 50
MAX_COLUMNS = 100
# A cell takes some 30 ms.
MAX_CELLS = 1_000
# How often it is begun anew if the library changes meanwhile.
TRIES = 3
ColumnKind: TypeAlias = Literal["document", "folder", "tag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column asks: a document (``value`` is its id), or all documents of a folder or with a tag."""

    kind: ColumnKind
    value: str
    name: str
    documents: int

    @property
    def within(self) -> Filter:
        """The filter that leaves its documents."""
        return Filter(**{f"{self.kind}s": (self.value,)})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a column says to a question, both counted from 0: the best quote, none if it does not say."""

    question: int
    column: int
    status: Status
    confidence: float
    quote: Quote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be compared; within the limits."""

    questions: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def places(self) -> Iterator[tuple[int, int]]:
        """Question and column of each cell, row by row."""
        return ((row, column) for row in range(len(self.questions)) for column in range(len(self.columns)))

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.questions) * len(self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The table: ``rows`` has the cells of each question, in the order of the columns; all of one state of the library.

    If the library changes again and again, ``index`` is that of the last cell.
    """

    questions: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    index: IndexState
    took_ms: float


def plan(
    library: Library,
    questions: Sequence[str],
    *,
    documents: Sequence[str] = (),
    folders: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> Plan:
    """What is to be compared: each question, with each document, folder and tag as a column; with none, all documents.

    Raises QuestionError for a question that cannot be asked and beyond the limits, DocumentNotFoundError and
    NothingChosenError for columns that there are not.
    """
    asked = tuple(dict.fromkeys(checked(question) for question in questions if question.strip()))
    if not asked:
        raise QuestionError("there is no question to compare by", "Give at least one.")
    columns = library.read_catalogue(lambda _, catalogue: _columns(catalogue, documents, folders, tags))
    if len(asked) > MAX_QUESTIONS or len(columns) > MAX_COLUMNS or len(asked) * len(columns) > MAX_CELLS:
        raise QuestionError(
            f"{len(asked)} questions to {len(columns):,} columns are too many",
            f"Compare up to {MAX_QUESTIONS} questions and {MAX_COLUMNS} columns, and {MAX_CELLS:,} cells in all.",
        )
    if not columns:
        raise QuestionError("there are no documents to compare", "Add some, or name others.")
    return Plan(questions=asked, columns=columns)


def answer(library: Library, wanted: Plan, row: int, column: int) -> tuple[Cell, IndexState]:
    """One cell, and the state of the library that it is from; errors as for ``Library.ask``."""
    said = library.ask(wanted.questions[row], within=wanted.columns[column].within)
    return _cell(said, row, column), said.index


def compare(library: Library, wanted: Plan, progress: Callable[[Cell], None] | None = None) -> Comparison:
    """The whole table; ``progress`` is told each cell as it comes, and again if the library changed meanwhile."""
    started = time.perf_counter()
    for _ in range(TRIES):
        found = []
        for row, column in wanted.places:
            found.append(answer(library, wanted, row, column))
            if progress:
                progress(found[-1][0])
        if len({state for _, state in found}) == 1:
            break
    return table_of(wanted, found, started)


def table_of(wanted: Plan, found: Sequence[tuple[Cell, IndexState]], started: float) -> Comparison:
    """The table of all cells, row by row, each with the state it is from; ``started`` is by ``time.perf_counter``."""
    cells, width = [cell for cell, _ in found], len(wanted.columns)
    return Comparison(
        questions=wanted.questions,
        columns=wanted.columns,
        rows=tuple(tuple(cells[start : start + width]) for start in range(0, len(cells), width)),
        index=found[-1][1],
        took_ms=milliseconds_since(started),
    )


def _cell(said: Answer, row: int, column: int) -> Cell:
    quote = said.quotes[0] if said.quotes else None
    return Cell(question=row, column=column, status=said.status, confidence=said.confidence, quote=quote)


def _columns(
    catalogue: Catalogue, documents: Sequence[str], folders: Sequence[str], tags: Sequence[str]
) -> tuple[Column, ...]:
    entries = {each.id: each for each in catalogue.entries}
    none_named = not (documents or folders or tags)
    ids = list(entries)[: MAX_COLUMNS + 1] if none_named else [catalogue.named(each) for each in documents]
    named: list[tuple[ColumnKind, str, str]] = [("document", each, entries[each].title) for each in ids]
    named += [("folder", each, each) for each in folders]
    named += [("tag", each, each) for each in tags]
    found = {}
    for kind, value, name in named:
        column = Column(kind=kind, value=value, name=name, documents=1)
        chosen = catalogue.choose(column.within) if kind != "document" else None
        count = len(chosen.documents) if chosen else 1
        found[kind, value] = Column(kind=kind, value=value, name=name, documents=count)
    return tuple(found.values())
