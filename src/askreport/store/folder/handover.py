"""Generations and caches on their way out of an index and into another."""

import sqlite3
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from askreport.errors import IndexDamagedError
from askreport.store.base import Manifest
from askreport.store.folder.files import files_of, sync
from askreport.store.folder.generations import (
    MANIFEST,
    generation_folder,
    generations,
    latest_generation,
    read_manifest,
    write_failures,
    write_manifest,
)
from askreport.store.folder.writer import KEPT_GENERATIONS, remove_generations


def open_generation(index: Path, opened: ExitStack) -> tuple[Manifest, dict[str, IO[bytes]]]:
    """The newest generation, and its files by their names, its manifest among them, opened on the stack.

    Open, they can be read to the end even if the generation is removed meanwhile. Raises IndexMissingError and
    IndexDamagedError.
    """
    while True:
        newest = latest_generation(index)
        folder = generation_folder(index, newest)
        try:
            with ExitStack() as trying:
                manifest = read_manifest(index, newest)
                names = [*manifest.files, MANIFEST]
                files: dict[str, IO[bytes]] = {name: trying.enter_context((folder / name).open("rb")) for name in names}
                opened.push(trying.pop_all())
                return manifest, files
        except (IndexDamagedError, FileNotFoundError):
            # Or not damaged, but replaced by newer ones and removed while it was being opened.
            if newest == latest_generation(index):
                raise


def adopt_generation(index: Path, other: Path) -> int:
    """Publishes the newest generation of another index, in a folder on the same disk, as the newest here; its number.

    Of use to the holder of ``writer_lock`` only. The generation is taken out of the other index. Raises
    IndexDamagedError, and IndexWriteError.
    """
    found = read_manifest(other, latest_generation(other))
    folder = generation_folder(other, found.generation)
    with write_failures(index):
        manifest = replace(found, generation=max(generations(index), default=0) + 1)
        write_manifest(folder, manifest)
        folders = [path for path in folder.rglob("*") if path.is_dir()]
        sync([*files_of(folder), *folders, folder])
        folder.rename(generation_folder(index, manifest.generation))
        with suppress(OSError):
            sync([index])
        remove_generations(index, kept=KEPT_GENERATIONS)
    return manifest.generation


def copy_database(source: Path, target: Path) -> None:
    """A database as it is at this moment, also while others write to it, as a new file; OSError if that fails."""
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise OSError(f"{source} cannot be copied: {error}") from None


def replace_database(source: Path, target: Path) -> None:
    """Puts a database in the place of another that nobody has open; both are on the same disk."""
    for ending in ("-wal", "-shm"):
        target.with_name(f"{target.name}{ending}").unlink(missing_ok=True)
    source.replace(target)
