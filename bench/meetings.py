"""python -m bench.meetings: what importing a large directory costs, beside COPY and merge of the same rows.

In one run: a first import of `--meetings` rows as a file; the same file; the same rows in other bytes (another order);
one row in a hundred changed; and the bare work of the database, COPY into a temporary table and one INSERT from it,
with rows that were read before the clock starts. The memory is this process's highest, beside what it had before.

Then the same directory once more as three other lists have it, each a third of it, with names, addresses and points
written a little otherwise: what it takes to find out which listings are one meeting, first and when nothing is new.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

import django
import psutil

MEETINGS = 130_000
MOST_MEMORY = 500  # MB
GOALS = {"first import": 1.5, "same bytes": 0.3, "same rows, another order": 0.3}
DAYS = 7


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Plainly made up, as long as real ones and as alike: groups meet several times a week in one place."""
    chance = random.Random(130_000)
    for n in range(count):
        group = n // 4
        place = group % 30_000
        online = n % 5 == 0
        yield {
            "name": f"Sample group {group}",
            "slug": f"sample-group-{group}-{n % 4}",
            "day": (group + n) % DAYS,
            "time": f"{7 + n % 14:02}:{n % 4 * 15:02}",
            "end_time": f"{8 + n % 14:02}:{n % 4 * 15:02}",
            "types": chance.sample(["O", "C", "D", "BE", "W", "M", "X", "ST", "B", "S", "Y"], 3),
            "location": f"Sample hall {place}",
            "formatted_address": f"{place} Example St, Albany, NY 12207, USA",
            # All over the map: on one line, the index of places splits its pages forever (2,000 points: 9 s, 78 MB).
            "latitude": 30 + place * 0.7548776662 % 1 * 15,
            "longitude": -120 + place * 0.5698402910 % 1 * 45,
            "approximate": "no",
            "region": f"Region {place % 40}",
            "regions": ["Sample state", f"Region {place % 40}"],
            "conference_url": f"https://zoom.us/j/{100_000_000 + group}" if online else "",
            "conference_url_notes": "The password is on the flyer." if online else "",
            "notes": f"Ring at the side door {n}.\nLast week of the month: speaker. " + "Sample words. " * 18,
            "location_notes": "Behind the parking lot, ramp on the left. " * 3,
            "group": f"Sample group {group}",
            "group_notes": "Coffee is served half an hour before. " * 3,
            "entity": "Sample intergroup",
            "entity_phone": "+15185550100",
            "entity_url": "https://intergroup.example",
            "url": f"https://intergroup.example/meetings/sample-group-{group}-{n % 4}",
            "edit_url": f"https://intergroup.example/wp-admin/post.php?post={n}&action=edit",
            "feedback_emails": ["web@intergroup.example"],
            "updated": f"2026-{1 + n % 9:02}-{1 + n % 27:02} 12:00:00",
        }


