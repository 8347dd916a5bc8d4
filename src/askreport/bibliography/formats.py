"""Descriptions as records for reference managers: BibTeX, RIS and CSL-JSON, as Zotero and others take them. Pure."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from askreport.bibliography.description import Description, Kind, date_parts
from askreport.bibliography.names import Name, name_of

_CSL_KINDS: dict[Kind, str] = {"email": "personal_communication", "presentation": "speech"}
_BIBTEX_KINDS: dict[Kind, str] = {"article": "article", "book": "book", "report": "techreport", "thesis": "phdthesis"}
_RIS_KINDS: dict[Kind, str] = {
    **{"article": "JOUR", "book": "BOOK", "document": "GEN", "email": "PCOMM"},
    **{"presentation": "SLIDE", "report": "RPRT", "thesis": "THES", "webpage": "ELEC"},
}
# What LaTeX takes for its own.
_LATEX = {character: rf"\{character}" for character in "&%$#_{}"}
_LATEX |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_WORD = re.compile(r"[a-z0-9]+")
_SMALL = frozenset({"a", "an", "and", "der", "die", "das", "el", "la", "le", "les", "of", "on", "the", "un", "une"})


@dataclass(frozen=True, slots=True)
class Format:
    """A format of records: its media type, the ending of its files, and what writes it."""

    name: str
    media_type: str
    ending: str
    write: Callable[[Sequence[Description]], str]


def csl_json(descriptions: Sequence[Description]) -> str:
    """The records as CSL-JSON: an array of items."""
    items = [_csl_item(key, each) for key, each in _keyed(descriptions)]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def bibtex(descriptions: Sequence[Description]) -> str:
    """The records as BibTeX in UTF-8, with BibLaTeX's fields for dates."""
    return "\n".join(_bibtex_entry(key, each) for key, each in _keyed(descriptions))


def ris(descriptions: Sequence[Description]) -> str:
    """The records as RIS."""
    return "\n".join(_ris_record(key, each) for key, each in _keyed(descriptions))


FORMATS = {
    "bibtex": Format("BibTeX", "application/x-bibtex", "bib", bibtex),
    "ris": Format("RIS", "application/x-research-info-systems", "ris", ris),
    "csl-json": Format("CSL-JSON", "application/vnd.citationstyles.csl+json", "json", csl_json),
}


def _keyed(descriptions: Iterable[Description]) -> list[tuple[str, Description]]:
    """Each record with a key of its own, made of the first author, the year and the title: smith2023china."""
    keyed: list[tuple[str, Description]] = []
    taken: set[str] = set()
    for description in descriptions:
        key = base = _key(description)
        number = 2
        while key in taken:
            key, number = f"{base}-{number}", number + 1
        taken.add(key)
        keyed.append((key, description))
    return keyed


def _key(description: Description) -> str:
    author = _ascii(name_of(description.authors[0]).family) if description.authors else []
    year = [str(part) for part in date_parts(description.date)[:1]]
    title = [word for word in _ascii(description.title) if word not in _SMALL]
    parts = [*author[-1:], *year, *title[:1]] if author else [*title[:1], *year]
    return "".join(parts) or "document"


def _ascii(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _WORD.findall(plain.lower())


def _csl_item(key: str, description: Description) -> dict[str, Any]:
    facts = {
        "title": description.title,
        "author": [_csl_name(name_of(author)) for author in description.authors],
        "issued": _csl_date(description.date),
        "publisher": description.publisher,
        "publisher-place": description.place,
        "URL": description.url,
        "DOI": description.doi,
        "accessed": _csl_date(description.accessed),
        "language": description.language,
        "keyword": ", ".join(description.tags),
    }
    kind = _CSL_KINDS.get(description.kind, description.kind)
    return {"id": key, "type": kind, **{name: value for name, value in facts.items() if value}}


def _csl_name(name: Name) -> dict[str, str]:
    return {"family": name.family, "given": name.given} if name.given else {"literal": name.family}


def _csl_date(date: str) -> dict[str, Any]:
    if not date:
        return {}
    return {"date-parts": [list(date_parts(date))]} if _is_exact(date) else {"literal": date}


def _is_exact(date: str) -> bool:
    """Whether a date is all figures, so that its parts are all of it."""
    return re.fullmatch(r"\d{4}(-\d\d){0,2}", date) is not None


def _bibtex_entry(key: str, description: Description) -> str:
    kind = _BIBTEX_KINDS.get(description.kind, "misc")
    publisher = {"article": "journal", "techreport": "institution", "phdthesis": "school"}.get(kind, "publisher")
    parts = date_parts(description.date)
    is_exact = _is_exact(description.date)
    facts = {
        "author": " and ".join(_bibtex_name(name_of(author)) for author in description.authors),
        "title": f"{{{_latex(description.title)}}}",
        "year": str(parts[0]) if is_exact else _latex(description.date),
        "month": str(parts[1]) if is_exact and len(parts) > 1 else "",
        "date": description.date if is_exact else "",
        publisher: _latex(description.publisher),
        "address": _latex(description.place),
        # Addresses stand as they are: programs take them so, and LaTeX by its package "url".
        "url": description.url,
        "urldate": description.accessed,
        "doi": description.doi,
        "langid": description.language,
        "keywords": _latex(", ".join(description.tags)),
    }
    lines = "".join(f",\n  {name} = {{{value}}}" for name, value in facts.items() if value)
    return f"@{kind}{{{key}{lines}\n}}\n"


def _bibtex_name(name: Name) -> str:
    return f"{_latex(name.family)}, {_latex(name.given)}" if name.given else f"{{{_latex(name.family)}}}"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


def _ris_record(key: str, description: Description) -> str:
    parts = date_parts(description.date)
    lines = [
        ("TY", _RIS_KINDS[description.kind]),
        ("ID", key),
        *(("AU", name_of(author).inverted) for author in description.authors),
        ("TI", description.title),
        ("PY", str(parts[0]) if parts else ""),
        ("DA", _ris_date(description.date) if _is_exact(description.date) else description.date),
        ("PB", description.publisher),
        ("CY", description.place),
        ("UR", description.url),
        ("DO", description.doi),
        ("Y2", _ris_date(description.accessed)),
        ("LA", description.language),
        *(("KW", tag) for tag in description.tags),
    ]
    return "".join(f"{tag}  - {value}\n" for tag, value in lines if value) + "ER  - \n"


def _ris_date(date: str) -> str:
    """A date as RIS has it: with all its separators, "2023/03/14/"."""
    return "/".join([*date.split("-"), "", ""][:3]) + "/" if date else ""
