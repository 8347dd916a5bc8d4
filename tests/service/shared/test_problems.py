"""Having as many files open as a process may is told as that, under whatever name it was met."""

from errno import EMFILE, ENFILE, ENOENT
from pathlib import Path

import pytest

from askreport.answering.library import Library
from askreport.errors import AskReportError, IndexDamagedError
from askreport.guard.headers import SECURE_HEADERS
from askreport.service.shared.problems import known
from tests.tools.parts import TestClient
from tests.tools.small import QUESTION, application, settings_in


def met(number: int, kind: type[AskReportError] | None) -> Exception:
    """An error that comes of the system's error with this number."""
    try:
        try:
            raise OSError(number, "x")
        except OSError:
            if kind is None:
                raise
            raise kind("it cannot be read") from None
    except (OSError, AskReportError) as error:
        return error


@pytest.mark.parametrize("kind", [None, IndexDamagedError])
def test_it_is_known_by_what_led_to_an_error(kind: type[AskReportError] | None) -> None:
    for number in (EMFILE, ENFILE):
        told = known(met(number, kind))
        assert told
        assert (told.code, told.retry_after) == ("overloaded", 1)
    other = met(ENOENT, kind)
    assert known(other) is (other if kind else None)


@pytest.mark.parametrize("kind", [None, IndexDamagedError])
def test_the_service_answers_503_and_is_not_damaged(
    tmp_path: Path, kind: type[AskReportError] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_files(*_: object, **__: object) -> None:
        raise met(EMFILE, kind)

    monkeypatch.setattr(Library, "ask", out_of_files)
    with TestClient(application(settings_in(tmp_path)), raise_server_exceptions=False) as client:
        response = client.post("/api/ask", json=QUESTION)
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "overloaded"
    assert response.headers["retry-after"] == "1"
    assert {name: response.headers[name] for name in SECURE_HEADERS} == SECURE_HEADERS
