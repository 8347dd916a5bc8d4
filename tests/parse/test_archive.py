"""Archives: what they are, what they hold, and how little of it a hostile one gets to unpack."""

import struct
import tracemalloc
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.errors import ParseError
from askreport.parse import archive as subject
from askreport.parse.archive import open_archive, read_member, read_xml, refuse_other_kind, xml_copy

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OLE = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)


def zipped(files: dict[str, str | bytes], method: int = ZIP_DEFLATED) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def refusal(data: bytes, part: str = "word/") -> ParseError:
    with pytest.raises(ParseError) as caught:
        open_archive(data, part)
    return caught.value


def understated(files: dict[str, str | bytes], size: int) -> bytes:
    """An archive that says of each member that it unpacks to ``size`` bytes."""
    data = bytearray(zipped(files))
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.find(signature)
        while start >= 0:
            struct.pack_into("<I", data, start + at, size)
            start = data.find(signature, start + 4)
    return bytes(data)


def test_a_member_is_read() -> None:
    archive = open_archive(zipped({"word/document.xml": "<a>ž</a>"}), "word/")
    assert read_member(archive, "word/document.xml") == "<a>ž</a>".encode()


@given(st.dictionaries(st.text("abc/.", min_size=1, max_size=5), st.binary(max_size=200_000), max_size=5))
def test_members_are_read_as_they_were_written(files: dict[str, str | bytes]) -> None:
    files["word/x"] = b""
    archive = open_archive(zipped(files), "word/")
    assert {name: read_member(archive, name) for name in files} == files


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"", "no_text", "empty"),
        (OLE, "encrypted", "without a password"),
        (b"%PDF-1.7\n%", "damaged", r"a PDF file \(.pdf\)"),
        (b"{\\rtf1 Words}", "damaged", "rich text"),
        (b"\n<!DOCTYPE html><p>Words", "damaged", "a web page"),
        (b"\x89PNG\r\n\x1a\n", "damaged", "an image"),
        (b"Only words.", "damaged", "not a zip file"),
        (b"PK\x03\x04 and no more", "damaged", "damaged or incomplete"),
        (zipped({"word/document.xml": "<a/>" * 999})[:-40], "damaged", "damaged or incomplete"),
        (zipped({}), "damaged", "another archive"),
        (zipped({"ppt/presentation.xml": "<a/>"}), "damaged", r"a presentation \(.pptx\)"),
        (zipped({"content.xml": "<a/>"}), "damaged", "an OpenDocument file"),
        (zipped({"word/document.xml": "<a/>"}, ZIP_LZMA), "damaged", "packed in a way"),
    ],
)
def test_what_is_no_such_archive_is_refused_with_what_it_is(data: bytes, status: str, words: str) -> None:
    with pytest.raises(ParseError, match=words) as caught:
        open_archive(data, "word/")
    assert caught.value.status == status


def test_an_archive_is_named_to_a_reader_of_another_format() -> None:
    with pytest.raises(ParseError, match="not a mail but a zip archive"):
        refuse_other_kind(zipped({"a": ""}), "a mail")


def test_an_archive_with_a_password_is_encrypted() -> None:
    data = bytearray(zipped({"word/document.xml": "<a/>"}))
    data[data.find(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data)).status == "encrypted"


def test_a_bomb_is_refused_by_what_it_says() -> None:
    assert refusal(zipped({"word/document.xml": bytes(60_000_000)})).status == "too_large"


def test_many_members_are_refused_by_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "MAX_UNPACKED", 3_000)
    assert refusal(zipped({f"word/{n}": bytes(1_000) for n in range(4)})).status == "too_large"


def test_too_many_members_are_refused() -> None:
    entry = b"PK\x01\x02" + bytes(42)
    assert refusal(b"PK\x03\x04" + entry * (subject.MAX_MEMBERS + 1)).status == "too_large"


def test_a_member_larger_than_declared_is_refused_before_it_fills_the_memory() -> None:
    archive = open_archive(understated({"word/document.xml": bytes(40_000_000)}, 1_000), "word/")
    tracemalloc.start()
    with pytest.raises(ParseError) as caught:
        read_member(archive, "word/document.xml")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.status == "too_large"
    assert peak < 2_000_000


def test_a_member_that_is_missing_or_damaged_is_named() -> None:
    data = zipped({"word/document.xml": "<a>words</a>" * 99})
    broken = bytearray(data)
    broken[50] ^= 0xFF
    for source, name in ((data, "word/styles.xml"), (bytes(broken), "word/document.xml")):
        with pytest.raises(ParseError) as caught:
            read_member(open_archive(source, "word/"), name)
        assert caught.value.status == "damaged"


def test_names_are_never_paths() -> None:
    names = ["word/a.xml", "../../etc/passwd.xml", "/etc/passwd.xml", "word/../../b.rels"]
    copied = ZipFile(xml_copy(open_archive(zipped(dict.fromkeys(names, "<a/>")), "word/")))
    assert copied.namelist() == names


def test_a_copy_holds_the_xml_and_the_names_of_the_rest() -> None:
    source = zipped({"word/document.xml": "<a>One</a>", "word/media/b.png": b"\x89PNG", "_rels/.rels": "<b/>"})
    copied = ZipFile(xml_copy(open_archive(source, "word/"), lambda _, content: content.replace(b"One", b"Two")))
    assert [copied.read(name) for name in copied.namelist()] == [b"<a>Two</a>", b"", b"<b/>"]


def test_a_damaged_picture_does_not_matter_to_a_copy() -> None:
    source = understated({"word/a.png": bytes(9_000)}, 10)
    assert ZipFile(xml_copy(open_archive(source, "word/"))).read("word/a.png") == b""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("before", ["", f"<!--{'x' * 200_000}-->"])
def test_entities_with_a_value_are_refused_wherever_they_stand(encoding: str, before: str) -> None:
    source = f"{before}{LAUGHS}<x>&b;</x>".encode(encoding)
    with pytest.raises(ParseError, match="entity 'a'") as caught:
        read_xml(source)
    assert caught.value.status == "damaged"
    with pytest.raises(ParseError, match="entity 'a'"):
        xml_copy(open_archive(zipped({"word/document.xml": source}), "word/"))


def test_an_entity_that_names_a_file_is_not_fetched() -> None:
    root = read_xml(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>One &a;two.</x>')
    assert "".join(map(str, root.itertext(with_tail=True))).replace("&a;", "") == "One two."


@pytest.mark.parametrize("source", [b"", b"words", b"<a>", b"<a>" * 5_000, b"\x00\x01", b'<?xml encoding="zz"?><a/>'])
def test_what_is_no_xml_is_damaged(source: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read_xml(source)
    assert caught.value.status == "damaged"
