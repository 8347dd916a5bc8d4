"""Bytes -> text: encodings, line ends, damage, and what is no text at all."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.errors import ParseError
from askreport.parse.decode import decode, replace_surrogates

CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy."
RUSSIAN = "Договор о сотрудничестве между службами был подписан в 1992 году."
FRENCH = "L’été dernier, la Chine a « reçu » près de 190 millions d’euros – ça coûte."
CHINESE = "中国和俄罗斯的关系将是决定欧亚大陆未来的关键因素之一。"
JAPANESE = "これは日本語の文章です。中国とロシアの関係について。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CZECH, "utf-8"),
        (CZECH, "utf-8-sig"),
        (CZECH, "utf-16"),
        (CZECH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (FRENCH, "cp1252"),
        (CHINESE, "gb18030"),
        (JAPANESE, "cp932"),
        ("Plain English text.", "utf-16-le"),
        ("Plain English text.", "utf-16-be"),
    ],
)
def test_text_is_read_in_the_encoding_it_is_in(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), min_size=1))
def test_valid_utf8_is_kept_character_by_character(text: str) -> None:
    assert decode(f"a{text}".encode()) == f"a{text}"


@pytest.mark.parametrize("source", ["a\nb", "a\r\nb", "a\rb"])
def test_line_ends_become_line_feeds(source: str) -> None:
    assert decode(source.encode()) == "a\nb"


def test_tabs_form_feeds_and_outer_white_space_stay() -> None:
    assert decode(b"\n a\tb\x0cc \n\n") == "\n a\tb\x0cc \n\n"


@pytest.mark.parametrize("damage", [b"\xff", b"\xc5", b"\xf0\x9f\x99"])
def test_a_damaged_byte_does_not_make_utf8_another_encoding(damage: bytes) -> None:
    assert decode(CZECH.encode() + damage) == CZECH + "\ufffd"


def test_a_single_accent_is_not_taken_for_damage() -> None:
    assert decode("We met in the café by the river.".encode("cp1252")) == "We met in the café by the river."


def test_text_that_breaks_its_own_byte_order_mark_is_damaged() -> None:
    with pytest.raises(ParseError, match="says it is utf-16") as caught:
        decode(CZECH.encode("utf-16") + b"x")
    assert caught.value.status == "damaged"


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n" + bytes(range(256)) * 20,
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        random.Random(1).randbytes(5000),
        b"\x00" * 100,
        b"text" + b"\x01\x02" * 50,
    ],
    ids=["pdf", "png", "random", "zeros", "controls"],
)
def test_binary_data_is_damaged(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        decode(data)
    assert caught.value.status == "damaged"


def test_a_stray_control_character_in_a_long_text_is_text() -> None:
    assert decode(b"word " * 200 + b"\x08") == "word " * 200 + "\x08"


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", "\u3000\u2028".encode()])
def test_nothing_but_white_space_is_empty(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        decode(data)
    assert caught.value.status == "no_text"


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert replace_surrogates("a\ud800b🙂") == "a?b🙂"


@pytest.mark.parametrize("text", ["A short memo.\x0bSecond line.", "\x1b[1mlog line\x1b[0m", "text\x1a"])
def test_control_characters_that_text_files_have_do_not_make_them_binary(text: str) -> None:
    assert decode(text.encode()) == text


def test_nul_becomes_a_replacement_character() -> None:
    assert decode(b"Gamma.\0 The hamster.") == "Gamma.\ufffd The hamster."


def test_a_declared_encoding_is_used_only_where_utf8_does_not_fit() -> None:
    assert decode("naïve".encode(), "latin-1") == "naïve"
    assert decode("naïve".encode("latin-1"), "latin-1") == "naïve"
    assert decode("naïve".encode("latin-1"), "no-such-encoding")
