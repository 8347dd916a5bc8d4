"""Questions in rows, documents and collections in columns."""

from pathlib import Path

import pytest

from askreport.answering.library import Library
from askreport.compare import compare as module
from askreport.compare.compare import Cell, Comparison, compare, plan
from askreport.errors import DocumentNotFoundError, NothingChosenError, QuestionError
from askreport.types import Filter
from tests.tools.parts import HashingEncoder, document, publish

QUESTIONS = ["The ferry to Texel sails every hour.", "The keeper kept nine goats."]
FERRY = document(QUESTIONS[0], "north/ferry.txt")
GOATS = document(QUESTIONS[1], "south/goats.txt")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    publish(tmp_path, [FERRY, GOATS])
    return Library(tmp_path, HashingEncoder())


def found(library: Library, **columns: tuple[str, ...]) -> Comparison:
    return compare(library, plan(library, QUESTIONS, **columns))


def words(cell: Cell) -> str:
    return cell.quote.text if cell.quote else ""


def test_each_cell_is_what_its_documents_answer_by_themselves(library: Library) -> None:
    table = found(library, documents=("north/ferry.txt", GOATS.id), folders=("south",))
    assert [(each.kind, each.name, each.documents) for each in table.columns] == [
        ("document", FERRY.title, 1),
        ("document", GOATS.title, 1),
        ("folder", "south", 1),
    ]
    for row, question in zip(table.rows, QUESTIONS, strict=True):
        for cell, column in zip(row, table.columns, strict=True):
            answer = library.ask(question, within=column.within)
            assert (cell.status, cell.confidence) == (answer.status, answer.confidence)
            assert cell.quote == (answer.quotes[0] if answer.quotes else None)
            assert (cell.quote is None) == (cell.status == "not_found")
    assert words(table.rows[0][0]) == QUESTIONS[0]
    assert words(table.rows[1][2]) == QUESTIONS[1]


def test_without_columns_all_documents_are_compared(library: Library) -> None:
    table = found(library)
    assert [each.value for each in table.columns] == [FERRY.id, GOATS.id]
    assert [[(cell.question, cell.column) for cell in row] for row in table.rows] == [
        [(0, 0), (0, 1)],
        [(1, 0), (1, 1)],
    ]


def test_progress_is_told_each_cell_as_it_comes(library: Library) -> None:
    told: list[Cell] = []
    table = compare(library, plan(library, QUESTIONS), told.append)
    assert told == [cell for row in table.rows for cell in row]


def test_what_is_named_twice_is_one_question_and_one_column(library: Library) -> None:
    planned = plan(library, [QUESTIONS[0], f" {QUESTIONS[0]}\n"], documents=(FERRY.id, "north/ferry.txt"))
    assert (planned.cells, planned.questions) == (1, (QUESTIONS[0],))


def test_what_cannot_be_compared_is_an_error(library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(QuestionError):
        plan(library, [" "])
    with pytest.raises(QuestionError):
        plan(library, ["x" * 2_001])
    with pytest.raises(DocumentNotFoundError):
        plan(library, QUESTIONS, documents=("none",))
    with pytest.raises(NothingChosenError):
        plan(library, QUESTIONS, folders=("west",))
    for limit in ("MAX_QUESTIONS", "MAX_COLUMNS", "MAX_CELLS"):
        with monkeypatch.context() as patched:
            patched.setattr(module, limit, 1)
            with pytest.raises(QuestionError, match="too many"):
                plan(library, QUESTIONS)
    publish(tmp_path / "empty", [])
    with pytest.raises(QuestionError):
        plan(Library(tmp_path / "empty", HashingEncoder()), QUESTIONS)


def test_a_library_that_changes_meanwhile_is_compared_anew(library: Library) -> None:
    told: list[Cell] = []

    def change(cell: Cell) -> None:
        told.append(cell)
        if len(told) == 1:
            publish(library.index, [FERRY, GOATS, document("Tulips bloom.", "tulips.txt")])

    table = compare(library, plan(library, QUESTIONS), change)
    assert len(told) == 8
    assert table.index.generation == library.store.state.generation


def test_a_question_is_encoded_once_for_all_columns(library: Library) -> None:
    encoder = library.encoder
    assert isinstance(encoder, HashingEncoder)
    encoder.encoded.clear()
    calls: list[str] = []
    encode = encoder.encode_question

    def noted(question: str) -> object:
        calls.append(question)
        return encode(question)

    encoder.encode_question = noted  # type: ignore[assignment,method-assign]
    found(library)
    assert len(calls) == len(set(calls))


def test_a_column_leaves_its_documents(library: Library) -> None:
    table = found(library, folders=("north",))
    assert table.columns[0].within == Filter(folders=("north",))
