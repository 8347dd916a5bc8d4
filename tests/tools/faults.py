"""Kills the indexer at random moments while a reader asks, and flips bits of the index: `make faults`.

Whatever is killed, every answer must be that of the last published generation, no question may fail, and no batch
that was finished may be embedded again. Whatever bit changes, there must be an error or the right answer, and the
next run must repair the index without embedding anything that its cache still has.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.errors import AskReportError, IndexDamagedError
from askreport.indexing.ingest import CACHE, IngestReport, ingest
from askreport.store import EmbeddingCache, latest_generation
from askreport.store.folder.files import files_of
from askreport.store.folder.generations import generation_folder
from tests.tools.parts import PARSERS, HashingEncoder, folder, kill, prose, start_python

STABLE = 6
CHANGING = 6
QUESTION = "Which colour is Box 3-17 and what does it weigh?"

INDEX = """
import sys
from pathlib import Path
from askreport.indexing import embedding
from askreport.indexing.ingest import ingest
from askreport.store import embedding_key
from tests.tools.parts import PARSERS, HashingEncoder

corpus, index, log = map(Path, sys.argv[1:])
# So small that a run has many of them to be killed between.
embedding.WINDOW = 4


class Logging(HashingEncoder):
    def encode_passages(self, texts, sentences):
        with log.open("a") as stream:
            for text, spans in zip(texts, sentences):
                stream.write(embedding_key(self.fingerprint, text, spans).hex() + "\\n")
        return super().encode_passages(texts, sentences)


PARSERS.parse(b"Words.", ".txt")
print("ready", flush=True)
ingest([corpus], index, Logging(seconds=0.001), PARSERS)
print("done", flush=True)
PARSERS.close()
"""

READ = """
import json, sys, time
from pathlib import Path
from askreport.answering.ask import ask
from askreport.answering.library import Library
from tests.tools.parts import HashingEncoder

index, stop = Path(sys.argv[1]), Path(sys.argv[2])
library = Library(index, HashingEncoder())
print("ready", flush=True)
while not stop.exists():
    for question in sys.argv[3:]:
        try:
            answer = ask(library.store, library.encoder, question, k=20)
            found = [answer.index.generation, question, [hit.text for hit in answer.passages]]
        except Exception as error:
            found = [0, question, [repr(error)]]
        print(json.dumps(found), flush=True)
