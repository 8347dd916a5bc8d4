"""RTF settled for striprtf, which knows neither raised, struck nor hidden words, and drops notes, boxes and equations.

What it would drop or run together is written out as plain RTF, with marks of the private use area where the reader
(rtf.py) needs them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from askreport.parse.blocks import LeftOut

CELL, ROW, START, LINE, RAISED, LEVEL, MERGED = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004", "\ue005", "\ue006"
_MARKS = {"cell": CELL, "nestcell": CELL, "row": ROW, "trowd": START, "line": LINE, "softline": LINE}
_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})?( ?)|(\\'[0-9a-fA-F]{2}|\\[^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+", re.S
)
# Words of RTF that stand for text.
_TEXT_WORDS = frozenset(
    {"tab", "u", "emdash", "endash", "emspace", "enspace", "qmspace", "bullet", "lquote", "rquote"}
    | {"ldblquote", "rdblquote"}
)
_HIDING = {"v": "hidden passage", "deleted": "", "strike": "struck-out passage", "striked": "struck-out passage"}
_RAISING = {"super": True, "up": True, "nosupersub": False, "sub": False, "dn": False}
_MATH = frozenset({"mmath", "moMathPara", "moMath"})
_CELL_WORDS = frozenset({"clvmgf", "clvmrg", "cellx"})
# What becomes a paragraph of its own after the one in which it stands.
_ASIDE = frozenset({"footnote", "shptxt"})
_MATH_SIGNS = {"mden": "/", "msup": "^", "msub": "_", "mdeg": "√"}
_TRIGGERS = re.compile(
    r"\\(?:super|up\d|v\b|strike|deleted|footnote|shptxt|moMath|pntext|line\b|softline|clvm|pict|object|cell|row|trowd)"
)


@dataclass(slots=True)
class _State:
    """What holds in a group: how its words are shown, and where they go."""

    hidden: dict[str, bool] = field(default_factory=dict)
    raised: bool = False
    math: bool = False
    # Fonts, styles, the fields of a form: their words are none of the text's.
    dead: bool = False


def settled(text: str, left_out: LeftOut) -> str:
    """RTF as striprtf is to read it; what it cannot read, or is struck out or hidden, is added to ``left_out``."""
    return _Settler(left_out).run(text) if _TRIGGERS.search(text) else text


class _Settler:
    def __init__(self, left_out: LeftOut) -> None:
        self._left_out = left_out
        self._out: list[str] = []
        self._state = _State()
        self._stack: list[_State] = []
        # What stands aside, until the paragraph or the row ends; and where each piece began.
        self._aside: list[str] = []
        self._outer: list[tuple[int, list[str]]] = []
        self._is_raised = False
        self._hidden = ""
        self._in_row = False
        self._merged: list[str] = []
        self._merge = " "

    def run(self, text: str) -> str:
        for match in _TOKEN.finditer(text):
            word, number, space, sign, brace, words = match.groups()
            if brace == "{":
                self._stack.append(self._state)
                self._state = replace(self._state, hidden=dict(self._state.hidden))
                self._out.append("{")
            elif brace == "}":
                self._close()
            elif word:
                self._word(word, number, space)
            elif sign == "\\*":
                self._out.append("\\*")
            elif sign or words:
                self._text(sign or words, sign in (None, "\\~") or sign.startswith("\\'"))
        self._end_raised()
        self._flush()
        return "".join(self._out)

    def _close(self) -> None:
        self._end_raised()
        self._out.append("}")
        if self._stack:
            self._state = self._stack.pop()
        if self._outer and len(self._stack) < self._outer[-1][0]:
            _, outer = self._outer.pop()
            self._aside += ["{", *self._out, "\\par "] if any(self._out) else []
            self._out = [*outer, "}"]

    def _word(self, word: str, number: str | None, space: str) -> None:
        state = self._state
        if word in _MARKS:
            self._mark(word)
        elif word in _HIDING:
            state.hidden[word] = number != "0"
        elif word in _RAISING:
            state.raised = _RAISING[word] and number != "0"
        elif word in _ASIDE and not state.dead:
            self._begin_aside()
        elif word in _CELL_WORDS:
            self._cell(word)
        elif word in _MATH:
            self._begin_math(word)
        elif state.math:
            self._math(word, number, space)
        elif word != "pntext":
            self._plain_word(word, number, space)

    def _cell(self, word: str) -> None:
        """Notes what a row's definition says of its next cell."""
        if word == "cellx":
            self._merged.append(self._merge)
            self._merge = " "
        else:
            self._merge = "F" if word == "clvmgf" else "M"

    def _begin_math(self, word: str) -> None:
        self._state.math = word == "moMath"
        # Its group is one that striprtf passes over.
        if self._out and self._out[-1] == "\\*":
            self._out[-1] = ""

    def _plain_word(self, word: str, number: str | None, space: str) -> None:
        state = self._state
        if word in _TEXT_WORDS:
            self._text(f"\\{word}{number or ''}{space}", True)
            return
        if word == "plain":
            state.hidden, state.raised = {}, False
        elif word in ("fonttbl", "stylesheet", "listtable", "info", "colortbl", "nonshppict", "shprslt", "mmathPict"):
            state.dead = True
        elif word == "pict" and not state.dead:
            self._left_out["picture"] += 1
        elif word == "object" and not state.dead:
            self._left_out["embedded object"] += 1
        elif word in ("par", "sect", "page", "column"):
            self._end_raised()
            self._hidden = ""
            self._out.append(f"\\{word}{number or ''}{space or ' '}")
            if word == "par" and not self._in_row and not self._outer:
                self._flush()
            return
        self._out.append(f"\\{word}{number or ''}{space}")

    def _math(self, word: str, number: str | None, space: str) -> None:
        if word in _MATH_SIGNS:
            self._out.append(f" {_MATH_SIGNS[word]}")
        elif word.endswith("Pr") or word in ("mctrlPr", "mmathPict"):
            self._state.dead = True
        elif word in _TEXT_WORDS:
            self._text(f"\\{word}{number or ''}{space}", True)

    def _mark(self, word: str) -> None:
        self._end_raised()
        if word == "trowd":
            self._in_row = True
            self._merged = []
        elif word == "row":
            merged = "".join(self._merged)
            self._out.append(f"\\plain {MERGED}{merged}" if merged.strip() else "")
        if not self._state.dead and not (word in ("line", "softline") and self._is_hidden()):
            self._out.append(f"\\plain {_MARKS[word]}")
        if word == "row":
            self._in_row = False
            self._flush()

    def _is_hidden(self) -> str:
        """What hides the words at this place; empty if they are shown."""
        kinds = [kind or "deleted" for word, kind in _HIDING.items() if self._state.hidden.get(word)]
        return kinds[0] if kinds else ""

    def _text(self, words: str, counts: bool) -> None:
        state = self._state
        kind = self._is_hidden()
        if kind:
            if kind != self._hidden and kind != "deleted" and words.strip() and not state.dead:
                self._left_out[kind] += 1
            self._hidden = kind
            return
        if words.strip():
            self._hidden = ""
        if state.math and state.dead:
            return
        if counts and state.raised and not self._is_raised and not state.dead:
            self._out.append(f"\\plain {RAISED}")
            self._is_raised = True
        elif not state.raised:
            self._end_raised()
        self._out.append(words)

    def _end_raised(self) -> None:
        if self._is_raised:
            self._out.append(f"\\plain {LEVEL}")
            self._is_raised = False

    def _begin_aside(self) -> None:
        self._end_raised()
        self._state.hidden, self._state.raised = {}, False
        self._outer.append((len(self._stack), self._out))
        self._out = []

    def _flush(self) -> None:
        """Writes what stands aside, each a paragraph of its own."""
        aside, self._aside = self._aside, []
        if aside:
            self._out += ["\\par ", *_without_empty(aside)]


def _without_empty(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if part]
