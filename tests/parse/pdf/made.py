"""PDFs written from their definition: what is drawn where, with notes, fields, page labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.tools.parts import pdf_file

FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Courier"}


@dataclass(frozen=True, slots=True)
class Shown:
    """Words at a place of the page (from its bottom left corner, in points), in a size and a font."""

    words: str
    x: float = 72.0
    y: float = 700.0
    size: float = 11.0
    font: str = "F1"

    @property
    def operators(self) -> str:
        escaped = self.words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return f"BT /{self.font} {self.size} Tf 1 0 0 1 {self.x} {self.y} Tm ({escaped}) Tj ET"


def runs(*parts: str | tuple[str, float], x: float = 72.0, y: float = 700.0, size: float = 11.0) -> Shown:
    """Words of one line, in Courier, of which those with a number are raised by it and smaller."""
    operators = [f"BT /F3 {size} Tf 1 0 0 1 {x} {y} Tm"]
    for part in parts:
        words, rise = (part, 0.0) if isinstance(part, str) else part
        operators.append(f"/F3 {size * (0.6 if rise else 1)} Tf {rise} Ts ({words}) Tj")
    return _Raw(" ".join([*operators, "ET"]))


@dataclass(frozen=True, slots=True)
class _Raw(Shown):
    words: str

    @property
    def operators(self) -> str:
        return self.words


def lines(*words: str, x: float = 72.0, y: float = 700.0, leading: float = 14.0, size: float = 11.0) -> list[Shown]:
    """Lines one under the other."""
    return [Shown(each, x, y - leading * n, size) for n, each in enumerate(words)]


def drawn(
    *pages: Sequence[Shown],
    catalog: str = "",
    page_entries: str = "",
    more: Sequence[str] = (),
    fonts: dict[str, str] | None = None,
    encoding: str = "/WinAnsiEncoding",
) -> bytes:
    """A PDF of these pages, 612 by 792 points.

    ``more`` are objects whose numbers go on after those of the pages: object 3 is the first of them.
    """
    objects: list[bytes] = [b"", b"", *(each.encode("latin-1") for each in more)]
    named = {
        name: f"<</Type/Font/Subtype/Type1/BaseFont/{base}/Encoding{encoding}{(fonts or {}).get(name, '')}>>"
        for name, base in FONTS.items()
    }
    resources = "".join(f"/{name} {font}" for name, font in named.items())
    kids = []
    for page in pages:
        content = "\n".join(each.operators for each in page).encode("cp1252")
        objects.append(b"<</Length %d>>stream\n%b\nendstream" % (len(content), content))
        entries = f"/Contents {len(objects)} 0 R/Resources<</Font<<{resources}>>>>{page_entries}"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]{entries}>>".encode())
        kids.append(f"{len(objects)} 0 R")
    objects[0] = f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode("latin-1")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>".encode()
    objects.append(b"<<>>")
    return pdf_file(objects)
