"""Trains the reader: ``python -m training.train --out FOLDER`` (see README.md).

The articles of squad2-dev are dealt to FOLDS folds by their titles, and one is left out, as is every tenth passage of
the written questions: for calibration and for figures.
"""

import argparse
import hashlib
import importlib.util
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from askreport.config import Settings
from askreport.models.encoder import PACKAGE, load_encoder
from training.data import Example, clapnq, mtrag, nomiracl, squad, written
from training.model import Reader, Window, batch_of, loss_of
from training.windows import token_id, window_of

FOLDS = 4
HELD_OUT = 0
BATCH_TOKENS = 2_400
LEARNING_RATE = 1e-4
# The few weights that begin at nothing learn so much faster than the transformer.
HEAD_RATE = 10.0
BUDGET = (30, 85)
MASKED_SHARE = 0.3
MASK_CHANCE = 0.2


def source() -> Path:
    """The folder of all-MiniLM-L6-v2 in its package."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{PACKAGE} is not installed")
    return Path(spec.origin).parent / "model"


def fold_of(group: str, folds: int) -> int:
    """The fold of an article, by its title."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % folds


def examples(names: Sequence[str], draw: random.Random, other_share: float) -> list[Example]:
    """Everything trained on."""
    settings = Settings()
    encoder = load_encoder(settings.model, settings.cache)
    found: list[Example] = []
    if "squad" in names:
        found += [each for each in squad(encoder, draw) if fold_of(each.group, FOLDS) != HELD_OUT]
    if "written" in names:
        found += written(encoder, draw, other_share=other_share)
    if "mtrag" in names:
        found += mtrag(encoder, draw)
    for name, made in (("clapnq", clapnq), ("nomiracl", nomiracl)):
        if name in names:
            found += [each for each in made(encoder, draw) if fold_of(each.group, FOLDS) != HELD_OUT]
    return found


def masked(window: Window, mask: int, draw: random.Random) -> Window:
    """The window with some of the words that question and sentences share hidden in the question."""
    if draw.random() > MASKED_SHARE:
        return window
    there = set(window.ids[window.second :])
    ids = list(window.ids)
    for i in range(1, window.second - 1):
        if ids[i] in there and draw.random() < MASK_CHANCE:
            ids[i] = mask
    return Window(
        ids=tuple(ids),
        second=window.second,
        spans=window.spans,
        labels=window.labels,
        answers=window.answers,
        any_of=window.any_of,
    )


def batches(windows: list[Window], draw: random.Random) -> Iterator[list[Window]]:
    """Batches of about BATCH_TOKENS tokens and of similar lengths, in random order."""
    draw.shuffle(windows)
    made: list[list[Window]] = []
    for start in range(0, len(windows), 1_000):
        chunk = sorted(windows[start : start + 1_000], key=lambda window: len(window.ids))
        batch: list[Window] = []
        for window in chunk:
            if batch and (len(batch) + 1) * len(window.ids) > BATCH_TOKENS:
                made.append(batch)
                batch = []
            batch.append(window)
        made.append(batch)
    draw.shuffle(made)
    yield from made


def main() -> None:
    """Trains and writes ``model.pt`` and ``log.json``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--data", nargs="+", default=["squad", "written", "mtrag", "clapnq", "nomiracl"])
    parser.add_argument("--other-share", type=float, default=0.5, help="of near misses from another passage")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    draw = random.Random(options.seed)
    torch.manual_seed(options.seed)
    train_on = examples(options.data, draw, options.other_share)
    kinds: dict[str, int] = {}
    for each in train_on:
        kinds[each.source] = kinds.get(each.source, 0) + 1
    print(len(train_on), "examples", kinds, flush=True)
    tokenizer = Tokenizer.from_file(str(source() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    mask = token_id(tokenizer, "[MASK]")
    model = Reader(str(source())).train()
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    body = {id(weight) for weight in model.bert.parameters()}
    optimizer = torch.optim.AdamW(
        [
            {"params": [weight for weight in trained if id(weight) in body], "scale": 1.0},
            {
                "params": [weight for weight in trained if id(weight) not in body],
                "scale": HEAD_RATE,
                "weight_decay": 0.0,
            },
        ],
        lr=options.rate,
        weight_decay=0.01,
    )
    step, started = 0, time.time()
    total = 0
    for epoch in range(options.epochs):
        windows = [masked(window_of(tokenizer, each, draw, BUDGET), mask, draw) for each in train_on]
        made = list(batches(windows, draw))
        total = total or len(made) * options.epochs
        running = 0.0
        for count, batch in enumerate(made, start=1):
            progress = step / total
            rate = options.rate * min(1.0, progress / 0.06) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, progress)))
            for group in optimizer.param_groups:
                group["lr"] = rate * group["scale"]
            with torch.autocast("cpu", dtype=torch.bfloat16):
                hidden, scores = model(*batch_of(batch))
            loss = loss_of(model, hidden.float(), scores.float(), batch)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            optimizer.zero_grad()
            step += 1
            running = 0.98 * running + 0.02 * loss.item() if count > 1 else loss.item()
            if count % 100 == 0:
                print(f"epoch {epoch} {count}/{len(made)} loss {running:.4f} {time.time() - started:.0f}s", flush=True)
        torch.save(model.state_dict(), options.out / f"epoch{epoch}.pt")
    torch.save(model.state_dict(), options.out / "model.pt")
    (options.out / "log.json").write_text(json.dumps({"examples": kinds, "seconds": round(time.time() - started)}))


if __name__ == "__main__":
    main()
