"""What the reader gets right on public questions, by this build or another: python -m benchmarks.reading.

    python -m benchmarks.reading --sets squad2-dev-heldout timeqa --questions 200 --out new.json
    python -m benchmarks.reading --source ../earlier --out old.json
    python -m benchmarks.reading --against old.json --out new.json

The sets are the questions about the report, asked of it alone and of all documents that ship, and those of
../shared/train and ../shared/eval. Each of the latter becomes a library, every distinct context a document of its own.
Contexts that no sampled question is about join them until there are about ``--passages``. A build indexes a set with
its own command and is asked in a process of its own through ``Library`` (asking.py), so that any build can be measured.
This one judges what comes back. The same questions are drawn every time: a smaller sample is the beginning of a larger.

Printed are, of each set:

    first, three   the share of questions whose first quote, or one of its quotes, answers; of a refusal the sentences
                   count that it found nearest
    quoted         the same of the first quote, where a refusal counts as wrong
    AUROC          of the confidence, answerable questions against others
    90%, 95%       the share of all questions that can be answered, most confident first, with so many right
    doc, nDCG      of documents: the first quote is from the right one, and nDCG@10
    statuses       answered / uncertain / not found
    right          of those answered: any quote answers, and the first does
    ms             the median of what a question takes, on a machine that may do other things
"""

import argparse
import gzip
import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_args

from askreport.evaluation.evaluate import CORPUS, QRELS, QUERIES, Item, judgements, load_items, rows, without_nan
from askreport.evaluation.figures import ranking
from askreport.evaluation.results import Part, Result, by_kind, by_language, figures_of, mean, statuses_of
from askreport.types import Scope, Span, Status

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
# The questions about the report, asked of the report alone and of all documents that ship.
REPORT = ROOT / "corpus" / "china-russia-report.txt"
REPORTS = {"report": REPORT, "report-corpus": REPORT.parent}
# And put in Arabic, Chinese, Czech, French, German and Russian, of the report alone.
REPORT_LANGUAGES = "report-languages"
TRANSLATED = Path(__file__).with_name("report-languages.jsonl")
SETS = (
    "report",
    "report-corpus",
    REPORT_LANGUAGES,
    "squad2-dev-heldout",
    "clapnq-dev",
    "timeqa",
    "tatqa",
    "qed-nq",
    "multispanqa",
    "covidqa-en",
    "nomiracl-en",
)
# The articles of squad2-dev that no reader was trained on.
HELD_OUT_SQUAD = "squad2-dev-heldout"
SEED = 18
WORDS_A_PASSAGE = 150
# Words that stand in another document count as those of the document that answers, if they have so many letters.
SAME_WORDS = 25
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DataSet:
    """Questions, documents by name, and for each question the documents that are relevant; in the sets' own rows.

    ``files`` is what is indexed, if it is there already.
    """

    questions: list[Row]
    documents: dict[str, Row]
    relevant: dict[str, dict[str, int]]
    files: Path | None = None


# From a set's files to a small library with its questions.


def load(name: str, split: str) -> DataSet:
    """A set by its name."""
    if name in REPORTS:
        return of_report(REPORTS[name])
    if name == REPORT_LANGUAGES:
        return translated(of_report(REPORT), rows(TRANSLATED))
    if name == HELD_OUT_SQUAD:
        return held_out(of_evaluation(SHARED / "eval" / "squad2-dev"))
    if (SHARED / "eval" / name).is_dir():
        return of_evaluation(SHARED / "eval" / name)
    return of_training(SHARED / "train" / name / "examples.jsonl.gz", split)


def of_evaluation(folder: Path) -> DataSet:
    """A set that is there with its documents."""
    relevant = judgements(folder / QRELS) if (folder / QRELS).exists() else {}
    return DataSet(rows(folder / QUERIES), {each["_id"]: each for each in rows(folder / CORPUS)}, relevant)


def of_report(files: Path) -> DataSet:
    """The questions about the report; its passages are slices of the file, as are the places of the evidence."""
    questions = []
    for each in rows(SHARED / "questions" / "report.dev.jsonl"):
        placed = [{"doc": REPORT.name, "start": span["start"], "end": span["end"]} for span in each["evidence"]]
        questions.append({**each, "_id": each["id"], "text": each["question"], "evidence": placed, "lang": "en"})
    document = {"_id": REPORT.name, "title": "", "text": REPORT.read_text(encoding="utf-8")}
    relevant = {each["_id"]: {REPORT.name: 1} for each in questions if each["answerable"]}
    return DataSet(questions, {REPORT.name: document}, relevant, files)


