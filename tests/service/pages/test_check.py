"""The page that checks a draft, as a browser without JavaScript gets it."""

from typing import Any

import pytest
from lxml import html as lxml_html

from askreport.check.check import MAX_DRAFT_CHARS
from tests.tools.parts import TestClient, pdf

WORDS = "while the SVR is under agreement not to spy on the Chinese"
DRAFT = (
    f"It says “{WORDS}”, and\nthat “the Russian military espionage (GRU) that simply fills the gap”, and “the harbour "
    "was closed for a year by mice”."
)


def send(client: TestClient, text: str = "", file: tuple[str, bytes] = ("", b""), status: int = 200) -> Any:
    response = client.post("/check", data={"text": text}, files={"file": file}, headers={"accept": "text/html"})
    assert response.status_code == status
    return lxml_html.document_fromstring(response.text)


def test_each_quotation_has_its_verdict_and_its_place(client: TestClient) -> None:
    page = send(client, DRAFT)
    assert page.xpath("string(//h2[@id='result'])") == "1 verbatim, 1 with differences, 1 not found"
    verbatim, different, missing = page.xpath("//section[@class='checked']//li")
    assert [each.get("class") for each in (verbatim, different, missing)] == ["verbatim", "different", "not_found"]
    assert verbatim.xpath("string(blockquote)") == WORDS
    assert "line 1" in verbatim.text_content()
    assert different.xpath(".//del/text()") == ["espionage"]
    assert different.xpath(".//ins/text()") == ["intelligence"]
    assert "#char=" in different.xpath(".//a/@href")[0]
    assert not missing.xpath(".//a")
    assert page.xpath("//textarea")[0].text.strip() == DRAFT


def test_a_draft_may_be_a_file_of_any_format(client: TestClient) -> None:
    lines = ["He wrote", f'"{WORDS}"']
    page = send(client, "“not this”", ("draft.PDF", pdf(lines)))
    assert page.xpath("string(//h2[@id='result'])") == "1 verbatim, 0 with differences, 0 not found"
    assert not (page.xpath("//textarea")[0].text or "").strip()


def test_a_file_that_cannot_be_read_leaves_the_text_in_the_box(client: TestClient) -> None:
    page = send(client, DRAFT, ("draft.pdf", b"no pdf"), 422)
    assert "cannot be read" in page.xpath("string(//*[@role='alert'])")
    assert page.xpath("//textarea")[0].text.strip() == DRAFT


@pytest.mark.parametrize("text", ["", " \n", "“x” " * (MAX_DRAFT_CHARS // 4 + 1)])
def test_a_draft_that_is_none_or_too_long_says_so(client: TestClient, text: str) -> None:
    assert "draft" in send(client, text, status=422).xpath("string(//*[@role='alert'])")


def test_a_draft_as_long_as_may_be_is_checked_whatever_its_letters(client: TestClient) -> None:
    assert send(client, "𝒳" * MAX_DRAFT_CHARS).xpath("string(//h2[@id='result'])") == "No quotations in the draft"


def test_without_quotations_it_says_what_they_are(client: TestClient) -> None:
    assert "block quotes" in send(client, "No quotation.").xpath("string(//section)")


def test_markup_in_a_draft_is_text(client: TestClient) -> None:
    page = send(client, "“<script>alert(1)</script> and more words”</textarea><b>")
    assert not page.xpath("//main//script | //main//b")
    assert "<script>" in page.xpath("string(//blockquote)")


def test_two_files_or_other_fields_are_refused(client: TestClient) -> None:
    files = [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]
    assert client.post("/check", files=files).status_code == 400
