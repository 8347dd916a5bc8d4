"""What stands on a PDF's page without being drawn by it: filled-in form fields, typed notes, and struck words."""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from askreport.boxes import UNITS, BoxArray
from askreport.parse.pdf.lines import Line

_Floats = npt.NDArray[np.float64]
# Annotations on a page beyond these are not looked at.
_MAX_ANNOTATIONS = 5_000
_MAX_VALUE = 20_000
_HIDDEN = pdfium_c.FPDF_ANNOT_FLAG_HIDDEN | pdfium_c.FPDF_ANNOT_FLAG_NOVIEW
_PASSWORD = 1 << 13
_TYPED = (
    pdfium_c.FPDF_FORMFIELD_TEXTFIELD,
    pdfium_c.FPDF_FORMFIELD_COMBOBOX,
    pdfium_c.FPDF_FORMFIELD_LISTBOX,
)
_CHOSEN = (pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON)
# In heights of the letters: how much of it a field and its label must share, and how far above it the label may stand.
_SHARED, _ABOVE = 0.4, 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Words of an annotation and their place on the page as displayed, in points."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    is_note: bool = False
    is_choice: bool = False


def annotations(
    page: pdfium.PdfPage, transform: Callable[[_Floats], _Floats]
) -> tuple[list[Added], list[tuple[float, float, float, float]]]:
    """What fields and notes say, and the boxes of what is struck out, in the page's own coordinates."""
    added: list[Added] = []
    struck: list[tuple[float, float, float, float]] = []
    for number in range(min(pdfium_c.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        try:
            kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
            if pdfium_c.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
                continue
            if kind == pdfium_c.FPDF_ANNOT_STRIKEOUT:
                struck += _quads(annotation)
            elif kind in (pdfium_c.FPDF_ANNOT_WIDGET, pdfium_c.FPDF_ANNOT_FREETEXT):
                added += _said(annotation, kind, page, transform)
        finally:
            pdfium_c.FPDFPage_CloseAnnot(annotation)
    return added, struck


def _quads(annotation: object) -> Iterator[tuple[float, float, float, float]]:
    quad = pdfium_c.FS_QUADPOINTSF()
    for number in range(min(pdfium_c.FPDFAnnot_CountAttachmentPoints(annotation), _MAX_ANNOTATIONS)):
        if pdfium_c.FPDFAnnot_GetAttachmentPoints(annotation, number, quad):
            x, y = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            yield min(x), min(y), max(x), max(y)


def _said(
    annotation: object, kind: int, page: pdfium.PdfPage, transform: Callable[[_Floats], _Floats]
) -> Iterator[Added]:
    is_note = kind == pdfium_c.FPDF_ANNOT_FREETEXT
    form = None if is_note else page.formenv
    if not is_note and form is None:
        return
    field = -1 if is_note else pdfium_c.FPDFAnnot_GetFormFieldType(form, annotation)
    is_choice = field in _CHOSEN
    if is_choice:
        text = "☒" if pdfium_c.FPDFAnnot_IsChecked(form, annotation) else "☐"
    elif is_note:
        text = _string(lambda buffer, size: pdfium_c.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size))
    elif field in _TYPED and not pdfium_c.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD:
        text = _string(lambda buffer, size: pdfium_c.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size))
    else:
        return
    rectangle = pdfium_c.FS_RECTF()
    if text and pdfium_c.FPDFAnnot_GetRect(annotation, rectangle):
        own = np.array([[rectangle.left, rectangle.bottom, rectangle.right, rectangle.top]], np.float64)
        left, top, right, bottom = transform(np.nan_to_num(own))[0].tolist()
        if right > left and bottom > top:
            yield Added(text=text, left=left, top=top, right=right, bottom=bottom, is_note=is_note, is_choice=is_choice)


