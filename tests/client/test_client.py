"""The client against a running service, and against one that behaves as a service may at its worst."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from askreport import store
from askreport.answering import mentions, overview
from askreport.answering.ask import SearchResult
from askreport.answering.library import Library
from askreport.bibliography import description as bibliography
from askreport.changes import types as changes
from askreport.check import check
from askreport.client import nouns, transport
from askreport.client.client import Client
from askreport.compare import compare
from askreport.config import Settings
from askreport.errors import AskReportError, ServiceError
from askreport.guard.keys import KeyFile
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder
from askreport.models.readers import load_scorer
from askreport.notebooks import reading, recheck
from askreport.service.api import citations
from askreport.service.app import create_app
from askreport.store import notebooks
from askreport.types import Filter
from tests.tools.parts import PARSERS, folder
from tests.tools.serving import serving

FERRY = "The ferry to Texel sails every hour. It takes twenty minutes."
# The parts of the package that a script needs.
OWN = ("client", "client.client", "client.nouns", "client.transport", "errors", "freshness", "types")


@pytest.fixture(scope="module")
def service(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service over a library of its own."""
    where = tmp_path_factory.mktemp("client")
    goats = "The keeper of the lighthouse kept nine goats. They gave milk."
    settings = Settings(corpus=folder(where / "corpus", {"goats.txt": goats}), index=where / "index")
    ingest([settings.corpus], settings.index, encoder, PARSERS)
    library = Library(settings.index, encoder, load_scorer(settings.reader, settings.cache))
    with serving(create_app(settings, library, PARSERS)) as address:
        yield address


@pytest.fixture
def client(service: str) -> Iterator[Client]:
    with Client(service) as made:
        yield made


def test_a_question_is_answered_with_the_projects_own_types(client: Client) -> None:
    answer = client.ask("How many goats did the keeper have?")
    assert answer.status == "answered"
    quote = answer.quotes[0]
    document = client.document(quote.document.id)
    assert document.text[quote.start : quote.end] == quote.text == quote.selector[1].exact
    assert document.sha256 == quote.document.sha256
    assert client.ask("What did they give?", history=["How many goats did the keeper have?"]).understood


def test_some_documents_are_asked_and_all_mentions_are_listed(client: Client) -> None:
    within = Filter(kinds=("txt",))
    assert client.ask("How many goats did the keeper have?", within=within).reach.documents >= 1
    assert client.search("goats", within=within).passages
    found = client.mentions("goats", within, limit=1)
    assert found.total >= len(found.mentions) == 1
    document = client.document(found.mentions[0].document.id)
    assert document.text[found.mentions[0].start : found.mentions[0].end] == found.mentions[0].text
    with pytest.raises(ServiceError):
        client.mentions("goats", Filter(folders=("none",)))


def test_documents_are_compared(client: Client) -> None:
    questions = ["How many goats did the keeper have?"]
    table = client.compare(questions, documents=["goats.txt"])
    assert table.questions == tuple(questions)
    quote = table.rows[0][0].quote
    assert quote is not None
    assert client.document(table.columns[0].value).text[quote.start : quote.end] == quote.text


def test_an_overview_is_the_document_s_own_words(client: Client) -> None:
    (goats,) = [each.id for each in client.documents() if each.path == "goats.txt"]
    found = client.overview(goats)
    text = client.document(goats).text
    assert found.key_sentences
    assert all(text[each.start : each.end] == each.text for each in found.key_sentences)
    assert {each.paragraph for each in found.key_sentences} == {1}


def test_a_description_is_read_corrected_and_cited(client: Client) -> None:
    (goats,) = [each.id for each in client.documents() if each.path == "goats.txt"]
    assert client.description(goats).corrections == {}
    changed = client.describe(goats, title="Nine goats", authors=["Ann Lee", "Bo Roe"], date="2024")
    assert (changed.description.title, changed.description.authors) == ("Nine goats", ("Ann Lee", "Bo Roe"))
    assert changed.read.title != "Nine goats"
    assert client.ask("How many goats did the keeper have?").quotes[0].document.title == "Nine goats"
    by_style = {each.style: each for each in client.citations(goats, start=0)}
    assert by_style["apa"].reference == "(Lee & Roe, 2024, para. 1)"
    assert "para." not in {each.style: each for each in client.citations(goats)}["apa"].reference
    assert client.bibliography("mla", documents=[goats]).startswith("Lee, Ann, and Bo Roe. ")
    assert "Nine goats" in client.bibliography()
    assert client.bibliography(tag="none").strip() == ""
    assert client.describe(goats, title=None, authors=None, date=None).corrections == {}
    with pytest.raises(ServiceError):
        client.describe(goats, colour="red")


