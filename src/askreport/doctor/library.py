"""Whether everything askreport needs is there and works, and what to do where it does not."""

import platform
import re
import shutil
import sys
import time
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from askreport.answering.library import backend_of
from askreport.config import Settings
from askreport.doctor.folder import examine_folder
from askreport.doctor.types import Check, CheckStatus, failed
from askreport.errors import AskReportError
from askreport.models.encoder import MINILM, Encoder, TorchEncoder, load_encoder, stands_in
from askreport.parse import ocr_version

MIN_PYTHON = (3, 11)
# Whose versions say most of how a machine behaves.
PACKAGES = ("askreport", "onnxruntime", "faiss-cpu", "tantivy", "fastapi", "mcp")
# Bytes: below the first a large upload may fail, below the second hardly anything can be written.
LITTLE_SPACE = 2_000_000_000
NO_SPACE = 200_000_000
INSTALL_OCR = (
    "Debian and Ubuntu: sudo apt install tesseract-ocr; Fedora: sudo dnf install tesseract; "
    "macOS: brew install tesseract; Windows: winget install UB-Mannheim.TesseractOCR. Then run `askreport index`."
)
INSTALL_LANGUAGES = (
    "Debian and Ubuntu: sudo apt install tesseract-ocr-{0}; Fedora: sudo dnf install tesseract-langpack-{0}; "
    "macOS: brew install tesseract-lang; Windows: choose it in Tesseract's installer. Or set ASKREPORT_OCR."
)


def examine(settings: Settings) -> list[Check]:
    """All checks, in an order in which what comes first may explain what comes later; never raises."""
    encoder, checked = _encoder(settings)
    return [
        _python(),
        checked,
        *_library(settings, encoder),
        ocr_check(settings.ocr, ocr_version()),
        memory_check(sys.platform),
        space_check(settings.index, shutil.disk_usage(_existing(settings.index)).free),
    ]


def _python() -> Check:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    message = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}; {packages}"
    if sys.version_info >= MIN_PYTHON:
        return Check(name="python", status="ok", message=message)
    return Check(
        name="python",
        status="problem",
        message=message,
        hint=f"Install Python {'.'.join(map(str, MIN_PYTHON))} or newer.",
    )


def _encoder(settings: Settings) -> tuple[Encoder | None, Check]:
    started = time.perf_counter()
    try:
        encoder = load_encoder(settings.model, settings.cache, settings.threads)
        encoder.encode_question("Does it work?")
    except AskReportError as error:
        return None, failed("encoder", error)
    message = f"{encoder.fingerprint} works; loading it took {time.perf_counter() - started:.1f} s"
    if missing := stands_in(settings.model):
        message = f"{missing.message}; {MINILM} stands in, which reads English: {message}"
        return encoder, Check(name="encoder", status="warning", message=message, hint=str(missing.hint))
    if not isinstance(encoder, TorchEncoder):
        return encoder, Check(name="encoder", status="ok", message=message)
    hint = "It cannot be exported and runs by PyTorch, several times slower; all-MiniLM-L6-v2 can be exported."
    return encoder, Check(name="encoder", status="warning", message=message, hint=hint)


def _library(settings: Settings, encoder: Encoder | None) -> list[Check]:
    """The checks of the library, wherever it stands."""
    try:
        backend = backend_of(settings)
    except AskReportError as error:
        return [failed("store", error)]
    with closing(backend):
        if backend.is_postgres:
            # Imported here because psycopg is optional (askreport[cluster]).
            from askreport.doctor.postgres import examine_postgres  # noqa: PLC0415

            return examine_postgres(settings, backend)
        return examine_folder(settings, encoder)


def ocr_check(wanted: str, version: str) -> Check:
    """Whether scanned pages can be read in the ``wanted`` languages; ``version`` as ``ocr_version`` has it."""
    if not wanted:
        return Check(name="ocr", status="ok", message="switched off by ASKREPORT_OCR; scanned pages are not read")
    if not version:
        return Check(
            name="ocr",
            status="warning",
            message="Tesseract is not installed; scanned pages are not read",
            hint=INSTALL_OCR,
        )
    installed = re.split(r",\s*", version.partition("(")[2].rstrip(")"))
    missing = [language for language in wanted.split("+") if language not in installed]
    message = f"Tesseract {version}"
    if missing:
        hint = INSTALL_LANGUAGES.format(missing[0].replace("_", "-"))
        return Check(
            name="ocr",
            status="warning",
            message=f"{message} lacks {', '.join(missing)}, which ASKREPORT_OCR names",
            hint=hint,
        )
    return Check(name="ocr", status="ok", message=message)


def memory_check(system: str) -> Check:
    """Whether this system keeps the processes that read files to ASKREPORT_PARSE_MEMORY_MB."""
    if system.startswith("linux"):
        return Check(name="memory", status="ok", message="this system enforces ASKREPORT_PARSE_MEMORY_MB")
    hint = "A file made to exhaust memory may slow this computer down; add only files you trust, or use Linux."
    return Check(
        name="memory", status="warning", message="this system does not enforce ASKREPORT_PARSE_MEMORY_MB", hint=hint
    )


def space_check(index: Path, free: int) -> Check:
    """Whether so many free bytes are enough to write the index."""
    message = f"{free / 1e9:.1f} GB are free for {index}"
    status: CheckStatus = "ok" if free >= LITTLE_SPACE else "warning" if free >= NO_SPACE else "problem"
    hint = "" if status == "ok" else "Free space, or set ASKREPORT_INDEX to a folder on another disk."
    return Check(name="space", status=status, message=message, hint=hint)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above that is there."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())
