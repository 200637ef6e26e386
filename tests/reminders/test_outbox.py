"""The outbox: what goes in, once, and what a wall clock means where clocks change."""

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Client
from reminders import outbox
from reminders.models import Kind, Reminder
from staff.models import AuditEntry, Clinic, StaffMember
from staff.promises import Promise

from .conftest import utc

NEW_YORK = ZoneInfo("America/New_York")


def test_the_day_before_is_the_same_wall_clock_across_the_change_of_clocks() -> None:
    appointment = datetime.datetime(2026, 3, 8, 10, 0, tzinfo=NEW_YORK)
    assert appointment.astimezone(datetime.UTC) == utc(2026, 3, 8, 14, 0)
    assert outbox.wall_clock(appointment, zone=NEW_YORK, days=-1) == utc(2026, 3, 7, 15, 0)


@pytest.mark.parametrize(
    ("wall", "answer"),
    [
        (datetime.datetime(2026, 3, 8, 2, 30), utc(2026, 3, 8, 7, 30)),  # skipped by the clocks
        (datetime.datetime(2026, 11, 1, 1, 30), utc(2026, 11, 1, 5, 30)),  # comes twice: the first
        (datetime.datetime(2026, 11, 1, 8, 0), utc(2026, 11, 1, 13, 0)),
    ],
)
def test_a_wall_clock_has_one_answer(wall: datetime.datetime, answer: datetime.datetime) -> None:
    assert outbox.wall_clock(wall, zone=NEW_YORK) == answer


def test_the_same_cause_schedules_once(schedule: Any) -> None:
    first = schedule(utc(2026, 3, 7, 15, 0), dedupe_key="k")
    audited = AuditEntry.objects.count()
    second = schedule(utc(2026, 3, 7, 15, 0), dedupe_key="k")
    assert first.pk == second.pk
    assert Reminder.objects.count() == 1
    assert AuditEntry.objects.count() == audited


def test_a_key_that_was_used_never_drops_a_new_time_or_keeps_an_old_text(schedule: Any) -> None:
    schedule(utc(2026, 3, 7, 15, 0), dedupe_key="k")
    with pytest.raises(outbox.KeyUsed):
        schedule(utc(2026, 3, 9, 15, 0), dedupe_key="k")
    with pytest.raises(outbox.KeyUsed):
        schedule(utc(2026, 3, 7, 15, 0), dedupe_key="k", context={"day": "Monday, Mar 9", "time": "10:00 AM"})
    outbox.cancel(dedupe_key="k", reason="appointment moved")
    with pytest.raises(outbox.KeyUsed):  # it would look as if it were scheduled, and never be sent
        schedule(utc(2026, 3, 7, 15, 0), dedupe_key="k")
    assert Reminder.objects.get().asked_for == utc(2026, 3, 7, 15, 0)


def test_a_cause_that_fails_leaves_no_reminder(schedule: Any) -> None:
    def fail() -> None:
        with transaction.atomic():
            schedule(utc(2026, 3, 7, 15, 0))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not Reminder.objects.exists()


@pytest.mark.parametrize(
    "context",
    [
        {"name": "Robin"},
        {"day": "your AA night"},
        {"time": "x" * 31},
        {"day": 3},
        {"note_id": "x"},
        {"number": ""},
        {"at": "tomorrow at ten"},
        {"at": "2026-03-08T14:00:00"},  # on which clock?
        {"at": "2026-03-08T10:00:00-04:00"},  # one way to write a moment, or the same facts would differ
        {"at": "2026-03-08"},
        {"at": 3},
        {"at": None},
        {"at": ""},
        {"session_at": "2026-03-08T14:00:00+00:00"},
    ],
)
def test_a_context_holds_only_what_a_message_may_say(schedule: Any, context: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        schedule(utc(2026, 3, 7, 15, 0), context=context)


def test_naive_times_are_refused(schedule: Any) -> None:
    with pytest.raises(ValueError):
        schedule(datetime.datetime(2026, 3, 7, 15, 0))


def test_a_kind_for_staff_is_not_sent_to_a_client(schedule: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        schedule(utc(2026, 3, 7, 15, 0), kind=Kind.STAFF_NOTE_UNSIGNED)


def test_cancelling_keeps_what_was_sent(schedule: Any, counselor: StaffMember, robin: Client) -> None:
    waiting = schedule(utc(2026, 3, 7, 15, 0), dedupe_key="waiting")
    outbox.cancel(dedupe_key="waiting", reason="appointment moved", by=counselor)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("cancelled", "appointment moved")
    assert waiting.ended_at is not None
    sent = schedule(utc(2026, 3, 7, 15, 0), dedupe_key="sent")
    Reminder.objects.filter(pk=sent.pk).update(state="sent", sent_at=utc(2026, 3, 7, 15, 1))
    assert outbox.cancel(dedupe_key="sent", reason="too late").state == "sent"  # type: ignore[union-attr]
    assert outbox.cancel(dedupe_key="never heard of", reason="x") is None


class TestManyAtOnce:
    """What an hourly job finds due."""

    @pytest.fixture
    def promises(self, counselor: StaffMember) -> Callable[[int, str], list[Promise]]:
        def make(count: int, stem: str) -> list[Promise]:
            return [
                Promise(Kind.STAFF_TASK, counselor, utc(2026, 3, 3, 15), f"{stem}:{number}", {"note_id": number})
                for number in range(count)
            ]

        return make

    def test_ten_times_as_many_ask_as_often(self, promises: Any, clinic: Clinic) -> None:
        asked = []
        for count in (3, 30):
            with CaptureQueriesContext(connection) as captured:
                assert outbox.schedule_all(promises(count, f"of {count}"), clinic=clinic, now=utc(2026, 3, 1)) == count
            asked.append(len(captured))
        assert asked[0] == asked[1]
        assert AuditEntry.objects.filter(act="reminders.schedule").count() == 33

    def test_each_once_and_what_was_called_off_stays_so(self, promises: Any, clinic: Clinic) -> None:
        first = promises(2, "plan")
        assert outbox.schedule_all([*first, *first], clinic=clinic, now=utc(2026, 3, 1)) == 2
        outbox.cancel(dedupe_key="plan:0", reason="the plan was signed")
        assert outbox.schedule_all(promises(3, "plan"), clinic=clinic, now=utc(2026, 3, 1)) == 1
        assert list(Reminder.objects.order_by("dedupe_key").values_list("state", flat=True)) == [
            "cancelled",
            "pending",
            "pending",
        ]

    def test_one_that_would_give_something_away_is_refused_with_all(self, promises: Any, clinic: Clinic) -> None:
        [good] = promises(1, "plan")
        bad = dataclasses.replace(good, key="bad", context={"day": "after detox"})
        with pytest.raises(ValueError, match="reveals"):
            outbox.schedule_all([good, bad], clinic=clinic, now=utc(2026, 3, 1))
        assert not Reminder.objects.exists()
