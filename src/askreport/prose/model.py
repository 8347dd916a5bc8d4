"""Messages -> a language model's words as they come, from any endpoint that speaks OpenAI's protocol.

Whatever goes wrong there ends as LanguageModelError: an endpoint is another program, often on another machine.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from urllib.parse import urlsplit

from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAIError
from openai.types.chat import ChatCompletionMessageParam

from askreport.config import Settings
from askreport.errors import LanguageModelError, SettingError

# An answer of a few sentences; a model that does not come to an end is cut off by the second, whatever it is told.
MAX_TOKENS = 300
MAX_CHARS = 6_000
# What prompt.py builds with: a small model that has said what it can goes on with the next passage.
STOP = ["<passage", "</passage", "\nQuestion:"]
# Of the seconds for the whole answer, how much may pass before its first word.
FIRST_SHARE = 0.5
# A connection that fails is tried once more; there is an answer already, and nobody waits for long.
RETRIES = 1
# Servers that know one model only take any name for it, but want one.
ANY_MODEL = "default"
# Local servers ask for no key, but the protocol's client does.
NO_KEY = "none"

_VERSION = re.compile(r"/v\d[^/]*(?:/|$)")
_HINT = "ASKREPORT_LLM_URL, ASKREPORT_LLM_MODEL and ASKREPORT_LLM_KEY name it; the quotes stand without it."


class ChatModel:
    """One language model of one endpoint. ``stream`` may be called from any event loop, several at a time."""

    def __init__(self, url: str, model: str = "", key: str = "", seconds: float = 60.0) -> None:
        self.model = model or ANY_MODEL
        self._url = base_url(url)
        self._key = key or NO_KEY
        self._seconds = seconds

    @classmethod
    def of(cls, settings: Settings) -> "ChatModel":
        """The model that the settings name; SettingError if the address is none."""
        return cls(settings.llm_url, settings.llm_model, settings.llm_key.get_secret_value(), settings.llm_seconds)

    async def stream(self, system: str, user: str) -> AsyncGenerator[str, None]:
        """The answer to a message in pieces, none of them empty; ``system`` is what it is told beforehand.

        Closing the iterator ends the call.
        Raises LanguageModelError if the endpoint fails, is late, stops in the middle, says nothing or does not stop.
        """
        now = asyncio.get_running_loop().time()
        due = now + FIRST_SHARE * self._seconds
        length = 0
        async with aclosing(self._pieces(system, user)) as pieces:
            while piece := await _next(pieces, due):
                due = now + self._seconds
                length += len(piece)
                if length > MAX_CHARS:
                    raise LanguageModelError("the language model did not come to an end", _HINT)
                yield piece
        if not length:
            raise LanguageModelError("the language model said nothing", _HINT)

    async def _pieces(self, system: str, user: str) -> AsyncGenerator[str, None]:
        finished = None
        messages: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": system},
            {"role": "user", "content": user},
        ]
        # A client for each call: it belongs to the event loop, and is made in 20 ms.
        async with AsyncOpenAI(
            base_url=self._url, api_key=self._key, timeout=self._seconds, max_retries=RETRIES
        ) as client:
            stream = await client.chat.completions.create(
                model=self.model, messages=messages, stream=True, temperature=0, max_tokens=MAX_TOKENS, stop=STOP
            )
            async with stream:
                async for chunk in stream:
                    for choice in chunk.choices:
                        finished = choice.finish_reason or finished
                        if choice.delta.content:
                            yield choice.delta.content
        # A connection that is closed in the middle may look as if all had been said.
        if not finished:
            raise LanguageModelError("the language model's answer broke off", _HINT)


async def _next(pieces: AsyncIterator[str], due: float) -> str | None:
    """The next piece, None at the end; ``due`` is by the event loop's clock."""
    try:
        async with asyncio.timeout_at(due):
            return await anext(pieces, None)
    except TimeoutError:
        raise LanguageModelError(
            "the language model took too long", f"{_HINT} ASKREPORT_LLM_SECONDS is the time it has."
        ) from None
    # The client checks neither that what comes is JSON nor that it has the fields of its own types.
    except (OpenAIError, ValueError, TypeError, AttributeError) as error:
        raise LanguageModelError(_explained(error), _HINT) from error


def base_url(url: str) -> str:
    """The address with the protocol's version, which many leave out; SettingError if it is not one of http."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingError(f"ASKREPORT_LLM_URL: {url} is no address", "It looks like http://127.0.0.1:11434/v1.")
    url = url.rstrip("/")
    return url if _VERSION.search(parts.path) else f"{url}/v1"


def _explained(error: Exception) -> str:
    if isinstance(error, APIStatusError):
        return f"the language model's endpoint answered with HTTP {error.status_code}"
    if isinstance(error, APIConnectionError):
        return "the language model's endpoint cannot be reached, or broke off"
    return "the language model's endpoint answered with something else than its protocol says"
