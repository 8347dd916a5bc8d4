"""Questions with known answers -> how good the answers are.

A folder in the layout of the public sets holds ``queries.jsonl`` (``_id``, ``text`` and, where known, ``answerable``,
``evidence``, ``answer_sentences``, ``label``, ``context``, ``context_ids``, ``history``, ``last_turn``, ``lang``,
``kind``) and optionally ``corpus.jsonl`` and ``qrels.tsv``. Without a corpus of its own its questions are put to the
library as it is.
"""

import json
import math
import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, get_args

from askreport.answering.ask import Findings, investigate
from askreport.answering.library import Library
from askreport.answering.quotes import decide
from askreport.answering.reading import ScoredSentence
from askreport.answering.retrieve import retrieve
from askreport.errors import DatasetError
from askreport.evaluation.figures import Bin, Point, ranking
from askreport.evaluation.kinds import kind_of
from askreport.evaluation.results import (
    Part,
    Result,
    bins_of,
    by_kind,
    by_language,
    curve_of,
    figures_of,
    statuses_of,
)
from askreport.store import Store
from askreport.types import Scope, Span

# Which documents a question is put to: ``library``, all; ``context``, those it was written against (``context_ids``);
# ``title``, those with the title of its context; ``auto``, its ``context_ids`` if it has some, else all.
SCOPES: tuple[Scope, ...] = get_args(Scope)
# Deep enough for recall@100, also where several passages are of one document.
DEPTH = 100
QUERIES, CORPUS, QRELS = "queries.jsonl", "corpus.jsonl", "qrels.tsv"
WORST = 20
_WORDS = re.compile(r"\w+")
# What answers: the document, by its name in the data set or by its id, a span of it, and its words; "" if not known.
Evidence: TypeAlias = tuple[str | None, Span | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A question of a data set; what is not known of it is None.

    ``evidence`` are the places that answer. ``relevant`` grades documents by name, ``within`` names those to look in.
    ``kind`` is the data set's, or inferred from the question.
    """

    id: str
    question: str
    history: tuple[str, ...]
    answerable: bool | None
    evidence: tuple[Evidence, ...]
    relevant: dict[str, int]
    within: tuple[str, ...] | None
    lang: str | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The figures of a run and what they are made of; NaN where the data set does not tell.

    ``languages`` and ``kinds`` have the figures that say most of each language and of each kind of question.
    """

    name: str
    scope: Scope
    documents: int
    passages: int
    encoder: str
    reader: str
    figures: dict[str, float]
    statuses: dict[str, dict[str, int]]
    languages: dict[str, Part]
    kinds: dict[str, Part]
    curve: list[Point]
    bins: list[Bin]
    results: list[Result]

    @property
    def worst(self) -> list[Result]:
        """The most confident wrong answers, and the answerable questions that were refused with least confidence."""
        wrong = [each for each in self.results if each.is_right is False and each.status != "not_found"]
        refused = [each for each in self.results if each.answerable and each.status == "not_found"]
        ordered = sorted(wrong, key=lambda each: -each.confidence) + sorted(refused, key=lambda each: each.confidence)
        return ordered[:WORST]


def load_items(folder: Path, scope: Scope = "auto", limit: int | None = None) -> list[Item]:
    """The questions of a folder, or of a file of queries. DatasetError for what is missing or not as it should be."""
    queries = folder if folder.is_file() else folder / QUERIES
    corpus = rows(folder / CORPUS) if (folder / CORPUS).exists() else []
    titles = {str(row.get("_id", row.get("id"))): str(row.get("title") or "") for row in corpus}
    relevant = judgements(folder / QRELS) if (folder / QRELS).exists() else {}
    items = [_item(row, number, relevant, titles, scope) for number, row in enumerate(rows(queries), start=1)]
    return items[:limit]


def rows(file: Path) -> list[dict[str, Any]]:
    """The objects of a JSON lines file; DatasetError if it is none."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file} cannot be read: {error}", f"A data set is a folder with {QUERIES}.") from None
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DatasetError(f"line {number} of {file} is not JSON: {error}") from None
        if not isinstance(row, dict):
            raise DatasetError(f"line {number} of {file} is not an object")
        found.append(row)
    return found


def judgements(file: Path) -> dict[str, dict[str, int]]:
    """The grade of each judged document, by question; DatasetError for a file that does not hold such lines."""
    found: dict[str, dict[str, int]] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        cells = line.split("\t")
        if number == 1 and cells[-1].strip() in {"score", "relevance", "grade"}:
            continue
        try:
            question, document, grade = cells
            found.setdefault(question, {})[document] = int(float(grade))
        except ValueError:
            raise DatasetError(f"line {number} of {file} is not question, document and grade between tabs") from None
    return found


def _item(
    row: dict[str, Any], number: int, relevant: dict[str, dict[str, int]], titles: dict[str, str], scope: Scope
) -> Item:
    question = row.get("text", row.get("question"))
    if not isinstance(question, str) or not question.strip():
        raise DatasetError(f"question {number} has no 'text'")
    name = str(row.get("_id", row.get("id", number)))
    answerable, lang = row.get("answerable"), row.get("lang")
    lang = lang if isinstance(lang, str) and lang else None
    graded = {document: grade for document, grade in relevant.get(name, {}).items() if grade > 0}
    return Item(
        id=name,
        question=question,
        # A rewritten question stands alone; one that is the last turn itself needs those before it.
        history=tuple(map(str, row.get("history") or ())) if row.get("last_turn") in (None, question) else (),
        answerable=answerable if isinstance(answerable, bool) else None,
        evidence=_evidence(row, tuple(graded)),
        relevant=graded,
        within=_within(row, titles, scope),
        lang=lang,
        kind=str(row.get("kind") or kind_of(question, lang)),
    )


def _evidence(row: dict[str, Any], relevant: Sequence[str]) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    for each in row.get("evidence") or ():
        if isinstance(each, str):
            found.append((None, None, each))
        else:
            document, words = each.get("doc"), str(each.get("text", ""))
            # Offsets count in a document; without its name the words themselves are looked for.
            is_placed = "start" in each and "end" in each and (document is not None or not words)
            found.append((document, Span(each["start"], each["end"]) if is_placed else None, words))
    for sentence in row.get("answer_sentences") or ():
        found += [(document, None, sentence) for document in relevant] or [(None, None, sentence)]
    return tuple(found)


def _within(row: dict[str, Any], titles: dict[str, str], scope: Scope) -> tuple[str, ...] | None:
    listed, context = row.get("context_ids"), row.get("context")
    if scope == "library" or (scope == "auto" and not listed):
        return None
    if listed:
        return tuple(map(str, listed))
    if context is None:
        return None
    title = titles.get(str(context))
    if scope == "title" and title:
        return tuple(document for document, own in titles.items() if own == title)
    return (str(context),)


def evaluate(
    library: Library,
    items: Sequence[Item],
    name: str,
    scope: Scope = "auto",
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluation:
    """Asks every question, warm, and measures what comes back; ``report`` is told how many are done."""
    documents = library.read(lambda store: store.documents())
    names = {name: each.id for each in documents for name in (name_of(each.path), each.id)}
    if items:
        library.read(lambda store: investigate(store, library.encoder, items[0].question, scorer=library.scorer))
    results = []
    ranked: dict[str, dict[str, float]] = {}
    for done, item in enumerate(items, start=1):
        result, found = library.read(partial(_ask, library, item, names))
        results.append(result)
        ranked[item.id] = found
        report(done, len(items))
    figures = ranking({item.id: item.relevant for item in items if item.relevant}, ranked)
    results = [replace(result, ranking=figures.get(result.id, {})) for result in results]
    manifest = library.read(lambda store: store.manifest)
    reader = library.scorer.fingerprint if library.scorer else "none"
    return Evaluation(
        name=name,
        scope=scope,
        documents=manifest.counts.documents,
        passages=manifest.counts.passages,
        encoder=manifest.encoder,
        reader=reader,
        figures=figures_of(results),
        statuses=statuses_of(results),
        languages=by_language(results),
        kinds=by_kind(results),
        curve=curve_of(results),
        bins=bins_of(results),
        results=results,
    )


def name_of(path: str) -> str:
    """The name that a data set has for a document: its id in a collection, else its file."""
    return path.split(".jsonl#", 1)[-1]


def _ask(library: Library, item: Item, names: dict[str, str], store: Store) -> tuple[Result, dict[str, float]]:
    """One question's result, without its ranking figures, and the score of each document found, by its name."""
    within = None if item.within is None else [names[each] for each in item.within if each in names]
    started = time.perf_counter()
    found = investigate(
        store, library.encoder, item.question, documents=within, scorer=library.scorer, history=item.history
    )
    milliseconds = 1000 * (time.perf_counter() - started)
    sentences = found.reading.sentences
    rank = None
    if item.evidence:
        places = _places(store, item, names)
        rank = next((n for n, each in enumerate(sentences, start=1) if _answers(store, each, places)), 0)
    elif item.answerable is False:
        rank = 0
    best = store.document(sentences[0].document_id) if sentences else None
    result = Result(
        id=item.id,
        question=item.question,
        answerable=item.answerable,
        status=decide(found.reading.confidence),
        confidence=found.reading.confidence,
        first=best.text[sentences[0].span.start : sentences[0].span.end] if best else "",
        place=best.path if best else "",
        rank=rank,
        milliseconds=milliseconds,
        ranking={},
        lang=item.lang,
        kind=item.kind,
    )
    return result, _documents(library, store, found, within, item.relevant) if item.relevant else {}


def _documents(
    library: Library, store: Store, found: Findings, within: list[str] | None, relevant: Collection[str]
) -> dict[str, float]:
    """A score for each document by its name, in the order in which their first passages are returned.

    Those that were read come first, in their order after reading, and then what retrieval finds beyond them.
    """
    vector = library.encoder.encode_question(found.understood)
    scores: dict[str, float] = {}
    for candidate in [*found.candidates, *retrieve(store, found.understood, vector, DEPTH, within)]:
        document = store.document(candidate.stored.passage.document_id)
        name = document.id if document.id in relevant else name_of(document.path)
        scores.setdefault(name, 1 / (1 + len(scores)))
    return scores


def _places(store: Store, item: Item, names: dict[str, str]) -> list[Evidence]:
    """The evidence with the documents' ids in place of their names, and words without marks between them."""
    return [
        (names.get(name, "") if name is not None else None, span, _plain(words)) for name, span, words in item.evidence
    ]


def _plain(text: str) -> str:
    return f" {' '.join(_WORDS.findall(text.lower()))} "


def _answers(store: Store, sentence: ScoredSentence, places: Sequence[Evidence]) -> bool:
    """Whether a sentence, or the same words elsewhere, overlaps evidence; where that has no place, by its words."""
    text = store.document(sentence.document_id).text[sentence.span.start : sentence.span.end]
    plain = _plain(text)
    spots = [(sentence.document_id, sentence.span)]
    spots += [(place.document_id, Span(place.start, place.end)) for place in store.places(text)]
    for document, span, words in places:
        if span is None:
            here = document is None or any(document == spot for spot, _ in spots)
            if here and words.strip() and (words in plain or plain in words):
                return True
        elif any(document in (None, spot) and at.start < span.end and span.start < at.end for spot, at in spots):
            return True
    return False


def summary(evaluation: Evaluation, measured_at: str) -> dict[str, Any]:
    """The evaluation as JSON holds it: NaN as null, and of the results only the worst."""
    found = asdict(evaluation)
    found["questions"] = len(evaluation.results)
    found["worst"] = [asdict(each) for each in evaluation.worst]
    found["measured_at"] = measured_at
    del found["results"]
    cleaned: dict[str, Any] = without_nan(found)
    return cleaned


def without_nan(value: Any) -> Any:
    """The same with None for every NaN, which JSON does not have."""
    if isinstance(value, dict):
        return {key: without_nan(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value
