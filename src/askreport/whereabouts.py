"""Where the folders of a service are, which is for those who run it: what clients are told names them only."""

from pathlib import Path

from askreport.config import Settings


class Whereabouts:
    """The places of the settings' folders and files."""

    def __init__(self, settings: Settings) -> None:
        folders = [settings.index, settings.corpus, settings.cache, settings.keys, Path(settings.originals)]
        named = {str(place): folder.name for folder in folders for place in (folder.absolute(), folder.resolve())}
        # Of folders within each other, the inner one first.
        self._named = sorted(((place, name) for place, name in named.items() if name), key=_length, reverse=True)

    def hide(self, text: str) -> str:
        """The text with the name of each folder or file in place of where it is."""
        for place, name in self._named:
            text = text.replace(place, name)
        return text


def _length(named: tuple[str, str]) -> int:
    return len(named[0])
