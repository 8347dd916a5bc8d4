"""What the page shows of an answer beside it: in words how sure it is, citations, the conversation, what was sought."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from askreport.answering.library import Library
from askreport.answering.why import SentenceWhy, UnknownWord, Why, why
from askreport.service.pages.answer import SURENESS, show, sought, sureness
from askreport.service.pages.originals import Originals
from askreport.service.pages.templating import asking, texts
from askreport.trace import traced
from askreport.types import ALL, Answer, Document, Filter
from tests.conftest import CORPUS
from tests.tools.parts import HashingEncoder, TestClient, document, publish

SVR = "does the SVR spy on China?"
BASE = "http://127.0.0.1:8000"


def parsed(text: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(text)


def tree(client: TestClient, url: str) -> lxml_html.HtmlElement:
    return parsed(client.get(url).text)


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_probable_is_never_said_to_be_less_sure(one: float, other: float) -> None:
    words = [key for _, key in SURENESS]
    low, high = sorted((one, other))
    assert words.index(sureness(high)) <= words.index(sureness(low))
    assert f"sure.{sureness(one)}" in texts.texts


def test_a_conversation_has_each_question_with_the_first_quote_of_its_answer(library: Library) -> None:
    originals = Originals(library, CORPUS)
    shown = show(library, originals, "Does the GRU spy on China?", [SVR, "How do I reset my password?"], BASE)
    first, second = shown.earlier
    assert (first.question, first.url, second.quote) == (SVR, asking("/", SVR), None)
    assert first.quote
    assert "not to spy on the Chinese" in first.quote.text
    assert dict(parse_qsl(urlsplit(second.url).query)) == {"q": "How do I reset my password?", "after": SVR}
    assert len(shown.citations) == len(shown.answer.quotes)
    assert BASE in shown.citations[0].markdown
    named = {each.document.id for each in (*shown.answer.quotes, first.quote)}
    named |= {each.document.id for each in shown.answer.passages}
    assert named == shown.metadata.keys()


def test_only_the_question_of_the_request_is_noted(library: Library) -> None:
    with traced("1") as trace:
        show(library, Originals(library, CORPUS), "And the GRU?", [SVR], BASE)
    assert (trace.questions, len(trace.answers)) == (["And the GRU?"], 1)


def test_the_place_is_that_of_the_first_quote(library: Library) -> None:
    shown = show(library, Originals(library, CORPUS), SVR, [], BASE)
    quote = shown.answer.quotes[0]
    assert shown.place
    assert (shown.place.document.id, *shown.place.marked) == (quote.document.id, quote.start, quote.end)
    assert shown.sought is None


def test_all_of_a_page_is_of_one_state_though_the_library_changes_meanwhile(tmp_path: Path) -> None:
    ferry, garden = document("The ferry to Texel sails every hour."), document("Tulips bloom in May.", "b.txt")
    publish(tmp_path, [ferry, garden])
    library = Changed(tmp_path, [garden])
    shown = show(library, Originals(library, tmp_path), "When do tulips bloom?", ["The ferry to Texel sails."], BASE)
    assert library.asked == 2
    assert shown.answer.index == library.store.state
    assert shown.documents == 1
    assert {each.document.id for each in shown.answer.passages} == shown.metadata.keys() == {garden.id}


def test_no_quote_of_another_state_is_shown_if_the_library_changes_all_the_time(tmp_path: Path) -> None:
    ferry, garden = document("The ferry to Texel sails every hour."), document("Tulips bloom in May.", "b.txt")
    publish(tmp_path, [ferry, garden])
    library = Changed(tmp_path, [ferry, garden], times=3)
    shown = show(library, Originals(library, tmp_path), "When do tulips bloom?", ["The ferry to Texel sails."], BASE)
    assert library.asked == 3
    assert [each.quote for each in shown.earlier] == [None]


class Changed(Library):
    """A library that is replaced by another each of the first ``times`` it has answered."""

    def __init__(self, index: Path, then: list[Document], times: int = 1) -> None:
        super().__init__(index, HashingEncoder())
        self.asked = 0
        self._then = then
        self._times = times

    def ask(self, question: str, k: int = 5, within: Filter = ALL, history: Sequence[str] = ()) -> Answer:
        answer = super().ask(question, k, within, history)
        self.asked += 1
        if self.asked <= self._times:
            publish(self.index, self._then)
        return answer


def found(question: str, understood: str, **unknown: tuple[str, ...]) -> Why:
    sentence = SentenceWhy(
        document_id="id",
        start=0,
        end=1,
        text="a",
        in_sentence=("Texel",),
        around=(),
        missing=("boat",),
        cosine=0.5,
        coverage=0.5,
        logit=None,
        probability=0.1,
    )
    strange = tuple(UnknownWord(*each) for each in unknown.items())
    return Why(question=question, understood=understood, acronyms=(), unknown=strange, sentences=(sentence,))


def test_a_refusal_says_what_was_looked_for_and_what_may_be_meant() -> None:
    question = "Does the gost fery, a boat, sail to Texel as the fery?"
    asked = sought(found(question, question, fery=("ferry", "fern"), gost=()))
    assert asked.words == (("gost", False), ("fery", False), ("boat", True), ("Texel", True))
    instead = tuple((word, asking("/", question.replace("fery", word))) for word in ("ferry", "fern"))
    assert asked.instead == (("fery", instead),)


def test_several_misspelt_words_are_corrected_at_once() -> None:
    question = "Does the fery leve the habour?"
    asked = sought(found(question, question, fery=("ferry", "fern"), leve=("leave",), habour=("harbour",)))
    whole = "Does the ferry leave the harbour?"
    assert asked.corrected == (whole, asking("/", whole))
    assert dict(asked.instead[0][1])["fern"] == asking("/", "Does the fern leave the harbour?")
    assert sought(found("the fery?", "the fery?", fery=("ferry",))).corrected is None


def test_a_word_of_the_questions_before_is_replaced_in_what_was_understood() -> None:
    asked = sought(found("And the fery?", "Does the fery sail?", fery=("ferry",)), ["Does the boat sail?"])
    assert asked.instead[0][1] == (("ferry", asking("/", "Does the ferry sail?")),)
    alone = sought(found("the fery?", "the fery?", fery=("ferry",)), ["Does the boat sail?"])
    assert alone.instead[0][1] == (("ferry", asking("/", "the ferry?", ["Does the boat sail?"])),)


def test_a_suggestion_leads_to_the_question_with_that_word(client: TestClient, library: Library) -> None:
    question = "How do I reset my pasword?"
    page = tree(client, asking("/", question))
    assert "reset" in page.xpath("string(//*[@class='word unknown'])")
    instead = sought(why(library, question)).instead
    assert page.xpath("//p[@class='instead']/a/@href") == [url for _, others in instead for _, url in others]


def test_an_uncertain_answer_names_the_word_that_no_document_has(client: TestClient) -> None:
    page = tree(client, asking("/", "Does the SVR spy on Zanzibar?"))
    assert page.xpath("//*[@class='word unknown']/text()") == ["Zanzibar "]
    assert not tree(client, asking("/", SVR)).xpath("//*[contains(@class, 'word')]")


def test_an_answer_is_read_without_a_script(client: TestClient) -> None:
    page = tree(client, asking("/", "And the GRU?", [SVR]))
    assert len(page.xpath("//ol[@class='quotes']/li[1]//details[@class='cite']//p")) == 3
    assert "not to spy on the Chinese" in page.xpath("string(//ol[@class='earlier'])")
    assert page.xpath("//aside[@id='pane']//mark")
    assert page.xpath("//a[@download]/@href") == [asking("/conversation.md", "And the GRU?", [SVR])]
    assert page.xpath("string(//*[@class='sure'])") in texts.group("sure").values()


def test_a_script_is_given_the_main_part_only(client: TestClient) -> None:
    whole, part = client.get(asking("/", SVR)), client.get(asking("/", SVR), headers={"x-fragment": "1"})
    assert whole.headers["vary"] == part.headers["vary"] == "X-Fragment"
    assert part.text.startswith("<title>")
    assert "<link" not in part.text
    first, second = (parsed(each.text).xpath("//ol[@class='quotes']")[0] for each in (whole, part))
    assert lxml_html.tostring(first) == lxml_html.tostring(second)
