"""Whether the settings make a service that others can reach and only those who may."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from httpx2 import Client, ConnectError, MockTransport, Request, Response
from pydantic import SecretStr

from askreport.config import Settings
from askreport.doctor.service import address_check, examine_service, keys_check, model_check
from askreport.doctor.types import Check
from askreport.guard.keys import KeyFile


def test_without_keys_and_model_on_loopback_all_is_ok(tmp_path: Path) -> None:
    checks = examine_service(Settings(keys=tmp_path / "keys.json"))
    assert [(check.name, check.status) for check in checks] == [("keys", "ok"), ("address", "ok")]
    assert "none is asked for" in checks[0].message


def test_keys_are_counted_and_must_be_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    KeyFile(file).add("anna", "read")
    assert keys_check(file) == (Check(name="keys", status="ok", message=f"1 in {file}"), 1)
    file.chmod(0o644)
    if sys.platform != "win32":
        assert keys_check(file)[0].status == "warning"
        assert "chmod 600" in keys_check(file)[0].hint


def test_a_file_of_keys_that_is_damaged_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    check, count = keys_check(tmp_path / "keys.json")
    assert (check.status, count) == ("problem", 0)
    assert check.hint
    assert keys_check(tmp_path)[0].status == "problem"


@pytest.mark.parametrize(
    ("host", "hosts", "keys", "status", "said"),
    [
        ("127.0.0.1", "", 0, "ok", "for this machine only"),
        ("::1", "", 0, "ok", "for this machine only"),
        ("localhost", "", 3, "ok", "for this machine only"),
        ("127.0.0.1", "ask.example.org", 1, "ok", "for this machine only"),
        ("127.0.0.1", "ask.example.org", 0, "problem", "a proxy calls it ask.example.org"),
        ("0.0.0.0", "", 0, "problem", "there are no keys"),
        ("192.0.2.7", "ask.example.org", 0, "problem", "there are no keys"),
        ("0.0.0.0", "", 2, "warning", "goes by no name"),
        ("::", "ask.example.org", 2, "ok", "as ask.example.org; 2 keys"),
        ("192.0.2.7", "", 2, "ok", "192.0.2.7 port 8000; 2 keys"),
    ],
)
def test_the_address_and_the_keys_go_together(host: str, hosts: str, keys: int, status: str, said: str) -> None:
    check = address_check(Settings(host=host, hosts=hosts), keys)
    assert check.status == status
    assert said in check.message
    assert bool(check.hint) == (status != "ok")


def test_names_without_a_key_are_a_warning_if_that_is_wanted() -> None:
    settings = Settings(hosts="ask.example.org", without_keys=True)
    assert address_check(settings, 0).status == "warning"


MODELS = {"data": [{"id": "small"}, {"id": "large"}]}


@pytest.mark.parametrize(
    ("answer", "model", "status", "said"),
    [
        (lambda _: Response(200, json=MODELS), "large", "ok", "answers, and has large"),
        (lambda _: Response(200, json=MODELS), "", "ok", "answers, and has small, large"),
        (lambda _: Response(200, json=MODELS), "huge", "warning", "no model huge among small, large"),
        (lambda _: Response(404, text="what?"), "large", "ok", "does not list its models"),
        (lambda _: Response(401), "large", "problem", "does not take the key"),
        (lambda _: Response(503), "large", "problem", "status 503"),
    ],
)
def test_the_language_model_is_asked_what_it_has(
    answer: Callable[[Request], Response], model: str, status: str, said: str
) -> None:
    settings = Settings(llm_url="http://x/v1/", llm_model=model, llm_key=SecretStr("secret"))
    seen: list[Request] = []

    def handle(request: Request) -> Response:
        seen.append(request)
        return answer(request)

    with Client(transport=MockTransport(handle)) as http:
        check = model_check(settings, http)
    assert (check.status, bool(check.hint)) == (status, status != "ok")
    assert said in check.message
    assert (str(seen[0].url), seen[0].headers["authorization"]) == ("http://x/v1/models", "Bearer secret")
    assert "secret" not in check.message + check.hint


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "nonsense", "http://[/", "ftp://x"])
def test_an_endpoint_that_is_not_there_is_a_problem(url: str, tmp_path: Path) -> None:
    model = examine_service(Settings(llm_url=url, keys=tmp_path / "keys.json"))[-1]
    assert (model.name, model.status) == ("model", "problem")
    assert "does not answer" in model.message


def test_one_that_is_late_is_a_problem() -> None:
    def late(request: Request) -> Response:
        raise ConnectError("timed out")

    with Client(transport=MockTransport(late)) as http:
        assert model_check(Settings(llm_url="http://x"), http).message == "http://x does not answer: timed out"
