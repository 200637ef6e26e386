"""python -m bench.finder [--meetings N] [--rounds N]: what finding costs in a directory of very many meetings.

Everything is read as in a clinic: by the application's role, under the policies. All of it is measured in one shuffled
run, beside the plainest query for the nearest and a plain view of the same rows.
"""

from __future__ import annotations

import argparse
import datetime
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import django
import psutil

MEETINGS, ROUNDS = 130_000, 15
ASKED = 25
CITIES = 400
DATABASE = "bench_onward_finder"
# what is measured, beside what, and at most how many times as long
GOALS = {
    "find, nearest": ("raw KNN", 1.5),
    "find, nearest on Tuesday evening": ("raw KNN", None),
    "find, within 10 miles, soonest": ("raw KNN", None),
    "page, nearest": ("plain view", 3.0),
    "page, soonest": ("plain view", 3.0),
    "page, within 2 hours": ("plain view", None),
    "page, Tuesday night": ("plain view", None),
    "page, words": ("plain view", None),
}


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.finder")
    parser.add_argument("--clients", type=int, help=argparse.SUPPRESS)  # `make bench` says it to every part
    parser.add_argument("--meetings", type=int, default=MEETINGS, help="in the directory (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="times each is asked (default %(default)s)")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()
    with database():
        run(meetings=asked.meetings, rounds=asked.rounds)


@contextmanager
def database() -> Iterator[None]:
    """One of its own, migrated by its owner, dropped afterward; Django's connection is the application's."""
    import psycopg
    from django.core.management import call_command

    from bench.kept import on
    from staff.owner import as_owner

    owner = os.environ.get("OWNER_DATABASE_URL") or os.environ["DATABASE_URL"]
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{DATABASE}"')
        try:
            with on(DATABASE):
                with as_owner():
                    call_command("migrate", verbosity=0, skip_checks=True)
                yield
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')


def run(*, meetings: int, rounds: int) -> None:
    """One run on an empty database."""
    from staff.owner import as_owner

    with as_owner():
        by, start = build(meetings)
    times: dict[str, list[float]] = {}
    worked: dict[str, float] = {}
    calls = dict(questions(by, start))
    chance = random.Random(13)
    for place in range(rounds + 2):
        order = list(calls)
        chance.shuffle(order)
        for name in order:
            before = processor_seconds()
            began = time.perf_counter()
            calls[name]()
            took = (time.perf_counter() - began) * 1000
            if place > 1:  # the first two warm up
                times.setdefault(name, []).append(took)
                worked[name] = worked.get(name, 0.0) + processor_seconds() - before
    medians = {name: statistics.median(each) for name, each in times.items()}
    print(f"\nFinding among {meetings:,} meetings, medians of {rounds}")
    for name, took in medians.items():
        beside, goal = GOALS.get(name, ("", None))
        ratio = f"× {took / medians[beside]:.2f} {beside}" if beside else ""
        if beside:
            ratio += f", × {worked[name] / worked[beside]:.2f} by processor time"
        print(f"{name:<36} {took:8.1f} ms  {ratio}{f' (≤ {goal:g})' if goal else ''}", flush=True)


def processor_seconds() -> float:
    """What this process and its database process have worked, whatever else the machine does (that one to 10 ms)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return time.process_time() + sum(psutil.Process(cursor.fetchone()[0]).cpu_times()[:2])


def build(meetings: int) -> tuple[object, tuple[float, float]]:
    """Meetings around four hundred towns of one country, of thirty lists; who asks, and from where."""
    from django.db import connection, transaction
    from django.utils import timezone

    from bench.copying import copied, copy
    from referrals.models import Meeting, MeetingFeed
    from staff.models import Clinic, StaffMember

    chance = random.Random(13)
    clinic = Clinic.objects.create(name="Sample clinic", phone="518-555-0100")
    by = StaffMember.objects.create(clinic=clinic, email="counselor@bench.example", role="counselor")
    kinds = ["aa"] * 20 + ["na"] * 8 + ["al-anon", "smart"]
    lists = [MeetingFeed.objects.create(clinic=clinic, name=f"List {n}", fellowship=f) for n, f in enumerate(kinds)]
    towns = [(25 + 23 * chance.random(), -122 + 50 * chance.random()) for _ in range(CITIES)]

    def rows() -> Iterator[tuple[object, ...]]:
        for n in range(meetings):
            latitude, longitude = towns[int(CITIES * chance.random() ** 2)]
            zone = next(
                zone
                for east, zone in ((-86, "New_York"), (-100, "Chicago"), (-114, "Denver"), (-180, "Los_Angeles"))
                if longitude > east
            )
            yield (
                *(lists[n % len(lists)].pk, f"m{n}", kinds[n % len(kinds)], f"Sample meeting {n}", n % 7),
                datetime.time(chance.choice([6, 7, 8, 9, 12, 12, 17, 18, 18, 19, 19, 19, 20, 21]), 30 * (n % 2)),
                *(60, f"America/{zone}", [code for code in ("O", "W", "X", "S") if chance.random() < 0.3]),
                chance.choices(["in_person", "hybrid", "online", "inactive"], [70, 10, 17, 3])[0],
                *(latitude + chance.gauss(0, 0.25), longitude + chance.gauss(0, 0.3), f"{n:064x}", timezone.now()),
                *("Sample Church", f"{n % 999} Main Street, Town {n % 500}", f"Town {n % 500}", "Ring at the back."),
            )

    columns = (
        "feed_id external_id fellowship name weekday start duration time_zone types attendance latitude longitude"
        " content_hash imported_at venue address city notes"
    )
    with transaction.atomic(), copied([Meeting]):
        copy(Meeting, columns, rows())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) referrals_meeting, referrals_meetingfeed")
    return by, towns[CITIES // 10]


def questions(by: object, start: tuple[float, float]) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is measured, as functions."""
    from django.urls import reverse
    from django.utils import timezone

    from bench.measuring import opening
    from referrals import finder
    from referrals.models import Meeting
    from staff import clinic_scope
    from staff.models import StaffMember

    assert isinstance(by, StaffMember)  # nosec B101 - for the type checker
    clinic, now = by.clinic_id, timezone.now()

    def asking(**question: object) -> Callable[[], object]:
        def ask() -> object:
            with clinic_scope.only(clinic):
                among = Meeting.objects.visible_to(by)
                return list(finder.find(**{"now": now, "among": among, **question})[:ASKED])  # type: ignore[arg-type]

        return ask

    def raw() -> object:
        with clinic_scope.only(clinic):
            return list(Meeting.objects.visible_to(by).order_by(finder.apart(start))[:ASKED])

    near = f"{start[0]:.4f}, {start[1]:.4f}"
    address = reverse("referrals:finder")
    yield "raw KNN", raw
    yield "find, nearest", asking(near=start)
    yield "find, nearest on Tuesday evening", asking(near=start, weekday=2, parts=["evening"])
    yield "find, within 10 miles, soonest", asking(near=start, within_km=16, order=finder.SOONEST)
    yield "plain view", opening(f"{reverse('bench:meetings')}?near={near}", by=by)
    yield "page, nearest", opening(f"{address}?near={near}", by=by)
    yield "page, soonest", opening(address, by=by)
    yield "page, within 2 hours", opening(f"{address}?when=soon", by=by)
    yield "page, Tuesday night", opening(f"{address}?weekday=2&parts=night", by=by)
    yield "page, words", opening(f"{address}?words=church+town+77&near={near}", by=by)


if __name__ == "__main__":
    main()
