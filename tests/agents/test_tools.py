"""The tools on a real library: what they give can be fetched, cited, and read on."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from askreport.agents.tools import (
    MAX_CHARACTERS,
    AskArguments,
    AskResult,
    DocumentList,
    FetchArguments,
    Fetched,
    ListArguments,
    MentionList,
    MentionsArguments,
    SearchArguments,
    SearchItems,
    ask_tool,
    fetch_tool,
    file_address,
    list_tool,
    mentions_tool,
    search_tool,
)
from askreport.answering.library import Library
from askreport.errors import AskReportError, DocumentNotFoundError, QuestionError
from askreport.indexing.ingest import ingest
from askreport.store import Store
from tests.conftest import REPORT
from tests.tools.parts import PARSERS, HashingEncoder, folder, pdf, prose


def address(store: Store, document: str, path: str) -> str:
    return f"http://x{path}"


def ask(library: Library, **given: Any) -> tuple[AskResult, str]:
    result = ask_tool(library, address, AskArguments(**given))
    assert isinstance(result.value, AskResult)
    return result.value, result.text


def search(library: Library, **given: Any) -> SearchItems:
    result = search_tool(library, address, SearchArguments(**given))
    assert isinstance(result.value, SearchItems)
    assert SearchItems.model_validate_json(result.text) == result.value
    return result.value


def fetch(library: Library, **given: Any) -> Fetched:
    result = fetch_tool(library, address, FetchArguments(**given))
    assert isinstance(result.value, Fetched)
    return result.value


def documents(library: Library, **given: Any) -> DocumentList:
    result = list_tool(library, address, ListArguments(**given))
    assert isinstance(result.value, DocumentList)
    return result.value


def test_a_question_is_answered_by_quotes_in_text_and_in_fields(library: Library) -> None:
    result, text = ask(library, question="does the SVR spy on China?")
    assert result.status == "answered"
    first = result.quotes[0]
    assert first.text == REPORT.read_text()[first.start : first.end]
    assert first.url == f"http://x/documents/{first.document}#char={first.start},{first.end}"
    assert all(quote.text in text and quote.url in text for quote in result.quotes)


def test_a_quote_comes_with_its_context(library: Library) -> None:
    question = "Is there joint deployment of troops or sharing of military bases between Russia and China?"
    found = ask_tool(library, file_address, AskArguments.model_validate({"question": question}))
    quote = next(each for each in found.value.model_dump()["quotes"] if "sharing of military bases" in each["text"])
    (before,) = quote["context"]
    assert before["role"] == "before"
    assert f"“{before['text']} {quote['text']}" in found.text
    assert library.store.document(quote["document"]).text[before["start"] : before["end"]] == before["text"]


def test_a_follow_up_is_understood_by_its_history(library: Library) -> None:
    result, text = ask(library, question="And the GRU?", history=["does the SVR spy on China?"])
    assert result.understood == "does the GRU spy on China?"
    assert text.startswith("Understood as: does the GRU spy on China?")


def test_a_question_can_be_kept_to_some_documents(library: Library) -> None:
    other = next(each.id for each in library.store.documents() if each.path == "demography.md")
    result, _ = ask(library, question="does the SVR spy on China?", documents=[other])
    assert {quote.document for quote in result.quotes} <= {other}
    with pytest.raises(DocumentNotFoundError):
        ask(library, question="Why?", documents=["none"])


def test_what_the_documents_do_not_say_is_refused(library: Library) -> None:
    result, text = ask(library, question="How many moons does Jupiter have?")
    assert (result.status, result.quotes, text) == ("not_found", [], "The documents do not say.")


def test_a_search_result_is_fetched_with_what_is_around_it(library: Library) -> None:
    for item in search(library, query="military intelligence", limit=5).results:
        fetched = fetch(library, id=item.id)
        about = fetched.metadata
        assert item.text in fetched.text
        document = library.store.document(about["document"])
        assert fetched.text == document.text[about["start"] : about["end"]]
        assert document.text[about["passage_start"] : about["passage_end"]] == item.text
        assert (fetched.id, fetched.title, about["sha256"]) == (item.id, item.title, document.sha256)


def test_all_mentions_are_listed_in_parts_and_can_be_kept_to_some_documents(library: Library) -> None:
    def listed(**given: Any) -> MentionList:
        result = mentions_tool(library, address, MentionsArguments(**given))
        assert isinstance(result.value, MentionList)
        assert MentionList.model_validate_json(result.text) == result.value
        return result.value

    whole = listed(query="the GRU", limit=200)
    first = listed(query="the GRU", limit=2)
    assert (first.total, first.next) == (whole.total, 2)
    assert [*first.mentions, *listed(query="the GRU", start=2, limit=3).mentions] == whole.mentions[:5]
    report = listed(query="the GRU", kinds=["txt"])
    assert report.documents == 1
    for each in report.mentions:
        assert library.store.document(each.document).text[each.start : each.end] == each.text
        assert each.url.startswith("http://x/documents/")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of a long text, a short one and a PDF."""
    where = tmp_path_factory.mktemp("made")
    corpus = folder(where / "corpus", {"long.txt": prose(1, 800), "short.txt": "One sentence."})
    (corpus / "b.pdf").write_bytes(pdf(["A line on a page."], ["The second page has words."]))
    encoder = HashingEncoder()
    ingest([corpus], where / "index", encoder, PARSERS)
    return Library(where / "index", encoder)


