"""python -m bench.load [--clients N] [--seconds N]: 20 counselors at work, each with a second of thought between pages.

What they open is drawn by chance, charts most often; one time in eight they write: the note editor and two autosaves.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from bench.browsing import Answer

COUNSELORS, SECONDS, THOUGHT = 20, 180, 1.0
FULL = 100_000
REQUESTS, P95 = 20.0, 500.0  # goals: a second, and milliseconds


def main() -> None:
    """Build what is missing, put the load on, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.load")
    parser.add_argument("--clients", type=int, default=FULL, help="the clinic (default %(default)s)")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long (default %(default)s)")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()
    from bench.kept import database, on
    from bench.serving import served, session_of
    from staff.models import StaffMember

    name = database(asked.clients)
    with on(name):
        staff = list(StaffMember.objects.filter(role="counselor").order_by("pk")[:COUNSELORS])
        share = -(-COUNSELORS // len(staff))  # in a small clinic some are one person at several desks
        days = [
            Day(each.pk, session_of(each), drafts=slice(place // len(staff), None, share))
            for place, each in enumerate((staff * share)[:COUNSELORS])
        ]
    with served(name) as port:
        until = time.monotonic() + asked.seconds
        threads = [threading.Thread(target=each.work, args=(port, until)) for each in days]
        began = time.monotonic()
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        took = time.monotonic() - began
    print(said(days, took))


class Day:
    """One counselor's work."""

    def __init__(self, staff_member: int, session: dict[str, str], *, drafts: slice) -> None:
        from cases.models import Client
        from counseling.models import SessionNote
        from groups.models import Group
        from staff.models import StaffMember

        by = StaffMember.objects.get(pk=staff_member)
        self.session = session
        in_care = Client.objects.visible_to(by).filter(episodes__discharged_on=None)
        self.clients = list(in_care.values_list("pk", flat=True))
        own = SessionNote.objects.drafts().filter(author=by).order_by("pk")
        self.drafts = list(own.values_list("client_id", "pk"))[drafts]
        signed = SessionNote.objects.signed().filter(author=by, client__in=self.clients).order_by("-pk")
        self.notes = list(signed.values_list("client_id", "pk")[:200])
        self.groups = list(Group.objects.filter(facilitators=by, ends_on=None).values_list("pk", flat=True))
        self.chance = random.Random(staff_member)
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()

    def work(self, port: int, until: float) -> None:
        """Until then."""
        from bench.browsing import Browser
        from bench.pages import Saving, opening

        self.browser = Browser(port, self.session)
        time.sleep(self.chance.random() * THOUGHT)
        while time.monotonic() < until:
            if self.drafts and self.chance.random() < 1 / 8:
                client, note = self.chance.choice(self.drafts)
                saving = Saving(self.browser, f"/clients/{client}/notes/{note}/")
                self._time("note editor", opening(self.browser, saving.url))
                for _ in range(2):
                    self._time("autosave", saving)
            else:
                what, url = self._page()
                self._time(what, opening(self.browser, url))
            time.sleep(THOUGHT)

    def _page(self) -> tuple[str, str]:
        client = self.chance.choice(self.clients)
        of_client, note = self.chance.choice(self.notes)
        pages = [
            (8, "chart", f"/clients/{client}/"),
            (3, "Today", "/"),
            (2, "list of clients", "/clients/"),
            (2, "notes list", f"/clients/{client}/notes/"),
            (2, "note page", f"/clients/{of_client}/notes/{note}/"),
            (1, "plan", f"/clients/{client}/plan/"),
            (1, "timeline", f"/clients/{client}/timeline/"),
            (1, "measures", f"/clients/{client}/notes/measures/"),
            *((1, "group page", f"/groups/{each}/") for each in self.groups[:1]),
        ]
        return self.chance.choices([(what, url) for _, what, url in pages], [often for often, _, _ in pages])[0]

    def _time(self, what: str, call: Callable[[], Answer]) -> None:
        try:
            answer = call()
        except (RuntimeError, OSError, KeyError) as fault:
            self.errors[f"{what}: {fault}"[:120]] += 1
        else:
            self.times[what].append(answer.milliseconds)


def said(days: list[Day], took: float) -> str:
    """The figures beside their goals."""
    by_page: dict[str, list[float]] = defaultdict(list)
    for day in days:
        for what, found in day.times.items():
            by_page[what] += found
    times = [each for found in by_page.values() for each in found]
    errors: Counter[str] = sum((day.errors for day in days), Counter())
    if len(times) < 2:
        return f"Nothing was answered. {dict(errors)}"
    rate, (p50, p95) = len(times) / took, _percentiles(times)
    lines = [f"\n{len(days)} counselors, {THOUGHT:g} s of thought each, {took:.0f} s"]
    lines += [
        f"  {what:<16} {len(found):>5} × p50 {_percentiles(found)[0]:>6.0f} ms  p95 {_percentiles(found)[1]:>6.0f} ms"
        for what, found in sorted(by_page.items())
        if len(found) > 1
    ]
    lines += [
        _red(f"requests/s {rate:.1f} (goal ≥ {REQUESTS:g})", rate < REQUESTS),
        f"p50 {p50:.0f} ms",
        _red(f"p95 {p95:.0f} ms (goal ≤ {P95:g})", p95 > P95),
        _red(f"errors {sum(errors.values())} (goal 0)", bool(errors)),
        *(f"  {number} × {what}" for what, number in errors.most_common(5)),
    ]
    return "\n".join(lines)


def _percentiles(times: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return cuts[9], cuts[18]


def _red(text: str, is_missed: bool) -> str:
    return f"\033[31m{text}\033[0m" if is_missed and sys.stdout.isatty() else text + ("!" if is_missed else "")


if __name__ == "__main__":
    main()
