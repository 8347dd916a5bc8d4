"""The command line's `ask --prose`: what a language model makes of the quotes, as it is checked."""

import asyncio
from contextlib import aclosing

from askreport.answering.library import Library
from askreport.cli.terminal import err, out, safe
from askreport.config import Settings
from askreport.errors import LanguageModelError, SettingError
from askreport.prose.writer import Writer
from askreport.types import Answer, Prose, ProseSentence


class PrintedProse:
    """What the language model that the settings name makes of answers, for JSON or for the terminal."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    @classmethod
    def open(cls, settings: Settings, library: Library) -> "PrintedProse":
        """That of the settings; SettingError if they name no language model."""
        writer = Writer.open(settings, library.encoder, library.scorer)
        if writer is None:
            raise SettingError(
                "no language model is set", "Set ASKREPORT_LLM_URL to its address, as http://127.0.0.1:11434/v1."
            )
        return cls(writer)

    def whole(self, answer: Answer) -> Prose | None:
        """The whole prose, for JSON."""
        return asyncio.run(self._writer.prose(answer))

    def print(self, answer: Answer) -> None:
        """Prints each sentence once it is checked; says so if the model fails, because the quotes stand without it."""
        if not answer.quotes:
            return
        out.print("[bold]In a language model’s words[/bold] [dim](each sentence checked against the quotes)[/dim]")
        try:
            asyncio.run(self._print_sentences(answer))
        except LanguageModelError as error:
            err.print(f"[bold yellow]no more prose[/bold yellow]: {safe(error.message)}")
            err.print(f"[dim]{safe(error.hint or '')}[/dim]")

    async def _print_sentences(self, answer: Answer) -> None:
        found = 0
        async with aclosing(self._writer.sentences(answer)) as sentences:
            async for sentence in sentences:
                found += 1
                out.print(f"  {line(sentence)}", soft_wrap=not out.is_terminal)
        if not found:
            out.print("  [dim]The language model found no answer in the quotes.[/dim]")


def line(sentence: ProseSentence) -> str:
    """A sentence with its citations; one that is not supported struck through, with the reason."""
    numbers = "".join(f"[cyan]\\[{n}][/cyan]" for n in sentence.citations)
    text = safe(sentence.text)
    if sentence.supported:
        return f"{text} {numbers}"
    return f"[strike dim]{text}[/strike dim] {numbers} [yellow]not supported: {safe(sentence.reason)}[/yellow]"
