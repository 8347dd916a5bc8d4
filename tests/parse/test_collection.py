"""JSON Lines: a document a line, and an error for the line that is none."""

import json

import pytest

from askreport.errors import ParseError
from askreport.parse.collection import MAX_ERRORS, parse_collection
from askreport.types import Document


def records(*values: object) -> bytes:
    return "\n".join(json.dumps(value) for value in values).encode()


def only_document(source: bytes) -> Document:
    (document,) = parse_collection(source, "c.jsonl")
    assert isinstance(document, Document)
    return document


def only_error(source: bytes) -> ParseError:
    (error,) = parse_collection(source, "c.jsonl")
    assert isinstance(error, ParseError)
    return error


@pytest.mark.parametrize("key", ["id", "_id"])
@pytest.mark.parametrize("value", ["n7", 7, 0])
def test_a_document_is_found_by_the_file_and_its_id(key: str, value: str | int) -> None:
    assert only_document(records({key: value, "text": "Words."})).path == f"c.jsonl#{value}"


def test_the_other_id_counts_where_the_first_is_null() -> None:
    assert only_document(records({"id": None, "_id": "b", "text": "Words."})).path == "c.jsonl#b"


def test_the_title_is_the_records_own() -> None:
    assert only_document(records({"id": "a", "title": "On Trade", "text": "Words."})).title == "On Trade"


@pytest.mark.parametrize("title", [None, ""])
def test_a_record_without_a_title_is_called_by_its_id(title: str | None) -> None:
    assert only_document(records({"id": "a", "title": title, "text": "Words."})).title == "a"


@pytest.mark.parametrize(("title", "own"), [("On Trade", True), ("", False), (None, False)])
def test_the_document_knows_whether_the_title_is_its_own(title: str | None, own: bool) -> None:
    assert only_document(records({"id": "a", "title": title, "text": "Words."})).has_title is own


def test_url_and_date_are_kept_and_other_keys_are_not() -> None:
    record = {"id": "a", "text": "Words.", "url": "https://example.org", "date": "2023-03-21", "size": 3}
    assert only_document(records(record)).metadata == {"url": "https://example.org", "date": "2023-03-21"}


def test_a_url_that_is_no_string_is_left_out() -> None:
    assert only_document(records({"id": "a", "text": "Words.", "url": 5})).metadata == {}


def test_line_ends_inside_a_text_become_line_feeds() -> None:
    assert only_document(records({"id": "a", "text": "One.\r\nTwo.\rThree."})).text == "One.\nTwo.\nThree."


def test_line_separators_inside_a_string_do_not_end_the_record() -> None:
    assert only_document('{"id": "a", "text": "One.\u2028Two.\x85"}'.encode()).text == "One.\u2028Two.\x85"


@pytest.mark.parametrize("key", ["id", "title", "text", "url"])
def test_a_lone_surrogate_becomes_a_question_mark(key: str) -> None:
    record = {"id": "a", "title": "b", "text": "c", "url": "d"} | {key: "x\ud800"}
    document = only_document(records(record))
    assert "x?" in f"{document.path} {document.title} {document.text} {document.metadata['url']}"


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": 1, "text": ',
        b"words",
        b"[1, 2]",
        b"5",
        b"null",
        b'{"id": 1}',
        b'{"text": "Words."}',
        b'{"id": "", "text": "Words."}',
        b'{"id": 1, "text": 5}',
        b"[" * 100_000,
        b'{"id": ' + b"1" * 5_000 + b', "text": "Words."}',
    ],
)
def test_a_line_that_is_no_document_is_named_as_damaged(line: bytes) -> None:
    error = only_error(line)
    assert (error.status, error.message.split(" is not ")[0]) == ("damaged", "line 1")


def test_a_document_without_text_is_empty() -> None:
    assert only_error(records({"id": 1, "text": " \n"})).status == "no_text"


def test_a_bad_line_does_not_cost_the_others() -> None:
    source = records({"id": "a", "text": "One."}) + b"\nbroken\n\n" + records({"id": "b", "text": "Two."})
    kinds = [type(item) for item in parse_collection(source, "c.jsonl")]
    assert kinds == [Document, ParseError, Document]


def test_lines_are_counted_with_the_blank_ones() -> None:
    assert only_error(b"\n\n\nbroken\n").message.startswith("line 4 ")


def test_equal_lines_have_equal_ids() -> None:
    first, second = parse_collection(records({"id": "a", "text": "One."}, {"id": "a", "text": "One."}), "c.jsonl")
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert first.id == second.id


def test_of_a_file_that_is_no_collection_not_every_line_is_named() -> None:
    items = list(parse_collection(b"x\n" * 5_000, "c.jsonl"))
    assert len(items) == MAX_ERRORS + 1
    assert isinstance(items[-1], ParseError)
    assert items[-1].message == "4,900 more lines cannot be read"
