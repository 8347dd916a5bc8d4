"""A library in a cluster under fire: `make test-cluster`, about three minutes.

Three etcd and three Patroni nodes, whose replicas lag, two services, two workers; sixteen clients ask, and three add
documents, ask for what these say, and delete some again, each by whichever service comes next. Killed are the leader
with one etcd, a worker at its work, the replica that commits wait for, and a service. What must hold: no answer is
wrong, nothing that was acknowledged is lost or there twice, nothing that was deleted is quoted, nearly no question
fails, and writes are back in time. Figures are printed; the exit status judges them.
"""

import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from tests.tools.engine.cluster import Cluster
from tests.tools.engine.postgres import missing
from tests.tools.engine.process import EngineError, wait_until
from tests.tools.storm_clients import Change, CutError, FailedError, Service, Session
from tests.tools.storm_facts import FIRST_ADDED, Fact, nothing, text
from tests.tools.storm_site import Site, seconds_since, share

DOCUMENTS = 400
CLIENTS, ADDING = 16, 3
# Seconds between a client's two questions, and between two documents that one adds: together about one a second.
THINKING, WRITING = (0.6, 1.8), (2.0, 3.0)
# Of each hundred questions those that nothing answers, and those for documents that were added.
FOR_NOTHING, FOR_ADDED = 10, 20
# After every so many documents that one adds, one of them is deleted.
DELETED = 4
# Milliseconds that replicas are behind: on one machine they hardly would be, and what they say would never be wrong.
LAG = 300
PEACE, CALM, WORKER_AWAY = 20.0, 5.0, 10.0
# What is judged: the share of the questions that may fail, and the seconds that writes may be away.
MAX_FAILED, MAX_AWAY = 0.005, 30.0
# After so many seconds everything is ended, whatever hangs.
LIMIT = 480


@dataclass(frozen=True, slots=True)
class Shot:
    """What was killed, and after how many seconds a document that was sent since was answered."""

    name: str
    away: float


