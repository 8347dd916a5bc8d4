"""What a page costs in a library of many documents and in one of few: python -m benchmarks.pages.

Two libraries are made of small made-up documents. Their pages are asked for by turns: the question page without a
question, an answer that is kept, and the same with two questions before it. Printed are the medians and the ratios. A
view must not cost more because the library has more documents.
"""

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.service.app import create_app
from tests.tools.parts import HashingEncoder, TestClient, document, publish

SIZES = (40, 4_000)
ROUNDS = 200
WITHIN = 1.2
QUESTION = "Box 7 is painted red, weighs 700 grams and came by ship from port 7"
VIEWS: dict[str, dict[str, str | list[str]]] = {
    "the question page": {},
    "an answer": {"q": QUESTION},
    "an answer after two others": {"q": QUESTION, "after": [QUESTION.replace("7", "3"), QUESTION.replace("7", "5")]},
}


def library(folder: Path, size: int) -> Library:
    """A library of so many documents of two sentences, one in ten of which suggests a question."""
    texts = (
        f"Box {n} is painted red, weighs {n}00 grams and came by ship from port {n}. It was opened on day {n}."
        for n in range(size)
    )
    made = [document(text, f"box-{n}.txt") for n, text in enumerate(texts)]
    encoder = HashingEncoder()
    publish(folder, [replace(each, metadata=_metadata(n)) for n, each in enumerate(made)], encoder)
    return Library(folder, encoder)


def _metadata(n: int) -> dict[str, Any]:
    return {"questions": [f"Where did box {n} come from?"]} if n % 10 == 0 else {}


def medians(clients: dict[int, TestClient], view: dict[str, str | list[str]]) -> dict[int, float]:
    """Milliseconds of a view in each library, asked for by turns; the first view of each is not counted."""
    took: dict[int, list[float]] = {size: [] for size in clients}
    for turn in range(ROUNDS + 1):
        # Each is asked first in half of the turns.
        for size, client in sorted(clients.items(), reverse=bool(turn % 2)):
            started = time.perf_counter()
            response = client.get("/", params=view)
            took[size].append(1_000 * (time.perf_counter() - started))
            assert response.status_code == 200
            assert not view or 'class="quotes"' in response.text
    return {size: statistics.median(each[1:]) for size, each in took.items()}


def main() -> None:
    """Prints the table; exit status 1 if a view costs more in the larger library."""
    with tempfile.TemporaryDirectory() as made, ExitStack() as opened:
        clients = {}
        for size in SIZES:
            folder = Path(made) / str(size)
            app = create_app(Settings(corpus=folder, index=folder), library(folder, size))
            clients[size] = opened.enter_context(TestClient(app))
        print(f"| view | {' | '.join(f'{size:,} documents' for size in SIZES)} | ratio |")
        print("|---|---|---|---|")
        is_level = True
        for name, view in VIEWS.items():
            few, many = medians(clients, view).values()
            is_level &= many <= WITHIN * few
            print(f"| {name} | {few:.1f} ms | {many:.1f} ms | {many / few:.2f} |")
    sys.exit(0 if is_level else 1)


if __name__ == "__main__":
    main()
