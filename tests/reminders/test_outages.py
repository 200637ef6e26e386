"""A provider that fails, workers that die, checks that break: sent once, or left to a person, never lost."""

import datetime
import smtplib
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction

from reminders import breaker, channels, delivery, manual_actions, outbox, retries
from reminders.models import DeliveryAttempt, Kind, Reminder, StaffTask
from staff.models import StaffMember
from tests import factories

from .conftest import ADDRESS
from .passes import TUESDAY_10, broken, fresh, one_pass

pytestmark = pytest.mark.usefixtures("by_email")


def outage(now: datetime.datetime, hours: int) -> list[int]:
    """Passes a minute apart for some hours; minutes from the start at which something was tried."""
    tried = []
    for minute in range(hours * 60):
        moment = now + datetime.timedelta(minutes=minute)
        if one_pass(moment):
            tried.append(minute)
    return tried


def test_after_three_more_tries_a_person_knows_and_the_tries_go_on(
    schedule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "JITTER", 0)
    reminder = schedule(TUESDAY_10)
    broken(monkeypatch, ConnectionRefusedError())
    assert outage(TUESDAY_10, 1) == [0, 2, 12, 42]
    assert (fresh(reminder).state, reminder.attempts) == ("pending", 4)
    assert "tried 4 times, still trying" in StaffTask.objects.open().get().sentence
    attempts = list(reminder.delivery_attempts.all())
    assert [each.outcome for each in attempts] == ["retry"] * 4
    assert len({each.idempotency_key for each in attempts}) == 1


