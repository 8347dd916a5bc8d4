"""Asks a library of any build, in a process of its own: python -P asking.py QUESTIONS ANSWERS, settings by environment.

``benchmarks.reading`` starts it with the build to measure on PYTHONPATH. So it uses only what askreport gives to
everybody, and what an older build lacks is left out. A line of QUESTIONS has ``id``, ``question``, ``history`` and
``within``, names of the documents to look in, or null. A line of ANSWERS has what is needed to judge the answer.
"""

import json
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from askreport import Library
from askreport.config import load_settings
from askreport.types import Filter

QUOTES = 3
# So many passages tell which documents come first.
PASSAGES = 50


def name_of(path: str) -> str:
    """A document's name in the collection that it is from."""
    return path.split(".jsonl#", 1)[-1]


def answer_to(library: Library, row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What is answered to a question; of a refusal also what it was that did not suffice, best first.

    ``names`` are the documents' names by their ids.
    """
    named = set(row["within"] or ())
    chosen = None if row["within"] is None else [each for each, name in names.items() if name in named]
    within = Filter(documents=tuple(chosen or ()))
    answer = library.ask(row["question"], within=within, history=row["history"])
    quotes = [{"text": each.text, "document": name_of(each.document.path)} for each in answer.quotes]
    found = [*answer.passages, *library.search(answer.understood, PASSAGES, within).passages]
    return {
        "id": row["id"],
        "status": answer.status,
        "confidence": answer.confidence,
        "quotes": quotes,
        "read": quotes or refused(library, row, within, names),
        "documents": list(dict.fromkeys(name_of(each.document.path) for each in found)),
        "milliseconds": answer.took_ms,
    }


def refused(library: Library, row: Mapping[str, Any], within: Filter, names: Mapping[str, str]) -> list[dict[str, str]]:
    """The sentences that came nearest to an answer, where the build can say why it refused."""
    try:
        why = import_module("askreport.answering.why").why
    except (ImportError, AttributeError):
        return []
    found = why(library, row["question"], within, row["history"])
    return [{"text": each.text, "document": names[each.document_id]} for each in islice(found.sentences, QUOTES)]


def main() -> None:
    """Asks, once without counting so that all are asked warm."""
    questions, answers = map(Path, sys.argv[1:3])
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    library = Library.open(load_settings(os.environ))
    names = {each.id: name_of(each.path) for each in library.store.documents()}
    library.ask("Is everything loaded?")
    with answers.open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows, start=1):
            file.write(json.dumps(answer_to(library, row, names)) + "\n")
            if number % 50 == 0:
                print(f"  {number} of {len(rows)} asked", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
