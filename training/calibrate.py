"""Fits how a sentence's score and the confidence follow from what is known of it, and says what they are worth.

    python -m training.calibrate READER --indexes FOLDER [--write]

READER is an exported folder, or ``none``. The questions are those that the reader was not trained on: the held-out
tenth of the written questions, asked of all their passages, and of public sets of several kinds and languages those of
held-out contexts. Half of the passages is for the fit, the figures are of the other half. No set that figures are
published of takes part. ``--write`` puts the fit into READER's ``meta.json``; without a reader it is printed for
``reading.py``. The indexes are kept in FOLDER.
"""

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from askreport.answering.ask import READ_PASSAGES
from askreport.answering.asked import Asked as Compared
from askreport.answering.considered import CONTEXT_WEIGHT, COVERAGE_WEIGHT, UNREAD
from askreport.answering.library import Library
from askreport.answering.reading import MAX_MARGIN, MAX_QUOTES, UNMET_LOSS, consider
from askreport.answering.retrieve import retrieve
from askreport.config import Settings
from askreport.evaluation.evaluate import name_of
from askreport.evaluation.figures import auroc, calibration_error, coverage_at, reliability, risk_coverage
from askreport.indexing.ingest import ingest
from askreport.models.e5 import open_inputs
from askreport.models.e5_reader import E5Reader
from askreport.models.encoder import load_encoder
from askreport.models.scorer import Scorer
from askreport.parse import ParserPool
from training.examples import fold_of, public_rows
from training.written import is_held_out, passages, written_rows

# Public sets by what they ask like: what people type into a search box, yes or no, claims, plain questions, and other
# languages with questions that nothing answers. derived-nearmiss and condaqa were left out: their labels are silver,
# and the fit followed their mistakes.
SETS = (
    "selqa",
    "nq-gold",
    "boolq-evidence",
    "fever-doc",
    "squadshifts",
    "idk-mrc-id",
    "pquad-fa",
    "norquad-no",
)
QUESTIONS, CONTEXTS, ELSEWHERE = 240, 450, 120
# Of what is called answered, a quote answers in at least this share; of what is right, at most this share is refused.
RIGHT_WHEN_ANSWERED = 0.9
REFUSED_WHEN_RIGHT = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question's sentences as features (n, 6) with labels (n,), whether it can be answered, and words unknown.

    ``group`` is its passage.
    """

    name: str
    group: str
    features: Any
    labels: Any
    answerable: bool
    unknown: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question to a library, and the places that answer, as document and span."""

    group: str
    text: str
    places: list[tuple[str, int, int]]

    @property
    def answerable(self) -> bool:
        """Whether something answers."""
        return bool(self.places)


def collect(name: str, library: Library, scorer: Scorer | None, questions: Iterable[Question]) -> list[Asked]:
    """What the service would know of each question's sentences."""
    store = library.store
    ids = {name_of(each.path): each.id for each in store.documents()}
    found = []
    for each in questions:
        vector = library.encoder.encode_question(each.text)
        candidates = retrieve(store, each.text, vector, READ_PASSAGES)
        asked = Compared.of(store, each.text, vector, candidates)
        considered = consider(store, asked, candidates, scorer)
        if scorer is not None:
            # What was not read comes last whatever its weights.
            considered = [sentence for sentence in considered if sentence.logit > UNREAD]
        if not considered:
            continue
        places = [(ids[document], start, end) for document, start, end in each.places]
        answers = [
            any(s.document_id == d and s.span.start < end and start < s.span.end for d, start, end in places)
            for s in considered
        ]
        features = [[s.logit, s.cosine, s.coverage, s.context, s.missing, s.unmet] for s in considered]
        found.append(
            Asked(
                name=name,
                group=each.group,
                features=np.array(features),
                labels=np.array(answers, bool),
                answerable=each.answerable,
                unknown=asked.unknown_share,
            )
        )
    return found


