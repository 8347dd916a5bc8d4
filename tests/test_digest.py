"""Identities and checksums: fixed values, because indexes on disk hold them."""

import pytest

from askreport.digest import content_id, text_digest, text_sha256


def test_a_document_id_is_the_start_of_the_sha256_of_its_bytes() -> None:
    assert content_id(b"abc") == "ba7816bf8f01cfea"


def test_a_text_is_summed_in_utf8() -> None:
    assert text_sha256("ž") == "4b6877a9d48058e5c23046bd3cd92f4c7604f0c1f8509d42b9112e057023b872"


@pytest.mark.parametrize("same", ["the svr spies.", "The  SVR\nspies.", "  The SVR spies. "])
def test_case_and_white_space_do_not_change_the_digest(same: str) -> None:
    assert text_digest(same) == text_digest("The SVR spies.")


@pytest.mark.parametrize("other", ["The SVR spies", "The GRU spies.", "TheSVR spies.", ""])
def test_anything_else_changes_the_digest(other: str) -> None:
    assert text_digest(other) != text_digest("The SVR spies.")


def test_a_digest_has_64_bits() -> None:
    assert len(text_digest("The SVR spies.")) == 8