"""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of it all; but for the first four all counts must be zero."""

    runs: int = 0
    kills: int = 0
    published: int = 0
    answers: int = 0
    failed: int = 0
    wrong: int = 0
    embedded_again: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing went wrong."""
        return self.answers > 0 and not self.failed and not self.wrong and not self.embedded_again


def changing(version: int, n: int) -> str:
    """A text that tells which version of the library it belongs to."""
    first = f"The courier{n} carried {version} letters in version{version} of the tale."
    return f"{first}\n\n{prose(1000 + 10 * version + n, 30)}"


def write_version(corpus: Path, version: int) -> None:
    """The corpus as it is in this version: some files always the same, some that change, one that comes and goes."""
    folder(corpus, {f"changing-{n}.txt": changing(version, n) for n in range(CHANGING)})
    for old in corpus.glob("guest-*.txt"):
        old.unlink()
    (corpus / f"guest-{version}.txt").write_text(f"The guest of version{version} has arrived.")


def kill_at_random_moments(place: Path, kills: int, seed: int) -> Tally:
    """Runs the indexer again and again, and kills it; a reader in another process asks all along."""
    chance = random.Random(seed)
    corpus = folder(place / "corpus", {f"stable-{n}.txt": prose(n, 30) for n in range(STABLE)})
    index, log, stop = place / "index", place / "encoded", place / "stop"
    write_version(corpus, 0)
    log.touch()
    took = _run(corpus, index, log, None)
    version_of = {latest_generation(index): 0}
    questions = [QUESTION, "How many letters did courier2 carry in the tale?", "Which guest has arrived?"]
    tally = Tally()
    with (place / "answers").open("w") as answers:
        reader = start_python(READ, index, stop, *questions, stdout=answers)
        while tally.kills < kills:
            tally.runs = version = tally.runs + 1
            write_version(corpus, version)
            known = _keys(index)
            before = len(log.read_text().split())
            limit = chance.uniform(0, 1.1 * took)
            tally.kills += _run(corpus, index, log, limit) >= limit
            again = [key for key in log.read_text().split()[before:] if bytes.fromhex(key) in known]
            tally.embedded_again += len(again)
            if (newest := latest_generation(index)) not in version_of:
                version_of[newest] = version
                tally.published += 1
        stop.touch()
        reader.communicate(timeout=60)
    with (place / "answers").open() as answers:
        _judge(answers, version_of, tally)
    return tally


def _run(corpus: Path, index: Path, log: Path, seconds: float | None) -> float:
    """Runs the indexer, and kills it after so many seconds; how long it ran."""
    process = start_python(INDEX, corpus, index, log)
    assert process.stdout
    assert process.stdout.readline() == "ready\n", process.communicate()
    started = time.perf_counter()
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill(process)
    return time.perf_counter() - started


def _keys(index: Path) -> set[bytes]:
    """What has been embedded and kept."""
    with closing(EmbeddingCache(index / CACHE, HashingEncoder().dimension)) as cache:
        return cache.keys()


def _judge(answers: Iterable[str], version_of: dict[int, int], tally: Tally) -> None:
    """Counts the answers that failed, and those that are not what their generation has to say."""
    for line in islice(answers, 1, None):
        generation, question, texts = json.loads(line)
        tally.answers += 1
        if not generation:
            tally.failed += 1
            tally.examples.append(texts[0])
            continue
        version, found = version_of[generation], " ".join(texts)
        if question == QUESTION:
            right = next(each for each in prose(3, 30).split("\n") if each.startswith("Box 3-17 ")) in found
        elif "courier2" in question:
            right = changing(version, 2).partition("\n")[0] in found
        else:
            right = f"The guest of version{version} has arrived." in found
        if not right or set(re.findall(r"version(\d+)", found)) - {str(version)}:
            tally.wrong += 1
            tally.examples.append(line[:300])


@dataclass(slots=True)
class Index:
    """A small library that bits are flipped in."""

    corpus: Path
    index: Path

    @classmethod
    def made(cls, place: Path) -> "Index":
        """A library of two segments, with what stands beside the generations."""
        corpus = folder(place / "corpus", {f"stable-{n}.txt": prose(n, 30) for n in range(STABLE)})
        made = cls(corpus, place / "index")
        made.ingest()
        write_version(corpus, 1)
        made.ingest()
        return made

    def ingest(self) -> IngestReport:
        """A run over the corpus."""
        return ingest([self.corpus], self.index, HashingEncoder(), PARSERS)

    def answers(self) -> list[object]:
        """All that is answered to some questions."""
        library = Library(self.index, HashingEncoder())
        asked = [ask(library.store, library.encoder, question, k=20) for question in (QUESTION, "courier2 version1")]
        return [[answer.status, answer.confidence, answer.quotes, answer.passages] for answer in asked]


def damage(file: Path, chance: random.Random) -> None:
    """Does to a file what disks do: changes a bit, overwrites a block, or loses its end."""
    content = bytearray(file.read_bytes())
    at = chance.randrange(len(content))
    kind = chance.choice(("bit", "bit", "block", "zeros", "end"))
    if kind == "bit":
        content[at] ^= 1 << chance.randrange(8)
    elif kind == "end":
        del content[at:]
    else:
        size = min(len(content) - at, chance.choice((16, 512, 4096)))
        content[at : at + size] = chance.randbytes(size) if kind == "block" else bytes(size)
    file.write_bytes(content)


def damage_each(folder: Path, seed: int) -> Iterator[Path]:
    """Each file below a folder that has any bytes, damaged as long as it is looked at, and then as it was."""
    chance = random.Random(seed)
    for file in files_of(folder):
        content = file.read_bytes()
        if content:
            damage(file, chance)
            yield file
            file.write_bytes(content)


def damage_files(place: Path, flips: int, seed: int) -> Counter[str]:
    """Damages each file in turn, and repairs; what came of it. "silent" and "not repaired" must be zero."""
    chance = random.Random(seed)
    whole = Index.made(place / "whole")
    right = whole.answers()
    results: Counter[str] = Counter()
    for n in range(flips):
        for name in sorted(path.relative_to(whole.index) for path in whole.index.rglob("*") if path.is_file()):
            if name.suffix == ".lock" or not (whole.index / name).stat().st_size:
                continue
            hurt = Index(whole.corpus, place / f"{n}" / "index")
            shutil.copytree(whole.index, hurt.index)
            damage(hurt.index / name, chance)
            results[_outcome(hurt, hurt.index / name, right)] += 1
            shutil.rmtree(hurt.index)
    return results


def _outcome(hurt: Index, file: Path, right: list[object]) -> str:
    try:
        found = "harmless" if hurt.answers() == right else "silent"
    except IndexDamagedError as error:
        found = "noticed" if str(file) in error.message else "not named"
    except AskReportError:
        found = "refused"
    hurt.ingest()
    if hurt.answers() != right:
        return "not repaired"
    # What the caches hold is used for this.
    added = hurt.corpus / "added.txt"
    added.write_text(prose(3, 30) + "\nMore.")
    try:
        hurt.ingest()
        shutil.rmtree(generation_folder(hurt.index, latest_generation(hurt.index)))
        added.unlink()
        hurt.ingest()
        return found if hurt.answers() == right else "silent in a cache"
    finally:
        added.unlink(missing_ok=True)


def main() -> None:
    """Prints what came of so many kills and flips; exit status 1 unless all went well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--flips", type=int, default=5, help="of each file of the index")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as name, PARSERS:
        results = damage_files(Path(name) / "flips", options.flips, options.seed)
        print("files damaged:", dict(results))
        tally = kill_at_random_moments(Path(name) / "kills", options.kills, options.seed)
        print(tally)
    sys.exit(0 if tally.is_clean and not results.keys() - {"harmless", "noticed", "refused"} else 1)


if __name__ == "__main__":
    main()
