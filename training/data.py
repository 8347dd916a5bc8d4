"""The reader's training examples, from the public data sets and from ``questions/``.

An example is a question, a run of sentences of one document, and for each sentence whether it answers (1), does not
(0), or cannot be told (IGNORE). Examples of one article share a ``group``, so that train and test never share one.
"""

import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from askreport.evaluation.evaluate import judgements as graded
from askreport.evaluation.evaluate import rows
from askreport.models.encoder import Encoder
from askreport.parse import Parsed, ParserPool
from askreport.text.chunk import split_sentences
from askreport.types import FloatArray, Span

SHARED = Path(__file__).parents[2] / "shared"
WRITTEN = Path(__file__).parent / "questions"
IGNORE = -1
# A capitalised word within a question, an acronym or a number: what an entity swap exchanges.
_ENTITY = re.compile(r"(?<=\s)(?:[A-Z][\w’'-]*(?:\s+[A-Z][\w’'-]*)*|\d[\d,.]*\d|\d+)")
# Of the sentences of other paragraphs, how many nearest ones a hard negative is drawn from.
NEAREST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question with a run of sentences; ``focus`` is the one that a window must contain.

    ``answers`` are the answer's spans within each sentence, if known. ``any_of`` tells that at least one of the
    sentences labelled 1 answers, not each.
    """

    source: str
    group: str
    question: str
    sentences: tuple[str, ...]
    labels: tuple[int, ...]
    focus: int
    answers: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    any_of: bool = False


class Paragraphs:
    """The documents of a set with the vectors of their sentences, to draw near misses from."""

    def __init__(self, encoder: Encoder, documents: Sequence[dict[str, Any]]) -> None:
        self.titles = {row["_id"]: row.get("title") or row["_id"] for row in documents}
        self.texts: dict[str, str] = {row["_id"]: row["text"] for row in documents}
        self.spans = {name: split_sentences(text) for name, text in self.texts.items()}
        names = [name for name in self.texts if self.spans[name]]
        vectors = encoder.encode_passages([self.texts[name] for name in names], [self.spans[name] for name in names])
        self.vectors: FloatArray = np.concatenate([own for _, own in vectors])
        self.places = [(name, i) for name in names for i in range(len(self.spans[name]))]

    def sentences(self, name: str) -> tuple[str, ...]:
        """The sentences of a document."""
        return tuple(self.texts[name][start:end] for start, end in self.spans[name])

    def nearest(self, vector: FloatArray) -> list[tuple[str, int]]:
        """The sentences nearest to a question, best first, as document and number."""
        order = np.argsort(-(self.vectors @ vector), kind="stable")[: 5 * NEAREST]
        return [self.places[i] for i in order]


def squad(encoder: Encoder, draw: random.Random) -> Iterator[Example]:
    """squad2-dev: evidence sentences, adversarial questions, and near misses of other paragraphs."""
    paragraphs = Paragraphs(encoder, rows(SHARED / "eval" / "squad2-dev" / "corpus.jsonl"))
    for row in rows(SHARED / "eval" / "squad2-dev" / "queries.jsonl"):
        context, group = row["context"], paragraphs.titles[row["context"]]
        base = Example(
            source="squad",
            group=group,
            question=row["text"],
            sentences=paragraphs.sentences(context),
            labels=(),
            focus=0,
        )
        labels, answers = _labels(row, paragraphs.spans[context], paragraphs.texts[context], context)
        positives = [i for i, label in enumerate(labels) if label == 1]
        vector = encoder.encode_question(row["text"])
        order = paragraphs.nearest(vector)
        inside = [i for name, i in order if name == context and labels[i] == 0] or list(range(len(labels)))
        if positives:
            yield replace(base, labels=labels, focus=draw.choice(positives), answers=answers)
            yield from swapped(base, labels, positives, draw)
        if not positives or draw.random() < 0.5:
            yield replace(base, labels=labels, focus=inside[0], answers=answers)
        # Answers are strings; a paragraph that holds one may well answer too.
        known = [text.lower() for text in row.get("answers") or []]
        others = [
            (name, i)
            for name, i in order
            if name != context and not any(text in paragraphs.texts[name].lower() for text in known)
        ]
        if others and draw.random() < 0.3:
            name, focus = draw.choice(others[:NEAREST])
            there = paragraphs.sentences(name)
            yield Example(
                source="squad-other",
                group=group,
                question=row["text"],
                sentences=there,
                labels=(0,) * len(there),
                focus=focus,
            )


def _labels(
    row: dict[str, Any], spans: Sequence[Span], text: str, context: str
) -> tuple[tuple[int, ...], dict[int, tuple[Span, ...]]]:
    answers: dict[int, tuple[Span, ...]] = {}
    for evidence in row.get("evidence") or []:
        for i, span in enumerate(spans):
            if evidence["doc"] == context and span.start <= evidence["start"] < span.end:
                inside = Span(evidence["start"] - span.start, min(evidence["end"], span.end) - span.start)
                answers[i] = (*answers.get(i, ()), inside)
    known = [answer.lower() for answer in row.get("answers") or []]
    labels = tuple(
        1 if i in answers else IGNORE if any(answer in text[a:b].lower() for answer in known) else 0
        for i, (a, b) in enumerate(spans)
    )
    return labels, answers


def swapped(
    base: Example, labels: tuple[int, ...], positives: Sequence[int], draw: random.Random, share: float = 0.15
) -> Iterator[Example]:
    """The question with a name or a number of another one's: no sentence answers it any more."""
    match = _ENTITY.search(base.question)
    if match is None or draw.random() > share:
        return
    old = match.group()
    pool = _NUMBERS if old[0].isdigit() else _NAMES
    new = draw.choice(pool)
    if any(new.lower() in sentence.lower() for sentence in base.sentences):
        return
    question = base.question[: match.start()] + new + base.question[match.end() :]
    focus = draw.choice(list(positives))
    yield replace(base, source="swap", question=question, labels=(0,) * len(labels), focus=focus)