def library_of(folder: Path, documents: Iterable[dict[str, Any]]) -> Library:
    """An index of these documents, made on first use."""
    settings = Settings()
    encoder = load_encoder(settings.model, settings.cache)
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / "corpus.jsonl").write_text("".join(json.dumps(each) + "\n" for each in documents))
    with ParserPool() as parsers:
        ingest([folder / "corpus.jsonl"], folder / "index", encoder, parsers)
    return Library(folder / "index", encoder)


def written(folder: Path, scorer: Scorer | None) -> list[Asked]:
    """The held-out tenth of the written questions, asked of all their passages."""
    texts = passages()
    library = library_of(folder / "written", ({"_id": name, "text": text} for name, text in texts.items()))
    asked = []
    for row in written_rows():
        if is_held_out(row["passage"]) and row["passage"] in texts:
            places = [(row["passage"], start, end) for start, end in row["evidence"]]
            asked.append(Question(group=row["passage"], text=row["question"], places=places))
    return collect("written", library, scorer, asked)


def elsewhere(name: str, other: str, folder: Path, scorer: Scorer | None) -> list[Asked]:
    """Questions of a public set, asked of the library of another, where nothing answers them."""
    rows = public_rows(name, held_out=True)
    random.Random(6).shuffle(rows)
    asked = [Question(group=row["context"], text=row["question"], places=[]) for row in rows[:ELSEWHERE]]
    return collect(f"of {other}", library_of(folder / other, ()), scorer, asked)


def public(name: str, folder: Path, scorer: Scorer | None) -> list[Asked]:
    """Questions of a public set's held-out contexts, asked of these and some others."""
    rows = public_rows(name, held_out=True)
    draw = random.Random(5)
    draw.shuffle(rows)
    rows = rows[:QUESTIONS]
    titles = {row["context"]: row["title"] or "" for row in rows}
    others = public_rows(name)
    draw.shuffle(others)
    for row in others:
        if len(titles) >= CONTEXTS:
            break
        titles.setdefault(row["context"], row["title"] or "")
    names = {context: f"c{number}" for number, context in enumerate(titles)}
    documents = ({"_id": names[text], "title": title, "text": text} for text, title in titles.items())
    asked = []
    for row in rows:
        evidence = row.get("sentence_evidence") or row["evidence"]
        places = [(names[row["context"]], each["start"], each["end"]) for each in evidence]
        if bool(places) == row["answerable"]:
            asked.append(Question(group=row["context"], text=row["question"], places=places))
    return collect(name, library_of(folder / name, documents), scorer, asked)


# The weights of logit, cosine, coverage and context, by which sentences are ordered. What the first score weighs beside
# the logit was chosen on these sets; from 4 to 12 the first quote is right equally often (LOG.md).
FIRST_WEIGHT = 12.0
ORDER = np.array([1.0, *FIRST_WEIGHT * np.array([1.0, COVERAGE_WEIGHT, CONTEXT_WEIGHT])])


def question_features(asked: Sequence[Asked], weights: Any) -> tuple[Any, Any, Any]:
    """For each question the features of the confidence (n, 7); whether the first quote is right, and any of three."""
    features, first, three = [], [], []
    for each in asked:
        scores = each.features[:, :4] @ weights - UNMET_LOSS * each.features[:, 5]
        best = np.argsort(-scores, kind="stable")[:MAX_QUOTES]
        margin = min(scores[best[0]] - scores[best[1]], MAX_MARGIN) if len(best) > 1 else 0.0
        logit, cosine, coverage, _, missing, unmet = each.features[best[0]]
        features.append([logit, cosine, coverage * (1 - each.unknown), each.unknown, missing, unmet, margin])
        first.append(bool(each.labels[best[0]]))
        three.append(bool(each.labels[best].any()))
    return np.array(features), np.array(first), np.array(three)


