"""How long the documentation's sentences are: python -m benchmarks.readability [FILE...].

Printed are the sentences of each file, and their median and 90th percentile of words. Only prose counts: no code
blocks, tables, headings or pictures. An item of a list is a sentence or more; a link counts as its text, and code
within a sentence as one word.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[1]
MEDIAN_WORDS = 16
LONG_WORDS = 28
_FENCED = re.compile(r"^ *```.*?^ *```", re.M | re.S)
_NOT_PROSE = re.compile(r"^ *(?:#|\||!\[).*$", re.M)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_CODE = re.compile(r"`[^`\n]+`")
# Where a paragraph or an item of a list begins.
_BLOCK = re.compile(r"\n\s*\n|\n(?= *(?:[-*]|\d+\.) )")
_MARKER = re.compile(r"^\s*(?:[-*]|\d+\.) ")
_END = re.compile(r"(?<=[.!?])[*”\")]*\s+")
_WORD = re.compile(r"[^\W_]")


def main(names: Sequence[str]) -> int:
    """Prints the table; 1 if a sentence's length is beyond what the project allows itself, in a file or overall."""
    files = [Path(name) for name in names] or documentation()
    lengths = {file.name if names else file.relative_to(ROOT).as_posix(): words_of(file.read_text()) for file in files}
    lengths["overall"] = [length for each in list(lengths.values()) for length in each]
    print(f"{'file':28} sentences  median  90th percentile")
    is_readable = True
    for name, found in lengths.items():
        middle, long = figures(found)
        is_readable &= middle <= MEDIAN_WORDS and long <= LONG_WORDS
        print(f"{name:28} {len(found):9}  {middle:6g}  {long:15g}")
    return 0 if is_readable else 1


def documentation() -> list[Path]:
    """The files that people read: the README, the architecture, how to contribute, and docs/."""
    top = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]
    return [file for file in top if file.exists()] + sorted((ROOT / "docs").rglob("*.md"))


def figures(lengths: Sequence[int]) -> tuple[float, float]:
    """The median and the 90th percentile."""
    if len(lengths) < 2:
        return (float(lengths[0]),) * 2 if lengths else (0.0, 0.0)
    return median(lengths), round(quantiles(lengths, n=10, method="inclusive")[-1], 1)


def words_of(text: str) -> list[int]:
    """How many words each sentence of a Markdown text has."""
    return [count for sentence in sentences(text) if (count := sum(map(bool, map(_WORD.search, sentence.split()))))]


def sentences(text: str) -> Iterator[str]:
    """The sentences of a Markdown text's prose."""
    text = _NOT_PROSE.sub("", _FENCED.sub("\n", text))
    text = _CODE.sub("code", _LINK.sub(r"\1", text))
    for block in _BLOCK.split(text):
        yield from _END.split(_MARKER.sub("", block).strip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