# What an entity swap puts in place of a name or a number.
_NAMES = re.findall(
    r"\w+",
    "Japan Brazil France Germany India Canada Egypt Poland Mexico Sweden Turkey Kenya Vietnam Iran Israel Norway "
    "Ukraine Chicago London Tokyo Berlin Moscow Paris Boston Vienna Madrid Cairo NATO UNESCO FBI CIA MI6 EU WHO IMF "
    "NASA Google Microsoft Apple Samsung Toyota Boeing Siemens Newton Darwin Napoleon Churchill Lincoln Einstein",
)
_NUMBERS = re.findall(
    r"\S+", "1492 1776 1848 1905 1918 1939 1956 1968 1979 1991 2003 2015 3 7 12 40 150 600 5,000 20,000"
)


def written(
    encoder: Encoder, draw: random.Random, held_out: bool = False, other_share: float = 0.5
) -> Iterator[Example]:
    """The questions written for this project (questions/README.md); of every tenth passage they are held out.

    Near misses come from the same passage, and for a share of the questions from another one that is about as near.
    """
    asked = [row for row in written_rows() if is_held_out(row["passage"]) == held_out]
    texts = passages()
    own = sorted({row["passage"] for row in asked} & texts.keys())
    paragraphs = Paragraphs(encoder, [{"_id": name, "text": texts[name]} for name in own])
    for row in asked:
        name = row["passage"]
        if name not in paragraphs.texts:
            continue
        labels = tuple(
            int(any(a < end and begin < b for begin, end in row["evidence"])) for a, b in paragraphs.spans[name]
        )
        if any(labels) != bool(row["evidence"]):
            continue
        order = paragraphs.nearest(encoder.encode_question(row["question"]))
        base = Example(
            source=f"written-{row['kind']}",
            group=name,
            question=row["question"],
            sentences=paragraphs.sentences(name),
            labels=labels,
            focus=0,
        )
        beside = next(
            (i for place, i in order if place == name and not labels[i]), labels.index(0) if 0 in labels else 0
        )
        if any(labels):
            yield replace(base, focus=draw.choice([i for i, label in enumerate(labels) if label]))
        if not any(labels) or draw.random() < 0.3:
            yield replace(base, focus=beside)
        others = [(place, i) for place, i in order if work_of(place) != work_of(name)]
        if others and draw.random() < other_share:
            place, focus = draw.choice(others[:NEAREST])
            there = paragraphs.sentences(place)
            yield Example(
                source="written-other",
                group=name,
                question=row["question"],
                sentences=there,
                labels=(0,) * len(there),
                focus=focus,
            )


