"""multilingual-e5-small: its vectors are those of floating point, and depend on nothing but the text."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.errors import EncoderError
from askreport.models import e5, e5_encoder
from askreport.models.bert_graph import Bert
from askreport.models.e5_encoder import PASSAGE, QUESTION, ROOM, E5Encoder, _packs
from askreport.models.e5_file import E5File
from askreport.types import FloatArray, Span
from tests.tools import tinye5
from tests.tools.exactbert import exact

TITLE = "the passage"
SENTENCES = ("there ere query", "the query ere there the", "日本", "there the re query : the there query . ere")
TEXT = f"{TITLE}\n{' '.join(SENTENCES)}"
SPANS = [Span(TEXT.index(each, len(TITLE)), TEXT.index(each, len(TITLE)) + len(each)) for each in SENTENCES]
# What bytes keep of the real model: .995 to .9986 of twelve layers.
MIN_COSINE = 0.99


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> E5Encoder:
    folder = tmp_path_factory.mktemp("tiny-e5")
    tinye5.write_e5(folder / "e5.bin")
    np.savez(folder / "centres.npz", question=np.zeros(tinye5.HIDDEN), passage=np.zeros(tinye5.HIDDEN))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(e5, "locate", lambda: folder / "e5.bin")
        patch.setattr(e5, "SHA256", hashlib.sha256((folder / "e5.bin").read_bytes()).hexdigest())
        patch.setattr(e5_encoder, "CENTRES", folder / "centres.npz")
        return E5Encoder(folder, threads=2)


def test_a_question_is_a_unit_vector_and_not_that_of_a_passage(tiny: E5Encoder) -> None:
    question = tiny.encode_question("the query")
    assert question.shape == (tiny.dimension,)
    assert np.linalg.norm(question) == pytest.approx(1)
    assert question @ tiny.encode_passages(["the query"], [[]])[0][0] < 0.999


def test_a_passage_and_each_of_its_sentences_have_a_unit_vector(tiny: E5Encoder) -> None:
    passage, sentences = tiny.encode_passages([TEXT], [SPANS])[0]
    assert sentences.shape == (len(SPANS), tiny.dimension)
    assert np.allclose(np.linalg.norm([passage, *sentences], axis=1), 1, atol=1e-5)


def test_a_sentence_has_the_vector_it_has_by_itself(tiny: E5Encoder) -> None:
    _, sentences = tiny.encode_passages([TEXT], [SPANS])[0]
    for text, vector in zip(SENTENCES, sentences, strict=True):
        assert vector @ tiny.raw(PASSAGE, text) > 0.98


def test_vectors_do_not_depend_on_what_else_is_encoded(tiny: E5Encoder) -> None:
    (alone,) = tiny.encode_passages([TEXT], [SPANS])
    beside = tiny.encode_passages([TEXT[::-1], TEXT, "the " * 30], [[], SPANS, [Span(0, 100)]])[1]
    assert np.array_equal(alone[0], beside[0])
    assert np.array_equal(alone[1], beside[1])


def test_what_stands_before_the_first_sentence_counts_for_the_passage_only(tiny: E5Encoder) -> None:
    moved = [Span(start - len(TITLE) - 1, end - len(TITLE) - 1) for start, end in SPANS]
    (titled, rows), (bare, others) = tiny.encode_passages([TEXT, TEXT[len(TITLE) + 1 :]], [SPANS, moved])
    assert titled @ bare < 0.999
    assert (rows * others).sum(axis=1).min() > 0.98


def test_a_passage_of_more_tokens_than_the_model_takes_is_cut(tiny: E5Encoder) -> None:
    text = "the there " * 60
    passage, sentences = tiny.encode_passages([text], [[Span(0, 300), Span(301, 599)]])[0]
    assert np.isfinite([passage, *sentences]).all()


def test_texts_without_their_sentences_are_refused(tiny: E5Encoder) -> None:
    with pytest.raises(ValueError, match="1 texts with the sentences of 0"):
        tiny.encode_passages(["the"], [])


@given(st.lists(st.integers(2, 512), min_size=1, max_size=40))
def test_each_text_runs_once_with_no_more_than_there_is_room_for(lengths: list[int]) -> None:
    packs = list(_packs(lengths))
    assert sorted(at for pack in packs for at in pack) == [*range(len(lengths))]
    assert all(len(pack) * max(lengths[at] for at in pack) <= ROOM for pack in packs)


@pytest.fixture(scope="module")
def real() -> E5Encoder:
    from askreport.config import Settings  # noqa: PLC0415

    try:
        return E5Encoder(Settings().cache)
    except EncoderError as error:
        pytest.skip(error.message)


def unit(vector: FloatArray) -> FloatArray:
    found: FloatArray = vector / np.linalg.norm(vector)
    return found


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (QUESTION, "Does the SVR spy on China?"),
        (PASSAGE, "Служба внешней разведки заключила соглашение с китайскими военными в 1992 году."),
        (PASSAGE, "该协议可追溯到1992年。"),
    ],
)
def test_a_text_has_the_vector_it_has_in_floating_point(real: E5Encoder, kind: str, text: str) -> None:
    file = E5File(e5.locate())
    shape = file.shape
    bert = Bert(
        hidden=shape.hidden, layers=shape.layers, heads=shape.heads, epsilon=shape.epsilon, weights=file.weights
    )
    inputs = real.inputs
    tokens = inputs.tokenizer.encode(kind + text, inputs.max_tokens)
    assert real.raw(kind, text) @ unit(exact(bert, inputs.embedded(tokens.ids)).mean(axis=0)) >= MIN_COSINE


def test_a_question_is_near_its_answer_in_another_language_and_far_from_others(real: E5Encoder) -> None:
    texts = ["Der SVR darf China nicht ausspähen.", "Brot wird aus Mehl gebacken."]
    _, rows = real.encode_passages([" ".join(texts)], [[Span(0, 35), Span(36, 64)]])[0]
    near, far = rows @ real.encode_question("Does the SVR spy on China?")
    assert near > far + 0.2
