"""(question, sentences) -> how well each sentence answers, and how likely it is that anything does.

Every sentence of the candidate passages gets a first score: its cosine to the question, plus the share of the
question's words in it, rare words weighing more, plus a little for the words next to it. The scorer reads the best
sentences with their neighbours. Its score and the first score together give the order. The confidence is a logistic
regression over the best sentence and the question. Without a scorer the first score decides alone.
``training/calibrate.py`` fits both and reports what they are worth.
"""

import math
import re
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from askreport.answering.asked_for import Kind, gives, kind_of
from askreport.answering.context import stand
from askreport.answering.parts import is_part, part_words, parts_of
from askreport.answering.points import missing_share, numbers_among, points_in, points_of
from askreport.answering.rows import headers_of
from askreport.digest import text_digest
from askreport.errors import IndexDamagedError
from askreport.models.scorer import Calibration, Judged, Scorer, Window
from askreport.store import Candidate, Store
from askreport.store.names import names_of
from askreport.text.labels import is_label
from askreport.text.language import languages_of
from askreport.text.mentions import FUNCTION_WORDS
from askreport.types import Document, FloatArray, Span

# Chosen on squad2-dev and clapnq-dev, then report.dev (LOG.md has the table): the weights of the words in the sentence,
# and of those only in its neighbours, its headings or its document's title.
COVERAGE_WEIGHT = 0.5
CONTEXT_WEIGHT = 0.1
# And of the question's codes in the sentence: "12-5" is two common numbers to a search by words, nothing to one by
# meaning, and everything to who asks.
CODE_WEIGHT = 0.5
# And, as a cosine, of a document that the question names for sure (named.py).
NAMED_WEIGHT = 0.1
# How many sentences are quoted at most.
MAX_QUOTES = 3
# Characters in a window of neighbouring sentences (about 80 tokens), and in all windows of a question (about 270). More
# was hardly better (LOG.md).
WINDOW = 380
READ_CHARACTERS = 1_200
# So many windows are read first, and the others only if no sentence of these has at least this logit: as many first
# quotes are right, and a third less is read (LOG.md).
READ_FIRST, DECIDES = 2, 2.0
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
# Between a title and the headings under it, as the scorer reads them.
TITLE_MARK = " › "
# What counts as the logit of a sentence that the scorer did not read: it comes after all that were read.
UNREAD = -20.0
# And at least of one that is the numbered part which the question names, for the confidence: what clause 2 says is
# clause 2, whatever its words are.
PART_LOGIT = 3.0
# A token with a digit that is more than a plain number of up to four: 54777, 12-5, A320, 10,000.
_TOKEN = re.compile(r"[^\W_]*\d(?:[\w.,/-]*\w)?")
_PLAIN_NUMBER = re.compile(r"\d{1,4}")
_WORD = re.compile(r"\w+")
# A number, a name, or a word of some length in scripts that have spaces.
_SAYS = re.compile(r"\d|[^\W\d_]{4}|[^\x00-\u024f\W]|[A-Z]")
# A question, or what introduces a list.
_LEADS_ON = re.compile(r"[:：?？؟][\s*_\"'”’»)\]]*$")
# Verbs with which a question asks what documents say. A document need not use them.
_ASKING = frozenset(
    _WORD.findall(
        "say says said tell tells told mention mentions mentioned state states stated describe describes described "
        "explain explains explained read reads according"
    )
)
# Characters between neighbours at most: white space, the mark of a list's item, a closing bracket.
MAX_GAP = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """A sentence of a candidate with what retrieval and the scorer know of it.

    ``neighbours`` are the sentences before and after it in its passage, ``before`` the words of the first of them, if
    it has one; of a table's row (``is_row``) those of the header. ``is_part`` says that the question names it by its
    number. ``missing`` is the share of the question's names and numbers that neither it nor what stands around it has.
    ``unmet`` is 1 where a date or a number is asked for and it has none. ``named`` says how surely the question names
    its document, ``foreign`` that the question is in another language. ``judged`` is what the scorer says of it, if it
    has read it.
    """

    document_id: str
    span: Span
    heading: tuple[str, ...]
    text: str
    neighbours: tuple[Span, ...] = ()
    cosine: float
    coverage: float
    context: float
    codes: float
    missing: float
    unmet: float
    handicap: float
    named: float = 0.0
    foreign: bool = False
    title: str = ""
    before: str = ""
    is_row: bool = False
    is_part: bool = False
    judged: Judged | None = None

    @property
    def logit(self) -> float:
        """How strongly it answers, by the scorer."""
        return self.judged.logit if self.judged else UNREAD

    @property
    def emphasis(self) -> tuple[Span, ...]:
        """Its words that answer, by the scorer, as spans of the document; "in" or "the" alone say nothing.

        Those of a lead-in stand in what it leads to, behind it.
        """
        start, size = self.span.start, len(self.text)
        found = whole_words(self.text, self.judged.answers if self.judged else ())
        return tuple(Span(start + a, start + b) for a, b in found if b > size or _SAYS.search(self.text, a, b))

    @property
    def first(self) -> float:
        """The score by which it is chosen to be read."""
        words = COVERAGE_WEIGHT * self.coverage + CONTEXT_WEIGHT * self.context
        return self.cosine + words + CODE_WEIGHT * self.codes + NAMED_WEIGHT * self.named


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as sentences are compared with it.

    ``vector`` is its unit vector, ``idf`` weighs those of its terms that some passage has, ``forms`` are theirs in the
    library's languages, ``codes`` are its codes, ``parts`` the numbered parts that it names, ``points`` its names and
    numbers, ``kind`` is what it asks for, and ``languages`` are those that it may be in. ``in_names`` are its terms
    that no passage has, but a candidate's document is called by; ``unknown`` are those that nothing has, and
    ``unknown_share`` is their share of its words, by weight.
    """

    question: str
    vector: FloatArray
    idf: dict[str, float]
    forms: dict[str, frozenset[str]]
    codes: frozenset[str]
    parts: frozenset[str]
    points: frozenset[str]
    kind: Kind | None
    languages: tuple[str, ...]
    in_names: frozenset[str]
    unknown: frozenset[str]
    unknown_share: float

    @classmethod
    def of(
        cls,
        store: Store,
        question: str,
        vector: FloatArray,
        candidates: Sequence[Candidate],
        documents: Collection[str] | None = None,
    ) -> "Asked":
        """The question with this unit vector, its words weighed by the store, to be looked for in these passages.

        ``documents`` are those that are asked: what none of them has is unknown, whatever others say.
        """
        forms = store.forms(question)
        weights = store.idf({form for own in forms.values() for form in own})
        missing = frozenset(store.unknown(weights)) | _not_among(store, question, documents)
        names = _names(store, candidates) if missing else frozenset()
        absent = frozenset(term for term, own in forms.items() if own <= missing)
        strange = frozenset(term for term in absent if forms[term].isdisjoint(names))
        # A few pages may be without "how" and "did".
        unknown = strange - _function_terms(store, question)
        # What is known weighs less than what is not.
        idf = {term: min(weights[form] for form in own) for term, own in forms.items() if term not in strange - unknown}
        return cls(
            question=question,
            vector=vector,
            # Words that no sentence has tell none from another, and would only make the others count for less.
            idf={term: weight for term, weight in idf.items() if term not in unknown},
            forms={term: own for term, own in forms.items() if term not in unknown},
            codes=codes_in(question),
            parts=parts_of(question),
            points=points_of(question),
            kind=kind_of(question),
            languages=tuple(languages_of(question)),
            in_names=absent - strange,
            unknown=unknown,
            unknown_share=share(idf, unknown),
        )

    def among(self, terms: Collection[str]) -> set[str]:
        """Those of its terms that are, in one of their forms, among the terms of a text."""
        return {term for term, own in self.forms.items() if not own.isdisjoint(terms)}


def read(
    store: Store,
    question: str,
    vector: FloatArray,
    candidates: Sequence[Candidate],
    scorer: Scorer | None = None,
    documents: Collection[str] | None = None,
) -> Reading:
    """Orders the sentences of the candidate passages by how well they answer the question, of this unit vector.

    The candidates are of these ``documents``, of all unless they are given.
    """
    asked = Asked.of(store, question, vector, candidates, documents)
    considered = consider(store, asked, candidates, scorer)
    reading = judge(considered, asked.unknown_share, scorer.calibration if scorer else RETRIEVAL)
    return replace(reading, unknown=asked.unknown)


def _function_terms(store: Store, question: str) -> Set[str]:
    """The terms of those words of a question that say nothing by themselves."""
    words = [word for word in _WORD.findall(question) if word.casefold() in FUNCTION_WORDS | _ASKING]
    return store.forms(" ".join((*words, part_words(question)))).keys()


def _not_among(store: Store, question: str, documents: Collection[str] | None) -> frozenset[str]:
    """The forms of those words of a question that none of some documents has; of no word if all are asked."""
    if documents is None:
        return frozenset()
    words = {word for word in _WORD.findall(question) if word.casefold() not in FUNCTION_WORDS}
    lacking = [word for word in words if not store.search_lexical(word, 1, documents)]
    return frozenset(form for word in lacking for own in store.forms(word).values() for form in own)


def _names(store: Store, candidates: Sequence[Candidate]) -> frozenset[str]:
    """The terms that the candidates' documents are called by: of a year, perhaps only the folder says which it is."""
    documents = dict.fromkeys(candidate.stored.passage.document_id for candidate in candidates)
    return frozenset(term for each in documents for term in store.terms(" ".join(names_of(store.document(each)))))


