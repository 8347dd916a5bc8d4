"""Tesseract: the words of a picture where they stand, or the reason why there are none."""

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from askreport.boxes import UNITS
from askreport.parse.pdf.ocr import OcrError, ocr_page, ocr_version

needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract: make system")
SCALE = 200 / 72


def picture(*lines: str) -> Image.Image:
    """A page of 400 by 300 points with these lines in letters of 20 points."""
    image = Image.new("L", (round(400 * SCALE), round(300 * SCALE)), 255)
    font = ImageFont.load_default(size=round(20 * SCALE))
    for n, words in enumerate(lines):
        ImageDraw.Draw(image).text((40 * SCALE, (40 + 40 * n) * SCALE), words, fill=0, font=font)
    return image


@needs_tesseract
def test_the_words_and_their_places_are_read() -> None:
    page = ocr_page(picture("The report was written", "in the spring of 1992."), 3, SCALE, "eng", 60)
    assert (page.number, page.ocr, round(page.width), round(page.height)) == (3, True, 400, 300)
    assert [line.text for line in page.lines] == ["The report was written", "in the spring of 1992."]
    for line, top in zip(page.lines, (40, 80), strict=True):
        assert len(line.boxes) == len(line.text)
        printed = line.boxes[line.boxes[:, 2] > line.boxes[:, 0]] / UNITS
        assert abs(printed[0, 0] - 40) < 4
        assert top < printed[:, 1].min() < printed[:, 3].max() < top + 30
        # Characters follow one another without overlap.
        assert (printed[1:, 0] >= printed[:-1, 2] - 0.02).all()


@needs_tesseract
def test_an_empty_picture_has_no_lines() -> None:
    assert ocr_page(picture(), 1, SCALE, "eng", 60).lines == ()


@needs_tesseract
def test_a_language_that_is_not_installed_is_missing_for_every_page() -> None:
    with pytest.raises(OcrError, match="Tesseract says") as caught:
        ocr_page(picture("words"), 1, SCALE, "xxx", 60)
    assert not caught.value.only_this_page


@needs_tesseract
def test_a_page_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(OcrError, match="longer than") as caught:
        ocr_page(picture("words"), 1, SCALE, "eng", 0.001)
    assert caught.value.only_this_page


@needs_tesseract
def test_the_version_names_the_languages() -> None:
    assert "eng" in ocr_version()


def test_without_tesseract_the_reason_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ocr_version() == ""
    with pytest.raises(OcrError, match="not installed"):
        ocr_page(picture("words"), 1, SCALE, "eng", 60)


def test_a_tesseract_that_does_not_run_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tesseract").write_text("not a program")
    (tmp_path / "tesseract").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ocr_version() == ""
