"""The speed of a stage and the time it still takes, by a clock that the tests turn."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from askreport.progress import BEAT, MIN_SPAN, PERIOD, Pace, awaited, made_of


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock)


def go(pace: Pace, clock: Clock, *steps: tuple[float, int], total: int = 1000, stage: str = "embedding") -> None:
    """Reports ``done`` after so many seconds, for each step."""
    for seconds, done in steps:
        clock.now += seconds
        pace.update(stage, done, total)


def test_nothing_is_known_before_the_first_report(pace: Pace) -> None:
    assert (pace.rate, pace.seconds_left) == (None, None)


def test_a_steady_stage_is_measured_and_foreseen(pace: Pace, clock: Clock) -> None:
    go(pace, clock, (0, 0), *[(1, done) for done in range(50, 501, 50)])
    assert (pace.rate, pace.seconds_left) == (50, 10)


def test_nothing_is_said_too_early_nor_before_anything_is_done(pace: Pace, clock: Clock) -> None:
    go(pace, clock, (0, 0), (MIN_SPAN / 2, 400))
    assert pace.seconds_left is None
    go(pace, clock, (0, 0), (60, 0))
    assert pace.seconds_left is None
    go(pace, clock, (60, 1))
    assert pace.seconds_left


def test_the_last_half_minute_counts(pace: Pace, clock: Clock) -> None:
    go(pace, clock, (0, 0), (1, 500), *[(1, 500 + second) for second in range(1, int(PERIOD) + 2)])
    assert (pace.rate, pace.seconds_left) == (1, 469)


def test_reports_that_come_seldom_are_enough(pace: Pace, clock: Clock) -> None:
    go(pace, clock, (0, 0), (100, 100), (100, 300))
    assert (pace.rate, pace.seconds_left) == (2, 350)


def test_reports_that_come_often_are_not_all_remembered(pace: Pace, clock: Clock) -> None:
    go(pace, clock, *[(0.001, done) for done in range(100_000)], total=200_000)
    assert pace.rate == pytest.approx(1000)
    assert len(pace._seen) < 200


def test_nothing_is_left_of_a_stage_that_is_done(pace: Pace, clock: Clock) -> None:
    go(pace, clock, (0, 0), (10, 1000))
    assert (pace.rate, pace.seconds_left) == (100, None)


def test_the_time_left_grows_less_between_reports(pace: Pace, clock: Clock) -> None:
    go(pace, clock, (0, 0), (10, 500))
    clock.now += 4
    assert (pace.rate, pace.seconds_left) == (50, 6)
    clock.now += 400
    assert pace.seconds_left == 0


def test_another_stage_begins_anew(pace: Pace, clock: Clock) -> None:
    go(pace, clock, (0, 0), (10, 1000))
    go(pace, clock, (0, 0), (0.1, 1), stage="writing")
    assert pace.rate is None
    go(pace, clock, (10, 11), stage="writing")
    assert pace.rate == pytest.approx(11 / 10.1)


def test_a_stage_that_comes_again_begins_anew(pace: Pace, clock: Clock) -> None:
    go(pace, clock, (0, 0), (10, 1000), (0, 0), (10, 10))
    assert pace.rate == 1


def test_what_threads_make_comes_in_order_and_what_takes_long_is_told_of() -> None:
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1

    def work(item: int) -> int:
        time.sleep(3 * BEAT if item == 0 else 0)
        return 10 * item

    with ThreadPoolExecutor(2) as threads:
        assert list(made_of(threads, work, range(4), beat)) == [0, 10, 20, 30]
    assert beats


def test_what_a_beat_raises_ends_the_waiting_and_what_work_raises_is_raised() -> None:
    ended = threading.Event()

    def stop() -> None:
        raise KeyError

    with ThreadPoolExecutor(1) as threads:
        with pytest.raises(KeyError):
            awaited(threads.submit(ended.wait, 30), stop)
        ended.set()
        with pytest.raises(TimeoutError):
            awaited(threads.submit(_out_of_time), stop)


def _out_of_time() -> None:
    raise TimeoutError
