"""A client's request knows what it has seen, and no other one's."""

import threading
from contextvars import copy_context

from askreport import freshness


def test_outside_a_request_anything_will_do() -> None:
    freshness.note(7)
    assert freshness.wanted() == 0


def test_the_newest_is_wanted_also_by_threads_that_work_for_the_request() -> None:
    with freshness.seeing(3) as seen:
        assert freshness.wanted() == 3
        thread = threading.Thread(target=copy_context().run, args=(freshness.note, 8))
        thread.start()
        thread.join()
        freshness.note(5)
        assert (freshness.wanted(), seen.generation) == (8, 8)
    assert freshness.wanted() == 0


def test_what_nobody_can_have_seen_is_cut() -> None:
    freshness.cut(1)
    with freshness.seeing(9):
        freshness.cut(20)
        assert freshness.wanted() == 9
        freshness.cut(4)
        assert freshness.wanted() == 4
