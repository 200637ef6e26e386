"""`python -m faults.provider FOLDER`: a provider that counts what it took, and misbehaves as told.

It speaks SMTP (email; a second message with the same Message-ID is dropped, as EMAIL_DROPS_DOUBLES says) and HTTP
(text messages; keys are ignored). It is a process of its own, so that killed workers leave it a broken connection and
nothing else. It goes by real time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

EMAIL, TEXT = "email", "sms"
DROPS_DOUBLES = {EMAIL: True, TEXT: False}


@dataclass
class Behavior:
    """How one channel behaves from now on."""

    is_down: bool = False  # nobody listens
    delay: float = 0.0  # seconds until it takes a message
    silent_before: bool = False  # never takes it, never answers
    silent_after: int = 0  # takes it and never answers, the first try of every so many messages
    answers: list[int] = field(default_factory=list)  # refusals for the first so many tries
    refuse_every: int = 0  # and then 500 (451 by SMTP) at every so many tries
    retry_after: int = 0  # seconds, sent along with 429 and 503


@dataclass
class Taken:
    """A message that it took; `is_double` if it dropped it as a repetition."""

    channel: str
    key: str
    to: str
    is_double: bool


class Provider:
    """Both servers and what they took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.behaviors = {EMAIL: Behavior(), TEXT: Behavior()}
        self.servers: dict[str, asyncio.Server] = {}
        self.ports: dict[str, int] = {}
        self.taken: list[Taken] = []
        self.seen: set[tuple[str, str]] = set()
        self.tries: Counter[str] = Counter()  # by channel
        self.tries_of: Counter[tuple[str, str]] = Counter()
        self.order: dict[tuple[str, str], int] = {}  # which message of its channel this one is
        self.hanging: Counter[str] = Counter()
        self.unanswered: Counter[str] = Counter()

    async def run(self) -> None:
        """Serve until the process ends. The ports stand in the folder's `ports.json`."""
        for channel in (EMAIL, TEXT):
            await self._listen(channel)
        control = await asyncio.start_server(self._control, "127.0.0.1", 0)
        ports = {**self.ports, "control": control.sockets[0].getsockname()[1]}
        note = self.folder / "ports.new"
        note.write_text(json.dumps(ports))
        note.rename(self.folder / "ports.json")
        await control.serve_forever()

    async def _listen(self, channel: str) -> None:
        speak = self._smtp if channel == EMAIL else self._http
        server = await asyncio.start_server(speak, "127.0.0.1", self.ports.get(channel, 0), limit=2**20)
        self.servers[channel] = server
        self.ports[channel] = server.sockets[0].getsockname()[1]

    async def _set(self, channel: str, behavior: Behavior) -> None:
        before, self.behaviors[channel] = self.behaviors[channel], behavior
        if behavior.is_down and not before.is_down:
            self.servers[channel].close()
        elif before.is_down and not behavior.is_down:
            await self._listen(channel)

    async def _take(self, channel: str, key: str, to: str, reader: asyncio.StreamReader) -> int | None:
        """What to answer; None: nothing at all, whoever asked has gone."""
        how = self.behaviors[channel]
        number = self.tries[channel] = self.tries[channel] + 1
        own = self.tries_of[channel, key] = self.tries_of[channel, key] + 1
        place = self.order.setdefault((channel, key), len(self.order) + 1)
        if how.silent_before:
            return await self._hang(channel, reader)
        if how.answers:
            return how.answers.pop(0)
        if how.refuse_every and number % how.refuse_every == 0:
            return 500
        if how.delay:
            await asyncio.sleep(how.delay)
        is_double = DROPS_DOUBLES[channel] and (channel, key) in self.seen
        self.seen.add((channel, key))
        self.taken.append(Taken(channel, key, to, is_double))
        if how.silent_after and own == 1 and place % how.silent_after == 0:
            return await self._hang(channel, reader)
        return 200

    async def _hang(self, channel: str, reader: asyncio.StreamReader) -> None:
        self.hanging[channel] += 1
        self.unanswered[channel] += 1
        with contextlib.suppress(OSError):
            while await reader.read(1000):
                pass
        self.hanging[channel] -= 1

    async def _smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            say("220 provider")
            to = ""
            while line := (await reader.readline()).decode(errors="replace").strip():
                verb = line[:4].upper()
                if verb == "RCPT":
                    to = line.partition("<")[2].partition(">")[0]
                if verb != "DATA":
                    say("221 bye" if verb == "QUIT" else "250 provider")
                    if verb == "QUIT":
                        break
                    continue
                say("354 go on")
                text = (await reader.readuntil(b"\r\n.\r\n")).decode(errors="replace")
                found = re.search(r"^Message-ID:\s*<([^>]*)>", text, re.MULTILINE | re.IGNORECASE)
                answer = await self._take(EMAIL, found.group(1) if found else "", to, reader)
                if answer is None:
                    break
                say({200: "250 taken", 429: "421 later", 500: "451 try again"}.get(answer, f"{answer} no"))
        with contextlib.suppress(OSError):
            writer.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            _, headers, body = await _request(reader)
            answer = await self._take(TEXT, headers.get("idempotency-key", ""), json.loads(body)["to"], reader)
            if answer is not None:
                wait = self.behaviors[TEXT].retry_after
                more = f"Retry-After: {wait}\r\n" if wait and answer in (429, 503) else ""
                writer.write(f"HTTP/1.1 {answer} said\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            writer.close()

    async def _control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            first, _, body = await _request(reader)
            method, path = first.split()[:2]
            if method == "PUT":
                await self._set(path.strip("/"), Behavior(**json.loads(body)))
            counts = {"hanging": self.hanging, "tries": self.tries, "unanswered": self.unanswered}
            taken = [asdict(each) for each in self.taken] if path == "/taken" else []
            said = json.dumps({**counts, "taken": taken}).encode()
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(said)}\r\nConnection: close\r\n\r\n".encode() + said)
            await writer.drain()
        writer.close()


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs: list[Any] = [line.partition(":")[::2] for line in head[1:] if ":" in line]
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    return head[0], headers, await reader.readexactly(int(headers.get("content-length", 0)))


if __name__ == "__main__":
    asyncio.run(Provider(Path(sys.argv[1])).run())
