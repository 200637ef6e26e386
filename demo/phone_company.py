"""A phone company on this machine: a server that speaks the part of Twilio's HTTP API that Onward uses.

It keeps what it takes, reports back, and passes on replies, signed as Twilio signs. `make run` starts it for the demo;
tests tell it to be slow, to say no, or to take a message and never answer. It needs no network and only the standard
library, and shares no code with the product: what the two agree on is the protocol.

    python -m demo.phone_company --port 8900 --folder .local/mailbox
"""

from __future__ import annotations

import argparse
import base64
import collections
import datetime
import hashlib
import hmac
import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

ACCOUNT = "ACdemo00000000000000000000000000"
TOKEN = "demo-phone-company"  # noqa: S105  # public on purpose: it opens nothing but this
PREFIXES = {"Messages": "SM", "Calls": "CA"}


@dataclass
class Answer:
    """What it says instead of taking a message. Without a code it answers as a server in trouble does: no JSON."""

    status: int
    code: int = 0
    retry_after: str = ""


@dataclass
class Behavior:
    """How it behaves; a test sets it, or a POST to /_behave."""

    slow: float = 0  # seconds before it does anything
    hang: float = 0  # seconds between taking a message and answering
    next: collections.deque[Answer] = field(default_factory=collections.deque)  # for the next requests, one each
    refuse: dict[str, Answer] = field(default_factory=dict)  # by number
    report: dict[str, tuple[str, str]] = field(default_factory=dict)  # by number: last status, error code
    hide: bool = False  # its lists answer with a fault
    reports: bool = True