def test_after_an_outage_it_goes_out_and_nobody_has_to_do_it(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that is down for three hours: one message, one task that closes itself."""
    reminder = schedule(TUESDAY_10)
    with monkeypatch.context() as during:
        broken(during, ConnectionRefusedError())
        outage(TUESDAY_10, 3)
    outage(TUESDAY_10 + datetime.timedelta(hours=3), 5)
    assert (fresh(reminder).state, len(mail.outbox)) == ("sent", 1)
    task = StaffTask.objects.get()
    assert (task.done_by, task.done_because) == (None, "the message was sent after all")


def test_it_is_given_up_when_it_is_of_no_use_any_more(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reminder = schedule(TUESDAY_10)
    broken(monkeypatch, ConnectionRefusedError())
    outage(TUESDAY_10, 26)
    assert fresh(reminder).state == "failed"
    assert reminder.ended_at is not None
    assert reminder.ended_at <= TUESDAY_10 + retries.OF_USE
    assert StaffTask.objects.open().count() == 1


def test_those_that_failed_together_do_not_come_back_together(schedule: Any, counselor: StaffMember) -> None:
    made = [
        schedule(TUESDAY_10, client_or_staff=counselor, kind=Kind.STAFF_TASK, context={}, dedupe_key=f"{number}")
        for number in range(20)
    ]
    for reminder in made:
        reminder.attempts = 4
    assert len({retries.next_try(reminder, TUESDAY_10) for reminder in made}) > 15


def test_a_provider_that_asks_to_wait_is_left_alone(
    schedule: Any, counselor: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 with Retry-After: this one comes back no sooner, and the others of the channel wait, too."""
    first = schedule(TUESDAY_10)
    other = schedule(TUESDAY_10, client_or_staff=counselor, kind=Kind.STAFF_TASK, context={}, dedupe_key="other")
    with monkeypatch.context() as busy:
        broken(busy, channels.TryLater("429", wait=datetime.timedelta(minutes=7)))
        [(pk, claim)] = delivery.claim_due(TUESDAY_10, 1)
        assert delivery.deliver(pk, claim, TUESDAY_10) == "pending"
    assert fresh(first).due_at >= TUESDAY_10 + datetime.timedelta(minutes=7)
    assert one_pass(TUESDAY_10 + datetime.timedelta(minutes=6)) == []
    assert one_pass(TUESDAY_10 + datetime.timedelta(minutes=8)) == ["sent", "sent"]
    assert fresh(other).state == "sent"


def test_a_provider_that_is_down_is_not_asked_by_every_reminder(
    schedule: Any, counselor: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def down(message: Any) -> None:
        asked.append(message)
        raise ConnectionRefusedError

    monkeypatch.setattr("reminders.channels.send_email", down)
    for number in range(30):
        schedule(TUESDAY_10, client_or_staff=counselor, kind=Kind.STAFF_TASK, context={}, dedupe_key=f"{number}")
    for _ in range(30):
        for pk, claim in delivery.claim_due(TUESDAY_10, 1):
            delivery.deliver(pk, claim, TUESDAY_10)
    assert len(asked) == breaker.TRIPS_AFTER
    assert delivery.how_many_due(TUESDAY_10, most=100) == 0


def test_a_mail_server_that_refuses_to_talk_is_asked_again(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """554 in its greeting is about the connection, not about this address."""
    reminder = schedule(TUESDAY_10)

    def refuse(self: Any, **kwargs: Any) -> int:
        raise smtplib.SMTPConnectError(554, b"no SMTP service here")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert one_pass(TUESDAY_10) == ["pending"]
    assert fresh(reminder).attempts == 1


def test_what_may_have_arrived_is_not_repeated_where_a_double_would_be_seen(
    schedule: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES = []
    reminder = schedule(TUESDAY_10)
    broken(monkeypatch, channels.MayHaveArrived())
    assert one_pass(TUESDAY_10) == ["failed"]
    assert "may have arrived" in fresh(reminder).reason
    assert "may have arrived" in StaffTask.objects.open().get().sentence
    assert one_pass(TUESDAY_10 + datetime.timedelta(hours=1)) == []


def test_a_worker_that_died_while_sending_leaves_one_task_where_a_double_would_be_seen(
    schedule: Any, settings: Any
) -> None:
    settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES = []
    reminder = schedule(TUESDAY_10)
    delivery.claim_due(TUESDAY_10, 1)
    open_try(reminder)
    assert delivery.release_stale(TUESDAY_10 + datetime.timedelta(hours=1)) == 1
    assert (fresh(reminder).state, reminder.delivery_attempts.get().outcome) == ("failed", "lost")
    assert StaffTask.objects.open().count() == 1


def open_try(reminder: Reminder) -> DeliveryAttempt:
    """A try that was written before sending and never completed: its worker was killed."""
    Reminder.objects.filter(pk=reminder.pk).update(attempts=1)
    return DeliveryAttempt.objects.create(
        reminder=reminder, number=1, started_at=TUESDAY_10, channel="email", contact_value=ADDRESS, idempotency_key="k"
    )


def test_the_same_task_twice_at_once_sends_once(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker gives one claim to two workers; the second arrives while the first is sending."""
    schedule(TUESDAY_10)
    [(pk, claim)] = delivery.claim_due(TUESDAY_10, 1)
    sent = []

    def slow(message: Any) -> None:
        sent.append(message)
        if len(sent) == 1:
            delivery.deliver(pk, claim, TUESDAY_10)

    monkeypatch.setattr("reminders.channels.send_email", slow)
    assert delivery.deliver(pk, claim, TUESDAY_10) == "sent"
    assert len(sent) == 1


def test_the_database_refuses_a_second_open_try(schedule: Any) -> None:
    reminder = schedule(TUESDAY_10)
    open_try(reminder)
    with pytest.raises(IntegrityError, match="one_open_attempt"), transaction.atomic():
        DeliveryAttempt.objects.create(reminder=reminder, number=2, started_at=TUESDAY_10, channel="email")


def test_the_lease_runs_from_the_try_and_not_from_the_queue(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five minutes in the queue, then a provider that takes its time: nobody else takes it meanwhile."""
    schedule(TUESDAY_10)
    [(pk, claim)] = delivery.claim_due(TUESDAY_10, 1)
    late = TUESDAY_10 + datetime.timedelta(minutes=5)
    released = []
    monkeypatch.setattr(
        "reminders.channels.send_email",
        lambda message: released.append(delivery.release_stale(late + datetime.timedelta(minutes=2))),
    )
    assert delivery.deliver(pk, claim, late) == "sent"
    assert released == [0]


def test_a_try_left_open_is_closed_even_if_its_reminder_was_called_off(schedule: Any) -> None:
    reminder = schedule(TUESDAY_10, dedupe_key="k")
    attempt = open_try(reminder)
    outbox.cancel(dedupe_key="k", reason="appointment moved")
    delivery.release_stale(TUESDAY_10 + datetime.timedelta(hours=1))
    attempt.refresh_from_db()
    assert attempt.outcome == "lost"


def broken_cause(reminder: Reminder) -> str:
    raise KeyError("a bug")


def test_a_check_that_fails_is_tried_a_few_times_and_then_a_person_has_it(schedule: Any, settings: Any) -> None:
    settings.REMINDER_CAUSES = {Kind.CLIENT_APPOINTMENT: "tests.reminders.test_outages.broken_cause"}
    reminder = schedule(TUESDAY_10)
    tried = outage(TUESDAY_10, 8)
    assert len(tried) == retries.MOST_CLAIMS
    assert (fresh(reminder).state, reminder.attempts) == ("failed", 0)
    assert StaffTask.objects.open().count() == 1
    assert mail.outbox == []


def test_one_that_cannot_be_checked_does_not_keep_the_others(schedule: Any, settings: Any, counselor: Any) -> None:
    settings.REMINDER_CAUSES = {Kind.CLIENT_APPOINTMENT: "tests.reminders.test_outages.broken_cause"}
    schedule(TUESDAY_10)
    schedule(TUESDAY_10, client_or_staff=counselor, kind=Kind.STAFF_TASK, context={}, dedupe_key="other")
    assert sorted(one_pass(TUESDAY_10)) == ["pending", "sent"]


def test_sent_again_by_hand_its_tries_count_anew(
    schedule: Any, supervisor: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminder = schedule(TUESDAY_10)
    with monkeypatch.context() as during:
        broken(during, ConnectionRefusedError())
        outage(TUESDAY_10, 26)
    tries = fresh(reminder).attempts
    later = TUESDAY_10 + datetime.timedelta(days=2)
    with time_machine.travel(later, tick=False):
        with pytest.raises(manual_actions.RetryReasonNeeded):
            manual_actions.retry(reminder=reminder, reason=" ", by=supervisor)
        manual_actions.retry(reminder=reminder, reason="The mail server is back", by=supervisor)
    assert retries.tries(fresh(reminder)) == 0
    assert one_pass(later) == ["sent"]
    assert fresh(reminder).attempts == tries + 1
    assert not StaffTask.objects.open().exists()


def test_what_may_be_leaving_right_now_is_not_sent_again_by_hand(schedule: Any, supervisor: StaffMember) -> None:
    reminder = schedule(TUESDAY_10, dedupe_key="k")
    delivery.claim_due(TUESDAY_10, 1)
    open_try(reminder)
    outbox.cancel(dedupe_key="k", reason="appointment moved")
    with (
        time_machine.travel(TUESDAY_10 + datetime.timedelta(minutes=1), tick=False),
        pytest.raises(manual_actions.StillLeaving),
    ):
        manual_actions.retry(reminder=fresh(reminder), reason="Wrong one canceled", by=supervisor)
    assert fresh(reminder).state == "cancelled"


def test_a_kind_word_gives_way_to_what_somebody_relies_on(schedule: Any, settings: Any) -> None:
    settings.REMINDER_CAUSES = {}
    word = schedule(TUESDAY_10, kind=Kind.CLIENT_MILESTONE, context={}, dedupe_key="milestone")
    schedule(TUESDAY_10 + datetime.timedelta(hours=3))
    factories.TreatmentEpisodeFactory(client=word.client)  # milestones go to people in care
    assert one_pass(TUESDAY_10) == ["cancelled"]
    assert fresh(word).reason == "a message that someone relies on goes out that day"
    assert one_pass(TUESDAY_10 + datetime.timedelta(hours=3)) == ["sent"]
