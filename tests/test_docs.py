"""The documentation is true: every setting, command, file and dependency is in it, and nothing else."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from askreport.cli.keys import keys_app
from askreport.cli.main import COMMANDS
from askreport.config import PREFIX, Settings
from tests.conftest import ROOT

# What users read: the README and the pages it leads to.
README = "\n".join(
    file.read_text()
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "docs" / "deploy" / "README.md")
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


def test_every_module_is_in_the_file_tree_and_nothing_else() -> None:
    tree = ARCHITECTURE.split("src/askreport/\n")[1].split("```")[0]
    listed = {line.split()[0] for line in tree.splitlines() if line.strip()}
    source = ROOT / "src" / "askreport"
    assert listed == {path.relative_to(source).as_posix() for path in source.rglob("*.py")}


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = ARCHITECTURE.split("## Dependencies")[1]
    for requirement in chain(project["dependencies"], *project["optional-dependencies"].values()):
        name = re.split(r"[\[<>=]", requirement)[0]
        known = name in reasons or name == project["name"]
        assert known or name.startswith("types-") or name.endswith("-stubs"), name


@pytest.mark.parametrize("file", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=lambda file: file.name)
def test_links_between_the_documents_lead_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", file.read_text()):
        assert (file.parent / target).exists(), target


def test_every_make_target_in_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`make (\w+)`|^make (\w+)", README, re.M)):
        assert re.search(rf"^{target[0] or target[1]}:", makefile, re.M)
