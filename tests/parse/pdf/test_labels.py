"""Pages are called what the file calls them."""

from tests.parse.pdf.made import Shown, drawn
from tests.parse.pdf.test_reader import parsed


def labels(catalog: str) -> list[str]:
    pages = [[Shown(f"Page {n}.")] for n in range(1, 5)]
    return [page.label for page in parsed(drawn(*pages, catalog=catalog)).document.pages]


def test_the_labels_of_a_file_are_those_of_its_pages() -> None:
    numbers = "/PageLabels<</Nums[0<</S/r/St 3>>2<</S/D/St 101/P(A-)>>]>>"
    assert labels(numbers) == ["iii", "iv", "A-101", "A-102"]


def test_a_file_without_labels_or_with_the_pages_numbers_has_none() -> None:
    assert labels("") == [""] * 4
    assert labels("/PageLabels<</Nums[0<</S/D>>]>>") == [""] * 4


def test_odd_labels_are_made_printable() -> None:
    assert labels("/PageLabels<</Nums[0<</P(a\\nb\\000)>>]>>")[0] in ("ab", "a b", "a")