def test_a_notebook_is_made_filled_exported_and_checked_again(client: Client) -> None:
    made = client.create_notebook("Animals")
    answer = client.ask("How many goats did the keeper have?")
    item = client.pin(made.id, answer.quotes[0], answer.question, note="Look.")
    assert item.content["quote"]["text"] == answer.quotes[0].text
    mention = client.mentions("goats").mentions[0]
    assert client.pin(made.id, mention).content["quote"]["text"] == mention.text
    kept = client.keep(made.id, ["How many goats did the keeper have?", "What did they give?"])
    assert client.note(made.id, item.id, "Look again.").note == "Look again."
    found = client.notebook(made.id)
    assert [each.id for each in found.items][::2] == [item.id, kept.id]
    assert {state.status for states in found.states.values() for state in states} == {"same"}
    assert client.export(made.id).startswith(b"PK")
    assert b"Look again." in client.export(made.id, "markdown", "apa")
    client.remove(made.id, kept.id)
    assert client.change_notebook(made.id, name="Goats", shared=True).items == 2
    assert [each.name for each in client.notebooks()] == ["Goats"]
    assert client.delete_notebook(made.id).id == made.id
    assert client.notebooks() == ()
    with pytest.raises(ServiceError):
        client.notebook(made.id)


def test_search_check_and_the_index(client: Client) -> None:
    assert client.search("goats", k=1).passages[0].document.path == "goats.txt"
    assert client.search("goats", documents=[client.documents()[0].id]).passages
    checked = client.check("It says “The keeper of the lighthouse kept nine goats.”")
    assert (checked.counts["verbatim"], checked.quotations[0].places[0].start) == (1, 0)
    assert client.index().counts.documents == len(client.documents())


def test_a_document_comes_and_goes(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "ferry.txt"
    file.write_text(FERRY)
    done = client.wait(client.upload(file, str(file)))
    assert [each.status for each in done.outcomes] == ["indexed", "duplicate"]
    question = "How often does the ferry to Texel sail?"
    assert client.ask(question).quotes[0].text == "The ferry to Texel sails every hour."
    (ferry,) = set(done.documents)
    assert client.delete(ferry).files == ("ferry.txt",)
    assert client.ask(question).status == "not_found"
    assert client.job(done.id) == done


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda client: client.ask(" "), "bad_request"),
        (lambda client: client.ask("Why?", k=0), "bad_request"),
        (lambda client: client.document("no ne"), "document_not_found"),
        (lambda client: client.delete("none"), "document_not_found"),
        (lambda client: client.job("none"), "job_not_found"),
    ],
)
def test_the_services_errors_are_raised_with_its_code_and_hint(
    client: Client, call: Callable[[Client], object], code: str
) -> None:
    with pytest.raises(AskReportError) as caught:
        call(client)
    assert caught.value.code == code
    assert caught.value.hint


