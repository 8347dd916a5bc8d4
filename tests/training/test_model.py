"""The network: the encoder that it begins with, scores that padding does not change, and a loss that can be learnt."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from askreport.config import Settings
from askreport.models import e5
from askreport.models.bert_graph import Bert, bert_graph
from askreport.models.e5 import E5Inputs
from askreport.models.e5_file import E5File
from askreport.models.session import layout, onnx_session, unit
from askreport.types import FloatArray
from training.model import IGNORE, Batch, Reader, Window, batch_of, e5_model, loss_of

# What is left between the graph, whose products are of bytes, and the network: as the cosine of two vectors.
MIN_COSINE = 0.99
TEXTS = ("Who came late?", "the ship", "It rained and rained. " * 20, "Кто шпионит за Китаем?")


def window(*lengths: int, label: int = 1, verdict: int = IGNORE, header: int = 3, seed: int = 1) -> Window:
    """A window of random tokens in sentences of these lengths, of which the first has this label and the others 0."""
    draw = np.random.default_rng(seed)
    sentence = np.repeat([-1, *range(len(lengths))], [header, *lengths]).astype(np.int16)
    return Window(
        ids=draw.integers(4, 60, len(sentence)).astype(np.int32),
        sentence=sentence,
        labels=(label, *(0 for _ in lengths[1:])),
        answers=np.where(sentence < 0, IGNORE, draw.integers(0, 2, len(sentence))).astype(np.int8),
        verdict=verdict,
    )


def found(reader: Reader, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    with torch.inference_mode():
        logits, verdicts, tokens = reader(batch.ids, batch.mask, batch.sentence)
    return logits, verdicts, tokens


@given(st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=4), min_size=2, max_size=5))
def test_what_else_is_in_a_batch_changes_no_score(weights: Path, lengths: list[list[int]]) -> None:
    torch.manual_seed(1)
    reader = Reader(E5File(weights)).eval()
    windows = [window(*each, seed=number) for number, each in enumerate(lengths)]
    together = found(reader, batch_of([tuple(windows)]))
    for row, each in enumerate(windows):
        alone = found(reader, batch_of([(each,)]))
        sizes = len(each.labels), len(each.labels), len(each.ids)
        for one, other, size in zip(together, alone, sizes, strict=True):
            assert torch.allclose(one[row, :size], other[0], atol=1e-3, rtol=1e-3)


def test_a_batch_knows_each_windows_question_and_nothing_of_its_padding(reader: Reader) -> None:
    batch = batch_of([(window(2), window(3, 4, verdict=1)), (window(1, label=0),)])
    assert batch.group.tolist() == [0, 0, 1]
    assert batch.mask.sum(1).tolist() == [5, 10, 4]
    assert batch.labels.tolist() == [[1, IGNORE], [1, 0], [0, IGNORE]]
    assert batch.verdict.tolist() == [IGNORE, 1, IGNORE]
    assert (batch.sentence[batch.mask == 0] == -1).all()
    assert (batch.answers[batch.mask == 0] == IGNORE).all()


def vector(model: torch.nn.Module, ids: list[int]) -> FloatArray:
    with torch.inference_mode():
        mean: FloatArray = model(input_ids=torch.tensor([ids])).last_hidden_state[0].mean(0).numpy()
    return unit(mean)


def cosines(file: E5File, inputs: E5Inputs, folder: Path) -> list[float]:
    """Of the network's vectors and those of the graph that the service makes of the same file."""
    shape = file.shape
    bert = Bert(
        hidden=shape.hidden, layers=shape.layers, heads=shape.heads, epsilon=shape.epsilon, weights=file.weights
    )
    onnx.save(bert_graph(bert), folder / "graph.onnx")
    session, model = onnx_session(folder / "graph.onnx"), e5_model(file)
    found = []
    for text in TEXTS:
        ids = inputs.tokenizer.encode(text, 200).ids
        there = session.run(None, {"embedded": inputs.embedded(ids), **layout([len(ids)])})[0]
        found.append(float(vector(model, ids) @ unit(there.mean(axis=0))))
    return found


def test_the_network_begins_as_the_encoder_of_its_file(weights: Path, made: Path, tmp_path: Path) -> None:
    assert min(cosines(E5File(weights), E5Inputs(made, weights), tmp_path)) >= MIN_COSINE


def test_with_the_real_weights_it_begins_as_the_real_encoder(tmp_path: Path) -> None:
    if not e5.installed():
        pytest.skip(f"needs the package {e5.PACKAGE}")
    assert min(cosines(E5File(e5.locate()), e5.open_inputs(Settings().cache), tmp_path)) >= MIN_COSINE


def test_words_are_not_trained_and_everything_else_is(reader: Reader) -> None:
    fixed = [name for name, weight in reader.named_parameters() if not weight.requires_grad]
    assert fixed == ["bert.embeddings.word_embeddings.weight"]


def test_a_few_steps_make_the_loss_much_smaller(reader: Reader) -> None:
    batch = batch_of([(window(6, 7, verdict=1), window(5, 5, label=0, seed=2)), (window(4, 8, verdict=0, seed=3),)])
    optimizer = torch.optim.AdamW([weight for weight in reader.parameters() if weight.requires_grad], lr=3e-3)
    losses = []
    for _ in range(25):
        loss = loss_of(reader(batch.ids, batch.mask, batch.sentence), batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4
    logits, verdicts, _ = found(reader, batch)
    assert logits[0, 0] > logits[:2].flatten()[1:].max()
    assert verdicts[0, 0] > 0 > verdicts[2, 0]


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_what_nobody_knows_counts_for_nothing(one: float, other: float) -> None:
    batch = batch_of([(window(3, 3), replace(window(2), labels=(IGNORE,), answers=np.full(5, IGNORE, np.int8)))])
    losses = []
    for value in (one, other):
        logits, verdicts, tokens = torch.zeros(2, 2), torch.zeros(2, 2), torch.zeros(2, 9)
        logits[batch.labels == IGNORE] = value
        tokens[batch.answers == IGNORE] = value
        verdicts[:] = value
        losses.append(loss_of((logits, verdicts, tokens), batch).item())
    assert losses[0] == losses[1]


def test_the_loss_falls_as_what_answers_rises_above_the_rest_of_its_question() -> None:
    batch = batch_of([(window(3, 3), window(3, label=0)), (window(3),)])
    zeros = torch.zeros_like(batch.answers, dtype=torch.float32)

    def loss(logits: list[list[float]]) -> float:
        return loss_of((torch.tensor(logits, dtype=torch.float32), torch.zeros(3, 2), zeros), batch).item()

    even = loss([[0, 0], [0, 0], [0, 0]])
    assert loss([[2, 0], [0, 0], [0, 0]]) < even
    assert loss([[0, -2], [0, 0], [0, 0]]) < even
    assert loss([[0, 0], [2, 0], [0, 0]]) > even
    assert loss([[0, 0], [0, 0], [2, 0]]) < even
