"""A Python that the user without rights can run Patroni with."""

import shutil
import sys
import sysconfig
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement

from .process import USER, EngineError, copy_packages, may_run

# Patroni, and what it talks to etcd and to PostgreSQL with.
PACKAGES = {"patroni", "python-etcd", "psycopg", "psycopg-binary"}
CHECK = "import ctypes, etcd, hashlib, patroni, psycopg, ssl"
# Of the standard library, what a server does not need, and packages of others.
LEFT_OUT = shutil.ignore_patterns("site-packages", "__pycache__", "test", "idlelib", "ensurepip", "config-*")


def interpreter(folder: Path) -> tuple[Path, dict[str, str]]:
    """The interpreter, and the variables that it needs: this process's own, where the user can enter its environment.

    Otherwise what Patroni needs of the packages is copied into the folder, and of Python itself if that is closed too.
    """
    if may_run(sys.executable, "-c", CHECK):
        return Path(sys.executable), {}
    copies = folder / f"python-{sys.version_info.major}.{sys.version_info.minor}-patroni-{version('patroni')}"
    copies.mkdir(exist_ok=True)
    copy_packages(_with_needs(PACKAGES), copies / "packages")
    variables = {"PYTHONPATH": str(copies / "packages")}
    python = Path(sys.executable).resolve()
    if not _may_run(python, variables):
        python, closed = _copy_python(copies / "base"), python
        variables |= {"LD_LIBRARY_PATH": str(copies / "base" / "lib")}
        if not _may_run(python, variables):
            raise EngineError(f"the user {USER}, as whom Patroni runs, can use neither {closed} nor a copy of it")
    return python, variables


def _may_run(python: Path, variables: dict[str, str]) -> bool:
    return may_run("-i", *(f"{key}={value}" for key, value in variables.items()), python, "-c", CHECK)


def _copy_python(folder: Path) -> Path:
    """Python with its standard library in a folder: it looks for that beside the program."""
    python, library = Path(sys.executable).resolve(), Path(sysconfig.get_path("stdlib"))
    if not folder.exists():
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(library, new / "lib" / library.name, ignore=LEFT_OUT)
        for shared in library.parent.glob("libpython*.so*"):
            shutil.copy2(shared, new / "lib")
        (new / "bin").mkdir()
        shutil.copy2(python, new / "bin")
        new.rename(folder)
    return folder / "bin" / python.name


def _with_needs(packages: set[str]) -> set[str]:
    """The packages and all that these need."""
    found = [Requirement(line) for package in packages for line in requires(package) or ()]
    needs = {each.name for each in found if each.marker is None or each.marker.evaluate({"extra": ""})}
    return _with_needs(packages | needs) if needs - packages else packages
