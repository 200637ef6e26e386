"""Keeping sending running: numbers that are right, names only for those who may see them, and silence that is heard."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.beat import ScheduleEntry
from celery.schedules import schedule as every
from django.core import mail
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from config.beat import Scheduler
from config.celery import app
from reminders import delivery, heartbeats, operations, outbox, tasks
from reminders.models import ChannelPause, DeliveryAttempt, Heartbeat, Kind, MessageTemplate, Reminder
from staff.models import Clinic, StaffMember
from tests import plans

from .conftest import ADDRESS, utc

pytestmark = pytest.mark.usefixtures("by_email")

TUESDAY_10 = utc(2026, 3, 3, 15, 0)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _tuesday(time_machine: Any) -> None:
    time_machine.move_to(TUESDAY_10, tick=False)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def down(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(message: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr("reminders.channels.send_email", fail)


@pytest.fixture
def reminder_sent(schedule: Any) -> Reminder:
    reminder: Reminder = schedule(TUESDAY_10)
    tasks.empty_outbox()
    return reminder


def test_the_numbers(
    schedule: Any, supervisor: StaffMember, counselor: StaffMember, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    schedule(TUESDAY_10 - 20 * MINUTE)
    tasks.empty_outbox()  # sent
    late = schedule(TUESDAY_10 - MINUTE, client_or_staff=counselor, kind=Kind.STAFF_TASK, context={}, dedupe_key="late")
    schedule(TUESDAY_10 + 3 * 60 * MINUTE, dedupe_key="later")
    outbox.cancel(dedupe_key=schedule(TUESDAY_10 + MINUTE, dedupe_key="off").dedupe_key, reason="moved")
    with monkeypatch.context() as during:
        down(during)
        tasks.empty_outbox()
    time_machine.move_to(TUESDAY_10 + 5 * MINUTE, tick=False)
    found = operations.look(staff_member=supervisor, now=timezone.now())
    assert (found.due, found.in_a_day) == (1, 1)
    assert found.oldest_due is not None
    assert found.oldest_due < timezone.now()
    assert (found.sent, found.retried, found.failed, found.held, found.unknown) == (1, 1, 0, 1, 0)
    assert found.last_sent == TUESDAY_10
    assert found.troubled == [late]


def test_what_a_worker_holds_counts_as_waiting(schedule: Any, supervisor: StaffMember) -> None:
    schedule(TUESDAY_10 - 60 * MINUTE)
    delivery.claim_due(TUESDAY_10, 1)
    found = operations.look(staff_member=supervisor, now=TUESDAY_10)
    assert (found.due, found.oldest_due) == (1, TUESDAY_10 - 60 * MINUTE)


def test_an_administrator_sees_numbers_and_no_client(
    schedule: Any, administrator: StaffMember, supervisor: StaffMember, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminder = schedule(TUESDAY_10)
    down(monkeypatch)
    tasks.empty_outbox()
    url = reverse("reminders:operations")
    assert "Robin Sample" in text(signed_in(supervisor).get(url))
    page = signed_in(administrator).get(url)
    assert page.status_code == 200
    assert "Robin" not in text(page)
    life = reverse("reminders:life", args=[reminder.client_id, reminder.pk])
    assert signed_in(administrator).get(life).status_code == 404


def reword(reminder: Reminder, body: str) -> None:
    MessageTemplate.objects.update_or_create(
        clinic=reminder.clinic, kind=reminder.kind, channel=reminder.channel, language="en", defaults={"body": body}
    )


def test_what_was_sent_is_shown_in_the_words_that_left(
    schedule: Any, counselor: StaffMember, signed_in: Any, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    """The wording is changed twice: after a try that failed, and after the one that was sent."""
    reminder = schedule(TUESDAY_10)
    url, browser = reverse("reminders:life", args=[reminder.client_id, reminder.pk]), signed_in(counselor)
    reword(reminder, "First: {day}.")
    assert "First: Sunday, Mar 8." in text(browser.get(url))
    with monkeypatch.context() as during:
        down(during)
        tasks.empty_outbox()
    reword(reminder, "Second: {day}.")
    said = text(browser.get(url))
    assert "The next try will say: Second: Sunday, Mar 8." in said
    assert "It said: “First: Sunday, Mar 8.”" in said
    time_machine.move_to(TUESDAY_10 + 5 * MINUTE, tick=False)
    tasks.empty_outbox()
    reword(reminder, "Third: {day}.")
    said = text(browser.get(url))
    assert "Third" not in said
    assert said.count("Second: Sunday, Mar 8.") == 1
    assert "It said: “First: Sunday, Mar 8.”" in said
    assert mail.outbox[0].body == "Second: Sunday, Mar 8."


def test_what_never_left_shows_no_words(schedule: Any, counselor: StaffMember, signed_in: Any) -> None:
    reminder = schedule(TUESDAY_10)
    outbox.cancel(dedupe_key=reminder.dedupe_key, reason="appointment moved")
    said = text(signed_in(counselor).get(reverse("reminders:life", args=[reminder.client_id, reminder.pk])))
    assert "Nothing was sent." in said
    assert "you have an appointment" not in said


def test_words_that_left_are_never_rewritten(schedule: Any) -> None:
    reminder = schedule(TUESDAY_10)
    tasks.empty_outbox()
    attempt = reminder.delivery_attempts.filter(pk__gt=0)
    assert attempt.get().words.startswith("Reminder: you have an appointment")
    with pytest.raises(IntegrityError, match="stand as they were"), transaction.atomic():
        attempt.update(words="Something else")
    assert attempt.update(words="") == 1  # nothing was handed over after all


def test_another_clinic_sees_nothing_of_it(
    schedule: Any, make_staff: Any, other_clinic: Clinic, signed_in: Any
) -> None:
    reminder = schedule(TUESDAY_10)
    stranger = make_staff("supervisor", clinic=other_clinic)
    found = operations.look(staff_member=stranger, now=TUESDAY_10)
    assert (found.due, found.troubled, found.oldest_due) == (0, [], None)
    life = reverse("reminders:life", args=[reminder.client_id, reminder.pk])
    assert signed_in(stranger).get(life).status_code == 404


def test_one_reminders_life_in_plain_words(
    schedule: Any, counselor: StaffMember, signed_in: Any, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    reminder = schedule(TUESDAY_10)
    with monkeypatch.context() as during:
        down(during)
        tasks.empty_outbox()
    time_machine.move_to(TUESDAY_10 + 5 * MINUTE, tick=False)
    tasks.empty_outbox()
    said = text(signed_in(counselor).get(reverse("reminders:life", args=[reminder.client_id, reminder.pk])))
    assert "Reminder: you have an appointment on Sunday, Mar 8 at 10:00 AM." in said
    assert "Failed, will retry: the provider did not answer in time" in said
    assert "TimeoutError" not in said
    assert f"to {ADDRESS}" in said
    assert "Sent Tue, Mar 3, 10:05 AM" in said


def test_a_text_that_could_not_leave_says_why(robin: Client, counselor: StaffMember, signed_in: Any) -> None:
    reminder = outbox.schedule(
        kind=Kind.CLIENT_APPOINTMENT,
        client_or_staff=robin,
        due_at=TUESDAY_10,
        dedupe_key="k",
        context={"day": "Sunday"},
    )
    said = text(signed_in(counselor).get(reverse("reminders:life", args=[robin.pk, reminder.pk])))
    assert "Can’t be sent: the message needs time, which is missing." in said


def test_the_pages_ask_as_little_for_many_as_for_few(
    schedule: Any, supervisor: StaffMember, signed_in: Any, django_assert_max_num_queries: Any, counselor: StaffMember
) -> None:
    for number in range(30):
        schedule(TUESDAY_10, client_or_staff=counselor, kind=Kind.STAFF_TASK, context={}, dedupe_key=f"{number}")
    Reminder.objects.update(attempts=1)
    browser = signed_in(supervisor)
    with django_assert_max_num_queries(12):
        assert browser.get(reverse("reminders:operations")).status_code == 200


ASKED: dict[str, Any] = {
    "reminder_sent": lambda: Reminder.objects.filter(clinic=1, state="sent").order_by("-sent_at")[:1],
    "reminder_ended": lambda: Reminder.objects.filter(
        clinic=1, state__in=("cancelled", "failed"), ended_at__gt=TUESDAY_10
    ).order_by(),
    "attempt_by_time": lambda: DeliveryAttempt.objects.filter(started_at__gt=TUESDAY_10).order_by(),
}


@pytest.mark.django_db
@pytest.mark.parametrize("index", ASKED)
def test_an_index_is_used(index: str) -> None:
    asked = ASKED[index]()
    plans.leave_only(index, asked.model)
    assert index in plans.plan_of(asked)


def jobs() -> tuple[int, str]:
    answer = Browser().get("/health/jobs/")
    return answer.status_code, answer.content.decode()


def test_silence_is_heard(db: None, monkeypatch: pytest.MonkeyPatch, time_machine: Any) -> None:
    """Beat with a clock that was set back knocks no more: the site says so within five minutes."""
    for task in (tasks.empty_outbox, tasks.answer_danger, tasks.confirm_replies, tasks.nudge_colleagues):
        monkeypatch.setattr(task, "delay", task)
    workers = "scheduled jobs (worker), sending (worker), answers (worker)"
    assert jobs() == (503, f"silent: timer (beat), {workers}")
    heartbeats.beat(heartbeats.BEAT)
    assert jobs() == (503, f"silent: {workers}")
    tasks.send_due_reminders()
    assert jobs() == (200, "ok")
    time_machine.move_to(TUESDAY_10 + 4 * MINUTE, tick=False)
    assert jobs() == (200, "ok")
    time_machine.move_to(TUESDAY_10 + 6 * MINUTE, tick=False)
    heartbeats.beat(heartbeats.BEAT)
    assert jobs() == (503, f"silent: {workers}")
    tasks.empty_outbox()
    assert jobs() == (503, "silent: scheduled jobs (worker), answers (worker)")
    tasks.answer_danger()
    assert jobs() == (503, "silent: scheduled jobs (worker)")


def test_a_sign_of_life_from_the_future_is_none(db: None) -> None:
    Heartbeat.objects.create(name=heartbeats.JOBS, at=TUESDAY_10 + 60 * MINUTE)
    assert all(each.is_silent for each in heartbeats.pulses(TUESDAY_10))


@pytest.fixture
def timer(db: None, tmp_path: Path) -> Iterator[Scheduler]:
    """Beat's scheduler with one job, which is not due."""
    made = Scheduler(app, schedule_filename=str(tmp_path / "schedule"))
    made.schedule.clear()
    made.schedule["job"] = ScheduleEntry("job", "no.such", schedule=every(3600), app=app, last_run_at=timezone.now())
    yield made
    made.close()


