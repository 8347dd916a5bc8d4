"""Lines of a page: the size of most letters."""

from askreport.parse.pdf.lines import body_size
from tests.parse.pdf.test_arrange import line, paragraph


def test_the_body_size_is_that_of_most_letters() -> None:
    assert body_size([line("Head", 100, size=20), *paragraph("much more text", "than that")]) == 12.0
    assert body_size([]) == 0.0
