"""The reader's network: a transformer over question and window that scores each sentence of the window."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional
from transformers import AutoModel

from askreport.types import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One input: token ids, where the second segment begins, and each sentence's tokens, label and answer tokens."""

    ids: tuple[int, ...]
    second: int
    spans: tuple[Span, ...]
    labels: tuple[int, ...]
    answers: tuple[tuple[Span, ...], ...]
    any_of: bool


class Reader(torch.nn.Module):
    """Question and window are read together; a logit adds up how near a sentence is and what it says.

    How near: the cosine of the means of the question's and the sentence's tokens, as the encoder was trained to compare
    texts, and MaxSim, the mean of each question token's best cosine in the sentence (ColBERT, Khattab and Zaharia
    2020), under two learned weightings of the question's tokens. So before any training the network ranks about as well
    as the encoder. What it says: two scores for each token, of which the mean and the largest count.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self.bert = AutoModel.from_pretrained(source, add_pooling_layer=False)
        # The words keep the meaning they have: few examples would bend those that occur and not their synonyms.
        self.bert.embeddings.word_embeddings.weight.requires_grad_(False)
        # For each token: its mean and largest score as an answer, and two weights as a word of the question.
        self.head = torch.nn.Linear(self.bert.config.hidden_size, 4)
        torch.nn.init.normal_(self.head.weight, std=0.01)
        torch.nn.init.zeros_(self.head.bias)
        # Of cosine, the two MaxSims and the worst matched token, and what is added.
        self.mix = torch.nn.Parameter(torch.tensor([5.0, 5.0, 2.0, 0.5]))
        self.bias = torch.nn.Parameter(torch.tensor(-6.5))

    def forward(
        self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Token vectors, shape (windows, tokens, dimension), and scores, shape (windows, tokens, 4)."""
        hidden = self.bert(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        return hidden, self.head(hidden)

    def logits(self, hidden: torch.Tensor, scores: torch.Tensor, second: int, spans: Sequence[Span]) -> torch.Tensor:
        """The sentence logits of one window from its token vectors (tokens, dimension) and scores (tokens, 4)."""
        asked = hidden[1 : second - 1]
        unit = functional.normalize(asked, dim=-1)
        mean = functional.normalize(asked.mean(0), dim=-1)
        weights = torch.softmax(scores[1 : second - 1, 2:], dim=0)
        found = []
        for start, end in spans:
            tokens = hidden[start:end]
            best = (unit @ functional.normalize(tokens, dim=-1).T).max(dim=1).values
            near = torch.stack(
                [
                    mean @ functional.normalize(tokens.mean(0), dim=-1),
                    best @ weights[:, 0],
                    best @ weights[:, 1],
                    best.min(),
                ]
            )
            found.append(self.mix @ near + self.bias + scores[start:end, 0].mean() + scores[start:end, 1].max())
        return torch.stack(found)


def batch_of(windows: Sequence[Window]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Token ids, types and mask of some windows, padded to the longest."""
    longest = max(len(window.ids) for window in windows)
    ids = torch.zeros(len(windows), longest, dtype=torch.long)
    types, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        types[row, window.second : len(window.ids)] = 1
        mask[row, : len(window.ids)] = 1
    return ids, types, mask


def loss_of(
    model: Reader,
    hidden: torch.Tensor,
    scores: torch.Tensor,
    windows: Sequence[Window],
    list_weight: float = 0.5,
    token_weight: float = 0.2,
) -> torch.Tensor:
    """Cross-entropy of each sentence, of which is best, and of the tokens where the answer's place is known."""
    losses: list[torch.Tensor] = []
    tokens: list[torch.Tensor] = []
    for row, window in enumerate(windows):
        logits = model.logits(hidden[row], scores[row], window.second, window.spans)
        labels = torch.tensor(window.labels, dtype=torch.float)
        known = labels >= 0
        if window.any_of:
            logits, labels, known = logits.max()[None], labels.max()[None], known[:1]
        if not known.any():
            continue
        # Each window weighs the same, however many sentences it has.
        loss = functional.binary_cross_entropy_with_logits(logits[known], labels[known])
        if labels.max() > 0 and known.sum() > 1:
            best = torch.logsumexp(logits[known & (labels > 0)], 0)
            loss = loss + list_weight * (torch.logsumexp(logits[known], 0) - best)
        losses.append(loss)
        tokens += _token_losses(scores[row, :, 1], window)
    total = torch.stack(losses).mean()
    return total + token_weight * torch.stack(tokens).mean() if tokens else total


def _token_losses(scores: torch.Tensor, window: Window) -> list[torch.Tensor]:
    losses = []
    for span, answers in zip(window.spans, window.answers, strict=True):
        if answers:
            target = torch.zeros(span.end - span.start)
            for a, b in answers:
                target[a - span.start : b - span.start] = 1
            losses.append(functional.binary_cross_entropy_with_logits(scores[span.start : span.end], target))
    return losses
