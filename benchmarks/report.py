"""The questions about the report: is the evidence quoted first, among three, and are the others refused?

    python benchmarks/report.py [QUESTIONS.jsonl]

Indexes the report alone and then the whole corpus in a temporary folder, and prints a table and every miss.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from askreport.answering.ask import READ_PASSAGES
from askreport.answering.library import Library
from askreport.answering.quotes import choose_quotes
from askreport.answering.reading import read
from askreport.answering.retrieve import retrieve
from askreport.config import load_settings
from askreport.digest import content_id
from askreport.evaluation.figures import auroc
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder, load_encoder
from askreport.models.readers import load_scorer
from askreport.models.scorer import Scorer
from askreport.parse import ParserPool
from askreport.types import Place, Quote

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "../shared/questions/report.dev.jsonl"
REPORT = "china-russia-report.txt"
PARSERS = ParserPool()


def overlaps(quote: Quote, evidence: list[dict[str, int]]) -> bool:
    """Whether a quote, or the same words elsewhere in the report, overlaps a span of evidence."""
    report = content_id((ROOT / "corpus" / REPORT).read_bytes())
    places = [Place(quote.document.id, quote.start, quote.end), *quote.also_at]
    return any(
        place.document_id == report and place.start < span["end"] and span["start"] < place.end
        for place in places
        for span in evidence
    )


def evaluate(
    paths: list[Path], questions: list[dict[str, object]], encoder: Encoder, scorer: Scorer | None, index: Path
) -> list[str]:
    """Indexes ``paths`` and returns the lines of the table for it."""
    ingest(paths, index, encoder, PARSERS)
    store = Library(index, encoder).store
    first = third = 0
    confidences: dict[bool, list[float]] = {True: [], False: []}
    misses = []
    for item in questions:
        question = str(item["question"])
        vector = encoder.encode_question(question)
        candidates = retrieve(store, question, vector, READ_PASSAGES)
        reading = read(store, question, vector, candidates, scorer)
        confidences[bool(item["answerable"])].append(reading.confidence)
        if item["answerable"]:
            quotes = choose_quotes(store, reading)
            right = [overlaps(quote, item["evidence"]) for quote in quotes]  # type: ignore[arg-type]
            first, third = first + right[0], third + any(right)
            if not right[0]:
                misses.append(f"  {item['id']} {question!r} -> {quotes[0].text[:90]!r} ({quotes[0].document.path})")
    answerable, silent = confidences[True], confidences[False]
    lines = [
        f"first quote {first}/{len(answerable)} = {first / len(answerable):.3f}",
        f"in three {third}/{len(answerable)} = {third / len(answerable):.3f}",
        f"refusal AUROC {auroc(answerable, silent):.3f}",
        "confidence answerable " + " ".join(f"{value:.2f}" for value in sorted(answerable)),
        "confidence unanswerable " + " ".join(f"{value:.2f}" for value in sorted(silent)),
    ]
    return lines + misses


def main() -> None:
    """Prints the tables."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS
    questions = [json.loads(line) for line in file.read_text().splitlines()]
    settings = load_settings(os.environ)
    encoder = load_encoder(settings.model, settings.cache)
    scorer = load_scorer(settings.reader, settings.cache)
    for name, paths in (("report alone", [ROOT / "corpus" / REPORT]), ("whole corpus", [ROOT / "corpus"])):
        with tempfile.TemporaryDirectory() as folder:
            print(f"== {name}", *evaluate(paths, questions, encoder, scorer, Path(folder)), sep="\n")


if __name__ == "__main__":
    with PARSERS:
        main()
