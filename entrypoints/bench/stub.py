"""The provider as another process on the loopback: InstantMaya behind the leanest HTTP there is."""

import asyncio
from typing import cast

import uvloop

from entrypoints.bench.maya import answers
from entrypoints.processes import stopping

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"


class Answering(asyncio.Protocol):
    """Keep-alive; whatever is asked, a checkout is created."""

    def __init__(self, number: int) -> None:
        self._answers, self._got = answers(number), b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        got = self._got + data
        while (end := got.find(b"\r\n\r\n")) >= 0:
            length = got[:end].lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            size = end + 4 + int(length or b"0")
            if len(got) < size:
                break
            body = next(self._answers)
            self._transport.write(HEAD % (len(body), body))
            got = got[size:]
        self._got = got


async def main() -> None:
    """Serve until asked to stop."""
    made = 0

    def connected() -> Answering:
        nonlocal made
        made += 1
        return Answering(made)

    async with stopping() as stop:
        server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await stop.wait()


if __name__ == "__main__":
    uvloop.run(main())
