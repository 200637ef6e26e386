"""A browser over real HTTP: one connection kept alive, cookies, and what each answer cost."""

from __future__ import annotations

import gzip
import http.client
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

from bench.counting import QUERIES, SQL

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """One answer: milliseconds until its last byte, queries, milliseconds in the database, and its page."""

    status: int
    milliseconds: float
    queries: int
    sql: float
    body: bytes


class Fields(HTMLParser):
    """What the page's note form would send."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._area = self._select = ""
        self._inside = False
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inside = "data-autosave" in given if tag == "form" else self._inside
        name = given.get("name", "")
        if tag == "option" and self._select and "selected" in given:
            self.found.append((self._select, given.get("value", "")))
        if not self._inside or not name:
            return
        if tag == "textarea":
            self._area = name
            self.found.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio", "submit") or "checked" in given):
            self.found.append((name, given.get("value", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area
        self._select = "" if tag == "select" else self._select
        self._inside = self._inside and tag != "form"

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[-1] = (self._area, self.found[-1][1] + data)

    def as_dict(self) -> dict[str, str]:
        """By name; a note of the benchmark has no field twice."""
        return dict(self.found)


class Browser:
    """Signed in by the session that is handed in."""

    def __init__(self, port: int, session: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies = dict(session)

    def get(self, url: str) -> Answer:
        """Open a page."""
        return self._ask("GET", url, None, {})

    def post(self, url: str, fields: dict[str, str], **headers: str) -> Answer:
        """Send a form."""
        return self._ask("POST", url, urlencode(fields), {"Content-Type": FORM, **headers})

    def token(self) -> str:
        """Of forms, as in the cookie."""
        return self.cookies.get("csrftoken", "")

    def _ask(self, method: str, url: str, body: str | None, more: dict[str, str]) -> Answer:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept-Encoding": "gzip",
            "Sec-Fetch-Site": "same-origin",
            **more,
        }
        began = time.perf_counter()
        try:
            self.connection.request(method, url, body, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):  # the worker closed a connection that was idle
            self.connection.close()
            began = time.perf_counter()
            self.connection.request(method, url, body, headers)
            answer = self.connection.getresponse()
        content = answer.read()
        took = (time.perf_counter() - began) * 1_000
        for each in answer.headers.get_all("Set-Cookie", ()):
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        queries, sql = answer.headers.get(QUERIES, "0"), answer.headers.get(SQL, "0")
        return Answer(answer.status, took, int(queries), float(sql), content)
