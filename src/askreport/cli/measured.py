"""An evaluation on the terminal: a table of its figures, one of its statuses, and the worst failures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from rich.table import Table

from askreport.cli.terminal import out, safe
from askreport.service.pages.evaluation import figure_of

_STATUSES = {"answered": "answered", "uncertain": "uncertain", "not_found": "not found"}
# The figures of all questions, of each language and of each kind, and the headings of their columns.
_COLUMNS = {
    "first": "first",
    "three": "three",
    "AUROC": "AUROC",
    "coverage at 90% right": "at 90%",
    "coverage at 95% right": "at 95%",
    "nDCG@10": "nDCG@10",
}
_WHEN_ANSWERED = {"right when answered": "right", "first when answered": "first"}
_WORST_SHOWN = 5
Part = Mapping[str, Any]


def print_evaluation(found: Mapping[str, Any]) -> None:
    """Prints an evaluation as ``summary`` makes it."""
    out.print(
        f"[bold]{safe(found['name'])}[/bold]: {found['questions']} questions ({found['scope']}) to "
        f"{found['documents']} documents, {found['passages']} passages; read by {safe(found['reader'])}"
    )
    rows = list(_parts(found))
    kinds = list(found["statuses"])
    out.print(_tabled(rows, ["questions", *_COLUMNS.values()], _measured))
    out.print("[dim]at 90%, at 95%: what can be answered, most confident first, with so many right[/dim]\n")
    out.print(_tabled(rows, [*kinds, *_WHEN_ANSWERED.values()], partial(_by_status, kinds)))
    out.print(f"[dim]{' / '.join(_STATUSES.values())}; of the answered: right, in the first quote[/dim]\n")
    others = Table(show_header=False, box=None, padding=(0, 1))
    for name, value in found["figures"].items():
        if value is not None and name not in _COLUMNS and name not in _WHEN_ANSWERED:
            others.add_row(name, figure_of(found, name))
    out.print(others)
    _print_worst(found["worst"])


def _print_worst(worst: Sequence[Mapping[str, Any]]) -> None:
    if worst:
        out.print("[bold]Worst failures[/bold] [dim](--html writes more of them)[/dim]")
    for each in worst[:_WORST_SHOWN]:
        verdict = _STATUSES[each["status"]]
        out.print(f"  {verdict} at {each['confidence']:.2f}: {safe(each['question'])}", soft_wrap=True)
        if each["status"] != "not_found":
            excerpt = " ".join(each["first"].split())[:160]
            out.print(f"    [dim]“{safe(excerpt)}” {safe(each['place'])}[/dim]", soft_wrap=True)


def _parts(found: Mapping[str, Any]) -> Iterator[tuple[str, Part]]:
    """All questions, then each language and each kind where there are several, with what the row is called."""
    yield "all", found
    for groups in (found["languages"], found["kinds"]):
        if len(groups) > 1:
            yield from groups.items()


def _tabled(rows: Sequence[tuple[str, Part]], headings: Sequence[str], cells: Callable[[Part], list[str]]) -> Table:
    table = Table(box=None, padding=(0, 1))
    table.add_column("")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, part in rows:
        table.add_row(safe(name), *cells(part))
    return table


def _measured(part: Part) -> list[str]:
    return [str(part["questions"]), *(figure_of(part, name) for name in _COLUMNS)]


def _by_status(kinds: Sequence[str], part: Part) -> list[str]:
    counts = [part["statuses"].get(kind, {}) for kind in kinds]
    shown = [" / ".join(str(each[status]) for status in _STATUSES) if each else "" for each in counts]
    return [*shown, *(figure_of(part, name) for name in _WHEN_ANSWERED)]
