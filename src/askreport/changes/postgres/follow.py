"""Folders of files -> a library in PostgreSQL that has the same ones: what is new, changed, renamed or gone."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from askreport.changes.postgres.manage import PostgresManager, put_job
from askreport.changes.staging import names_like
from askreport.digest import content_id
from askreport.errors import ParseError
from askreport.indexing.sources import files_below
from askreport.parse import ending_of, read_file
from askreport.progress import Progress
from askreport.store.postgres.files import (
    File,
    documents_of,
    files,
    hold_contents,
    put_file,
    remove_file,
    rename_file,
)
from askreport.store.postgres.queue import Wanted
from askreport.types import OutcomeStatus

# Files whose bytes are sent in one transaction.
_SENT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file of a folder: where it is, its name in the library, and the id and number of its bytes.

    ``refused`` says why it cannot be read, by its status and reason; it then has no bytes.
    """

    file: Path
    name: str
    content: str = ""
    size: int = 0
    refused: tuple[OutcomeStatus, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What makes the library follow: names that change (old, new) or are gone, and files to read or to refuse."""

    renamed: list[tuple[str, str]]
    gone: list[str]
    wanted: list[Found]
    refused: list[Found]


def follow(manager: PostgresManager, paths: Sequence[Path], max_bytes: int, retry: bool, progress: Progress) -> str:
    """Has the library follow the files at or below the paths; the id of the job that reads what is new.

    Files that were sent are left alone. Raises CorpusError if a path cannot be read, and StoreError.
    """
    found = look(paths, max_bytes, progress)
    manager.backend.bring_up_to_date()
    with manager.backend.database.reading(newest=True) as connection:
        known = files(connection)
    planned = plan(found, known, manager.made, retry)
    _apply(manager, planned)
    wanted = []
    for start in range(0, len(planned.wanted), _SENT):
        wanted += _send(manager, planned.wanted[start : start + _SENT], max_bytes)
    with manager.backend.database.writing() as connection:
        return put_job(connection, "reindex", wanted)


def look(paths: Sequence[Path], max_bytes: int, progress: Progress) -> list[Found]:
    """The files at or below the paths; ``progress`` counts them in the stage "checking"."""
    there = [pair for path in paths for pair in files_below(path)]
    found = []
    for done, (file, name) in enumerate(there, start=1):
        found.append(_looked_at(file, name, max_bytes))
        progress("checking", done, len(there))
    return found


def plan(found: Sequence[Found], known: Sequence[File], made: Callable[[str], str], retry: bool) -> Plan:
    """What is to be done for a library with these files to have those that were found.

    ``made`` gives what documents of a file of this name are made with now; ``retry`` reads again what failed.
    """
    uploads = {each.name: each for each in known if not each.folder}
    before = {each.name: each for each in known if each.folder}
    now = _named(found, uploads)
    gone = {name for name in before if name not in now}
    renamed = _renamed(now, before, gone)
    owners = _owners(now, known)
    owners |= {now[new].content: new for _, new in renamed}
    wanted, refused = [], []
    for name, each in now.items():
        old = before.get(name)
        if each.refused:
            refused += [each] if old is None or (old.status, old.reason) != each.refused else []
        elif not _is_done(each, old, owners.setdefault(each.content, name) == name, made(name), retry):
            wanted.append(each)
    return Plan(
        renamed=renamed, gone=sorted(gone.difference(old for old, _ in renamed)), wanted=wanted, refused=refused
    )


def _owners(now: dict[str, Found], known: Sequence[File]) -> dict[str, str]:
    """Which of several files with the same bytes has the documents, by those bytes: one that has them already."""
    return {
        each.content: each.name
        for each in known
        if each.status == "indexed"
        and (not each.folder or (each.name in now and now[each.name].content == each.content))
    }


def _looked_at(file: Path, name: str, max_bytes: int) -> Found:
    shown = name.encode("utf-8", "replace").decode()
    if shown != name:
        return Found(file=file, name=shown, refused=("unreadable", "the file's name is not valid UTF-8; rename it"))
    try:
        ending_of(name)
        data = read_file(file, max_bytes)
    except ParseError as error:
        return Found(file=file, name=name, refused=(error.status, error.message))
    return Found(file=file, name=name, content=content_id(data), size=len(data))


def _named(found: Sequence[Found], uploads: dict[str, File]) -> dict[str, Found]:
    """The files by names of their own; one that was sent as well, under the same name, is left out."""
    named: dict[str, Found] = {}
    for each in found:
        sent = uploads.get(each.name)
        if sent is None or sent.content != each.content:
            taken = uploads.keys() | named.keys()
            name = next(like for like in map(str, names_like(Path(each.name))) if like not in taken)
            named[name] = replace(each, name=name)
    return named


def _renamed(now: dict[str, Found], before: dict[str, File], gone: Collection[str]) -> list[tuple[str, str]]:
    """Pairs of a name that is gone and one that is new, of the same bytes: their documents stay."""
    left: dict[str, str] = {before[name].content: name for name in sorted(gone) if before[name].status == "indexed"}
    pairs = []
    for name, each in now.items():
        if name not in before and each.content in left:
            pairs.append((left.pop(each.content), name))
    return pairs


def _is_done(each: Found, before: File | None, is_owner: bool, made: str, retry: bool) -> bool:
    """Whether nothing would come of reading a file."""
    if before is None or (before.content, before.made) != (each.content, made):
        return False
    if before.status in ("indexed", "duplicate"):
        return is_owner == (before.status == "indexed")
    return not retry


def _apply(manager: PostgresManager, planned: Plan) -> None:
    """Makes the changes for which nothing is read."""
    for old, new in planned.renamed:
        with manager.backend.database.writing() as connection:
            rename_file(connection, old, new)
    for name in planned.gone:
        with manager.changing() as (connection, writer):
            there = documents_of(connection, name)
            hold_contents(connection, there.values())
            writer.delete(list(there))
            remove_file(connection, name, manager.originals)
    for each in planned.refused:
        status, reason = each.refused or ("unreadable", "")
        with manager.changing() as (connection, writer):
            writer.delete(list(documents_of(connection, each.name)))
            put_file(
                connection,
                File(
                    name=each.name,
                    content="",
                    size=each.size,
                    folder=True,
                    status=status,
                    reason=reason,
                    documents=0,
                    made=manager.made(each.name),
                ),
            )


def _send(manager: PostgresManager, found: Sequence[Found], max_bytes: int) -> list[Wanted]:
    """Puts files' bytes where workers find them; a file that is gone meanwhile is left to the next run."""
    wanted = []
    with manager.backend.database.writing() as connection:
        hold_contents(connection, [each.content for each in found])
        for each in found:
            try:
                data = read_file(each.file, max_bytes)
            except ParseError:
                continue
            content = content_id(data)
            manager.originals.put(content, data, connection)
            wanted.append(Wanted(name=each.name, content=content, size=len(data), folder=True, path=each.name))
    return wanted