def written(listed: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> BinaryIO:
    """The rows as a file on the disk."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as it is read
    for n, row in enumerate(listed):
        file.write((b"," if n else b"[") + json.dumps(row).encode())
    file.write(b"]")
    file.seek(0)
    return file


def memory() -> int:
    """The most that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class Took(NamedTuple):
    """Seconds: by the clock, since an import reads while the database writes, and of processor time of both."""

    clock: float
    busy: float

    def beside(self, other: Took) -> str:
        """Its share of another's."""
        return f"× {self.clock / other.clock:.2f} by the clock, {self.busy / other.busy:.2f} of work,"


def timed(work: Callable[[], object]) -> Took:
    """What it takes. Nothing else should be running."""
    began, worked = time.monotonic(), time.process_time() + _of_the_server()
    work()
    return Took(time.monotonic() - began, time.process_time() + _of_the_server() - worked)


def _of_the_server() -> float:
    """Seconds of processor time that the connection's server process has taken."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return sum(psutil.Process(cursor.fetchone()[0]).cpu_times()[:2])


def measure(count: int) -> None:
    """All of it, in a database of its own."""
    from django.utils import timezone

    from referrals import feeds
    from referrals.models import ImportRun, MeetingFeed
    from staff.models import Clinic

    clinic = Clinic.objects.create(name="Bench clinic", time_zone="America/New_York")
    feed = MeetingFeed.objects.create(clinic=clinic, name="Sample directory", fellowship="aa")
    other = MeetingFeed.objects.create(clinic=clinic, name="Bare rows", fellowship="aa")
    file = written(rows(count))
    size = file.seek(0, 2) / count
    print(f"\n{count:,} meetings, {size:,.0f} bytes each", flush=True)
    runs: list[ImportRun] = []

    def importing(listed: BinaryIO) -> None:
        listed.seek(0)
        runs.append(feeds.import_feed(feed=feed, payload=listed, at=timezone.now()))
        if runs[-1].error:
            raise RuntimeError(runs[-1].error)

    before = memory()
    seconds = {"first import": timed(lambda: importing(file))}
    highest = memory()
    seconds["same bytes"] = timed(lambda: importing(file))
    shuffled = written(reversed(list(rows(count))))  # the most memory was read before
    seconds["same rows, another order"] = timed(lambda: importing(shuffled))
    changed = written(row | {"notes": "Changed."} if n % 100 == 0 else row for n, row in enumerate(rows(count)))
    seconds["one row in a hundred changed"] = timed(lambda: importing(changed))
    bare = _bare(other, file)
    print(f"COPY and merge of the same rows             {bare.clock:6.1f} s")
    first = seconds["first import"]
    for (what, took), run in zip(seconds.items(), runs, strict=True):
        beside, base = ("COPY and merge", bare) if what == "first import" else ("the first", first)
        goal = f" (goal ≤ {GOALS[what]})" if what in GOALS else ""
        counts = f"{run.created:,} new, {run.updated:,} changed, {run.unchanged:,} unchanged"
        print(f"{what:<43} {took.clock:6.1f} s   {took.beside(base)} of {beside}{goal}   {counts}")
    MeetingFeed.objects.filter(pk=other.pk).update(is_active=False)
    for which in range(3):
        with staging_only():
            another = MeetingFeed.objects.create(clinic=clinic, name=f"Another list {which}", fellowship="aa")
            feeds.import_feed(
                feed=another, payload=written(as_another_list_has_it(rows(count), which)), at=timezone.now()
            )
    _analyze()
    for what, took in _matched(clinic).items():
        print(f"{what:<43} {took.clock:6.1f} s   {took.beside(first)} of the first", flush=True)
    print(f"memory: {before} MB before, at most {highest} MB (goal ≤ {MOST_MEMORY})", flush=True)


def as_another_list_has_it(listed: Iterator[dict[str, Any]], which: int) -> Iterator[dict[str, Any]]:
    """Every third row, under ids of its own and written a little otherwise."""
    for n, row in enumerate(listed):
        if n % 3 == which:
            yield row | {
                "slug": f"{which}-{n}",
                "name": f"{row['name']} Group" if n % 2 else f"The {row['name']}",
                "formatted_address": row["formatted_address"].replace(" St,", " Street,"),
                "latitude": row["latitude"] + 0.0003,
            }


@contextmanager
def staging_only() -> Iterator[None]:
    """Imports leave the matching for later, when it is timed."""
    from referrals import matching

    match, matching.match = matching.match, lambda **_: None  # type: ignore[assignment]
    try:
        yield
    finally:
        matching.match = match


def _analyze() -> None:
    """As autovacuum does after an import."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE referrals_meeting, referrals_meetingfeed, referrals_samemeeting")


def _matched(clinic: Any) -> dict[str, Took]:
    """What it takes to find out which listings of four lists are one meeting."""
    from django.utils import timezone

    from referrals import matching
    from referrals.models import SameMeeting

    seconds = {
        "matching four lists, first": timed(lambda: matching.match_for(clinics=[clinic.pk], at=timezone.now())),
        "matching them again": timed(lambda: matching.match_for(clinics=[clinic.pk], at=timezone.now())),
    }
    print(f"{SameMeeting.objects.standing().count():,} listings stand behind another list's", flush=True)
    return seconds


def _bare(feed: Any, file: BinaryIO) -> Took:
    """The work of the database alone."""
    from django.db import transaction
    from django.utils import timezone

    from referrals import meeting_guide, reading, staging
    from referrals.listing import ParsedFeed
    from referrals.payloads import Source

    source = Source(file)
    reader = meeting_guide.Reader(default_time_zone="America/New_York")
    ready = []
    for meeting, digest in reading.read(source, reader, ParsedFeed()):
        line = meeting.line()
        ready.append(f"{meeting.external_id}\t{staging.content_hash('aa', line)}\t{digest}\t{line}\n")
    source.release()

    def work() -> None:
        with transaction.atomic():
            with staging.copying(feed, timezone.now(), merges=False) as copied:
                for place in range(0, len(ready), 500):
                    copied.send("".join(ready[place : place + 500]))
            staging.merge(feed, timezone.now())

    return timed(work)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench meetings")
    parser.add_argument("--meetings", type=int, default=MEETINGS, help="how many (default %(default)s)")
    parser.add_argument("--clients", help=argparse.SUPPRESS)  # of the other benchmarks
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from bench.__main__ import own_database

    print("  meetings: some minutes", file=sys.stderr)
    with own_database():
        measure(asked.meetings)


if __name__ == "__main__":
    main()
