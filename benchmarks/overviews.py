"""How many questions overviews offer, which, and how long they take: python -m benchmarks.overviews [FOLDER]."""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import load_encoder
from askreport.models.readers import load_scorer
from askreport.parse import ParserPool


def main(folder: Path) -> None:
    """Prints the questions of each document's overview, and how many documents have so many."""
    settings = Settings()
    encoder = load_encoder(settings.model, settings.cache)
    with tempfile.TemporaryDirectory() as index, ParserPool(workers=1) as parsers:
        ingest([folder], Path(index), encoder, parsers)
        library = Library(Path(index), encoder, load_scorer(settings.reader, settings.cache))
        counts: Counter[int] = Counter()
        for document in library.store.documents():
            started = time.perf_counter()
            found = library.overview(document.id).questions
            counts[len(found)] += 1
            print(f"{document.path}: {len(found)}, {1000 * (time.perf_counter() - started):.0f} ms")
            for each in found:
                print(f"    {each.question} {' '.join(each.answer.text.split())[:100]}")
    print(", ".join(f"{documents} with {questions}" for questions, documents in sorted(counts.items(), reverse=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "corpus"))
