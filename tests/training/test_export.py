"""What is exported computes what was trained: the service's reader beside the network that it was exported from."""

import hashlib
import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch

from askreport.answering.reading import RETRIEVAL
from askreport.models.e5 import E5Inputs
from askreport.models.e5_file import E5File
from askreport.models.e5_reader import GRAPH, HEADS, META, E5Reader
from askreport.models.scorer import UNKNOWN_MODEL, Calibration, Window
from askreport.models.unigram import Unigram
from askreport.types import FloatArray
from tests.tools.tinye5 import HIDDEN
from training import export as module
from training import windows
from training.examples import Example
from training.export import POSITIONS, UNCALIBRATED, averaged, export
from training.model import Reader, batch_of
from training.windows import Cutter

# The standard deviation of the scores, as of a trained network's.
SPREAD = 3.0
# Between products of bytes and of floats, on average. Two networks that have nothing in common are 1.4 SPREAD apart.
MAX_CHANGE = SPREAD / 4
# The share of tokens on the same side of 0.
ALIKE = 0.9
SOME = ["the", "ship", "came", "late", "Who", "in", "1628", "and", "rained", "é", "-"]


def example(sentences: list[str], question: str = "Who came late?", title: str = "", before: str = "") -> Example:
    return Example(
        source="test",
        question=question,
        title=title,
        before=before,
        sentences=tuple(sentences),
        labels=(0,) * len(sentences),
    )


def computed(reader: Reader, pieces: Unigram, asked: list[Example]) -> list[tuple[FloatArray, FloatArray]]:
    """For each example the network's logits of its sentences, and the scores of its tokens."""
    with pytest.MonkeyPatch.context() as patch:
        # A window of everything that there is.
        patch.setattr(windows, "ALL", 10_000)
        cut = [Cutter(pieces, random.Random(1)).window(each, 0, all_of=True, bare=0.0) for each in asked]
    results = []
    for window in cut:
        batch = batch_of([(window,)])
        with torch.inference_mode():
            logits, _, tokens = reader(batch.ids, batch.mask, batch.sentence)
        results.append((logits[0].numpy(), tokens[0][batch.sentence[0] >= 0].numpy()))
    return results


def spread(head: torch.nn.Linear, scores: list[FloatArray]) -> None:
    """Has the head's scores lie SPREAD apart, around 0."""
    flat = np.concatenate(scores)
    with torch.no_grad():
        head.bias.sub_(float(flat.mean())).mul_(SPREAD / float(flat.std()))
        head.weight.mul_(SPREAD / float(flat.std()))


@pytest.fixture(scope="module")
def trained(weights: Path, pieces: Unigram) -> Reader:
    """A network of random weights whose scores lie apart."""
    torch.manual_seed(1)
    reader = Reader(E5File(weights)).eval()
    draw = random.Random(1)
    some = [example([" ".join(draw.choices(SOME, k=6)) for _ in range(4)]) for _ in range(12)]
    spread(reader.answers, [tokens for _, tokens in computed(reader, pieces, some)])
    found = computed(reader, pieces, some)
    spread(reader.score, [logits for logits, _ in found])
    return reader


@pytest.fixture(scope="module")
def folder(trained: Reader, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exported")
    write(trained, weights, out)
    return out


def write(reader: Reader, weights: Path, out: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "locate", lambda: weights)
        export({name: weight.numpy() for name, weight in reader.state_dict().items()}, out)


@pytest.fixture(scope="module")
def served(folder: Path, made: Path, weights: Path) -> E5Reader:
    return E5Reader(folder, E5Inputs(made, weights))


def drawn(draw: random.Random) -> Example:
    sentences = [" ".join(draw.choices(SOME, k=draw.randint(1, 8))) for _ in range(draw.randint(1, 4))]
    question = " ".join(draw.choices(SOME, k=draw.randint(0, 12)))
    return example(sentences, question, draw.choice(["", "Ships " * 30]), draw.choice(["", "It rained. " * 30]))


def test_the_service_computes_what_was_trained(trained: Reader, pieces: Unigram, served: E5Reader) -> None:
    draw = random.Random(2)
    changes: list[float] = []
    alike: list[bool] = []
    for asked in (drawn(draw) for _ in range(100)):
        ((logits, tokens),) = computed(trained, pieces, [asked])
        window = Window(sentences=asked.sentences, title=asked.title, before=asked.before)
        (judged,) = served.score(asked.question, [window])
        changes += (logits - [each.logit for each in judged]).tolist()
        scores = iter(tokens.tolist())
        for sentence, each in zip(asked.sentences, judged, strict=True):
            own = [(start, end, next(scores)) for start, end in pieces.pieces(sentence).offsets]
            next(scores)
            own = [token for token in own if token[0] < token[1]]
            for at, (start, end, score) in enumerate(own):
                inside = any(span.start <= start and end <= span.end for span in each.answers)
                # One character between two tokens that answer, a digit of a year, is in their run.
                around = own[at - 1 : at] + own[at + 1 : at + 2]
                joined = inside and end - start == 1 and len(around) == 2 and min(near[2] for near in around) > 0
                alike.append(joined or inside == (score > 0))
        assert next(scores, None) is None
    # A network of 64 random dimensions rounds worse in bytes than the real one.
    assert float(np.sqrt(np.mean(np.square(changes)))) < MAX_CHANGE
    assert np.mean(alike) > ALIKE


def test_the_files_name_themselves_and_hold_positions_for_the_longest_window(folder: Path) -> None:
    about = json.loads((folder / META).read_text())
    digest = hashlib.sha256((folder / GRAPH).read_bytes() + (folder / HEADS).read_bytes()).hexdigest()
    assert about == {"calibration": UNCALIBRATED, "fingerprint": f"reader:{digest[:12]}"}
    with np.load(folder / HEADS) as heads:
        assert heads["positions"].shape == (POSITIONS, HIDDEN)


def test_a_reader_that_nobody_has_calibrated_has_a_weight_for_all_that_is_known() -> None:
    calibration = Calibration.of(UNCALIBRATED)
    assert len(calibration.sentence) == len(RETRIEVAL.sentence)
    assert len(calibration.confidence) == len(RETRIEVAL.confidence) == len(UNKNOWN_MODEL.confidence)


def test_a_calibration_that_is_there_is_kept(trained: Reader, weights: Path, tmp_path: Path) -> None:
    calibration = UNCALIBRATED | {"intercept": -3.5}
    (tmp_path / META).write_text(json.dumps({"calibration": calibration, "fingerprint": "reader:old"}))
    write(trained, weights, tmp_path)
    about = json.loads((tmp_path / META).read_text())
    assert about["calibration"] == calibration
    assert about["fingerprint"] != "reader:old"


def test_checkpoints_are_averaged_whether_or_not_their_run_has_ended(tmp_path: Path) -> None:
    torch.save({"a": torch.tensor([1.0, 2.0])}, tmp_path / "model.pt")
    torch.save({"model": {"a": torch.tensor([3.0, 6.0])}, "progress": (1, 2)}, tmp_path / "last.pt")
    assert averaged([tmp_path / "model.pt", tmp_path / "last.pt"])["a"].tolist() == [2.0, 4.0]
