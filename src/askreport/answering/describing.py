"""What is known of documents as sources: what their files say, as people have corrected it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from askreport.bibliography.description import Description, describe
from askreport.store.base import DocumentSummary
from askreport.store.descriptions import corrections_of
from askreport.store.desk import Desk
from askreport.types import Document


def descriptions_of(desk: Desk, documents: Iterable[Document | DocumentSummary]) -> dict[str, Description]:
    """The description of each of the documents, by their ids; KeptError and StoreError.

    Not within ``Library.read``: a desk in PostgreSQL takes a connection of its own.
    """
    listed = list(documents)
    corrections = corrections_of(desk, listed)
    return {each.id: describe(each, corrections.get(each.id)) for each in listed}


def consulted(description: Description, on: date) -> Description:
    """The description of a source that is consulted on a day: a page on the web is cited with that day."""
    is_dated = description.accessed or not description.url
    return description if is_dated else replace(description, accessed=on.isoformat())
