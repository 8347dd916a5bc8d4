"""Which file gets which reader: endings, limits, titles, and files that cannot be read."""

import os
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.errors import ParseError
from askreport.parse import SUPPORTED, Parsed, ParseOptions, ending_of, named, read_file, reader_version
from askreport.parse.parsers import SINGLE, parse
from askreport.types import Document, OutcomeStatus

LIMIT = 1_000_000


def write(folder: Path, name: str, content: str | bytes = "Some words.") -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def parse_all(file: Path, max_bytes: int = LIMIT, path: str = "") -> list[Document | ParseError]:
    """What the file holds, read in this process."""
    ending = ending_of(file.name)
    items = parse(read_file(file, max_bytes), ending, ParseOptions(), lambda seconds: None)
    return [named(item, path or file.name).document if isinstance(item, Parsed) else item for item in items]


def parse_one(file: Path) -> Document:
    (document,) = parse_all(file)
    assert isinstance(document, Document)
    return document


def refusal(file: Path, max_bytes: int = LIMIT) -> tuple[OutcomeStatus, str]:
    with pytest.raises(ParseError) as caught:
        parse_all(file, max_bytes)
    return caught.value.status, caught.value.message


@pytest.mark.parametrize("ending", [".txt", ".TXT", ".md", ".markdown", ".html", ".htm", ".xhtml", ".Html"])
def test_a_supported_file_is_one_document_with_its_words(tmp_path: Path, ending: str) -> None:
    assert "Some words." in parse_one(write(tmp_path, f"a{ending}")).text


@pytest.mark.parametrize(
    ("ending", "text"),
    [(".txt", "# A\n\n<p>b</p>\n"), (".md", "# A\n\n<p>b</p>\n"), (".html", "# A\n\nb\n")],
)
def test_the_ending_decides_the_format(tmp_path: Path, ending: str, text: str) -> None:
    assert parse_one(write(tmp_path, f"a{ending}", "# A\n\n<p>b</p>\n")).text == text


def test_a_reader_has_a_version_by_which_its_files_are_read_anew() -> None:
    assert all(reader_version(ending) > 0 for ending in SUPPORTED)
    assert reader_version("a/Report.PDF") == reader_version(".pdf")
    assert {reader_version(name) for name in ("", "pdf", "a.exe", "a.pdf/b")} == {0}


def test_a_collection_is_a_document_for_each_line(tmp_path: Path) -> None:
    lines = '{"id": "a", "text": "One."}\n{"id": "b", "text": "Two."}\n'
    assert len(parse_all(write(tmp_path, "c.jsonl", lines))) == 2


@pytest.mark.parametrize("name", ["a.exe", "a.doc", "a.txt.gz", "README", ".txt"])
def test_other_files_are_unsupported(tmp_path: Path, name: str) -> None:
    assert refusal(write(tmp_path, name))[0] == "unsupported"


@pytest.mark.parametrize("ending", SUPPORTED)
def test_the_refusal_of_an_unsupported_file_lists_what_is_supported(tmp_path: Path, ending: str) -> None:
    assert ending in refusal(write(tmp_path, "a.exe"))[1].split()


def test_an_unsupported_file_is_not_opened(tmp_path: Path) -> None:
    assert refusal(tmp_path / "missing.exe")[0] == "unsupported"


def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    assert len(parse_all(write(tmp_path, "a.txt", "x" * 100), max_bytes=100)) == 1


def test_a_larger_file_is_refused_with_the_setting_that_decides(tmp_path: Path) -> None:
    status, message = refusal(write(tmp_path, "a.txt", "x" * 101), max_bytes=100)
    assert (status, "ASKREPORT_MAX_FILE_MB" in message) == ("too_large", True)


def test_a_folder_with_the_name_of_a_file_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    assert refusal(tmp_path / "a.txt")[0] == "unreadable"


def test_a_loop_of_links_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    assert refusal(tmp_path / "a.txt")[0] == "unreadable"


def test_a_file_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.txt") == ("unreadable", "the file cannot be read: No such file or directory")


def test_a_named_pipe_is_unreadable_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    seen: list[OutcomeStatus] = []
    reader = Thread(target=lambda: seen.append(refusal(tmp_path / "a.txt")[0]), daemon=True)
    reader.start()
    reader.join(timeout=30)
    assert seen == ["unreadable"]


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(write(tmp_path, "a.txt"))
    assert parse_one(tmp_path / "link.txt").text == "Some words."


def test_a_moved_file_keeps_its_id(tmp_path: Path) -> None:
    assert parse_one(write(tmp_path, "a.txt")).id == parse_one(write(tmp_path, "b.txt")).id


def test_the_path_is_the_one_that_was_given(tmp_path: Path) -> None:
    (document,) = parse_all(write(tmp_path, "a.txt"), path="notes/a.txt")
    assert isinstance(document, Document)
    assert document.path == "notes/a.txt"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("china-russia-report.txt", "China Russia Report"),
        ("trade_and_energy.md", "Trade And Energy"),
        ("NATO-report.txt", "NATO report"),
        ("china's-1st-report.txt", "China's 1st Report"),
        ("---.txt", "---"),
    ],
)
def test_a_file_without_a_title_is_called_by_its_name(tmp_path: Path, name: str, title: str) -> None:
    assert parse_one(write(tmp_path, name)).title == title


def test_an_old_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    assert "save it as .docx" in refusal(write(tmp_path, "a.doc"))[1]


def test_every_ending_has_a_reader() -> None:
    assert set(SUPPORTED) == {*SINGLE, ".jsonl", ".pdf"}


@pytest.mark.parametrize("ending", SUPPORTED)
def test_an_empty_file_is_no_text_whatever_its_ending(tmp_path: Path, ending: str) -> None:
    assert refusal(write(tmp_path, f"a{ending}", b"")) == ("no_text", "the file is empty")


def test_a_longer_text_than_allowed_is_too_large() -> None:
    with pytest.raises(ParseError) as caught:
        list(parse(b"Some words.", ".txt", ParseOptions(max_characters=5), lambda seconds: None))
    assert caught.value.status == "too_large"


PIECES = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from(
        [
            *(
                b"---\n",
                b"title: x\n",
                b"date: 2023-02-30\n",
                b"&a [*a]\n",
                b"# Head\n",
                b"\r\n",
                b"\r",
                b"\n\n",
                b"- ",
            ),
            *(b"<p>", b"</p>", b"<h1>", b"<title>", b"<!--", b"<main>", b"<script>", b"<td>", b"&amp;", b"<?xml"),
            *(
                b'{"id": 1, "text": "a"}\n',
                b'{"id"',
                b"[",
                b'"\\ud800"',
                b"\xef\xbb\xbf",
                b"\xff\xfe",
                b"\x00",
                b"\xe9",
            ),
        ]
    ),
)


@given(content=st.lists(PIECES, max_size=12).map(b"".join), ending=st.sampled_from(SUPPORTED))
def test_whatever_a_file_holds_it_is_documents_that_can_be_stored_or_a_parse_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str
) -> None:
    file = write(tmp_path_factory.getbasetemp(), f"any{ending}", content)
    try:
        found = parse_all(file)
    except ParseError:
        found = []
    for document in found:
        if isinstance(document, Document):
            (document.text + document.title + document.path).encode()
            assert "\r" not in document.text
