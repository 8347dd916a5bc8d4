"""The reader's network: multilingual-e5-small over question, header and sentences, and heads that score sentences.

Nearness is no part of the score: a sentence's logit comes from what its tokens say after they have read the question.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from transformers import BertConfig, BertModel

from askreport.models.e5_file import E5File

# Width of the head's hidden layer.
HEAD = 256
IGNORE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One input: token ids; for each token the number of its sentence or -1; labels of sentences; answer tokens.

    ``labels`` are 1 (answers), 0 or IGNORE. ``answers`` tells for each token whether it is part of an answer, IGNORE
    where nobody knows. ``verdict`` is 1 (yes), 0 (no) or IGNORE: what the sentences that answer say.
    """

    ids: npt.NDArray[np.int32]
    sentence: npt.NDArray[np.int16]
    labels: tuple[int, ...]
    answers: npt.NDArray[np.int8]
    verdict: int = IGNORE


# The windows of one question, whose sentences compete.
Group = tuple[Window, ...]


def e5_model(file: E5File, layers: int | None = None) -> BertModel:
    """The encoder with the file's weights, or so many layers of it."""
    shape = file.shape
    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=layers or shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=file.weights("emb.type").size // shape.hidden,
        layer_norm_eps=shape.epsilon,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False)
    for name, weight in model.named_parameters():
        weight.data = torch.from_numpy(file.weights(file_name(name)).copy()).reshape(weight.shape)
    return model


_NAMES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
    "embeddings.word_embeddings": "emb.word",
    "embeddings.position_embeddings": "emb.pos",
    "embeddings.token_type_embeddings": "emb.type",
    "embeddings.LayerNorm": "emb.ln",
}


def file_name(name: str) -> str:
    """What the package's file calls a weight of BertModel."""
    place, _, kind = name.rpartition(".")
    layer = ""
    if place.startswith("encoder.layer."):
        number, _, place = place.removeprefix("encoder.layer.").partition(".")
        layer = f"l{number}."
    found = layer + _NAMES[place]
    plain = found in ("emb.word", "emb.pos", "emb.type")
    return found if plain else f"{found}.{kind[0]}"


class Reader(torch.nn.Module):
    """The encoder and three small heads.

    ``answers`` scores each token as part of an answer. ``score`` is a network over a sentence's mean, its maximum, its
    end mark, the input's first vector and its tokens' scores. ``verdict`` tells yes from no, from the same.
    """

    def __init__(self, file: E5File, layers: int | None = None) -> None:
        super().__init__()
        self.bert = e5_model(file, layers)
        # The words keep the meaning they have, in all languages: the few that examples hold would move by themselves.
        self.bert.embeddings.word_embeddings.weight.requires_grad_(False)
        width = self.bert.config.hidden_size
        self.answers = torch.nn.Linear(width, 1)
        self.inner = torch.nn.Linear(4 * width + 2, HEAD)
        self.score = torch.nn.Linear(HEAD, 1)
        self.verdict = torch.nn.Linear(HEAD, 1)

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, sentence: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits and verdicts, both (windows, sentences), and token scores (windows, tokens)."""
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        with torch.autocast(hidden.device.type, enabled=False):
            return self.heads(hidden, sentence)

    def heads(self, hidden: torch.Tensor, sentence: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The same from token vectors (windows, tokens, width)."""
        windows, length, width = hidden.shape
        device = hidden.device
        count = max(int(sentence.max()) + 1, 1)
        tokens = self.answers(hidden).squeeze(-1)
        inside = sentence >= 0
        # Tokens of no sentence go to a slot of their own, which is cut off.
        place = torch.where(inside, sentence, count) + torch.arange(windows, device=device)[:, None] * (count + 1)
        flat, slots = place.reshape(-1), windows * (count + 1)
        spread = flat[:, None].expand(-1, width)
        states = hidden.reshape(-1, width)
        number = torch.zeros(slots, device=device).index_add(0, flat, torch.ones(len(flat), device=device)).clamp(min=1)
        mean = torch.zeros(slots, width, device=device).index_add(0, flat, states) / number[:, None]
        largest = torch.full((slots, width), -1e4, device=device).scatter_reduce(0, spread, states, "amax")
        # A sentence's last token is its end mark.
        position = torch.arange(length, device=device).repeat(windows)
        last = torch.zeros(slots, dtype=torch.long, device=device).scatter_reduce(0, flat, position, "amax")
        last = last.reshape(windows, -1)
        ends = hidden.gather(1, last[:, :, None].expand(-1, -1, width)).reshape(-1, width)
        scores = tokens.reshape(-1)
        token_mean = torch.zeros(slots, device=device).index_add(0, flat, scores) / number
        token_most = torch.full((slots,), -1e4, device=device).scatter_reduce(0, flat, scores, "amax")
        first = hidden[:, :1].expand(-1, count + 1, -1).reshape(-1, width)
        features = torch.cat([mean, largest, ends, first, token_mean[:, None], token_most[:, None]], dim=1)
        inner = functional.gelu(self.inner(features))
        logits, verdicts = (head(inner).reshape(windows, count + 1)[:, :count] for head in (self.score, self.verdict))
        return logits, verdicts, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Windows padded to the longest, and the number of each window's question."""

    ids: torch.Tensor
    mask: torch.Tensor
    sentence: torch.Tensor
    labels: torch.Tensor
    answers: torch.Tensor
    verdict: torch.Tensor
    group: torch.Tensor


