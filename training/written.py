"""The questions written for this project, and the passages that they are over."""

import hashlib
from pathlib import Path
from typing import Any

from askreport.evaluation.evaluate import rows
from askreport.parse import Parsed, ParserPool

SHARED = Path(__file__).parents[2] / "shared"
WRITTEN = Path(__file__).parent / "questions"


def written_rows() -> list[dict[str, Any]]:
    """The written questions as they are stored."""
    return rows(WRITTEN / "questions.jsonl")


def is_held_out(passage: str) -> bool:
    """Whether the questions over a passage are kept for calibration and tests."""
    return int(hashlib.sha256(passage.encode()).hexdigest(), 16) % 10 == 0


def passages() -> dict[str, str]:
    """The texts of the passages that questions were written over, white space made single, by their names.

    Those that are no longer what the questions were written over are left out.
    """
    wanted = dict(line.split("\t") for line in (WRITTEN / "passages.tsv").read_text().splitlines()[1:])
    names = list(wanted)
    texts: dict[str, str] = {}
    for name in ("mtrag-clapnq", "mtrag-cloud"):
        for row in rows(SHARED / "eval" / name / "corpus.jsonl"):
            texts[f"{name}/{row['_id']}"] = row["text"]
    reports = {name.partition("#")[0] for name in names if name.startswith("reports/")}
    with ParserPool() as pool:
        for report in sorted(reports):
            file = SHARED / "documents" / report
            parsed = [item for item in pool.parse(file.read_bytes(), file.suffix) if isinstance(item, Parsed)]
            for name in names:
                if name.startswith(f"{report}#") and parsed:
                    start, end = map(int, name.partition("#")[2].split("-"))
                    texts[name] = parsed[0].document.text[start:end]
    found = {name: " ".join(texts[name].split()) for name in names if name in texts}
    return {
        name: text for name, text in found.items() if hashlib.sha256(text.encode()).hexdigest().startswith(wanted[name])
    }
