"""What the check of quotations finds: python benchmarks/check.py.

Sentences of the report are altered by program (a word changed, left out, or swapped with the next; a number or a
negation changed) and checked against the whole corpus; so are sentences of squad2-dev, which are about other things.
Printed are the shares called verbatim (of the altered ones none may be), different at the right place, and not found.
"""

import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from askreport.answering.library import Library
from askreport.check.check import CheckedQuotation, check
from askreport.config import load_settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import load_encoder
from askreport.parse import ParserPool
from askreport.store import Store
from askreport.text.chunk import chunk
from askreport.types import Span

ROOT = Path(__file__).parents[1]
REPORT = "china-russia-report.txt"
UNRELATED = ROOT / "../shared/eval/squad2-dev/corpus.jsonl"
NEGATIONS = {"not", "no", "never", "none", "without", "cannot"}
Change = Callable[[list[str], random.Random], list[str] | None]


def change_word(words: list[str], chance: random.Random) -> list[str] | None:
    """Another word of the same sentence's length in the place of one."""
    at = chance.randrange(len(words))
    return [*words[:at], chance.choice(["policy", "several", "Berlin", "increase", "old"]), *words[at + 1 :]]


def leave_out(words: list[str], chance: random.Random) -> list[str] | None:
    """A word inside the sentence left out."""
    at = chance.randrange(1, len(words) - 1)
    return [*words[:at], *words[at + 1 :]]


def swap(words: list[str], chance: random.Random) -> list[str] | None:
    """A word swapped with the next."""
    at = chance.randrange(len(words) - 1)
    return None if words[at] == words[at + 1] else [*words[:at], words[at + 1], words[at], *words[at + 2 :]]


def change_number(words: list[str], chance: random.Random) -> list[str] | None:
    """A digit of a number made another."""
    places = [at for at, word in enumerate(words) if re.search(r"\d", word)]
    if not places:
        return None
    at = chance.choice(places)
    return [
        *words[:at],
        re.sub(r"\d", lambda found: str((int(found[0]) + 1) % 10), words[at], count=1),
        *words[at + 1 :],
    ]


def drop_negation(words: list[str], chance: random.Random) -> list[str] | None:
    """A negation left out."""
    kept = [word for word in words if word.casefold() not in NEGATIONS]
    return kept if len(kept) < len(words) else None


CHANGES: dict[str, Change] = {
    "a word changed": change_word,
    "a word left out": leave_out,
    "two words swapped": swap,
    "a number changed": change_number,
    "a negation left out": drop_negation,
}


def verdicts(store: Store, texts: list[str]) -> list[CheckedQuotation]:
    """The verdict on each text, quoted in a draft of its own lines."""
    found: list[CheckedQuotation] = []
    for start in range(0, len(texts), 200):
        found += check(store, "\n\n".join(f"It says «{text}».\n" for text in texts[start : start + 200])).quotations
    assert len(found) == len(texts)
    return found


def row(name: str, found: list[CheckedQuotation], spans: list[Span] | None) -> str:
    """A line of the table; a difference counts as right if its place overlaps the sentence that was altered."""
    counts = Counter(each.status for each in found)
    right = sum(
        each.status == "different" and place.document.path == REPORT and place.start < end and start < place.end
        for each, (start, end) in zip(found, spans or [], strict=False)
        for place in each.places
    )
    shares = [count / len(found) for count in (counts["verbatim"], counts["different"], right, counts["not_found"])]
    return f"| {name} | {len(found)} | " + " | ".join(f"{share:.3f}" for share in shares) + " |"


def main() -> None:
    """Prints the table."""
    settings = load_settings({})
    encoder = load_encoder(settings.model, settings.cache)
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder, ParserPool() as parsers:
        ingest([ROOT / "corpus"], Path(folder), encoder, parsers)
        store = Library(Path(folder), encoder).store
        report = store.document(next(item.id for item in store.documents() if item.path == REPORT))
        spans = [span for passage in chunk(report) for span in passage.sentences]
        # Marks inside a sentence would end the quotation that it is put into.
        spans = [span for span in dict.fromkeys(spans) if not re.search(r"[«»]", report.text[span.start : span.end])]
        long = [span for span in spans if len(report.text[span.start : span.end].split()) >= 5]
        print("| quotations | number | verbatim | different | at the right place | not found |")
        print("|---|---|---|---|---|---|")
        print(row("unaltered", verdicts(store, [report.text[start:end] for start, end in spans]), None))
        for name, change in CHANGES.items():
            altered = [(span, change(report.text[span.start : span.end].split(), chance)) for span in long]
            kept = [(span, " ".join(words)) for span, words in altered if words]
            print(row(name, verdicts(store, [text for _, text in kept]), [span for span, _ in kept]))
        lines = [json.loads(line)["text"] for line in UNRELATED.read_text().splitlines()]
        others = [sentence for text in lines for sentence in re.split(r"(?<=[.!?])\s+", text)]
        others = [text for text in others if len(text.split()) >= 5 and not re.search(r"[«»]", text)]
        print(row("unrelated", verdicts(store, chance.sample(others, 1_000)), None))


if __name__ == "__main__":
    main()
