"""The fields of JSON say a filter."""

from dataclasses import fields

from askreport.agents.filters import FilterFields
from askreport.types import ALL, Filter


def test_without_a_field_there_is_no_filter() -> None:
    assert FilterFields().filter() == ALL


def test_every_field_of_a_filter_can_be_said() -> None:
    given = {each.name: "2024" if each.name in ("since", "until") else ["a", "b"] for each in fields(Filter)}
    made = FilterFields.model_validate(given).filter()
    assert {each.name: getattr(made, each.name) for each in fields(Filter)} == {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
    }
