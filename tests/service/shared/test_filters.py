"""An address says the filter that it was made of."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from askreport.agents.filters import FilterFields
from askreport.service.shared.filters import PARAMETERS, FilterOf, fields, parameters
from askreport.types import ALL, Filter
from tests.tools.parts import TestClient

NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip), unique=True, max_size=3
)
FILTERS = st.builds(
    Filter,
    documents=NAMES.map(tuple),
    folders=NAMES.map(tuple),
    tags=NAMES.map(tuple),
    kinds=NAMES.map(tuple),
    languages=NAMES.map(tuple),
    since=st.sampled_from(["", "2024"]),
    until=st.sampled_from(["", "2024-05"]),
)
app = FastAPI()
seen: list[Filter] = []


@app.get("/")
async def note(within: FilterOf) -> None:
    seen.append(within)


client = TestClient(app)


@given(FILTERS)
def test_an_address_says_the_filter_that_it_was_made_of(wanted: Filter) -> None:
    query = urlencode(list(parameters(wanted)))
    assert client.get(f"/?{query}").status_code == 200
    assert seen.pop() == wanted


def test_fields_of_a_form_that_nobody_filled_in_say_nothing() -> None:
    client.get("/?" + urlencode([(name, " ") for name in PARAMETERS.values()]))
    assert seen.pop() == ALL


@given(FILTERS)
def test_the_fields_of_a_body_say_the_same_filter(wanted: Filter) -> None:
    assert FilterFields.model_validate(fields(wanted)).filter() == wanted


def test_a_name_that_is_given_twice_counts_once() -> None:
    client.get("/?folder=a&folder=a&folder=b")
    assert seen.pop() == Filter(folders=("a", "b"))


def test_every_field_has_a_parameter() -> None:
    fields: dict[str, Any] = {name: getattr(ALL, name) for name in PARAMETERS}
    assert Filter(**fields) == ALL
    assert dict(parse_qsl(urlencode(list(parameters(Filter(since="2024")))))) == {"since": "2024"}
