"""Trains the reader: ``python -m training.train --groups FILE --out FOLDER --minutes N`` (see README.md).

The rate rises, stays, and falls to nothing over the last part of the time, so a run may be as long as one likes; an
interrupted one goes on from its last checkpoint. On a GPU it runs there.
"""

import argparse
import json
import pickle
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from askreport.models.e5 import locate
from askreport.models.e5_file import E5File
from training.model import Batch, Group, Reader, batch_of, loss_of

BATCH_TOKENS = 2_400
LEARNING_RATE = 8e-5
# The heads begin at nothing and learn so much faster.
HEAD_RATE = 10.0
WARM, FALL = 0.04, 0.35
CHECKPOINT_SECONDS = 600


def batches(groups: Sequence[Group], draw: random.Random) -> Iterator[list[Group]]:
    """Batches of about BATCH_TOKENS tokens and of similar lengths, in random order, without end."""
    while True:
        order = list(groups)
        draw.shuffle(order)
        for start in range(0, len(order), 4_000):
            chunk = sorted(order[start : start + 4_000], key=_longest)
            made: list[list[Group]] = []
            batch: list[Group] = []
            for group in chunk:
                if batch and (sum(map(len, batch)) + len(group)) * _longest(group) > BATCH_TOKENS:
                    made.append(batch)
                    batch = []
                batch.append(group)
            made.append(batch)
            draw.shuffle(made)
            yield from made


def _longest(group: Group) -> int:
    return max(len(window.ids) for window in group)


def rate_at(progress: float) -> float:
    """The share of the full rate at a share of the time."""
    return min(1.0, progress / WARM, max(0.0, (1 - progress) / FALL))


def on(batch: Batch, device: str) -> Batch:
    """The batch on a device."""
    return Batch(**{each.name: getattr(batch, each.name).to(device) for each in fields(batch)})


def quick_type(device: str) -> torch.dtype | None:
    """bfloat16 where the hardware multiplies it, else None."""
    if device == "cuda" or "avx512_bf16" in Path("/proc/cpuinfo").read_text():
        return torch.bfloat16
    return None


def keep(file: Path, model: Reader, optimizer: torch.optim.Optimizer, progress: tuple[Any, ...]) -> None:
    """Writes a checkpoint."""
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "progress": progress}
    torch.save(state, file)


def resumed(file: Path, model: Reader, optimizer: torch.optim.Optimizer) -> tuple[Any, ...] | None:
    """The progress of the checkpoint that an interrupted run left, with its states put back; None without one."""
    if not file.exists():
        return None
    state = torch.load(file)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    progress: tuple[Any, ...] = state["progress"]
    return progress


def main() -> None:
    """Trains and writes ``model.pt``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--groups", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--start", type=Path, help="weights to begin with")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    groups = [group for path in options.groups for group in pickle.loads(path.read_bytes())]
    model = Reader(E5File(locate())).train()
    if options.start:
        model.load_state_dict(torch.load(options.start))
    train(model.to(device), groups, options, quick_type(device))


def train(model: Reader, groups: Sequence[Group], options: argparse.Namespace, quick: torch.dtype | None) -> None:
    """Steps until the time is over; checkpoints are ``last.pt``, the end ``model.pt``."""
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    body = {id(weight) for weight in model.bert.parameters()}
    optimizer = torch.optim.AdamW(
        [
            {"params": [weight for weight in trained if id(weight) in body], "scale": 1.0},
            {"params": [weight for weight in trained if id(weight) not in body], "scale": HEAD_RATE},
        ],
        lr=options.rate,
        weight_decay=0.01,
    )
    device = trained[0].device.type
    step, spent, seen, running, saved = 0, 0.0, 0, 0.0, 0.0
    last = options.out / "last.pt"
    if kept := resumed(last, model, optimizer):
        step, spent, seen, running = kept
        saved = spent
    limit = options.minutes * 60
    for batch in batches(groups, random.Random(options.seed + step)):
        started = time.monotonic()
        share = rate_at(spent / limit)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * share * group["scale"]
        inputs = on(batch_of(batch), device)
        with torch.autocast(device, dtype=quick, enabled=quick is not None):
            found = model(inputs.ids, inputs.mask, inputs.sentence)
        loss = loss_of(found, inputs)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step, seen = step + 1, seen + len(inputs.ids)
        running = 0.98 * running + 0.02 * loss.item() if step > 1 else loss.item()
        spent += time.monotonic() - started
        if step % 50 == 0:
            print(f"{step} {seen} windows {spent:.0f} s loss {running:.4f} rate {share:.2f}", flush=True)
        if spent - saved > CHECKPOINT_SECONDS or spent >= limit:
            saved = spent
            keep(last, model, optimizer, (step, spent, seen, running))
        if spent >= limit:
            break
    torch.save(model.state_dict(), options.out / "model.pt")
    (options.out / "log.json").write_text(json.dumps({"windows": seen, "steps": step, "seconds": round(spent)}))


if __name__ == "__main__":
    main()
