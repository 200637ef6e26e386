"""python -m bench.sending [--due N] [--tasks N]: how fast what is due leaves, and what that is to be compared with.

Three ways to get through a backlog, in one run and each with as many processes: Onward's outbox with every check and
record and a provider that takes everything at once, Celery tasks that do nothing, and the fastest outbox that still
loses nothing: a loop over a bare table that locks a row, takes it, marks it and commits, one after another.

Onward's twice: with a provider that drops a second message of the same key, where messages leave together (as texts do,
whose provider can be asked), and with one that promises nothing of the kind (email by default): they leave one by one.
"""

from __future__ import annotations

import argparse
import datetime
import os
import subprocess
import sys
import time
import uuid
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

DUE, ALONE, TASKS = 20_000, 4_000, 4_000
OF_TASKS, OF_LOOP = 2.0, 0.5  # goals: times the empty tasks, times the bare loop
MINUTES = 2  # goal for the whole backlog, with two workers


def take(message: Any) -> None:
    """A provider that takes everything."""


def main() -> None:
    """Fill, empty, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.sending")
    parser.add_argument("--due", type=int, default=DUE, help="reminders that are due (default %(default)s)")
    parser.add_argument("--alone", type=int, default=ALONE, help="of these, sent one by one (default %(default)s)")
    parser.add_argument("--tasks", type=int, default=TASKS, help="empty tasks (default %(default)s)")
    asked, _ = parser.parse_known_args()  # the others are options of its neighbors
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.sending_settings"
    os.environ["BENCH_QUEUE"] = queue = f"bench-{uuid.uuid4()}"
    django.setup()
    from bench.__main__ import own_database

    with own_database():
        print(f"\nSending {asked.due:,} that are due, {asked.tasks:,} empty tasks", flush=True)
        # A clinic has sent before: what is planned for tables that never held a row is told apart.
        first, _ = onward(queue, asked.due, 1, drops_doubles=True)
        print(f"  1 worker, on tables that were never used {first:4,.0f} a second")
        for workers in (1, 2):
            loop = bare_loop(asked.due, workers)
            tasks = empty_tasks(queue, asked.tasks, workers)
            named = f"  {workers} {'processes' if workers > 1 else 'process'}:"
            print(f"{named:14} bare loop            {loop:8,.0f} a second")
            print(f"{named:14} empty tasks          {tasks:8,.0f} a second", flush=True)
            alone = min(asked.alone, asked.due)
            for how, due, drops_doubles in (("sent together", asked.due, True), ("sent one by one", alone, False)):
                sent, heaviest = onward(queue, due, workers, drops_doubles=drops_doubles)
                print(
                    f"{named:14} {how:20} {sent:8,.0f} a second: "
                    f"{sent / tasks:.2f} × the tasks (goal {OF_TASKS:g}), {sent / loop:.2f} × the loop "
                    f"(goal {OF_LOOP:g}); {asked.due:,} in {asked.due / sent:.0f} s (goal {MINUTES * 60}); "
                    f"worker grew from {heaviest[0]} to {heaviest[1]} MB",
                    flush=True,
                )


def bare_loop(due: int, workers: int) -> float:
    """Rows a second through a table without checks, history or audit."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_bare")
        cursor.execute(
            "CREATE TABLE bench_bare "
            "(id bigserial PRIMARY KEY, due_at timestamptz, state text DEFAULT 'pending', body text)"
        )
        cursor.execute("CREATE INDEX ON bench_bare (due_at, id) WHERE state = 'pending'")
        cursor.execute(
            "INSERT INTO bench_bare (due_at, body) SELECT now(), repeat('x', 80) FROM generate_series(1, %s)", [due]
        )
        cursor.execute("ANALYZE bench_bare")
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.sending_loop"],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(workers)
    ]
    for each in processes:
        assert each.stdout is not None
        if each.stdout.readline() != "ready\n":
            raise SystemExit("The bare loop did not start")
    began = time.perf_counter()
    for each in processes:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    taken = sum(int(each.stdout.readline()) for each in processes if each.stdout is not None)
    took = time.perf_counter() - began
    for each in processes:
        each.communicate()
    if taken != due:
        raise SystemExit(f"The bare loop took {taken:,} of {due:,}")
    return due / took


def empty_tasks(queue: str, count: int, workers: int) -> float:
    """Tasks a second, the queue filled before the workers begin."""
    from bench.sending_tasks import nothing
    from config.celery import app

    with running(queue, workers):
        with app.connection_for_write() as broker, app.amqp.producer_pool.acquire() as producer:
            held = f"{queue}-held"
            for _ in range(count):
                nothing.apply_async(queue=held, producer=producer)
            client = broker.default_channel.client
            began = time.perf_counter()
            client.rename(held, queue)
            _wait(lambda: not client.llen(queue))
        return count / (time.perf_counter() - began)


