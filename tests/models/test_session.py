"""Tests of running graphs."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from askreport.models.session import available_cores

# So many threads take memory, all at one time; then the heaps are counted, of which glibc writes a list.
THREADS = 24
PROGRAM = f"""
import ctypes, threading
from askreport.models.session import share_heaps
share_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
meeting = threading.Barrier({THREADS})
def take():
    meeting.wait()
    libc.malloc(100)
    meeting.wait()
threads = [threading.Thread(target=take) for _ in range({THREADS})]
for each in threads: each.start()
for each in threads: each.join()
libc.fopen.restype = ctypes.c_void_p
written = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, written)
libc.fflush(written)
"""


def heaps(**environment: str) -> int:
    """How many heaps the threads of a process come to."""
    inherited = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=inherited | environment)
    return len(re.findall("<heap nr=", done.stdout))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives threads heaps of their own")
def test_threads_share_as_many_heaps_as_there_are_cores() -> None:
    assert heaps() == max(2, available_cores())
    assert heaps(MALLOC_ARENA_MAX="3") == 3


@pytest.mark.parametrize(
    ("quota", "most"),
    [
        ("max 100000", None),
        ("50000 100000", 1),
        ("100000 100000", 1),
        ("100000000 100000", None),
        ("", None),
        ("x", None),
    ],
)
def test_a_containers_share_of_time_limits_the_cores(tmp_path: Path, quota: str, most: int | None) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert available_cores(tmp_path / "cpu.max") == (most or available_cores(tmp_path / "none"))


def test_there_are_no_more_cores_than_the_process_is_bound_to(tmp_path: Path) -> None:
    assert 1 <= available_cores(tmp_path / "none") <= (os.cpu_count() or 1)
