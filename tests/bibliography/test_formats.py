"""Records for reference managers: a maintained parser of each format reads what was written."""

import json
from typing import Any

import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors
from hypothesis import given, settings
from hypothesis import strategies as st

from askreport.bibliography.description import KINDS, Description, date_parts
from askreport.bibliography.formats import FORMATS, bibtex, csl_json, ris
from askreport.bibliography.names import name_of
from tests.bibliography.test_styles import BOOK, REPORT

# Twenty documents with what sources have: several authors, organisations, signs, dates of all kinds.
TITLES = ("Oil & gas: 50% more", "A_b #c $d {e} f\\g ~h ^i", "Über Öl “und” Gas", "石油与天然气", "Plain")
AUTHORS = ((), ("Jane Smith",), ("Smith, Jane", "{Institute of Energy}"), ("Ludwig van Beethoven", "Ann Roe", "UNESCO"))
DATES = ("2023-03-14", "2023-03", "2023", "Spring 2023", "")
TWENTY = [
    Description(
        title=f"{TITLES[n % 5]} {n}",
        kind=KINDS[n % len(KINDS)],
        authors=AUTHORS[n % 4],
        date=DATES[n % 5],
        publisher="Smith & Co." if n % 2 else "",
        place="London" if n % 3 else "",
        url=f"https://example.org/a_b?n={n}&x=%20#y" if n % 2 else "",
        doi=f"10.1000/a_{n}" if n % 4 == 0 else "",
        accessed="2026-11-30" if n % 2 else "",
        language="en" if n % 2 else "",
        tags=("oil", "gas & more") if n % 3 == 0 else (),
    )
    for n in range(20)
]


def read_bibtex(text: str) -> list[dict[str, str]]:
    """The entries as bibtexparser reads them, addresses as they stand."""
    raw = parse_string(text)
    assert not raw.failed_blocks
    addresses = [{field.key: field.value for field in entry.fields} for entry in raw.entries]
    library = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    assert not library.failed_blocks
    return [
        {
            **{field.key: field.value for field in entry.fields},
            **{key: value for key, value in as_it_is.items() if key in ("url", "doi")},
        }
        for entry, as_it_is in zip(library.entries, addresses, strict=True)
    ]


def test_twenty_documents_are_read_from_bibtex_without_loss() -> None:
    entries = read_bibtex(bibtex(TWENTY))
    assert len(entries) == 20
    for description, entry in zip(TWENTY, entries, strict=True):
        # pylatexenc reads \\textasciicircum as the accent alone.
        assert entry["title"].removeprefix("{").removesuffix("}").replace("ˆ", "^") == description.title
        names = [name_of(author) for author in description.authors]
        expected = " and ".join(name.inverted if name.given else name.family for name in names)
        assert entry.get("author", "").replace("{", "").replace("}", "") == expected
        publishers = {entry.get(key, "") for key in ("publisher", "institution", "school", "journal")} - {""}
        assert "".join(publishers) == description.publisher
        assert entry.get("address", "") == description.place
        assert entry.get("date", entry.get("year", "")) == description.date
        assert (entry.get("url", ""), entry.get("doi", "")) == (description.url, description.doi)
        assert entry.get("urldate", "") == description.accessed
        assert entry.get("langid", "") == description.language
        assert entry.get("keywords", "") == ", ".join(description.tags)


def test_bibtex_has_an_author_each() -> None:
    library = parse_string(bibtex([REPORT]), append_middleware=[SeparateCoAuthors()])
    assert library.entries[0]["author"] == ["Smith, Jane", "{Institute of Energy}"]
    assert library.entries[0].key == "smith2023energy"


def test_twenty_documents_are_read_from_ris_without_loss() -> None:
    entries = rispy.loads(ris(TWENTY))
    assert len(entries) == 20
    for description, entry in zip(TWENTY, entries, strict=True):
        names = [name_of(author) for author in description.authors]
        assert entry["title"] == description.title
        assert entry.get("authors", []) == [name.inverted for name in names]
        assert entry.get("publisher", "") == description.publisher
        assert entry.get("place_published", "") == description.place
        dates = description.date.split("-") if description.date[:1].isdigit() else [description.date]
        assert [part for part in entry.get("date", "").split("/") if part] == [part for part in dates if part]
        assert "".join(entry.get("urls", [])) == description.url
        assert entry.get("doi", "") == description.doi
        assert entry.get("access_date", "").rstrip("/").replace("/", "-") == description.accessed
        assert tuple(entry.get("keywords", [])) == description.tags
        assert entry.get("language", "") == description.language


def test_twenty_documents_are_read_from_csl_json_without_loss() -> None:
    items = json.loads(csl_json(TWENTY))
    assert len({item["id"] for item in items}) == 20
    for description, item in zip(TWENTY, items, strict=True):
        assert item["title"] == description.title
        names = [each.get("literal") or f"{each['family']}, {each['given']}" for each in item.get("author", [])]
        assert names == [name_of(author).inverted for author in description.authors]
        assert _date(item.get("issued", {})) == description.date
        assert _date(item.get("accessed", {})) == description.accessed
        facts = (item.get("publisher", ""), item.get("publisher-place", ""), item.get("URL", ""), item.get("DOI", ""))
        assert facts == (description.publisher, description.place, description.url, description.doi)
        assert item.get("keyword", "") == ", ".join(description.tags)


def _date(date: dict[str, Any]) -> str:
    parts = date.get("date-parts", [[]])[0]
    return date.get("literal") or "-".join(f"{part:02}" for part in parts)


def test_each_record_has_a_key_of_its_own() -> None:
    items = json.loads(csl_json([BOOK, BOOK, Description(title="中")]))
    assert [item["id"] for item in items] == ["doe2020long", "doe2020long-2", "document"]


def test_every_format_is_whole_without_documents() -> None:
    assert {name: each.write([]).strip() for name, each in FORMATS.items()} == {
        "bibtex": "",
        "ris": "",
        "csl-json": "[]",
    }


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=30))
def test_any_title_is_read_back(title: str) -> None:
    description = Description(title=title, authors=("Jane Smith",))
    assert rispy.loads(ris([description]))[0]["title"] == title
    assert json.loads(csl_json([description]))[0]["title"] == title
    entry = parse_string(bibtex([description])).entries[0]
    assert entry["author"] == "Smith, Jane"
    assert date_parts(description.date) == ()
