"""How well sentences are told apart: python -m benchmarks.sentences [LIBRARY ...].

The sequences of tests/text/sentences have their boundaries marked. For each language: the F1 of the boundaries found by
today's splitter, and by each of the libraries named, as far as they are installed (they are no dependencies of this
project: an environment of their own is the place for them).
"""

import importlib
import sys
from collections.abc import Callable

from askreport.text.sentences import starts
from tests.tools.boundaries import LANGUAGES, Splitter, f1, sequences


def _ours() -> Splitter:
    return lambda text, language: starts(text, language)


def _nupunkt() -> Splitter:
    library = importlib.import_module("nupunkt")
    return lambda text, _: [start for start, _ in library.sent_spans(text)]


def _sentencex() -> Splitter:
    library = importlib.import_module("sentencex")
    return lambda text, language: [each["start_index"] for each in library.get_sentence_boundaries(language, text)]


def _icu() -> Splitter:
    library = importlib.import_module("icu4py.breakers")
    return lambda text, language: [start for start, _ in library.SentenceBreaker(text, language).segments()]


def _pieces(split: Callable[[str, str], list[str]]) -> Splitter:
    """A splitter from one that gives the sentences' texts: they are looked for in the text."""

    def starts(text: str, language: str) -> list[int]:
        found, at = [], 0
        for piece in split(text, language):
            start = text.find(piece.strip(), at)
            if start >= 0:
                found.append(start)
                at = start + len(piece.strip())
        return found

    return starts


def _pysbd() -> Splitter:
    library = importlib.import_module("pysbd")
    known = {"en", "de", "fr", "ru", "zh", "ja", "hi", "ar", "es"}
    made: dict[str, Callable[[str], list[str]]] = {
        language: library.Segmenter(language=language if language in known else "sk", clean=False).segment
        for language in LANGUAGES
    }
    return _pieces(lambda text, language: made[language](text))


def _sentencesplit() -> Splitter:
    library = importlib.import_module("sentencesplit")
    made: dict[str, Callable[[str], list[str]]] = {}

    def split(text: str, language: str) -> list[str]:
        if language not in made:
            try:
                made[language] = library.Segmenter(language=language, clean=False).segment
            except ValueError:
                made[language] = library.Segmenter(language="sk", clean=False).segment
        return made[language](text)

    return _pieces(split)


def _blingfire() -> Splitter:
    library = importlib.import_module("blingfire")
    return _pieces(lambda text, _: library.text_to_sentences(text).split("\n"))


def _syntok() -> Splitter:
    library = importlib.import_module("syntok.segmenter")
    return lambda text, _: [
        sentence[0].offset for paragraph in library.analyze(text) for sentence in paragraph if sentence
    ]


def _splitter() -> Splitter:
    library = importlib.import_module("sentence_splitter")
    known = {"en", "de", "cs", "fr", "ru", "es"}
    made = {each: library.SentenceSplitter(language=each if each in known else "en") for each in LANGUAGES}
    return _pieces(lambda text, language: made[language].split(text))


def _simplemma() -> Splitter:
    library = importlib.import_module("simplemma.sentences")
    return _pieces(lambda text, language: list(library.split_sentences(text, lang=language)))


CANDIDATES: dict[str, Callable[[], Splitter]] = {
    "ours": _ours,
    "nupunkt": _nupunkt,
    "sentencex": _sentencex,
    "icu4py": _icu,
    "pysbd": _pysbd,
    "sentencesplit": _sentencesplit,
    "blingfire": _blingfire,
    "syntok": _syntok,
    "sentence-splitter": _splitter,
}


def main(names: list[str]) -> None:
    """Prints the table."""
    print("| splitter |", " | ".join(LANGUAGES), "|")
    print("|---|" + "---|" * len(LANGUAGES))
    for name in names or CANDIDATES:
        try:
            splitter = CANDIDATES[name]()
        except ImportError as error:
            print(f"| {name}: {error} |")
            continue
        print(f"| {name} |", " | ".join(f"{f1(sequences(each), splitter, each):.3f}" for each in LANGUAGES), "|")


if __name__ == "__main__":
    main(sys.argv[1:])
