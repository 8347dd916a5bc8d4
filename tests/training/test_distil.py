"""A student begins as layers of its teacher, and comes nearer to what that says."""

import argparse
import random
from pathlib import Path

import pytest
import torch

from askreport.models.e5_file import E5File
from askreport.models.unigram import Unigram
from tests.tools.tinye5 import LAYERS
from training import distil as module
from training import export as exporting
from training.distil import Teacher, distance, distil, frozen, imitation, student_of
from training.examples import Example
from training.export import export
from training.model import Batch, Group, Reader, batch_of
from training.windows import Cutter

SOME = ["the", "ship", "came", "late", "Who", "in", "1628", "and", "rained"]


@pytest.fixture(scope="module")
def folder(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported reader of random weights."""
    torch.manual_seed(1)
    out = tmp_path_factory.mktemp("teacher")
    state = Reader(E5File(weights)).state_dict()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "locate", lambda: weights)
        export({name: weight.numpy() for name, weight in state.items()}, out)
    return out


@pytest.fixture(scope="module")
def groups(pieces: Unigram) -> list[Group]:
    draw = random.Random(3)
    cutter = Cutter(pieces, draw)
    found: list[Group] = []
    for _ in range(40):
        sentences = tuple(" ".join(draw.choices(SOME, k=draw.randint(2, 7))) for _ in range(draw.randint(1, 4)))
        labels = (1, *(0 for _ in sentences[1:]))
        asked = Example(source="t", question="Who came late?", title="", before="", sentences=sentences, labels=labels)
        found.append((cutter.window(asked, 0, all_of=True),))
    return found


def far(student: Reader, teacher: Teacher, heads: Reader, batch: Batch) -> tuple[float, float]:
    """How far a student's last vectors and its logits are from the teacher's."""
    theirs = teacher.hidden(batch)[-1:]
    with torch.inference_mode():
        ours = student.bert(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
        wanted = heads.heads(theirs[0], batch.sentence)
        logits, _ = imitation(student.heads(ours, batch.sentence), wanted, batch)
    # The mean of no other layers is not a number, so the last one stands for them as well.
    return distance([ours, ours], [theirs[0], theirs[0]], batch).item(), logits.item()


def test_a_student_of_all_layers_says_what_the_teacher_says(folder: Path, weights: Path, groups: list[Group]) -> None:
    file, batch = E5File(weights), batch_of(groups[:10])
    teacher = Teacher(folder, file, range(LAYERS), 1)
    whole, part = (student_of(teacher, file, range(count)).eval() for count in (LAYERS, 1))
    near, away = (far(each, teacher, frozen(whole), batch) for each in (whole, part))
    assert near[0] < away[0] / 5
    assert near[1] < away[1]


def test_training_brings_it_nearer(
    folder: Path, weights: Path, groups: list[Group], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "quick_type", lambda device: None)
    file, batch = E5File(weights), batch_of(groups[:10])
    teacher = Teacher(folder, file, [0, LAYERS - 1], 1)
    student = student_of(teacher, file, [0, LAYERS - 1])
    heads = frozen(student)
    # From elsewhere, so that there is something to learn.
    with torch.no_grad():
        for weight in student.bert.encoder.parameters():
            weight.add_(0.02 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(2)))
    before = far(student.eval(), teacher, heads, batch)[0]
    distil(student, teacher, heads, groups, argparse.Namespace(out=tmp_path, rate=1e-3, seed=1, minutes=0.15))
    assert far(student.eval(), teacher, heads, batch)[0] < before
    assert {each.name for each in tmp_path.iterdir()} == {"last.pt", "model.pt"}
