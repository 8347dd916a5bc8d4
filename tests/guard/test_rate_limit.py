"""The bucket of tokens: never more than the rate allows, and a key that waits as told gets its turn."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from askreport.guard.rate_limit import Buckets


def test_a_full_bucket_then_as_many_as_flow_in() -> None:
    now = [0.0]
    buckets = Buckets(60, lambda: now[0])
    assert [buckets.take("a") for _ in range(61)] == [0] * 60 + [1]
    now[0] = 2.0
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]


def test_each_key_has_its_own() -> None:
    buckets = Buckets(1, lambda: 0.0)
    assert [buckets.take(name) for name in "aabb"] == [0, 60, 0, 60]


def test_a_rate_of_0_is_any_number() -> None:
    buckets = Buckets(0, lambda: 0.0)
    assert not any(buckets.take("a") for _ in range(10_000))


@given(st.integers(1, 100), st.lists(st.floats(0, 30), max_size=300))
def test_whoever_asks_whenever_gets_no_more_than_the_rate(rate: int, pauses: list[float]) -> None:
    times = list(itertools.accumulate(pauses))
    now = [0.0]
    buckets = Buckets(rate, lambda: now[0])
    taken = []
    for now[0] in times:
        if not buckets.take("a"):
            taken.append(now[0])
    for first, last in itertools.combinations_with_replacement(range(len(taken)), 2):
        assert last - first + 1 <= rate + (taken[last] - taken[first]) * rate / 60 + 1e-6


@given(st.integers(1, 10_000))
def test_who_waits_as_told_is_let_in(rate: int) -> None:
    now = [0.0]
    buckets = Buckets(rate, lambda: now[0])
    while not (seconds := buckets.take("a")):
        pass
    assert 1 <= seconds <= 60
    now[0] += seconds
    assert buckets.take("a") == 0
