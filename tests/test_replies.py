"""What a client has of a reply are fields that the service's own classes have."""

from dataclasses import fields

import pytest

from askreport import replies, store
from askreport.answering.ask import SearchResult
from askreport.changes import types
from askreport.check import check
from askreport.replies import Index, read_reply


@pytest.mark.parametrize(
    ("reply", "own"),
    [
        (replies.Found, SearchResult),
        (replies.Summary, store.DocumentSummary),
        (replies.SourcePlace, check.SourcePlace),
        (replies.Difference, check.Difference),
        (replies.CheckedQuotation, check.CheckedQuotation),
        (replies.Checked, check.CheckReport),
        (replies.Added, types.Added),
        (replies.JobError, types.JobError),
        (replies.Job, types.Job),
        (replies.Deleted, types.Deleted),
        (replies.Counts, store.IndexCounts),
        (replies.Index, store.Manifest),
    ],
)
def test_every_field_is_one_of_the_service(reply: type, own: type) -> None:
    assert {each.name for each in fields(reply)} <= {each.name for each in fields(own)}


def test_what_is_not_known_is_left_aside_and_what_is_missing_is_an_error() -> None:
    counts = b'{"documents": 1, "passages": 2, "sentences": 3}'
    content = b'{"generation": 1, "built_at": "now", "encoder": "e", "new": [], "counts": ' + counts + b"}"
    assert read_reply(Index, content).counts == replies.Counts(1, 2, 3)
    for wrong in (b"{}", b"[]", b"", b"<html>", content.replace(b"1,", b'"one",')):
        with pytest.raises(ValueError, match="validation error"):
            read_reply(Index, wrong)