def test_of_many_documents_all_are_listed(client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.txt" for n in range(4)]
    for file in files:
        file.write_text(f"Text number {file.stem}.")
    added = client.wait(client.upload(*files))
    listed = client.documents()
    monkeypatch.setattr(transport, "PART", 2)
    assert client.documents() == listed
    assert len(listed) == 5
    for each in added.documents:
        client.delete(each)


def test_with_a_key_it_may_what_the_key_may(encoder: Encoder, tmp_path: Path) -> None:
    corpus = folder(tmp_path / "corpus", {"a.txt": FERRY})
    settings = Settings(corpus=corpus, index=tmp_path / "index", keys=tmp_path / "keys.json")
    ingest([corpus], settings.index, encoder, PARSERS)
    key = KeyFile(settings.keys).add("anna", "read")
    app = create_app(settings, Library(settings.index, encoder), PARSERS)
    with serving(app) as address, Client(address, key) as anna, Client(address) as nobody:
        assert anna.search("ferry").passages
        for call, code in [(nobody.index, "unauthorized"), (lambda: anna.upload(corpus / "a.txt"), "forbidden")]:
            with pytest.raises(ServiceError) as caught:
                call()
            assert caught.value.code == code


def test_where_nothing_listens_the_error_says_what_to_do() -> None:
    with Client("http://127.0.0.1:9") as nobody, pytest.raises(ServiceError) as caught:
        nobody.index()
    assert caught.value.code == "service_unreachable"
    assert "askreport serve" in (caught.value.hint or "")


class Moody:
    """A service that answers with what it was given, one after another, and remembers what it was sent."""

    def __init__(self) -> None:
        self.answers: list[Response] = []
        self.seen: list[tuple[str, str, bytes]] = []

    async def answer(self, request: Request) -> Response:
        self.seen.append((request.url.path, request.headers.get("authorization", ""), await request.body()))
        return self.answers.pop(0)


@pytest.fixture
def moody() -> Iterator[tuple[Moody, str]]:
    made = Moody()
    with serving(Starlette(routes=[Route("/{path:path}", made.answer, methods=["GET", "POST"])])) as address:
        yield made, address


def put_off(after: str | None) -> Response:
    body = {"error": {"code": "overloaded", "message": "too much", "hint": None}}
    return JSONResponse(body, 503, headers={"retry-after": after} if after else None)


INDEX = {"generation": 1, "built_at": "", "encoder": "", "counts": {"documents": 0, "passages": 0, "sentences": 0}}


def test_a_request_that_is_put_off_is_sent_again_only_if_wanted(moody: tuple[Moody, str]) -> None:
    service, address = moody
    service.answers = [put_off("0"), put_off("0"), JSONResponse(INDEX)]
    with Client(address, key="k", retries=2) as client:
        assert client.index().generation == 1
    assert [(path, key) for path, key, _ in service.seen] == [("/api/v1/index", "Bearer k")] * 3
    for retries, answer in [(0, put_off("0")), (5, put_off(None)), (5, put_off("soon"))]:
        service.answers = [answer]
        with Client(address, retries=retries) as client, pytest.raises(ServiceError, match="too much") as caught:
            client.index()
        assert caught.value.code == "overloaded"


def test_an_upload_that_is_put_off_is_sent_again_whole(moody: tuple[Moody, str], tmp_path: Path) -> None:
    service, address = moody
    (tmp_path / "a.txt").write_text("All of it.")
    job = {"id": "j", "status": "done", "stage": "", "done": 0, "total": 0, "outcomes": [], "documents": []}
    service.answers = [put_off("0"), JSONResponse({**job, "error": None}, 202)]
    with Client(address, retries=1) as client:
        assert client.upload(tmp_path / "a.txt").is_over
    assert all(b"All of it." in body for *_, body in service.seen)
    assert len(service.seen) == 2


@pytest.mark.parametrize(
    "answer", [PlainTextResponse("Bad gateway", 502), PlainTextResponse("hello"), JSONResponse({"error": "no"}, 500)]
)
def test_what_is_not_the_service_is_known(moody: tuple[Moody, str], answer: Response) -> None:
    service, address = moody
    service.answers = [answer]
    with Client(address) as client, pytest.raises(ServiceError, match="something that is not askreport's") as caught:
        client.index()
    assert caught.value.code == "service_failed"


def test_a_job_that_fails_or_takes_too_long_is_an_error(moody: tuple[Moody, str]) -> None:
    service, address = moody
    job = {"id": "j", "status": "running", "stage": "", "done": 0, "total": 0, "outcomes": [], "documents": []}
    failure = {"code": "index_write_failed", "message": "full", "hint": "Free space."}
    service.answers = [
        JSONResponse({**job, "error": None}),
        JSONResponse({**job, "status": "failed", "error": failure}),
    ]
    with Client(address) as client:
        started = client.job("j")
        with pytest.raises(ServiceError, match="not done after 0 seconds"):
            client.wait(started, seconds=0)
        with pytest.raises(ServiceError, match="full") as caught:
            client.wait(started)
    assert caught.value.code == "index_write_failed"


def test_the_client_is_light_and_stands_alone() -> None:
    script = "import sys, json, askreport.client.client; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {each for each in json.loads(done.stdout) if each.startswith("askreport.")}
    assert loaded == {f"askreport.{each}" for each in OWN}


@pytest.mark.parametrize(
    ("reply", "own"),
    [
        (nouns.SearchResult, SearchResult),
        (nouns.DocumentSummary, store.DocumentSummary),
        (nouns.SourcePlace, check.SourcePlace),
        (nouns.Difference, check.Difference),
        (nouns.CheckedQuotation, check.CheckedQuotation),
        (nouns.CheckReport, check.CheckReport),
        (nouns.Added, changes.Added),
        (nouns.JobError, changes.JobError),
        (nouns.Job, changes.Job),
        (nouns.Deleted, changes.Deleted),
        (nouns.IndexCounts, store.IndexCounts),
        (nouns.Manifest, store.Manifest),
        (nouns.Mentions, mentions.Mentions),
        (nouns.Column, compare.Column),
        (nouns.Cell, compare.Cell),
        (nouns.Comparison, compare.Comparison),
        (nouns.Overview, overview.Overview),
        (nouns.Section, overview.Section),
        (nouns.Extract, overview.Extract),
        (nouns.Detail, overview.Detail),
        (nouns.Answerable, overview.Answerable),
        (nouns.Description, bibliography.Description),
        (nouns.DescribedDocument, citations.DescribedDocument),
        (nouns.StyledCitation, citations.StyledCitation),
        (nouns.Notebook, notebooks.Notebook),
        (nouns.Item, notebooks.Item),
        (nouns.Checked, reading.Checked),
        (nouns.State, recheck.State),
        (nouns.Step, recheck.Step),
    ],
)
def test_every_field_is_one_of_the_services_noun_of_that_name(reply: type, own: type) -> None:
    assert reply.__name__ == own.__name__
    assert {each.name for each in fields(reply)} <= {each.name for each in fields(own)}


def test_what_is_not_known_is_left_aside_and_what_is_missing_is_an_error() -> None:
    counts = b'{"documents": 1, "passages": 2, "sentences": 3}'
    content = b'{"generation": 1, "built_at": "now", "encoder": "e", "new": [], "counts": ' + counts + b"}"
    assert transport.read_reply(nouns.Manifest, content).counts == nouns.IndexCounts(1, 2, 3)
    for wrong in (b"{}", b"[]", b"", b"<html>", content.replace(b"1,", b'"one",')):
        with pytest.raises(ValueError, match="validation error"):
            transport.read_reply(nouns.Manifest, wrong)
