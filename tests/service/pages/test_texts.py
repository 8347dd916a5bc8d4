"""The catalogue of texts is what the pages and their scripts ask for: complete, and nothing that nobody asks for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes
from markupsafe import Markup

from askreport.service.pages.templating import WEB, templates, texts
from askreport.service.pages.texts import Texts
from tests.conftest import ROOT

# Which texts each script is given, by the attribute that holds them.
SCRIPTS = {
    "ask.js": "js",
    "copy.js": "copy.js",
    "answer.js": "js",
    "prose.js": "prose.js",
    "library.js": "job",
    "compare.js": "compare.js",
}


def asked(node: nodes.Node) -> list[str]:
    """The keys that an expression can be; one that ends with a dot stands for all below it."""
    if isinstance(node, nodes.Const):
        return [str(node.value)]
    if isinstance(node, nodes.CondExpr):
        assert node.expr2
        return asked(node.expr1) + asked(node.expr2)
    assert isinstance(node, nodes.Concat), node
    first, *_ = node.nodes
    return asked(first)


def keys_of_templates() -> Iterator[str]:
    for file in (WEB / "templates").glob("*.html"):
        for call in templates.env.parse(file.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                yield from asked(call.args[0])
            if isinstance(call.node, nodes.Getattr) and call.node.attr == "group":
                yield from (f"{each}." for each in asked(call.args[0]))


def keys_of_modules() -> Iterator[str]:
    for file in (ROOT / "src" / "askreport").rglob("*.py"):
        yield from re.findall(r'texts\(\s*"([\w.]+)"', file.read_text())
        yield from (f"{name}." for name in re.findall(r'texts\.group\("([\w.]+)"\)', file.read_text()))


def known(key: str) -> set[str]:
    """The catalogue's keys that a key stands for."""
    return {each for each in texts.texts if each == key or each.startswith(key if key.endswith(".") else f"{key}.")}


def test_every_key_that_is_asked_for_is_there_and_no_other() -> None:
    keys = {*keys_of_templates(), *keys_of_modules()}
    assert [key for key in keys if not known(key)] == []
    assert set(texts.texts) - {"language"} == {each for key in keys for each in known(key)}


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_ask_for_what_they_are_given(script: str) -> None:
    used = set(re.findall(r"texts\.(\w+)", (WEB / "static" / script).read_text()))
    assert used <= texts.group(SCRIPTS[script]).keys()


def test_nothing_is_given_to_the_scripts_that_none_asks_for() -> None:
    for group in set(SCRIPTS.values()):
        files = [WEB / "static" / script for script, name in SCRIPTS.items() if name == group]
        used = {name for file in files for name in re.findall(r"texts\.(\w+)", file.read_text())}
        assert texts.group(group).keys() == used


def test_numbered_texts_have_both_forms() -> None:
    numbered = {key.rpartition(".")[0] for key in texts.texts if key.endswith((".one", ".other"))}
    assert all({f"{key}.one", f"{key}.other"} <= texts.texts.keys() for key in numbered)


def test_texts_can_stand_in_attributes() -> None:
    assert not [key for key, text in texts.texts.items() if '"' in text]


def test_what_is_filled_in_is_escaped_and_the_text_is_not(tmp_path: Path) -> None:
    file = tmp_path / "en.toml"
    file.write_text('language = "en"\n[a]\nb = "<b>{name}</b>"\nn.one = "{n} page"\nn.other = "{n:,} pages"\n')
    catalogue = Texts.read(file)
    assert catalogue("a.b", name="<i>") == Markup("<b>&lt;i&gt;</b>")
    assert [catalogue("a.n", n) for n in (0, 1, 2_000)] == ["0 pages", "1 page", "2,000 pages"]
    assert catalogue.group("a") == {"b": "<b>{name}</b>", "n.one": "{n} page", "n.other": "{n:,} pages"}
    with pytest.raises(KeyError):
        catalogue("a.c")
