"""The automatic numbers of lists and headings, as word processors and browsers write them."""

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_MOST = 4_999


def numeral(number: int, kind: str) -> str:
    """A number as ``kind`` writes it: "decimal", "decimalZero", "ordinal", "lower-alpha", "upper-roman" and so on.

    What a kind cannot write (Roman numerals below 1) is written in digits.
    """
    shape = kind.removeprefix("lower-").removeprefix("upper-")
    if shape == "alpha" and 0 < number <= _MOST:
        text = _alpha(number)
    elif shape == "roman" and 0 < number <= _MOST:
        text = _roman(number)
    elif shape == "decimalZero":
        return f"{number:02d}"
    elif shape == "ordinal":
        return f"{number}{_ordinal(number)}"
    else:
        return str(number)
    return text.upper() if kind.startswith("upper-") else text


def _alpha(number: int) -> str:
    """The 27th is "aa", as browsers and LibreOffice count, and the 28th "ab"."""
    text = ""
    while number:
        number, place = divmod(number - 1, 26)
        text = chr(97 + place) + text
    return text


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        text += letters * times
    return text


def _ordinal(number: int) -> str:
    return "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
