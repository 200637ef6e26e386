"""python -m bench.pages [--clients N] [--rounds N] [--write] [--fresh]: what each page costs over real HTTP.

Each page is opened beside an empty view through the same middleware, a plain hand-written view of the same rows, and
the stock admin over the same models, all in one shuffled order: what else the machine does meets all of them alike.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from bench.browsing import Answer, Browser
    from bench.catalog import Page

    Key = tuple[str, str]  # a page's name, and what was opened for it: the page itself is ""
    Calls = dict[Key, Callable[[], Answer]]

FULL, SMALLEST = 100_000, 50
ROUNDS = 15
WARM_UP = 3
AT_ONCE, SECONDS_AT_ONCE = 8, 4.0
PLAIN, ADMIN, TENTH = "plain", "admin", "tenth"


@dataclass(frozen=True)
class Cost:
    """What one page costs: medians, and the middle half of the times."""

    milliseconds: float
    spread: tuple[float, float]
    sql: float
    queries: int
    kilobytes: float


def main() -> None:
    """Build what is missing, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages")
    parser.add_argument("--clients", type=int, default=FULL, help="the large clinic (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="times each page is opened (default %(default)s)")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md, too")
    parser.add_argument("--fresh", action="store_true", help="build the clinics anew")
    asked = parser.parse_args()
    if asked.clients < 10 * SMALLEST:
        parser.error(f"at least {10 * SMALLEST} clients")
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()
    run(clients=asked.clients, rounds=asked.rounds, is_written=asked.write, is_fresh=asked.fresh)


def run(*, clients: int, rounds: int, is_written: bool, is_fresh: bool) -> None:
    """One run."""
    from bench import table
    from bench.catalog import pages, subjects
    from bench.kept import database, on
    from bench.serving import served, session_of

    began = time.monotonic()
    tenth, full = (database(each, is_fresh=is_fresh) for each in (clients // 10, clients))
    print(f"  clinics are there after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    with served(full) as port, served(tenth) as small_port:
        calls: Calls = {}
        for name, at in ((full, port), (tenth, small_port)):
            with on(name):
                found = subjects()
                sessions = {role: session_of(each) for role, each in found.people.items()}
                listed = pages(found)
            calls |= _calls(listed, sessions, at, is_tenth=name == tenth, version=found.other_draft.version)
            if name == full:
                lines, of_full = listed, sessions
        costs = measured(calls, rounds)
        rates = {
            which: at_once(port, of_full[role], url)
            for which, role, url in (
                ("ours", "counselor", lines[0].url),
                (PLAIN, "counselor", lines[0].plain),
                (ADMIN, "administrator", lines[0].admin),
            )
        }
    rows = table.rows(lines, costs)
    print(table.printed(rows, costs["", "empty"], rates, clients=clients, rounds=rounds))
    if is_written:
        table.write(rows, costs["", "empty"], rates, clients=clients, rounds=rounds)


def _calls(
    listed: list[Page], sessions: dict[str, dict[str, str]], port: int, *, is_tenth: bool, version: int
) -> Calls:
    """What to open, by page and kind."""
    from bench.browsing import Browser

    browsers = {role: Browser(port, session) for role, session in sessions.items()}
    calls: Calls = {}
    if not is_tenth:
        calls["", "empty"] = opening(browsers["counselor"], "/bench/empty/")
    for page in listed:
        own = browsers[page.role]
        made = Saving(own, page.url) if page.is_save else opening(own, page.url)
        calls[page.name, TENTH if is_tenth else ""] = made
        if is_tenth:
            continue
        if page.plain:
            calls[page.name, PLAIN] = (
                PlainSaving(own, page.plain, version) if page.is_save else opening(own, page.plain)
            )
        if page.admin:
            calls[page.name, ADMIN] = opening(browsers["administrator"], page.admin)
    return calls


def opening(browser: Browser, url: str) -> Callable[[], Answer]:
    """Open a page, and check that it opened."""

    def open_page() -> Answer:
        answer = browser.get(url)
        if answer.status != 200:
            raise RuntimeError(f"{url} answered {answer.status}")
        return answer

    return open_page


class Saving:
    """A draft that is saved again and again while someone types, as its page's script does."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.fields: dict[str, str] = {}
        self.typed = 0

    def __call__(self) -> Answer:
        from bench.browsing import Fields

        if not self.fields:
            self.fields = Fields(self.browser.get(self.url).body).as_dict()
        self.typed += 1
        self.fields["section_data"] = f"Sample: typed {self.typed} words, at {time.time()}."
        answer = self.browser.post(self.url, self.fields, **{"X-Autosave": "1"})
        if answer.status != 200:
            raise RuntimeError(f"{self.url} answered {answer.status}: {answer.body[:300]!r}")
        said = json.loads(answer.body)
        self.fields |= {"version": str(said["version"]), "was": json.dumps(said["was"])}
        return answer


class PlainSaving:
    """The same through the plain view."""

    def __init__(self, browser: Browser, url: str, version: int) -> None:
        self.browser, self.url, self.version = browser, url, version

    def __call__(self) -> Answer:
        if not self.browser.token():
            self.browser.get("/clients/")
        fields = {"csrfmiddlewaretoken": self.browser.token(), "version": str(self.version)}
        fields |= {f"section_{key}": f"Sample: {time.time()}" for key in ("data", "assessment", "plan")}
        answer = self.browser.post(self.url, fields)
        if answer.status != 302:
            raise RuntimeError(f"{self.url} answered {answer.status}")
        self.version += 1
        return answer


def measured(calls: Calls, rounds: int) -> dict[Key, Cost]:
    """Every page so many times, shuffled anew each round; the first rounds only warm up."""
    answers: dict[Key, list[Answer]] = defaultdict(list)
    chance = random.Random(10)
    order = list(calls)
    for place in range(WARM_UP + rounds):
        chance.shuffle(order)
        for key in order:
            answer = calls[key]()
            if place >= WARM_UP:
                answers[key].append(answer)
        print(f"  round {place + 1} of {WARM_UP + rounds}", file=sys.stderr, flush=True)
    return {key: _cost(found) for key, found in answers.items()}


def _cost(answers: list[Answer]) -> Cost:
    times = [each.milliseconds for each in answers]
    low, middle, high = statistics.quantiles(times, n=4) if len(times) > 1 else (times * 3)
    return Cost(
        milliseconds=middle,
        spread=(low, high),
        sql=statistics.median(each.sql for each in answers),
        queries=round(statistics.median(each.queries for each in answers)),
        kilobytes=statistics.median(len(each.body) for each in answers) / 1_000,
    )


def at_once(port: int, session: dict[str, str], url: str) -> float:
    """Pages a second when eight people open them without a pause."""
    from bench.browsing import Browser

    done: list[int] = []
    until = time.monotonic() + SECONDS_AT_ONCE

    def opens() -> None:
        browser, number = Browser(port, session), 0
        while time.monotonic() < until:
            if browser.get(url).status == 200:
                number += 1
        done.append(number)

    threads = [threading.Thread(target=opens) for _ in range(AT_ONCE)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(done) / SECONDS_AT_ONCE


if __name__ == "__main__":
    main()
