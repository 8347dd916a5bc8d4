"""Sessions: signed, over after twelve hours, and over with the key that opened them."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.guard.keys import KeyFile, KeyRing
from askreport.guard.sessions import SESSION_SECONDS, open_session, session_key


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    made = KeyFile(tmp_path / "keys.json")
    made.add("one", "read")
    made.add("two", "write")
    return made


def opened(file: KeyFile, name: str) -> str:
    ring = file.current()
    key = ring.named(name)
    assert key
    return open_session(ring, key)


def test_a_session_is_of_the_key_that_opened_it_in_every_process(file: KeyFile) -> None:
    assert session_key(KeyFile(file.path).current(), opened(file, "two")) == file.current().named("two")


def test_a_session_ends_with_its_key_also_if_the_name_is_used_again(file: KeyFile) -> None:
    cookie = opened(file, "one")
    file.remove("one")
    assert session_key(file.current(), cookie) is None
    file.add("one", "write")
    assert session_key(file.current(), cookie) is None


def test_a_session_is_over_after_twelve_hours(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    ring, cookie = file.current(), opened(file, "one")
    start = time.time()
    monkeypatch.setattr("time.time", lambda: start + SESSION_SECONDS - 5)
    assert session_key(ring, cookie)
    monkeypatch.setattr("time.time", lambda: start + SESSION_SECONDS + 5)
    assert session_key(ring, cookie) is None


def test_a_clock_that_is_set_back_ends_no_session(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    ring, cookie = file.current(), opened(file, "one")
    start = time.time()
    for minutes in (1, 10, 60):
        monkeypatch.setattr("time.time", lambda minutes=minutes: start - 60 * minutes)
        assert session_key(ring, cookie)
    # One of next year was not opened by this clock.
    monkeypatch.setattr("time.time", lambda: start - SESSION_SECONDS - 5)
    assert session_key(ring, cookie) is None


def test_a_session_of_another_service_is_none(file: KeyFile) -> None:
    other = KeyRing(keys=file.current().keys)
    assert session_key(other, opened(file, "one")) is None


def test_no_changed_cookie_is_a_session(file: KeyFile) -> None:
    cookie = opened(file, "one")
    for place in range(len(cookie)):
        changed = "A" if cookie[place] != "A" else "B"
        forged = cookie[:place] + changed + cookie[place + 1 :]
        # The last character of base64 has bits that mean nothing.
        if place < len(cookie) - 1:
            assert session_key(file.current(), forged) is None


@given(st.text())
def test_no_other_text_is_a_session(text: str) -> None:
    assert session_key(KeyRing(), text) is None
