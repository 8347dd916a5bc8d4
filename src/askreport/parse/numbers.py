"""Numbers and dates in the form in which a workbook shows them: by its format codes ("0.0%", "dd/mm/yyyy").

The one library for this (ssf) is from 2020 and fails with today's Babel. Months and days are named in English; dates
that follow the reader's own settings are written as ISO 8601 has them.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

GENERAL = "General"
# Excel writes them by the settings of the machine; 03-04-19 would be two dates.
_BY_SETTINGS = {"mm-dd-yy": "yyyy-mm-dd", "m/d/yy h:mm": "yyyy-mm-dd hh:mm", "m/d/yy": "yyyy-mm-dd"}
_TOKEN = re.compile(
    r'"([^"]*)"?|\\(.)|_.|\*.|\[([^\]]*)\]'
    r"|(General)|(AM/PM|A/P|am/pm|a/p)|(e(?![+-])|y+|m+|d+|h+|s+|b+)|([0#?]+)|(E[+-]|e[+-])|([.,%/@])|(.)",
    re.S,
)
_ELAPSED = re.compile(r"[hms]+", re.I)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_CURRENCY = re.compile(r"\$([^-\]]*)(?:-.*)?")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# What nearly all numbers are shown by.
_USUAL = re.compile(r"(#,##)?0(?:\.(0{1,9}))?(%?)")
_MAX_CODE = 500
_MAX_DIGITS = 30
_MAX_NUMBER = 1e22


@dataclass(frozen=True, slots=True)
class _Section:
    """One of a code's parts: its tokens, each a kind and its text, and for which numbers it is meant."""

    tokens: tuple[tuple[str, str], ...]
    condition: tuple[str, float] | None = None

    @property
    def is_date(self) -> bool:
        return any(kind in ("date", "elapsed") for kind, _ in self.tokens)

    def fits(self, value: float) -> bool:
        sign, limit = self.condition or ("=", value)
        return {
            "<": value < limit,
            ">": value > limit,
            "<=": value <= limit,
            ">=": value >= limit,
            "=": value == limit,
            "<>": value != limit,
        }[sign]


def shown(value: str, code: str) -> str:
    """A stored value as its format code shows it; what is no number stays as it is."""
    try:
        return number_text(float(value), code)
    except ValueError:
        return value


def number_text(value: float, code: str | None, is_1904: bool = False) -> str:
    """A number as a format code shows it; by a code that nobody knows, as it is without one.

    ``is_1904`` tells that the workbook counts its days from 1904.
    """
    if not code or code == GENERAL:
        return general(value)
    if abs(value) > _MAX_NUMBER or value != value:
        return general(value)
    if found := _USUAL.fullmatch(code):
        return _usual(value, found)
    sections = _sections(code)
    if not sections:
        return general(value)
    section, is_negative = _chosen(sections, value)
    try:
        if section.is_date:
            return _date(value, section, is_1904)
        if any(kind == "general" for kind, _ in section.tokens):
            words = general(abs(value) if is_negative else value)
            return "".join(words if kind == "general" else text for kind, text in section.tokens if kind != "percent")
        return _number(abs(value) if is_negative else value, section)
    except (ValueError, OverflowError, ArithmeticError):
        return general(value)


def _usual(value: float, code: re.Match[str]) -> str:
    number = Decimal(repr(value)) * (100 if code[3] else 1)
    rounded = number.quantize(Decimal(1).scaleb(-len(code[2] or "")), ROUND_HALF_UP)
    return f"{rounded or abs(rounded):{',' if code[1] else ''}f}{code[3]}"


def general(value: float) -> str:
    """A number without a format: 3.0 is "3"."""
    return f"{value:.15g}".replace("e", "E")


def text_by(value: str, code: str | None) -> str:
    """Words as a format code shows them: it may add some, or show none."""
    if not code or code == GENERAL or code == "@":
        return value
    sections = _sections(code)
    section = sections[3] if len(sections) > 3 else next((s for s in sections if ("text", "@") in s.tokens), None)
    if section is None:
        return value
    return "".join(value if kind == "text" else text for kind, text in section.tokens if kind in ("text", "literal"))


