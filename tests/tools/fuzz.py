"""Broken files of every format against the readers, for a bounded time: python -m tests.tools.fuzz --seconds 120.

Sample files are damaged at random (bits, cuts, pieces of other files; in zip formats also inside their members) and
given to the pool as the service does. What must hold for each: an outcome with a reason or a document whose spans lie
within its text, within the time limit, and a pool that reads the next file. Exit status 1 if anything does not.
"""

import argparse
import io
import random
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from askreport.errors import ParseError
from askreport.parse import SUPPORTED, Parsed, ParseOptions, ParserPool, pack, unpack
from tests.conftest import CORPUS, SHARED
from tests.tools.parts import made_files

LIMIT = 5.0
# Starting a process and reading the answer, on a machine that is busy.
SLACK = 10.0
LARGEST = 400_000
NUMBERS = (b"\x00", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\x00\x00\x00", b"-1", b"99999999999")


def samples() -> list[tuple[str, bytes]]:
    """Files of every format: those made here, those of the corpus, and the shared samples where they are."""
    files = [path for folder in (CORPUS, SHARED / "documents") for path in sorted(folder.glob("*"))]
    found = [(path.suffix.lower(), path.read_bytes()) for path in files if path.suffix.lower() in SUPPORTED]
    return [(ending, data) for ending, data in [*made_files(), *found] if 0 < len(data) <= LARGEST]


def damaged(data: bytes, others: Sequence[tuple[str, bytes]], chance: random.Random) -> bytes:
    """The file with a few things wrong."""
    if zipfile.is_zipfile(io.BytesIO(data)) and chance.random() < 0.6:
        return damaged_zip(data, others, chance)
    result = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        damage(result, others, chance)
    return bytes(result)


def damage(result: bytearray, others: Sequence[tuple[str, bytes]], chance: random.Random) -> None:
    if not result:
        return
    at = chance.randrange(len(result))
    end = min(len(result), at + chance.choice((1, 4, 50, 2_000)))
    kind = chance.randrange(7)
    if kind == 0:
        result[at] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del result[at:end]
    elif kind == 2:
        del result[at:]
    elif kind == 3:
        result[at:at] = result[at:end] * chance.choice((1, 3, 50))
    elif kind == 4:
        result[at:end] = bytes(end - at)
    elif kind == 5:
        result[at:end] = chance.choice(NUMBERS)
    else:
        _, other = chance.choice(others)
        start = chance.randrange(len(other))
        result[at:at] = other[start : start + chance.choice((10, 500, 5_000))]


def damaged_zip(data: bytes, others: Sequence[tuple[str, bytes]], chance: random.Random) -> bytes:
    """The archive with a member damaged, left out, doubled or renamed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        members = [(name, old.read(name)) for name in old.namelist()]
        chosen = chance.randrange(len(members))
        for number, (name, content) in enumerate(members):
            kind = chance.randrange(8) if number == chosen else 0
            if kind == 1:
                continue
            if kind == 2:
                name = "../" * 3 + name
            new.writestr(name, damaged(content, others, chance) if kind > 2 else content)
    return stream.getvalue()


def check(pool: ParserPool, ending: str, data: bytes) -> tuple[str, float]:
    """The outcome and the seconds it took; AssertionError if it is none."""
    started = time.perf_counter()
    items = pool.parse(data, ending)
    seconds = time.perf_counter() - started
    assert seconds < LIMIT + SLACK, f"it took {seconds:.1f} seconds"
    assert items or ending == ".jsonl", "there is no outcome"
    for item in items:
        assert isinstance(item, Parsed) or (isinstance(item, ParseError) and item.message.strip())
    # Frames are checked when they are read: every span within the text, the text the one of its checksum.
    unpack(pack(items))
    statuses = {item.status if isinstance(item, ParseError) else "indexed" for item in items}
    crashed = any(isinstance(item, ParseError) and "crashed" in item.message for item in items)
    return "reader crashed" if crashed else "+".join(sorted(statuses)), seconds


def run(seconds: float, seed: int, failures: Path) -> int:
    """Prints what happened; the number of failures."""
    files = samples()
    counts: Counter[str] = Counter()
    slowest = (0.0, "")
    failed = 0
    deadline = time.monotonic() + seconds
    options = ParseOptions(ocr_languages="")
    with ParserPool(options, seconds=LIMIT, memory_mb=1_000) as pool, ThreadPoolExecutor(pool.workers) as threads:

        def one(number: int) -> tuple[int, str, bytes, str, float, str]:
            if time.monotonic() > deadline:
                return number, "", b"", "", 0.0, ""
            chance = random.Random(f"{seed} {number}")
            ending, data = chance.choice(files)
            # Now and then a file that is not what its name says.
            ending = ending if chance.random() < 0.95 else chance.choice(SUPPORTED)
            data = damaged(data, files, chance)
            try:
                outcome, took = check(pool, ending, data)
                return number, ending, data, outcome, took, ""
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure
                return number, ending, data, "failure", 0.0, repr(error)

        for start in range(0, 10**9, 100):
            for number, ending, data, outcome, took, error in threads.map(one, range(start, start + 100)):
                counts.update([outcome] if outcome else [])
                slowest = max(slowest, (took, f"{ending} number {number}"))
                if error:
                    failed += 1
                    failures.mkdir(parents=True, exist_ok=True)
                    (failures / f"{number}{ending}").write_bytes(data)
                    print(f"FAILED number {number}{ending}: {error}")
            if time.monotonic() > deadline:
                break
        (after,) = pool.parse(b"A good file.", ".txt")
        assert isinstance(after, Parsed)
    print(f"seed {seed}: {counts.total()} damaged files of {len(files)} samples in {seconds:.0f} s")
    for outcome, count in counts.most_common():
        print(f"  {count:6}  {outcome}")
    print(f"  slowest {slowest[0]:.1f} s ({slowest[1]}); {failed} failures")
    return failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--failures", type=Path, default=Path("build/fuzz"))
    arguments = parser.parse_args()
    sys.exit(1 if run(arguments.seconds, arguments.seed, arguments.failures) else 0)
