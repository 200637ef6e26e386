"""`python -m faults.provider FOLDER`: providers that count what they took, and misbehave as told.

Two speak SMTP: one drops a second message with the same Message-ID, as EMAIL_DROPS_DOUBLES says, the other drops
nothing. The third speaks Twilio's HTTP API for text messages: it knows no key, says what it has if it is asked, and
reports what becomes of a text (sent, then delivered or not) to the address that came with it, signed as Twilio signs.
It shares no code with the product: what the two agree on is the protocol.

They are a process of their own, so that killed workers leave them a broken connection and nothing else. They are slow
by real time; what they write down has the time of the folder's clock, as a clinic and its provider read the same time.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import hashlib
import hmac
import json
import re
import secrets
import socket
import sys
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from faults.clock import Clock

EMAIL, PLAIN, TEXT = "email", "plain-email", "sms"
ACCOUNT, TOKEN = "ACfaults000000000000000000000000", "faults-only"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CODES = {401: 20003, 404: 20404, 429: 20429}  # of Twilio; a fault of its own (500) has none
LISTED_BY = {"To": "to", "From": "from", "DateSent": "date_sent"}

IN_TIME, DOUBLED, LATE, REVERSED = "in time", "doubled", "late", "in the wrong order"
MANNERS = (IN_TIME, DOUBLED, IN_TIME, LATE, IN_TIME, REVERSED)  # of the reports of one text after the other
A_STEP = 2.0  # seconds of the clock from taken to sent, and from there to delivered
LATE_BY = 180.0  # seconds of the clock: the product has asked by then
POSTS = 10  # of one report, a second apart, as long as nobody takes it; Twilio gives up sooner
UNREACHABLE = 30003  # why a text was not delivered: the phone is off


@dataclass
class Behavior:
    """How one provider behaves from now on."""

    is_down: bool = False  # nobody listens: whoever connects is refused
    swallows: bool = False  # packets to it are dropped: no connection is made, and none is refused
    delay: float = 0.0  # seconds until it takes a message
    silent_before: bool = False  # never takes it, never answers
    silent_after: int = 0  # takes it and never answers, the first try of every so many messages
    answers: list[int] = field(default_factory=list)  # refusals for the first so many tries
    refuse_every: int = 0  # and then 500 (451 by SMTP) at every so many tries
    takes_some_refused: bool = False  # every other message at which it said so
    retry_after: int = 0  # seconds, sent along with 429 and 503
    reports: bool = False  # what becomes of a text, in all MANNERS
    holds_reports: bool = False  # until it is told otherwise
    fails_every: int = 0  # takes it and does not deliver it, one text of so many


@dataclass
class Taken:
    """A message that it took; `is_double` if it dropped it as a repetition."""

    channel: str
    key: str  # by which a repetition is known: the Message-ID, or the number of a text
    to: str
    is_double: bool
    is_failed: bool = False  # and not delivered: the person never got it


class Provider:
    """All servers and what they took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock(folder / "clock")
        self.speak = {
            EMAIL: functools.partial(self._smtp, EMAIL),
            PLAIN: functools.partial(self._smtp, PLAIN),
            TEXT: self._http,
        }
        self.behaviors = {channel: Behavior() for channel in self.speak}
        self.sockets: dict[str, list[asyncio.Server | socket.socket]] = {}
        self.ports: dict[str, int] = {}
        self.taken: list[Taken] = []
        self.texts: list[dict[str, Any]] = []  # as its API shows them, oldest first
        self.under_way: set[asyncio.Task[None]] = set()  # what becomes of texts, and what is to be reported
        self.reports: Counter[str] = Counter()  # by how they were answered in the end; 0: by nobody
        self.seen: set[tuple[str, str]] = set()
        self.tries: Counter[str] = Counter()  # by channel
        self.tries_of: Counter[tuple[str, str]] = Counter()
        self.order: dict[tuple[str, str], int] = {}  # which message of its channel this one is
        self.hanging: dict[str, list[str]] = {channel: [] for channel in self.speak}  # to whom
        self.unanswered: dict[str, list[str]] = {channel: [] for channel in self.speak}

    async def run(self) -> None:
        """Serve until the process ends. The ports stand in the folder's `ports.json`."""
        for channel in self.speak:
            await self._listen(channel)
        control = await asyncio.start_server(self._control, "127.0.0.1", 0)
        ports = {**self.ports, "control": control.sockets[0].getsockname()[1]}
        note = self.folder / "ports.new"
        note.write_text(json.dumps(ports))
        note.rename(self.folder / "ports.json")
        await control.serve_forever()

    async def _listen(self, channel: str) -> None:
        server = await asyncio.start_server(self.speak[channel], "127.0.0.1", self.ports.get(channel, 0), limit=2**20)
        self.sockets[channel] = [server]
        self.ports[channel] = server.sockets[0].getsockname()[1]

    async def _set(self, channel: str, behavior: Behavior) -> None:
        before, self.behaviors[channel] = self.behaviors[channel], behavior
        if (behavior.is_down, behavior.swallows) == (before.is_down, before.swallows):
            return
        for each in self.sockets.pop(channel, []):
            each.close()
        if behavior.swallows:
            self.sockets[channel] = [*_full_queue(self.ports[channel])]
        elif not behavior.is_down:
            await self._listen(channel)

    async def _take(
        self, channel: str, key: str, to: str, reader: asyncio.StreamReader, text: Mapping[str, str] | None = None
    ) -> int | None:
        """What to answer; None: nothing at all, whoever asked has gone. `text`: as Twilio's API names its parts."""
        how = self.behaviors[channel]
        number = self.tries[channel] = self.tries[channel] + 1
        own = self.tries_of[channel, key] = self.tries_of[channel, key] + 1
        place = self.order.setdefault((channel, key), len(self.order) + 1)
        if how.silent_before:
            return await self._hang(channel, to, reader)
        if how.answers:
            return how.answers.pop(0)
        if how.refuse_every and number % how.refuse_every == 0:
            if how.takes_some_refused and number // how.refuse_every % 2:
                self._keep(channel, key, to, text)
            return 500
        if how.delay:
            await asyncio.sleep(how.delay)
        self._keep(channel, key, to, text)
        if how.silent_after and own == 1 and place % how.silent_after == 0:
            return await self._hang(channel, to, reader)
        return 200

    def _keep(self, channel: str, key: str, to: str, text: Mapping[str, str] | None) -> None:
        """From here on the message is taken, whatever is said of it."""
        is_double = channel == EMAIL and (channel, key) in self.seen
        self.seen.add((channel, key))
        taken = Taken(channel, key, to, is_double)
        self.taken.append(taken)
        if text is not None:
            row = {
                "sid": f"SM{secrets.token_hex(16)}",
                "to": to,
                "from": text["From"],
                "body": text["Body"],
                "status": "queued",
                "direction": "outbound-api",
                "date_created": format_datetime(self.clock.now()),
                "date_sent": None,  # as long as it is queued
                "error_code": None,
            }
            self.texts.append(row)
            how, number = self.behaviors[TEXT], len(self.texts)
            steps = ["sent", "undelivered" if how.fails_every and number % how.fails_every == 0 else "delivered"]
            self._meanwhile(self._becomes(steps, row, taken))
            if how.reports and (address := text.get("StatusCallback")):
                self._meanwhile(self._tell(steps, row, address, manner=MANNERS[number % len(MANNERS)]))

    def _meanwhile(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(what)
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def _becomes(self, steps: Sequence[str], row: dict[str, Any], taken: Taken) -> None:
        """What becomes of a text."""
        for status in steps:
            await self._pass(A_STEP)
            row |= {"status": status, "date_sent": row["date_sent"] or format_datetime(self.clock.now())}
            if status == "undelivered":
                row["error_code"], taken.is_failed = UNREACHABLE, True

    async def _tell(self, steps: Sequence[str], row: Mapping[str, Any], address: str, *, manner: str) -> None:
        """The reports of it, one after the other."""
        await self._pass({LATE: LATE_BY, REVERSED: 2 * A_STEP}.get(manner, 0))
        for status in reversed(steps) if manner == REVERSED else steps:
            if manner in (IN_TIME, DOUBLED):
                await self._pass(A_STEP)
            await self._report(row, status, address, times=2 if manner == DOUBLED else 1)

    async def _pass(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.clock.rate)

    async def _report(self, row: Mapping[str, Any], status: str, address: str, *, times: int) -> None:
        """Post it until somebody takes it or refuses it, and not forever."""
        while self.behaviors[TEXT].holds_reports:
            await asyncio.sleep(0.05)
        said = {"MessageSid": row["sid"], "MessageStatus": status, "To": row["to"], "From": row["from"]}
        said["AccountSid"] = ACCOUNT
        if status == "undelivered":
            said["ErrorCode"] = str(UNREACHABLE)
        for _ in range(times):
            for _ in range(POSTS):
                answer = await _posted(address, said)
                if 0 < answer < 500:
                    break
                await asyncio.sleep(1)
            self.reports[str(answer)] += 1

    async def _hang(self, channel: str, to: str, reader: asyncio.StreamReader) -> None:
        self.hanging[channel].append(to)
        self.unanswered[channel].append(to)
        with contextlib.suppress(OSError):
            while await reader.read(1000):
                pass
        self.hanging[channel].remove(to)

    async def _smtp(self, channel: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
                answer = await self._take(channel, found.group(1) if found else "", to, reader)
                if answer is None:
                    break
                say({200: "250 taken", 429: "421 later", 500: "451 try again"}.get(answer, f"{answer} no"))
        with contextlib.suppress(OSError):
            writer.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of Twilio's API: take this message, or which messages have you?"""
        how = self.behaviors[TEXT]
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            first, headers, body = await _request(reader)
            method, address = first.split()[:2]
            where = urlsplit(address)
            said: dict[str, Any] | None = None
            if headers.get("authorization") != f"Basic {base64.b64encode(f'{ACCOUNT}:{TOKEN}'.encode()).decode()}":
                status: int | None = 401
            elif where.path != MESSAGES:
                status = 404
            elif method == "GET":
                status = await self._hang(TEXT, "", reader) if how.silent_before else 200
                said = {"messages": self._listed(dict(parse_qsl(where.query)))}
            else:
                text = dict(parse_qsl(body.decode()))
                status = await self._take(TEXT, text["To"], text["To"], reader, text)
                if status == 200:
                    status, said = 201, self.texts[-1]
            if status is not None:
                if said is None and status in CODES:
                    said = {"code": CODES[status], "message": "No.", "status": status}
                wait = f"Retry-After: {how.retry_after}\r\n" if how.retry_after and status in (429, 503) else ""
                _say(writer, f"{status} said", said, more=wait)
        with contextlib.suppress(OSError):
            writer.close()

    def _listed(self, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        """The texts that it has for a number, newest first."""
        wanted = {LISTED_BY[name]: value for name, value in asked.items() if name in LISTED_BY}
        found = [each for each in reversed(self.texts) if wanted.items() <= each.items()]
        return found[: int(asked.get("PageSize", "50"))]

    async def _control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            first, _, body = await _request(reader)
            method, path = first.split()[:2]
            if method == "PUT":
                await self._set(path.strip("/"), Behavior(**json.loads(body)))
            counts = {
                "hanging": self.hanging,
                "tries": self.tries,
                "unanswered": self.unanswered,
                "reports": self.reports,
                "under_way": len(self.under_way),
            }
            taken = [asdict(each) for each in self.taken] if path == "/taken" else []
            _say(writer, "200 OK", {**counts, "taken": taken})
            await writer.drain()
        writer.close()


def _full_queue(port: int) -> list[socket.socket]:
    """A listener that accepts nobody, and those that fill its queue: the system drops the packets of all others."""
    listener, *filling = sockets = [socket.socket() for _ in range(4)]
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(0)
    for each in filling:
        each.setblocking(False)
        each.connect_ex(("127.0.0.1", port))
    return sockets


def signature(address: str, sent: Mapping[str, str]) -> str:
    """https://www.twilio.com/docs/usage/security: over the address, then each name and value in the order of names."""
    signed = address + "".join(f"{name}{sent[name]}" for name in sorted(sent))
    return base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()).decode()


async def _posted(address: str, sent: Mapping[str, str]) -> int:
    """How a form was answered, posted and signed; 0 if by nobody."""
    where, form = urlsplit(address), urlencode(sent).encode()
    head = [
        f"POST {where.path}?{where.query} HTTP/1.1",
        f"Host: {where.netloc}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(form)}",
        f"X-Twilio-Signature: {signature(address, sent)}",
        "Connection: close",
    ]
    try:
        async with asyncio.timeout(15):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            try:
                writer.write("\r\n".join([*head, "", ""]).encode() + form)
                return int((await reader.readline()).split()[1])
            finally:
                writer.close()
    except (OSError, ValueError, IndexError):  # a time-out among them, and a server that ended meanwhile
        return 0


def _say(writer: asyncio.StreamWriter, status: str, said: dict[str, Any] | None, *, more: str = "") -> None:
    """Answer in JSON; None as a server in trouble does."""
    content = b"<html>Trouble</html>" if said is None else json.dumps(said).encode()
    head = f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + content)


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs: list[Any] = [line.partition(":")[::2] for line in head[1:] if ":" in line]
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    return head[0], headers, await reader.readexactly(int(headers.get("content-length", 0)))


if __name__ == "__main__":
    asyncio.run(Provider(Path(sys.argv[1])).run())
