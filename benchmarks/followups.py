"""Follow-up questions in real conversations: python -m benchmarks.followups.

nDCG@10 of documents on the turns of both mtrag sets that have turns before them: the last turn alone, as followup.py
understands it, and as a person rewrote it.
"""

from pathlib import Path

import numpy as np

from askreport.answering.followup import understood
from askreport.answering.library import Library
from askreport.answering.retrieve import retrieve
from askreport.cli.evaluate import own_library
from askreport.config import Settings
from askreport.evaluation.evaluate import CORPUS, load_items, name_of, rows
from askreport.evaluation.figures import ranking

EVAL = Path(__file__).parents[2] / "shared" / "eval"


def main() -> None:
    """Prints the table."""
    settings = Settings()
    for name in ("mtrag-clapnq", "mtrag-cloud"):
        library = own_library(EVAL / name / CORPUS, settings, Library.open(settings))
        store, encode = library.store, library.encoder.encode_question
        names = {each.id: name_of(each.path) for each in store.documents()}
        judged = {item.id: item.relevant for item in load_items(EVAL / name) if item.relevant}
        turns = [
            row
            for row in rows(EVAL / name / "queries.jsonl")
            if row["history"] and row["_id"] in judged and row["subset"] == "mtrag-human"
        ]
        changed = 0
        runs: dict[str, dict[str, dict[str, float]]] = {"last turn": {}, "understood": {}, "rewritten": {}}
        for row in turns:
            own = understood(row["last_turn"], row["history"], encode)
            changed += own != " ".join(row["last_turn"].split())
            for kind, question in (("last turn", row["last_turn"]), ("understood", own), ("rewritten", row["text"])):
                found: dict[str, float] = {}
                for candidate in retrieve(store, question, encode(question), 50):
                    found.setdefault(names[candidate.stored.passage.document_id], candidate.score)
                runs[kind][row["_id"]] = found
        print(f"{name}: {len(turns)} turns, {changed} understood otherwise than written")
        for kind, run in runs.items():
            figures = ranking({row["_id"]: judged[row["_id"]] for row in turns}, run)
            print(f"  {kind:12} nDCG@10 {np.mean([each['nDCG@10'] for each in figures.values()]):.4f}")


if __name__ == "__main__":
    main()
