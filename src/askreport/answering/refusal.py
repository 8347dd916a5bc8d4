"""What is said where nothing was found, and that it was looked for in another language than the documents'."""

from collections.abc import Sequence

from askreport.store import Store
from askreport.text.language import languages_of, names
from askreport.types import IndexState, Languages, Reach

REFUSAL = "The documents do not say."
# Where only some of them were asked.
REFUSAL_OF_SOME = "The chosen documents do not say."
COMPLETING = "The index is being completed: {}% of the passages are found by meaning as well as by words."
# Languages that are named at most.
MAX_NAMED = 5


def other_language(store: Store, question: str, languages: Sequence[str] | None = None) -> Languages | None:
    """The question's language and the documents', if no document is in the question's; None where it cannot be told.

    ``languages`` are those of the documents that are asked, if these are not all.
    """
    asked = languages_of(question)
    documents = tuple(each for each in (store.manifest.languages if languages is None else languages) if each)
    if not asked or not documents or set(asked) & set(documents):
        return None
    return Languages(asked[0], documents)


def completing(index: IndexState) -> str:
    """That a part of the passages is found by words alone, empty if all have vectors."""
    return COMPLETING.format(int(100 * index.embedded)) if index.embedded < 1 else ""


def refusal(languages: Languages | None, reach: Reach | None = None, index: IndexState | None = None) -> str:
    """The refusal in words, with what it may be due to.

    That is how many documents were asked, if not all, that the index is not complete, and the languages.
    """
    said = REFUSAL
    if reach and reach.documents < reach.of:
        said = f"{REFUSAL_OF_SOME} {reach.documents:,} of {reach.of:,} were asked."
    said = " ".join(filter(None, (said, completing(index) if index else "")))
    if languages is None:
        return said
    return f"{said} They are in {listed(languages.documents)}; the question is in {listed([languages.question])}."


def listed(languages: Sequence[str]) -> str:
    """The names of languages as a sentence lists them: "English, French and 3 other languages"."""
    shown = names(languages[:MAX_NAMED])
    others = len(languages) - len(shown)
    shown += [f"{others} other languages" if others > 1 else "another language"] if others else []
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
