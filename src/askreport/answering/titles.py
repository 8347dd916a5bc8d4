"""Documents by the titles that people have corrected, in whatever is told of them: answers, lists, reports."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from askreport.store import DocumentSummary
from askreport.types import Document, DocumentRef

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Titles:
    """The corrected titles, by the documents' paths and, for files that were moved, by their ids."""

    by_path: Mapping[str, str]
    by_id: Mapping[str, str]

    def of(self, document: DocumentRef | DocumentSummary | Document) -> str:
        """A document's title: the corrected one, if there is one."""
        return self.by_path.get(document.path) or self.by_id.get(document.id) or document.title

    def put(self, value: _Value) -> _Value:
        """The same value with the corrected title of each document that it names."""
        return self._put(value) if self.by_path else value

    def _put(self, value: Any) -> Any:
        if isinstance(value, DocumentRef | DocumentSummary | Document):
            return replace(value, title=self.of(value))
        if type(value) in (list, tuple):
            return type(value)(self._put(each) for each in value)
        if type(value) is dict:
            return {key: self._put(each) for key, each in value.items()}
        if not is_dataclass(value) or isinstance(value, type):
            return value
        parts = {each.name: getattr(value, each.name) for each in fields(value)}
        changed = {name: new for name, part in parts.items() if (new := self._put(part)) is not part}
        if isinstance(document := parts.get("document"), DocumentRef) and "heading" in parts:
            # Whoever leaves out the title where headings are told must find it there.
            title = changed["document"].title
            changed["heading"] = tuple(title if each == document.title else each for each in parts["heading"])
        return replace(value, **changed)


# Nobody has corrected any.
UNCHANGED = Titles({}, {})
