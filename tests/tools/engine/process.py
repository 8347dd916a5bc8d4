"""How programs from packages are run: as a user without rights, on loopback, and no longer than their parent."""

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from itertools import islice
from pathlib import Path

import psutil

USER, GROUP = "nobody", "nogroup"
HOST = "127.0.0.1"
PORTS = range(15_000, 32_000)


class EngineError(Exception):
    """A server does not start, or not here; the message says why."""


def is_root() -> bool:
    """Whether programs must be given to another user: PostgreSQL refuses to run as root."""
    return os.geteuid() == 0


def unprivileged(*command: object, parting: str | None = None) -> list[str]:
    """The command line as run by a user without rights; the parting signal reaches it when its parent has died.

    Linux sends that signal at the death of the thread that started the program, so it has to be started in a thread
    that lives as long as it should.
    """
    options = [f"--reuid={USER}", f"--regid={GROUP}", "--clear-groups"] if is_root() else []
    if parting and sys.platform == "linux" and shutil.which("setpriv"):
        options.append(f"--pdeathsig={parting}")
    return [*(["setpriv", *options] if options else []), *map(str, command)]


def may_run(*command: object) -> bool:
    """Whether the user without rights can reach and run this."""
    # Only the second program is started without root's rights: setpriv itself could start one in a closed folder.
    line = unprivileged("env", *command)
    return subprocess.run(line, cwd="/", capture_output=True, check=False).returncode == 0


def make_folder(folder: Path | None) -> Path:
    """A folder for the user without rights: this one, or a new one for temporary files."""
    given, folder = folder, folder.resolve() if folder else Path(tempfile.mkdtemp(prefix="askreport-engine-"))
    folder.mkdir(parents=True, exist_ok=True)
    if is_root() and not any(folder.iterdir()):
        shutil.chown(folder, USER, GROUP)
    if not may_run("test", "-w", folder):
        if given is None:
            folder.rmdir()
        raise EngineError(f"the user {USER if is_root() else 'who runs this'} may not write to {folder}")
    return folder


def reachable(package: str, inside: str, check: Callable[[Path], bool], folder: Path) -> Path:
    """A path inside an installed package, or, where the check fails, inside a copy of the package in the folder.

    The check fails if the package lies below a folder that only root may enter.
    """
    try:
        installed = distribution(package)
    except PackageNotFoundError:
        raise EngineError(f"the package {package} is not installed") from None
    path = Path(str(installed.locate_file(inside)))
    if not path.exists():
        raise EngineError(f"the package {package} has no server for this platform")
    if check(path):
        return path
    copy = folder / f"{package}-{installed.version}"
    copy_packages([package], copy)
    if not check(copy / inside):
        raise EngineError(f"the user {USER} can run neither {path} nor a copy of it in {folder}")
    return copy / inside


def copy_packages(packages: Iterable[str], folder: Path) -> None:
    """Copies what packages have installed, unless that was done before."""
    if folder.exists():
        return
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    for installed in map(distribution, packages):
        for file in installed.files or ():
            # What lies outside, such as scripts for the command line, names the interpreter of the place that it is in.
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target = new / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(str(installed.locate_file(file)), target)
    new.rename(folder)


def free_ports(count: int) -> list[int]:
    """So many ports of the loopback interface that are free now.

    They lie below those that the machine gives to clients: a server that is started again finds its port free.
    """
    return list(islice(filter(is_free, random.sample(PORTS, len(PORTS))), count))


def is_free(port: int) -> bool:
    """Whether a server can take the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def environment(**more: str) -> dict[str, str]:
    """The environment for a server, without the variables that would lead PostgreSQL's programs elsewhere."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PG", "PATRONI", "ETCD"))} | more


def start(command: Sequence[object], log: Path, parting: str, **variables: str) -> "subprocess.Popen[bytes]":
    """Starts a server, which writes to the log. Ctrl-C in a terminal reaches only whoever started it."""
    with log.open("ab") as stream:
        return subprocess.Popen(
            unprivileged(*command, parting=parting),
            cwd="/",
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )


def wait_until(holds: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Whether the condition comes to hold within so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def family(pids: Iterable[int]) -> list[psutil.Process]:
    """The processes with their descendants; those that have ended are left out."""
    found: list[psutil.Process] = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            found += [process, *process.children(recursive=True)]
    return found


def kill_all(processes: Sequence[psutil.Process]) -> None:
    """Ends the processes at once, as a failing machine would, parents first; they are gone afterwards."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    if not wait_until(lambda: not any(map(_lives, processes)), 10):
        raise EngineError("killed processes do not end")


def _lives(process: psutil.Process) -> bool:
    """Whether a process runs; a dead one stays in the list until the machine's first process has taken note."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def tail(log: Path, lines: int = 20) -> str:
    """The end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