def test_beat_says_each_minute_that_it_lives(
    timer: Scheduler, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    assert timer.tick() <= 60
    assert Heartbeat.objects.get(name=heartbeats.BEAT).at == TUESDAY_10
    time_machine.move_to(TUESDAY_10 + MINUTE, tick=False)
    monkeypatch.setattr("config.beat.time.monotonic", lambda: timer.told_at + 61)
    timer.tick()
    assert Heartbeat.objects.get(name=heartbeats.BEAT).at == TUESDAY_10 + MINUTE


def test_beat_goes_on_without_a_database(timer: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> None:
        raise OperationalError(name)

    monkeypatch.setattr(heartbeats, "beat", gone)
    assert timer.tick() <= 60


def test_beat_whose_clock_was_set_back_begins_anew(timer: Scheduler, time_machine: Any) -> None:
    time_machine.move_to(TUESDAY_10 - 180 * MINUTE, tick=False)
    timer.tick()
    assert timer.schedule["job"].last_run_at == TUESDAY_10 - 180 * MINUTE


def test_each_channel_has_a_line_with_its_state(
    reminder_sent: Any, supervisor: StaffMember, signed_in: Any, settings: Any
) -> None:
    settings.REMINDER_CHANNELS = {
        "email": "reminders.channels.send_email",
        "sms": "reminders.channels.send_text",
        "voice": "",
    }
    ChannelPause.objects.create(channel="sms", failures=3, until=TUESDAY_10 + 5 * MINUTE)
    said = text(signed_in(supervisor).get(reverse("reminders:operations")))
    assert "Email Answering 1" in said
    assert "Text message No answer 3 times in a row Next try at 10:05 AM 0" in said
    assert "Phone call Not set up 0" in said
    assert "sent twice" in said


def test_what_a_provider_took_twice_is_counted(reminder_sent: Any, supervisor: StaffMember) -> None:
    first = DeliveryAttempt.objects.get()
    assert operations.look(staff_member=supervisor, now=TUESDAY_10 + MINUTE).doubles == 0
    first.pk, first.number, first._state.adding = None, 2, True
    first.save()
    assert operations.look(staff_member=supervisor, now=TUESDAY_10 + MINUTE).doubles == 1


def test_the_page_says_who_is_silent(supervisor: StaffMember, signed_in: Any) -> None:
    assert "Never ran" in text(signed_in(supervisor).get(reverse("reminders:operations")))
