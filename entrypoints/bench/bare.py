"""A Litestar application that does nothing, served as Cauri is."""

import sys

import msgspec
import uvloop
from litestar import Litestar, MediaType, get

from adapters.http.server import serve


class Bare(msgspec.Struct):
    body: str


def app(bare: Bare) -> Litestar:
    """One handler, no documentation, no log."""
    body = bare.body.encode()

    @get("/api/payments/status/{payment_id:str}", media_type=MediaType.JSON)
    async def show(payment_id: str) -> bytes:
        return body

    return Litestar([show], openapi_config=None, logging_config=None)


def main() -> None:
    """Serve until killed."""
    bare = msgspec.json.decode(sys.argv[1], type=Bare)
    uvloop.run(serve(app(bare), "127.0.0.1", 0, started=lambda port: print(port, flush=True)))


if __name__ == "__main__":
    main()
