"""A notebook's blocks as Word, Markdown or HTML, and a notebook as JSON."""

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import docx
from docx.shared import RGBColor
from docx.text.paragraph import Paragraph

from askreport.answering.citing import block_quote, inline
from askreport.bibliography.formats import csl_json
from askreport.notebooks.blocks import Block
from askreport.notebooks.items import quotes_in
from askreport.notebooks.recheck import State
from askreport.store.notebooks import Item, Notebook

# Characters that XML cannot hold.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS = {"paragraph": "p", "citation": "p", "note": "p", "state": "p", "entry": "p", "code": "pre"}
_STYLE = (
    "body{font:1rem/1.5 Georgia,serif;max-width:42rem;margin:2rem auto;padding:0 1rem}"
    "blockquote{margin:1rem 0 .3rem;padding-left:1rem;border-left:3px solid #d9a400}"
    ".context{color:#59636d}.citation{color:#59636d}.note{background:#fff7d6;padding:.4rem .7rem;white-space:pre-line}"
    ".state{color:#a8322a}.entry{padding-left:2rem;text-indent:-2rem}pre{white-space:pre-wrap}"
)


@dataclass(frozen=True, slots=True)
class Format:
    """A format that notebooks are exported in: its media type, the ending of its files, and what writes it."""

    media_type: str
    ending: str
    write: Callable[[Sequence[Block]], bytes]


def markdown(blocks: Sequence[Block]) -> bytes:
    """The blocks as Markdown, which shows the same words."""
    return ("\n\n".join(_markdown(block) for block in blocks) + "\n").encode("utf-8", "replace")


def _markdown(block: Block) -> str:
    if block.kind == "heading":
        return f"{'#' * block.level} {inline(block.text)}"
    if block.kind == "quote":
        return block_quote("".join(f"{run.gap}{run.text}" for run in block.runs))
    if block.kind == "citation":
        return f"— [{inline(block.text)}]({block.url})" if block.url else f"— {inline(block.text)}"
    if block.kind == "code":
        fence = "`" * max(3, 1 + max((len(each) for each in re.findall("`+", block.text)), default=0))
        return f"{fence}json\n{block.text}\n{fence}"
    words = "  \n".join(inline(line) for line in block.text.split("\n"))
    return {"note": f"**Note:** {words}", "state": f"*{words}*", "entry": f"- {words}"}.get(block.kind, words)


def page(blocks: Sequence[Block]) -> bytes:
    """The blocks as a page of HTML that stands by itself."""
    title = html.escape(next((block.text for block in blocks if block.kind == "heading"), ""))
    body = "\n".join(_html(block) for block in blocks)
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'.encode(
        "utf-8", "replace"
    )


def _html(block: Block) -> str:
    words = html.escape(block.text)
    if block.kind == "heading":
        return f'<h{block.level} dir="auto">{words}</h{block.level}>'
    if block.kind == "quote":
        return f'<blockquote dir="auto">{"".join(map(_html_run, block.runs))}</blockquote>'
    if block.url:
        words = f'<a href="{html.escape(block.url)}">{words}</a>'
    return f'<{_TAGS[block.kind]} class="{block.kind}" dir="auto">{words}</{_TAGS[block.kind]}>'


def _html_run(run: Any) -> str:
    gap, words = html.escape(run.gap).replace("\n", "<br>"), html.escape(run.text)
    if run.role:
        return f'{gap}<span class="context">{words}</span>'
    return f"{gap}<b>{words}</b>" if run.is_answer else f"{gap}{words}"


def word(blocks: Sequence[Block]) -> bytes:
    """The blocks as a Word document (.docx)."""
    document = docx.Document()
    for block in blocks:
        text = _clean(block.text)
        if block.kind == "heading":
            document.add_heading(text, block.level)
        elif block.kind == "quote":
            _word_quote(document.add_paragraph(style="Quote"), block)
        elif block.kind == "state":
            document.add_paragraph().add_run(text).font.color.rgb = RGBColor(0xA8, 0x32, 0x2A)
        elif block.kind == "note":
            paragraph = document.add_paragraph()
            paragraph.add_run("Note: ").bold = True
            paragraph.add_run(text)
        else:
            document.add_paragraph(text, style="List Bullet" if block.kind == "entry" else None)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _word_quote(paragraph: Paragraph, block: Block) -> None:
    for each in block.runs:
        run = paragraph.add_run(_clean(f"{each.gap}{each.text}"))
        run.bold = each.is_answer or None
        if each.role:
            run.font.color.rgb = RGBColor(0x59, 0x63, 0x6D)


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


FORMATS = {
    "docx": Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", word),
    "markdown": Format("text/markdown; charset=utf-8", "md", markdown),
    "html": Format("text/html; charset=utf-8", "html", page),
}


def as_json(notebook: Notebook, items: Sequence[Item], states: Mapping[str, Sequence[State]]) -> bytes:
    """The notebook with all that is in it, the state of each quote, and its sources as CSL-JSON."""
    sources = list(dict.fromkeys(kept.description for item in items for kept in quotes_in(item.kind, item.content)))
    content = {
        **asdict(notebook),
        "items": [{**asdict(item), "states": [asdict(state) for state in states[item.id]]} for item in items],
        "sources": json.loads(csl_json(sources)),
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")
