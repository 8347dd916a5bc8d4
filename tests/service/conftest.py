"""What tests of the service share: services over libraries, and their pages as trees."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from lxml import html as lxml_html

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.service.app import create_app
from askreport.types import Document
from tests.conftest import CORPUS
from tests.tools.parts import PARSERS, HashingEncoder, TestClient, folder, publish

Serve: TypeAlias = Callable[[Sequence[Document]], TestClient]
ServeFiles: TypeAlias = Callable[[dict[str, str]], TestClient]


@pytest.fixture(scope="module")
def client(library: Library) -> Iterator[TestClient]:
    """A client of a service over the corpus."""
    with TestClient(create_app(Settings(corpus=CORPUS, index=library.index), library, PARSERS)) as made:
        yield made


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Makes a service over documents of the test's own, whose words alone decide, and gives its client."""
    with ExitStack() as stack:

        def serving(documents: Sequence[Document]) -> TestClient:
            publish(tmp_path, documents)
            app = create_app(Settings(corpus=tmp_path / "none", index=tmp_path), Library(tmp_path, HashingEncoder()))
            return stack.enter_context(TestClient(app))

        yield serving


@pytest.fixture
def serve_files(tmp_path: Path) -> Iterator[ServeFiles]:
    """Makes a service over files in ``corpus`` of the test's folder, and gives its client."""
    with ExitStack() as stack:

        def serving(files: dict[str, str]) -> TestClient:
            corpus, index = folder(tmp_path / "corpus", files), tmp_path / "index"
            settings = Settings(corpus=corpus, index=index, keys=tmp_path / "keys.json")
            ingest([corpus], index, HashingEncoder(), PARSERS)
            app = create_app(settings, Library(index, HashingEncoder()), PARSERS)
            return stack.enter_context(TestClient(app))

        yield serving


def tree(client: TestClient, url: str, status: int | None = 200, /, **params: Any) -> lxml_html.HtmlElement:
    """A page as a browser gets it, with the values of a form or of an address; of any status if that is None."""
    response = client.get(url, params=params or None, headers={"accept": "text/html"})
    assert status is None or response.status_code == status, response.text
    return lxml_html.document_fromstring(response.text)