def _string(read: Callable[[object, int], int]) -> str:
    """A string that PDFium gives in UTF-16, with single spaces."""
    size = min(read(None, 0), 2 * _MAX_VALUE)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    read(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    text = buffer.raw.decode("utf-16-le", "replace").split("\0")[0]
    words = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(words.replace("\ufffd", " ").split())


def with_added(lines: Sequence[Line], added: Sequence[Added]) -> list[Line]:
    """The page's lines with what fields and notes say: in the line of their label, below it, or at the end."""
    result = list(lines)
    for each in sorted(added, key=lambda each: (each.top, each.left)):
        at = None if each.is_note and not _is_typed_in(each, result) else _label(each, result)
        if at is not None:
            result[at] = _filled(result[at], each)
        elif each.text not in ("☐", "☒"):
            result.append(_own_line(each))
    return result


def _is_typed_in(note: Added, lines: Sequence[Line]) -> bool:
    """Whether a note fills in a form that has no fields: a label that ends so stands before it."""
    at = _label(note, lines)
    return at is not None and lines[at].text.rstrip().endswith((":", "_", "."))


def _label(each: Added, lines: Sequence[Line]) -> int | None:
    """The line in which a field stands, else the one right above it that asks for it."""
    beside: list[tuple[float, int]] = []
    above: list[tuple[float, int]] = []
    for at, line in enumerate(lines):
        left, top, right, bottom = _place(line)
        height = max(bottom - top, 1.0)
        shared = min(bottom, each.bottom) - max(top, each.top)
        if shared >= _SHARED * min(height, each.bottom - each.top):
            distance = max(each.left - right, left - each.right, 0.0)
            # What a box to tick means stands right of it.
            penalty = 0.0 if (right <= each.left + 2) != each.is_choice else 1_000.0
            beside.append((distance + penalty, at))
        elif 0 <= each.top - bottom + 2 < _ABOVE * height and left < each.right and right > each.left:
            above.append((each.top - bottom, at))
    if beside:
        return min(beside)[1]
    asked = [(distance, at) for distance, at in above if lines[at].text.rstrip().endswith((":", "?"))]
    return min(asked)[1] if asked and not each.is_choice else None


def _place(line: Line) -> tuple[float, float, float, float]:
    printed = line.boxes[line.boxes[:, 2] > line.boxes[:, 0]]
    if not len(printed):
        return line.left, line.top, line.right, line.bottom
    (left, top), (right, bottom) = printed[:, :2].min(axis=0) / UNITS, printed[:, 2:].max(axis=0) / UNITS
    return float(left), float(top), float(right), float(bottom)


def _filled(line: Line, each: Added) -> Line:
    """A line with a field's words where the field stands in it."""
    places = line.boxes
    _, top, _, bottom = _place(line)
    in_row = each.top < bottom - 1 and each.bottom > top + 1
    after = np.flatnonzero((places[:, 2] > places[:, 0]) & (places[:, 0] >= UNITS * (each.left - 1)))
    at = int(after[0]) if len(after) and in_row else len(line.text)
    before, rest = line.text[:at].rstrip(), line.text[at:]
    gap = "" if not before else "\t" if not rest and not each.is_choice else " "
    text = before + gap + each.text + (" " if rest else "") + rest
    empty = np.zeros((1, 4), np.int32)
    boxes = [places[: len(before)], *([empty] if gap else []), _spread(each), *([empty] if rest else []), places[at:]]
    return replace(
        line,
        text=text,
        boxes=np.concatenate(boxes),
        left=min(line.left, each.left),
        right=max(line.right, each.right),
    )


def _own_line(each: Added) -> Line:
    height = each.bottom - each.top
    return Line(
        text=each.text,
        boxes=_spread(each),
        left=each.left,
        top=each.top,
        right=each.right,
        bottom=each.bottom,
        size=min(height, 12.0),
        is_aside=True,
    )


def _spread(each: Added) -> BoxArray:
    """A box for each character: they share the field's evenly, and blanks have none."""
    edges = np.round(UNITS * (each.left + (each.right - each.left) * np.arange(len(each.text) + 1) / len(each.text)))
    boxes = np.zeros((len(each.text), 4), np.int32)
    boxes[:, 0], boxes[:, 2] = edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)
    boxes[:, 1], boxes[:, 3] = round(each.top * UNITS), round(each.bottom * UNITS)
    boxes[[character == " " for character in each.text]] = 0
    return boxes
