"""Small parts for tests of the store and what stands on it: an encoder without a model, documents, processes."""

import hashlib
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np
import starlette.testclient
from starlette.types import ASGIApp

from askreport.answering.considered import Considered
from askreport.answering.reading import ScoredSentence
from askreport.digest import content_id, text_sha256
from askreport.models.encoder import Encoder
from askreport.parse import ParserPool
from askreport.store import GenerationWriter, LocalStore, Manifest, writer_lock
from askreport.store.folder.generations import generation_folder
from askreport.store.postgres.writer import PostgresWriter
from askreport.text.chunk import CHUNKING, chunk
from askreport.types import (
    Document,
    DocumentRef,
    FloatArray,
    Heading,
    PassageVectors,
    Quote,
    Span,
    TextPositionSelector,
    TextQuoteSelector,
)

ROOT = Path(__file__).parents[2]
# The processes that read files, for all tests; conftest.py ends them.
PARSERS = ParserPool(workers=1)


class TestClient(starlette.testclient.TestClient):
    """Starlette's, which calls the service by a name that it goes by."""

    def __init__(self, app: ASGIApp, base_url: str = "http://127.0.0.1", **options: Any) -> None:
        super().__init__(app, base_url, **options)


class HashingEncoder:
    """The Encoder protocol by bags of words: each word has a fixed pseudo-random vector, a text the sum of its words'.

    ``seconds`` is how long it takes over each passage.
    """

    def __init__(self, dimension: int = 32, fingerprint: str = "hashing-v1", seconds: float = 0.0) -> None:
        self.dimension = dimension
        self.fingerprint = fingerprint
        self.encoded: list[str] = []
        self._seconds = seconds

    def encode_question(self, question: str) -> FloatArray:
        """The question's unit vector, shape (dimension,)."""
        return self._vector(question)

    def encode_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[PassageVectors]:
        """Each text's unit vector and those of its sentences."""
        self.encoded += texts
        time.sleep(self._seconds * len(texts))
        return [
            (self._vector(text), np.array([self._vector(text[a:b]) for a, b in spans]).reshape(-1, self.dimension))
            for text, spans in zip(texts, sentences, strict=True)
        ]

    def _vector(self, text: str) -> FloatArray:
        total = np.sum([_word(word, self.dimension) for word in (text.casefold().split() or [""])], axis=0)
        unit: FloatArray = (total / np.linalg.norm(total)).astype(np.float32)
        return unit


@lru_cache(maxsize=10_000)
def _word(word: str, dimension: int) -> FloatArray:
    seed = int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest())
    vector: FloatArray = np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)
    return vector


def document(text: str, path: str = "a.txt", headings: Sequence[str] = ()) -> Document:
    """A document with these words; ``headings`` are lines of it, in order, all of level 1."""
    found: list[Heading] = []
    for title in headings:
        start = text.index(title, found[-1].end if found else 0)
        found.append(Heading(start=start, end=start + len(title), level=1, title=title))
    identity = content_id(f"{path}\0{text}".encode())
    return Document(
        id=identity, path=path, title=path.title(), text=text, sha256=text_sha256(text), headings=tuple(found)
    )


def considered(
    document_id: str, span: Span, text: str = "", heading: tuple[str, ...] = (), cosine: float = 0.0
) -> Considered:
    """A sentence of which no more is known than its cosine."""
    return Considered(
        document_id=document_id,
        span=span,
        heading=heading,
        text=text,
        cosine=cosine,
        coverage=0.0,
        context=0.0,
        codes=0.0,
        missing=0.0,
        unmet=0.0,
        handicap=0.0,
    )


def scored(document_id: str, span: Span, score: float = 1.0, heading: tuple[str, ...] = ()) -> ScoredSentence:
    """A sentence that was read; its score is its rank and its probability as well."""
    sentence = considered(document_id, span, heading=heading)
    return ScoredSentence(considered=sentence, score=score, rank=score, probability=score)


def quote_of(text: str, title: str, path: str, page: int | None = None, n: int = 1) -> Quote:
    """A quote of a document that is in no store, from its fifth character on."""
    end = 5 + len(text)
    return Quote(
        n=n,
        text=text,
        document=DocumentRef(id="d", title=title, path=path, sha256="0"),
        start=5,
        end=end,
        page=page,
        boxes=(),
        heading=(),
        score=0.9,
        url=f"/documents/d#char=5,{end}",
        selector=(TextPositionSelector(5, end), TextQuoteSelector(exact=text, prefix="", suffix="")),
    )


def part(index: Path, generation: int, name: str) -> Path:
    """The file of this name in the generation's only segment, or in the generation's folder itself."""
    folder = generation_folder(index, generation)
    return folder / name if (folder / name).exists() else next(folder.glob(f"segment-*/{name}"))


def publish(index: Path, documents: Sequence[Document], encoder: Encoder | None = None) -> LocalStore:
    """A new generation of exactly these documents, opened."""
    encoder = encoder or HashingEncoder()
    with writer_lock(index), GenerationWriter(index, encoder.dimension) as writer:
        add(writer, documents, encoder)
        state = writer.publish(encoder.fingerprint, CHUNKING, "library")
    return LocalStore(index, state.generation)