def batch_of(groups: Sequence[Group]) -> Batch:
    """The windows of some questions."""
    windows = [window for group in groups for window in group]
    shape = len(windows), max(len(window.ids) for window in windows)
    sentences = max(len(window.labels) for window in windows)
    ids, mask = np.ones(shape, np.int64), np.zeros(shape, np.int64)
    sentence, answers = np.full(shape, -1, np.int64), np.full(shape, IGNORE, np.int64)
    labels = np.full((len(windows), sentences), IGNORE, np.int64)
    for row, window in enumerate(windows):
        size = len(window.ids)
        ids[row, :size], mask[row, :size] = window.ids, 1
        sentence[row, :size], answers[row, :size] = window.sentence, window.answers
        labels[row, : len(window.labels)] = window.labels
    group = [number for number, group in enumerate(groups) for _ in group]
    return Batch(
        ids=torch.from_numpy(ids),
        mask=torch.from_numpy(mask),
        sentence=torch.from_numpy(sentence),
        labels=torch.from_numpy(labels),
        answers=torch.from_numpy(answers),
        verdict=torch.tensor([window.verdict for window in windows]),
        group=torch.tensor(group),
    )


def loss_of(
    found: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    batch: Batch,
    weights: tuple[float, float, float] = (0.7, 0.3, 0.2),
) -> torch.Tensor:
    """Cross-entropy of each sentence; of the best of a question's; of answer tokens; and of yes and no.

    ``weights`` are those of the last three.
    """
    logits, verdicts, tokens = found
    known, right = batch.labels >= 0, batch.labels == 1
    each = functional.binary_cross_entropy_with_logits(logits, right.float(), reduction="none")
    # Each window weighs the same, however many sentences it has.
    total = ((each * known).sum(1) / known.sum(1).clamp(min=1)).mean()
    rows = batch.group[:, None].expand_as(logits)
    parts = []
    for number in range(int(batch.group.max()) + 1):
        mine = rows == number
        if (right & mine).any() and (known & mine).sum() > 1:
            parts.append(torch.logsumexp(logits[known & mine], 0) - torch.logsumexp(logits[right & mine], 0))
    if parts:
        total = total + weights[0] * torch.stack(parts).mean()
    told = batch.answers >= 0
    if told.any():
        total = total + weights[1] * functional.binary_cross_entropy_with_logits(
            tokens[told], batch.answers[told].float(), pos_weight=tokens.new_tensor(3.0)
        )
    decided = right & (batch.verdict >= 0)[:, None]
    if decided.any():
        truth = batch.verdict[:, None].expand_as(logits)[decided].float()
        total = total + weights[2] * functional.binary_cross_entropy_with_logits(verdicts[decided], truth)
    return total
