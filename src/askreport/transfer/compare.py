"""Whether two places hold the same library: everything that is stored of each document, as it is read back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from askreport.store import IndexCounts
from askreport.store.contents import Contents, StoredDocument

# Differences that are named; more are counted.
NAMED = 100
# Called with how many passages were compared.
Compared: TypeAlias = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """A document that the other place does not have, has otherwise, or has although it is not in the first."""

    kind: Literal["missing", "different", "other"]
    id: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was read in both places, what the second says it holds, and at most ``NAMED`` of the differences."""

    source: IndexCounts
    target: IndexCounts
    stated: IndexCounts
    differences: int
    named: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs, and the second holds what it says."""
        return not self.differences and self.target == self.stated


@dataclass(slots=True, kw_only=True)
class _Tally:
    """Counts of what was read, and the differences that were found."""

    compared: Compared
    documents: int = 0
    passages: int = 0
    sentences: int = 0
    differences: int = 0
    named: list[Difference] = field(default_factory=list)

    def read(self, documents: Iterator[StoredDocument]) -> Iterator[StoredDocument]:
        for each in documents:
            self.documents += 1
            self.passages += len(each.passages)
            self.sentences += each.sentences
            self.compared(len(each.passages))
            yield each

    def note(self, kind: Literal["missing", "different", "other"], identity: str, path: str) -> None:
        self.differences += 1
        if len(self.named) < NAMED:
            self.named.append(Difference(kind, identity, path))

    @property
    def counts(self) -> IndexCounts:
        return IndexCounts(self.documents, self.passages, self.sentences)


def compare(source: Contents, target: Contents, among_others: bool, compared: Compared) -> Comparison:
    """Compares all documents of one place with those of another; ``among_others``, it may hold more.

    Of each document of the first a checksum is in memory. Raises IndexDamagedError for what cannot be read at all.
    """
    here, there = _Tally(compared=compared), _Tally(compared=compared)
    sums = {each.document.id: each.checksum() for each in here.read(source.contents())}
    for each in there.read(target.contents()):
        document, wanted = each.document, sums.pop(each.document.id, None)
        if wanted is None and not among_others:
            there.note("other", document.id, document.path)
        if wanted is not None and wanted != each.checksum():
            there.note("different", document.id, document.path)
    if sums:
        for identity, path, _ in source.listed():
            if identity in sums:
                there.note("missing", identity, path)
    return Comparison(
        source=here.counts,
        target=there.counts,
        stated=target.manifest.counts,
        differences=there.differences,
        named=tuple(there.named),
    )
