"""Markdown: the text stays as it is; front matter and headings are found in it by their line numbers."""

from itertools import accumulate, pairwise
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from askreport.digest import content_id, text_sha256
from askreport.parse.decode import decode
from askreport.types import Document, Heading, Span

_MARKDOWN = MarkdownIt("commonmark").use(front_matter_plugin)


def parse_markdown(data: bytes, path: str, title: str) -> Document:
    """A Markdown file as a Document; the front matter is furniture, and its keys become the metadata.

    The title is the front matter's, else the first heading's, else ``title``. Front matter that is not valid YAML
    is kept as text and gives no metadata.
    """
    text = decode(data)
    lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    tokens = _MARKDOWN.parse(text)
    headings = _headings(tokens, lines, len(text))
    furniture: tuple[Span, ...] = ()
    metadata: dict[str, Any] = {}
    if tokens and tokens[0].type == "front_matter" and tokens[0].map:
        furniture = (Span(0, min(lines[tokens[0].map[1]], len(text))),)
        metadata = _metadata(tokens[0].content)
    named = metadata.pop("title", None) or (headings[0].title if headings else title)
    return Document(content_id(data), path, str(named), text, text_sha256(text), headings, (), furniture, metadata)


def _headings(tokens: list[Token], lines: list[int], length: int) -> tuple[Heading, ...]:
    """Headings at the top level of the document; one inside a list or a block quote is part of its text."""
    found = []
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            start, end = lines[token.map[0]], min(lines[token.map[1]], length)
            words = "".join(child.content for child in inline.children or [])
            found.append(Heading(start, end, int(token.tag[1:]), words.strip()))
    return tuple(found)


def _metadata(front_matter: str) -> dict[str, Any]:
    """Front matter as a mapping of JSON values (dates become ISO strings)."""
    try:
        loaded = yaml.safe_load(front_matter)
    except yaml.YAMLError:
        return {}
    return {str(key): _plain(value) for key, value in loaded.items()} if isinstance(loaded, dict) else {}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
