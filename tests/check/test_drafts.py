"""Drafts of any format as the text that is checked."""

import pytest

from askreport.check.drafts import DraftText, is_plain, read_draft
from askreport.errors import ParseError
from tests.tools.parts import PARSERS, made_files

DRAFT = "He said “nine goats”.\n\n> A block quote.\n"


@pytest.mark.parametrize("ending", [".txt", ".md", ".markdown", "", ".tex"])
def test_plain_drafts_are_read_as_they_are(ending: str) -> None:
    assert is_plain(ending)
    assert read_draft(DRAFT.encode(), ending, PARSERS) == DraftText(DRAFT)
    assert read_draft(DRAFT.encode("utf-16"), ending, PARSERS) == DraftText(DRAFT)


def test_others_are_read_by_the_readers_of_their_formats() -> None:
    data = dict(made_files())[".pdf"]
    assert "Another line on it." in read_draft(data, ".pdf", PARSERS).text


def test_one_that_cannot_be_read_says_why() -> None:
    with pytest.raises(ParseError, match="not a PDF"):
        read_draft(b"no pdf", ".pdf", PARSERS)


def test_what_could_not_be_read_of_one_is_told() -> None:
    draft = read_draft(b'{"id": "a", "text": "One sentence."}\n{"id": \n', ".jsonl", PARSERS)
    assert draft.text == "One sentence."
    assert len(draft.problems) == 1