def _chosen(sections: tuple[_Section, ...], value: float) -> tuple[_Section, bool]:
    """The section for a number, and whether it says by itself that the number is below zero."""
    if any(section.condition for section in sections[:2]):
        found = next((section for section in sections if section.condition and section.fits(value)), None)
        if found is None:
            rest = [section for section in sections[:3] if not section.condition]
            found = rest[-1] if rest else sections[-1]
        return found, False
    if value < 0 and len(sections) > 1:
        return sections[1], True
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


@lru_cache(maxsize=1_000)
def _sections(code: str) -> tuple[_Section, ...]:
    """The sections of a code; none if it is no code that is known ("Standard" is how LibreOffice writes General)."""
    if len(code) > _MAX_CODE:
        return ()
    sections = [[]]  # type: list[list[tuple[str, str]]]
    conditions: list[tuple[str, float] | None] = [None]
    code = "h:mm:ss" if code.startswith("[$-F400]") else "yyyy-mm-dd" if code.startswith("[$-F800]") else code
    for match in _TOKEN.finditer(_BY_SETTINGS.get(code.partition(";")[0], code)):
        bracket, other = match[3], match[10]
        if other == ";":
            sections.append([])
            conditions.append(None)
        elif bracket is not None:
            if found := _CONDITION.fullmatch(bracket):
                conditions[-1] = (found[1], float(found[2]))
            elif _ELAPSED.fullmatch(bracket):
                sections[-1].append(("elapsed", bracket.lower()))
            elif found := _CURRENCY.fullmatch(bracket):
                sections[-1].append(("literal", found[1]))
        elif other is not None and other.isascii() and other.isalpha() and other not in "YMDHSB":
            return ()
        else:
            token = _token(match)
            sections[-1] += [token] if token else []
    return tuple(_Section(_settled(tokens), condition) for tokens, condition in zip(sections, conditions, strict=True))


def _token(match: re.Match[str]) -> tuple[str, str] | None:
    quoted, escaped, _, usual, noon, date, digits, power, sign, other = match.groups()
    if usual:
        return "general", ""
    if noon:
        return "date", noon.lower()
    if date:
        return "date", date
    if digits:
        return "digits", digits
    if power:
        return "power", power
    if sign:
        return {".": "point", ",": "comma", "%": "percent", "/": "slash", "@": "text"}[sign], sign
    if other is not None and other in "YMDHSB":
        return "date", other.lower()
    words = quoted if quoted is not None else escaped if escaped is not None else other
    return ("literal", words) if words else ("literal", " ") if words is None else None