def test_a_long_document_is_read_in_parts(made: Library) -> None:
    document = next(each for each in made.store.documents() if each.path == "long.txt")
    text, start = "", 0
    while start < document.characters:
        part = fetch(made, id=document.id, start=start)
        assert 0 < len(part.text) <= MAX_CHARACTERS
        text, start = text + part.text, part.metadata["end"]
    assert document.characters > 2 * MAX_CHARACTERS
    assert text == made.store.document(document.id).text


@given(start=st.integers(0, 60_000), length=st.integers(0, 60_000))
def test_any_range_is_a_slice_or_refused(made: Library, start: int, length: int) -> None:
    document = made.store.document(next(each.id for each in made.store.documents() if each.path == "long.txt"))
    try:
        part = fetch(made, id=document.id, start=start, end=max(1, start + length))
    except QuestionError:
        assert start > len(document.text)
        return
    assert part.text == document.text[start : start + min(max(length, start == 0), MAX_CHARACTERS)]


def test_a_range_that_is_none_and_an_id_that_is_none_are_errors(made: Library) -> None:
    short = next(each.id for each in made.store.documents() if each.path == "short.txt")
    with pytest.raises(QuestionError, match="no characters 5 to 2"):
        fetch(made, id=short, start=5, end=2)
    for wrong in ("none", "none:1-2", f"{short}:1-", f"{short}:99999999999-999999999999", ""):
        with pytest.raises(AskReportError):
            fetch(made, id=wrong)


def test_documents_are_listed_in_parts(made: Library) -> None:
    first = documents(made, limit=2)
    assert ([each.path for each in first.documents], first.total, first.next) == (["b.pdf", "long.txt"], 3, 2)
    last = documents(made, start=2)
    assert ([each.path for each in last.documents], last.next) == (["short.txt"], None)
    assert documents(made, start=9).documents == []


@pytest.mark.parametrize("wrong", [{}, {"question": "Q?", "k": 5}, {"question": "Q?", "documents": []}])
def test_arguments_that_a_tool_does_not_have_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AskArguments(**wrong)


def test_without_a_service_the_file_itself_is_the_address(made: Library, tmp_path: Path) -> None:
    store = made.store
    by_path = {each.path: each.id for each in store.documents()}
    text = file_address(store, by_path["short.txt"], "/documents/x#char=1,5")
    assert text == store.source(by_path["short.txt"]).file.as_uri() + "#char=1,5"
    page = file_address(store, by_path["b.pdf"], "/documents/x?page=2&mark=20-25#char=20,25")
    assert page.endswith("b.pdf#page=2")
    assert file_address(store, by_path["b.pdf"], "/documents/x#char=1,5").endswith("b.pdf")
