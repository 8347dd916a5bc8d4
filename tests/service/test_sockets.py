"""The sockets of the service: taken addresses, several on one address, no delay."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from askreport.errors import SettingError
from askreport.service.sockets import CAN_DEAL, another, listen, reserve


def test_an_address_of_no_machine_is_an_error() -> None:
    with pytest.raises(SettingError, match=r"cannot listen on 192\.0\.2\.1"):
        listen("192.0.2.1", 0)


def test_no_half_of_an_answer_is_held_back_until_the_first_is_acknowledged() -> None:
    async def accepted() -> int:
        options: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            options.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen("127.0.0.1", 0) as listener:
            async with await asyncio.start_server(note, sock=listener):
                _, writer = await asyncio.open_connection(*listener.getsockname())
                found = await options
                writer.close()
                await writer.wait_closed()
        return found

    # In a thread of its own: the browser's tests keep a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, accepted()).result() != 0


@pytest.mark.skipif(not CAN_DEAL, reason="the system does not deal connections out among sockets")
def test_connections_are_dealt_out_among_the_sockets_of_one_address() -> None:
    with reserve(listen("127.0.0.1", 0)) as reserved, another(reserved) as one, another(reserved) as other:
        port = reserved.getsockname()[1]
        clients = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(64)]
        taken = []
        for listener in (one, other):
            listener.settimeout(0.2)
            count = 0
            while True:
                try:
                    listener.accept()[0].close()
                except TimeoutError:
                    break
                count += 1
            taken.append(count)
        for client in clients:
            client.close()
    assert sum(taken) == 64
    # Both get a fair part; that one gets fewer than ten of 64 happens once in a hundred million times.
    assert min(taken) >= 10


@pytest.mark.skipif(not CAN_DEAL, reason="the system does not deal connections out among sockets")
def test_an_address_that_another_service_shares_among_its_processes_is_taken() -> None:
    with reserve(listen("127.0.0.1", 0)) as reserved, another(reserved), pytest.raises(SettingError):
        listen("127.0.0.1", reserved.getsockname()[1])
