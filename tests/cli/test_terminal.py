"""What is printed is harmless, and the progress bar says what is done, how fast, and how long the rest takes."""

import os
import pty
import re
import subprocess
import sys

import pytest

from askreport.cli.terminal import figures, harmless, safe
from askreport.progress import Pace
from tests.test_progress import Clock
from tests.tools.parts import ROOT

REPORTS = """
import time
from askreport.cli.terminal import progress_bar
with progress_bar() as report:
    for done in range(6):
        report("reading", done * 20_000, 100_000)
        time.sleep(0.25)
    for done in range(6):
        report("embedding", done * 10_000, 100_000)
        time.sleep(0.25)
    report("writing", 0, 1)
    time.sleep(0.25)
"""


STATUS = """
import time
from askreport.cli.terminal import working
with working("Writing /a/very/long/path/of/a/file/that/fits/no/narrow/terminal/library.backup"):
    time.sleep(0.5)
"""


def raw(columns: int, program: str) -> str:
    """What a program writes to a terminal so wide."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "TERM": "xterm-256color"}
    process = subprocess.Popen([sys.executable, "-c", program], stderr=theirs, cwd=ROOT, env=environment)
    os.close(theirs)
    data = b""
    # At the end of the other side reading fails on Linux and gives nothing elsewhere.
    while process.poll() is None or data[-1:]:
        try:
            part = os.read(ours, 10_000)
        except OSError:
            break
        if not part:
            break
        data += part
    os.close(ours)
    assert process.wait(30) == 0
    return data.decode()


def printed(columns: int, program: str = REPORTS) -> list[str]:
    """The lines of it, without colours and movements of the cursor."""
    return re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", raw(columns, program)))


@pytest.mark.parametrize("columns", [80, 200])
def test_the_bars_of_a_terminal_say_how_fast_and_how_long(columns: int) -> None:
    lines = printed(columns)
    assert max(map(len, lines)) <= columns
    assert any(re.fullmatch(r"reading +\S+ \d0,000 of 100,000 files  \S+/s  0:00:\d\d left *", line) for line in lines)
    assert any(re.fullmatch(r"embedding +\S+ +40%  \S+ characters/s  0:00:\d\d left *", line) for line in lines)
    assert any(re.fullmatch(r"writing +\S+ *", line) for line in lines)


@pytest.mark.parametrize("columns", [20, 40, 60])
def test_a_line_that_is_taken_back_never_wraps(columns: int) -> None:
    assert all(line.startswith(("rea", "emb", "wri")) for line in printed(columns) if line.strip())
    # Each line that is taken back is a movement of the cursor; there is one.
    assert "\x1b[1A\x1b[2K\x1b[1A" not in raw(columns, STATUS)
    assert max(map(len, printed(columns, STATUS))) <= columns


@pytest.mark.parametrize(
    ("stage", "seconds", "done", "total", "expected"),
    [
        ("embedding", 10, 123_000, 286_000, " 43%  12,300 characters/s  0:00:13 left"),
        ("embedding", 0.1, 123_000, 286_000, " 43%"),
        ("embedding", 10, 286_000, 286_000, "100%  28,600 characters/s"),
        ("embedding", 1000, 1_000_000, 100_000_000, "  1%  1,000 characters/s  1 day, 3:30:00 left"),
        ("reading", 10, 20, 4_000, "20 of 4,000 files  2.0/s  0:33:10 left"),
        ("checking", 10, 1, 1, "1 of 1 files  0.1/s"),
        ("writing", 10, 1, 1, ""),
        ("reading", 10, 0, 0, ""),
    ],
)
def test_figures_have_units_that_a_reader_understands(
    stage: str, seconds: float, done: int, total: int, expected: str
) -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.update(stage, 0, total)
    clock.now += seconds
    pace.update(stage, done, total)
    assert figures(stage, done, total, pace) == expected


def test_what_is_printed_neither_steers_the_terminal_nor_is_markup() -> None:
    assert harmless("a\x1b[31mb\tc\n") == "a\ufffd[31mb\tc\n"
    assert safe("[bold]a") == r"\[bold]a"
