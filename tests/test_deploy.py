"""What docs/deploy tells people to run, set and copy exists; where systemd is installed, it takes the unit."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import httpx2
import pytest
import typer

from askreport.answering.library import Library
from askreport.cli.main import app
from askreport.config import PREFIX, Settings, load_settings
from askreport.service.api.openai import MODEL
from askreport.service.app import create_app
from tests.conftest import CORPUS, ROOT
from tests.tools.parts import PARSERS
from tests.tools.serving import serving

DEPLOY = ROOT / "docs" / "deploy"
README = (DEPLOY / "README.md").read_text()
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMMANDS = typer.main.get_command(app)


def unit() -> ConfigParser:
    parser = ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "askreport.service")
    return parser


def environment() -> dict[str, str]:
    lines = (DEPLOY / "askreport.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def check_command(line: str) -> None:
    """That a command line of askreport names a command, and options that it has."""
    words = shlex.split(line, comments=True)
    command = COMMANDS
    while words and hasattr(command, "commands"):
        name = words.pop(0)
        assert name in command.commands, line
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known, line


def test_every_command_in_the_page_exists() -> None:
    blocks = "\n".join(re.findall(r"```\n(.*?)```", README, re.S))
    lines = re.findall(r"^ask (.+)$", blocks, re.M) + re.findall(r"askreport askreport (keys .+)$", blocks, re.M)
    named = re.findall(r"`askreport ([a-z][^`]*)`", README)
    assert len(lines) >= 7
    for line in lines + [each for each in named if not each.startswith("--")]:
        check_command(line)


def test_every_setting_that_is_named_exists() -> None:
    for text in (README, DOCKERFILE, (DEPLOY / "askreport.env").read_text()):
        names = set(re.findall(rf"\b{PREFIX}[A-Z_]+", text))
        assert names <= {PREFIX + field.upper() for field in Settings.model_fields}


def test_every_file_that_is_named_exists() -> None:
    for name in re.findall(r"docs/deploy/[\w.]+|tests/\w+\.py", README + DOCKERFILE):
        assert (ROOT / name).exists(), name
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M):
        for name in line.split():
            assert (ROOT / name).exists(), name
            assert f"!{name}" in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()


def test_the_units_settings_are_good_and_below_the_folders_it_may_write() -> None:
    settings = load_settings(environment())
    service = unit()["Service"]
    assert service["StateDirectory"] == service["CacheDirectory"] == "askreport"
    for folder in (settings.corpus, settings.index, settings.keys):
        assert folder.is_relative_to("/var/lib/askreport")
    assert settings.cache == Path("/var/cache/askreport")
    check_command(service["ExecStart"].partition("/askreport ")[2])
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("askreport", "yes", "strict")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "askreport.service").read_text()
    made = tmp_path / "askreport.service"
    made.write_text(re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", text, flags=re.M))
    done = subprocess.run(["systemd-analyze", "verify", str(made)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_image_runs_as_a_user_without_rights_and_says_whether_it_is_ready() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert DOCKERFILE.count("\nFROM ") == 2
    assert "--requirement requirements.lock" in DOCKERFILE
    assert "tesseract-ocr" in last
    assert re.search(r"^USER askreport$", last, re.M)
    assert re.search(r"^HEALTHCHECK .*\\\n +CMD .*127\.0\.0\.1:8000/readyz", last, re.M)
    command = re.search(r'^CMD \["askreport", "(.+)"\]$', last, re.M)
    assert command
    check_command(command[1])
    values = dict(re.findall(rf"\b({PREFIX}\w+)=(\S+)", last))
    settings = load_settings(values)
    assert (settings.host, settings.port, settings.watch) == ("0.0.0.0", 8000, True)
    assert all(folder.is_relative_to("/data") for folder in (settings.corpus, settings.index, settings.keys))


@pytest.fixture(scope="module")
def proxied(library: Library, corpus_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that a proxy on this machine would call."""
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    settings = Settings(corpus=CORPUS, index=corpus_index, hosts="ask.example.org", without_keys=True, keys=keys)
    with serving(create_app(settings, library, PARSERS)) as address:
        yield address


def test_behind_a_proxy_citations_have_the_address_that_was_called(proxied: str) -> None:
    headers = {"host": "ask.example.org", "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1"}
    body = {"model": MODEL, "messages": [{"role": "user", "content": "does the SVR spy on China?"}]}
    response = httpx2.post(f"{proxied}/v1/chat/completions", json=body, headers=headers)
    citation = response.json()["choices"][0]["message"]["annotations"][0]["url_citation"]
    assert citation["url"].startswith("https://ask.example.org/documents/")
    refused = httpx2.post(f"{proxied}/v1/chat/completions", json=body, headers={**headers, "host": "other.example.org"})
    assert refused.status_code == 421
    assert refused.json()["error"]["code"] == "unknown_host"
    assert refused.json()["error"]["type"] == "invalid_request_error"
