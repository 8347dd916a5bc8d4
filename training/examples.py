"""Questions with a text and what answers in it: the public sets, squad2-dev, and what was written for this project."""

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from askreport.text.chunk import split_sentences
from askreport.types import Span
from training.written import is_held_out, passages, written_rows

SHARED = Path(__file__).parents[2] / "shared"
WRITTEN = Path(__file__).parent / "questions"
# How many questions of each set are read: the first in a random order. Sets that figures are taken from are left out:
# clapnq-dev, nomiracl-en, pubmedqa, xquad-cross-to-en, timeqa, tatqa, qed-nq, multispanqa and covidqa-en.
CAPS = {
    "selqa": 2_400,
    "nq-gold": 2_700,
    "fever-doc": 4_000,
    "foolmetwice": 2_600,
    "fever-symmetric": 1_400,
    "condaqa": 3_000,
    "boolq-evidence": 2_400,
    "onestopqa": 1_500,
    "derived-nearmiss": 3_000,
    "squadshifts": 9_000,
    "qamr": 900,
    "fairytaleqa": 2_500,
    "hotpot-musique": 200,
    "afriqa": 3_000,
    "amqa-am": 400,
    "arcd-ar": 1_400,
    "cmrc2018-zh": 2_000,
    "drcd-zh": 2_000,
    "faquad-pt": 900,
    "heq-he": 2_000,
    "idk-mrc-id": 3_000,
    "jaquad-ja": 2_500,
    "norquad-no": 2_250,
    "pquad-fa": 3_000,
}
# The articles of squad2-dev are dealt to FOLDS by their titles; one is for figures.
FOLDS, HELD_OUT = 4, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question with the sentences of one text; ``labels`` tell which answer: 1, 0, or IGNORE.

    ``before`` stands before the first sentence. ``answers`` are answering spans within sentences, where known. ``near``
    are other texts' sentences that do not answer, each with the sentence before it or "".
    """

    source: str
    question: str
    title: str = ""
    before: str = ""
    sentences: tuple[str, ...]
    labels: tuple[int, ...]
    answers: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    verdict: int = -1
    strings: tuple[str, ...] = ()


def fold_of(group: str, folds: int = FOLDS) -> int:
    """The fold of an article, by its title."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % folds


def public_rows(name: str, *, held_out: bool = False) -> list[dict[str, Any]]:
    """The questions of a set of ``../shared/train``, without those of every tenth context, or these alone.

    Questions that figures are taken from are left out.
    """
    with gzip.open(SHARED / "train" / name / "examples.jsonl.gz", "rt") as stream:
        rows = [json.loads(line) for line in stream]
    figures = _of_figures()
    return [row for row in rows if is_held_out(row["context"]) == held_out and _words(row["question"]) not in figures]


def public(name: str, draw: random.Random) -> Iterator[Example]:
    """A set of ``../shared/train``, as many questions as its cap."""
    rows = public_rows(name)
    draw.shuffle(rows)
    made = (example for row in rows if (example := _of_row(name, row)))
    for _, example in zip(range(CAPS[name]), made, strict=False):
        yield example


def _of_figures() -> frozenset[str]:
    """The questions of nomiracl-en, some of which a public set has as well."""
    path = SHARED / "eval" / "nomiracl-en" / "queries.jsonl"
    return frozenset(_words(row["text"]) for row in _rows(path)) if path.exists() else frozenset()


def _words(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))


def squad() -> Iterator[Example]:
    """squad2-dev without the articles that figures are taken from."""
    folder = SHARED / "eval" / "squad2-dev"
    texts = {row["_id"]: row for row in _rows(folder / "corpus.jsonl")}
    for row in _rows(folder / "queries.jsonl"):
        document = texts[row["context"]]
        title = document.get("title") or ""
        if fold_of(title or row["context"]) == HELD_OUT:
            continue
        evidence = [each for each in row.get("evidence") or [] if each["doc"] == row["context"]]
        strings = tuple(row.get("answers") or ())
        answerable = bool(evidence)
        spans = [Span(e["start"], e["end"]) for e in evidence]
        made = _example("squad2-dev", row["text"], title, document["text"], spans, strings=strings)
        if made and any(label == 1 for label in made.labels) == answerable:
            yield made


def written(held_out: bool = False) -> Iterator[Example]:
    """The questions over passages of reports, articles and documentation; of every tenth passage they are held out."""
    texts = passages()
    translated = _translated()
    for number, row in enumerate(written_rows()):
        if row["passage"] not in texts or is_held_out(row["passage"]) != held_out:
            continue
        spans = [Span(*pair) for pair in row["evidence"]]
        for question in (row["question"], *translated.get(number, ())):
            made = _example(f"written-{row['kind']}", question, "", texts[row["passage"]], spans, whole=True)
            if made:
                yield made


def pairs() -> Iterator[Example]:
    """Sentences that answer beside such as only look it: roles, negation, names, years, numbers and attributes."""
    for row in _rows(WRITTEN / "pairs.jsonl"):
        yield Example(
            source=f"pairs-{row['kind']}",
            question=row["question"],
            title=row.get("title") or "",
            before=row.get("before") or "",
            sentences=(*row["right"], *row["wrong"]),
            labels=(*(1 for _ in row["right"]), *(0 for _ in row["wrong"])),
        )


def _translated() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in _rows(WRITTEN / "translated.jsonl"):
        found.setdefault(row["row"], []).append(row["question"])
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().split("\n") if line.strip()]


def _of_row(name: str, row: dict[str, Any]) -> Example | None:
    evidence = row.get("sentence_evidence") or row["evidence"]
    if row["answerable"] != bool(evidence) or ("evidence_groups" in row and len(row["evidence_groups"]) > 3):
        return None
    spans = [Span(each["start"], each["end"]) for each in evidence]
    strings = (row["answer"],) if row.get("answer") and len(row["answer"]) > 2 else ()
    title = re.sub(r"[\s_]*-LRB-.*", "", row.get("title") or "").replace("_", " ").replace(" , ", ", ")
    whole = max((span.end - span.start for span in spans), default=0) > 120
    made = _example(name, row["question"], title, row["context"], spans, strings=strings, whole=whole)
    if made is None or any(label == 1 for label in made.labels) != row["answerable"]:
        return None
    verdict = {"yes": 1, "no": 0}.get(row.get("label") or "", -1)
    return Example(
        source=name,
        question=made.question,
        title=made.title,
        sentences=made.sentences,
        labels=made.labels,
        answers={} if verdict >= 0 else made.answers,
        verdict=verdict,
        strings=strings,
    )


def _example(
    source: str,
    question: str,
    title: str,
    text: str,
    evidence: list[Span],
    strings: tuple[str, ...] = (),
    *,
    whole: bool = False,
) -> Example | None:
    """An example of a text; ``whole`` tells that the evidence are sentences, not the words that answer."""
    spans = split_sentences(text)
    if not spans:
        return None
    labels, answers = [], {}
    for number, span in enumerate(spans):
        inside = [
            Span(max(each.start, span.start) - span.start, min(each.end, span.end) - span.start)
            for each in evidence
            if each.start < span.end and span.start < each.end
        ]
        part = text[span.start : span.end].lower()
        elsewhere = any(string.lower() in part for string in strings)
        labels.append(1 if inside else -1 if elsewhere and evidence else 0)
        if inside and not whole:
            answers[number] = tuple(inside)
    return Example(
        source=source,
        question=question,
        title=title,
        sentences=tuple(text[a:b] for a, b in spans),
        labels=tuple(labels),
        answers=answers,
        strings=strings,
    )
