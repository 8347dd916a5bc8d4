"""Two places hold the same if every document is the same in both, and the second counts them right."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from askreport.store import IndexCounts, Manifest
from askreport.store.contents import PackedPassage, StoredDocument
from askreport.transfer import compare as comparing
from askreport.transfer.compare import Comparison, Difference, compare
from askreport.types import Passage, Source, Span
from tests.tools.parts import document


class Made:
    """Contents of these documents."""

    def __init__(self, documents: Sequence[StoredDocument], counts: IndexCounts | None = None) -> None:
        self._documents = documents
        counted = IndexCounts(len(documents), len(documents), len(documents))
        self.manifest = Manifest(
            generation=1,
            built_at="",
            encoder="e",
            dimension=4,
            chunking="c",
            library="",
            counts=counts or counted,
            segments=(),
            next_number=0,
            files={},
        )

    def listed(self) -> Iterator[tuple[str, str, Source]]:
        return ((each.document.id, each.document.path, each.source) for each in self._documents)

    def contents(self) -> Iterator[StoredDocument]:
        return iter(self._documents)


def stored(path: str) -> StoredDocument:
    item = document(f"The text of {path}.", path)
    passage = PackedPassage(
        Passage(document_id=item.id, start=0, end=5, heading=(), sentences=(Span(0, 5),)), b"12345678", bytes(4)
    )
    return StoredDocument(
        document=item,
        passages=(passage,),
        vectors=np.ones((1, 4), np.float16),
        layout={},
        source=Source(Path(path), item.id),
        entry="",
    )


A, B, C = map(stored, ("a", "b", "c"))


def compared(source: Made, target: Made, among_others: bool = False) -> Comparison:
    return compare(source, target, among_others, lambda passages: None)


def difference(kind: str, each: StoredDocument) -> Difference:
    return Difference(kind, each.document.id, each.document.path)  # type: ignore[arg-type]


def test_in_whatever_order_they_are() -> None:
    found = compared(Made([A, B, C]), Made([C, A, B]))
    counts = IndexCounts(3, 3, 3)
    assert found == Comparison(source=counts, target=counts, stated=counts, differences=0, named=())
    assert found.is_same


def test_each_difference_is_named() -> None:
    other = replace(B, vectors=np.zeros((1, 4), np.float16))
    found = compared(Made([A, B]), Made([other, C]))
    assert not found.is_same
    assert found.named == (difference("different", B), difference("other", C), difference("missing", A))


def test_others_may_be_there_if_that_is_said() -> None:
    assert compared(Made([A]), Made([A, B]), among_others=True).is_same
    assert not compared(Made([A]), Made([B]), among_others=True).is_same


def test_a_place_that_counts_itself_wrong_is_not_the_same() -> None:
    found = compared(Made([A]), Made([A], IndexCounts(1, 2, 1)))
    assert (found.differences, found.is_same) == (0, False)


def test_of_many_differences_some_are_named_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "NAMED", 2)
    found = compared(Made([A, B, C]), Made([]))
    assert (found.differences, len(found.named)) == (3, 2)


def test_progress_counts_the_passages_of_both() -> None:
    counted: list[int] = []
    compare(Made([A, B]), Made([A]), False, counted.append)
    assert counted == [1, 1, 1]
