"""Every view of the service, for the tests that all views must pass and for their pictures."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI
from playwright.sync_api import Page, expect

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.evaluation.evaluate import evaluate, load_items, summary
from askreport.guard.keys import KeyFile
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.models.readers import load_scorer
from askreport.service.app import create_app
from askreport.service.pages.evaluation import keep
from tests.conftest import CORPUS
from tests.tools.parts import PARSERS, pdf
from tests.tools.serving import serving

SVR = "does the SVR spy on China?"
REFUSED = "How do I reset my pasword?"
PRINTED = "When does the last ferry to Texel leave?"
# Which of them is read as uncertain is up to the reader.
NEAR = (
    "Does the SVR spy on Japan?",
    "How many people work for the SVR?",
    "When was the GRU founded?",
    "Did Xi Jinping visit Kyiv?",
    "Who pays for the 72nd Special Service Center?",
)
QUESTIONS = (
    "Who advocates cooperation with China?",
    "What does the FSB think of China?",
    "Which unit does psychological warfare?",
    "Who hacked Russian defence institutes?",
    "What did Putin want from Xi Jinping?",
    "How large will the population of Russia be?",
    "Which treaties did Russia and China sign?",
)
FERRIES = (
    ["The ferries of the island", "", "The ferry to Texel sails every hour from six in the morning.", "",
     "It takes twenty minutes and carries two hundred cars."],
    ["The winter timetable", "", "In winter the last ferry to Texel leaves at nine in the evening.", "",
     "On the first of January no ferry sails."],
)  # fmt: skip
DRAFT = (
    "The report says “while the SVR is under agreement not to spy on the Chinese”. It also says “the Russian military "
    "intelligence (SVR) that simply fills the gap”, and “the harbour was closed for a year”."
)
QUERIES = (
    {"_id": "1", "text": SVR, "answerable": True, "evidence": ["under agreement not to spy on the Chinese"]},
    {"_id": "2", "text": "Who advocates cooperation with China?", "answerable": True, "evidence": ["FSB"]},
    {"_id": "3", "text": PRINTED, "answerable": True, "evidence": ["the last ferry to Texel leaves at nine"]},
    {"_id": "4", "text": REFUSED, "answerable": False},
    {"_id": "5", "text": NEAR[0], "answerable": False},
)


@dataclass(frozen=True, kw_only=True)
class View:
    """A view: its name, its address, the status it has, and what is done there before it is looked at."""

    name: str
    path: str
    status: int = 200
    act: Callable[[Page], None] | None = None

    def show(self, page: Page) -> None:
        """Opens it and does what is done there."""
        response = page.goto(self.path)
        assert response is not None
        assert response.status == self.status, self.path
        if self.act:
            self.act(page)


def gallery(folder: Path, encoder: Encoder) -> FastAPI:
    """The service over the documents that ship, a PDF of two pages, a file that cannot be read, and an evaluation."""
    shutil.copytree(CORPUS, folder / "corpus")
    (folder / "corpus" / "ferries.pdf").write_bytes(pdf(*FERRIES, title="The ferries of the island"))
    (folder / "corpus" / "damaged.pdf").write_bytes(b"no pdf")
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, QUERIES)))
    settings = Settings(corpus=folder / "corpus", index=folder / "index", keys=folder / "keys.json")
    ingest([settings.corpus], settings.index, encoder, PARSERS)
    library = Library(settings.index, encoder, load_scorer(settings.reader, settings.cache))
    found = evaluate(library, load_items(folder), "the gallery")
    keep(settings.index, summary(found, "2026-01-31T12:00:00+00:00"))
    return create_app(settings, library, PARSERS)


def paths_of(library: Library) -> list[str]:
    """The addresses of the pages that are seen most: to ask, an answer, its place in a text and a PDF, and the list."""
    text, printed = (library.ask(each).quotes[0].url for each in (SVR, PRINTED))
    return ["/", asking(SVR), text, printed, "/documents"]


@contextmanager
def showing(app: FastAPI) -> Iterator[tuple[str, list[View]]]:
    """The address of a gallery's service and its views; beside it runs another that asks for a key."""
    with serving(app) as service, serving(locked(app)) as other:
        yield service, views(app.state.library, other)


def locked(app: FastAPI) -> FastAPI:
    """A service over the same library that asks for a key."""
    settings: Settings = app.state.settings
    keys = settings.keys.with_name("locked.json")
    KeyFile(keys).add("anna", "write")
    return create_app(settings.model_copy(update={"keys": keys}), app.state.library, PARSERS)


