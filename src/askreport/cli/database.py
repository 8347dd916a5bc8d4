"""What the command line says of a library in a database. Imported only where an address asks for it."""

from contextlib import closing
from dataclasses import asdict

from askreport.answering.library import read_from
from askreport.cli.terminal import out, print_json, safe
from askreport.config import Settings
from askreport.store.postgres.backend import PostgresBackend
from askreport.store.postgres.status import about


def print_status(settings: Settings, as_json: bool) -> None:
    """Prints what the database holds and what that was made with; errors as for ``Library.read``."""
    with closing(PostgresBackend(settings.store.get_secret_value())) as backend:
        manifest = read_from(backend, lambda store: store.manifest)
        size, name = about(backend.database).size, backend.database.name
    if as_json:
        print_json({"store": name, "size": size, **asdict(manifest)})
        return
    counts = manifest.counts
    out.print(f"[bold]{safe(name)}[/bold], generation {manifest.generation}")
    out.print(f"  changed    {manifest.built_at}")
    out.print(f"  holds      {counts.documents} documents, {counts.passages} passages, {counts.sentences} sentences")
    out.print(f"  encoder    {safe(manifest.encoder)}")
    out.print(f"  chunking   {manifest.chunking}")
    out.print(f"  size       {size / 1e6:.1f} MB")
