"""Where time goes is told by askreport's own functions: what libraries do counts for who called them."""

from pathlib import Path

from benchmarks.profile import place_of, table

MAIN = "<module> (askreport/__main__.py)"
ASK = "ask (askreport/answering/library.py)"
RUN = "run (onnxruntime/capi/session.py)"


def test_what_a_library_does_counts_for_who_called_it() -> None:
    assert place_of([MAIN, ASK, RUN, "inner (onnxruntime/capi/session.py)"]) == f"{ASK} -> run"
    assert place_of([MAIN, ASK]) == ASK


def test_modules_that_are_loaded_are_one_place_and_what_is_no_ones_another() -> None:
    assert place_of([MAIN, "_find_and_load (<frozen importlib._bootstrap>)", ASK]) == "(loading modules)"
    assert place_of(["wait (threading.py)"]) == "(outside)"


def test_samples_are_added_up_and_the_largest_come_first(tmp_path: Path) -> None:
    raw = tmp_path / "raw.txt"
    raw.write_text(f"{MAIN};{ASK} 2\n{MAIN};{ASK};{RUN} 7\n{MAIN};{ASK} 3\n")
    assert table(raw) == [(f"{ASK} -> run", 7), (ASK, 5)]
