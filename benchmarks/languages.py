"""How words are found in other languages than English: python -m benchmarks.languages [SET...].

Sets of the shared data whose questions are in the language of their passages. Printed is for each set: how many
passages and questions are taken for their language, for another one, or for none; and the mean reciprocal rank of the
right passage among ten by BM25, with English rules for all (as it was), and with those of each document's language.
"""

import gzip
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial, reduce
from pathlib import Path

import tantivy

from askreport.store.folder.lexical import LexicalIndex, LexicalWriter
from askreport.store.words import forms_of, in_order, terms_of
from askreport.text.language import language_of

TRAIN = Path(__file__).parents[2] / "shared" / "train"
SETS = {
    "arcd-ar": "ar",
    "cmrc2018-zh": "zh",
    "drcd-zh": "zh",
    "faquad-pt": "pt",
    "heq-he": "he",
    "iapp-th": "th",
    "jaquad-ja": "ja",
    "norquad-no": "no",
    "pquad-fa": "fa",
    "idk-mrc-id": "id",
    "amqa-am": "am",
    "covidqa-en": "en",
    "multispanqa": "en",
}
QUESTIONS = 600
DEPTH = 10


def load(name: str) -> tuple[list[str], list[tuple[str, int]]]:
    """The passages of a set, and questions with the number of the passage that answers."""
    passages: dict[str, int] = {}
    asked: list[tuple[str, int]] = []
    with gzip.open(TRAIN / name / "examples.jsonl.gz", "rt", encoding="utf-8") as lines:
        for each in map(json.loads, lines):
            number = passages.setdefault(each["context"], len(passages))
            if each["answerable"]:
                asked.append((each["question"], number))
    return list(passages), asked[:: max(1, len(asked) // QUESTIONS)]


def english(text: str) -> list[str]:
    """The terms of any text as they were: words between spaces and signs, by English rules."""
    return list(_ENGLISH.analyze(text))


def reciprocal_rank(
    terms: Iterable[Sequence[str]],
    asked: Sequence[tuple[str, int]],
    forms: Callable[[str], Mapping[str, frozenset[str]]],
) -> float:
    """The mean reciprocal rank of the right passage among the first ten."""
    with tempfile.TemporaryDirectory() as folder:
        writer = LexicalWriter(Path(folder) / "words")
        for number, own in enumerate(terms):
            writer.add(number, str(number), own)
        writer.close()
        index = LexicalIndex(Path(folder) / "words")
        ranks = []
        for question, number in asked:
            found = list(index.search(forms(question), DEPTH, None))
            ranks.append(1 / (1 + found.index(number)) if number in found else 0.0)
    return sum(ranks) / len(ranks)


def told(texts: Iterable[str], language: str) -> str:
    """How many of the texts are taken for their language, for another, for none."""
    counted = Counter(language_of(text) for text in texts)
    right, none = counted[language], counted[""]
    return f"{right} {counted.total() - right - none} {none}"


def main(names: Sequence[str]) -> None:
    """Prints a line for each set."""
    for name in names or SETS:
        passages, asked = load(name)
        languages = [language_of(text) for text in passages]
        before = reciprocal_rank(map(english, passages), asked, lambda text: {t: frozenset([t]) for t in english(text)})
        common = in_order(Counter(languages))
        own = (terms_of(text, language) for text, language in zip(passages, languages, strict=True))
        after = reciprocal_rank(own, asked, partial(forms_of, languages=common))
        questions = told((question for question, _ in asked), SETS[name])
        print(f"{name}: passages {told(passages, SETS[name])}, questions {questions}, rank {before:.3f} -> {after:.3f}")


_FILTERS = (
    tantivy.Filter.remove_long(40),
    tantivy.Filter.lowercase(),
    tantivy.Filter.ascii_fold(),
    tantivy.Filter.stemmer("english"),
)
_ENGLISH = reduce(
    lambda builder, step: builder.filter(step), _FILTERS, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
).build()


if __name__ == "__main__":
    main(sys.argv[1:])