def written_rows() -> list[dict[str, Any]]:
    """The written questions as they are stored."""
    return rows(WRITTEN / "questions.jsonl")


def is_held_out(passage: str) -> bool:
    """Whether the questions over a passage are kept for calibration and tests."""
    return int(hashlib.sha256(passage.encode()).hexdigest(), 16) % 10 == 0


def work_of(passage: str) -> str:
    """What a passage is from: the article of an encyclopedia, the page of a documentation, the report."""
    return re.split(r"(?<=\.pdf)#|(?<=clapnq/\d{9})_|(?<=ibmcld_\d{5})-", passage)[0]


def passages() -> dict[str, str]:
    """The texts of the passages that questions were written over, white space made single, by their names.

    Those that are no longer what the questions were written over are left out.
    """
    wanted = dict(line.split("\t") for line in (WRITTEN / "passages.tsv").read_text().splitlines()[1:])
    names = list(wanted)
    texts: dict[str, str] = {}
    for name in ("mtrag-clapnq", "mtrag-cloud"):
        for row in rows(SHARED / "eval" / name / "corpus.jsonl"):
            texts[f"{name}/{row['_id']}"] = row["text"]
    reports = {name.partition("#")[0] for name in names if name.startswith("reports/")}
    with ParserPool() as pool:
        for report in sorted(reports):
            file = SHARED / "documents" / report
            parsed = [item for item in pool.parse(file.read_bytes(), file.suffix) if isinstance(item, Parsed)]
            for name in names:
                if name.startswith(f"{report}#") and parsed:
                    start, end = map(int, name.partition("#")[2].split("-"))
                    texts[name] = parsed[0].document.text[start:end]
    found = {name: " ".join(texts[name].split()) for name in names if name in texts}
    return {
        name: text for name, text in found.items() if hashlib.sha256(text.encode()).hexdigest().startswith(wanted[name])
    }


def clapnq(encoder: Encoder, draw: random.Random) -> Iterator[Example]:
    """clapnq-dev: real questions with the sentences that answer them, and the near misses of its unanswerable ones."""
    folder = SHARED / "eval" / "clapnq-dev"
    paragraphs = Paragraphs(encoder, rows(folder / "corpus.jsonl"))
    judged = judgements(folder / "qrels.tsv")
    for row in rows(folder / "queries.jsonl"):
        name = judged[row["_id"]][0] if row["answerable"] else row["near_miss_doc"]
        sentences = paragraphs.sentences(name)
        answers = " ".join(letters(text) for text in row.get("answer_sentences") or [])
        labels = tuple(int(bool(letters(text)) and letters(text) in answers) for text in sentences)
        if any(labels) != row["answerable"]:
            continue
        order = paragraphs.nearest(encoder.encode_question(row["text"]))
        base = Example(
            source="clapnq",
            group=f"clapnq/{paragraphs.titles[name]}",
            question=row["text"],
            sentences=sentences,
            labels=labels,
            focus=0,
        )
        own = [i for place, i in order if place == name and not labels[i]]
        if any(labels):
            yield replace(base, focus=draw.choice([i for i, label in enumerate(labels) if label]))
        elif own:
            yield from (replace(base, focus=focus) for focus in own[:2])
        if any(labels) and own and draw.random() < 0.3:
            yield replace(base, focus=own[0])
        for place, focus in [found for found in order if found[0] != name][:1]:
            there = paragraphs.sentences(place)
            yield replace(base, sentences=there, labels=(0,) * len(there), focus=focus)


def letters(text: str) -> str:
    """The words of a text with single spaces between them."""
    return " ".join(re.findall(r"\w+", text.lower()))


