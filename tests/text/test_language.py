"""The language of a text is told by its script and its commonest words, or not told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.text.language import NAMES, SAMPLE, language_of, languages_of, names

# The same sentence in many languages.
SENTENCES = {
    "ar": "تتجسس الاستخبارات الروسية على الصين منذ سنوات، كما كتب التقرير في عام 2019.",
    "bg": "Руското разузнаване шпионира Китай от години и това се вижда, както пише в доклада за 2019 г.",
    "cs": "Ruská rozvědka špehuje Čínu již několik let, jak se uvádí ve zprávě z roku 2019, a není to nové.",
    "da": "Den russiske efterretningstjeneste har spioneret mod Kina i årevis, hvad der også blev sagt i rapporten.",
    "de": "Der russische Geheimdienst spioniert seit Jahren in China, wie es in dem Bericht von 2019 heißt.",
    "el": "Η ρωσική υπηρεσία πληροφοριών κατασκοπεύει την Κίνα εδώ και χρόνια.",
    "en": "The Russian intelligence service has been spying on China for years, as the report of 2019 says.",
    "es": "El servicio de inteligencia ruso espía a China desde hace años, como dice el informe de 2019.",
    "fa": "سازمان اطلاعات روسیه سال‌هاست که از چین جاسوسی می‌کند و این در گزارش آمده است.",
    "fi": "Venäjän tiedustelupalvelu on vakoillut Kiinaa vuosia, kuten raportti kertoo, mutta se ei ole uutta.",
    "fr": "Le service de renseignement russe espionne la Chine depuis des années, comme le dit le rapport de 2019.",
    "he": "שירות הביון הרוסי מרגל אחרי סין כבר שנים.",
    "hi": "रूसी खुफिया सेवा वर्षों से चीन की जासूसी कर रही है।",
    "hu": "Az orosz hírszerzés évek óta kémkedik Kínában, és ez a jelentés szerint nem új.",
    "it": "Il servizio segreto russo spia la Cina da anni, come si legge nel rapporto del 2019.",
    "ja": "ロシアの情報機関は何年も前から中国をスパイしている。",
    "ko": "러시아 정보기관은 수년간 중국을 염탐해 왔다.",
    "nl": "De Russische inlichtingendienst bespioneert China al jaren, zoals het in het rapport van 2019 staat.",
    "no": "Den russiske etterretningstjenesten har spionert på Kina i årevis, hva som også ble sagt av dem.",
    "pl": "Rosyjski wywiad szpieguje Chiny od lat, jak to jest napisane w raporcie z 2019 roku.",
    "pt": "O serviço secreto russo espiona a China há anos, como se lê no relatório de 2019, mas não é o único.",
    "ro": "Serviciul de informații rus spionează China de ani de zile, după cum scrie în raportul din 2019.",
    "ru": "Российская разведка уже много лет шпионит за Китаем, как говорится в отчёте за 2019 год.",
    "sv": "Den ryska underrättelsetjänsten har spionerat på Kina i åratal, vad som också blev sagt av dem.",
    "th": "หน่วยข่าวกรองรัสเซียสอดแนมจีนมาหลายปีแล้ว",
    "tr": "Rus istihbaratı yıllardır Çin'de casusluk yapıyor ve bu 2019 raporunda da yazıyor.",
    "uk": "Російська розвідка вже багато років шпигує за Китаєм, як це написано у звіті.",
    "vi": "Cơ quan tình báo Nga đã do thám Trung Quốc trong nhiều năm, như báo cáo năm 2019 cho biết.",
    "zh": "俄罗斯情报机构多年来一直在中国从事间谍活动。",
}


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_the_language_of_a_sentence_is_known(language: str) -> None:
    assert language_of(SENTENCES[language]) == language


@pytest.mark.parametrize("text", ["", "12.5 | 13.7 | 14", "ACME Q3 EBITDA", "SVR", "{}", '{"id": 1, "value": 2}'])
def test_what_is_no_sentence_is_of_no_language(text: str) -> None:
    assert language_of(text) == ""


def test_names_and_quotations_in_another_language_do_not_change_it() -> None:
    text = SENTENCES["en"] + ' It is called Служба внешней разведки, "die Macht der Stille", 国家安全部.'
    assert language_of(text) == "en"


def test_chinese_with_english_names_is_chinese_and_with_syllables_japanese() -> None:
    assert language_of("SVR和GRU的Alexander Bortnikov在2019年访问了北京的情报机构") == "zh"
    assert language_of("情報機関の報告書") == "ja"


def test_a_long_text_is_judged_by_its_beginning_middle_and_end() -> None:
    german, english = ((SENTENCES[each] + " ") * 200 for each in ("de", "en"))
    assert language_of(english[: SAMPLE // 2] + german * 3) == "de"


def test_languages_with_much_the_same_words_are_both_likely() -> None:
    assert set(languages_of("Hvem er det og hvor er den i dag?")) >= {"da", "no"}
    assert languages_of(SENTENCES["en"]) == ("en",)


@given(st.text())
def test_every_text_has_languages_with_names_or_none(text: str) -> None:
    assert all(language in NAMES for language in languages_of(text))


def test_names_are_english() -> None:
    assert names(["de", "zh", "xx"]) == ["German", "Chinese", "xx"]
