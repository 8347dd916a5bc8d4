"""How well documents are ranked, and what each part of the ranking gives: python -m benchmarks.retrieval [SET...].

Each set of the shared data becomes a library (kept in the cache folder). Rankings, by nDCG@10 of documents: the dense
half alone, BM25 alone, both by reciprocal rank fusion (k 60) and by the convex combination in use with several dense
shares, with the nearest sentence in place of or beside the passage, and what the service returns after reading.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from askreport.answering.ask import investigate
from askreport.answering.library import Library
from askreport.answering.retrieve import nearest_sentence
from askreport.cli.evaluate import own_library
from askreport.config import Settings
from askreport.evaluation.evaluate import CORPUS, Item, load_items, name_of
from askreport.evaluation.figures import ranking
from askreport.store import Store, fuse

EVAL = Path(__file__).parents[2] / "shared" / "eval"
SETS = ("squad2-dev", "clapnq-dev", "pubmedqa", "mtrag-clapnq", "mtrag-cloud", "xquad-cross-to-en")
QUESTIONS = 600
DEPTH = 200
Scores = Mapping[int, float]


def reciprocal(dense: Scores, lexical: Scores) -> dict[int, float]:
    """Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""
    fused: dict[int, float] = {}
    for scores in (dense, lexical):
        for rank, number in enumerate(sorted(scores, key=lambda number: -scores[number]), start=1):
            fused[number] = fused.get(number, 0.0) + 1 / (60 + rank)
    return fused


def rankings(store: Store, library: Library, item: Item) -> dict[str, dict[int, float]]:
    """Passage scores under each name."""
    vector = library.encoder.encode_question(item.question)
    dense = store.search_dense(vector, DEPTH)
    lexical = store.search_lexical(item.question, DEPTH)
    missing = [number for number in lexical if number not in dense]
    dense |= dict(zip(missing, store.cosines(vector, missing), strict=True))
    stored = {each.number: each for each in store.passages(list(dense))}
    nearest = {number: nearest_sentence(each, vector) for number, each in stored.items()}
    both = {number: (dense[number] + nearest[number]) / 2 for number in dense}
    found: dict[str, dict[int, float]] = {
        "dense": dense,
        "BM25": dict(lexical),
        "RRF": reciprocal(dict(list(dense.items())[:100]), lexical),
        "nearest sentence": nearest,
        "convex, sentence": fuse(nearest, lexical),
        "convex, mean of both": fuse(both, lexical),
    }
    for share in (0.6, 0.7, 0.8, 0.9):
        found[f"convex {share}"] = fuse(dense, lexical, share)
    return found


def by_document(store: Store, names: Mapping[str, str], scores: Scores) -> dict[str, float]:
    """The best passage's score of each document."""
    found: dict[str, float] = {}
    best = sorted(scores, key=lambda number: -scores[number])[:DEPTH]
    for stored in store.passages(best):
        name = names[stored.passage.document_id]
        found[name] = max(found.get(name, -1.0), scores[stored.number])
    return found


def run(name: str) -> None:
    """Prints a line for each ranking of a set."""
    settings = Settings()
    library = own_library(EVAL / name / CORPUS, settings, Library.open(settings))
    store = library.store
    names = {each.id: name_of(each.path) for each in store.documents()}
    items = [item for item in load_items(EVAL / name) if item.relevant]
    items = items[:: max(1, len(items) // QUESTIONS)]
    judged = {item.id: item.relevant for item in items}
    runs: dict[str, dict[str, dict[str, float]]] = {}
    for item in items:
        for kind, scores in rankings(store, library, item).items():
            runs.setdefault(kind, {})[item.id] = by_document(store, names, scores)
        read = investigate(store, library.encoder, item.question, 20, scorer=library.scorer).candidates
        as_read: dict[str, float] = {}
        for place, candidate in enumerate(read):
            as_read.setdefault(names[candidate.stored.passage.document_id], 1 / (1 + place))
        runs.setdefault("as returned", {})[item.id] = as_read
    print(f"{name}, {len(items)} questions", flush=True)
    for kind, found in runs.items():
        print(f"  {kind:24} {mean(each['nDCG@10'] for each in ranking(judged, found).values()):.4f}", flush=True)


mean: Callable[[Iterable[float]], float] = lambda values: float(np.mean(list(values)))  # noqa: E731


if __name__ == "__main__":
    for chosen in sys.argv[1:] or SETS:
        run(chosen)
