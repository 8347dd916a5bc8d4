"""The sockets on which the service takes connections: one, or one for each of its processes."""

import socket
import sys
from contextlib import ExitStack

from askreport.errors import SettingError

# Connections that wait to be taken; a burst of ten times the load must be told so, not time out.
BACKLOG = 1_024
# Whether the system deals connections out among several sockets on one address. Where it does not, processes share one
# socket, and the first to wake takes all connections that came at once.
CAN_DEAL = sys.platform == "linux"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; SettingError if it cannot."""
    try:
        return _bound(host, port, is_one_of_many=False)
    except OSError as error:
        raise SettingError(
            f"cannot listen on {host} port {port}: {error.strerror}",
            "Choose another by --port or ASKREPORT_PORT; another askreport may be running there.",
        ) from None


def reserve(listener: socket.socket) -> socket.socket:
    """The listener's address kept for the sockets of ``another``, by one that does not listen itself; it is closed."""
    host, port = listener.getsockname()[:2]
    listener.close()
    return _bound(host, port, is_one_of_many=True, does_listen=False)


def another(reserved: socket.socket) -> socket.socket:
    """One more socket that listens on a reserved address."""
    host, port = reserved.getsockname()[:2]
    return _bound(host, port, is_one_of_many=True)


def _bound(host: str, port: int, is_one_of_many: bool, does_listen: bool = True) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with ExitStack() as undo:
        # Of a socket that names its protocol, and of no other, asyncio switches Nagle's algorithm off, which would hold
        # the second half of every answer back for 40 ms.
        made = undo.enter_context(socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP))
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_one_of_many:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((host, port))
        if does_listen:
            # Before the address is announced: whoever connects now waits until the service accepts.
            made.listen(BACKLOG)
        undo.pop_all()
    return made