def fit_confidence(features: Any, right: Any, sets: Sequence[str]) -> tuple[Any, float]:
    """A logistic regression in which every set weighs the same.

    No weight has the sign that it cannot mean: a word that the documents do not have never speaks for an answer.
    """
    share = {name: 1 / sets.count(name) for name in set(sets)}
    weight = np.array([share[name] for name in sets])
    x = np.hstack([features, np.ones((len(features), 1))])

    def loss(theta: Any) -> float:
        z = x @ theta
        return float((weight * (np.logaddexp(0, z) - right * z)).sum() + 1e-3 * (theta[:-1] ** 2).sum())

    bounds = [(0, None)] * 3 + [(None, 0)] * 3 + [(0, None), (None, None)]
    theta = minimize(loss, np.zeros(x.shape[1]), method="L-BFGS-B", bounds=bounds).x
    return theta[:-1], float(theta[-1])


def thresholds(confidence: Any, right: Any, three: Any) -> tuple[float, float]:
    """From where on what is answered is right often enough, and below which hardly anything right is lost."""
    order = np.argsort(-confidence)
    precision = np.cumsum(three[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= RIGHT_WHEN_ANSWERED)
    answered = confidence[order][good[-1]] if len(good) else 1.0
    return float(answered), float(np.quantile(confidence[right], REFUSED_WHEN_RIGHT))


def report(name: str, asked: Sequence[Asked], weights: Any, theta: Any, intercept: float) -> None:
    """Prints what a fit gives for some questions."""
    features, first, three = question_features(asked, weights)
    confidence = 1 / (1 + np.exp(-(features @ theta + intercept)))
    answerable = np.array([each.answerable for each in asked])
    curve = risk_coverage(confidence.tolist(), first.tolist())
    error = calibration_error(reliability(confidence.tolist(), first.tolist()))
    print(
        f"  {name:18} n {len(asked):5}  first {first[answerable].mean():.3f}  three {three[answerable].mean():.3f}  "
        f"AUROC {auroc(confidence[answerable].tolist(), confidence[~answerable].tolist()):.3f}  "
        f"coverage at 10% risk {coverage_at(curve, 0.1):.3f}, 5% {coverage_at(curve, 0.05):.3f}  "
        f"calibration error {error:.3f}"
    )


def questions_of(folder: Path, scorer: Scorer | None) -> Iterator[Asked]:
    """All questions that a fit is made or judged with."""
    yield from written(folder, scorer)
    for name in SETS:
        yield from public(name, folder, scorer)
    yield from elsewhere("squadshifts", "fever-doc", folder, scorer)
    yield from elsewhere("selqa", "squadshifts", folder, scorer)
    yield from elsewhere("onestopqa", "written", folder, scorer)


def main() -> None:
    """Fits, reports and, if asked to, writes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("reader", help="an exported folder, or none")
    parser.add_argument("--indexes", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    inputs = open_inputs(Settings().cache)
    scorer = None if options.reader == "none" else E5Reader(Path(options.reader), inputs)
    asked = list(questions_of(options.indexes, scorer))
    fit, test = ([each for each in asked if fold_of(f"half {each.group}", 2) == half] for half in (0, 1))
    weights = ORDER * (1.0 if scorer else [0, 1, 1, 1])
    features, right, three = question_features(fit, weights)
    theta, intercept = fit_confidence(features, right, [each.name for each in fit])
    for half, questions in (("fitted on", fit), ("tested on", test)):
        print(half)
        for name in sorted({each.name for each in questions}):
            report(name, [each for each in questions if each.name == name], weights, theta, intercept)
    confidence = 1 / (1 + np.exp(-(features @ theta + intercept)))
    fitted = {
        "sentence": [round(float(value), 4) for value in weights],
        "confidence": [round(float(value), 4) for value in theta[:-1]],
        "margin": round(float(theta[-1]), 4),
        "intercept": round(intercept, 4),
    }
    print(json.dumps(fitted))
    print("answered from, uncertain from:", *(round(value, 3) for value in thresholds(confidence, right, three)))
    if options.write and scorer is not None:
        file = Path(options.reader) / "meta.json"
        meta = json.loads(file.read_text()) | {"calibration": fitted}
        file.write_text(json.dumps(meta, indent=1) + "\n")


if __name__ == "__main__":
    main()
