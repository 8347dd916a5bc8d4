"""An archive -> the library it was made of. Nothing is changed before every file was compared with its checksum."""

import hashlib
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from askreport.errors import BackupError, IndexDamagedError, IndexMissingError
from askreport.indexing.sources import files_below
from askreport.store import (
    adopt_generation,
    copy_database,
    latest_generation,
    read_manifest,
    replace_database,
    unseal,
    writer_lock,
)
from askreport.store.folder.desk import DESK
from askreport.transfer.backup import CONTENTS, CORPUS, DATABASES, FILES, FORMAT, INDEX, Backup, described, explained

# Hidden from the indexer: what is being taken out of an archive, and the corpus that it took the place of.
_RESTORING = ".restoring-"
BEFORE = ".before-restore-"
_CHUNK = 1_000_000
_IN_INDEX = re.compile(r"generation-\d{6,}/.+|" + "|".join(map(re.escape, (*DATABASES, *FILES))))


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, its generation here, and where the corpus that was there is kept now, "" if there was none."""

    backup: Backup
    generation: int
    kept_in: str


def restore(archive: Path, corpus: Path, index: Path, force: bool = False) -> Restored:
    """Makes the library what the archive holds; a running service answers from it at once.

    An existing library is replaced only with ``force``. Its files then move to a hidden folder in the corpus folder,
    and the restored library becomes the newest generation of its index.

    Raises BackupError, also if the disk fails, and IndexBusyError.
    """
    with explained("the backup cannot be restored", "Free space, or choose other folders."), ExitStack() as undo:
        if not force:
            _refuse_to_replace(corpus, index)
        if not archive.is_file():
            raise BackupError(f"there is no file {archive}", "Name one that `askreport backup` has written.")
        undo.enter_context(writer_lock(index))
        corpus.mkdir(parents=True, exist_ok=True)
        # On the same disks as what they will be, so that the last step is renaming.
        folders = {CORPUS: _scratch(corpus, undo), INDEX: _scratch(index, undo)}
        backup = _read(archive, folders)
        kept_in = _exchange(folders[CORPUS], corpus)
        _keep_desk(index, folders[INDEX])
        for name in (*DATABASES, *FILES):
            if (folders[INDEX] / name).exists():
                replace_database(folders[INDEX] / name, index / name)
        return Restored(backup, adopt_generation(index, folders[INDEX]), kept_in)


def _keep_desk(index: Path, restored: Path) -> None:
    """Copies what people have kept beside the library that gives way: it cannot be made anew."""
    if (index / DESK).exists() and (restored / DESK).exists():
        copy_database(index / DESK, index / f"{BEFORE[1:]}{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{DESK}")


def _refuse_to_replace(corpus: Path, index: Path) -> None:
    hint = "Choose other folders by --corpus and --index, or replace what is there by --force."
    if corpus.exists() and any(True for _ in files_below(corpus)):
        raise BackupError(f"there are files in {corpus}", hint)
    try:
        latest_generation(index)
    except IndexMissingError:
        return
    except IndexDamagedError:
        pass
    raise BackupError(f"there is an index in {index}", hint)


def _scratch(folder: Path, undo: ExitStack) -> Path:
    made = Path(tempfile.mkdtemp(prefix=_RESTORING, dir=folder))
    undo.callback(shutil.rmtree, made, ignore_errors=True)
    return made


def _read(archive: Path, folders: Mapping[str, Path]) -> Backup:
    """Takes every file out, into the folder it belongs to; BackupError unless they are those that were put in."""
    try:
        contents, sums = _take_all(archive, folders)
        if contents["format"] != FORMAT:
            raise ValueError(f"its format is {contents['format']}, not {FORMAT}")
        if sums != {name: (size, digest) for name, (size, digest) in contents["files"].items()}:
            raise ValueError("its files are not those that were put in")
        read_manifest(folders[INDEX], latest_generation(folders[INDEX]))
        return described(contents)
    except (tarfile.TarError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        reason = str(error)
    except (IndexDamagedError, IndexMissingError, EOFError, FileExistsError):
        reason = "it holds no sound index, or a file twice"
    raise BackupError(f"{archive} is damaged, or not a backup: {reason}", "Nothing was changed; restore another one.")


def _take_all(archive: Path, folders: Mapping[str, Path]) -> tuple[dict[str, Any], dict[str, tuple[int, str]]]:
    """What the archive says it holds, and the size and checksum of what it does hold, by name."""
    sealed: bytes | None = None
    sums = {}
    with tarfile.open(archive, "r:") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() and not member.issparse() else None
            if content is None or sealed is not None:
                raise ValueError(f"{member.name!r} does not belong there")
            if member.name == CONTENTS:
                sealed = content.read()
            else:
                sums[member.name] = _take(content, _target(member.name, folders), int(member.mtime))
    return unseal(sealed or b""), sums


def _target(name: str, folders: Mapping[str, Path]) -> Path:
    """Where a file goes, always in one of the folders; ValueError for any other name."""
    where, _, rest = name.partition("/")
    is_known = not rest.startswith(".") if where == CORPUS else where == INDEX and bool(_IN_INDEX.fullmatch(rest))
    if is_known and rest and PurePosixPath(name).as_posix() == name:
        target = folders[where] / rest
        # Whatever names mean on this system; nothing taken out is a link.
        if target.resolve().parent.is_relative_to(folders[where].resolve()):
            return target
    raise ValueError(f"{name!r} is not the name of a file in a backup")


def _take(content: IO[bytes], target: Path, modified: int) -> tuple[int, str]:
    target.parent.mkdir(parents=True, exist_ok=True)
    size, digest = 0, hashlib.sha256()
    with target.open("xb") as stream:
        while data := content.read(_CHUNK):
            size += stream.write(data)
            digest.update(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.utime(target, (modified, modified))
    return size, digest.hexdigest()


def _exchange(new: Path, corpus: Path) -> str:
    """Moves the new files into the corpus folder, and those that are there, but hidden ones, to a hidden folder."""
    old = [entry for entry in corpus.iterdir() if not entry.name.startswith(".")]
    kept = corpus / f"{BEFORE}{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
    if old:
        kept.mkdir()
    for entry in old:
        entry.rename(kept / entry.name)
    for entry in sorted(new.iterdir()):
        entry.rename(corpus / entry.name)
    return str(kept) if old else ""
