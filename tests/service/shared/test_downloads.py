"""Large responses are counted while they are under way, for each key and in all; small ones are not."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from askreport.errors import OverloadedError
from askreport.guard.keys import KeyFile
from askreport.indexing.ingest import ingest
from askreport.service.shared.downloads import Downloads
from tests.tools.parts import PARSERS, HashingEncoder, TestClient, folder, prose
from tests.tools.small import application, settings_in


def test_one_alone_may_have_any_size_and_many_only_so_much_together() -> None:
    downloads = Downloads(in_all=10, for_one=6)
    downloads.take("a", 50)
    for who, units in (("a", 1), ("b", 1)):
        with pytest.raises(OverloadedError) as caught:
            downloads.take(who, units)
        assert caught.value.retry_after
    downloads.give_back("a", 50)
    downloads.take("a", 6)
    with pytest.raises(OverloadedError):
        downloads.take("a", 1)
    downloads.take("b", 4)
    with pytest.raises(OverloadedError):
        downloads.take("c", 1)
    downloads.give_back("a", 6)
    downloads.take("c", 6)


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    settings = settings_in(tmp_path)
    folder(settings.corpus, {"large.txt": prose(1, 20_000), "small.txt": prose(2, 5)})
    ingest([settings.corpus], settings.index, HashingEncoder(), PARSERS)
    return application(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as made:
        yield made


def address(client: TestClient, path: str) -> str:
    found = next(each for each in client.get("/api/documents").json() if each["path"] == path)
    return f"/api/documents/{found['id']}"


@pytest.mark.parametrize("what", ["", "/original"])
def test_a_large_one_is_put_off_while_too_many_are_under_way_and_a_small_one_never(
    app: FastAPI, client: TestClient, what: str
) -> None:
    large, small = (address(client, f"{name}.txt") + what for name in ("large", "small"))
    whole = client.get(large)
    assert whole.status_code == 200
    assert len(whole.content) > 1_000_000
    # What has been sent is not under way any more.
    app.state.downloads.take("", 32)
    refused = client.get(large)
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "overloaded"
    assert refused.headers["retry-after"] == "5"
    assert client.get(small).status_code == 200
    app.state.downloads.give_back("", 32)
    assert client.get(large).content == whole.content


def test_what_one_key_reads_does_not_keep_another_from_reading(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    folder(settings.corpus, {"large.txt": prose(1, 20_000)})
    ingest([settings.corpus], settings.index, HashingEncoder(), PARSERS)
    keys = [KeyFile(settings.keys).add(name, "read") for name in ("one", "two")]
    app = application(settings)
    with TestClient(app) as client:
        client.headers["x-api-key"] = keys[0]
        original = f"{address(client, 'large.txt')}/original"
        app.state.downloads.take("one", 32)
        assert client.get(original).status_code == 503
        assert client.get(original, headers={"x-api-key": keys[1]}).status_code == 200


def test_a_file_is_open_only_while_it_is_sent(app: FastAPI, client: TestClient) -> None:
    files = Path("/proc/self/fd")
    if not files.is_dir():
        pytest.skip("needs /proc")
    large = f"{address(client, 'large.txt')}/original"
    client.get(large)
    before = len(list(files.iterdir()))
    for _ in range(5):
        client.get(large)
    app.state.downloads.take("", 32)
    for _ in range(5):
        client.get(large)
    deadline = time.monotonic() + 10
    while len(list(files.iterdir())) > before:
        assert time.monotonic() < deadline
        time.sleep(0.05)
