"""What stands before a text: what the model says itself, or what its family wants."""

import pytest

from askreport.models.prompts import prompts_of

ASKED = "Represent this sentence for searching relevant passages: "


@pytest.mark.parametrize(
    ("model", "query", "document"),
    [
        ("intfloat/multilingual-e5-base", "query: ", "passage: "),
        ("intfloat/e5-large-v2", "query: ", "passage: "),
        ("BAAI/bge-small-en-v1.5", ASKED, ""),
        ("/models/bge-base-en", ASKED, ""),
        ("nomic-ai/nomic-embed-text-v1.5", "search_query: ", "search_document: "),
        ("Snowflake/snowflake-arctic-embed-xs", ASKED, ""),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""),
        ("mixedbread-ai/mxbai-embed-large-v1", ASKED, ""),
    ],
)
def test_a_family_has_its_prompts(model: str, query: str, document: str) -> None:
    assert prompts_of(model) == {"query": query, "document": document}


@pytest.mark.parametrize(
    "model",
    ["all-MiniLM-L6-v2", "BAAI/bge-m3", "thenlper/gte-small", "intfloat/e5-mistral-7b-instruct", "./my-model"],
)
def test_other_models_have_none(model: str) -> None:
    assert prompts_of(model) == {}


def test_what_the_model_declares_counts_before_the_table() -> None:
    declared = {"query": "Frage: ", "document": ""}
    assert prompts_of("intfloat/multilingual-e5-base", declared) == {"query": "Frage: "}


def test_prompts_that_are_declared_empty_are_none() -> None:
    assert prompts_of("intfloat/e5-small", {"query": "", "document": None})["query"] == "query: "