class PhoneCompany(ThreadingHTTPServer):
    """The server. Used as a context it runs in a thread of its own; `taken` is what it took, oldest first."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(
        self, port: int = 0, *, account: str = ACCOUNT, token: str = TOKEN, folder: Path | None = None
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.account, self.token, self.folder = account, token, folder
        self.incoming_url = os.environ.get("INCOMING_URL", "")
        self.behavior = Behavior()
        self.asked: list[tuple[str, str]] = []
        self.taken: list[dict[str, Any]] = self._kept()
        self.reported: list[int] = []  # the statuses with which reports were answered
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Its address, for TWILIO_API_URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def bodies(self, kind: str = "Messages") -> list[str]:
        """The texts it took."""
        return [row["body"] for row in self.taken if row["kind"] == kind and row["direction"] != "inbound"]

    def take(self, kind: str, sent: Mapping[str, str]) -> dict[str, Any]:
        """Take a message; from here on it exists, whether or not the answer arrives."""
        row = {
            "sid": PREFIXES[kind] + secrets.token_hex(16),
            "kind": kind,
            "to": sent.get("To", ""),
            "from": sent.get("From", ""),
            "body": sent.get("Body", sent.get("Twiml", "")),
            "status": "queued",
            "direction": "outbound-api",
            "date_created": format_datetime(datetime.datetime.now(datetime.UTC)),
            "date_sent": None,
            "error_code": None,
            "callback": sent.get("StatusCallback", ""),
        }
        with self._lock:
            self.taken.append(row)
        self._keep(row)
        if row["callback"] and self.behavior.reports:
            threading.Thread(target=self._report, args=(row,), daemon=True).start()
        return row

    def pass_on(self, *, sender: str, to: str, body: str, sid: str = "") -> int:
        """Somebody texts the clinic: post it to the clinic's address, signed. Returns the status of the answer."""
        sid = sid or "SM" + secrets.token_hex(16)
        sent = {"MessageSid": sid, "AccountSid": self.account, "From": sender, "To": to, "Body": body, "NumMedia": "0"}
        row = {
            "sid": sid,
            "kind": "Messages",
            "to": to,
            "from": sender,
            "body": body,
            "status": "received",
            "direction": "inbound",
            "date_created": format_datetime(datetime.datetime.now(datetime.UTC)),
        }
        with self._lock:
            self.taken.append(row)
        self._keep(row)
        return self.post(self.incoming_url, sent)

    def post(self, url: str, sent: Mapping[str, str], *, signature: str | None = None) -> int:
        """Post a form, signed as Twilio signs. Returns the status; 0 if nobody answers."""
        request = urllib.request.Request(  # noqa: S310  # an address that the clinic gave
            url,
            data=urlencode(sent).encode(),
            headers={"X-Twilio-Signature": self.sign(url, sent) if signature is None else signature},
        )
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310  # nosec B310 - the same
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def sign(self, url: str, sent: Mapping[str, str]) -> str:
        """https://www.twilio.com/docs/usage/security: the address, then each name and value in the order of names."""
        signed = url + "".join(f"{name}{sent[name]}" for name in sorted(sent))
        return base64.b64encode(hmac.new(self.token.encode(), signed.encode(), hashlib.sha1).digest()).decode()

    def _report(self, row: dict[str, Any]) -> None:
        last, code = self.behavior.report.get(row["to"], ("", ""))
        text = row["kind"] == "Messages"
        steps = ["sent", last or "delivered"] if text else [last or "completed"]
        name, state = ("MessageSid", "MessageStatus") if text else ("CallSid", "CallStatus")
        for status in steps:
            row["status"] = status
            row["date_sent"] = row["date_sent"] or format_datetime(datetime.datetime.now(datetime.UTC))
            sent = {name: row["sid"], state: status, "To": row["to"], "From": row["from"], "AccountSid": self.account}
            if code and status == steps[-1]:
                sent["ErrorCode"] = code
                row["error_code"] = int(code)
            self.reported.append(self.post(row["callback"], sent))

    def _keep(self, row: dict[str, Any]) -> None:
        """For the demo's mailbox page, which shows what people would see on their phones."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{row['sid']}"
        draft.write_text(json.dumps(row))
        draft.rename(self.folder / f"{row['sid']}.json")

    def _kept(self) -> list[dict[str, Any]]:
        files = sorted(self.folder.glob("*.json"), key=lambda file: file.stat().st_mtime) if self.folder else []
        return [json.loads(file.read_text()) for file in files]


class _Handler(BaseHTTPRequestHandler):
    server: PhoneCompany
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing: what people write to each other belongs in no log."""

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if where.path == "/_taken":
            return self._say(200, {"taken": self.server.taken})
        kind = self._kind(where.path)
        if kind is None:
            return None
        if self.server.behavior.hide:
            return self._say(500, None)
        wanted = dict(parse_qsl(where.query))
        rows = [row for row in reversed(self.server.taken) if row["kind"] == kind and _is_among(row, wanted)]
        return self._say(200, {kind.lower(): rows[: int(wanted.get("PageSize", "50"))]})

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        where = urlsplit(self.path).path
        if where == "/_behave":
            return self._behave(json.loads(sent))
        if where == "/_incoming":
            said = json.loads(sent)
            if url := said.get("url"):
                self.server.incoming_url = url
            status = self.server.pass_on(sender=said["from"], to=said["to"], body=said["body"])
            return self._say(200, {"status": status})
        kind = self._kind(where)
        if kind is None:
            return None
        behavior, form = self.server.behavior, dict(parse_qsl(sent, keep_blank_values=True))
        time.sleep(behavior.slow)
        refusal = behavior.next.popleft() if behavior.next else behavior.refuse.get(form.get("To", ""))
        if refusal is not None:
            headers = {"Retry-After": refusal.retry_after} if refusal.retry_after else {}
            body = {"code": refusal.code, "message": "No.", "status": refusal.status} if refusal.code else None
            return self._say(refusal.status, body, headers)
        row = self.server.take(kind, form)
        time.sleep(behavior.hang)
        return self._say(201, row)

    def _kind(self, path: str) -> str | None:
        """The list or resource of our account; None after saying why not."""
        account = f"{self.server.account}:{self.server.token}".encode()
        expected = f"Basic {base64.b64encode(account).decode()}"
        if not hmac.compare_digest(self.headers.get("Authorization", ""), expected):
            self._say(401, {"code": 20003, "message": "Authenticate", "status": 401})
            return None
        stem = f"/2010-04-01/Accounts/{self.server.account}/"
        kind = path.removeprefix(stem).removesuffix(".json")
        self.server.asked.append((self.command, kind))
        if not path.startswith(stem) or kind not in PREFIXES:
            self._say(404, {"code": 20404, "message": "Not found", "status": 404})
            return None
        return kind

    def _behave(self, said: dict[str, Any]) -> None:
        refuse = {number: Answer(**answer) for number, answer in said.pop("refuse", {}).items()}
        coming = collections.deque(Answer(**answer) for answer in said.pop("next", []))
        report = {number: (status, code) for number, (status, code) in said.pop("report", {}).items()}
        self.server.behavior = Behavior(refuse=refuse, next=coming, report=report, **said)
        self._say(200, {})

    def _say(self, status: int, body: dict[str, Any] | None, headers: Mapping[str, str] | None = None) -> None:
        content = b"<html>Trouble</html>" if body is None else json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if body is None else "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # whoever asked has given up


def _is_among(row: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    sent_on = wanted.get("DateSent") or wanted.get("StartTime")
    return (
        wanted.get("To") in (None, row["to"])
        and wanted.get("From") in (None, row["from"])
        and (sent_on is None or sent_on in str(row.get("date_sent")))
    )


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    company = PhoneCompany(given.port, folder=given.folder)
    print(f"The demo's phone company is at {company.url}", flush=True)  # noqa: T201
    company.serve_forever()


if __name__ == "__main__":
    main()