def publish_by_words(
    index: Path, documents: Sequence[Document], base: Manifest | None = None, encoder: Encoder | None = None
) -> LocalStore:
    """A new generation with these documents, which have no vectors yet, besides those of ``base``; opened."""
    encoder = encoder or HashingEncoder()
    with writer_lock(index), GenerationWriter(index, encoder.dimension, base, embedded=False) as writer:
        for item in documents:
            passages = chunk(item)
            writer.add(item, passages, [None] * len(passages), entry="words:")
        state = writer.publish(encoder.fingerprint, CHUNKING, "by words")
    return LocalStore(index, state.generation)


def add(writer: GenerationWriter | PostgresWriter, documents: Sequence[Document], encoder: Encoder) -> None:
    """Chunks and embeds documents and adds them to the writer."""
    for item in documents:
        passages = chunk(item)
        texts = [item.text[passage.start : passage.end] for passage in passages]
        spans = [[Span(a - p.start, b - p.start) for a, b in p.sentences] for p in passages]
        writer.add(item, passages, encoder.encode_passages(texts, spans))


def bm25(passages: Sequence[str], question: str) -> dict[int, float]:
    """The textbook's scores of the passages that share a word with the question."""
    texts = [text.split() for text in passages]
    average = sum(map(len, texts)) / len(texts)
    scores: dict[int, float] = {}
    for word in set(question.split()):
        having = sum(word in text for text in texts)
        idf = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        for number, text in enumerate(texts):
            if count := text.count(word):
                weight = count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(text) / average))
                scores[number] = scores.get(number, 0.0) + idf * weight
    return scores


def prose(seed: int, sentences: int) -> str:
    """A text of so many different sentences, each a line; the same seed gives the same text."""
    chance = np.random.default_rng(seed)
    colours = ("red", "blue", "green", "yellow", "grey")
    return "\n".join(
        f"Box {seed}-{n} is {chance.choice(colours)}, weighs {chance.integers(1000)} grams and came by ship."
        for n in range(sentences)
    )


def folder(path: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    path.mkdir(exist_ok=True)
    return path


def start_python(script: str, *arguments: object, stdout: IO[str] | None = None) -> "subprocess.Popen[str]":
    """Runs a script in another process, which can import this module; its input and output are pipes, unless given."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=stdout or pipe, stderr=pipe, text=True)


def run_python(script: str, *arguments: object) -> str:
    """What a script prints in another process, which must end well and in time."""
    process = start_python(script, *arguments)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output.strip()


def kill(process: "subprocess.Popen[str]") -> None:
    """Ends a process at once, without a chance to clean up."""
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)


def pdf(*pages: Sequence[str], title: str = "") -> bytes:
    """A PDF with these lines on each page, written from its definition: Helvetica, 12 points, 16 from line to line."""
    objects: list[bytes] = [b"", b""]
    kids = []
    for lines in pages:
        shown = " ".join(f"({line}) Tj 0 -16 Td" for line in map(_escaped, lines))
        content = f"BT /F1 12 Tf 72 720 Td {shown} ET".encode("latin-1")
        objects.append(b"<</Length %d>>stream\n%b\nendstream" % (len(content), content))
        font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {len(objects)} 0 R"
        objects.append(f"{page}/Resources<</Font<</F1 {font}>>>>>>".encode())
        kids.append(f"{len(objects)} 0 R")
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>".encode()
    objects.append(f"<</Title ({_escaped(title)})>>".encode("latin-1"))
    return pdf_file(objects)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def pdf_file(objects: Sequence[bytes]) -> bytes:
    """A file of these objects: the first is the catalog, the last has the title."""
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer<</Size {len(objects) + 1}/Root 1 0 R/Info {len(objects)} 0 R>>\nstartxref\n{len(data)}\n%%EOF"
    return data + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()


def made_files() -> list[tuple[str, bytes]]:
    """A small file of each format that can be written without a library: its ending and its bytes."""
    return [
        (".txt", b"A first line.\n\nA second paragraph with more words.\n"),
        (".md", b"---\ntitle: T\n---\n# Head\n\nWords of *a* paragraph.\n\n- one\n- two\n"),
        (".html", b"<html><head><title>T</title></head><body><h1>Head</h1><p>Words</p></body></html>"),
        (".jsonl", b'{"id": "a", "text": "One sentence."}\n{"id": "b", "text": "Another one.", "title": "T"}\n'),
        (".csv", b"year,count\n2021,160\n2022,170\n"),
        (".rtf", rb"{\rtf1\ansi{\fonttbl\f0 Arial;}\f0 Some words in a file.\par More words.\par}"),
        (".eml", b"From: a@example.org\nTo: b@example.org\nSubject: S\n\nThe body of a mail.\n"),
        (".pdf", pdf(["A line on a page.", "Another line on it."], ["The second page."], title="A line on a page.")),
    ]