def _settled(tokens: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Tells minutes from months, and the signs of a date from those of a number."""
    if not any(kind in ("date", "elapsed") for kind, _ in tokens):
        return tuple(tokens)
    times = [at for at, (kind, _) in enumerate(tokens) if kind in ("date", "elapsed")]
    settled = list(tokens)
    for place, at in enumerate(times):
        if tokens[at][1] not in ("m", "mm") or tokens[at][0] == "elapsed":
            continue
        before = tokens[times[place - 1]][1] if place else ""
        after = tokens[times[place + 1]][1] if place + 1 < len(times) else ""
        if before[:1] == "h" or after[:1] == "s":
            settled[at] = ("date", tokens[at][1].replace("m", "n"))
    return tuple(
        (kind if kind in ("date", "elapsed", "digits", "point") else "literal", text) for kind, text in settled
    )


def _date(value: float, section: _Section, is_1904: bool) -> str:
    kinds = [text for kind, text in section.tokens if kind == "date"]
    elapsed = [text for kind, text in section.tokens if kind == "elapsed"]
    fraction = next((text for kind, text in section.tokens if kind == "digits"), "")
    seconds = Decimal(repr(value)) * 86_400
    seconds = seconds.quantize(Decimal(1).scaleb(-min(len(fraction), 6)), ROUND_HALF_UP)
    if value < 0 and not elapsed:
        return general(value)
    at = _moment(seconds, is_1904)
    # A day that was entered without a time.
    is_day = at.time() == datetime.min.time() and not elapsed and any(text[0] in "ydme" for text in kinds)
    tokens = _without_time(section.tokens) if is_day else section.tokens
    words = "".join(_dated(kind, text, at, abs(seconds), any("/" in each for each in kinds)) for kind, text in tokens)
    return f"-{words.strip()}" if value < 0 else words.strip()


def _moment(seconds: Decimal, is_1904: bool) -> datetime:
    whole, rest = divmod(abs(seconds), 86_400)
    day = from_excel(int(whole), MAC_EPOCH if is_1904 else WINDOWS_EPOCH)
    start = day if isinstance(day, datetime) else datetime(1899, 12, 31)  # Day 0 is a time alone.
    return start + timedelta(microseconds=int(rest * 1_000_000))


def _without_time(tokens: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The tokens of a date without those of the time after it; a time that stands first stays."""
    first = next((at for at, (kind, text) in enumerate(tokens) if kind == "date" and text[0] in "hns"), len(tokens))
    later = any(kind == "date" and text[0] in "ydm" for kind, text in tokens[first:])
    has_day = any(kind == "date" and text[0] in "ydm" for kind, text in tokens[:first])
    return tokens if later or not has_day else tokens[:first]


def _dated(kind: str, text: str, at: datetime, seconds: Decimal, has_noon: bool) -> str:
    if kind == "elapsed":
        size = {"h": 3_600, "m": 60, "s": 1}[text[0]]
        return str(int(seconds // size)).zfill(len(text))
    if kind == "digits":
        return f"{at.microsecond:06d}"[: len(text)]
    if kind != "date":
        return text
    if "/" in text:
        noon = "AM" if at.hour < 12 else "PM"
        return noon if len(text) > 3 else noon[0]
    letter, width = text[0], len(text)
    if letter in "ybe":
        year = at.year + (543 if letter == "b" else 0)
        return str(year) if width > 2 or letter == "e" else f"{year % 100:02d}"
    if letter == "m" and width > 2:
        name = _MONTHS[at.month - 1]
        return name[: {3: 3, 5: 1}.get(width, 20)]
    if letter == "d" and width > 2:
        return _DAYS[at.weekday()][: 3 if width == 3 else 20]
    hour = (at.hour % 12 or 12) if has_noon else at.hour
    number = {"m": at.month, "d": at.day, "h": hour, "n": at.minute, "s": at.second}[letter]
    return str(number).zfill(min(width, 2))


def _number(value: float, section: _Section) -> str:
    kinds = [kind for kind, _ in section.tokens]
    if "digits" not in kinds:
        words = "".join(text for kind, text in section.tokens if kind != "comma").strip()
        # A format of words alone shows no number.
        return words.replace("@", general(value))
    number = Decimal(repr(value)) * 100 ** kinds.count("percent")
    if "slash" in kinds:
        return _fraction(number, section)
    if "power" in kinds:
        return _scientific(number, section)
    return _plain(number, section.tokens)


def _plain(number: Decimal, tokens: tuple[tuple[str, str], ...]) -> str:
    """A number in digits, with the words of its format in their places."""
    digits = [at for at, (kind, _) in enumerate(tokens) if kind == "digits"]
    point = next((at for at, (kind, _) in enumerate(tokens) if kind == "point"), None)
    whole_end = len(tokens) if point is None else point
    before = [at for at in digits if at < whole_end]
    # Commas after the last digit divide by a thousand each; between digits they group.
    last = before[-1] if before else -1
    grouped = any(kind == "comma" and before and before[0] < at < last for at, (kind, _) in enumerate(tokens))
    scale = sum(
        kind == "comma" and (last < at < whole_end or at > digits[-1]) and at > digits[0]
        for at, (kind, _) in enumerate(tokens)
    )
    decimals = "".join(tokens[at][1] for at in digits if at > whole_end)[:_MAX_DIGITS]
    rounded = abs(number / 1_000**scale).quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    whole, _, rest = f"{rounded:f}".partition(".")
    placed = _whole("0" if whole == "" else whole, tokens[:whole_end], grouped)
    words = placed + "".join(_after(tokens[whole_end:], _cut(rest, decimals)))
    return f"-{words.strip()}" if number < 0 and rounded else words.strip()


def _whole(whole: str, tokens: tuple[tuple[str, str], ...], grouped: bool) -> str:
    """The digits before the point, from the last on; the first place takes all that are left."""
    left = "" if whole == "0" else whole
    places = sum(len(text) for kind, text in tokens if kind == "digits")
    written, done, parts = 0, 0, []  # type: int, int, list[str]
    for kind, text in reversed(tokens):
        if kind != "digits":
            parts.append("" if kind == "comma" else text)
            continue
        for sign in reversed(text):
            written += 1
            take = left if written == places else left[-1:]
            left = left[: len(left) - len(take)]
            for digit in reversed(take) if take else {"0": "0", "?": " "}.get(sign, ""):
                parts.append("," if grouped and done and done % 3 == 0 and digit != " " else "")
                parts.append(digit)
                done += 1
    return "".join(reversed(parts)) if places else "".join(reversed(parts)) + left


def _cut(rest: str, decimals: str) -> str:
    """The digits after the point without the zeros that the format does not ask for."""
    while rest and rest[-1] == "0" and decimals[len(rest) - 1] in "#?":
        rest = rest[:-1]
    return rest


def _after(tokens: tuple[tuple[str, str], ...], rest: str) -> list[str]:
    parts = []
    for kind, text in tokens:
        if kind == "digits":
            parts.append(rest[: len(text)])
            rest = rest[len(text) :]
        elif kind == "point":
            parts.append("." if rest else "")
        elif kind != "comma":
            parts.append(text)
    return parts


def _scientific(number: Decimal, section: _Section) -> str:
    at = next(at for at, (kind, _) in enumerate(section.tokens) if kind == "power")
    mantissa, power = section.tokens[:at], section.tokens[at][1]
    point = next((place for place, (kind, _) in enumerate(mantissa) if kind == "point"), len(mantissa))
    places = sum(len(text) for kind, text in mantissa[:point] if kind == "digits") or 1
    decimals = sum(len(text) for kind, text in mantissa[point:] if kind == "digits")
    exponent = number.adjusted() // places * places if number else 0
    if number and abs(round(number.scaleb(-exponent), decimals)) >= 10**places:
        exponent += places
    width = next((len(text) for kind, text in section.tokens[at + 1 :] if kind == "digits"), 1)
    rest = "".join(text for kind, text in section.tokens[at + 1 :] if kind == "literal")
    sign = "-" if exponent < 0 else "+" if power[1] == "+" else ""
    return f"{_plain(number.scaleb(-exponent), mantissa)}E{sign}{str(abs(exponent)).zfill(width)}{rest}"


def _fraction(number: Decimal, section: _Section) -> str:
    tokens = section.tokens
    slash = next(at for at, (kind, _) in enumerate(tokens) if kind == "slash")
    before = [at for at in range(slash) if tokens[at][0] == "digits"]
    after = "".join(text for _, text in tokens[slash + 1 :])
    fixed = re.match(r"\s*(\d+)", after)
    value = abs(Fraction(number))
    has_whole = len(before) > 1
    whole = int(value) if has_whole else 0
    rest = value - whole
    if fixed and int(fixed[1]):
        denominator = int(fixed[1])
        numerator = round(rest * denominator)
    else:
        places = len(re.findall(r"[?#0]", after)) or 1
        best = rest.limit_denominator(10 ** min(places, 6) - 1)
        numerator, denominator = best.numerator, best.denominator
    if has_whole and numerator >= denominator:
        whole, numerator = whole + numerator // denominator, numerator % denominator
    part = f"{numerator}/{denominator}" if numerator or not has_whole else ""
    words = " ".join(filter(None, (str(whole) if has_whole and (whole or not part) else "", part)))
    return f"-{words}" if number < 0 else words
