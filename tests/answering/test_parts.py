"""A question that names a numbered part is about what stands behind the number."""

import pytest

from askreport.answering.parts import is_part, part_words, parts_of


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("What does clause 2 of the lease say?", {"2"}),
        ("What do Articles and § 12.3 say?", {"12.3"}),
        ("Was steht in Artikel 5?", {"5"}),
        ("Compare section 1.1 and section 4.", {"1.1", "4"}),
        ("Who paid 2 crowns?", set()),
        ("Did item 5% change?", set()),
    ],
)
def test_numbered_parts_are_found_in_a_question(question: str, numbers: set[str]) -> None:
    assert parts_of(question) == numbers


def test_the_words_before_the_numbers_name_the_kind() -> None:
    assert part_words("What do clause 2 and § 3 say?").split() == ["clause"]


@pytest.mark.parametrize(
    ("text", "heading", "expected"),
    [
        ("2. The lessee may not sublet the quay.", (), True),
        ("(2) The lessee may not sublet the quay.", (), True),
        ("§ 2 The lessee may not sublet the quay.", (), True),
        ("Clause 2: the lessee may not sublet the quay.", (), True),
        ("The lessee may not sublet the quay.", ("Lease", "2. Subletting"), True),
        ("1. The lessee pays.", (), False),
        ("2.1 The lessee pays.", (), False),
        ("20 crowns are paid.", (), False),
        ("The rent is due on day 2.", ("2. Terms", "Rent"), False),
    ],
)
def test_a_part_begins_with_its_number(text: str, heading: tuple[str, ...], expected: bool) -> None:
    assert is_part({"2"}, text, heading) is expected
