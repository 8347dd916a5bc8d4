"""The language of a document's words, as its metadata has it, for browsers: how they are read aloud, and which way."""

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

# Written from right to left, unless the tag names another script.
_RIGHT_TO_LEFT = frozenset(re.findall(r"\w+", "ar arc ckb dv fa he iw khw ks lrc mzn nqo pnb ps sd syr ug ur yi"))
_RIGHT_TO_LEFT_SCRIPTS = frozenset(re.findall(r"\w+", "adlm arab aran hebr mand nkoo rohg samr syrc thaa"))
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def language_of(metadata: Mapping[str, Any]) -> str | None:
    """The document's language tag (BCP 47), or None if it names none that is one."""
    named = (str(metadata.get(name, "")).strip().replace("_", "-") for name in ("lang", "language"))
    return next((tag for tag in named if _TAG.fullmatch(tag)), None)


def direction(language: str) -> str:
    """``rtl`` or ``ltr``: which way a language is written."""
    first, *others = language.lower().split("-")
    scripts = [part for part in others if len(part) == 4 and part.isalpha()]
    is_rtl = scripts[0] in _RIGHT_TO_LEFT_SCRIPTS if scripts else first in _RIGHT_TO_LEFT
    return "rtl" if is_rtl else "ltr"


def spoken(metadata: Mapping[str, Any]) -> Markup:
    """The attributes of an element that holds a document's words; without a known language the words decide."""
    language = language_of(metadata)
    if language is None:
        return Markup('dir="auto"')
    return Markup('lang="{}" dir="{}"').format(language, direction(language))
