"""The tool that tells what is in a document."""

import pytest

from askreport.agents.overview import OverviewArguments, OverviewResult, overview_tool
from askreport.answering.library import Library
from askreport.errors import DocumentNotFoundError
from tests.agents.test_tools import address


def test_an_overview_is_told_with_addresses_to_cite(library: Library) -> None:
    (report,) = [each for each in library.store.documents() if each.path == "china-russia-report.txt"]
    result = overview_tool(library, address, OverviewArguments(id=report.id))
    told = result.value
    assert isinstance(told, OverviewResult)
    assert OverviewResult.model_validate_json(result.text) == told
    text = library.store.document(report.id).text
    extracts = [*told.key_sentences, *told.conclusions, *(each.answer for each in told.questions)]
    assert told.questions
    for each in extracts:
        assert each.text == text[each.start : each.end]
        assert each.url.startswith(f"http://x/documents/{report.id}")
        assert each.paragraph


def test_there_is_no_overview_of_what_is_not_there(library: Library) -> None:
    with pytest.raises(DocumentNotFoundError):
        overview_tool(library, address, OverviewArguments(id="none"))
