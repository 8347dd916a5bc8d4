"""OCR by Tesseract, a program that may be installed: a page's picture -> lines with a box for each character."""

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import numpy as np

from askreport.boxes import UNITS
from askreport.parse.pdf.lines import CELL_GAP, Line, PageLines

if TYPE_CHECKING:
    from PIL import Image

_PROGRAM = "tesseract"
# Words that Tesseract itself hardly believes in are noise of the picture.
_MIN_CONFIDENCE = 20.0
_Row = dict[str, str]


class OcrError(Exception):
    """OCR is not possible here, or failed on a page; ``only_this_page`` tells which."""

    def __init__(self, message: str, only_this_page: bool = False) -> None:
        super().__init__(message)
        self.only_this_page = only_this_page


def ocr_version() -> str:
    """Tesseract's version and languages, or "" where it is not installed or does not run."""
    if shutil.which(_PROGRAM) is None:
        return ""
    try:
        version = _run(["--version"], b"", 10).split("\n")[0].removeprefix(f"{_PROGRAM} ").strip()
        languages = sorted(_run(["--list-langs"], b"", 10).split("\n")[1:])
    except OcrError:
        return ""
    return f"{version} ({', '.join(language for language in languages if language not in ('', 'osd'))})"


def ocr_page(image: "Image.Image", number: int, scale: float, languages: str, seconds: float) -> PageLines:
    """The lines of a page's picture drawn at ``scale`` pixels a point; OcrError if Tesseract cannot read it."""
    if shutil.which(_PROGRAM) is None:
        raise OcrError("Tesseract is not installed")
    stream = io.BytesIO()
    image.convert("L").save(stream, "PNG", compress_level=1)
    options = ["stdin", "stdout", "--dpi", str(max(70, round(72 * scale))), "--psm", "1", "-l", languages, "tsv"]
    table = _run(options, stream.getvalue(), seconds)
    rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if row["level"] == "5" and (row["text"] or "").strip() and _is_likely(row)]
    width, height = image.width / scale, image.height / scale
    lines = [
        list(line) for _, line in groupby(words, key=lambda row: (row["block_num"], row["par_num"], row["line_num"]))
    ]
    # The height of a line's box depends on its letters: only the page's usual one says something of their size.
    size = float(np.median([int(word["height"]) for word in words])) / scale if words else 0.0
    return PageLines(
        number=number,
        width=width,
        height=height,
        extent=height,
        lines=tuple(_line(line, scale, size) for line in lines),
        ocr=True,
    )


def _run(options: list[str], data: bytes, seconds: float) -> str:
    # Tesseract's threads slow each other down on small machines, and the pages are read side by side already.
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing in the options comes from a document
            [_PROGRAM, *options], input=data, capture_output=True, timeout=seconds, check=True, env=environment
        )
    except subprocess.TimeoutExpired:
        raise OcrError(f"OCR took longer than {seconds:g} seconds", only_this_page=True) from None
    except subprocess.CalledProcessError as error:
        message = error.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        # A language's missing file is missing for every page; other failures are about the picture.
        raise OcrError(f"Tesseract says: {message}", only_this_page="traineddata" not in message) from None
    except OSError as error:
        raise OcrError(f"Tesseract cannot be run: {error.strerror}") from None
    return done.stdout.decode("utf-8", "replace")


def _is_likely(row: _Row) -> bool:
    try:
        return float(row["conf"]) >= _MIN_CONFIDENCE
    except ValueError:
        return False


def _line(words: list[_Row], scale: float, size: float) -> Line:
    text = words[0]["text"]
    for before, word in pairwise(words):
        gap = (int(word["left"]) - int(before["left"]) - int(before["width"])) / scale
        # A wide gap is one between the cells of a row, as in a page with text.
        text += ("\t" if gap > CELL_GAP * size else " ") + word["text"]
    boxes = np.concatenate(list(_character_boxes(words, scale)))[1:]
    printed = boxes[boxes[:, 2] > boxes[:, 0]]
    left, top = printed[:, :2].min(axis=0) / UNITS
    right, bottom = printed[:, 2:].max(axis=0) / UNITS
    return Line(text=text, boxes=boxes, left=left, top=top, right=right, bottom=bottom, size=size)


def _character_boxes(words: list[_Row], scale: float) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.int32]]]:
    """The boxes of a space and a word's characters, which share the word's box evenly, for each word."""
    for word in words:
        x, y, width, height = (float(word[name]) / scale * UNITS for name in ("left", "top", "width", "height"))
        count = len(word["text"])
        edges = np.round(x + width * np.arange(count + 1) / count).astype(np.int32)
        boxes = np.zeros((count + 1, 4), np.int32)
        boxes[1:, 0], boxes[1:, 2] = edges[:-1], edges[1:]
        boxes[1:, 1], boxes[1:, 3] = round(y), round(y + height)
        yield boxes
