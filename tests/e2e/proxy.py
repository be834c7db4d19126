"""A reverse proxy in a process of its own, which passes HTTP and WebSockets on and says for whom.

`python proxy.py PORT ADDRESS`: to the server at this port of 127.0.0.1, from this address of the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

HOST = "127.0.0.1"
END_OF_HEAD = b"\r\n\r\n"


@contextmanager
def proxy_before(server_url: str, address: str) -> Iterator[str]:
    """The URL of a proxy that asks the server from `address`, one of this machine's."""
    # By its file: where pytest was started, and from where it imports, makes no difference.
    command = [sys.executable, __file__, str(urlsplit(server_url).port), address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://{HOST}:{int(process.stdout.readline())}"
        finally:
            process.terminate()


async def serve(port: int, address: str) -> None:
    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = forwarded(await reader.readuntil(END_OF_HEAD), writer.get_extra_info("peername")[0])
            answers, requests = await asyncio.open_connection(HOST, port, local_addr=(address, 0))
            requests.write(head)
            await asyncio.gather(copy(reader, requests), copy(answers, writer))
        writer.close()

    server = await asyncio.start_server(pass_on, HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def forwarded(head: bytes, client: str) -> bytes:
    """The head of a request, with the client after whatever it said itself about for whom it asks, as nginx's
    `$proxy_add_x_forwarded_for`; of HTTP, a connection passes one request on."""
    first, *lines = head.removesuffix(END_OF_HEAD).decode("latin-1").split("\r\n")
    fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    said = [value for name, value in fields if name.lower() == "x-forwarded-for"]
    upgrades = any(name.lower() == "upgrade" for name, _ in fields)
    left_out = {"x-forwarded-for"} if upgrades else {"x-forwarded-for", "connection"}
    kept = [f"{name}: {value}" for name, value in fields if name.lower() not in left_out]
    added = [f"X-Forwarded-For: {', '.join([*said, client])}", *([] if upgrades else ["Connection: close"])]
    return "\r\n".join([first, *kept, *added]).encode("latin-1") + END_OF_HEAD


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(2**16):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
