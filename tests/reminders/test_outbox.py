"""The outbox: what goes in, once, and what a wall clock means where clocks change."""

import dataclasses
import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Client
from reminders import outbox
from reminders.models import Kind, Reminder
from staff.models import AuditEntry, Clinic, StaffMember
from staff.promises import Promise
from tests.places import NEW_YORK

from .conftest import utc


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

    def test_one_that_waits_is_moved_to_what_is_promised_now(self, promises: Any, clinic: Clinic) -> None:
        as_it_was = promises(6, "plan")
        outbox.schedule_all(as_it_was, clinic=clinic, now=utc(2026, 3, 1))
        sent, claimed, failed, held = (Reminder.objects.filter(dedupe_key=f"plan:{number}") for number in range(4))
        sent.update(state="sent", sent_at=utc(2026, 3, 3, 15))
        claimed.update(state="claimed", claim=uuid.uuid4(), claimed_at=utc(2026, 3, 3, 15))
        failed.update(state="failed", reason="the message is not neutral", ended_at=utc(2026, 3, 3, 15))
        held.update(due_at=utc(2026, 3, 4, 13), reason="outside 8 AM to 9 PM")
        outbox.cancel(dedupe_key="plan:4", reason="the plan was signed")
        later, until = utc(2026, 3, 3, 18), utc(2026, 3, 5, 18)
        now = [
            dataclasses.replace(
                each, due_at=later, not_after=until, context={**each.context, "number": "(555) 010-0100"}
            )
            for each in as_it_was
        ]
        assert outbox.schedule_all(now, clinic=clinic, now=utc(2026, 3, 2)) == 0
        found = {each.dedupe_key: each for each in Reminder.objects.all()}
        moved = found["plan:5"]
        assert (moved.asked_for, moved.due_at, moved.not_after) == (later, later, until)
        assert moved.context == {"note_id": 5, "number": "(555) 010-0100"}
        put_off = found["plan:3"]  # is judged anew at its next time
        assert (put_off.asked_for, put_off.due_at, put_off.not_after) == (later, utc(2026, 3, 4, 13), until)
        for number in (0, 1, 2, 4):
            stays = found[f"plan:{number}"]
            assert (stays.asked_for, stays.not_after) == (utc(2026, 3, 3, 15), None)
            assert stays.context == {"note_id": number}
        told = AuditEntry.objects.filter(act="reminders.reschedule").order_by("subject_id")
        assert [(each.subject_id, each.staff_member, each.details) for each in told] == [
            (each.pk, None, {"kind": each.kind}) for each in sorted((moved, put_off), key=lambda each: each.pk)
        ]
        event = moved.events.latest("pgh_id")
        assert (event.asked_for, event.pgh_context.metadata["act"]) == (later, "reminders.reschedule")
        assert outbox.schedule_all(now, clinic=clinic, now=utc(2026, 3, 2)) == 0  # nothing differs any more
        assert AuditEntry.objects.filter(act="reminders.reschedule").count() == 2

    def test_ten_times_as_many_are_moved_by_as_many_questions(self, promises: Any, clinic: Clinic) -> None:
        asked = []
        for count in (3, 30):
            made = promises(count, f"of {count}")
            outbox.schedule_all(made, clinic=clinic, now=utc(2026, 3, 1))
            later = [dataclasses.replace(each, due_at=utc(2026, 3, 3, 18)) for each in made]
            with CaptureQueriesContext(connection) as captured:
                outbox.schedule_all(later, clinic=clinic, now=utc(2026, 3, 1))
            asked.append(len(captured))
        assert asked[0] == asked[1]
        assert Reminder.objects.filter(due_at=utc(2026, 3, 3, 18)).count() == 33

    @pytest.mark.django_db(transaction=True)
    def test_one_that_a_worker_takes_meanwhile_stays_as_it_took_it(self, promises: Any, clinic: Clinic) -> None:
        made = promises(2, "plan")
        outbox.schedule_all(made, clinic=clinic, now=utc(2026, 3, 1))
        later = [dataclasses.replace(each, due_at=utc(2026, 3, 3, 18)) for each in made]
        worker = connection.copy()
        try:
            worker.set_autocommit(False)
            with worker.cursor() as cursor:
                cursor.execute("SELECT id FROM reminders_reminder WHERE dedupe_key = 'plan:0' FOR UPDATE")
            outbox.schedule_all(later, clinic=clinic, now=utc(2026, 3, 1))  # and does not wait for it
            worker.rollback()
        finally:
            worker.close()
        due = dict(Reminder.objects.values_list("dedupe_key", "due_at"))
        assert due == {"plan:0": utc(2026, 3, 3, 15), "plan:1": utc(2026, 3, 3, 18)}
        outbox.schedule_all(later, clinic=clinic, now=utc(2026, 3, 1))
        assert set(Reminder.objects.values_list("due_at", flat=True)) == {utc(2026, 3, 3, 18)}

    def test_one_that_would_give_something_away_is_refused_with_all(self, promises: Any, clinic: Clinic) -> None:
        [good] = promises(1, "plan")
        bad = dataclasses.replace(good, key="bad", context={"day": "after detox"})
        with pytest.raises(ValueError, match="reveals"):
            outbox.schedule_all([good, bad], clinic=clinic, now=utc(2026, 3, 1))
        assert not Reminder.objects.exists()
