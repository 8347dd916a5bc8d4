"""The commands for keys, as a whole process where the streams are the point, otherwise by typer's runner."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from askreport.cli.keys import keys_app
from askreport.errors import KeyFileError
from askreport.guard.keys import KeyFile


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


def run(file: KeyFile, *arguments: str) -> Result:
    return CliRunner().invoke(keys_app, arguments, env={"ASKREPORT_KEYS": str(file.path), "COLUMNS": "200"})


def test_a_key_is_printed_alone_and_works(file: KeyFile) -> None:
    done = run(file, "add", "laptop", "--role", "write")
    assert done.exit_code == 0
    key = file.current().find(done.stdout.strip())
    assert key
    assert (key.name, key.role) == ("laptop", "write")
    assert "only now" in done.stderr


def test_a_key_may_only_read_unless_it_is_told_otherwise(file: KeyFile) -> None:
    made = json.loads(run(file, "add", "laptop", "--json").stdout)
    assert (made["name"], made["role"]) == ("laptop", "read")
    assert file.current().find(made["key"])
    assert run(file, "add", "other", "--role", "admin").exit_code == 2


def test_the_list_has_names_and_roles_and_no_secret(file: KeyFile) -> None:
    assert "There are no keys" in run(file, "list").stdout
    key = run(file, "add", "laptop").stdout.strip()
    shown = run(file, "list").stdout
    assert "laptop" in shown
    listed = json.loads(run(file, "list", "--json").stdout)
    assert [each.keys() for each in listed] == [{"name", "role", "created"}]
    for secret in (key, file.current().secret, file.current().keys[0].sha256):
        assert secret not in shown + json.dumps(listed)


def test_a_removed_key_is_none(file: KeyFile) -> None:
    key = run(file, "add", "laptop").stdout.strip()
    assert run(file, "remove", "laptop").exit_code == 0
    assert file.current().find(key) is None


def test_errors_are_the_projects(file: KeyFile) -> None:
    assert isinstance(run(file, "remove", "none").exception, KeyFileError)
    assert isinstance(run(file, "add", "a b").exception, KeyFileError)
