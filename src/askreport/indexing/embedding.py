"""Embeds passages in a thread while those before them are written. Known ones come from the cache."""

import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import islice, tee

from askreport.indexing.sources import Listed
from askreport.models.encoder import Encoder
from askreport.parse import Parsed
from askreport.progress import Progress, awaited
from askreport.store import EmbeddingCache, embedding_key
from askreport.text.chunk import chunk
from askreport.types import Document, Passage, PassageVectors, Span

# Passages embedded between two writes to the cache: what a killed run loses at most.
WINDOW = 64
# Seconds for which Python lets one thread run while others wait. Its own choice, ten times as long, has the encoder's
# threads wait for the one that cuts and writes.
TURN = 0.0005


class Embedder:
    """Passages -> vectors, from the cache where it has them; progress counts the characters that went through."""

    def __init__(self, cache: EmbeddingCache, encoder: Encoder, progress: Progress) -> None:
        self.embedded = 0
        self._cache = cache
        self._encoder = encoder
        self._progress = progress
        self._done = self._total = 0

    def expect(self, characters: int) -> None:
        """Says how much there is to do."""
        self._total = characters
        self._progress("embedding", 0, characters)

    def finish(self) -> None:
        """Says that all of it is done."""
        self._progress("embedding", self._total, self._total)

    def documents(
        self, read: Iterable[tuple[Listed, Parsed]]
    ) -> Generator[tuple[Listed, Parsed, list[Passage], Iterator[PassageVectors]], None, None]:
        """Each document with its passages and their vectors, which are to be taken before the next document is."""
        chunked = ((found, parsed, chunk(parsed.document)) for found, parsed in read)
        to_embed, to_give = tee(chunked)
        items = ((parsed.document, passage) for _, parsed, passages in to_embed for passage in passages)
        with closing(self.vectors(items)) as vectors:
            for found, parsed, passages in to_give:
                yield found, parsed, passages, islice(vectors, len(passages))

    def vectors(self, items: Iterable[tuple[Document, Passage]]) -> Generator[PassageVectors, None, None]:
        """The vectors of each passage, in order; while a window's are given, the next is embedded in a thread."""
        remaining = iter(items)
        ahead: deque[Future[list[PassageVectors]]] = deque()
        with _short_turns(), ThreadPoolExecutor(1, "window") as thread, _leaving(thread):
            while window := list(islice(remaining, WINDOW)):
                ahead.append(thread.submit(self._window, window))
                if len(ahead) > 1:
                    yield from self._given(ahead.popleft())
            for last in ahead:
                yield from self._given(last)

    def _given(self, window: Future[list[PassageVectors]]) -> list[PassageVectors]:
        vectors = awaited(window, self.beat)
        self.beat()
        return vectors

    def beat(self) -> None:
        """Says how much is done."""
        self._progress("embedding", min(self._done, self._total), self._total)

    def _window(self, items: Sequence[tuple[Document, Passage]]) -> list[PassageVectors]:
        texts, spans = zip(*(embedded_text(document, passage) for document, passage in items), strict=True)
        encoder = self._encoder.fingerprint
        keys = [embedding_key(encoder, text, sentences) for text, sentences in zip(texts, spans, strict=True)]
        found = {key: vectors for key in set(keys) if (vectors := self._cache.get(key)) is not None}
        missing = {key: at for at, key in enumerate(keys) if key not in found}
        new = self._encoder.encode_passages(
            [texts[at] for at in missing.values()], [spans[at] for at in missing.values()]
        )
        fresh = dict(zip(missing, new, strict=True))
        self._cache.put(fresh.items())
        self.embedded += len(fresh)
        self._done += sum(passage.end - passage.start for _, passage in items)
        return [(found | fresh)[key] for key in keys]


@contextmanager
def _leaving(thread: ThreadPoolExecutor) -> Iterator[None]:
    """Has the thread leave the window that it has not begun, if something fails or ends the run."""
    try:
        yield
    except BaseException:
        thread.shutdown(wait=False, cancel_futures=True)
        raise


@contextmanager
def _short_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def embedded_text(document: Document, passage: Passage) -> tuple[str, list[Span]]:
    """The text that is embedded for a passage, and the spans of its sentences within it."""
    shift = len(document.context) - passage.start
    spans = [Span(start + shift, end + shift) for start, end in passage.sentences]
    return document.context + document.text[passage.start : passage.end], spans
