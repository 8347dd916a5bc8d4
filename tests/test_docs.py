"""The documentation is true: every setting, command, package and dependency is in it, and nothing else."""

import ast
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from askreport import errors
from askreport.cli.keys import keys_app
from askreport.cli.main import COMMANDS
from askreport.config import PREFIX, Settings
from tests.conftest import ROOT

# What users read: the README and the pages it leads to.
README = "\n".join(
    file.read_text() for file in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
)
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(ASKREPORT_\w+)` \| `?(.+?)`? \|", README, re.M))
    assert rows.keys() == {PREFIX + name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if field.default_factory is None:
            assert rows[PREFIX + name.upper()] == (str(field.default) or "(empty)")


def test_every_setting_is_described_as_in_the_code() -> None:
    for field in Settings.model_fields.values():
        assert f"| {field.description} |" in README


def test_every_command_is_documented() -> None:
    for name in COMMANDS:
        assert f"`askreport {name}`" in README
    for command in keys_app.registered_commands:
        assert f"`askreport keys {command.name}`" in README


def test_every_error_code_is_documented_and_nothing_else() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    table = (ROOT / "docs" / "troubleshooting.md").read_text().split("## Error codes")[1]
    # The client's own, where no service answers.
    codes = {kind.code for kind in kinds if issubclass(kind, errors.AskReportError)} | {"service_unreachable"}
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.M)) == codes


def test_every_package_is_in_the_architecture_and_says_what_it_is() -> None:
    listed = re.findall(r"^\*\*`([\w/]+)`\*\*", ARCHITECTURE.split("## Packages")[1].split("\n## ")[0], re.M)
    source = ROOT / "src" / "askreport"
    packages = {file.parent.relative_to(source).as_posix(): file for file in source.glob("*/**/__init__.py")}
    assert sorted(listed) == sorted(packages)
    for name, file in packages.items():
        assert ast.get_docstring(ast.parse(file.read_text())), name


def test_every_package_is_in_one_layer() -> None:
    table = ARCHITECTURE.split("## Layers")[1].split("\n## ")[0]
    rows = [
        re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", row)) for row in re.findall(r"^\| \d \| (.+) \|$", table, re.M)
    ]
    source = ROOT / "src" / "askreport"
    packages = {file.parent.name for file in source.glob("*/__init__.py")}
    assert sorted(name for row in rows for name in row) == sorted(packages)


def test_every_dependency_has_its_reason_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = chain(project["dependencies"], *project["optional-dependencies"].values())
    names = {re.split(r"[\[<>=]", requirement)[0] for requirement in required} - {project["name"]}
    rows = re.findall(r"^\| .+ \| (.+) \|$", ARCHITECTURE.split("## Dependencies")[1], re.M)[1:]
    # Reasons stand in parentheses, packages of other registries after a semicolon.
    groups = [re.split(r", | and ", re.sub(r" \(.*?\)", "", row).split(";")[0]) for row in rows]
    listed = [name for group in groups for name in group]
    assert sorted(listed) == sorted(names)


@pytest.mark.parametrize("file", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=lambda file: file.name)
def test_links_between_the_documents_lead_somewhere(file: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", file.read_text()):
        linked = file.parent / target if target else file
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked.read_text()), f"{target}#{anchor}"


def anchors(text: str) -> set[str]:
    """The names by which a Markdown text's headings are linked to."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`make ([\w-]+)`|^make ([\w-]+)", README, re.M)):
        assert re.search(rf"^{target[0] or target[1]}:", makefile, re.M), target
