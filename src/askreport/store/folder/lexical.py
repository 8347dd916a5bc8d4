"""BM25 over the passages of a folder: tantivy's index, written and searched."""

import os
import weakref
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import tantivy

from askreport.store.folder.files import files_of, link_folder
from askreport.store.words import MIN_MISTYPED, MISTYPED_WEIGHT, idf_of, mistyped_in, stem_of, weights_of
from askreport.types import IntArray

_ANALYSER = "terms"


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=False, fast=True)
    builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name=_ANALYSER, index_option="freq")
    return builder.build()


def _analyser() -> Any:
    """Takes terms apart that were put together with spaces: they were made before (words.py)."""
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


class LexicalWriter:
    """Writes passages into a new tantivy index, which begins as ``base`` is if that is given.

    tantivy writes each file once and never changes it, so the two share the files on disk.
    """

    def __init__(self, folder: Path, base: Path | None = None) -> None:
        if base is None:
            folder.mkdir()
            index = tantivy.Index(_schema(), path=str(folder))
        else:
            link_folder(base, folder)
            index = tantivy.Index.open(str(folder))
        index.register_tokenizer(_ANALYSER, _analyser())
        # One thread writes one segment after another in the order given: the same input makes the same index.
        self._writer: Any = index.writer(heap_size=64_000_000, num_threads=1)

    def add(self, number: int, document_id: str, terms: Sequence[str]) -> None:
        """Adds one passage with its terms."""
        document = tantivy.Document(document=document_id, text=" ".join(terms))
        document.add_unsigned("number", number)
        self._writer.add_document(document)

    def delete(self, document_id: str) -> None:
        """Deletes the passages of a document that were added before."""
        self._writer.delete_documents_by_term("document", document_id)

    def close(self) -> None:
        """Commits, and waits until everything is on disk; files that are no longer part of the index are removed."""
        self._writer.commit()
        self._writer.garbage_collect_files()
        self._writer.wait_merging_threads()

    def abandon(self) -> None:
        """Ends the writing threads, so that the folder can be removed without one of them adding to it."""
        self._writer = None


def _links_to(folder: Path) -> "TemporaryDirectory[str]":
    """A folder of links to the files of one that can only be read: tantivy makes a lock beside what it opens."""
    made = TemporaryDirectory(prefix="askreport-", ignore_cleanup_errors=True)
    for file in files_of(folder):
        Path(made.name, file.name).symlink_to(file.resolve())
    return made


class LexicalIndex:
    """Searches an index that LexicalWriter made."""

    def __init__(self, folder: Path) -> None:
        self._schema = _schema()
        place = str(folder)
        if not os.access(folder, os.W_OK):
            links = _links_to(folder)
            weakref.finalize(self, links.cleanup)
            place = links.name
        self._index = tantivy.Index.open(place)
        self._index.register_tokenizer(_ANALYSER, _analyser())
        self._searcher = self._index.searcher()

    @property
    def passages(self) -> int:
        """How many passages there are, without the deleted ones."""
        count: int = self._searcher.num_docs
        return count

    def search(
        self, forms: Mapping[str, frozenset[str]], limit: int, documents: Collection[str] | None
    ) -> dict[int, float]:
        """Passage numbers and BM25 scores of a question's terms in all their forms, best first.

        Terms like one that is nowhere count as well.
        """
        if not forms or self._searcher.num_docs == 0:
            return {}
        idf = self.idf({form for own in forms.values() for form in own})
        weights = weights_of(forms, idf)
        wanted = [
            (tantivy.Occur.Should, self._weighed(self._term("text", term), weights[term] / idf[term]))
            for term in sorted(idf)
        ]
        mistyped = mistyped_in(forms, self.unknown(idf))
        wanted += [(tantivy.Occur.Should, self._alike(term)) for term in sorted(mistyped)]
        query = tantivy.Query.boolean_query(wanted)
        if documents is not None:
            chosen = tantivy.Query.term_set_query(self._schema, "document", sorted(documents))
            query = tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.Must, query),
                    (tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0)),
                ]
            )
        hits = self._searcher.search(query, limit, count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        return {int(number or 0): float(score) for number, (score, _) in zip(numbers, hits, strict=True)}

    def having(self, terms: Collection[str]) -> dict[str, IntArray]:
        """The numbers of the passages that have each of the terms, ascending; terms that none has are left out."""
        found = {}
        for term in terms:
            if count := self._searcher.doc_freq("text", term):
                hits = self._searcher.search(self._term("text", term), count, count=False).hits
                numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
                if hits:
                    found[term] = np.sort(np.asarray(numbers, np.int64))
        return found

    def idf(self, terms: Collection[str]) -> dict[str, float]:
        """BM25's inverse document frequency of each term."""
        total = self._searcher.num_docs
        # tantivy counts deleted passages in until it has written their segment anew.
        counts = {term: min(total, self._searcher.doc_freq("text", term)) for term in terms}
        return {term: idf_of(n, total) for term, n in counts.items()}

    def unknown(self, terms: Collection[str]) -> set[str]:
        """Those of the terms that no passage has; a term of deleted passages only may still count as known."""
        return {term for term in terms if not self._searcher.doc_freq("text", term)}

    def vocabulary(self, prefix: str) -> dict[str, int]:
        """The terms that begin so, and how many passages have each; those of deleted ones may still be counted."""
        return dict(self._searcher.terms_with_prefix("text", prefix))

    def _alike(self, term: str) -> Any:
        """Terms one typing mistake away from one that is nowhere; short ones have too many neighbours."""
        if len(stem_of(term)) < MIN_MISTYPED:
            return tantivy.Query.empty_query()
        query = tantivy.Query.fuzzy_term_query(self._schema, "text", term, distance=1)
        return tantivy.Query.boost_query(query, MISTYPED_WEIGHT)

    def _weighed(self, query: Any, weight: float) -> Any:
        return query if weight == 1.0 else tantivy.Query.boost_query(query, weight)

    def _term(self, field: str, value: str) -> Any:
        return tantivy.Query.term_query(self._schema, field, value, index_option="freq")
