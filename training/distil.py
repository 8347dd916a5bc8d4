"""Trains a reader of fewer layers to say what a deeper one says: ``python -m training.distil`` (see README.md).

The student begins as every other layer of the teacher, with its heads. It learns the teacher's token vectors, layer by
layer (Sun et al. 2019, "Patient Knowledge Distillation"), its logits and token scores, and a little from the labels.
So what was fitted to the teacher's logits holds for the student's. The teacher is the exported int8 graph itself.
"""

import argparse
import copy
import pickle
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional

from askreport.models.e5 import locate
from askreport.models.e5_file import E5File
from askreport.models.e5_reader import GRAPH, HEADS
from askreport.models.session import layout
from askreport.types import FloatArray
from training.model import Batch, Group, Reader, batch_of, file_name, loss_of
from training.train import CHECKPOINT_SECONDS, batches, keep, quick_type, rate_at, resumed

LEARNING_RATE = 2e-4
# What the losses weigh: vectors of the layers, of the last one, logits, token scores, labels.
LAYERS, LAST, LOGITS, TOKENS, LABELS = 1.0, 2.0, 0.6, 0.2, 0.3
# Logits beyond are as good as certain.
CERTAIN = 12.0


class Teacher:
    """An exported reader: token vectors after some of its layers, its heads, and its weights as floats."""

    def __init__(self, folder: Path, file: E5File, layers: Sequence[int], threads: int) -> None:
        graph = onnx.load(folder / GRAPH)
        self._stored = {each.name: numpy_helper.to_array(each) for each in graph.graph.initializer}
        with np.load(folder / HEADS) as heads:
            self.heads: dict[str, FloatArray] = {name: heads[name].astype(np.float32) for name in heads.files}
        self._words = torch.from_numpy(file.weights("emb.word").reshape(-1, file.shape.hidden).copy())
        shown = [_output_of(graph, f"l{layer}.oln.w") for layer in layers]
        known = {each.name for each in graph.graph.output}
        vectors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in shown if name not in known]
        graph.graph.output.extend(vectors)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._shown = shown
        self._session = onnxruntime.InferenceSession(
            graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def hidden(self, batch: Batch) -> list[torch.Tensor]:
        """Token vectors (windows, tokens, width) after each of the layers; zeros where a window is padded."""
        lengths = batch.mask.sum(1).tolist()
        inside = batch.mask.bool()
        places = torch.arange(batch.ids.shape[1]).expand_as(batch.ids)[inside]
        embedded = self._words[batch.ids[inside]].numpy() + self.heads["positions"][places.numpy()]
        found = self._session.run(self._shown, {"embedded": embedded, **layout(lengths)})
        made = []
        for vectors in found:
            full = torch.zeros(*batch.ids.shape, vectors.shape[1])
            full[inside] = torch.from_numpy(vectors)
            made.append(full)
        return made

    def weights(self, layers: Sequence[int]) -> dict[str, FloatArray]:
        """Weights by their names in the encoder's file, the given layers as the first ones."""
        found = {f"emb.ln.{part}": self._stored[f"emb.ln.{part}"] for part in "wb"}
        for number, layer in enumerate(layers):
            for norm in ("aln", "oln"):
                for part in "wb":
                    found[f"l{number}.{norm}.{part}"] = self._stored[f"l{layer}.{norm}.{part}"]
            for names in (("q", "k", "v"), ("ao",), ("fi",), ("fo",)):
                joined = f"l{layer}.{''.join(names)}"
                matrix = self._stored[f"{joined}.w"].astype(np.float32) * self._stored[f"{joined}.scale"]
                parts = np.split(matrix, len(names), axis=1), np.split(self._stored[f"{joined}.b"], len(names))
                for name, weight, bias in zip(names, *parts, strict=True):
                    found[f"l{number}.{name}.w"], found[f"l{number}.{name}.b"] = weight.T, bias
        return found


def _output_of(graph: onnx.ModelProto, scale: str) -> str:
    return str(next(node.output[0] for node in graph.graph.node if scale in node.input))


def student_of(teacher: Teacher, file: E5File, layers: Sequence[int]) -> Reader:
    """A reader of some of the teacher's layers, with its heads."""
    model = Reader(file, layers=len(layers))
    stored = teacher.weights(layers)
    for name, weight in model.bert.named_parameters():
        found = stored.get(file_name(name))
        if found is not None:
            weight.data = torch.from_numpy(found.copy()).reshape(weight.shape)
    positions = model.bert.embeddings.position_embeddings.weight
    with torch.no_grad():
        own = teacher.heads["positions"] - model.bert.embeddings.token_type_embeddings.weight[0].numpy()
        positions[: len(own)] = torch.from_numpy(own)
    heads = teacher.heads
    values = {
        "answers.weight": heads["answers.w"][None],
        "answers.bias": heads["answers.b"],
        "inner.weight": heads["inner.w"].T,
        "inner.bias": heads["inner.b"],
        "score.weight": heads["outer.w"][None],
        "score.bias": heads["outer.b"],
    }
    state = model.state_dict()
    state.update({name: torch.from_numpy(value.copy()).reshape(state[name].shape) for name, value in values.items()})
    model.load_state_dict(state)
    return model


def distance(ours: Sequence[torch.Tensor], theirs: Sequence[torch.Tensor], batch: Batch) -> torch.Tensor:
    """How far token vectors are from the teacher's, as shares of these vectors' variance, weighed by layer."""
    inside = batch.mask.bool()
    shares = []
    for mine, other in zip(ours, theirs, strict=True):
        target = other[inside]
        shares.append((mine[inside] - target).square().mean() / target.var(0).mean())
    found: torch.Tensor = LAYERS * torch.stack(shares[:-1]).mean() + LAST * shares[-1]
    return found


def imitation(
    found: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    wanted: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    batch: Batch,
) -> tuple[torch.Tensor, torch.Tensor]:
    """How far logits and token scores are from the teacher's; each counts up to CERTAIN."""
    real = torch.zeros_like(found[0], dtype=torch.bool)
    for row, number in enumerate(batch.sentence.max(1).values.tolist()):
        real[row, : number + 1] = True
    logits = functional.smooth_l1_loss(
        found[0][real].clamp(-CERTAIN, CERTAIN), wanted[0][real].clamp(-CERTAIN, CERTAIN)
    )
    inside = batch.sentence >= 0
    tokens = functional.smooth_l1_loss(found[2][inside], wanted[2][inside].clamp(-CERTAIN, CERTAIN))
    return logits, tokens


def main() -> None:
    """Trains and writes ``model.pt``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--teacher", type=Path, required=True, help="an exported folder")
    parser.add_argument("--groups", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to begin with, in place of the teacher's")
    parser.add_argument("--layers", type=int, nargs="+", default=[1, 3, 5, 7, 9, 11])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    file = E5File(locate())
    teacher = Teacher(options.teacher, file, options.layers, torch.get_num_threads())
    student = student_of(teacher, file, options.layers).train()
    heads = frozen(student)
    if options.start:
        student.load_state_dict(torch.load(options.start))
    groups = [group for path in options.groups for group in pickle.loads(path.read_bytes())]
    distil(student, teacher, heads, groups, options)


def distil(
    student: Reader, teacher: Teacher, heads: Reader, groups: Sequence[Group], options: argparse.Namespace
) -> None:
    """Steps until the time is over; checkpoints are ``last.pt``, the end ``model.pt``. ``heads`` are the teacher's."""
    trained = [weight for weight in student.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=options.rate, weight_decay=0.01, betas=(0.9, 0.98))
    step, spent, saved = 0, 0.0, 0.0
    running: Mapping[str, float] = {}
    last = options.out / "last.pt"
    if kept := resumed(last, student, optimizer):
        step, spent = kept
        saved = spent
    limit, quick = options.minutes * 60, quick_type("cpu")
    for chosen in batches(groups, random.Random(options.seed + step)):
        started = time.monotonic()
        for group in optimizer.param_groups:
            group["lr"] = options.rate * rate_at(spent / limit)
        batch = batch_of(chosen)
        theirs = teacher.hidden(batch)
        with torch.no_grad():
            wanted = heads.heads(theirs[-1], batch.sentence)
        with torch.autocast("cpu", dtype=quick, enabled=quick is not None):
            ours = student.bert(
                input_ids=batch.ids, attention_mask=batch.mask, output_hidden_states=True
            ).hidden_states[1:]
        ours = [each.float() for each in ours]
        found = student.heads(ours[-1], batch.sentence)
        logits, tokens = imitation(found, wanted, batch)
        vectors = distance(ours, theirs, batch)
        labels = loss_of(found, batch, (0.7, 0.3, 0.0))
        loss = vectors + LOGITS * logits + TOKENS * tokens + LABELS * labels
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        now = {"vectors": vectors.item(), "logits": logits.item(), "tokens": tokens.item(), "labels": labels.item()}
        running = {name: 0.98 * running.get(name, value) + 0.02 * value for name, value in now.items()}
        spent += time.monotonic() - started
        if step % 50 == 0:
            said = " ".join(f"{name} {value:.4f}" for name, value in running.items())
            print(f"{step} {spent:.0f} s {said} rate {rate_at(spent / limit):.2f}", flush=True)
        if spent - saved > CHECKPOINT_SECONDS or spent >= limit:
            saved = spent
            keep(last, student, optimizer, (step, spent))
        if spent >= limit:
            break
    torch.save(student.state_dict(), options.out / "model.pt")


def frozen(model: Reader) -> Reader:
    """The model as it is now, whatever becomes of it."""
    return copy.deepcopy(model).requires_grad_(False).eval()


if __name__ == "__main__":
    main()
