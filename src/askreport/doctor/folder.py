"""Whether a corpus folder and its index can be used, and what to do where not."""

from collections import Counter

from askreport.config import Settings
from askreport.doctor.types import Check, failed
from askreport.errors import AskReportError
from askreport.indexing.sources import files_below
from askreport.models.encoder import Encoder
from askreport.store import FORMAT, Integrity, latest_generation, read_manifest
from askreport.store.folder.outcomes import read_outcomes
from askreport.text.chunk import CHUNKING


def examine_folder(settings: Settings, encoder: Encoder | None) -> list[Check]:
    """The checks of a library in a folder; never raises. Without an encoder, what made the index is not compared."""
    return [_index(settings, encoder), _corpus(settings)]


def _index(settings: Settings, encoder: Encoder | None) -> Check:
    index = settings.index
    try:
        manifest = read_manifest(index, latest_generation(index))
    except AskReportError as error:
        return failed("index", error)
    counts = manifest.counts
    message = f"generation {manifest.generation} in {index}: {counts.documents} documents, {counts.passages} passages"
    rebuild = "Run `askreport index`: it builds the index anew, and embeds nothing again that is in its cache."
    made_with = (manifest.encoder, manifest.chunking, manifest.format)
    if encoder and made_with != (encoder.fingerprint, CHUNKING, FORMAT):
        return Check(
            name="index",
            status="problem",
            message=f"{message}, made with {manifest.encoder}, not with the encoder in use",
            hint=rebuild,
        )
    try:
        damaged = Integrity().damaged(index, manifest)
    except OSError as error:
        return Check(
            name="index",
            status="problem",
            message=f"{message}; it cannot be read: {error.strerror}",
            hint="Allow reading it.",
        )
    if damaged:
        return Check(
            name="index",
            status="problem",
            message=f"{message}; not as written: {', '.join(map(str, damaged))}",
            hint=rebuild,
        )
    if manifest.embedded < 1:
        return Check(
            name="index",
            status="warning",
            message=f"{message}; {int(100 * manifest.embedded)}% of them have vectors, the others are found by words",
            hint="`askreport index` completes it, if that is not under way.",
        )
    return Check(name="index", status="ok", message=message)


def _corpus(settings: Settings) -> Check:
    try:
        files = sum(1 for _ in files_below(settings.corpus))
    except AskReportError as error:
        return failed("corpus", error)
    counts = Counter(outcome.status for outcome in read_outcomes(settings.index))
    listed = ", ".join(f"{number} {status}" for status, number in counts.most_common())
    message = f"{files} files in {settings.corpus}" + (f"; in the last run: {listed}" if listed else "")
    if files and not counts:
        return Check(name="corpus", status="warning", message=message, hint="Run `askreport index` to index them.")
    if counts.keys() - {"indexed", "duplicate"}:
        hint = "`askreport index` lists the reasons, `askreport index --retry` reads those files again."
        return Check(name="corpus", status="warning", message=message, hint=hint)
    return Check(name="corpus", status="ok", message=message)
