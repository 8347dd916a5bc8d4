"""How fast the readers read, and in how much memory: python benchmarks/parsing.py [FOLDER].

Every file of the folder (the real reports of the shared data) is read by one process and by one for each core, side by
side in one run; pages a second, and the most memory that one of the processes used.
"""

import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from askreport.parse import SUPPORTED, Parsed, ParserPool

REPORTS = Path(__file__).parents[2] / "shared" / "documents" / "reports"
ROUNDS = 3


def read_all(files: Sequence[tuple[str, bytes]], workers: int) -> tuple[int, int, float, float]:
    """Pages, characters, seconds, and the peak memory of a process in MB."""
    with ParserPool(workers=workers) as pool, ThreadPoolExecutor(workers) as threads:
        # Starting the processes is paid once in a run, not for each file.
        list(threads.map(lambda _: pool.parse(b"Words.", ".txt"), range(4 * workers)))
        started = time.perf_counter()
        found = list(threads.map(lambda file: pool.parse(file[1], file[0]), files))
        seconds = time.perf_counter() - started
        peak = max(peak_memory(process._child.pid) for process in pool._idle)
    documents = [item.document for items in found for item in items if isinstance(item, Parsed)]
    return sum(len(each.pages) for each in documents), sum(len(each.text) for each in documents), seconds, peak


def peak_memory(process: int) -> float:
    """The most memory a process had, in MB (Linux)."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def main(folder: Path) -> None:
    """Prints the table."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUPPORTED]
    files = [(path.suffix.lower(), path.read_bytes()) for path in paths]
    print(f"{len(files)} files, {sum(len(data) for _, data in files) / 1e6:.1f} MB, {folder}")
    print("| processes | pages | characters | seconds | pages/s | to one | peak MB of a process |")
    print("|---|---|---|---|---|---|---|")
    counts = sorted({1, os.cpu_count() or 1})
    best: dict[int, tuple[int, int, float, float]] = {}
    for _ in range(ROUNDS):
        for workers in counts:
            run = read_all(files, workers)
            best[workers] = min(best.get(workers, run), run, key=lambda result: result[2])
    for workers in counts:
        pages, characters, seconds, peak = best[workers]
        speed, ratio = pages / seconds, best[1][2] / seconds
        print(f"| {workers} | {pages} | {characters:,} | {seconds:.1f} | {speed:.0f} | {ratio:.2f} | {peak:.0f} |")
    print("\nthe largest files alone, one process:")
    for ending, data in sorted(files, key=lambda file: -len(file[1]))[:3]:
        pages, _, seconds, peak = read_all([(ending, data)], 1)
        print(f"  {len(data) / 1e6:.1f} MB, {pages} pages: {pages / seconds:.0f} pages/s, {peak:.0f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else REPORTS)
