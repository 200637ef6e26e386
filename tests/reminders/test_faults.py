"""Real workers on a real broker and database, killed at the worst moment: each reminder goes out exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from cases.models import Client
from config.celery import app
from privacy import consents
from reminders import outbox
from reminders.models import DeliveryAttempt, Kind, Reminder
from staff.models import StaffMember
from tests.ownership import application
from tests.places import where_it_is_noon

from .conftest import reachable

pytestmark = [
    pytest.mark.broker,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("by_email"),
]

PATIENCE = 60  # seconds, on a busy machine


def wait_for(what: Callable[[], Any], why: str) -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE} s for {why}")


class Workers:
    """Starts worker processes and kills them without warning."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.queue = folder, f"test-{uuid.uuid4()}"
        self.running: list[subprocess.Popen[bytes]] = []
        self.env = {
            **application(),
            "DJANGO_SETTINGS_MODULE": "tests.reminders.worker_settings",
            "REDIS_URL": settings.CELERY_BROKER_URL,
            "MAILBOX_DIR": str(folder),
            "TEST_QUEUE": self.queue,
        }

    def start(self) -> subprocess.Popen[bytes]:
        name = f"{uuid.uuid4()}@test"
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-n", name, "-c", "2", "--without-mingle"]
        with (self.folder / f"log-{name}").open("wb") as log:
            worker = subprocess.Popen(
                [*command, "--without-gossip", "-Q", self.queue],
                env=self.env,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.running.remove(worker)

    def do(self, task: str) -> None:
        app.send_task(f"reminders.tasks.{task}", queue=self.queue)

    def took(self) -> Counter[str]:
        """How often the provider took each message."""
        return Counter(path.name.split("@")[0] for path in self.folder.glob("took-*"))


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    started = Workers(tmp_path)
    yield started
    for worker in list(started.running):
        started.kill(worker)
    with app.connection_for_write() as broker:
        broker.default_channel.queue_delete(started.queue)


@pytest.fixture
def _noon(clinic: Any) -> None:
    """Moves the clinic to wherever it is about noon."""
    clinic.time_zone = where_it_is_noon()
    clinic.save()


def sent(reminder: Reminder) -> bool:
    return Reminder.objects.filter(pk=reminder.pk, state="sent").exists()


@pytest.mark.usefixtures("_noon")
def test_a_worker_killed_between_claim_and_send(
    workers: Workers, client_record: Client, counselor: StaffMember, tmp_path: Path
) -> None:
    reachable(client_record, counselor, consented=False)
    consents.allow_reminders(client=client_record, channel="email", value="robin@person.example", by=counselor)
    reminder = outbox.schedule(
        kind=Kind.CLIENT_APPOINTMENT,
        client_or_staff=client_record,
        due_at=timezone.now(),
        dedupe_key="appointment:1",
        context={"day": "Sunday, Mar 8", "time": "10:00 AM"},
    )
    (tmp_path / "hang").touch()
    worker = workers.start()
    workers.do("send_due_reminders")
    wait_for(lambda: list(tmp_path.glob("asked-*")), "the worker to reach the provider")
    reminder.refresh_from_db()
    assert (reminder.state, workers.took()) == ("claimed", Counter())
    workers.kill(worker)

    (tmp_path / "hang").unlink()
    time.sleep(1.1)  # the lease of worker_settings; it runs on the database's rows and the worker's clock
    workers.start()
    workers.do("empty_outbox")  # the broker brings the dead worker's task back

    def released() -> bool:
        """Beat knocks again and again: a pass skips a row that another worker is just looking at."""
        workers.do("release_stale_claims")
        time.sleep(0.3)
        return Reminder.objects.filter(state="pending").exists() or sent(reminder)

    wait_for(released, "the claim to be released")
    workers.do("send_due_reminders")
    workers.do("send_due_reminders")
    wait_for(lambda: sent(reminder), "the reminder to be sent")
    workers.do("empty_outbox")
    workers.do("send_due_reminders")
    time.sleep(1)

    assert workers.took() == {f"took-reminder-{reminder.pk}": 1}
    assert [path.name for path in tmp_path.glob("*.eml")] == [f"reminder-{reminder.pk}@localhost.eml"]
    outcomes = DeliveryAttempt.objects.order_by("number").values_list("outcome", flat=True)
    assert outcomes[len(outcomes) - 1] == "sent"
    assert list(outcomes).count("sent") == 1


@pytest.mark.usefixtures("_noon")
def test_two_workers_and_an_eager_beat_never_send_twice(workers: Workers, counselor: StaffMember) -> None:
    reminders = [
        outbox.schedule(
            kind=Kind.STAFF_TASK,
            client_or_staff=counselor,
            due_at=timezone.now(),
            dedupe_key=f"task:{number}",
            context={},
        )
        for number in range(30)
    ]
    workers.start()
    workers.start()
    for _ in range(6):
        workers.do("send_due_reminders")
    wait_for(lambda: Reminder.objects.filter(state="sent").count() == len(reminders), "all to be sent")
    time.sleep(0.5)
    assert workers.took() == {f"took-reminder-{reminder.pk}": 1 for reminder in reminders}
    assert DeliveryAttempt.objects.count() == len(reminders)
