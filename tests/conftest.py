"""The real parts, made once: the encoder, and an index of the corpus that ships."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.indexing.ingest import ingest
from askreport.models.encoder import Encoder, load_encoder
from askreport.models.readers import load_scorer
from tests.tools.engine.postgres import Server, missing
from tests.tools.once import once
from tests.tools.parts import PARSERS

# Enough to find what is wrong with a change; all of the suite is to end in a quarter of an hour on two cores.
# An example may take as long as the machine needs for it.
settings.register_profile("suite", max_examples=60, deadline=None)
settings.load_profile("suite")

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
REPORT = CORPUS / "china-russia-report.txt"
SHARED = ROOT.parent / "shared"


def shared(relative: str) -> Path:
    """A file of the shared data sets; the test that asks for one which is not there is skipped."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"needs {relative} of the shared data sets, which are not part of the project")
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests by what they need, and puts the browser's last: its driver keeps an event loop running."""
    for item in items:
        for mark in _needs(item):
            item.add_marker(mark)
    items.sort(key=_needs_browser)


# What takes seconds as a whole: it starts processes, watches folders, exports models or checks long drafts.
SLOW = {
    *("changes", "cli", "models", "service/test_app.py", "service/test_server.py", "service/api/test_openapi.py"),
    *(
        "answering/test_ask.py",
        "check/test_check.py",
        "evaluation",
        "indexing/test_builder.py",
        "indexing/test_ingest.py",
        "text/test_quotations.py",
    ),
    *("parse/test_formats.py", "parse/test_ocr.py", "parse/test_pool.py", "parse/test_samples.py", "parse/pdf"),
    *("store/folder/test_faults.py", "store/folder/test_writer.py", "store/folder/test_store.py", "transfer"),
    *("text/test_chunk.py", "test_quality.py", "test_wheel.py", "tools", "training"),
}


def _needs_browser(item: pytest.Item) -> bool:
    return "browser" in item.path.relative_to(ROOT).parts


def _needs(item: pytest.Item) -> Iterator[str]:
    fixtures = set(getattr(item, "fixturenames", ()))
    if _needs_browser(item):
        yield "browser"
    if "engine" in fixtures:
        yield "database"
    if "encoder" in fixtures:
        yield "model"
    file = item.path.relative_to(ROOT / "tests")
    if SLOW & {each.as_posix() for each in (file, *file.parents)}:
        yield "slow"


@pytest.fixture(scope="session", autouse=True)
def _parsers() -> Iterator[None]:
    """Ends the processes that read files for the tests."""
    yield
    PARSERS.close()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The default encoder, exported into the user's cache on first use as in production."""
    settings = Settings()
    return load_encoder(settings.model, settings.cache)


@pytest.fixture(scope="session")
def corpus_index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index folder of the whole corpus; read-only by agreement."""
    return once(tmp_path_factory, "corpus-index", lambda index: ingest([CORPUS], index, encoder, PARSERS))


@pytest.fixture(scope="session")
def library(corpus_index: Path, encoder: Encoder) -> Library:
    """The whole corpus as a library."""
    return Library(corpus_index, encoder, load_scorer(Settings().reader, Settings().cache))


@pytest.fixture(scope="session")
def engine() -> Iterator[Server]:
    """A PostgreSQL server for the tests; a test that needs it is skipped where there can be none."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with Server(durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def _vectors(engine: Server) -> str:
    """The name of a database with pgvector and nothing else, for copies: that is faster than installing it anew."""
    dsn = engine.create_database()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
        return connection.info.dbname


@pytest.fixture
def database(engine: Server, _vectors: str) -> Iterator[str]:
    """The address of a database of the test's own, with pgvector."""
    dsn = engine.create_database(_vectors)
    yield dsn
    engine.drop_database(dsn)
