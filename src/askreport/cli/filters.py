"""The options by which commands look in some documents only, declared once for all of them."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeAlias

import typer

from askreport.types import Filter

_Names: TypeAlias = list[str] | None


def _options(
    document: Annotated[
        _Names, typer.Option("--document", "--in", help="Only this document: id or file; repeatable, as all of these.")
    ] = None,
    folder: Annotated[
        _Names, typer.Option("--folder", help="Only in this folder of the library; added to --document.")
    ] = None,
    tag: Annotated[_Names, typer.Option("--tag", help="Only documents with this tag.")] = None,
    kind: Annotated[_Names, typer.Option("--kind", help="Only this format, by its ending: pdf.")] = None,
    language: Annotated[_Names, typer.Option("--language", help="Only in this language: en, de.")] = None,
    since: Annotated[str, typer.Option("--since", help="Only documents from this date on: 2024, 2024-05.")] = "",
    until: Annotated[str, typer.Option("--until", help="Only documents up to this date, included.")] = "",
) -> Filter:
    """The filter that the options say."""
    return Filter(
        documents=tuple(document or ()),
        folders=tuple(folder or ()),
        tags=tuple(tag or ()),
        kinds=tuple(kind or ()),
        languages=tuple(language or ()),
        since=since,
        until=until,
    )


_DECLARED = inspect.signature(_options).parameters


def narrowed(command: Callable[..., None]) -> Callable[..., None]:
    """The command with these options where it has a parameter ``within``, which is given the filter they say."""
    signature = inspect.signature(command)

    @wraps(command)
    def filtered(**given: Any) -> None:
        said = {name: given.pop(name) for name in _DECLARED if name in given}
        command(within=_options(**said), **given)

    parameters: list[inspect.Parameter] = []
    for each in signature.parameters.values():
        parameters += _DECLARED.values() if each.name == "within" else [each]
    # Typer reads the options off the signature.
    filtered.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return filtered
