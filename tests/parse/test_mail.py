"""Mail: subject, names, date and text; of what is attached only the names."""

from email.message import EmailMessage

import pytest

from askreport.errors import ParseError
from askreport.parse.mail import parse_eml
from askreport.types import Document
from tests.conftest import shared
from tests.parse.test_archive import OLE, zipped


def mail(plain: str = "", html: str = "", **headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in ({"Subject": "On Trade", "From": "Ann <ann@example.org>"} | headers).items():
        message[name] = value
    if plain or not html:
        message.set_content(plain)
        if html:
            message.add_alternative(html, subtype="html")
    else:
        message.set_content(html, subtype="html")
    return message


def parse(message: EmailMessage | bytes) -> Document:
    data = message if isinstance(message, bytes) else message.as_bytes()
    return parse_eml(data, "a.eml", "File Name")


def blocks(message: EmailMessage | bytes) -> list[str]:
    """The blocks below the subject and the sender."""
    found = parse(message).text.rstrip("\n").split("\n\n")
    return [block for block in found if block != "On Trade" and not block.startswith("From: ")]


def raw(body: bytes, *headers: str) -> bytes:
    return "\n".join(["Subject: On Trade", *headers, "", ""]).encode() + body


def test_the_head_is_the_subject_as_heading_and_who_wrote_when_to_whom() -> None:
    date = "Mon, 01 May 2023 09:30:00 +0000"
    document = parse(mail("Words.", To="Bob <bob@example.org>", Cc="c@example.org", Date=date, Bcc="d@example.org"))
    assert document.text.split("\n\n") == [
        *("On Trade", "From: Ann <ann@example.org>", "To: Bob <bob@example.org>", "Cc: c@example.org"),
        *(f"Date: {date}", "Words.\n"),
    ]
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "On Trade")]
    assert (document.title, document.has_title) == ("On Trade", True)


def test_encoded_words_are_read() -> None:
    document = parse(mail("Words.", Subject="Žluťoučký kůň", From="Jiří <j@example.org>"))
    assert document.text.startswith("Žluťoučký kůň\n\nFrom: Jiří <j@example.org>\n")


def test_a_mail_without_a_subject_has_the_given_title() -> None:
    document = parse(b"From: a@example.org\n\nWords.")
    assert (document.title, document.has_title, document.headings) == ("File Name", False, ())


def test_plain_text_is_preferred_and_its_lines_kept() -> None:
    assert blocks(mail("One.\nTwo.\n\n \n\nThree.\n", "<p>No.</p>")) == ["One.\nTwo.", "Three."]


def test_html_is_read_like_a_page() -> None:
    html = "<?xml version='1.0'?><title>No</title><h2>Ships</h2><table><tr><td><p>a</p></td><td>b</td></tr></table>"
    assert blocks(mail(html=html)) == ["Ships", "a | b"]


def test_attached_files_are_named_and_not_read() -> None:
    message = mail("Words.")
    message.add_attachment(b"Secret.", maintype="application", subtype="pdf", filename="Ročenka 2023.pdf")
    message.add_attachment("Secret.", filename="a.txt")
    assert blocks(message) == ["Words.", "Attachment: Ročenka 2023.pdf", "Attachment: a.txt"]


@pytest.mark.parametrize(
    ("charset", "text"),
    [("iso-8859-2", "Łódź"), ("iso-2022-jp", "東京"), ("utf-7", "Köln"), ("koi8-r", "Привет"), ("utf-8", "Köln")],
)
def test_the_declared_encoding_is_used(charset: str, text: str) -> None:
    assert blocks(raw(text.encode(charset), f"Content-Type: text/plain; charset={charset}")) == [text]


@pytest.mark.parametrize("charset", ["us-ascii", "iso-8859-1", "no-such-thing", '"'])
def test_a_wrong_declaration_does_not_matter(charset: str) -> None:
    assert blocks(raw("Žluťoučký kůň".encode(), f"Content-Type: text/plain; charset={charset}")) == ["Žluťoučký kůň"]


def test_a_mail_without_a_body_is_its_head() -> None:
    assert parse(mail()).text == "On Trade\n\nFrom: Ann <ann@example.org>\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "no_text"),
        (b"Only words.\n", "damaged"),
        (b"X-Other: 1\n\nOnly words.\n", "damaged"),
        (OLE, "encrypted"),
        (zipped({"a": ""}), "damaged"),
        (b"%PDF-1.7\n", "damaged"),
        (raw(b"x", "Content-Type: multipart/encrypted; boundary=a"), "encrypted"),
        (raw(b"x", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data"), "encrypted"),
        (raw(bytes(range(256)) * 9), "damaged"),
        (raw(b"<div>" * 100_000 + b"x", "Content-Type: text/html"), "damaged"),
        (raw(b"Content-Type: message/rfc822\n\n" * 9_000, "Content-Type: message/rfc822"), "damaged"),
    ],
)
def test_what_cannot_be_read(data: bytes, status: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(data)
    assert caught.value.status == status


@pytest.mark.parametrize(
    "kind", ["multipart/mixed", "multipart/mixed; boundary=a", "multipart/alternative", "/", "text"]
)
def test_a_broken_type_does_no_harm(kind: str) -> None:
    assert parse(raw(b"--a\n\nWords.", f"Content-Type: {kind}")).text.startswith("On Trade\n")


def test_a_real_mail() -> None:
    text = parse(shared("documents/eml_with_attachment.eml").read_bytes()).text
    assert "This email contains an attachment." in text
    assert text.endswith("Attachment: test.txt\n")


def test_a_forwarded_message_is_read_with_its_head() -> None:
    message = mail("See below.")
    message.add_attachment(mail("The money moved.", Subject="Transfer", From="c@example.net"))
    assert blocks(message)[:3] == ["See below.", "Transfer", "The money moved."]
    assert "From: c@example.net" in parse(message).text


def test_a_plain_part_that_only_stands_in_for_the_page_is_not_read() -> None:
    assert blocks(mail("This mail is HTML. View it in your browser.", "<p>48 buses.</p>")) == ["48 buses."]
    assert blocks(
        mail("The ministry ordered 48 buses.", "<p>The ministry ordered <b>48 buses</b>.</p><p>More</p>")
    ) == ["The ministry ordered 48 buses."]


def test_text_on_both_sides_of_a_picture_is_read() -> None:
    message = mail("Before.")
    message.add_attachment(b"GIF8", maintype="image", subtype="gif", filename="a.gif", disposition="inline")
    message.add_attachment("After.", disposition="inline")
    document = parse(message)
    assert blocks(message) == ["Before.", "After.", "Attachment: a.gif"]
    assert document.left_out == ("1 picture",)


def test_messages_that_hold_one_another_without_end_are_read_to_a_depth() -> None:
    message = mail("Innermost.")
    for number in range(30):
        outer = mail(f"Level {number}.")
        outer.add_attachment(message)
        message = outer
    document = parse(message)
    assert "Level 29." in document.text
    assert document.left_out == ("2 too deeply nested parts",)


def test_latin_1_is_the_code_page_of_windows() -> None:
    text = "The port’s bonus was €60,000."
    headers = ("Content-Type: text/plain; charset=iso-8859-1", "X-Note: a")
    assert blocks(raw(text.encode("cp1252"), *headers)) == [text]
