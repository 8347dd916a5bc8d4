"""(question, sentences) -> how well each sentence answers, and how likely it is that anything does.

Every sentence of the candidate passages gets a first score: its cosine to the question, plus the share of the
question's words in it, rare words weighing more, plus a little for the words next to it. The scorer reads the best
sentences with their neighbours. Its score and the first score together give the order. The confidence is a logistic
regression over the best sentence and the question. Without a scorer the first score decides alone.
``training/calibrate.py`` fits both and reports what they are worth.
"""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from askreport.answering.asked import Asked, codes_in, share
from askreport.answering.asked_for import gives
from askreport.answering.considered import CODE_WEIGHT, Considered, words_at
from askreport.answering.context import QUESTION_END, stand
from askreport.answering.parts import is_part
from askreport.answering.points import missing_share, numbers_among, points_in
from askreport.answering.rows import headers_of
from askreport.answering.windows import scored_by
from askreport.digest import text_digest
from askreport.models.scorer import Calibration, Scorer
from askreport.store import Candidate, Store, StoredPassage
from askreport.store.names import names_of
from askreport.text.labels import is_label
from askreport.types import Document, FloatArray, Span

# How many sentences are quoted at most.
MAX_QUOTES = 3
# How much nearer, as a cosine, a background document's sentence must be to come before a primary source's. Who reads a
# report asks the report first; notes about it paraphrase the same matters and would often come out ahead.
BACKGROUND_HANDICAP = 0.15
# What a sentence loses that has no date or no number where one is asked for, in the units of a logit (LOG.md).
UNMET_LOSS = 3.0
# What a sentence that surely answers adds to its passage's fused score, when passages are ordered.
READING_SHARE = 0.1
# Where no network reads: the first score, in the units of a logit, and the confidence that was fitted to it by
# ``python -m training.calibrate none``.
RETRIEVAL = Calibration((0.0, 12.0, 6.0, 1.2), (0.0, 4.43, 3.17, -0.92, -0.57, -2.22), -5.07, 0.6)
# A larger lead of the best sentence says no more.
MAX_MARGIN = 3.0
# The share of a question's words that sentences which answer it have, in the middle (training/calibrate.py).
TYPICAL_COVERAGE = 0.5
# And their cosine, which is taken for that of sentences that have no vectors yet (LOG.md).
TYPICAL_COSINE = 0.5
# Between a title and the headings under it, as the scorer reads them.
TITLE_MARK = " › "
# What the logit of the numbered part that a question names is at least, for the confidence: what clause 2 says is
# clause 2, whatever its words are.
PART_LOGIT = 3.0
# A question, or what introduces a list.
_LEADS_ON = re.compile(r"[:：?？؟][\s*_\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSentence:
    """A sentence that was considered, with its score, and the rank score it is ordered by.

    ``probability`` is that of being right about it as an answer.
    """

    considered: Considered
    score: float
    rank: float
    probability: float

    @property
    def document_id(self) -> str:
        """The document it stands in."""
        return self.considered.document_id

    @property
    def span(self) -> Span:
        """Where it stands there."""
        return self.considered.span

    @property
    def heading(self) -> tuple[str, ...]:
        """The headings it stands under."""
        return self.considered.heading


@dataclass(frozen=True, slots=True)
class Reading:
    """Sentences, best first, each text once; ``unknown`` are the question's terms that no passage has."""

    sentences: tuple[ScoredSentence, ...]
    unknown: frozenset[str] = frozenset()

    @property
    def confidence(self) -> float:
        """The calibrated probability that one of those that are quoted answers; 0 if there is none."""
        return max((sentence.probability for sentence in self.sentences[:MAX_QUOTES]), default=0.0)


def read(
    store: Store,
    question: str,
    vector: FloatArray,
    candidates: Sequence[Candidate],
    scorer: Scorer | None = None,
    *,
    documents: Collection[str] | None = None,
) -> Reading:
    """Orders the sentences of the candidate passages by how well they answer the question, of this unit vector.

    The candidates are of these ``documents``, of all unless they are given.
    """
    asked = Asked.of(store, question, vector, candidates, documents=documents)
    considered = consider(store, asked, candidates, scorer)
    reading = judge(considered, asked.unknown_share, scorer.calibration if scorer else RETRIEVAL)
    return replace(reading, unknown=asked.unknown)


def consider(store: Store, asked: Asked, candidates: Sequence[Candidate], scorer: Scorer | None) -> list[Considered]:
    """What retrieval and the scorer know of each sentence of the candidates."""
    sentences = _SentencesOf(store)
    found = [
        sentence
        for candidate in candidates
        for sentence in _sentences(store, asked, candidate)
        if not _only_asks(store, sentences, sentence)
    ]
    if scorer is None:
        return found
    scored = _with_what_they_lead_to(store, sentences, scored_by(scorer, asked.question, found))
    return [_in_context(store, sentences, asked, each) if each.logit > 0 else each for each in scored]


def judge(considered: Sequence[Considered], unknown: float, calibration: Calibration) -> Reading:
    """The reading that follows; ``unknown`` is the share of the question's words that no passage has."""
    best: dict[bytes, tuple[ScoredSentence, float]] = {}
    for each in considered:
        sentence = _ranked(each, unknown, calibration)
        digest = text_digest(each.text)
        if digest not in best or sentence.rank > best[digest][0].rank:
            best[digest] = sentence, each.first - each.handicap
    ordered = sorted(best.values(), key=lambda pair: -pair[0].rank)
    if len(ordered) > 1:
        ordered[0] = _ahead(ordered[0][0], ordered[1][0], calibration), ordered[0][1]
    # The last to be quoted is the one that retrieval alone would quote: where the two disagree, each is right at times.
    last = MAX_QUOTES - 1
    if len(ordered) > MAX_QUOTES:
        nearest = max(range(len(ordered)), key=lambda i: ordered[i][1])
        if nearest > last:
            ordered.insert(last, ordered.pop(nearest))
    return Reading(tuple(sentence for sentence, _ in ordered))


def reorder(candidates: Sequence[Candidate], reading: Reading) -> list[Candidate]:
    """The candidates, best first, scored by what retrieval and reading say of them together."""
    by_document: dict[str, list[ScoredSentence]] = {}
    for sentence in reading.sentences:
        by_document.setdefault(sentence.document_id, []).append(sentence)

    def worth(candidate: Candidate) -> float:
        passage = candidate.stored.passage
        inside = (
            each.probability
            for each in by_document.get(passage.document_id, ())
            if passage.start <= each.span.start < passage.end
        )
        return candidate.score + READING_SHARE * max(inside, default=0.0)

    scored = [replace(candidate, score=worth(candidate) / (1 + READING_SHARE)) for candidate in candidates]
    return sorted(scored, key=lambda candidate: -candidate.score)


def _sentences(store: Store, asked: Asked, candidate: Candidate) -> list[Considered]:
    idf = asked.idf
    passage = candidate.stored.passage
    document = store.document(passage.document_id)
    handicap = BACKGROUND_HANDICAP if is_background(document) else 0.0
    texts = [words_at(document, span) for span in passage.sentences]
    headers = headers_of(document, passage.sentences)
    names = " ".join(names_of(document))
    # What only names say, no sentence could have.
    told = asked.in_names & asked.among(store.terms(names, document.language))
    caption = " ".join(passage.heading[-1:])
    above_rows = [f"{caption} {header}" if header else "" for header in headers]
    terms = [told | _terms(store, asked, *pair, document.language) for pair in zip(texts, above_rows, strict=True)]
    # Where the question names the document, its folders may be why.
    folders = PurePosixPath(document.path).parts[:-1] if candidate.named else ()
    title = TITLE_MARK.join((*folders, document.title, *passage.heading))
    above = asked.among(store.terms(" ".join((names, document.title, *passage.heading)), document.language))
    foreign = bool(asked.languages) and bool(document.language) and document.language not in asked.languages
    # Names are written otherwise in other languages, numbers are not.
    points = numbers_among(asked.points) if foreign else asked.points
    by_name = points_in(points, title, names)
    has = [points_in(points, text, header) for text, header in zip(texts, headers, strict=True)]
    found = []
    for i, cosine in enumerate(_cosines(candidate.stored, asked.vector)):
        if is_label(document, passage.sentences[i]):
            continue
        if headers[i] and terms[i]:
            # Cells say little by themselves: the passage says what they are about.
            cosine = max(cosine, candidate.dense)
        around = above.union(*terms[max(i - 1, 0) : i + 2]) - terms[i]
        sentence = Considered(
            document_id=document.id,
            span=passage.sentences[i],
            heading=passage.heading,
            text=texts[i],
            neighbours=passage.sentences[max(i - 1, 0) : i] + passage.sentences[i + 1 : i + 2],
            cosine=cosine,
            coverage=share(idf, terms[i]),
            context=share(idf, around),
            codes=_codes(asked, texts[i], passage.heading),
            missing=missing_share(points, by_name.union(*has[max(i - 1, 0) : i + 2])),
            unmet=float(asked.kind is not None and not foreign and not gives(asked.kind, texts[i])),
            handicap=handicap,
            # Named or not, who asks about a report asks the report first.
            named=0.0 if handicap else candidate.named,
            foreign=foreign,
            title=title,
            before=headers[i] or (texts[i - 1] if i else ""),
            is_row=bool(headers[i]),
            is_part=bool(asked.parts) and is_part(asked.parts, texts[i], passage.heading),
        )
        found.append(sentence)
    return found


def _cosines(stored: StoredPassage, vector: FloatArray) -> list[float]:
    """The cosine of each of its sentences to a unit vector; TYPICAL_COSINE where they have no vectors yet."""
    if not stored.embedded:
        return [TYPICAL_COSINE] * len(stored.passage.sentences)
    cosines: list[float] = (stored.sentence_vectors @ vector).tolist()
    return cosines


def _codes(asked: Asked, text: str, heading: Sequence[str]) -> float:
    """The share of the question's codes in a sentence; 1 if it is a part that the question names by its number."""
    if asked.parts and is_part(asked.parts, text, heading):
        return 1.0
    return len(asked.codes & codes_in(text)) / len(asked.codes) if asked.codes else 0.0


def _terms(store: Store, asked: Asked, text: str, above: str, language: str) -> set[str]:
    """The question's terms in a sentence; of a row that has one of them, also those above its table."""
    own = asked.among(store.terms(text, language))
    return own | asked.among(store.terms(above, language)) if own and above else own


class _SentencesOf:
    """The sentences of documents, asked of the store once for each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[str, list[Span]] = {}

    def __getitem__(self, document_id: str) -> list[Span]:
        if document_id not in self._found:
            self._found[document_id] = self._store.sentences(document_id)
        return self._found[document_id]


def _in_context(store: Store, sentences: _SentencesOf, asked: Asked, each: Considered) -> Considered:
    """A sentence that may be quoted, told by what it is quoted with.

    The points in its context are not missing. An answer has the words of the question that the document puts.
    """
    document = store.document(each.document_id)
    context = stand(document, sentences[each.document_id], each.span).context
    if not context:
        return each
    points = numbers_among(asked.points) if each.foreign else asked.points
    around = (words_at(document, span) for span in (each.span, *each.neighbours, *(span for _, span in context)))
    missing = missing_share(points, points_in(points, each.title, " ".join(names_of(document)), *around))
    answers = " ".join(words_at(document, span) for role, span in context if role == "question")
    terms = asked.among(store.terms(f"{each.text} {answers}", document.language)) if answers else set()
    coverage = max(each.coverage, share(asked.idf, terms))
    return replace(each, missing=min(each.missing, missing), coverage=coverage)


def _only_asks(store: Store, sentences: _SentencesOf, each: Considered) -> bool:
    """Whether it is a question that no answer follows: it may have all words of what is asked, and says nothing."""
    if not QUESTION_END.search(each.text):
        return False
    return stand(store.document(each.document_id), sentences[each.document_id], each.span).quote == each.span


def _with_what_they_lead_to(store: Store, sentences: _SentencesOf, scored: Sequence[Considered]) -> list[Considered]:
    """The sentences; those instead of which, or with which, others are quoted answer as well as these do."""
    found = list(scored)
    read: dict[str, list[Considered]] = {}
    for each in scored:
        if each.judged:
            read.setdefault(each.document_id, []).append(each)
    for i, each in enumerate(scored):
        document = each.document_id
        if document not in read or not _LEADS_ON.search(each.text):
            continue
        quote = stand(store.document(document), sentences[document], each.span).quote
        inside = [other for other in read[document] if quote.start <= other.span.start < quote.end]
        best = max(inside, key=lambda other: other.logit, default=each)
        if best.judged and best.logit > each.logit:
            shift = best.span.start - each.span.start
            answers = tuple(Span(a + shift, b + shift) for a, b in best.judged.answers)
            found[i] = replace(each, judged=replace(best.judged, answers=answers))
    return found


def _ranked(each: Considered, unknown: float, calibration: Calibration) -> ScoredSentence:
    features = (each.logit, each.cosine, each.coverage, each.context)
    # The codes' weight and the handicap are in units of the cosine.
    score = _weighed(calibration.sentence, features) + each.codes * CODE_WEIGHT * calibration.sentence[1]
    score -= UNMET_LOSS * each.unmet
    # Of all the question's words: for the confidence those that no sentence has count as well. Words of another
    # language than the document's say nothing: it is judged as if it had as many of them as answers have.
    words = (TYPICAL_COVERAGE, 0.0) if each.foreign else (each.coverage * (1 - unknown), unknown)
    logit = max(each.logit, PART_LOGIT) if each.is_part else each.logit
    known = (logit, each.cosine, *words, each.missing, each.unmet)
    probability = logistic(_weighed(calibration.confidence, known) + calibration.intercept)
    named = (each.bonus - each.handicap) * calibration.sentence[1]
    return ScoredSentence(considered=each, score=score, rank=score + named, probability=probability)


def _ahead(best: ScoredSentence, second: ScoredSentence, calibration: Calibration) -> ScoredSentence:
    """The best sentence, likelier to be right the further it is ahead."""
    margin = min(max(best.score - second.score, 0.0), MAX_MARGIN)
    odds = math.log(max(best.probability, 1e-9) / max(1 - best.probability, 1e-9))
    return replace(best, probability=logistic(odds + calibration.margin * margin))


def _weighed(weights: Sequence[float], features: Sequence[float]) -> float:
    return sum(weight * feature for weight, feature in zip(weights, features, strict=True))


def is_background(document: Document) -> bool:
    """Whether a document calls itself background (``kind: background note`` in its front matter)."""
    return str(document.metadata.get("kind", "")).lower().startswith("background")


def logistic(score: float) -> float:
    """The probability of a score in logits."""
    return 1 / (1 + math.exp(-max(score, -700.0)))
