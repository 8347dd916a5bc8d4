"""SECURITY.md is true in what can be looked up: every test it names is there, and every threat names one."""

import ast
import re

import pytest

from askreport.guard.access import PUBLIC, PUBLIC_FOLDER
from askreport.guard.bodies import MAX_BODY_BYTES
from tests.conftest import ROOT

SECURITY = (ROOT / "SECURITY.md").read_text()
ROWS = re.findall(r"^\| (?!threat|---)(.+) \| (.+) \| (.+) \|$", SECURITY, re.M)
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", SECURITY)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / "tests" / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("threat", "proof"), [(threat, proof) for threat, _, proof in ROWS])
def test_every_threat_names_a_test(threat: str, proof: str) -> None:
    assert re.fullmatch(r"`[\w/]+\.py::\w+`(, `[\w/]+\.py::\w+`)*", proof), threat


def test_the_table_is_read() -> None:
    assert len(ROWS) > 20
    assert len(NAMED) > len(ROWS)


def test_the_public_addresses_are_all_named() -> None:
    row = next(said for threat, said, _ in ROWS if threat.startswith("Somebody without a key"))
    assert set(re.findall(r"`(/.+?)`", row)) == {*PUBLIC, PUBLIC_FOLDER}


def test_the_limit_is_the_one_in_the_code() -> None:
    assert f"{MAX_BODY_BYTES / 1e6:g} MB, counted while it comes" in SECURITY
