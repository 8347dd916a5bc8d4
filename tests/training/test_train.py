"""Training: every group once in a pass, a rate that rises, stays and falls, and runs that go on where they stopped."""

import argparse
import random
from itertools import count, islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from askreport.models.e5_file import E5File
from training import train as module
from training.model import Group, Reader, Window
from training.train import BATCH_TOKENS, FALL, WARM, batches, rate_at, train


def group(*lengths: int, seed: int = 0) -> Group:
    """The windows of a question, of so many tokens each."""
    draw = np.random.default_rng([seed, *lengths])
    return tuple(
        Window(
            ids=draw.integers(4, 60, length).astype(np.int32),
            sentence=np.repeat([-1, 0], [1, length - 1]).astype(np.int16),
            labels=(int(number == 0),),
            answers=np.zeros(length, np.int8),
            verdict=number % 2,
        )
        for number, length in enumerate(lengths)
    )


@given(st.lists(st.lists(st.integers(2, 900), min_size=1, max_size=4), min_size=1, max_size=40), st.integers(0, 99))
def test_each_pass_has_every_group_once_in_batches_of_bounded_size(lengths: list[list[int]], seed: int) -> None:
    groups = [group(*each, seed=number) for number, each in enumerate(lengths)]
    stream = batches(groups, random.Random(seed))
    for _ in range(2):
        left = {id(each) for each in groups}
        while left:
            batch = next(stream)
            assert batch
            assert {id(each) for each in batch} <= left
            left -= {id(each) for each in batch}
            padded = sum(map(len, batch)) * max(len(window.ids) for each in batch for window in each)
            assert len(batch) == 1 or padded <= BATCH_TOKENS


def test_another_draw_is_another_order() -> None:
    groups = [group(100 + n) for n in range(200)]
    first, same, other = (
        [id(each) for batch in islice(batches(groups, random.Random(seed)), 5) for each in batch] for seed in (1, 1, 2)
    )
    assert first == same != other


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_rate_rises_to_the_whole_stays_and_falls_to_nothing(one: float, other: float) -> None:
    first, last = sorted((one, other))
    assert 0 <= rate_at(first) <= 1
    if last <= WARM:
        assert rate_at(first) <= rate_at(last)
    if WARM <= first <= 1 - FALL:
        assert rate_at(first) == 1
    if first >= 1 - FALL:
        assert rate_at(first) >= rate_at(last)
    assert rate_at(0) == rate_at(1) == rate_at(1.5) == 0


def test_a_run_that_was_interrupted_goes_on_from_its_checkpoint(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A step takes a second.
    clock = count()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    options = argparse.Namespace(out=tmp_path, minutes=6 / 60, rate=1e-3, seed=1)
    groups = [group(20, 30, seed=number) for number in range(9)]
    torch.manual_seed(1)
    reader = Reader(E5File(weights)).train()
    began = {name: weight.clone() for name, weight in reader.state_dict().items()}
    train(reader, groups, options, None)
    state = torch.load(tmp_path / "last.pt")
    step, spent, seen, loss = state["progress"]
    assert (step, spent) == (6, 6)
    assert seen >= 2 * step
    moved = {name for name, weight in state["model"].items() if not torch.equal(weight, began[name])}
    assert moved == {name for name, weight in reader.named_parameters() if weight.requires_grad}
    # Where its time is over, a run that goes on takes one step at no rate, whatever its network was.
    torch.manual_seed(2)
    other = Reader(E5File(weights)).train()
    train(other, groups, options, None)
    assert all(torch.equal(weight, state["model"][name]) for name, weight in other.state_dict().items())
    again = torch.load(tmp_path / "last.pt")
    assert again["progress"][:2] == (7, 7)
    assert 0 < again["progress"][3] < 2 * loss
    steps = {int(each["step"]) for each in again["optimizer"]["state"].values()}
    assert steps == {7}
    assert torch.equal(torch.load(tmp_path / "model.pt")["score.bias"], state["model"]["score.bias"])
