"""Where the time goes of questions, of a command and of indexing: python -m benchmarks.profile (``make profile``).

    python -m benchmarks.profile [--only questions command index] [--index FOLDER] [--out FOLDER]

Each runs under py-spy, which looks at all its threads and processes a few hundred times a second. Printed is a table of
the functions of askreport in whose calls most samples fell, with what they were calling; FOLDER gets a flame graph of
each. Whatever libraries do counts for the function that called them. Without ``--index`` the documents that ship are
asked. On macOS py-spy needs root's rights.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from askreport.answering.library import Library
from askreport.config import load_settings

ROOT = Path(__file__).parents[1]
RATE = 400
SHOWN = 14
# Plain questions, of which several are answered by the documents that ship; each is asked once.
QUESTIONS = tuple(
    f"{asked} {subject}?"
    for subject in ("the SVR", "the FSB", "the GRU", "Russia", "China", "Unit 54777", "the treaty", "gas exports")
    for asked in ("What is", "Who leads", "When was", "How many people work for", "What is said about", "Who founded")
)
# Frames of the interpreter's import of a module.
IMPORTING = "<frozen importlib"


def ask_all() -> None:
    """Asks all questions, of the index that the environment names."""
    library = Library.open(load_settings(os.environ))
    for question in QUESTIONS:
        library.ask(question)


def stacks(raw: Path) -> Iterator[tuple[list[str], int]]:
    """Calls from the outermost to the innermost, with how many samples saw them."""
    for line in raw.read_text().splitlines():
        frames, _, count = line.rpartition(" ")
        yield frames.split(";"), int(count)


def table(raw: Path) -> list[tuple[str, int]]:
    """Samples by the innermost function of askreport and what it called; loading of modules is one row."""
    found: Counter[str] = Counter()
    for frames, count in stacks(raw):
        found[place_of(frames)] += count
    return found.most_common()


def place_of(frames: Sequence[str]) -> str:
    """What a sample counts for."""
    if any(IMPORTING in frame for frame in frames):
        return "(loading modules)"
    own = [number for number, frame in enumerate(frames) if "askreport/" in frame]
    if not own:
        return "(outside)"
    last = own[-1]
    called = f" -> {frames[last + 1].split(' (')[0]}" if last + 1 < len(frames) else ""
    return frames[last] + called


def profile(name: str, command: Sequence[str], environment: dict[str, str], out: Path) -> None:
    """Runs a command twice, for its table and for its flame graph."""
    raw, graph = out / f"{name}.txt", out / f"{name}.svg"
    for file, kind in ((raw, "raw"), (graph, "flamegraph")):
        spy = (
            "py-spy",
            "record",
            "--subprocesses",
            "--nolineno",
            f"--rate={RATE}",
            f"--format={kind}",
            "-o",
            str(file),
        )
        subprocess.run(
            [Path(sys.executable).with_name(spy[0]), *spy[1:], "--", sys.executable, *command],
            env=os.environ | environment,
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
    rows = table(raw)
    total = sum(count for _, count in rows) or 1
    print(f"\n{name}: {total / RATE:.2f} s in all threads; {graph}")
    for place, count in rows[:SHOWN]:
        print(f"  {count / total:6.1%}  {place}")


def main() -> None:
    """Profiles what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=("questions", "command", "index"))
    parser.add_argument("--index", type=Path, help="the library that is asked")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "profile")
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        ask_all()
        return
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        environment = {"ASKREPORT_INDEX": str(options.index or Path(folder) / "index")}
        fresh = {"ASKREPORT_INDEX": str(Path(folder) / "fresh")}
        if not options.index:
            subprocess.run(
                [sys.executable, "-m", "askreport", "index"],
                env=os.environ | environment,
                check=True,
                capture_output=True,
                cwd=ROOT,
            )
        for name, command, settings in (
            ("questions", ["-m", "benchmarks.profile", "--ask"], environment),
            ("command", ["-m", "askreport", "ask", "does the SVR spy on China?"], environment),
            ("index", ["-m", "askreport", "index"], fresh),
        ):
            if not options.only or name in options.only:
                profile(name, command, settings, options.out)


if __name__ == "__main__":
    main()
