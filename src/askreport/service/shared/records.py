"""Records of documents for reference managers, as downloads: of those that are named, that have a tag, or of all."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from fastapi import Response

from askreport.answering.describing import consulted, descriptions_of
from askreport.answering.library import Library
from askreport.bibliography.description import Description
from askreport.bibliography.formats import FORMATS
from askreport.errors import DocumentNotFoundError


def chosen(library: Library, documents: Collection[str] | None, tag: str = "") -> list[Description]:
    """The descriptions of documents by their ids, in that order, or of all by path; DocumentNotFoundError."""
    listed = library.read(lambda store: store.documents())
    if documents is not None:
        by_id = {each.id: each for each in listed}
        unknown = [each for each in documents if each not in by_id]
        if unknown:
            raise DocumentNotFoundError(f"no document {unknown[0]} is in the index", "GET /api/documents lists them.")
        listed = [by_id[each] for each in dict.fromkeys(documents)]
    described = descriptions_of(library.backend.desk, listed)
    today = datetime.now(UTC).date()
    return [consulted(each, today) for each in described.values() if not tag or has_tag(each, tag)]


def has_tag(description: Description, tag: str) -> bool:
    """Whether a document has a tag, whatever its case."""
    return tag.casefold() in (each.casefold() for each in description.tags)


def records_response(descriptions: Sequence[Description], form: str) -> Response:
    """The records in a format (formats.py) as a file to be saved or taken by a reference manager."""
    chosen_format = FORMATS[form]
    headers = {"content-disposition": f'attachment; filename="sources.{chosen_format.ending}"'}
    content = chosen_format.write(descriptions).encode("utf-8", "replace")
    return Response(content, headers={**headers, "content-type": f"{chosen_format.media_type}; charset=utf-8"})