def consider(store: Store, asked: Asked, candidates: Sequence[Candidate], scorer: Scorer | None) -> list[Considered]:
    """What retrieval and the scorer know of each sentence of the candidates."""
    found = [sentence for candidate in candidates for sentence in _sentences(store, asked, candidate)]
    if scorer is None:
        return found
    sentences = _SentencesOf(store)
    scored = _with_what_they_lead_to(store, sentences, _scored(scorer, asked.question, found))
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


def whole_words(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans of a text, in order, each extended to whole words, those that then touch as one."""
    found: list[Span] = []
    for start, end in spans:
        while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
            start -= 1
        while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
            end += 1
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Span(start, end))
    return found


def codes_in(text: str) -> frozenset[str]:
    """The codes in a text, in lower case: tokens with a digit, but for plain numbers of up to four."""
    found = (match.group().lower() for match in _TOKEN.finditer(text))
    return frozenset(token for token in found if not _PLAIN_NUMBER.fullmatch(token))


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
    for i, cosine in enumerate((candidate.stored.sentence_vectors @ asked.vector).tolist()):
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


def _codes(asked: Asked, text: str, heading: Sequence[str]) -> float:
    """The share of the question's codes in a sentence; 1 if it is a part that the question names by its number."""
    if asked.parts and is_part(asked.parts, text, heading):
        return 1.0
    return len(asked.codes & codes_in(text)) / len(asked.codes) if asked.codes else 0.0


def _terms(store: Store, asked: Asked, text: str, above: str, language: str) -> set[str]:
    """The question's terms in a sentence; of a row that has one of them, also those above its table."""
    own = asked.among(store.terms(text, language))
    return own | asked.among(store.terms(above, language)) if own and above else own


def _scored(scorer: Scorer, question: str, found: Sequence[Considered]) -> list[Considered]:
    """The sentences with what the scorer says of those that it has read."""
    windows = windows_around(found)
    read = [_window_of([found[i] for i in window]) for window in windows]
    judged, others = scorer.score(question, read[:READ_FIRST]), read[READ_FIRST:]
    if others and all(each.logit < DECIDES for results in judged for each in results):
        judged += scorer.score(question, others)
    scored = list(found)
    # The last may not have been read.
    for window, results in zip(windows, judged, strict=False):
        for i, result in zip(window, results, strict=True):
            scored[i] = replace(found[i], judged=result)
    return scored


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


def _window_of(sentences: Sequence[Considered]) -> Window:
    first = sentences[0]
    return Window(sentences=tuple(each.text for each in sentences), title=first.title, before=first.before)


def windows_around(found: Sequence[Considered]) -> list[list[int]]:
    """Runs of neighbouring sentences around the best by first score, until READ_CHARACTERS are used.

    A sentence is in one window only, also where passages overlap.
    """
    places: dict[tuple[str, int], int] = {}
    for i, each in enumerate(found):
        places.setdefault((each.document_id, each.span.start), i)
    in_text = sorted(places.values(), key=lambda i: (found[i].document_id, found[i].span.start))
    position = {i: at for at, i in enumerate(in_text)}
    taken: set[int] = set()
    windows: list[list[int]] = []
    used = 0
    for i in sorted(places.values(), key=lambda i: -found[i].first):
        if i in taken:
            continue
        window = _window(found, in_text, position[i], taken)
        used += sum(len(found[k].text) for k in window)
        # A row is read with what stands above it, which costs as much as other words.
        used += len(found[i].title) + len(found[i].before) if found[i].is_row else 0
        if windows and used > READ_CHARACTERS:
            break
        taken.update(window)
        windows.append(window)
    return windows


def _window(found: Sequence[Considered], in_text: Sequence[int], at: int, taken: Set[int]) -> list[int]:
    """The sentence at a position of ``in_text`` with the free neighbours, before and after in turn, that fit."""
    first, last = at, at
    room = WINDOW - len(found[in_text[at]].text)
    grew = True
    while grew:
        grew = False
        for side in (first - 1, last + 1):
            if not 0 <= side < len(in_text) or in_text[side] in taken:
                continue
            one, other = (side, first) if side < first else (last, side)
            if not _touch(found[in_text[one]], found[in_text[other]]) or len(found[in_text[side]].text) > room:
                continue
            room -= len(found[in_text[side]].text)
            first, last, grew = min(first, side), max(last, side), True
    return [in_text[k] for k in range(first, last + 1)]


def _touch(one: Considered, other: Considered) -> bool:
    """Whether two sentences follow each other under one heading, with little between them but white space.

    Rows of tables do not: each is read with its header alone.
    """
    if one.is_row or other.is_row:
        return False
    near = one.document_id == other.document_id and one.heading == other.heading
    return near and 0 <= other.span.start - one.span.end <= MAX_GAP


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
    named = (NAMED_WEIGHT * each.named - each.handicap) * calibration.sentence[1]
    return ScoredSentence(considered=each, score=score, rank=score + named, probability=probability)


def _ahead(best: ScoredSentence, second: ScoredSentence, calibration: Calibration) -> ScoredSentence:
    """The best sentence, likelier to be right the further it is ahead."""
    margin = min(max(best.score - second.score, 0.0), MAX_MARGIN)
    odds = math.log(max(best.probability, 1e-9) / max(1 - best.probability, 1e-9))
    return replace(best, probability=logistic(odds + calibration.margin * margin))


def _weighed(weights: Sequence[float], features: Sequence[float]) -> float:
    return sum(weight * feature for weight, feature in zip(weights, features, strict=True))


def share(idf: dict[str, float], terms: Set[str]) -> float:
    """How much of the question's words, by weight, are among ``terms``."""
    return sum(idf[term] for term in terms) / (sum(idf.values()) or 1.0)


def words_at(document: Document, span: Span) -> str:
    """The words of a span; IndexDamagedError if it is not inside the text: nothing is ever shown in its place."""
    if not 0 <= span.start < span.end <= len(document.text):
        raise IndexDamagedError(
            f"a sentence of {document.path} lies outside its text",
            "Run `askreport index` to rebuild the index.",
        )
    return document.text[span.start : span.end]


def is_background(document: Document) -> bool:
    """Whether a document calls itself background (``kind: background note`` in its front matter)."""
    return str(document.metadata.get("kind", "")).lower().startswith("background")


def logistic(score: float) -> float:
    """The probability of a score in logits."""
    return 1 / (1 + math.exp(-max(score, -700.0)))
