"""The tokenizer gives the pieces that the library ``tokenizers`` gives, and their places in the text."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from askreport.errors import EncoderError
from askreport.models import e5
from askreport.models.e5_file import E5File, Pieces
from askreport.models.unigram import Unigram, write_pieces
from tests.tools import tinye5

SCRIPTS = [
    "The SVR's agreement with China dates back to 1992; it isn’t public… (see p. 12–14).",
    "Der Vertrag über „Straßenverkehrsgrößen“ wurde 1992 geschlossen.",
    "Příliš žluťoučký kůň úpěl ďábelské ódy, Škoda 100 % náhrad.",
    "Служба внешней разведки заключила соглашение в 1992 году.",
    "俄罗斯对外情报局与中国军方签署了协议。它能在中国进行间谍活动吗？",
    "ロシアの対外情報庁は中国でスパイ活動をするか。ﾊﾝｶｸもある。",
    "러시아 대외정보국은 중국을 정탐하는가?",
    "وقعت المخابرات الروسية اتفاقاً مع الصين عام ١٩٩٢.",
    "רוסיה חתמה על הסכם עם סין בשנת 1992.",
    "หน่วยข่าวกรองรัสเซียลงนามข้อตกลงกับจีนในปี 1992",
    "रूस की खुफिया सेवा ने १९९२ में चीन के साथ समझौता किया।",
    "Ο ρωσικός οργανισμός υπέγραψε συμφωνία με την Κίνα.",
    "e\u0301te\u0301 Å ﬁne ½ ①② ㎏ Ⅷ ＡＢＣ x² \u00ad soft\u200bbreak\ufeff",
    "🦀🦀 𝔘𝔫𝔦 \U00013080\U00013081 ꙮ <s> </s> <mask> <unk> ▁ a▁b",
    "https://example.org/a_b?c=d#e  tabs\tand\nlines\r\n  end  ",
]
# What texts of any kind are drawn from: letters of many scripts, marks, digits, spaces, and what is rare.
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
MIXED = st.lists(st.one_of(st.sampled_from(SCRIPTS).flatmap(lambda text: st.sampled_from(text.split())), ANY)).map(
    " ".join
)


class Reference:
    """The same pieces in the library, which has a text as the model was trained to see it."""

    def __init__(self, pieces: Pieces) -> None:
        # What is the model's own stands for no text, so no text may look like it.
        names = [f"\ue000{number}" if number in pieces.own else text for number, text in enumerate(pieces.texts)]
        scores = [float(score) for score in pieces.scores]
        worst = min(scores)
        for number in pieces.own:
            scores[number] = worst
        self._pieces = pieces
        self._tokenizer = Tokenizer(
            models.Unigram(list(zip(names, scores, strict=True)), unk_id=pieces.unknown, byte_fallback=False)
        )
        self._tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)

    def ids(self, text: str) -> list[int]:
        found: list[int] = []
        normal = unicodedata.normalize("NFC", text).translate(self._pieces.characters)
        for word in normal.split(" "):
            if word:
                found += self._tokenizer.encode(word, add_special_tokens=False).ids
        return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Unigram, Reference]:
    folder = tmp_path_factory.mktemp("pieces")
    tinye5.write_e5(folder / "e5.bin")
    return opened(folder / "e5.bin", folder)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Unigram, Reference]:
    try:
        return opened(e5.locate(), tmp_path_factory.mktemp("pieces"))
    except EncoderError as error:
        pytest.skip(error.message)


def opened(file: Path, folder: Path) -> tuple[Unigram, Reference]:
    pieces = E5File(file).pieces
    write_pieces(pieces, folder)
    return Unigram(folder), Reference(pieces)


@pytest.mark.parametrize("text", SCRIPTS)
def test_texts_of_many_scripts_have_the_librarys_pieces(real: tuple[Unigram, Reference], text: str) -> None:
    unigram, reference = real
    assert unigram.pieces(text).ids == reference.ids(text)


@given(MIXED)
def test_any_text_has_the_librarys_pieces(real: tuple[Unigram, Reference], text: str) -> None:
    unigram, reference = real
    assert unigram.pieces(text).ids == reference.ids(text)


@given(st.text(st.sampled_from("theraquy: ?.\nÅﬀ\x01日本ä\u0308zß"), max_size=30))
def test_with_few_pieces_any_text_has_the_librarys(small: tuple[Unigram, Reference], text: str) -> None:
    unigram, reference = small
    assert unigram.pieces(text).ids == reference.ids(text)


@given(MIXED)
def test_places_go_forward_and_leave_out_only_what_is_no_word(real: tuple[Unigram, Reference], text: str) -> None:
    unigram, _ = real
    offsets = unigram.pieces(text).offsets
    covered = np.zeros(len(text), bool)
    last = 0
    for start, end in offsets:
        assert last <= end <= len(text)
        assert start <= end
        covered[start:end] = True
        last = end
    left = "".join(character for character, known in zip(text, covered, strict=True) if not known)
    assert not any(character.isalnum() for character in left)


def test_a_pieces_place_cuts_it_out_of_the_text(real: tuple[Unigram, Reference]) -> None:
    text = "Does the SVR\nspy? Ｙｅｓ, e\u0301te\u0301."
    found = [text[start:end] for start, end in real[0].pieces(text).offsets]
    assert "".join(found) == "".join(text.split())


def test_the_models_own_tokens_come_from_no_text(real: tuple[Unigram, Reference]) -> None:
    unigram, _ = real
    assert not {unigram.start, unigram.end} & set(unigram.pieces("<s> </s><s></s> <pad> <mask>").ids)


def test_unknown_characters_in_a_row_are_one_token(small: tuple[Unigram, Reference]) -> None:
    tokens = small[0].pieces("aßßßa")
    unknown = tinye5.PIECES.index("<unk>")
    assert tokens.ids.count(unknown) == 1
    assert tokens.offsets[tokens.ids.index(unknown)] == (1, 4)


@pytest.mark.parametrize("limit", [2, 3, 7, 100])
def test_an_input_has_its_start_its_end_and_no_more_than_its_limit(
    small: tuple[Unigram, Reference], limit: int
) -> None:
    unigram, _ = small
    tokens = unigram.encode("the there query " * 4, limit)
    whole = unigram.pieces("the there query " * 4).ids
    assert tokens.ids == [unigram.start, *whole[: limit - 2], unigram.end]
    assert len(tokens.offsets) == len(tokens.ids)


def test_a_long_word_has_the_pieces_of_its_parts(real: tuple[Unigram, Reference]) -> None:
    unigram, reference = real
    text = "俄罗斯对外情报局" * 200 + "x" * 3000
    assert unigram.pieces(text).ids == reference.ids(text)


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\x01", "\u200b"])
def test_a_text_without_a_word_has_no_pieces(real: tuple[Unigram, Reference], text: str) -> None:
    assert real[0].pieces(text).ids == []