class Storm:
    """What happens to the services, and what came of the requests."""

    def __init__(self, services: Sequence[Service]) -> None:
        self.services = services
        self.began = time.monotonic()
        self.over = threading.Event()
        self.changes: list[Change] = []
        self.shots: list[Shot] = []
        self.peace: list[tuple[float, float]] = []
        # When each answered question was asked, and the seconds that it took.
        self.reads: list[tuple[float, float]] = []
        self.failed: list[str] = []
        self.wrong: list[str] = []
        self.put_off: Counter[str] = Counter()
        self.cut = 0

    def read(self, session: Session, question: str) -> list[str] | None:
        """The quotes of an answer, from another service if one is killed on the way; None if the question failed."""
        while True:
            begun = time.monotonic()
            try:
                quotes = session.ask(question)
            except CutError:
                self.cut += 1
            except FailedError as error:
                self.failed.append(f"{self._when(begun)} after {seconds_since(begun):.1f} s: {error}")
                return None
            else:
                self.reads.append((begun, seconds_since(begun)))
                return quotes

    def ask_all_along(self, number: int) -> None:
        """Asks one question after another, and judges the answers."""
        draw = random.Random(number)
        session = Session(self.services, number)
        while not self.over.wait(draw.uniform(*THINKING)):
            kind, done = draw.randrange(100), [each for each in self.changes if each.there]
            if kind < FOR_NOTHING:
                question = nothing(draw.randrange(100_000))
                if quotes := self.read(session, question):
                    self._blame(f"{question} is answered by {quotes}")
            elif kind < FOR_NOTHING + FOR_ADDED and done:
                self._ask_for(session, draw.choice(done))
            else:
                fact = Fact(draw.randrange(DOCUMENTS))
                quotes = self.read(session, fact.question)
                if quotes is not None and not any(fact.sentence in quote for quote in quotes):
                    self._blame(f"{fact.question} is answered by {quotes}")
        session.close()

    def change_all_along(self, number: int) -> None:
        """Adds one document after another, asks for it, and deletes some."""
        draw = random.Random(number)
        session = Session(self.services, number)
        standing: list[Change] = []
        for turn in count(1):
            if self.over.wait(draw.uniform(*WRITING)):
                break
            change = self._add(session, Fact(FIRST_ADDED + ADDING * turn + number))
            if change and self._see(session, change):
                standing.append(change)
            if turn % DELETED == 0 and standing:
                self._delete(session, standing.pop(draw.randrange(len(standing))))
        session.close()

    def _add(self, session: Session, fact: Fact) -> Change | None:
        """Sends a document until that is acknowledged; None if it never is."""
        files = {"files": (f"{fact.number}.txt", text(fact.number).encode(), "text/plain")}
        while True:
            begun = time.monotonic()
            if job := self._try(session, "POST", "/documents", files=files):
                self.changes.append(Change(fact=fact, begun=begun, acknowledged=time.monotonic(), job=job["id"]))
                return self.changes[-1]
            if self.over.is_set():
                return None

    def _see(self, session: Session, change: Change) -> bool:
        """Waits for a document that was acknowledged, and asks for it; whether it was answered."""
        while not self.over.wait(0.1):
            job = self._try(session, "GET", f"/jobs/{change.job}")
            if not job or job["status"] != "done":
                continue
            if not change.there:
                if job["outcomes"][0]["status"] not in ("indexed", "duplicate"):
                    self._blame(f"what was acknowledged became {job['outcomes']}")
                change.document = (job["documents"] or [""])[0]
                change.there, change.indexed = session.seen, time.monotonic()
            if self._ask_for(session, change):
                change.answered = time.monotonic()
                return True
        return False

    def _delete(self, session: Session, change: Change) -> None:
        """Deletes a document until that is acknowledged, and asks for it."""
        change.deleting = time.monotonic()
        while change.document and not self.over.is_set():
            if self._try(session, "DELETE", f"/documents/{change.document}"):
                change.gone = session.seen
                self._ask_for(session, change)
                return

    def _try(self, session: Session, method: str, path: str, **content: Any) -> Any:
        """What a service answers to a request for a change; None, a moment later, if it puts it off."""
        session.turn()
        try:
            return session.send(method, path, **content)
        except CutError:
            self.cut += 1
        except FailedError as error:
            if method == "DELETE" and str(error).startswith("404"):
                # The attempt before, whose answer was lost, had done it.
                return {"document": "gone"}
            self.put_off[f"{method} {str(error)[:60]}"] += 1
        self.over.wait(0.3)
        return None

    def _ask_for(self, session: Session, change: Change) -> bool:
        """Asks for a document that was added, and judges the answer; whether there was one."""
        session.turn()
        seen = session.seen
        quotes = self.read(session, change.fact.question)
        if quotes is not None and (verdict := change.verdict(seen, quotes)):
            self._blame(f"{change.fact.question} {verdict}: {quotes}")
        return quotes is not None

    def shoot(self, site: Site, name: str, kill: Callable[[], None]) -> None:
        """Kills something, and waits until a document that was sent since is answered, or for too long."""
        at = time.monotonic()
        kill()
        wait_until(site.takes_writes, MAX_AWAY, every=0.2)
        led = seconds_since(at)

        def back() -> list[float]:
            return [each.answered for each in list(self.changes) if each.answered and each.begun > at]

        wait_until(lambda: bool(back()), 2 * MAX_AWAY)
        shot = Shot(name, min(back(), default=float("inf")) - at)
        self.shots.append(shot)
        after = f"the cluster takes writes after {led:.1f} s, a document is answered after {shot.away:.1f} s"
        print(f"{self._when(at)} killed: {name}; {after}", flush=True)

    def rest(self, seconds: float) -> None:
        """Lets everything go on in peace."""
        at = time.monotonic()
        self.over.wait(seconds)
        self.peace.append((at, time.monotonic()))

    def latencies(self, in_peace: bool) -> list[float]:
        """The seconds that questions took which were asked in peace, or not."""
        return [took for at, took in self.reads if in_peace == any(a <= at < b for a, b in self.peace)]

    def steps(self) -> dict[str, list[float]]:
        """The seconds of each step of the documents that were answered."""
        done = [each for each in self.changes if each.answered]
        return {
            "sent": [each.acknowledged - each.begun for each in done],
            "indexed": [each.indexed - each.acknowledged for each in done],
            "answered": [each.answered - each.indexed for each in done],
        }

    def _when(self, moment: float) -> str:
        return f"{moment - self.began:5.1f} s"

    def _blame(self, what: str) -> None:
        self.wrong.append(f"{self._when(time.monotonic())}: {what}")