def translated(found: DataSet, wordings: Iterable[Row]) -> DataSet:
    """The questions in other wordings, each a row with the question's ``id``, a ``lang`` and a ``question``."""
    own = {row["_id"]: row for row in found.questions}
    questions, relevant = [], {}
    for each in wordings:
        row, name = own[each["id"]], f"{each['id']}-{each['lang']}"
        questions.append({**row, **each, "_id": name, "id": name, "text": each["question"]})
        if row["_id"] in found.relevant:
            relevant[name] = found.relevant[row["_id"]]
    return replace(found, questions=questions, relevant=relevant)


def held_out(found: DataSet) -> DataSet:
    """The questions about articles that training leaves out, among the documents of all articles."""
    # Imported here because training needs PyTorch.
    from training.examples import FOLDS, HELD_OUT, fold_of  # noqa: PLC0415

    kept = {name for name, each in found.documents.items() if fold_of(each["title"], FOLDS) == HELD_OUT}
    return replace(found, questions=[each for each in found.questions if each["context"] in kept])


def of_training(file: Path, split: str) -> DataSet:
    """A set of questions with a passage each; passages of the same words are one document."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        examples = [json.loads(line) for line in lines]
    names: dict[str, str] = {}
    documents: dict[str, Row] = {}
    questions = []
    for each in examples:
        name = names.setdefault(each["context"], f"c{len(names)}")
        documents.setdefault(name, {"_id": name, "title": each["title"] or "", "text": each["context"]})
        if split in ("all", each["split"]):
            questions.append(question_of(each, name))
    relevant = {each["_id"]: {each["context"]: 1} for each in questions if each["answerable"]}
    return DataSet(questions, documents, relevant)


def question_of(example: Row, document: str) -> Row:
    """A training example as a row of questions."""
    evidence = example["evidence"] or example.get("sentence_evidence") or []
    placed = [{"doc": document, "start": each["start"], "end": each["end"]} for each in evidence]
    kept = {key: example[key] for key in ("answerable", "label", "lang", "kind") if example.get(key) is not None}
    return {"_id": example["id"], "text": example["question"], "context": document, "evidence": placed, **kept}


def sampled(found: DataSet, questions: int, passages: int) -> DataSet:
    """Some of the questions, the documents they are about, and others until there are so many passages."""
    asked = list(found.questions)
    random.Random(SEED).shuffle(asked)
    asked = asked[:questions]
    needed = {name for each in asked for name in documents_of(each, found.relevant) if name in found.documents}
    others = [name for name in found.documents if name not in needed]
    random.Random(SEED).shuffle(others)
    count = sum(map(passages_of, (found.documents[name] for name in needed)))
    for name in others:
        count += passages_of(found.documents[name])
        if count > passages:
            break
        needed.add(name)
    documents = {name: each for name, each in found.documents.items() if name in needed}
    relevant = {each["_id"]: found.relevant[each["_id"]] for each in asked if each["_id"] in found.relevant}
    return DataSet(asked, documents, relevant, found.files)


def documents_of(row: Row, relevant: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """The documents that a question is about, whether they answer it or nearly do."""
    yield from relevant.get(row["_id"], ())
    yield from row.get("context_ids") or ()
    yield from (each["doc"] for each in row.get("evidence") or () if isinstance(each, dict) and "doc" in each)
    yield from (str(row[key]) for key in ("context", "near_miss_doc") if row.get(key) is not None)


def passages_of(document: Row) -> int:
    """About how many passages a document becomes."""
    return max(1, round(len(document["text"].split()) / WORDS_A_PASSAGE))


def write(found: DataSet, folder: Path) -> None:
    """Writes a set in the layout that ``askreport eval`` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = () if found.files else found.documents.values()
    for name, each in ((CORPUS, documents), (QUERIES, found.questions)):
        (folder / name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in each), "utf-8")
    lines = ["query-id\tcorpus-id\tscore"]
    lines += [f"{asked}\t{name}\t{grade}" for asked, row in found.relevant.items() for name, grade in row.items()]
    (folder / QRELS).write_text("\n".join(lines) + "\n", "utf-8")


# A build is asked.


