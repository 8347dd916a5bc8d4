"""Numbers and dates as a workbook shows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.parse.numbers import number_text, shown, text_by


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.075, "0.0%", "7.5%"),
        (-0.034, "0.0%;[Red]-0.0%", "-3.4%"),
        (1234567.5, '"$"#,##0.00', "$1,234,567.50"),
        (3.5, "_-* #,##0.00 €_-", "3.50 €"),
        (3.5, "[$€-407] #,##0.00", "€ 3.50"),
        (-1500, '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)', "(1,500)"),
        (0, '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)', "-"),
        (4200000, '0.0,,"M"', "4.2M"),
        (82000000, "#,##0", "82,000,000"),
        (1234, "00000", "01234"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (1.25, "# ?/?", "1 1/4"),
        (12345, "0.00E+00", "1.23E+04"),
        (2500, '[<1000]0;[>=1000]0.0,"k"', "2.5k"),
        (31901, "dd/mm/yyyy", "04/05/1987"),
        (43525, "mmm yyyy", "Mar 2019"),
        (43525, 'yyyy"年"m"月"d"日"', "2019年3月1日"),
        (43525.5, "mm-dd-yy", "2019-03-01"),
        (0.3541666666666667, "hh:mm:ss", "08:30:00"),
        (0.75, "h:mm AM/PM", "6:00 PM"),
        (1.25, "[h]:mm", "30:00"),
        (5, "Standard", "5"),
        (0.1 + 0.2, "General", "0.3"),
        (5, ";;;", ""),
        (1, '"Yes";"No"', "Yes"),
        (-0.004, "0.00", "0.00"),
    ],
)
def test_a_number_is_shown_by_its_code(value: float, code: str, text: str) -> None:
    assert number_text(value, code) == text


def test_words_are_shown_by_their_code_and_what_is_no_number_stays() -> None:
    assert (text_by("x", '"Item "@'), text_by("x", ";;;"), text_by("x", "0")) == ("Item x", "", "x")
    assert (shown("2017", "0%"), shown("none", "0%")) == ("201700%", "none")


@given(st.floats(), st.text(st.sampled_from('0#?.,%/;@"[]\\_*E+-dmyhs$ (a<1'), max_size=12))
def test_no_code_fails(value: float, code: str) -> None:
    assert isinstance(number_text(value, code), str)


@given(st.integers(-(10**15), 10**15))
def test_groups_of_three_are_the_number(value: int) -> None:
    assert number_text(value, "#,##0") == f"{value:,}"
