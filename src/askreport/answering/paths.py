"""What only the place of a file says: of two reports of one name, the folder "2019" holds the one for that year."""

import re
from collections.abc import Callable, Iterable, Mapping, Set

_SEPARATORS = re.compile(r"[\W_]+")


def path_terms(path: str, terms: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """The terms in the names of a file and of its folders; a document's name within a collection is not one of them."""
    return frozenset(terms(_SEPARATORS.sub(" ", path.partition("#")[0].rpartition(".")[0] or path)))


def told_by_path(paths: Mapping[str, Set[str]], asked: Set[str]) -> dict[str, float]:
    """For each document the share of the question's terms that it alone, or not all of them, has in its path.

    ``paths`` are the documents' terms by id, ``asked`` the question's. A term in all paths tells none from another.
    """
    telling = asked & frozenset().union(*paths.values()) if paths else frozenset()
    telling = frozenset(term for term in telling if not all(term in each for each in paths.values()))
    return {name: len(telling & each) / len(telling) if telling else 0.0 for name, each in paths.items()}
