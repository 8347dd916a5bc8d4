"""Answer -> prose: a language model's few sentences about the quotes, each checked by program before it is shown.

The model is never asked when the documents do not answer, and nothing it says is believed: what support.py does not
find in the quotes is kept and marked, with the reason.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Protocol

from askreport.config import Settings
from askreport.errors import LanguageModelError
from askreport.models.encoder import Encoder
from askreport.models.scorer import Scorer
from askreport.prose.prompt import NO_ANSWER, SYSTEM, sources_of, user_message
from askreport.prose.sentences import CITATION, whole_sentences
from askreport.prose.support import Checker
from askreport.types import Answer, Prose, ProseSentence


class Chat(Protocol):
    """A language model."""

    @property
    def model(self) -> str:
        """Its name."""

    def stream(self, system: str, user: str) -> AsyncGenerator[str, None]:
        """Its answer in pieces to a message, with what it is told beforehand; raises LanguageModelError."""


class Writer:
    """Asks a language model for prose about answers, and checks it."""

    def __init__(
        self, chat: Chat, encoder: Encoder, scorer: Scorer | None = None, over: Callable[[str], None] | None = None
    ) -> None:
        """``over`` is told how a call of the model ended: "answered", "refused", "failed", or "left" by its reader."""
        self._chat = chat
        self._over = over
        self._checker = Checker(encoder, scorer)

    @classmethod
    def open(
        cls,
        settings: Settings,
        encoder: Encoder,
        scorer: Scorer | None = None,
        over: Callable[[str], None] | None = None,
    ) -> "Writer | None":
        """The writer for the settings, None if they name no language model; SettingError for a bad address."""
        if not settings.llm_url:
            return None
        # The protocol's client costs half a second and memory, and most have no language model.
        from askreport.prose.model import ChatModel  # noqa: PLC0415

        return cls(ChatModel.of(settings), encoder, scorer, over)

    async def prose(self, answer: Answer) -> Prose | None:
        """The whole prose; None, without asking the model, where there is nothing to write about. Does not raise."""
        if not may_be_written(answer):
            return None
        started = time.perf_counter()
        found: list[ProseSentence] = []
        error = None
        try:
            async for sentence in self.sentences(answer):
                found.append(sentence)
        except LanguageModelError as failure:
            error = failure.message
        return self.finished(found, started, error)

    def finished(self, sentences: Sequence[ProseSentence], started: float, error: str | None = None) -> Prose:
        """The prose of these sentences; ``started`` is by ``time.perf_counter``."""
        took = round(1000 * (time.perf_counter() - started), 2)
        return Prose(sentences=tuple(sentences), model=self._chat.model, took_ms=took, error=error)

    async def sentences(self, answer: Answer) -> AsyncGenerator[ProseSentence, None]:
        """Each sentence as it is complete, checked; none, without asking the model, where the answer is a refusal.

        Raises LanguageModelError, also after some sentences. Closing the iterator ends the call.
        """
        if not may_be_written(answer):
            return
        sources = sources_of(answer)
        # Of quotes that all speak to a model there is nothing that could be said.
        if not any(sources.values()):
            return
        stream = self._chat.stream(SYSTEM, user_message(answer.understood, sources))
        outcome = "left"
        try:
            async with aclosing(stream) as pieces, aclosing(whole_sentences(pieces)) as texts:
                async for text in texts:
                    if is_refusal(text):
                        outcome = "refused"
                        return
                    # The reader takes some milliseconds, in which others are to be answered.
                    yield await asyncio.to_thread(self._checker.check, text, sources)
            outcome = "answered"
        except LanguageModelError:
            outcome = "failed"
            raise
        finally:
            if self._over:
                self._over(outcome)


def may_be_written(answer: Answer) -> bool:
    """Whether there is anything to write about: a refusal stays a refusal."""
    return answer.status != "not_found" and bool(answer.quotes)


def is_refusal(sentence: str) -> bool:
    """Whether the model says that the passages do not answer."""
    return _plain(NO_ANSWER) == _plain(CITATION.sub("", sentence))


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
