"""What the reader is trained on and by, and that the package computes what was trained."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from askreport.evaluation.evaluate import rows
from askreport.models.encoder import Encoder
from askreport.models.scorer import FOLDER, OnnxScorer
from askreport.types import Span
from tests.conftest import shared
from training import data
from training.data import Example, is_held_out, passages, sentences_of, swapped, written, written_rows
from training.model import Reader, batch_of, loss_of
from training.train import FOLDS, HELD_OUT, batches, fold_of, masked, source
from training.windows import SENTENCE_TOKENS, spread, token_id, window_of


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    made = Tokenizer.from_file(str(source() / "tokenizer.json"))
    made.no_padding()
    made.no_truncation()
    return made


@pytest.fixture(scope="module")
def reader() -> Reader:
    torch.manual_seed(1)
    return Reader(str(source())).eval()


def example(sentences: tuple[str, ...], labels: tuple[int, ...], focus: int = 0) -> Example:
    return Example(
        source="test", group="group", question="Who came late?", sentences=sentences, labels=labels, focus=focus
    )


@given(st.lists(st.integers(1, 120), min_size=1, max_size=12), st.data())
def test_a_window_is_a_run_around_its_focus_within_the_budget(lengths: list[int], data: st.DataObject) -> None:
    focus, budget = data.draw(st.integers(0, len(lengths) - 1)), data.draw(st.integers(1, 200))
    first, last = spread(lengths, focus, budget, random.Random(1))
    assert first <= focus < last
    assert last - first == 1 or sum(lengths[first:last]) <= budget
    free = [i for i in (first - 1, last) if 0 <= i < len(lengths)]
    assert all(sum(lengths[first:last]) + lengths[i] > budget for i in free)


def test_a_windows_spans_are_its_sentences_tokens_and_the_answers_inside(tokenizer: Tokenizer) -> None:
    asked = example(("The ship left.", "It came late in 1628.", "word " * 200), (0, 1, 0), focus=1)
    asked = replace(asked, answers={1: (Span(16, 20),)})
    window = window_of(tokenizer, asked, random.Random(1), (60, 60))
    words = [tokenizer.decode(list(window.ids[a:b])) for a, b in window.spans]
    assert words == ["the ship left.", "it came late in 1628."]
    assert window.labels == (0, 1)
    ((answer,),) = window.answers[1:]
    assert tokenizer.decode(list(window.ids[answer.start : answer.end])) == "1628"
    long = window_of(tokenizer, example(("word " * 200,), (0,)), random.Random(1), (60, 60))
    assert long.spans[0].end - long.spans[0].start == SENTENCE_TOKENS


def test_only_shared_words_of_the_question_are_hidden(tokenizer: Tokenizer) -> None:
    window = window_of(tokenizer, example(("A ship came late.",), (1,)), random.Random(1), (60, 60))
    mask = token_id(tokenizer, "[MASK]")
    hidden: set[int] = set()
    for seed in range(200):
        changed = masked(window, mask, random.Random(seed))
        assert changed.ids[window.second :] == window.ids[window.second :]
        hidden |= {old for old, new in zip(window.ids, changed.ids, strict=True) if new == mask}
    assert sorted(tokenizer.decode([token]) for token in hidden) == ["came", "late"]


def test_batches_hold_every_window_once(tokenizer: Tokenizer) -> None:
    windows = [window_of(tokenizer, example(("late " * n,), (1,)), random.Random(n), (60, 60)) for n in range(1, 60)]
    made = list(batches(list(windows), random.Random(1)))
    assert sorted(window.ids for batch in made for window in batch) == sorted(window.ids for window in windows)


def test_a_step_of_training_makes_the_loss_smaller(tokenizer: Tokenizer) -> None:
    torch.manual_seed(2)
    model = Reader(str(source()))
    asked = [
        example(("It rained.", "The guest came late."), (0, 1), 1),
        example(("It rained.", "It was cold."), (0, 0)),
    ]
    windows = [window_of(tokenizer, each, random.Random(1), (60, 60)) for each in asked]
    optimizer = torch.optim.AdamW([weight for weight in model.parameters() if weight.requires_grad], lr=1e-3)
    losses = []
    for _ in range(6):
        hidden, scores = model(*batch_of(windows))
        loss = loss_of(model, hidden, scores, windows)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


def test_the_package_computes_what_was_trained(reader: Reader) -> None:
    scorer = OnnxScorer(FOLDER)
    with torch.no_grad():
        reader.mix.copy_(torch.tensor(scorer._mix))
        reader.bias.fill_(scorer._bias)
        draw = np.random.default_rng(1)
        hidden = draw.standard_normal((20, 384)).astype(np.float32)
        scores = draw.standard_normal((20, 4)).astype(np.float32)
        spans = [Span(6, 12), Span(12, 19)]
        expected = reader.logits(torch.tensor(hidden), torch.tensor(scores), 6, spans).tolist()
    assert [scorer._logit(hidden, scores, 6, span) for span in spans] == pytest.approx(expected, rel=1e-4)


def test_padding_changes_no_score(reader: Reader, tokenizer: Tokenizer) -> None:
    windows = [
        window_of(tokenizer, example((text,), (1,)), random.Random(1), (60, 60))
        for text in ("The guest came late.", "It rained for days, and nobody came at all until it was evening.")
    ]
    with torch.no_grad():
        hidden, _ = reader(*batch_of(windows))
        alone, _ = reader(*batch_of(windows[:1]))
    assert torch.allclose(hidden[0, : len(windows[0].ids)], alone[0], atol=1e-4)


def test_a_swapped_name_leaves_nothing_that_answers() -> None:
    base = Example(
        source="squad",
        group="g",
        question="Who led the Normans in 1066?",
        sentences=("The Normans came in 1066.",),
        labels=(),
        focus=0,
    )
    found = [each for seed in range(40) for each in swapped(base, (1,), [0], random.Random(seed), share=1.0)]
    assert found
    for each in found:
        assert each.labels == (0,)
        assert each.question != base.question


def test_every_written_question_names_a_passage_and_places_inside_it() -> None:
    shared("eval/mtrag-clapnq/corpus.jsonl")
    texts = passages()
    rows = written_rows()
    assert len(texts) == len({row["passage"] for row in rows})
    for row in rows:
        assert bool(row["evidence"]) == (row["kind"] != "none")
        for start, end in row["evidence"]:
            assert 0 <= start < end <= len(texts[row["passage"]])
            assert texts[row["passage"]][start:end].strip()


def test_nothing_held_out_is_trained_on(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    shared("eval/mtrag-clapnq/corpus.jsonl")
    some = written_rows()[::100]
    texts = passages()
    monkeypatch.setattr(data, "written_rows", lambda: some)
    monkeypatch.setattr(data, "passages", lambda: {row["passage"]: texts[row["passage"]] for row in some})
    draw = random.Random(1)
    trained = {each.group for each in written(encoder, draw)}
    kept = {each.group for each in written(encoder, draw, held_out=True)}
    assert trained
    assert kept
    assert not trained & kept
    assert all(is_held_out(group) for group in kept)


def test_an_article_is_in_one_fold() -> None:
    titles = {row["title"] for row in rows(shared("eval/squad2-dev/corpus.jsonl"))}
    held_out = {title for title in titles if fold_of(title, FOLDS) == HELD_OUT}
    assert 0 < len(held_out) < len(titles) / 2


def test_sentences_are_trimmed_slices() -> None:
    text = " One is here.  Two is there. \n"
    assert [text[a:b] for a, b in sentences_of(text)] == ["One is here.", "Two is there."]