def onward(queue: str, due: int, workers: int, *, drops_doubles: bool) -> tuple[float, tuple[int, int]]:
    """Reminders a second, and the first worker's megabytes when it began and at the end."""
    from config.celery import app
    from reminders.models import Reminder

    fill(due)
    with running(queue, workers, drops_doubles=drops_doubles) as processes:
        app.send_task("reminders.tasks.release_stale_claims", queue=queue)  # warm: connected, modules loaded
        time.sleep(2)
        before = _megabytes(processes)
        began = time.perf_counter()
        app.send_task("reminders.tasks.send_due_reminders", queue=queue)
        _wait(lambda: not Reminder.objects.waiting().exists())
        took = time.perf_counter() - began
        after = _megabytes(processes)
    if (sent := Reminder.objects.filter(state="sent").count()) != due:
        raise SystemExit(f"{sent:,} of {due:,} were sent")
    return due / took, (before, after)


def fill(due: int) -> None:
    """Put reminders into an emptied outbox, each to a client of its own who agreed to email."""
    from django.db import connection
    from django.utils import timezone

    from cases.models import Client, ContactPoint
    from privacy.models import Consent, ConsentStatus
    from reminders.models import DeliveryAttempt, Reminder
    from staff.models import Clinic, StaffMember

    now = timezone.now()
    with connection.cursor() as cursor:  # of a database of our own: elsewhere, what was tried stays
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE reminders_deliveryattempt DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM reminders_deliveryattempt")
        cursor.execute("ALTER TABLE reminders_deliveryattempt ENABLE TRIGGER USER")
        cursor.execute("DELETE FROM reminders_reminder")
    if not Clinic.objects.exists():
        clinic = Clinic.objects.create(
            name="Sample clinic",
            neutral_name="Sample office",
            phone="+15185550100",
            time_zone=_where_it_is_noon(now),  # nothing waits for the morning
        )
        by = StaffMember.objects.create(clinic=clinic, email="someone@bench.example", role="counselor")
        clients = Client.objects.bulk_create(
            Client(clinic=clinic, given_name="Sample", family_name=f"Client {number}") for number in range(due)
        )
        ContactPoint.objects.bulk_create(
            ContactPoint(
                client=client,
                kind="email",
                value=f"client{client.pk}@bench.example",
                normalized=f"client{client.pk}@bench.example",
                messages_ok=True,
            )
            for client in clients
        )
        day = timezone.localdate(timezone=clinic.zone)
        consents = Consent.objects.bulk_create(
            Consent(
                client=client,
                type=Consent.Type.REMINDER_CONTACT,
                discloser="Sample clinic",
                description="That there is an appointment",
                purpose="Reminders",
                right_to_revoke_stated=True,
                contact_channel="email",
                contact_value=f"client{client.pk}@bench.example",
                signed_on=day,
                expires_on=day + datetime.timedelta(days=300),
                signed_by_name="Sample",
                recorded_by=by,
            )
            for client in clients
        )
        ConsentStatus.objects.bulk_create(
            ConsentStatus(consent=consent, status="active", at=now, by=by) for consent in consents
        )
    clinic = Clinic.objects.get()
    Reminder.objects.bulk_create(
        Reminder(
            clinic=clinic,
            kind="client_appointment",
            client=client,
            channel="email",
            asked_for=now,
            due_at=now,
            dedupe_key=f"bench:{client.pk}",
            context={"at": "2026-03-08T14:00:00+00:00"},
        )
        for client in Client.objects.order_by("pk")[:due]
    )
    assert not DeliveryAttempt.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _where_it_is_noon(now: datetime.datetime) -> str:
    places = (name for name in sorted(zoneinfo.available_timezones()) if name.startswith(("America/", "Asia/")))
    noon = (name for name in places if now.astimezone(zoneinfo.ZoneInfo(name)).hour in (11, 12, 13))
    return next(noon, "Pacific/Auckland")


def _environment(**more: str) -> dict[str, str]:
    """That of a process that works on the bench's own database."""
    from django.conf import settings
    from django.db import connection

    database = {**settings.DATABASES["default"], "NAME": connection.settings_dict["NAME"]}
    return {
        **os.environ,
        "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database),
        **more,
    }


@contextmanager
def running(queue: str, workers: int, *, drops_doubles: bool = True) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Worker processes with one child each, ready for tasks."""
    from config.celery import app

    environment = _environment(BENCH_DROPS_DOUBLES="yes" if drops_doubles else "no")
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "-c",
        "1",
        "--without-mingle",
        "--without-gossip",
    ]
    processes = [
        subprocess.Popen(
            [*command, "-n", f"{uuid.uuid4()}@bench", "-Q", queue],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(workers)
    ]
    try:
        _wait(lambda: len(app.control.ping(timeout=1) or []) >= workers)
        yield processes
    finally:
        for each in processes:
            each.terminate()
        for each in processes:
            each.wait()


def _wait(until: Callable[[], bool], patience: float = 600) -> None:
    over = time.monotonic() + patience
    while not until():
        if time.monotonic() > over:
            raise SystemExit("The workers did not answer")
        time.sleep(0.02)


def _megabytes(processes: list[subprocess.Popen[bytes]]) -> int:
    """The heaviest child of all workers, in megabytes (resident)."""
    heaviest = 0
    for each in processes:
        children = Path(f"/proc/{each.pid}/task/{each.pid}/children").read_text().split()
        for child in children:
            for line in Path(f"/proc/{child}/status").read_text().splitlines():
                if line.startswith("VmRSS"):
                    heaviest = max(heaviest, int(line.split()[1]) // 1024)
    return heaviest


if __name__ == "__main__":
    main()
