"""Where the templates and styles of the pages are, and the environment that fills them in."""

from pathlib import Path

from fastapi.templating import Jinja2Templates

from askreport.ask import MAX_QUESTION_CHARS

_PACKAGED = Path(__file__).parent / "web"
# In a checkout the templates and styles are in web/ at its top; the wheel carries them inside the package.
WEB = _PACKAGED if _PACKAGED.exists() else Path(__file__).parents[2] / "web"

templates = Jinja2Templates(directory=WEB / "templates")
templates.env.globals["max_question_chars"] = MAX_QUESTION_CHARS
