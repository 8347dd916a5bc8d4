"""How soon a folder can be asked that is being indexed: the first answer, and the whole.

``python -m benchmarks.early FOLDER… [--documents N] [--each N]``: the folders are public data sets. Their texts, so
many in each file, are written as Markdown files; ``askreport index`` indexes them in another process, and this one asks
questions of the first data set meanwhile, in turn, as a service would.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.errors import AskReportError
from askreport.types import Answer

# Seconds between two questions.
PAUSE = 0.2
# Questions that are asked in turn.
ASKED = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the files whose texts answer it."""

    text: str
    files: frozenset[str]


@dataclass(slots=True)
class Seen:
    """What was answered until the index was whole, in seconds from its beginning."""

    first_right: float = 0.0
    first_answered: float = 0.0
    shares: list[tuple[float, float, int]] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    def note(self, answer: Answer, question: Question, at: float) -> None:
        """Takes an answer that came at this moment."""
        # What was asked before of the same generation is given as it was.
        self.took += [answer.took_ms] if answer.took_ms > 1 else []
        state = (answer.index.embedded, answer.reach.of)
        if not self.shares or self.shares[-1][1:] != state:
            self.shares.append((at, *state))
        if answer.quotes and answer.quotes[0].document.path in question.files:
            self.first_right = self.first_right or at
            if answer.status == "answered":
                self.first_answered = self.first_answered or at


def write(folders: Sequence[Path], corpus: Path, documents: int, each: int) -> dict[str, str]:
    """The texts as files; the file of each text of the first data set, by its id."""
    rows = [
        (at, json.loads(line))
        for at, folder in enumerate(folders)
        for line in (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    file_of: dict[str, str] = {}
    corpus.mkdir()
    for n in range(documents):
        part = rows[n * each : (n + 1) * each]
        text = "\n\n".join(f"# {row['title']}\n\n{row['text']}" for _, row in part)
        (corpus / f"{n:05}.md").write_text(f"{text}\n", encoding="utf-8")
        file_of |= {row["_id"]: f"{n:05}.md" for at, row in part if at == 0}
    return file_of


def questions(folder: Path, file_of: dict[str, str]) -> Iterator[Question]:
    """Those of the data set that a file answers."""
    answering: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, text, _ = line.split("\t")
        answering.setdefault(query, set()).update(file_of[text] for _ in [0] if text in file_of)
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if files := answering.get(row["_id"]):
            yield Question(row["text"], frozenset(files))


def ask_meanwhile(process: "subprocess.Popen[bytes]", library: Library, asked: Sequence[Question]) -> Seen:
    """Asks the questions in turn until the process has ended."""
    started, seen = time.perf_counter(), Seen()
    for question in cycle(asked):
        if process.poll() is not None:
            return seen
        with suppress(AskReportError):
            answer = library.ask(question.text)
            seen.note(answer, question, time.perf_counter() - started)
        time.sleep(PAUSE)
    return seen


def main() -> None:
    """Prints when the first question was answered, when all was embedded, and what was told meanwhile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--each", type=int, default=1, help="texts in each file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        corpus, index = Path(name) / "corpus", Path(name) / "index"
        file_of = write(options.folders, corpus, options.documents, options.each)
        asked = list(islice(questions(options.folders[0], file_of), ASKED))
        library = Library.open(Settings(corpus=corpus, index=index))
        library.encoder.encode_question("Is it warm?")
        started = time.perf_counter()
        command = [sys.executable, "-m", "askreport", "index", "--corpus", str(corpus), "--index", str(index)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            seen = ask_meanwhile(process, library, asked)
        whole = time.perf_counter() - started
        counts = library.store.manifest.counts
    for at, share, documents in seen.shares:
        print(f"{at:7.1f} s  {documents:6,} documents, {share:.0%} embedded")
    print(f"{counts.documents:,} documents, {counts.passages:,} passages: all after {whole:.1f} s")
    print(f"first right quote {seen.first_right:.1f} s ({seen.first_right / whole:.3f} of the whole)")
    print(f"first answered    {seen.first_answered:.1f} s ({seen.first_answered / whole:.3f})")
    print(f"a question meanwhile: {sorted(seen.took)[len(seen.took) // 2]:.0f} ms in the middle of {len(seen.took)}")


if __name__ == "__main__":
    main()
