"""The options by which commands look in some documents only."""

from typing import Annotated, TypeAlias

import typer

from askreport.types import Filter

_Names: TypeAlias = list[str] | None

DocumentOption = Annotated[
    _Names, typer.Option("--document", "--in", help="Only this document: id or file; repeatable, as all of these.")
]
FolderOption = Annotated[
    _Names, typer.Option("--folder", help="Only in this folder of the library; added to --document.")
]
TagOption = Annotated[_Names, typer.Option("--tag", help="Only documents with this tag.")]
KindOption = Annotated[_Names, typer.Option("--kind", help="Only this format, by its ending: pdf.")]
LanguageOption = Annotated[_Names, typer.Option("--language", help="Only in this language: en, de.")]
SinceOption = Annotated[str, typer.Option("--since", help="Only documents from this date on: 2024, 2024-05.")]
UntilOption = Annotated[str, typer.Option("--until", help="Only documents up to this date, included.")]


def filter_of(
    *, documents: _Names, folders: _Names, tags: _Names, kinds: _Names, languages: _Names, since: str, until: str
) -> Filter:
    """The filter that the options say."""
    return Filter(
        documents=tuple(documents or ()),
        folders=tuple(folders or ()),
        tags=tuple(tags or ()),
        kinds=tuple(kinds or ()),
        languages=tuple(languages or ()),
        since=since,
        until=until,
    )
