"""What was asked for lately is given again; of the rest nothing is kept."""

from hypothesis import given
from hypothesis import strategies as st

from askreport.store import Recent


@given(st.integers(1, 5), st.lists(st.integers(0, 8)))
def test_the_last_ones_are_kept_and_the_others_made_anew(size: int, keys: list[int]) -> None:
    recent: Recent[int, str] = Recent(size)
    kept: list[int] = []
    for key in keys:
        made: list[int] = []
        assert recent.get(key, lambda key=key, made=made: f"{key}{made.append(key) or ''}") == str(key)  # type: ignore[misc]
        assert bool(made) is (key not in kept)
        kept = [*(each for each in kept if each != key), key][-size:]
