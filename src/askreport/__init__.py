"""Ask your documents a question and read the sentence that answers it, word for word, with its place.

An index that `askreport index` made in the folder "index" is asked in five lines:

    from askreport import Library, Settings
    library = Library.open(Settings())
    answer = library.ask("When does the ferry sail?")
    for quote in answer.quotes:
        print(quote.text, quote.url)

``Client`` asks a service instead, over HTTP. The names come from their modules when they are first used, so that
``import askreport`` loads neither a model's runtime nor a web framework.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = ["Answer", "Client", "Filter", "Library", "Settings", "__version__"]

if TYPE_CHECKING:
    from askreport.answering.library import Library
    from askreport.client.client import Client
    from askreport.config import Settings
    from askreport.types import Answer, Filter

    __version__: str
else:
    _HOMES = {
        "Answer": "askreport.types",
        "Client": "askreport.client.client",
        "Filter": "askreport.types",
        "Library": "askreport.answering.library",
        "Settings": "askreport.config",
    }

    def __getattr__(name: str) -> object:
        """A public name when it is first used; from then on the module has it."""
        if name == "__version__":
            found = import_module("importlib.metadata").version("askreport")
        elif name in _HOMES:
            found = getattr(import_module(_HOMES[name]), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
