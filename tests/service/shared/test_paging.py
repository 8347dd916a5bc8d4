"""Lists in parts: the parts together are the whole, and its length is told."""

import pytest
from fastapi import Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from askreport.answering.library import Library
from askreport.service.shared.paging import MAX_LISTED, TOTAL_HEADER, Window


@given(st.lists(st.integers(), max_size=30), st.integers(1, 10))
def test_the_parts_are_the_whole(items: list[int], limit: int) -> None:
    response = Response()
    parts = [Window(limit, offset).of(items, response) for offset in range(0, len(items) + limit, limit)]
    assert [item for part in parts for item in part] == items
    assert response.headers[TOTAL_HEADER] == str(len(items))


@pytest.mark.parametrize("prefix", ["/api", "/api/v1"])
def test_documents_come_in_parts_or_all_at_once(client: TestClient, library: Library, prefix: str) -> None:
    ids = [document.id for document in library.store.documents()]
    everything = client.get(f"{prefix}/documents")
    assert [each["id"] for each in everything.json()] == ids
    part = client.get(f"{prefix}/documents", params={"limit": 2, "offset": 3})
    assert [each["id"] for each in part.json()] == ids[3:5]
    assert everything.headers[TOTAL_HEADER] == part.headers[TOTAL_HEADER] == str(len(ids))
    assert client.get(f"{prefix}/documents", params={"offset": len(ids)}).json() == []


@pytest.mark.parametrize("path", ["documents", "jobs", "outcomes"])
@pytest.mark.parametrize(
    "query", ["limit=0", f"limit={MAX_LISTED + 1}", "limit=many", "offset=-1", f"offset={10**30}", "offset=%00"]
)
def test_bounds_are_422(client: TestClient, path: str, query: str) -> None:
    answer = client.get(f"/api/v1/{path}?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_request")


@pytest.mark.parametrize("path", ["documents", "jobs", "outcomes"])
def test_every_list_tells_its_length(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.headers[TOTAL_HEADER] == str(len(answer.json()))