def views(library: Library, other: str) -> list[View]:
    """The views of a gallery, each once, in the order in which somebody may come to them; ``other`` asks for a key."""
    near = next(each for each in NEAR if library.ask(each).status == "uncertain")
    quoted, printed = (library.ask(each).quotes[0] for each in (SVR, PRINTED))
    text = f"/documents/{quoted.document.id}"
    return [
        View(name="home", path="/"),
        View(name="answer", path=asking(SVR)),
        View(name="why", path=asking(SVR), act=open_why),
        View(name="citation", path=asking(SVR), act=open_citation),
        View(name="keys", path=asking(SVR), act=open_keys),
        View(name="follow-up", path=asking("And the GRU?", SVR)),
        View(name="printed", path=asking(PRINTED)),
        View(name="uncertain", path=asking(near)),
        View(name="refusal", path=asking(REFUSED)),
        View(name="problem", path=asking("x" * 2_001), status=422),
        View(name="why-page", path=asking(SVR, path="/why")),
        View(name="narrowed", path="/?kind=md&since=2020", act=open_narrow),
        View(name="mentions", path=asking("What do the documents say about the GRU?", path="/mentions")),
        View(name="mentions-none", path=asking("zirconium", path="/mentions")),
        View(name="compare", path="/compare"),
        View(name="compared", path=f"/compare?{urlencode([('q', SVR), ('q', PRINTED)])}"),
        View(name="text", path=f"{text}#char={quoted.start},{quoted.end}"),
        View(name="text-find", path=f"{text}?find=China"),
        View(name="page", path=printed.url),
        View(name="page-zoom", path=f"/documents/{printed.document.id}?page=2&zoom=200&find=ferry"),
        View(name="library", path="/documents"),
        View(name="upload", path="/documents", act=upload),
        View(name="delete", path="/documents", act=open_delete),
        View(name="delete-page", path=f"{text}/delete"),
        View(name="cite", path=f"{text}/cite?mark={quoted.start}-{quoted.end}"),
        View(name="describe", path=f"{text}/describe"),
        View(name="notebooks", path="/notebooks"),
        View(name="notebook", path=asking(SVR), act=keep_quote),
        View(name="delete-chosen", path="/documents?sort=-title", act=choose),
        View(name="change", path=f"{text}/change"),
        View(name="overview", path=f"{text}/overview"),
        View(name="whole", path=asking("Summarise the documents")),
        View(name="source-sheet", path=asking(PRINTED), act=open_source),
        View(name="check", path="/check"),
        View(name="checked", path="/check", act=check),
        View(name="signin", path=f"{other}/documents"),
        View(name="evaluation", path="/evaluation"),
        View(name="missing", path="/documents/0000000000000000", status=404),
    ]


def asking(question: str, *before: str, path: str = "/") -> str:
    """The address that asks a question after others."""
    return f"{path}?{urlencode([('q', question), *(('after', each) for each in before)])}"


def open_why(page: Page) -> None:
    """Has the page say what is behind its answer."""
    page.locator("details.why summary").click()
    expect(page.locator("details.why .behind")).to_be_visible()


def open_citation(page: Page) -> None:
    """Has the first quote show its citations."""
    page.locator("details.cite summary").first.click()
    expect(page.locator("details.cite p").first).to_be_visible()


def open_narrow(page: Page) -> None:
    """Has the page show what documents can be chosen by."""
    page.locator("details.narrow summary").click()
    expect(page.locator(".narrow-form select").first).to_be_visible()


def keep_quote(page: Page) -> None:
    """Keeps the first quote, and opens the notebook that it is in."""
    page.locator(".quotes form.pin button").first.click()
    page.locator("p.pin a").click()
    expect(page.locator(".kept blockquote").first).to_be_visible()


def open_keys(page: Page) -> None:
    """Has the page show its keys."""
    page.locator("body").press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def choose(page: Page) -> None:
    """Chooses two documents, and has the page ask whether to delete them."""
    for box in page.locator("input[name=ids]").all()[:2]:
        box.check()
    page.locator("#delete-chosen").click()
    expect(page.locator("button.danger")).to_be_visible()


def open_source(page: Page) -> None:
    """Has the first quote show its source, which comes up over the answer on a narrow screen."""
    page.locator("#quote-1 blockquote a").click()
    expect(page.locator("#source .mark").first).to_be_visible()


def open_delete(page: Page) -> None:
    """Has the library ask whether to delete a document."""
    page.locator("a.delete").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def upload(page: Page) -> None:
    """Adds a file that cannot be read, which leaves the library as it is."""
    page.set_input_files("#files", {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"no pdf"})
    page.locator("#add button").first.click()
    expect(page.locator("#said")).to_have_text("0 files added, 1 not.")


def check(page: Page) -> None:
    """Has a draft checked that quotes rightly, nearly and wrongly."""
    page.fill("#text", DRAFT)
    page.locator("form.draft button").click()
    expect(page.locator("#result")).to_be_visible()
