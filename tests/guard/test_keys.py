"""Keys: shown once, kept as checksums, in a file that is replaced whole and read again when it has changed."""

import hashlib
import json
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.errors import KeyFileError
from askreport.guard.keys import PREFIX, KeyFile, KeyRing


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


def test_a_key_is_found_by_itself_only(file: KeyFile) -> None:
    one, two = file.add("one", "read"), file.add("two", "write")
    ring = file.current()
    assert [(key.name, key.role) for key in map(ring.find, (one, two)) if key] == [("one", "read"), ("two", "write")]
    for other in ("", PREFIX, one[:-1], one + " ", one.upper(), "one", hashlib.sha256(one.encode()).hexdigest()):
        assert ring.find(other) is None


@given(st.text())
def test_no_other_text_is_a_key(text: str) -> None:
    ring = KeyRing.model_validate(
        {"keys": [{"name": "a", "role": "read", "created": "2026", "sha256": hashlib.sha256(b"ask_x").hexdigest()}]}
    )
    assert ring.find("ask_x")
    assert (ring.find(text) is None) == (text != "ask_x")


def test_a_key_is_long_and_random_and_not_in_the_file(file: KeyFile) -> None:
    made = [file.add(f"key-{n}", "read") for n in range(5)]
    assert len(set(made)) == 5
    for key in made:
        assert key.startswith(PREFIX)
        # 32 bytes in base64.
        assert len(key) == len(PREFIX) + 43
        assert key.removeprefix(PREFIX) not in file.path.read_text()


def test_only_the_owner_may_read_the_file(file: KeyFile) -> None:
    file.add("one", "read")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    file.path.chmod(0o644)
    file.add("two", "read")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert sorted(path.name for path in file.path.parent.iterdir()) == ["keys.json", "keys.json.lock"]


def test_a_change_by_another_process_is_seen(file: KeyFile) -> None:
    reader = KeyFile(file.path)
    assert reader.current().keys == ()
    key = file.add("one", "read")
    assert reader.current().find(key)
    file.remove("one")
    assert reader.current().find(key) is None


def test_an_unchanged_file_is_not_read_again(file: KeyFile) -> None:
    file.add("one", "read")
    assert file.current() is file.current()


def test_sessions_stay_while_keys_come_and_go(file: KeyFile) -> None:
    file.add("one", "read")
    secret = file.current().secret
    file.add("two", "read")
    file.remove("one")
    assert file.current().secret == secret
    assert secret not in repr(file.current())


def test_a_name_is_taken_once_and_is_free_again(file: KeyFile) -> None:
    file.add("one", "read")
    with pytest.raises(KeyFileError, match="there is a key named one"):
        file.add("one", "write")
    file.remove("one")
    file.add("one", "write")
    with pytest.raises(KeyFileError, match="there is no key named two"):
        file.remove("two")


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", "../a", "a/b", "ä", "a\n", "a" * 65])
def test_a_name_is_a_word(file: KeyFile, name: str) -> None:
    with pytest.raises(KeyFileError, match="cannot be the name"):
        file.add(name, "read")
    assert not file.path.exists()


def damaged(file: KeyFile) -> list[bytes]:
    file.add("one", "read")
    good = json.loads(file.path.read_text())
    return [
        b"",
        b"{",
        b"[]",
        b"null",
        file.path.read_bytes()[:-3],
        json.dumps(good | {"secret": ""}).encode(),
        json.dumps(good | {"more": 1}).encode(),
        json.dumps(good | {"keys": good["keys"] * 2}).encode(),
        json.dumps(good | {"keys": [good["keys"][0] | {"sha256": ""}]}).encode(),
        json.dumps(good | {"keys": [good["keys"][0] | {"role": "admin"}]}).encode(),
    ]


def test_a_damaged_file_is_an_error_and_never_no_keys(file: KeyFile) -> None:
    for content in damaged(file):
        file.path.write_bytes(content)
        for change in (file.current, lambda: file.add("two", "read"), lambda: file.remove("one")):
            with pytest.raises(KeyFileError, match="is damaged") as caught:
                change()
            assert "ASKREPORT_KEYS" in str(caught.value.hint)
        assert file.path.read_bytes() == content


def test_a_file_that_cannot_be_read_or_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(KeyFileError, match="cannot be read"):
        KeyFile(tmp_path / "folder").current()
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match="cannot be written"):
        KeyFile(tmp_path / "file" / "keys.json").add("one", "read")


def test_keys_made_at_once_are_all_kept(file: KeyFile) -> None:
    names = {f"key-{n}" for n in range(12)}
    threads = [threading.Thread(target=KeyFile(file.path).add, args=(name, "read")) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.name for key in file.current().keys} == names
