"""A small reverse proxy, as a process of its own: `python tests/proxy.py PORT` prints the port that it listens on.

It does what nginx does with `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for`: keeps what the client sent
there, and adds the address that it was called from at the right.
"""

from __future__ import annotations

import asyncio
import sys


async def serve(upstream: int) -> None:
    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        addresses = [value for name, value in headers if name.lower() == "x-forwarded-for"]
        addresses.append(writer.get_extra_info("peername")[0])
        kept = [each for each in headers if each[0].lower() not in {"x-forwarded-for", "connection"}]
        kept += [("X-Forwarded-For", ", ".join(addresses)), ("Connection", "close")]
        there, back = None, None
        try:
            there, back = await asyncio.open_connection("127.0.0.1", upstream)
            back.write("\r\n".join([first, *(f"{name}: {value}" for name, value in kept), "", ""]).encode("latin-1"))
            back.write(await reader.readexactly(length))
            await back.drain()
            while piece := await there.read(65536):
                writer.write(piece)
            await writer.drain()
        finally:
            for each in (back, writer):
                if each is not None:
                    each.close()

    server = await asyncio.start_server(passed_on, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
