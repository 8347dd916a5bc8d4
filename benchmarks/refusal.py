"""Fits and reports the confidence: can the library answer the question?

    python benchmarks/refusal.py

Libraries: every article of squad2-dev by itself, and clapnq-dev as a whole. Questions: answerable ones, near misses
(written to look answerable), and questions about other articles. The fit is on every second article and on half of
clapnq-dev; what is printed as a result is on the rest. The calibration in reader.py is the fit on all.
"""

import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from askreport.answer import ANSWERED_FROM, UNCERTAIN_FROM
from askreport.ask import READ_PASSAGES, Library
from askreport.config import load_settings
from askreport.embed import Encoder, load_encoder
from askreport.ingest import ingest
from askreport.parse import ParserPool
from askreport.reader import confidence, read
from askreport.retrieve import retrieve
from askreport.store import Store

EVAL = Path(__file__).parents[1] / "../shared/eval"
OWN, FOREIGN = 70, 20
PARSERS = ParserPool()


@dataclass(frozen=True, slots=True)
class Sample:
    """The best score of one question, and whether the library answers it, misses it nearly or is about other things."""

    score: float
    kind: str
    fitted: bool


def lines(name: str, file: str) -> list[dict[str, Any]]:
    """The records of one file of a data set."""
    return [json.loads(line) for line in (EVAL / name / file).read_text().splitlines()]


def best_score(store: Store, encoder: Encoder, question: str) -> float:
    """The highest sentence score for a question."""
    vector = encoder.encode_question(question)
    reading = read(store, question, vector, retrieve(store, question, vector, READ_PASSAGES))
    return max((sentence.score for sentence in reading.sentences), default=0.0)


def library(encoder: Encoder, folder: Path, records: Iterable[dict[str, Any]]) -> Store:
    """An index of these records."""
    folder.mkdir()
    (folder / "corpus.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    ingest([folder / "corpus.jsonl"], folder / "index", encoder, PARSERS)
    return Library(folder / "index", encoder).store


def squad(encoder: Encoder, folder: Path) -> Iterable[Sample]:
    """Samples from squad2-dev, article by article."""
    articles = defaultdict(list)
    article_of = {}
    for record in lines("squad2-dev", "corpus.jsonl"):
        articles[record["title"]].append(record)
        article_of[record["_id"]] = record["title"]
    questions = lines("squad2-dev", "queries.jsonl")
    chance = random.Random(1)
    for number, (title, records) in enumerate(sorted(articles.items())):
        store = library(encoder, folder / f"article-{number}", records)
        own = [item for item in questions if article_of[item["context"]] == title]
        others = [item for item in questions if article_of[item["context"]] != title]
        for item in chance.sample(own, min(OWN, len(own))):
            kind = "answerable" if item["answerable"] else "near miss"
            yield Sample(best_score(store, encoder, item["text"]), kind, number % 2 == 0)
        for item in chance.sample(others, FOREIGN):
            yield Sample(best_score(store, encoder, item["text"]), "foreign", number % 2 == 0)


def clapnq(encoder: Encoder, folder: Path) -> Iterable[Sample]:
    """Samples from clapnq-dev, with squad2-dev's questions as the foreign ones."""
    store = library(encoder, folder / "clapnq", lines("clapnq-dev", "corpus.jsonl"))
    for number, item in enumerate(lines("clapnq-dev", "queries.jsonl")):
        kind = "answerable" if item["answerable"] else "near miss"
        yield Sample(best_score(store, encoder, item["text"]), kind, number % 2 == 0)
    for number, item in enumerate(random.Random(2).sample(lines("squad2-dev", "queries.jsonl"), 300)):
        yield Sample(best_score(store, encoder, item["text"]), "foreign", number % 2 == 0)


def fit(samples: Sequence[Sample]) -> tuple[float, float]:
    """Slope and intercept of a logistic regression by Newton's method, both classes weighing the same."""
    x = np.array([[sample.score, 1.0] for sample in samples])
    y = np.array([sample.kind == "answerable" for sample in samples], dtype=float)
    weights = np.where(y == 1, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    theta = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ theta))
        gradient = x.T @ (weights * (y - p))
        hessian = (x * (weights * p * (1 - p))[:, None]).T @ x
        theta += np.linalg.solve(hessian, gradient)
    return float(theta[0]), float(theta[1])


def auroc(samples: Sequence[Sample], against: str) -> float:
    """How often an answerable question scores above one of the kind ``against``."""
    high = np.array([sample.score for sample in samples if sample.kind == "answerable"])
    low = np.array([sample.score for sample in samples if sample.kind == against])
    return float(((high[:, None] > low) + 0.5 * (high[:, None] == low)).mean())


def report(name: str, samples: Sequence[Sample], slope: float, intercept: float) -> None:
    """Prints what a fit gives on samples it has not seen."""
    unseen = [sample for sample in samples if not sample.fitted]
    print(f"{name}: AUROC near miss {auroc(unseen, 'near miss'):.3f}, foreign {auroc(unseen, 'foreign'):.3f}")
    for kind in ("answerable", "near miss", "foreign"):
        scores = np.array([sample.score for sample in unseen if sample.kind == kind])
        p = 1 / (1 + np.exp(-(slope * scores + intercept)))
        answered, refused = (p >= ANSWERED_FROM).mean(), (p < UNCERTAIN_FROM).mean()
        low = " ".join(f"{np.quantile(p, share):.2f}" for share in (0.01, 0.02, 0.05))
        print(
            f"  {kind:11} n {len(p):4}  answered {answered:.2f}  not_found {refused:.2f}  mean {p.mean():.2f}"
            f"  lowest 1%, 2%, 5% {low}"
        )


def main() -> None:
    """Prints the held-out results, then the fit on everything."""
    settings = load_settings({})
    encoder = load_encoder(settings.model, settings.cache)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sets = {"squad2-dev": [*squad(encoder, folder)], "clapnq-dev": [*clapnq(encoder, folder)]}
    everything = [sample for samples in sets.values() for sample in samples]
    held_in = fit([sample for sample in everything if sample.fitted])
    print(f"fit on half: slope {held_in[0]:.2f}, intercept {held_in[1]:.2f}")
    for name, samples in sets.items():
        report(name, samples, *held_in)
    slope, intercept = fit(everything)
    print(f"fit on all: slope {slope:.2f}, intercept {intercept:.2f}; in use: confidence(0.5) = {confidence(0.5):.3f}")


if __name__ == "__main__":
    with PARSERS:
        main()
