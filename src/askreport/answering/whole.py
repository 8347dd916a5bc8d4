"""Questions about a whole document ("Summarise the report"), which no sentence answers: an overview does."""

import re
from collections.abc import Sequence

from askreport.answering.named import most_surely, named_in
from askreport.store import Store
from askreport.types import DocumentRef

WHOLE = "That is asked of a whole document: its overview says what is in it."
# Documents that are offered at most.
MAX_OFFERED = 12
_WHOLE = (
    r"(?:(?:the|this|that|these|my|your|our|its|all(?: the| of the)?)\s+)?(?:whole\s+|entire\s+|main\s+|key\s+)*"
    r"(?:[\w’'-]+\s+){0,4}?(?:report|document|paper|file|text|study|article|book|pdf|note|memo|documents|files|library"
    r"|everything|reports|papers)s?"
)
_ABOUT = rf"(?:\s+(?:of|about|from|in|on)?\s*(?:it|this|that|them|{_WHOLE}))?"
_SUMMARY = re.compile(
    rf"(?:(?:please|can you|could you|would you|give me|i need|i want|write|make|show(?: me)?)\s+)*"
    rf"(?:(?:a|an|the|some)\s+)?(?:short\s+|brief\s+|quick\s+|executive\s+)?"
    rf"(?:summari[sz]e|sum up|summary|overview|gist|abstract|tl;?dr|outline|key points|main points|main ideas?"
    rf"|highlights|takeaways|key takeaways|table of contents){_ABOUT}(?:\s+(?:for me|please|briefly|in short))*",
    re.I,
)
_IS = r"(?:and\s+)?what(?:’s|'s| is| are)"
_TOPIC = re.compile(
    rf"{_IS}\s+(?:it|this|that|these|they|{_WHOLE})\s+(?:all\s+)?about|{_IS}\s+in\s+(?:here|it|this|{_WHOLE})"
    rf"|what\s+(?:do|does)\s+(?:it|this|they|{_WHOLE})\s+(?:say|contain|cover|discuss|deal with)"
    rf"|{_IS}\s+(?:its|their|(?:the|a)?)\s*(?:main\s+|key\s+|overall\s+|central\s+)?"
    rf"(?:conclusions?|findings?|summary|messages?|points?|takeaways?|topics?|themes?|arguments?|ideas?|results?){_ABOUT}"
    rf"|what\s+(?:do|does|did)\s+(?:it|they|{_WHOLE})\s+(?:conclude|find|argue|recommend)",
    re.I,
)
_PLEASE = re.compile(r",?\s+please$", re.I)
_OTHERS = re.compile(
    r"(?:fasse?|zusammenfassung|r[ée]sum(?:e|er|é)|resum(?:e|en|ir)|о чём|о чем|краткое содержание)\b.{0,60}", re.I
)


def asks_for_whole(question: str) -> bool:
    """Whether a question is about a whole document: what it says in short, what it is about, what it concludes."""
    bare = _PLEASE.sub("", question.strip().rstrip("?!. "))
    return any(pattern.fullmatch(bare) for pattern in (_SUMMARY, _TOPIC, _OTHERS))


def whole_documents(store: Store, question: str, documents: Sequence[str] | None = None) -> tuple[DocumentRef, ...]:
    """The documents that such a question may be about: those that it names, else all, up to MAX_OFFERED.

    Of ``documents`` only, if they are given.
    """
    # What names a document has a capital; people write "summarise the ferry report".
    named = most_surely(named_in(store, question.title(), documents))
    chosen = [each for each in store.documents() if documents is None or each.id in documents]
    wanted = [each for each in chosen if each.id in named] or chosen
    return tuple(
        DocumentRef(id=each.id, title=each.title, path=each.path, sha256=each.sha256) for each in wanted[:MAX_OFFERED]
    )