# Of a question's judged passages, how many nearest windows are examples where none answers, and how many of their
# nearest sentences are read together where one of them does.
NONE_ANSWERS, ONE_ANSWERS = 3, 5


def nomiracl(encoder: Encoder, _draw: random.Random) -> Iterator[Example]:
    """nomiracl-en: ten retrieved passages for each question, of which none answers or, unsaid which, at least one.

    Where one does, the nearest sentences of all ten are read in one window, as a bag of which one should be found.
    """
    folder = SHARED / "eval" / "nomiracl-en"
    texts = {row["_id"]: " ".join(row["text"].split()) for row in rows(folder / "corpus.jsonl")}
    for row in rows(folder / "queries.jsonl"):
        vector = encoder.encode_question(row["text"])
        names = [name for name in row["context_ids"] if split_sentences(texts[name])]
        spans = [split_sentences(texts[name]) for name in names]
        vectors = encoder.encode_passages([texts[name] for name in names], spans)
        near = sorted(
            ((float(cosine), k, i) for k, (_, own) in enumerate(vectors) for i, cosine in enumerate(own @ vector)),
            reverse=True,
        )
        parts = [tuple(texts[name][a:b] for a, b in own) for name, own in zip(names, spans, strict=True)]
        base = Example(
            source="nomiracl", group=f"nomiracl/{row['_id']}", question=row["text"], sentences=(), labels=(), focus=0
        )
        if row["answerable"]:
            bag = tuple(parts[k][i] for _, k, i in near[:ONE_ANSWERS])
            yield replace(base, sentences=bag, labels=(1,) * len(bag), any_of=True)
        else:
            # The nearest sentence of each passage.
            best = {k: i for _, k, i in reversed(near)}
            for k in sorted(best, key=lambda k: -float(vectors[k][1][best[k]] @ vector))[:NONE_ANSWERS]:
                yield replace(base, sentences=parts[k], labels=(0,) * len(parts[k]), focus=best[k])


def mtrag(encoder: Encoder, draw: random.Random) -> Iterator[Example]:
    """Both mtrag sets: real conversations, with what answers judged by passage, so that one sentence of it must."""
    for name in ("mtrag-clapnq", "mtrag-cloud"):
        yield from _judged(name, encoder, draw)


def judgements(file: Path) -> dict[str, list[str]]:
    """The documents that answer each question."""
    answering = {name: [each for each, grade in grades.items() if grade > 0] for name, grades in graded(file).items()}
    return {name: documents for name, documents in answering.items() if documents}


def _judged(name: str, encoder: Encoder, draw: random.Random) -> Iterator[Example]:
    texts = {row["_id"]: row["text"] for row in rows(SHARED / "eval" / name / "corpus.jsonl")}
    judged = judgements(SHARED / "eval" / name / "qrels.tsv")
    asked = [
        row
        for row in rows(SHARED / "eval" / name / "queries.jsonl")
        if row["_id"] in judged and row["subset"] == "mtrag-human"
    ]
    for row in asked:
        vector = encoder.encode_question(row["text"])
        conversation = row["_id"].split("<::>")[0]
        for document in judged[row["_id"]][:2]:
            yield from _of_passage(
                encoder,
                question=row["text"],
                vector=vector,
                group=f"{name}/{conversation}",
                text=texts[document],
                label=1,
            )
        other = draw.choice(asked)
        if other["_id"].split("<::>")[0] != conversation:
            wrong = texts[draw.choice(judged[other["_id"]])]
            yield from _of_passage(
                encoder, question=row["text"], vector=vector, group=f"{name}/{conversation}", text=wrong, label=0
            )


def _of_passage(
    encoder: Encoder, question: str, vector: FloatArray, group: str, text: str, label: int
) -> Iterator[Example]:
    text = " ".join(text.split())
    spans = split_sentences(text)
    if spans:
        _, vectors = encoder.encode_passages([text], [spans])[0]
        focus = int(np.argmax(vectors @ vector))
        sentences = tuple(text[a:b] for a, b in spans)
        yield Example(
            source="mtrag",
            group=group,
            question=question,
            sentences=sentences,
            labels=(label,) * len(spans),
            focus=focus,
            any_of=True,
        )
