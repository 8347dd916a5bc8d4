"""A sentence of a language model and the quotes it cites -> whether they say so.

It is supported if it cites quotes, if its quotations, numbers and names stand there, if it denies what they deny
(claims.py), and if the reader finds it said there.
"""

import re
from collections.abc import Sequence

from askreport.models.encoder import Encoder
from askreport.models.scorer import UNKNOWN_MODEL, Scorer, Window
from askreport.prose.claims import Evidence, coverage, objection
from askreport.prose.injection import orders
from askreport.prose.prompt import Source
from askreport.prose.sentences import CITATION
from askreport.types import ProseSentence

# Of the reader's logit, with a sentence as the question and the quote as what is read; the share of its words that do
# not stand in the quote itself costs so much of it. And of the share that stands there or in what is before it.
# Measured on tests/tools/claims.jsonl (`python -m benchmarks.claims` prints the table again).
SUPPORTED_FROM = -1.5
OWN_WORDS_COST = 20.0
COVERED_FROM = 0.6
# Where the built-in network does not read: the cosine, and the same share, which must be higher.
NEAR_FROM = 0.5
COVERED_ALONE_FROM = 0.8


class Checker:
    """Judges sentences by the reader, or by the encoder where the built-in network does not read."""

    def __init__(self, encoder: Encoder, scorer: Scorer | None = None) -> None:
        self._encoder = encoder
        # The logits of other readers are on scales of their own.
        self._scorer = scorer if scorer and scorer.calibration != UNKNOWN_MODEL else None

    def check(self, text: str, sources: dict[int, Source | None]) -> ProseSentence:
        """A sentence of the model with its citations taken out, and whether it is supported."""
        citations = tuple(dict.fromkeys(int(n) for m in CITATION.finditer(text) for n in re.findall(r"\d+", m[1])))
        sentence = " ".join(CITATION.sub("", text).split())
        reason = self._objection(sentence, citations, sources)
        return ProseSentence(text=sentence, citations=citations, supported=not reason, reason=reason)

    def _objection(self, sentence: str, citations: tuple[int, ...], sources: dict[int, Source | None]) -> str:
        if not citations:
            return "it cites no quote"
        unknown = [n for n in citations if n not in sources]
        if unknown:
            return f"there is no quote {unknown[0]}"
        cited = [source.evidence for n in citations if (source := sources[n])]
        if len(cited) < len(citations):
            return "the quote it cites, or what stands before it, speaks to a language model"
        if any(orders(each.quote, sentence) for each in cited):
            return "the quote wants it said, and does not say it"
        return objection(sentence, cited) or self._unsaid(sentence, cited)

    def _unsaid(self, sentence: str, cited: Sequence[Evidence]) -> str:
        """Why a sentence is not said in what it cites, by the reader, or by the encoder if there is none."""
        quotes = [each.quote for each in cited]
        read = [*quotes, " ".join(quotes)] if len(quotes) > 1 else quotes
        if self._scorer:
            windows = [Window(sentences=(text,)) for text in read]
            best = max(judged.logit for (judged,) in self._scorer.score(sentence, windows))
            cost = OWN_WORDS_COST * (1 - coverage(sentence, [Evidence(quote) for quote in quotes]))
            said = best - cost >= SUPPORTED_FROM and coverage(sentence, cited) >= COVERED_FROM
        else:
            vector = self._encoder.encode_question(sentence)
            best = max(float(vector @ self._encoder.encode_question(text)) for text in read)
            said = best >= NEAR_FROM and coverage(sentence, cited) >= COVERED_ALONE_FROM
        return "" if said else "the quote does not say so"
