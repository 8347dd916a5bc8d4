"""The commands for documents as sources: describe, cite."""

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from askreport.answering.citing import locator_at
from askreport.answering.describing import consulted, descriptions_of
from askreport.answering.library import backend_of, read_from
from askreport.bibliography.description import FIELDS, KINDS, Description, checked, describe
from askreport.bibliography.formats import FORMATS
from askreport.bibliography.styles import STYLES, bibliography, cite
from askreport.changes.originals import find_document
from askreport.cli.terminal import IndexOption, JsonOption, harmless, out, print_json, safe
from askreport.config import load_settings
from askreport.errors import QuestionError
from askreport.store import Backend, DocumentSummary
from askreport.store.descriptions import correct, corrections_of
from askreport.types import Document

_Name = Annotated[str, typer.Argument(help="The document's id, or its file as `askreport documents` lists it.")]
_Names = Annotated[list[str] | None, typer.Argument(help="Documents by id or file; all without one.")]
_Format = Annotated[str, typer.Option("--format", "-f", help=f"One of {', '.join([*FORMATS, *STYLES])}.")]
_Quote = Annotated[str, typer.Option(help="Words of the one document: cite the page or paragraph where they stand.")]
_Many = typer.Option(help="May be given several times.")


def describe_command(
    name: _Name,
    title: Annotated[str | None, typer.Option(help="Its title.")] = None,
    author: Annotated[list[str] | None, _Many] = None,
    date: Annotated[str | None, typer.Option(help="2023-03-14, 2023-03 or 2023.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Publisher, institution, newspaper or site.")] = None,
    place: Annotated[str | None, typer.Option(help="Where the publisher is.")] = None,
    url: Annotated[str | None, typer.Option(help="Where it can be read on the web.")] = None,
    doi: Annotated[str | None, typer.Option(help="Its DOI.")] = None,
    accessed: Annotated[str | None, typer.Option(help="When it was read on the web, as 2023-03-14.")] = None,
    language: Annotated[str | None, typer.Option(help="Its language by the code, such as en.")] = None,
    kind: Annotated[str | None, typer.Option(help=f"One of {', '.join(KINDS)}.")] = None,
    tag: Annotated[list[str] | None, _Many] = None,
    forget: Annotated[list[str] | None, typer.Option(help="A field that the file shall say again.")] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a document is cited: author, date, publisher and more; correct what is given as an option."""
    given = {"title": title, "authors": author, "date": date, "publisher": publisher, "place": place, "url": url}
    given |= {"doi": doi, "accessed": accessed, "language": language, "kind": kind, "tags": tag}
    changes: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    changes |= dict.fromkeys(forget or ())
    backend = backend_of(load_settings(os.environ, index=index))
    document = _document(backend, name)
    if changes:
        correct(backend.desk, document, checked(changes))
    corrections = corrections_of(backend.desk, [document]).get(document.id, {})
    described = describe(document, corrections)
    if as_json:
        print_json({"description": asdict(described), "read": asdict(describe(document)), "corrections": corrections})
        return
    for field in FIELDS:
        value = getattr(described, field)
        words = "; ".join(value) if isinstance(value, tuple) else value
        mark = "  [dim](corrected)[/dim]" if field in corrections else ""
        out.print(f"{field:<10} {safe(words) or '[dim]–[/dim]'}{mark}", soft_wrap=True)


def cite_command(
    names: _Names = None,
    form: _Format = "chicago",
    quote: _Quote = "",
    tag: Annotated[str, typer.Option(help="Only documents with this tag.")] = "",
    index: IndexOption = None,
) -> None:
    """Cite documents in a style, or write their records for Zotero and others: BibTeX, RIS, CSL-JSON."""
    if form not in FORMATS and form not in STYLES:
        raise QuestionError(f"{form!r} is no format or style", f"These are: {', '.join([*FORMATS, *STYLES])}.")
    backend = backend_of(load_settings(os.environ, index=index))
    if quote:
        sys.stdout.write(harmless(_cited(backend, names or [], quote, form)) + "\n")
        return
    documents: Sequence[Document | DocumentSummary] = [_document(backend, name) for name in names or ()]
    if not documents:
        documents = read_from(backend, lambda store: store.documents())
    today = datetime.now(UTC).date()
    described = [consulted(each, today) for each in descriptions_of(backend.desk, documents).values()]
    chosen = [each for each in described if not tag or tag.casefold() in map(str.casefold, each.tags)]
    sys.stdout.write(harmless(_written(chosen, form)))


def _written(descriptions: list[Description], form: str) -> str:
    if form in FORMATS:
        return FORMATS[form].write(descriptions)
    return "".join(f"{entry}\n" for entry in bibliography(descriptions, STYLES[form]))


def _cited(backend: Backend, names: list[str], quote: str, form: str) -> str:
    """The reference to the place where these words stand."""
    if len(names) != 1 or form not in STYLES:
        raise QuestionError("a quote is cited in a style, from one document", "askreport cite DOCUMENT --quote WORDS")
    document = _document(backend, names[0])
    found = _position(document.text, quote)
    if found is None:
        raise QuestionError(f"these words do not stand in {document.path}", "`askreport check` finds the nearest ones.")
    description = consulted(descriptions_of(backend.desk, [document])[document.id], datetime.now(UTC).date())
    return cite(description, locator_at(document, found), STYLES[form]).reference


def _position(text: str, quote: str) -> int | None:
    """Where words begin, whatever the white space between them."""
    found = re.search(r"\s+".join(map(re.escape, quote.split())), text)
    return found.start() if found else None


def _document(backend: Backend, name: str) -> Document:
    return read_from(backend, lambda store: store.document(find_document(store, name)))
