"""Whether a question that names a document is answered from it: python -m benchmarks.named.

Made-up reports of three companies and four years, whose sentences differ in their figures only. Printed is how often
the first quote is the right one, with the weight in use and others: for questions that name the company and the year,
and for such that name another company in passing.
"""

import tempfile
from pathlib import Path

from askreport.answering import considered, retrieve
from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import load_encoder
from askreport.models.readers import load_scorer
from askreport.parse import ParserPool
from tests.tools.reports import Asked, in_passing, questions, reports

WEIGHTS = (0.0, 0.1, 0.2, 0.3)


def main() -> None:
    """Prints a line for each weight."""
    settings = Settings()
    with tempfile.TemporaryDirectory() as name, ParserPool(workers=1) as parsers:
        corpus = Path(name) / "corpus"
        for each in reports():
            file = corpus / each.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(each.text, encoding="utf-8")
        encoder = load_encoder(settings.model, settings.cache, settings.threads)
        ingest([corpus], Path(name) / "index", encoder, parsers)
        library = Library(Path(name) / "index", encoder, load_scorer(settings.reader, settings.cache, settings.threads))
        for weight in WEIGHTS:
            considered.NAMED_WEIGHT = retrieve.NAMED_SHARE = weight
            print(f"{weight:4}  named {right(library, questions())}  in passing {right(library, in_passing())}")
            library = Library(library.index, library.encoder, library.scorer)


def right(library: Library, asked: list[Asked]) -> str:
    """For how many questions the first quote is the sentence that answers, in the file that does."""
    first = (library.ask(each.question).quotes[:1] for each in asked)
    hits = sum(
        any(quote.text == each.sentence and quote.document.path == each.path for quote in quotes)
        for each, quotes in zip(asked, first, strict=True)
    )
    return f"{hits} of {len(asked)}"


if __name__ == "__main__":
    main()
