"""Notebooks are kept alike in a folder and in a database, go where the library goes, and survive SIGKILL."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askreport.errors import ForbiddenError, NotebookNotFoundError, QuestionError
from askreport.store import notebooks as module
from askreport.store.desk import Desk, carry
from askreport.store.folder.desk import DeskFile
from askreport.store.notebooks import (
    add_item,
    change_note,
    change_notebook,
    create_notebook,
    delete_notebook,
    list_notebooks,
    move_item,
    open_notebook,
    remove_item,
)
from askreport.store.postgres.backend import PostgresBackend

# Writes notes to a notebook until it is killed, and prints each once it is told that it was kept.
WRITER = """
import sys
from pathlib import Path
from askreport.store.folder.desk import DeskFile
from askreport.store.notebooks import add_item
desk, notebook, n = DeskFile(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
while True:
    add_item(desk, notebook, "anna", kind="comparison", content={"n": n, "text": "word " * 400})
    print(n, flush=True)
    n += 1
"""


@pytest.fixture(params=["folder", "database"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "folder":
        yield DeskFile(tmp_path / "index")
        return
    with closing(PostgresBackend(request.getfixturevalue("database"))) as backend:
        yield backend.desk


def kept(desk: Desk, identity: str, reader: str | None = "anna") -> list[dict[str, object]]:
    return [item.content for item in open_notebook(desk, identity, reader)[1]]


def test_items_are_kept_in_their_order_with_their_notes(desk: Desk) -> None:
    notebook = create_notebook(desk, "anna", "  My   trip ")
    assert (notebook.name, notebook.items, notebook.shared) == ("My trip", 0, False)
    for n in range(3):
        add_item(desk, notebook.id, "anna", kind="quote", content={"n": n, "ü": "\0"[:0]}, note=f"Note {n}")
    found, items = open_notebook(desk, notebook.id, "anna")
    assert (found.items, [item.content["n"] for item in items]) == (3, [0, 1, 2])
    change_note(desk, notebook.id, items[1].id, "anna", "Other")
    remove_item(desk, notebook.id, items[0].id, "anna")
    assert [item.note for item in open_notebook(desk, notebook.id, "anna")[1]] == ["Other", "Note 2"]
    other = create_notebook(desk, "anna", "Other")
    move_item(desk, notebook.id, items[1].id, "anna", other.id)
    assert (kept(desk, notebook.id), kept(desk, other.id)) == ([items[2].content], [items[1].content])
    assert delete_notebook(desk, other.id, "anna").items == 1
    with pytest.raises(NotebookNotFoundError):
        open_notebook(desk, other.id, "anna")
    with desk.reading() as execute:
        assert execute("SELECT count(*) FROM notebook_items") == [(1,)]


def test_each_owner_has_his_own_and_may_let_others_read(desk: Desk) -> None:
    mine = create_notebook(desk, "anna", "Mine")
    item = add_item(desk, mine.id, "anna", kind="quote", content={})
    create_notebook(desk, "bert", "His")
    assert [each.name for each in list_notebooks(desk, "anna")] == ["Mine"]
    assert {each.name for each in list_notebooks(desk, None)} == {"Mine", "His"}
    with pytest.raises(NotebookNotFoundError):
        open_notebook(desk, mine.id, "bert")
    change_notebook(desk, mine.id, "anna", shared=True)
    assert {each.name for each in list_notebooks(desk, "bert")} == {"Mine", "His"}
    assert open_notebook(desk, mine.id, "bert")[0].shared
    attempts: list[Callable[[], object]] = [
        lambda: add_item(desk, mine.id, "bert", kind="quote", content={}),
        lambda: change_note(desk, mine.id, item.id, "bert", ""),
        lambda: change_notebook(desk, mine.id, "bert", name="His"),
        lambda: remove_item(desk, mine.id, item.id, "bert"),
        lambda: delete_notebook(desk, mine.id, "bert"),
    ]
    for attempt in attempts:
        with pytest.raises(ForbiddenError):
            attempt()
    with pytest.raises(NotebookNotFoundError):
        move_item(desk, mine.id, item.id, "anna", "none")


def test_limits_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = create_notebook(desk, "anna", "Mine")
    monkeypatch.setattr(module, "MAX_ITEMS", 1)
    monkeypatch.setattr(module, "MAX_NOTEBOOKS", 1)
    monkeypatch.setattr(module, "MAX_CONTENT", 100)
    add_item(desk, notebook.id, "anna", kind="quote", content={})
    attempts: list[Callable[[], object]] = [
        lambda: add_item(desk, notebook.id, "anna", kind="quote", content={}),
        lambda: add_item(desk, notebook.id, "anna", kind="quote", content={"x": "y" * 100}),
        lambda: create_notebook(desk, "anna", "Other"),
        lambda: change_notebook(desk, notebook.id, "anna", name=" "),
        lambda: change_notebook(desk, notebook.id, "anna", name="x" * 201),
    ]
    for attempt in attempts:
        with pytest.raises(QuestionError):
            attempt()
    assert create_notebook(desk, "bert", "His").owner == "bert"


def test_notebooks_are_carried_with_what_is_in_them(desk: Desk, tmp_path: Path) -> None:
    other = DeskFile(tmp_path / "other")
    notebook = create_notebook(desk, "anna", "Mine")
    add_item(desk, notebook.id, "anna", kind="quote", content={"n": 1})
    assert carry(desk, other) == 2
    assert open_notebook(other, notebook.id, "anna") == open_notebook(desk, notebook.id, "anna")
    # Changed at one place, it is the newer one everywhere.
    add_item(other, notebook.id, "anna", kind="quote", content={"n": 2})
    assert carry(desk, other) == 0
    assert carry(other, desk) == 3
    assert kept(desk, notebook.id) == [{"n": 1}, {"n": 2}]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), _JSON))
def test_any_json_is_kept_as_it_is(desk: Desk, content: dict[str, object]) -> None:
    notebook = create_notebook(desk, "anna", "Mine")
    add_item(desk, notebook.id, "anna", kind="comparison", content=content)
    assert kept(desk, notebook.id) == [content]
    delete_notebook(desk, notebook.id, "anna")


def test_what_was_told_to_be_kept_survives_being_killed_at_any_moment(tmp_path: Path) -> None:
    desk = DeskFile(tmp_path)
    notebook = create_notebook(desk, "anna", "Mine").id
    chance, told = Random(1), 0
    for _ in range(25):
        command = [sys.executable, "-c", WRITER, str(tmp_path), notebook, str(told)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            # Once it writes: killed before its first note, it would prove nothing.
            lines = [writer.stdout.readline()]
            time.sleep(chance.uniform(0, 0.08))
            os.kill(writer.pid, signal.SIGKILL)
            lines += writer.stdout.read().splitlines()
        told = int(lines[-1]) + 1
        found = [item["n"] for item in kept(desk, notebook)]
        # The last one may have been kept without that being told.
        assert found in (list(range(told)), list(range(told + 1)))
        told = len(found)
    with desk.reading() as execute:
        assert execute("PRAGMA integrity_check") == [("ok",)]
    assert told >= 25
    assert json.dumps(kept(desk, notebook)[0])
