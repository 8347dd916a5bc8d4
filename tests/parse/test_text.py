"""Plain text: nothing is changed and nothing is guessed."""

from askreport.digest import content_id, text_sha256
from askreport.parse.text import parse_text

SOURCE = b"\xef\xbb\xbfFirst line.\r\nSecond  line. \r\n"
TEXT = "First line.\nSecond  line. \n"


def test_the_text_is_the_decoded_source() -> None:
    assert parse_text(SOURCE, "a.txt", "A").text == TEXT


def test_the_title_is_the_given_one() -> None:
    assert parse_text(SOURCE, "a.txt", "A title").title == "A title"


def test_a_title_from_outside_is_not_the_documents_own() -> None:
    assert not parse_text(SOURCE, "a.txt", "A").has_title


def test_the_id_is_that_of_the_source_bytes() -> None:
    assert parse_text(SOURCE, "a.txt", "A").id == content_id(SOURCE)


def test_the_checksum_is_that_of_the_canonical_text() -> None:
    assert parse_text(SOURCE, "a.txt", "A").sha256 == text_sha256(TEXT)


def test_what_looks_like_markup_is_text() -> None:
    document = parse_text(b"# Head\n\n<b>x</b>\n", "a.txt", "A")
    assert (document.headings, document.furniture) == ((), ())
