"""Sending in trouble: slow, broken off, told to stop. Each message counts its own failures, and no fact is lost."""

from __future__ import annotations

import datetime
import smtplib
import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reminders import breaker, channels, delivery, heartbeats, life, retries, sender, tasks
from reminders.models import ChannelPause, DeliveryAttempt, Heartbeat, Kind, Reminder, StaffTask
from staff.models import StaffMember

from .conftest import utc
from .passes import TUESDAY_10, broken, fresh, one_pass

pytestmark = pytest.mark.usefixtures("by_email")

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def many(schedule: Any, counselor: StaffMember) -> Callable[[int], list[Reminder]]:
    """Reminders to a colleague, due one minute after the other up to Tuesday at ten."""

    def make(count: int) -> list[Reminder]:
        return [
            schedule(
                TUESDAY_10 - (count - number) * MINUTE,
                client_or_staff=counselor,
                kind=Kind.STAFF_TASK,
                context={},
                dedupe_key=f"task:{number}",
            )
            for number in range(count)
        ]

    return make


@pytest.fixture
def doubles_are_seen(settings: Any) -> None:
    settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES = []


def states(reminders: list[Reminder]) -> list[str]:
    return [fresh(reminder).state for reminder in reminders]


# --- the clock ---


def test_a_long_pass_of_the_command_goes_by_the_hour_it_is(
    schedule: Any, many: Any, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    """The first message keeps the provider busy for ten minutes; what became due meanwhile leaves at its own time."""
    time_machine.move_to(TUESDAY_10, tick=False)
    first, second = many(2)
    third = schedule(TUESDAY_10 + 5 * MINUTE)
    later = TUESDAY_10 + 10 * MINUTE
    monkeypatch.setattr("reminders.channels.send_email", lambda message: time_machine.move_to(later, tick=False))
    call_command("send_due_reminders")
    assert states([first, second, third]) == ["sent"] * 3
    started = [DeliveryAttempt.objects.get(reminder=each).started_at for each in (first, second, third)]
    assert started == [TUESDAY_10, later, later]


# --- late answers ---


def test_a_late_sent_corrects_what_was_given_up(
    schedule: Any, monkeypatch: pytest.MonkeyPatch, doubles_are_seen: None
) -> None:
    reminder = schedule(TUESDAY_10)
    monkeypatch.setattr(
        "reminders.channels.send_email", lambda message: delivery.release_stale(TUESDAY_10 + 60 * MINUTE)
    )
    assert one_pass(TUESDAY_10) == ["sent"]
    assert (fresh(reminder).reason, reminder.ended_at) == ("", None)
    assert reminder.delivery_attempts.get().outcome == "sent"
    assert StaffTask.objects.get().done_because == "the message was sent after all"


def test_the_reminder_is_locked_before_its_attempt(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `release_stale` does: the other way around the two would wait for each other."""
    schedule(TUESDAY_10)
    [(pk, claim)] = delivery.claim_due(TUESDAY_10, 1)
    asked = CaptureQueriesContext(connection)
    monkeypatch.setattr("reminders.channels.send_email", lambda message: asked.__enter__())
    delivery.deliver(pk, claim, TUESDAY_10)
    asked.__exit__(None, None, None)
    said = [query["sql"] for query in asked.captured_queries]
    is_lock = [each for each in said if "FOR NO KEY UPDATE" in each and "reminders_reminder" in each]
    locked = said.index(is_lock[0])
    written = next(number for number, sql in enumerate(said) if sql.startswith('UPDATE "reminders_deliveryattempt"'))
    assert locked < written


# --- in doubt ---

BROKEN_OFF = (
    TimeoutError(),
    ConnectionResetError(),
    BrokenPipeError(),
    smtplib.SMTPServerDisconnected("Connection unexpectedly closed"),
)
NEVER_MADE = (ConnectionRefusedError(), socket.gaierror(), smtplib.SMTPConnectError(421, b"busy"))


@pytest.mark.parametrize("error", BROKEN_OFF, ids=lambda error: type(error).__name__)
def test_broken_off_may_have_arrived(
    schedule: Any, monkeypatch: pytest.MonkeyPatch, doubles_are_seen: None, error: Exception
) -> None:
    reminder = schedule(TUESDAY_10)
    broken(monkeypatch, error)
    assert one_pass(TUESDAY_10) == ["failed"]
    assert reminder.delivery_attempts.get().outcome == "lost"
    assert "may have arrived" in StaffTask.objects.open().get().sentence


@pytest.mark.parametrize("error", BROKEN_OFF, ids=lambda error: type(error).__name__)
def test_broken_off_is_repeated_where_a_double_is_dropped(
    schedule: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    schedule(TUESDAY_10)
    broken(monkeypatch, error)
    assert one_pass(TUESDAY_10) == ["pending"]


@pytest.mark.parametrize("error", NEVER_MADE, ids=lambda error: type(error).__name__)
def test_a_connection_that_was_never_made_is_tried_again(
    schedule: Any, monkeypatch: pytest.MonkeyPatch, doubles_are_seen: None, error: Exception
) -> None:
    reminder = schedule(TUESDAY_10)
    broken(monkeypatch, error)
    assert one_pass(TUESDAY_10) == ["pending"]
    assert reminder.delivery_attempts.get().outcome == "retry"


def test_what_was_lost_counts_as_a_failure_of_the_provider(
    many: Any, monkeypatch: pytest.MonkeyPatch, doubles_are_seen: None
) -> None:
    many(1)
    broken(monkeypatch, channels.MayHaveArrived())
    one_pass(TUESDAY_10)
    assert ChannelPause.objects.get().failures == 1


# --- a batch ---


def test_a_channel_that_begins_to_rest_is_asked_no_more(
    many: Any, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    time_machine.move_to(TUESDAY_10, tick=False)
    reminders = many(tasks.BATCH)
    broken(monkeypatch, ConnectionRefusedError())
    assert tasks.empty_outbox() == breaker.TRIPS_AFTER
    assert states(reminders) == ["pending"] * tasks.BATCH
    rest = reminders[breaker.TRIPS_AFTER :]
    assert [(each.attempts, each.claims, each.due_at) for each in rest] == [(0, 0, each.asked_for) for each in rest]
    assert DeliveryAttempt.objects.count() == breaker.TRIPS_AFTER


def test_with_its_time_up_a_task_gives_back_the_rest(
    many: Any, monkeypatch: pytest.MonkeyPatch, time_machine: Any, settings: Any
) -> None:
    time_machine.move_to(TUESDAY_10, tick=False)
    reminders = many(3)
    clock, again = [0.0], []
    monkeypatch.setattr(sender, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(tasks.empty_outbox, "delay", lambda: again.append(1))

    def slow(message: Any) -> None:
        clock[0] += settings.CELERY_TASK_SOFT_TIME_LIMIT

    monkeypatch.setattr("reminders.channels.send_email", slow)
    assert tasks.empty_outbox() == 1
    assert states(reminders) == ["sent", "pending", "pending"]
    assert again == [1]  # another task goes on at once


def test_told_to_stop_a_task_records_its_try_and_ends(
    many: Any, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    time_machine.move_to(TUESDAY_10, tick=False)
    reminders = many(3)
    broken(monkeypatch, SoftTimeLimitExceeded())
    with pytest.raises(SoftTimeLimitExceeded):
        tasks.empty_outbox()
    assert states(reminders) == ["pending"] * 3
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.reminder, attempt.outcome) == (reminders[0], "retry")
    assert life.plainly(attempt.detail) == "the provider did not answer in time"


def test_told_to_stop_where_a_double_would_be_seen_a_person_is_told(
    many: Any, monkeypatch: pytest.MonkeyPatch, time_machine: Any, doubles_are_seen: None
) -> None:
    time_machine.move_to(TUESDAY_10, tick=False)
    reminders = many(2)
    broken(monkeypatch, SoftTimeLimitExceeded())
    with pytest.raises(SoftTimeLimitExceeded):
        tasks.empty_outbox()
    assert states(reminders) == ["failed", "pending"]


def test_told_to_stop_during_the_checks_a_task_ends_too(
    many: Any, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    time_machine.move_to(TUESDAY_10, tick=False)
    reminders = many(2)

    def stop(*args: Any) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("reminders.checks.judge", stop)
    with pytest.raises(SoftTimeLimitExceeded):
        tasks.empty_outbox()
    assert states(reminders) == ["pending"] * 2
    assert [each.claims for each in reminders] == [1, 0]


def test_only_ones_own_claims_are_given_back(many: Any) -> None:
    reminders = many(2)
    old = delivery.claim_due(TUESDAY_10, 2)
    later = TUESDAY_10 + 60 * MINUTE
    delivery.release_stale(later)
    new = delivery.claim_due(later, 2)
    assert delivery.give_back(old) == 0
    assert states(reminders) == ["claimed"] * 2
    assert delivery.give_back(new) == 2
    assert delivery.give_back([]) == 0
    assert len(one_pass(later)) == 2


class Killed(BaseException):
    """What no code of ours catches: the process is gone."""


def test_one_that_kills_workers_takes_nobody_with_it(many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    poison, *others = many(10)
    judge, now = delivery.checks.judge, TUESDAY_10

    def kill(reminder: Reminder, *args: Any) -> Any:
        if reminder.pk == poison.pk:
            raise Killed
        return judge(reminder, *args)

    monkeypatch.setattr("reminders.checks.judge", kill)
    for _ in range(retries.MOST_CLAIMS):
        claims = sorted(delivery.claim_due(now, 10))
        with pytest.raises(Killed):
            delivery.deliver(*claims[0], now)
        now += 60 * MINUTE
        assert delivery.release_stale(now) == 10
    assert [fresh(each).claims for each in (poison, *others)] == [retries.MOST_CLAIMS] + [0] * 9
    assert sorted(one_pass(now)) == ["failed"] + ["sent"] * 9
    assert fresh(poison).reason == "5 workers stopped while sending it"
    assert len(mail.outbox) == 9


# --- the pause, and signs of life ---


def test_an_answer_does_not_end_the_pause_that_the_provider_asked_for(db: None) -> None:
    breaker.failed("email", TUESDAY_10, asked_to_wait=7 * MINUTE)
    breaker.answered("email")  # a message that was under way
    assert breaker.paused(TUESDAY_10 + 6 * MINUTE) == ["email"]
    assert breaker.paused(TUESDAY_10 + 8 * MINUTE) == []
    assert ChannelPause.objects.get().failures == 0


def test_failures_do_not_shorten_the_pause_that_the_provider_asked_for(db: None) -> None:
    breaker.failed("email", TUESDAY_10, asked_to_wait=10 * MINUTE)
    for _ in range(breaker.TRIPS_AFTER):
        breaker.failed("email", TUESDAY_10)
    assert breaker.paused(TUESDAY_10 + 9 * MINUTE) == ["email"]


def test_a_worker_whose_clock_is_wrong_gives_no_sign_of_life(db: None, time_machine: Any) -> None:
    """It would find the wrong reminders due."""
    for wrong in (utc(2026, 3, 3, 14, 0), utc(2026, 3, 3, 16, 0)):
        time_machine.move_to(wrong, tick=False)
        heartbeats.beat(heartbeats.SENDER)
        assert Heartbeat.objects.get().at == wrong
        assert [each.is_silent for each in heartbeats.pulses(TUESDAY_10)] == [True, True, True]
    time_machine.move_to(TUESDAY_10, tick=False)
    heartbeats.beat(heartbeats.SENDER)
    assert [each.is_silent for each in heartbeats.pulses(TUESDAY_10)] == [True, False, True]
