"""What has become of a quote: as it was, moved, said otherwise, not said any more, or gone with its document."""

from pathlib import Path

import pytest

from askreport.answering.library import Library
from askreport.notebooks.items import quotes_in
from askreport.notebooks.reading import export, open_checked
from askreport.notebooks.recheck import State, recheck
from askreport.store import FolderBackend
from askreport.store.notebooks import add_item, create_notebook
from tests.notebooks.conftest import FERRY, content_of
from tests.tools.parts import document, publish

OTHERWISE = "The ferry to Texel sails every two hours in summer and takes twenty minutes."


def states(library: Library, content: dict[str, object]) -> list[State]:
    quotes = [each.quote for each in quotes_in("quote", content)]
    return library.read(lambda store: recheck(store, quotes))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (f"It is red.\n\n{FERRY}", "same"),
        (f"It is red, and new.\n\n{FERRY}", "moved"),
        (f"It is red.\n\n{FERRY.replace(' to ', chr(10) + 'to ')}", "moved"),
        (f"It is red.\n\n{OTHERWISE}", "different"),
        ("A bridge was built, and nobody needs boats any longer.", "missing"),
        (None, "gone"),
    ],
)
def test_the_state_of_a_quote(library: Library, tmp_path: Path, text: str | None, status: str) -> None:
    content = content_of(library)
    others = [document("Nine goats.", "goats.txt")]
    publish(tmp_path, [*others, *([document(text, "ferry.txt")] if text else [])])
    (state,) = states(library, content)
    assert state.status == status
    assert (state.url == "") == (status in ("missing", "gone"))
    changed = [(step.kept, step.now) for step in state.steps if not step.is_equal]
    assert changed == ([("hour", "two hours")] if status == "different" else [])


def test_without_an_index_every_quote_is_gone_and_its_words_are_exported(library: Library, tmp_path: Path) -> None:
    empty = FolderBackend(tmp_path / "empty")
    notebook = create_notebook(empty.desk, "", "A trip / 2024")
    add_item(empty.desk, notebook.id, "", kind="quote", content=content_of(library))
    checked = open_checked(empty, notebook.id, "")
    assert [state.status for each in checked.states.values() for state in each] == ["gone"]
    exported = export(checked, "markdown", "apa")
    assert exported.name == "A-trip---2024.md"
    assert FERRY in exported.content.decode()