def ask(source: Path, cache: Path, name: str, files: Path, items: Sequence[Item]) -> dict[str, Row]:
    """What the build answers to each question, by the question's id; its index and models stay in ``cache``."""
    build = key_of(
        str(source), *(f"{key}={value}" for key, value in os.environ.items() if key.startswith("ASKREPORT_"))
    )
    place = cache / "builds" / build
    environment = os.environ | {
        "PYTHONPATH": str(source),
        "ASKREPORT_INDEX": str(place / name),
        "ASKREPORT_CACHE": str(place / "models"),
    }
    place.mkdir(parents=True, exist_ok=True)
    questions, answers = (place / f"{name}.{each}.jsonl" for each in ("questions", "answers"))
    asked = [
        {"id": each.id, "question": each.question, "history": each.history, "within": each.within} for each in items
    ]
    questions.write_text("".join(json.dumps(each) + "\n" for each in asked), "utf-8")
    python = [sys.executable, "-P"]
    script = Path(__file__).with_name("asking.py")
    for command in (["-m", "askreport", "index", files], [script, questions, answers]):
        # The table alone goes to the standard output.
        subprocess.run([*python, *map(str, command)], env=environment, stdout=sys.stderr, check=True)
    return {each["id"]: each for each in rows(answers)}


def key_of(*parts: str) -> str:
    """A short name for what these determine."""
    return hashlib.sha256("\0".join(sorted(parts)).encode()).hexdigest()[:12]


# What it answered is judged.


class Judge:
    """Says whether a quote answers: by its words, whatever a build does with offsets and names."""

    def __init__(self, documents: Mapping[str, Row]) -> None:
        self.texts = {name: str(each["text"]) for name, each in documents.items()}
        self._letters: dict[str, tuple[str, list[int]]] = {}

    def answers(self, quote: Mapping[str, str], item: Item) -> bool:
        """Whether a quote, or the same words in the document that answers, overlaps the evidence."""
        words = letters(quote["text"])[0]
        if not words:
            return False
        for document, span, said in item.evidence:
            is_own = document in (None, quote["document"])
            if not is_own and len(words) < SAME_WORDS:
                continue
            if span is None:
                wanted = letters(said)[0]
                if is_own and wanted and (wanted in words or words in wanted):
                    return True
            elif document in self.texts and any(
                at.start < span.end and span.start < at.end for at in self.places(document, words)
            ):
                return True
        return False

    def places(self, document: str, words: str) -> Iterator[Span]:
        """Where these letters stand in a document."""
        if document not in self._letters:
            self._letters[document] = letters(self.texts[document])
        text, offsets = self._letters[document]
        start = text.find(words)
        while start >= 0:
            yield Span(offsets[start], offsets[start + len(words) - 1] + 1)
            start = text.find(words, start + 1)


