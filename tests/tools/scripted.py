"""A server that speaks OpenAI's protocol and says what a script tells it to, on a free port of this machine."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

# What the server does with a request, whose body is given.
Script: TypeAlias = Callable[["Reply", dict[str, Any]], None]


@dataclass(kw_only=True)
class ScriptedModel:
    """The server's address, every request so far, and an event for each connection whose client went away."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def told(self) -> str:
        """All that the model was shown with the last request."""
        return "\n".join(message["content"] for message in self.requests[-1]["messages"])


class Reply(BaseHTTPRequestHandler):
    """A response in the making."""

    model: ScriptedModel
    script: Script

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.model.requests.append(body)
        self.model.paths.append(self.path)
        self.model.keys.append(self.headers["authorization"])
        try:
            type(self).script(self, body)
        except OSError:
            self.model.gone.set()

    def log_message(self, *args: Any) -> None:
        """Nothing is logged."""

    def head(self, status: int = 200, kind: str = "text/event-stream") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.end_headers()

    def raw(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()

    def chunk(self, content: str | None, finish: str | None = None) -> None:
        delta = {"content": content} if content is not None else {}
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        about = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
        self.raw(f"data: {json.dumps({**about, 'choices': [choice]})}\n\n")

    def end(self) -> None:
        self.chunk(None, "stop")
        self.raw("data: [DONE]\n\n")

    def wait_for_hang_up(self) -> None:
        """Says nothing more until the client goes, or the test ends."""
        while not self.model.ended.is_set():
            self.raw(": waiting\n\n")
            time.sleep(0.02)


def saying(text: str, pause: float = 0.0) -> Script:
    """A script that says a text word by word, with a pause before each."""

    def script(reply: Reply, body: dict[str, Any]) -> None:
        reply.head()
        for word in re.findall(r"\S+\s*", text):
            time.sleep(pause)
            reply.chunk(word)
        reply.end()

    return script


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Several clients at a time; the default makes the sixth wait a second.
    request_queue_size = 64


@contextmanager
def scripted(script: Script) -> Iterator[ScriptedModel]:
    """The server while the test goes on."""
    model = ScriptedModel(url="")
    handler = type("Handler", (Reply,), {"model": model, "script": script})
    server = _Server(("127.0.0.1", 0), handler)
    model.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield model
    finally:
        model.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
