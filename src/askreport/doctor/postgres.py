"""Whether PostgreSQL can be used for a library, and what to do where not. Imported only where it is used."""

from collections import Counter
from collections.abc import Iterator

from askreport.answering.library import made_with, read_from
from askreport.config import Settings
from askreport.doctor.types import Check, CheckStatus, failed
from askreport.errors import AskReportError, IndexMissingError
from askreport.models.encoder import load_encoder
from askreport.store import FORMAT, Backend
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.status import MIN_SERVER, MIN_VECTOR, About, about
from askreport.store.postgres.store import EXACT_UP_TO
from askreport.store.postgres.writer import INTO_ANOTHER
from askreport.types import Outcome

# No file has bytes with this id.
_NOTHING = "0" * 16


def examine_postgres(settings: Settings, backend: Backend) -> list[Check]:
    """The checks of a library in PostgreSQL; never raises. What comes first may explain why nothing follows."""
    assert isinstance(backend, PostgresBackend)
    return list(_examine(settings, backend))


def _examine(settings: Settings, backend: PostgresBackend) -> Iterator[Check]:
    try:
        found = about(backend.database)
    except AskReportError as error:
        yield failed("store", error)
        return
    yield store_check(backend.database.name, found)
    yield replicas_check(found)
    if found.is_new_enough and found.is_current:
        yield _library(settings, backend, found)
        yield _files(backend)


def store_check(name: str, found: About) -> Check:
    """Whether the server and its tables are as they must be."""
    vector = f"pgvector {found.vector}" if found.vector else "no pgvector"
    message = f"{name}: PostgreSQL {found.server}, {vector}, {found.size / 1e6:.0f} MB"
    if not found.is_new_enough:
        server, vectors = (".".join(map(str, each)) for each in (MIN_SERVER, MIN_VECTOR))
        hint = f"PostgreSQL {server} or newer is needed on every node, with pgvector {vectors} or newer."
        return Check(name="store", status="problem", message=message, hint=hint)
    if not found.is_current and found.format not in (None, FORMAT):
        message = f"{message}; the library is of another version (format {found.format}, not {FORMAT})"
        return Check(name="store", status="problem", message=message, hint=INTO_ANOTHER)
    if not found.is_current:
        hint = "Whatever uses the library next makes them, or run `askreport status`."
        return Check(
            name="store",
            status="warning",
            message=f"{message}; the tables are not there, or of an earlier version",
            hint=hint,
        )
    return Check(name="store", status="ok", message=message)


def replicas_check(found: About) -> Check:
    """Which nodes follow."""
    if found.replicas:
        return Check(name="replicas", status="ok", message=f"{len(found.replicas)}: {', '.join(found.replicas)}")
    return Check(name="replicas", status="ok", message="none: every question goes to one node")


def _library(settings: Settings, backend: PostgresBackend, found: About) -> Check:
    try:
        manifest = read_from(backend, lambda store: store.manifest)
        in_use = made_with(load_encoder(settings.model, settings.cache, settings.threads))
    except IndexMissingError as error:
        return Check(name="library", status="warning", message=error.message, hint=error.hint or "")
    except AskReportError as error:
        return failed("library", error)
    counts = manifest.counts
    message = f"generation {manifest.generation}: {counts.documents} documents, {counts.passages} passages"
    if manifest.encoder != in_use.encoder:
        hint = "Set ASKREPORT_MODEL to the model it was made with, or give ASKREPORT_STORE another database."
        made = f"made with {manifest.encoder}, not with {in_use.encoder}"
        return Check(name="library", status="problem", message=f"{message}, {made}", hint=hint)
    return graph_check(message, counts.passages, found.has_graph)


def graph_check(message: str, passages: int, has_graph: bool) -> Check:
    """Whether near vectors are found by a graph, where there are too many passages to look at all."""
    if has_graph or passages <= EXACT_UP_TO:
        return Check(name="library", status="ok", message=message)
    hint = "Run `askreport worker`: it makes the graph of the vectors once nothing waits, which takes minutes."
    return Check(
        name="library",
        status="warning",
        message=f"{message}; each question looks at all of them, and is slow",
        hint=hint,
    )


def _files(backend: PostgresBackend) -> Check:
    try:
        outcomes = backend.outcomes()
        # Whether the place can be reached.
        backend.originals.has(_NOTHING)
    except AskReportError as error:
        return failed("files", error)
    return files_check(outcomes)


def files_check(outcomes: tuple[Outcome, ...]) -> Check:
    """Whether all files could be read."""
    counts = Counter(outcome.status for outcome in outcomes)
    message = ", ".join(f"{number} {status}" for status, number in counts.most_common()) or "none yet"
    status: CheckStatus = "warning" if counts.keys() - {"indexed", "duplicate"} else "ok"
    hint = "The documents page lists the reasons; correct those files, and add them again." if status != "ok" else ""
    return Check(name="files", status=status, message=message, hint=hint)
