"""Terms are the same for what is the same word, in any language, and what they were for English text."""

import unicodedata
from functools import reduce

import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st

from askreport.store.words import (
    MAX_LETTERS,
    forms_of,
    in_order,
    mistyped_in,
    rule_of,
    stem_of,
    terms_of,
    weights_of,
    words_of,
)

LANGUAGES = ["", "de", "en", "fi", "fr", "hu", "pl", "ru", "tr", "zh"]
# Letters, marks and spaces of many scripts.
TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8"), st.sampled_from("aeéßıİñžжёקلهकाि俄罗国한글ไทยကမ្ពុ \u00ad\u200b\u0301-'’_0٣")
    ),
    max_size=60,
)


def english(text: str) -> list[str]:
    """The terms that English text has always had."""
    steps = [tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold(), tantivy.Filter.stemmer("english")]
    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return list(reduce(lambda builder, step: builder.filter(step), steps, words).build().analyze(text))


def test_a_term_is_a_stem_in_lower_case_without_accents() -> None:
    assert terms_of("Spying SPIES, spied: Élysée's 54777") == ["spi", "spi", "spi", "elyse", "s", "54777"]


@given(st.text(st.characters(max_codepoint=0x17F, exclude_characters="\u00ad"), max_size=80))
def test_the_terms_of_english_text_are_what_they_were(text: str) -> None:
    words = [word for word in text.split() if len(word) < MAX_LETTERS and "İ" not in word]
    text = unicodedata.normalize("NFC", " ".join(words))
    assert terms_of(text) == terms_of(text, "en") == english(text)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "die Häuser", "das Haus"),
        ("fr", "les négociations", "la négociation"),
        ("es", "las naciones", "la nación"),
        ("no", "avtalene", "avtale"),
        ("ru", "разведывательная служба", "разведывательной службы"),
        ("uk", "служби", "служба"),
        ("el", "οι κυβερνήσεις", "των κυβερνήσεων"),
        ("ar", "الحكومة", "حكومة"),
        ("fa", "می‌خواهم", "میخواهم"),
        ("tr", "kitaplar", "kitap"),
    ],
)
def test_forms_of_one_word_are_one_term_in_their_language(language: str, one: str, other: str) -> None:
    assert terms_of(one, language)[-1:] == terms_of(other, language)[-1:]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("e\u0301te\u0301", "été"),
        ("Geheim\u00addienst", "Geheimdienst"),
        ("Geheim\u200bdienst", "Geheimdienst"),
        ("ﬁnance", "finance"),
        ("ＡＣＭＥ", "ACME"),
        ("ｱｲｳ", "アイウ"),
        ("⼈⼝", "人口"),
        ("ёлка", "елка"),
        ("שָׁלוֹם", "שלום"),
        ("مَرْحَبًا", "مرحبا"),
        ("۱۹۹۱", "1991"),
        ("१९९१", "1991"),
        ("İstanbul", "istanbul"),
    ],
)
def test_what_reads_the_same_is_the_same_term(one: str, other: str) -> None:
    assert terms_of(one) == terms_of(other) != []


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("俄罗斯的SVR。", ["俄罗", "罗斯", "斯的", "svr"]),
        ("在", ["在"]),
        ("ロシアは", ["ロシ", "シア", "アは"]),
        ("한국의 기관", ["한국", "국의", "기관"]),
        ("ปี๒๕๖๒", ["ปี", "2562"]),
        ("ខ្មែរ", ["ខ្មែរ"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
    ],
)
def test_text_without_spaces_gives_pairs_of_its_characters(text: str, terms: list[str]) -> None:
    assert terms_of(text) == terms


def test_of_a_long_word_the_first_letters_are_its_term() -> None:
    assert terms_of("x" * 1_000_000 + " word") == ["x" * MAX_LETTERS, "word"]
    assert terms_of("ж" * 100, "ru") == ["ж" * MAX_LETTERS]
    assert len(terms_of("国" * 100)) == 99


@given(TEXTS, st.sampled_from(LANGUAGES))
def test_terms_can_be_kept_apart_by_spaces_and_lines(text: str, language: str) -> None:
    terms = terms_of(text, language)
    assert " ".join(terms).split() == terms
    assert not any(character in "\0\t\n\\" for term in terms for character in term)


@given(TEXTS, st.lists(st.sampled_from(LANGUAGES), unique=True))
def test_a_question_has_the_terms_of_its_words_in_every_language_of_the_library(
    text: str, languages: list[str]
) -> None:
    forms = forms_of(text, languages)
    for language in languages or [""]:
        assert set(terms_of(text, language)) <= set().union(*forms.values())
    assert list(forms) == list(dict.fromkeys(terms_of(text, languages[0] if languages else "")))
    assert all(term in own for term, own in forms.items())


@given(TEXTS)
def test_in_a_library_of_one_language_a_term_has_one_form(text: str) -> None:
    assert forms_of(text, ["en", ""]) == {term: frozenset([term]) for term in terms_of(text)}


def test_a_word_is_mistyped_if_it_is_unknown_in_every_form() -> None:
    forms = {"haus": frozenset(["haus", "hauser"]), "boot": frozenset(["boot"])}
    assert mistyped_in(forms, {"haus", "boot"}) == {"boot"}


def test_the_languages_of_a_library_are_in_order_without_those_that_are_gone() -> None:
    assert list(in_order({"de": 1, "en": 3, "fr": 0, "": 1, "it": -1}).items()) == [("en", 3), ("", 1), ("de", 1)]


def test_languages_without_rules_of_their_own_have_those_of_english() -> None:
    assert [rule_of(language) for language in ("de", "cs", "zh", "")] == ["de", "en", "en", "en"]


def test_a_stem_names_its_language_unless_it_is_english_or_the_same_in_all() -> None:
    assert terms_of("Häuser 2019 A320 Служба", "de") == ["haus:de", "2019", "a320", "служб"]
    assert stem_of("haus:de") == stem_of("haus") == "haus"


def test_a_form_weighs_what_its_term_does_where_it_is_commonest() -> None:
    forms = {"putin": frozenset(["putin", "putin:de"]), "haus": frozenset(["haus:de"])}
    idf = {"putin": 1.0, "putin:de": 5.0, "haus:de": 3.0}
    assert weights_of(forms, idf) == {"putin": 1.0, "putin:de": 1.0, "haus:de": 3.0}


def test_words_are_not_stemmed() -> None:
    assert words_of("Spying Häuser 俄罗斯") == ["spying", "hauser", "俄罗", "罗斯"]
