"""``askreport ask --prose``, with a scripted model."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from askreport.answering.library import Library
from askreport.cli.main import app
from askreport.cli.prose import line
from askreport.errors import SettingError
from askreport.types import ProseSentence
from tests.tools.scripted import saying, scripted

SVR = "does the SVR spy on China?"
GOOD = "The SVR is under agreement not to spy on the Chinese [1]. The GRU sells [red] ships [1]."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with scripted(saying(GOOD)) as model:
        yield model.url


def run(library: Library, url: str, *arguments: str) -> Result:
    environ = {"ASKREPORT_INDEX": str(library.index), "ASKREPORT_LLM_URL": url, "ASKREPORT_LLM_SECONDS": "5"}
    return CliRunner().invoke(app, ["ask", *arguments], env=environ)


def test_sentences_follow_the_quotes_with_their_reasons(library: Library, url: str) -> None:
    result = run(library, url, SVR, "--prose")
    assert result.exit_code == 0
    quotes, prose = result.output.split("In a language model’s words")
    assert "simply fills the gap" in quotes
    assert "The SVR is under agreement not to spy on the Chinese. [1]" in prose
    assert "The GRU sells [red] ships. [1] not supported: the quote does not say so" in prose


def test_json_holds_the_prose(library: Library, url: str) -> None:
    result = run(library, url, SVR, "--prose", "--json")
    assert [each["supported"] for each in json.loads(result.output)["prose"]["sentences"]] == [True, False]


def test_without_the_option_no_model_is_asked(library: Library, url: str) -> None:
    assert json.loads(run(library, url, SVR, "--json").output)["prose"] is None


def test_a_refusal_stays_one(library: Library, url: str) -> None:
    result = run(library, url, "How do I reset my password?", "--prose")
    assert result.exit_code == 1
    assert "language model" not in result.output


def test_without_a_model_the_option_says_how_to_set_one(library: Library) -> None:
    result = run(library, "", SVR, "--prose")
    assert isinstance(result.exception, SettingError)
    assert "ASKREPORT_LLM_URL" in (result.exception.hint or "")


def test_a_model_that_is_down_takes_nothing_away(library: Library) -> None:
    with scripted(saying("")) as model:
        gone = model.url
    result = run(library, gone, SVR, "--prose")
    assert result.exit_code == 0
    assert "simply fills the gap" in result.output
    assert "cannot be reached" in result.output


def test_a_model_that_finds_no_answer_is_reported(library: Library) -> None:
    with scripted(saying("The passages do not answer.")) as model:
        assert "found no answer in the quotes" in run(library, model.url, SVR, "--prose").output


def test_control_characters_are_not_printed() -> None:
    assert "\x1b" not in line(ProseSentence(text="\x1b[2J", citations=(1,), supported=False, reason="\x1b"))
