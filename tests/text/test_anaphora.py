"""Sentences that hang on the one before are told by their words, and those that stand alone are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.text.anaphora import hangs, language_of, only_connects, takes_back


@pytest.mark.parametrize(
    "sentence",
    [
        "This includes, in particular, the sharing of military bases and the formulation of common plans.",
        "He got none of those things.",
        "“They” are paid by the state.",
        "These mechanisms include phagocytosis.",
        "That agreement expired in 1999.",
        "None of them has ever been built.",
        "Such a treaty was never signed.",
        "The former is larger than the latter.",
        "The latter refused.",
        "Both countries signed the treaty.",
        "The two sides met in Geneva.",
        "It was listed on the National Register of Historic Places in 1985.",
        "It is a company that makes tyres.",
        "It is expected to grow by 3% in the coming year.",
        "However, the ban was lifted.",
        "But not in China.",
        "Instead, the money went to the navy.",
        "Because of this, the bridge was closed.",
        "In 1990, he became president.",
        "When asked about the war, she declined to answer.",
        "By the end of the war they had lost half of the fleet.",
        "Its member states are:",
        "Nor did the council agree.",
    ],
)
def test_what_hangs_on_the_sentence_before(sentence: str) -> None:
    assert hangs(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Although he was ill, Smith went to the meeting.",
        "Despite his illness, Smith went to the meeting.",
        "It is clear that president Putin is consumed by his own legacy.",
        "In particular, it is unclear whether the drug works.",
        "It is the Russian military intelligence (GRU) that simply fills the gap.",
        "It is a common misconception to call this a treaty.",
        "It takes two hours to cross the bay.",
        "It should be noted that the figures are estimates.",
        "This year the harvest was poor.",
        "This report questions the common knowledge.",
        "In this quasi-experimental study, 64 students took part.",
        "At this time of the year the pass is closed.",
        "Those who speculate that China will swallow Russia are wrong.",
        "Both Russia and China have denied it.",
        "Neither Russia nor China has denied it.",
        "Instead of drones, the president offers only kind words.",
        "The former president was arrested.",
        "Smith said he would go.",
        "The doctor said he would go.",
        "Such as they are, the figures show a fall.",
        "The ferry sails every hour.",
        "72nd Special Service Center",
        "",
        "?",
    ],
)
def test_what_stands_alone(sentence: str) -> None:
    assert not hangs(sentence, "The report and the war of the state are in it.")


@pytest.mark.parametrize(
    ("sentence", "alone"),
    [
        ("Diese Fähre ist nicht sicher und wird verkauft.", "Dieses Jahr ist die Fähre nicht sicher."),
        ("Cette loi ne sera pas votée par les députés.", "Cette année la loi ne sera pas votée par les députés."),
        ("Il est né à Paris et il vit dans le sud.", "Il est clair que la loi est dans le sud une affaire."),
        ("Esto no se aplica a los barcos de la isla.", "Este año no se aplica la ley a los barcos de la isla."),
        ("Однако это не было подписано в Москве.", "Россия и Китай не подписали договор в Москве."),
        ("Он не был подписан в Москве и на острове.", "В этом году он не был подписан в Москве и на острове."),
        ("Tato smlouva nebyla podepsána a je to tak.", "V tomto roce nebyla podepsána a je to tak."),
        ("他没有签署这份协议。", "中国没有签署这份协议。"),
        ("这没有发生。", "这一年中国没有签署协议。"),
        ("この船は毎日出ます。", "この年、船は毎日出ました。"),
        ("هذا لم يحدث في المدينة.", "هذا العام لم توقع المدينة الاتفاق."),
    ],
)  # fmt: skip
def test_other_languages_have_tables(sentence: str, alone: str) -> None:
    assert hangs(sentence)
    assert not hangs(alone)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ferry sails every hour of the day.", "en"),
        ("Die Fähre fährt jede Stunde und ist nicht teuer.", "de"),
        ("中国和俄罗斯", "zh"),
        ("フェリーは毎時出ます", "ja"),
        ("العبارة تبحر كل ساعة", "ar"),
        ("12.5", ""),
        ("Xyzzy", ""),
    ],
)
def test_a_language_is_told_by_its_common_words_or_its_script(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_sentence_that_takes_back_the_one_before_is_told_from_one_that_goes_on() -> None:
    assert takes_back("He got none of those things.")
    assert takes_back("But this never happened.")
    assert takes_back("It was later withdrawn.")
    assert takes_back("Keine davon wurde gebaut.")
    assert not takes_back("It does not end there.")
    assert not takes_back("None of the ministers spoke.")
    assert not takes_back("They did not sail, because the harbour was closed by the storm.")


def test_a_connective_is_told_from_a_pronoun() -> None:
    assert only_connects("But Xi has spent much.")
    assert only_connects("“Therefore, nothing was paid.")
    assert not only_connects("This is true.")


@given(st.text(max_size=200), st.text(max_size=50))
def test_any_text_can_be_looked_at(sentence: str, around: str) -> None:
    assert hangs(sentence, around) in (True, False)
    assert takes_back(sentence) in (True, False)