def letters(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text in one case, and where each stands in it."""
    kept = [(char, place) for place, each in enumerate(text) for char in each.casefold() if char.isalnum()]
    return "".join(char for char, _ in kept), [place for _, place in kept]


def judged(items: Sequence[Item], answers: Mapping[str, Row], documents: Mapping[str, Row]) -> list[Result]:
    """Each question's result; its rank is that of the first quote that answers, or of the first sentence if refused."""
    judge = Judge(documents)
    found = []
    runs = {each.id: {name: 1 / (1 + n) for n, name in enumerate(answers[each.id]["documents"])} for each in items}
    figures = ranking({each.id: each.relevant for each in items if each.relevant}, runs)
    for item in items:
        answer = answers[item.id]
        right = [judge.answers(each, item) for each in answer["read"]]
        rank = next((n for n, each in enumerate(right, start=1) if each), 0)
        first = answer["read"][0] if answer["read"] else {"text": "", "document": ""}
        found.append(
            Result(
                id=item.id,
                question=item.question,
                answerable=item.answerable,
                status=answer["status"],
                confidence=answer["confidence"],
                first=first["text"],
                place=first["document"],
                rank=rank if item.evidence or item.answerable is False else None,
                milliseconds=answer["milliseconds"],
                ranking=figures.get(item.id, {}),
                lang=item.lang,
                kind=item.kind,
            )
        )
    return found


def summary(results: Sequence[Result], items: Sequence[Item]) -> Row:
    """A set's figures as they are written."""
    placed = [each for each in results if each.answerable is not False and each.rank is not None]
    figures = figures_of(results)
    figures["quoted"] = mean(each.rank == 1 and each.status != "not_found" for each in placed)
    relevant = {each.id: each.relevant for each in items if each.relevant}
    figures["document"] = mean(each.place in relevant[each.id] for each in results if each.id in relevant)
    parts: dict[str, dict[str, Part]] = {"languages": by_language(results), "kinds": by_kind(results)}
    return {
        "questions": len(results),
        "figures": figures,
        "statuses": statuses_of(results),
        **{name: {group: asdict(part) for group, part in found.items()} for name, found in parts.items()},
        "results": [asdict(each) for each in results],
    }


# What is printed.

HEADINGS = (
    f"{'':20} {'n':>4} {'first':>6} {'quoted':>6} {'three':>6} {'AUROC':>6} {'90%':>6} {'95%':>6} {'doc':>6} "
    f"{'nDCG':>6}  {'answerable':>15}  {'unanswerable':>15}  {'right':>11}  {'ms':>5}"
)


def line(name: str, found: Row) -> str:
    """A set's figures in a line."""
    figures = found["figures"]
    ranks = ("first", "quoted", "three", "AUROC")
    shares = (*ranks, "coverage at 90% right", "coverage at 95% right", "document", "nDCG@10")
    statuses = found["statuses"]
    answerable = statuses.get("answerable", statuses.get("unknown"))
    right = f"{number(figures['right when answered'])} {number(figures['first when answered'])}"
    return (
        f"{name:20} {found['questions']:4} {' '.join(f'{number(figures[each]):>6}' for each in shares)}  "
        f"{counts(answerable):>15}  {counts(statuses.get('unanswerable')):>15}  {right:>11}  "
        f"{figures['median ms']:5.0f}"
    )


def number(value: float | None) -> str:
    """A share; nothing where it is not known."""
    return "" if value is None or value != value else f"{value:.3f}"


def counts(row: Mapping[str, int] | None) -> str:
    """How many were answered, uncertain and not found."""
    return " / ".join(str(row[status]) for status in get_args(Status)) if row else ""


def differences(new: Row, old: Row) -> str:
    """What changed since another build's figures, question by question where they are the same."""
    changed = []
    for name in ("first", "quoted", "three", "AUROC", "coverage at 90% right", "nDCG@10"):
        one, other = new["figures"].get(name), old["figures"].get(name)
        if None not in (one, other) and one == one and other == other:
            changed.append(f"{name} {one - other:+.3f}")
    before = {each["id"]: each["rank"] == 1 for each in old["results"]}
    both = [(each["rank"] == 1, before[each["id"]]) for each in new["results"] if each["id"] in before]
    better, worse = sum(a and not b for a, b in both), sum(b and not a for a, b in both)
    return f"{'':20} {', '.join(changed)}; first: {better} gained, {worse} lost of {len(both)}"


def version_of(source: Path) -> str:
    """The commit of a checkout, with a mark if it has been changed; empty if it is none."""
    done = subprocess.run(
        ["git", "-C", str(source), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def measure(name: str, options: argparse.Namespace) -> Row:
    """Asks and judges a set."""
    found = sampled(load(name, options.split), options.questions, options.passages)
    folder = options.cache / "sets" / f"{name}-{key_of(*map(json.dumps, found.documents.values()))}"
    write(found, folder)
    items = load_items(folder, options.scope)
    answers = ask(options.source, options.cache, folder.name, found.files or folder / CORPUS, items)
    results = judged(items, answers, found.documents)
    made = summary(results, items)
    made["documents"], made["passages"] = len(found.documents), sum(map(passages_of, found.documents.values()))
    cleaned: Row = without_nan(made)
    return cleaned


def main(arguments: Iterable[str] | None = None) -> None:
    """Prints a line for each set, and writes everything if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=SETS, help="names of folders in ../shared/eval or ../shared/train")
    parser.add_argument("--questions", type=int, default=200, help="at most so many of each set")
    parser.add_argument("--passages", type=int, default=1_500, help="about so many in each library")
    parser.add_argument("--split", choices=("dev", "all"), default="dev", help="which questions of ../shared/train")
    parser.add_argument("--scope", choices=("auto", "context"), default="auto", help="where to look, as askreport eval")
    parser.add_argument("--source", type=Path, default=ROOT, help="the checkout to measure")
    parser.add_argument("--cache", type=Path, default=Path("build/reading"), help="where indexes are kept")
    parser.add_argument("--against", type=Path, help="figures of another build, to print the differences")
    parser.add_argument("--out", type=Path, help="write the figures and every result here, as JSON")
    options = parser.parse_args(None if arguments is None else list(arguments))
    source = options.source.resolve()
    options.source = source / "src" if (source / "src" / "askreport").is_dir() else source
    options.cache = options.cache.resolve()
    scope: Scope = options.scope
    others = json.loads(options.against.read_text())["sets"] if options.against else {}
    found: Row = {"version": version_of(source), "scope": scope, "split": options.split, "seed": SEED, "sets": {}}
    print(HEADINGS, flush=True)
    for name in options.sets:
        found["sets"][name] = measured = measure(name, options)
        print(line(name, measured), flush=True)
        if name in others:
            print(differences(measured, others[name]), flush=True)
        if options.out:
            options.out.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()
