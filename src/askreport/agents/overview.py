"""The tool that tells agents what is in a document, so that they need not read all of it."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from askreport.agents.tools import Address, Arguments, Result, as_json
from askreport.answering.library import Library
from askreport.answering.overview import Detail, Extract, Overview
from askreport.store import Store


class OverviewArguments(Arguments):
    """The document."""

    id: str = Field(description="The id of a document.")


class ToldExtract(BaseModel):
    """The document's own words; ``start`` and ``end`` count the characters of its text."""

    text: str
    url: str
    start: int
    end: int
    page: int | None
    page_label: str
    paragraph: int | None


class ToldDetail(BaseModel):
    """A date, name or figure, and how often the document speaks of it."""

    text: str
    count: int


class ToldSection(BaseModel):
    """A heading: its level from 1 and its words."""

    level: int
    title: str


class ToldQuestion(BaseModel):
    """A question that the document answers, and the words that do."""

    question: str
    answer: ToldExtract


class OverviewResult(BaseModel):
    """What is in a document; ``concludes`` is false if ``conclusions`` are only its last sentences."""

    id: str
    title: str
    url: str
    characters: int
    pages: int
    outline: list[ToldSection]
    key_sentences: list[ToldExtract]
    conclusions: list[ToldExtract]
    concludes: bool
    dates: list[ToldDetail]
    names: list[ToldDetail]
    figures: list[ToldDetail]
    questions: list[ToldQuestion]


def overview_tool(library: Library, address: Address, given: OverviewArguments) -> Result:
    """Tells what is in a document; DocumentNotFoundError."""
    found = library.overview(given.id)
    return as_json(library.read(lambda store: _told(store, address, found)))


def _told(store: Store, address: Address, found: Overview) -> OverviewResult:
    document = found.document

    def extract(one: Extract) -> ToldExtract:
        return ToldExtract(
            text=one.text,
            url=address(store, document.id, one.url),
            start=one.start,
            end=one.end,
            page=one.page,
            page_label=one.page_label,
            paragraph=one.paragraph,
        )

    return OverviewResult(
        id=document.id,
        title=document.title,
        url=address(store, document.id, f"/documents/{document.id}"),
        characters=found.characters,
        pages=found.pages,
        outline=[ToldSection(level=each.level, title=each.title) for each in found.outline],
        key_sentences=[extract(each) for each in found.key_sentences],
        conclusions=[extract(each) for each in found.conclusions],
        concludes=found.concludes,
        dates=_details(found.dates),
        names=_details(found.names),
        figures=_details(found.figures),
        questions=[ToldQuestion(question=each.question, answer=extract(each.answer)) for each in found.questions],
    )


def _details(found: Sequence[Detail]) -> list[ToldDetail]:
    return [ToldDetail(text=each.text, count=each.count) for each in found]
