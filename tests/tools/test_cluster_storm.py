"""What judges a cluster under fire (`make test-cluster`) sees what is wrong, and nothing else."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.tools.postgres import add, settings_in
from tests.tools.storm_clients import Change
from tests.tools.storm_facts import FIRST_ADDED, Fact, name, nothing, text
from tests.tools.storm_site import inconsistent, share


def rows_of(database: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database, options="-c search_path=askreport,public") as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("DELETE FROM postings WHERE term = 'ferri' RETURNING 1", {"terms counted wrongly"}),
        ("UPDATE library SET documents = documents + 1 RETURNING 1", {"documents"}),
        ("DELETE FROM vectors RETURNING 1", {"vectors"}),
        (
            "DELETE FROM files WHERE name = 'ferry.txt' RETURNING 1",
            {"documents without a file", "bytes without a file"},
        ),
        ("DELETE FROM originals RETURNING 1", {"files without their bytes"}),
        ("UPDATE documents SET content = (SELECT min(content) FROM documents) RETURNING 1", {"contents with several"}),
        ("UPDATE job_files SET status = 'queued' RETURNING 1", {"files that are not done"}),
    ],
)
def test_a_library_that_is_not_consistent_is_noticed(
    tmp_path: Path, database: str, damage: str, named: set[str]
) -> None:
    add(settings_in(tmp_path, database))
    assert inconsistent(lambda query: rows_of(database, query)) == []
    assert rows_of(database, damage)
    found = inconsistent(lambda query: rows_of(database, query))
    assert {each for each in named if any(fault.startswith(each) for fault in found)} == named, found


@pytest.mark.parametrize(
    ("there", "deleting", "gone", "seen", "is_quoted", "is_wrong"),
    [
        (5, 0, 0, 5, False, True),
        (5, 0, 0, 5, True, False),
        (5, 0, 0, 4, False, False),
        (5, 1, 0, 9, False, False),
        (5, 1, 0, 9, True, False),
        (5, 1, 7, 7, True, True),
        (5, 1, 7, 6, True, False),
        (5, 1, 7, 7, False, False),
        (0, 0, 0, 9, False, False),
    ],
)
def test_an_answer_is_judged_by_what_its_client_had_seen(
    there: int, deleting: float, gone: int, seen: int, is_quoted: bool, is_wrong: bool
) -> None:
    change = Change(fact=Fact(7), begun=1.0, acknowledged=1.0, job="job", there=there, deleting=deleting, gone=gone)
    quotes = [f"Before. {Fact(7).sentence}"] if is_quoted else [Fact(17).sentence]
    assert bool(change.verdict(seen, quotes)) == is_wrong


def test_each_fact_is_only_one_document_s() -> None:
    numbers = [*range(500), *range(FIRST_ADDED, FIRST_ADDED + 500)]
    names = {name(number) for number in numbers}
    assert len(names) == len(numbers)
    assert all(Fact(number).sentence in text(number) and name(number) in Fact(number).question for number in numbers)
    assert not any(each in nothing(number) for number in range(100) for each in names)


def test_a_share_of_values_is_not_more_than_there_are() -> None:
    assert share([], 0.5) == 0.0
    assert share([3.0, 1.0, 2.0], 0.5) == 2.0
    assert share([3.0, 1.0], 1.0) == 3.0
