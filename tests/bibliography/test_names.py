"""Names: which part is the family's, and which are names of organisations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.bibliography.names import Name, name_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jane Smith", Name("Smith", "Jane")),
        ("Smith, Jane", Name("Smith", "Jane")),
        ("Ludwig van Beethoven", Name("van Beethoven", "Ludwig")),
        ("Martin Luther King Jr.", Name("King Jr.", "Martin Luther")),
        ("Congressional Research Service", Name("Congressional Research Service")),
        ("Ministry of Foreign Affairs, Department of Trade", Name("Ministry of Foreign Affairs, Department of Trade")),
        ("{Médecins Sans Frontières}", Name("Médecins Sans Frontières")),
        ("UNESCO", Name("UNESCO")),
        ("毛泽东 同志", Name("毛泽东 同志")),
        ("  Jane\n Smith ", Name("Smith", "Jane")),
    ],
)
def test_a_name_has_its_parts(text: str, name: Name) -> None:
    assert name_of(text) == name


# Spaces, and what tells the parts of a name apart.
_SIGNS = {ord(sign): None for sign in " ,{}"}


@given(st.text(max_size=40))
def test_no_word_of_a_name_is_lost(text: str) -> None:
    name = name_of(text)
    letters = sorted(f"{name.given}{name.family}".translate(_SIGNS))
    assert letters == sorted("".join(text.split()).translate(_SIGNS))
