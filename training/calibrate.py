"""Fits how a sentence's score and the confidence follow from what is known of it, and says what they are worth.

    python -m training.calibrate READER [--write]

READER is an exported folder, or ``none``. The questions are those that the reader was not trained on: of squad2-dev the
held-out articles', asked within their article and of another one; of the written questions the held-out tenth, asked of
all their passages and of those of the same document; of clapnq-dev and nomiracl-en the held-out quarters. Half of the
articles and passages is for the fit, the figures are of the other half. ``--write`` puts the fit into READER's
``meta.json``; without a reader it is printed for ``reading.py``.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from askreport.answering.ask import READ_PASSAGES
from askreport.answering.library import Library
from askreport.answering.reading import CONTEXT_WEIGHT, COVERAGE_WEIGHT, MAX_QUOTES, UNREAD, consider
from askreport.answering.reading import Asked as Compared
from askreport.answering.retrieve import retrieve
from askreport.config import Settings
from askreport.evaluation.evaluate import name_of, rows
from askreport.evaluation.figures import auroc, calibration_error, coverage_at, reliability, risk_coverage
from askreport.indexing.ingest import ingest
from askreport.models.encoder import load_encoder
from askreport.models.scorer import OnnxScorer, Scorer
from askreport.parse import ParserPool
from training.data import (
    SHARED,
    is_held_out,
    judgements,
    letters,
    passages,
    sentences_of,
    work_of,
    written_rows,
)
from training.train import FOLDS, HELD_OUT, fold_of

FOREIGN_QUESTIONS = 400
# Of what is called answered, at least this share is right; of what is right, at most this share is refused.
RIGHT_WHEN_ANSWERED = 0.75
REFUSED_WHEN_RIGHT = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question's sentences as features (n, 4) with labels (n,), whether it can be answered, and words unknown.

    ``group`` is its article or passage. Where it is not known which sentence answers, there are no labels (None).
    """

    name: str
    group: str
    features: Any
    labels: Any
    answerable: bool
    unknown: float

    def is_right(self, chosen: Any) -> bool:
        """Whether answering with these sentences is right."""
        return self.answerable and (self.labels is None or bool(self.labels[chosen].any()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question to a library: where to look, and the places that answer, as document and span; None if not known."""

    group: str
    text: str
    within: list[str] | None
    places: list[tuple[str, int, int]] | None
    answerable: bool


def collect(name: str, library: Library, scorer: Scorer | None, questions: Iterable[Question]) -> list[Asked]:
    """What the service would know of each question's sentences."""
    store = library.store
    ids = {name_of(each.path): each.id for each in store.documents()}
    found = []
    for each in questions:
        vector = library.encoder.encode_question(each.text)
        within = [ids[name] for name in each.within] if each.within else None
        candidates = retrieve(store, each.text, vector, READ_PASSAGES, within)
        asked = Compared.of(store, each.text, vector)
        considered = consider(store, asked, candidates, scorer)
        if scorer is not None:
            # What was not read comes last whatever its weights.
            considered = [sentence for sentence in considered if sentence.logit > UNREAD]
        places = [(ids[document], start, end) for document, start, end in each.places or []]
        answers = [
            any(s.document_id == d and s.span.start < end and start < s.span.end for d, start, end in places)
            for s in considered
        ]
        labels = None if each.places is None else np.array(answers, bool)
        features = np.array([[s.logit, s.cosine, s.coverage, s.context] for s in considered]).reshape(-1, 4)
        found.append(
            Asked(
                name=name,
                group=each.group,
                features=features,
                labels=labels,
                answerable=each.answerable,
                unknown=asked.unknown_share,
            )
        )
    return found


def library_of(folder: Path, documents: Iterable[dict[str, Any]]) -> Library:
    """An index of these documents."""
    settings = Settings()
    encoder = load_encoder(settings.model, settings.cache)
    folder.mkdir(parents=True)
    (folder / "corpus.jsonl").write_text("".join(json.dumps(each) + "\n" for each in documents))
    with ParserPool() as parsers:
        ingest([folder / "corpus.jsonl"], folder / "index", encoder, parsers)
    return Library(folder / "index", encoder)


def squad(folder: Path, scorer: Scorer | None) -> list[Asked]:
    """The articles of squad2-dev that are left out of training."""
    documents = rows(SHARED / "eval" / "squad2-dev" / "corpus.jsonl")
    library = library_of(folder / "squad", documents)
    title = {each["_id"]: each["title"] for each in documents}
    members: dict[str, list[str]] = {}
    for each in documents:
        members.setdefault(each["title"], []).append(each["_id"])
    kept = [name for name in members if fold_of(name, FOLDS) == HELD_OUT]
    asked = rows(SHARED / "eval" / "squad2-dev" / "queries.jsonl")
    draw = random.Random(5)
    draw.shuffle(asked)
    own: list[Question] = []
    foreign: list[Question] = []
    for row in asked:
        article = title[row["context"]]
        if article in kept:
            places = [(each["doc"], each["start"], each["end"]) for each in row.get("evidence") or []]
            own.append(
                Question(
                    group=article,
                    text=row["text"],
                    within=members[article],
                    places=places,
                    answerable=row["answerable"],
                )
            )
        elif len(foreign) < FOREIGN_QUESTIONS:
            other = draw.choice(kept)
            foreign.append(Question(group=other, text=row["text"], within=members[other], places=[], answerable=False))
    return collect("squad", library, scorer, own) + collect("squad, another article", library, scorer, foreign)


def written(folder: Path, scorer: Scorer | None) -> list[Asked]:
    """The held-out tenth of the written questions, asked of all their passages and of those of the same document."""
    texts = passages()
    library = library_of(folder / "written", ({"_id": name, "text": text} for name, text in texts.items()))
    works: dict[str, list[str]] = {}
    for passage in texts:
        works.setdefault(work_of(passage), []).append(passage)
    among_all, in_work = [], []
    for row in written_rows():
        passage = row["passage"]
        if is_held_out(passage) and passage in texts:
            places = [(passage, start, end) for start, end in row["evidence"]]
            asked = Question(group=passage, text=row["question"], within=None, places=places, answerable=bool(places))
            among_all.append(asked)
            in_work.append(replace(asked, within=works[work_of(passage)]))
    return [
        *collect("written", library, scorer, among_all),
        *collect("written, own document", library, scorer, in_work),
    ]


def web(folder: Path, scorer: Scorer | None) -> list[Asked]:
    """Of clapnq-dev, asked of all its passages, and of nomiracl-en, of those retrieved for each question."""
    found = []
    for name in ("clapnq-dev", "nomiracl-en"):
        documents = rows(SHARED / "eval" / name / "corpus.jsonl")
        questions = clapnq_questions(documents) if name == "clapnq-dev" else nomiracl_questions()
        kept = [each for each in questions if fold_of(each.group, FOLDS) == HELD_OUT]
        found += collect(name, library_of(folder / name, documents), scorer, kept)
    return found


def clapnq_questions(documents: Iterable[dict[str, Any]]) -> list[Question]:
    """Those of clapnq-dev, by the article they were written for."""
    texts = {each["_id"]: each for each in documents}
    judged = judgements(SHARED / "eval" / "clapnq-dev" / "qrels.tsv")
    asked = []
    for row in rows(SHARED / "eval" / "clapnq-dev" / "queries.jsonl"):
        own = judged[row["_id"]][0] if row["answerable"] else row["near_miss_doc"]
        text = texts[own]["text"]
        answers = letters(" ".join(row.get("answer_sentences") or []))
        places = [(own, *span) for span in sentences_of(text) if letters(text[span.start : span.end]) in answers]
        group = f"clapnq/{texts[own].get('title') or own}"
        asked.append(
            Question(
                group=group,
                text=row["text"],
                within=None,
                places=places if row["answerable"] else [],
                answerable=row["answerable"],
            )
        )
    return asked


def nomiracl_questions() -> list[Question]:
    """Those of nomiracl-en; which of the ten passages answers is not known."""
    return [
        Question(
            group=f"nomiracl/{row['_id']}",
            text=row["text"],
            within=row["context_ids"],
            places=None,
            answerable=row["answerable"],
        )
        for row in rows(SHARED / "eval" / "nomiracl-en" / "queries.jsonl")
    ]


# In what proportions cosine, coverage and context make up the first score.
FIRST = np.array([0.0, 1.0, COVERAGE_WEIGHT, CONTEXT_WEIGHT])


def fit_sentence(asked: Sequence[Asked], with_logit: bool) -> Any:
    """Weights of the features under which the sentences that answer come first: a conditional logit.

    Of the logit and the first score only: with a weight for each feature it fits these sets better and others worse.
    """
    known = [each for each in asked if each.labels is not None]
    lists = [(each.features, each.labels) for each in known if each.labels.any() and not each.labels.all()]

    def weights(pair: Any) -> Any:
        return np.array([pair[0] * with_logit, 0, 0, 0]) + pair[1] * FIRST

    def loss(pair: Any) -> float:
        total = 0.0
        for features, labels in lists:
            scores = features @ weights(pair)
            top = scores.max()
            total += np.log(np.exp(scores - top).sum()) - np.log(np.exp(scores[labels] - top).sum())
        return float(total / len(lists))

    return weights(minimize(loss, np.array([1.0, 4.0]), method="L-BFGS-B").x)


def question_features(asked: Sequence[Asked], weights: Any) -> tuple[Any, Any]:
    """For each question the features of the confidence (n, 4), and whether what would be quoted is right."""
    features, right = [], []
    for each in asked:
        scores = each.features @ weights
        best = np.argsort(-scores)[:MAX_QUOTES]
        logit, cosine, coverage, _ = each.features[best[0]]
        features.append([logit, cosine, coverage * (1 - each.unknown), each.unknown])
        right.append(each.is_right(best))
    return np.array(features), np.array(right)


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

    bounds = [(0, None)] * 3 + [(None, 0), (None, None)]
    theta = minimize(loss, np.zeros(x.shape[1]), method="L-BFGS-B", bounds=bounds).x
    return theta[:-1], float(theta[-1])


def thresholds(confidence: Any, right: Any) -> tuple[float, float]:
    """From where on what is answered is right often enough, and below which hardly anything right is lost."""
    order = np.argsort(-confidence)
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= RIGHT_WHEN_ANSWERED)
    answered = confidence[order][good[-1]] if len(good) else 1.0
    return float(answered), float(np.quantile(confidence[right], REFUSED_WHEN_RIGHT))


def report(name: str, asked: Sequence[Asked], weights: Any, theta: Any, intercept: float) -> None:
    """Prints what a fit gives for some questions."""
    kept = [each for each in asked if len(each.features)]
    features, right = question_features(kept, weights)
    confidence = 1 / (1 + np.exp(-(features @ theta + intercept)))
    answerable = np.array([each.answerable for each in kept])
    known = [each for each in kept if each.answerable and each.labels is not None]
    first = [bool(each.labels[np.argmax(each.features @ weights)]) for each in known]
    curve = risk_coverage(confidence.tolist(), right.tolist())
    error = calibration_error(reliability(confidence.tolist(), right.tolist()))
    cosine = auroc(features[answerable, 1].tolist(), features[~answerable, 1].tolist())
    print(
        f"  {name:24} n {len(kept):5}  first {(np.mean(first) if first else np.nan):.3f}  AUROC "
        f"{auroc(confidence[answerable].tolist(), confidence[~answerable].tolist()):.3f} (cosine {cosine:.3f})  "
        f"coverage at 5% risk {coverage_at(curve, 0.05):.3f}  calibration error {error:.3f}"
    )


def main() -> None:
    """Fits, reports and, if asked to, writes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("reader", help="an exported folder, or none")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    scorer = None if options.reader == "none" else OnnxScorer(Path(options.reader))
    with tempfile.TemporaryDirectory() as scratch:
        asked = [each for part in (squad, written, web) for each in part(Path(scratch), scorer)]
    asked = [each for each in asked if len(each.features)]
    fit, test = ([each for each in asked if fold_of(f"half {each.group}", 2) == half] for half in (0, 1))
    weights = fit_sentence(fit, scorer is not None)
    features, right = question_features(fit, weights)
    theta, intercept = fit_confidence(features, right, [each.name for each in fit])
    for half, questions in (("fitted on", fit), ("tested on", test)):
        print(half)
        for name in sorted({each.name for each in questions}):
            report(name, [each for each in questions if each.name == name], weights, theta, intercept)
    confidence = 1 / (1 + np.exp(-(features @ theta + intercept)))
    fitted = {
        "sentence": [round(float(value), 4) for value in weights],
        "confidence": [round(float(value), 4) for value in theta],
        "intercept": round(intercept, 4),
    }
    print(json.dumps(fitted))
    print("answered from, uncertain from:", *(round(value, 3) for value in thresholds(confidence, right)))
    if options.write and scorer is not None:
        file = Path(options.reader) / "meta.json"
        meta = json.loads(file.read_text()) | {"calibration": fitted}
        file.write_text(json.dumps(meta, indent=1) + "\n")


if __name__ == "__main__":
    main()
