"""Where the templates, styles and texts of the pages are, and the environment that fills them in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from fastapi import Request
from fastapi.templating import Jinja2Templates

from askreport.answering.ask import MAX_QUESTION_CHARS
from askreport.answering.places import noun_of
from askreport.answering.runs import joined, runs
from askreport.answering.subject import wants_all
from askreport.errors import AskReportError
from askreport.service.pages.languages import spoken
from askreport.service.pages.marked_up import MarkedUp
from askreport.service.pages.texts import Texts
from askreport.service.shared.filters import fields, parameters
from askreport.types import ALL, Filter

_PACKAGED = Path(__file__).parents[2] / "web"
# In a checkout the templates and styles are in web/ at its top; the wheel carries them inside the package.
WEB = _PACKAGED if _PACKAGED.exists() else Path(__file__).parents[4] / "web"
FRAGMENT = "X-Fragment"


def _telling(request: Request) -> Callable[[AskReportError], AskReportError]:
    """What makes of an error the one that a page shows: without the places of the service's folders."""

    def told(error: AskReportError) -> AskReportError:
        hide = request.app.state.whereabouts.hide
        return AskReportError(hide(error.message), error.hint and hide(error.hint))

    return told


texts = Texts.read(WEB / "texts" / "en.toml")
templates = Jinja2Templates(
    directory=WEB / "templates", context_processors=[lambda request: {"told": _telling(request)}]
)
# Lines that only say what to do leave nothing in the page.
templates.env.trim_blocks = templates.env.lstrip_blocks = True


def layout_of(request: Request) -> str:
    """The template around a page's main part: none of the rest for a script that only replaces that part."""
    return "fragment.html" if FRAGMENT in request.headers else "base.html"


def asking(path: str, question: str, history: Sequence[str] = (), within: Filter = ALL) -> str:
    """The address that puts a question after those before it, oldest first, to some documents; or that of no question.

    Without a question it is the page's that asks these documents.
    """
    asked = [("q", question)] if question else []
    query = urlencode([*asked, *(("after", each) for each in history), *parameters(within)])
    return f"{path}?{query}" if query else path


def only(within: Filter, document_id: str) -> Filter:
    """The filter that leaves one document."""
    return replace(within, documents=(document_id,), folders=())


def counted(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """What may be chosen, each with its words: its name, and how many documents have it."""
    return [(name, f"{name} ({count:,})") for name, count in counts.items()]


templates.env.globals.update(max_question_chars=MAX_QUESTION_CHARS, t=texts, spoken=spoken, asking=asking)
templates.env.globals.update(noun_of=noun_of, pieces_of=MarkedUp.of_part)
templates.env.globals.update(runs=runs, joined=joined, only=only, wants_all=wants_all, fields=fields)
templates.env.filters["counted"] = counted