def fire(storm: Storm, site: Site, workers: "list[Any]") -> None:
    """One thing after another is killed, and comes back."""
    cluster = site.cluster
    storm.rest(PEACE)
    leader = cluster.leader()

    def kill_leader() -> None:
        cluster.kill(leader)
        cluster.kill_etcd(1)

    storm.shoot(site, f"the leader ({leader}) and an etcd", kill_leader)
    cluster.start_etcd(1)
    cluster.start(leader)
    print(f"{leader} follows after {cluster.wait_ready(90):.1f} s", flush=True)
    storm.over.wait(CALM)
    busy = site.wait_busy(workers[0], 2 * CALM)
    storm.shoot(site, f"a worker ({'at work' if busy else 'idle'})", workers[0].kill)
    storm.over.wait(WORKER_AWAY)
    site.work("worker-3")
    storm.over.wait(CALM)
    follower = site.follower()
    storm.shoot(site, f"the replica that commits wait for ({follower})", lambda: cluster.kill(follower))
    cluster.start(follower)
    print(f"{follower} follows after {cluster.wait_ready(90):.1f} s", flush=True)
    storm.over.wait(CALM)

    def kill_service() -> None:
        storm.services[0].is_killed = True
        storm.services[0].process.kill()

    storm.shoot(site, "a service", kill_service)
    storm.rest(PEACE)


def final(storm: Storm, site: Site) -> tuple[list[str], list[str]]:
    """Once nothing waits any more: what was acknowledged and is not so, and what the database holds wrongly."""
    site.wait_done(2 * MAX_AWAY)
    session = Session(storm.services, 1)
    lost = []
    for change in storm.changes:
        if change.gone or not change.deleting:
            quotes = storm.read(session, change.fact.question)
            is_quoted = any(change.fact.sentence in quote for quote in quotes or ())
            if is_quoted == bool(change.gone):
                lost.append(f"{change.fact.sentence} {'was deleted' if change.gone else 'was acknowledged'}: {quotes}")
    session.close()
    return lost, site.faults()


def run(site: Site) -> int:
    """All of it; the exit status."""
    site.add({f"{number}.txt": text(number) for number in range(DOCUMENTS)})
    workers = [site.work(f"worker-{n}") for n in (1, 2)]
    storm = Storm([site.serve(f"service-{n}") for n in (1, 2)])
    print(f"{DOCUMENTS} documents, {len(storm.services)} services, {len(workers)} workers; fire is opened", flush=True)
    with ThreadPoolExecutor(CLIENTS + ADDING) as threads:
        clients = [threads.submit(storm.ask_all_along, number) for number in range(CLIENTS)]
        clients += [threads.submit(storm.change_all_along, number) for number in range(ADDING)]
        try:
            fire(storm, site, workers)
        finally:
            storm.over.set()
        for client in clients:
            client.result()
    return judge(storm, *final(storm, site))


def judge(storm: Storm, lost: Sequence[str], faults: Sequence[str]) -> int:
    """Prints the figures; the exit status."""
    asked = len(storm.reads) + len(storm.failed)
    print(f"{asked} questions: {len(storm.failed)} failed ({len(storm.failed) / max(1, asked):.2%}), {storm.cut} cut")
    for name, took in (("peace", storm.latencies(in_peace=True)), ("fire", storm.latencies(in_peace=False))):
        figures = f"median {1000 * share(took, 0.5):.0f} ms, p99 {1000 * share(took, 0.99):.0f} ms"
        print(f"in {name}: {len(took)} answers, {figures}")
    gone = sum(bool(each.gone) for each in storm.changes)
    print(f"{len(storm.changes)} documents acknowledged, {gone} deleted; their steps, and what was put off:")
    for name, steps in storm.steps().items():
        print(f"    {name}: median {share(steps, 0.5):.2f} s, p90 {share(steps, 0.9):.2f} s")
    for what, times in storm.put_off.most_common(5):
        print(f"{times:8}  {what}")
    for name, found in (("wrong", storm.wrong), ("lost", lost), ("not consistent", faults), ("failed", storm.failed)):
        print(f"{len(found)} {name}", *found[:8], sep="\n    ")
    late = [shot.name for shot in storm.shots if shot.away >= MAX_AWAY]
    too_many = len(storm.failed) >= MAX_FAILED * asked
    return int(bool(storm.wrong or lost or faults or late or too_many))


def main() -> None:
    """Prints what came of it; the exit status tells whether it is good."""
    if reason := missing():
        sys.exit(f"Error: {reason}")
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGALRM, _end)
    signal.alarm(LIMIT)
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, Cluster(lag=LAG) as cluster:
            print(f"the cluster runs after {seconds_since(began):.1f} s", flush=True)
            with Site(cluster, Path(name)) as site:
                status = run(site)
            # What is left is to end everything, which nothing should cut short.
            signal.alarm(0)
    except EngineError as error:
        sys.exit(f"Error: {error}")
    print(f"{seconds_since(began):.0f} s in all: {'failed' if status else 'good'}")
    sys.exit(status)


def _end(number: int, frame: FrameType | None) -> None:
    raise EngineError("ended by a signal" if number == signal.SIGTERM else f"not done after {LIMIT} s")


if __name__ == "__main__":
    main()
