"""What tests of the service share: services over libraries, and their pages as trees."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest
from lxml import html as lxml_html

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.service.app import create_app
from askreport.types import Document
from tests.conftest import CORPUS
from tests.tools.parts import HashingEncoder, TestClient, publish

Serve: TypeAlias = Callable[[Sequence[Document]], TestClient]


@pytest.fixture(scope="module")
def client(library: Library) -> Iterator[TestClient]:
    """A client of a service over the corpus."""
    with TestClient(create_app(Settings(corpus=CORPUS, index=library.index), library)) as made:
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


def tree(client: TestClient, url: str, status: int = 200, **params: object) -> lxml_html.HtmlElement:
    """A page as a browser gets it, with the values of a form or of an address."""
    response = client.get(url, params=params or None, headers={"accept": "text/html"})  # type: ignore[arg-type]
    assert response.status_code == status, response.text
    return lxml_html.document_fromstring(response.text)
