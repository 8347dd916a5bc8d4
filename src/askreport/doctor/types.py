"""What a check of an installation says."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from askreport.errors import AskReportError

CheckStatus: TypeAlias = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: how it is, and what to do unless that is "ok"."""

    name: str
    status: CheckStatus
    message: str
    hint: str = ""


def failed(name: str, error: AskReportError) -> Check:
    """The check that ended in an error."""
    return Check(name=name, status="problem", message=error.message, hint=error.hint or "")
