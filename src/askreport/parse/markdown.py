"""Markdown: the text stays as it is; front matter and headings are found in it by their line numbers."""

import math
import re
from itertools import accumulate, pairwise
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from askreport.digest import content_id, text_sha256
from askreport.parse.decode import decode, replace_surrogates
from askreport.types import Document, Heading, Span

# What describes a document is flat; programs that read it as JSON have limits of their own.
_MAX_DEPTH = 10
_MARKDOWN = MarkdownIt("commonmark").use(front_matter_plugin)
# markdown-it's plugin takes an indented "---" (a line of a text in the metadata) for the end of front matter.
_FRONT_MATTER = re.compile(r"\A-{3,}[^\S\n]*\n.*?^(?:-{3,}|\.{3})[^\S\n]*$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"^[^\S\n]+-{3,}[^\S\n]*$", re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """YAML without aliases: written out as JSON, a few of them are gigabytes, and one can hold itself."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node, which may not be an alias."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("front matter has no aliases")
        return super().compose_node(parent, index)


def parse_markdown(data: bytes, path: str, title: str) -> Document:
    """A Markdown file as a Document; the front matter is furniture, and its keys become the metadata.

    The title is the front matter's, else the first heading's, else ``title``. Front matter that is not a YAML
    mapping is text like the rest: a file may begin with a line of dashes.
    """
    text = decode(data)
    lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    tokens = _MARKDOWN.parse(_masked(text))
    headings = _headings(tokens, lines, len(text))
    furniture: tuple[Span, ...] = ()
    metadata: dict[str, Any] = {}
    if tokens and tokens[0].type == "front_matter" and tokens[0].map:
        first, last = lines[1], lines[tokens[0].map[1] - 1]
        mapping = _mapping(text[first:last])
        if mapping is not None:
            furniture = (Span(0, min(lines[tokens[0].map[1]], len(text))),)
            metadata = mapping
    titles = [metadata.pop("title", None), *(heading.title for heading in headings)]
    own = next((str(each) for each in titles if each), "")
    return Document(
        id=content_id(data),
        path=path,
        title=own or title,
        text=text,
        sha256=text_sha256(text),
        headings=headings,
        furniture=furniture,
        metadata=metadata,
        has_title=bool(own),
    )


def _masked(text: str) -> str:
    """The text with other signs for indented dashes in its front matter; every line keeps its place."""
    front = _FRONT_MATTER.match(text)
    if front is None:
        return text
    return _INDENTED.sub(lambda line: line[0].replace("-", "x"), front[0]) + text[front.end() :]


def _headings(tokens: list[Token], lines: list[int], length: int) -> tuple[Heading, ...]:
    """Headings at the top level of the document; one inside a list or a block quote is part of its text."""
    found = []
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            start, end = lines[token.map[0]], min(lines[token.map[1]], length)
            words = "".join(_shown(child) for child in inline.children or [])
            found.append(Heading(start=start, end=end, level=int(token.tag[1:]), title=words.strip()))
    return tuple(found)


def _shown(part: Token) -> str:
    return {"softbreak": " ", "hardbreak": " ", "html_inline": ""}.get(part.type, part.content)


def _mapping(front_matter: str) -> dict[str, Any] | None:
    """Front matter as a mapping of JSON values (dates become ISO strings); None if it is none."""
    try:
        loaded = yaml.load(front_matter, _Loader)  # noqa: S506 - a SafeLoader
        return _plain(loaded) if isinstance(loaded, dict) else None
    # A date like 2023-02-30 and a number of 5,000 digits are ValueErrors; nesting without end is a RecursionError.
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > _MAX_DEPTH:
        raise ValueError("front matter is nested too deeply")
    if isinstance(value, dict):
        return {replace_surrogates(str(key)): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    is_json = isinstance(value, int | bool | None) or (isinstance(value, float) and math.isfinite(value))
    return value if is_json else replace_surrogates(str(value))
