"""The minute's jobs: senders first, nothing that waits for a provider, and no step that silences the next."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings as conf
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from cases.models import Client
from config.celery import app
from reminders import channels, crisis, help_line, inbox, opt_outs, sources, tasks, turns, what_came
from reminders.models import CrisisReply, HelpAnswer, InboxItem, Kind, OptOut, Reminder, Turn
from staff.models import Clinic, StaffMember

from .conftest import ADDRESS
from .passes import TUESDAY_10

TALK_TO_A_PROVIDER = ("answer_danger", "confirm_replies", "empty_outbox", "nudge_colleagues")


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that were put into a queue, in order; none of them runs."""
    names: list[str] = []
    for name in TALK_TO_A_PROVIDER:
        monkeypatch.setattr(getattr(tasks, name), "delay", lambda name=name: names.append(name))
    return names


@pytest.fixture
def nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(*_: Any, **__: Any) -> None:
        raise AssertionError("a provider was asked")

    monkeypatch.setattr(channels, "send", talk)


def fail(*_: Any, **__: Any) -> None:
    raise RuntimeError("broken")


def stop(*_: Any, **__: Any) -> None:
    raise SoftTimeLimitExceeded


def item(who: StaffMember) -> InboxItem:
    row = Reminder.objects.create(
        clinic=who.clinic,
        kind=Kind.STAFF_TASK,
        staff_member=who,
        channel="inbox",
        asked_for=TUESDAY_10,
        due_at=TUESDAY_10,
        dedupe_key="an item",
    )
    return InboxItem.objects.create(reminder=row, staff_member=who, arrived_at=timezone.now())


def test_the_minute_wakes_the_senders_first_and_asks_no_provider(
    robin: Client, clinic: Clinic, counselor: StaffMember, woken: list[str], nothing_leaves: None
) -> None:
    item(counselor)
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="STOP", at=timezone.now())
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="HELP", at=timezone.now())
    opt_outs.receive(
        clinic=clinic, contact_value=ADDRESS, words="I want to die", at=timezone.now(), answer_danger=False
    )
    tasks.send_due_reminders()
    assert woken == ["empty_outbox", "nudge_colleagues", "answer_danger", "confirm_replies"]


@pytest.mark.parametrize("broken", ["what_came.read", "delivery.how_many_due"])
def test_a_step_that_fails_does_not_silence_the_next(
    broken: str, db: None, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"reminders.{broken}", fail)
    tasks.send_due_reminders()
    assert set(woken) >= {"nudge_colleagues", "answer_danger", "confirm_replies"}
    assert ("empty_outbox" in woken) == (broken == "what_came.read")


def test_a_broker_that_refuses_one_task_takes_the_next(
    db: None, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.empty_outbox, "delay", fail)
    monkeypatch.setattr(tasks.answer_danger, "delay", fail)
    tasks.send_due_reminders()
    assert woken == ["nudge_colleagues", "confirm_replies"]


def test_the_command_goes_on_after_a_failure_too(schedule: Any, time_machine: Any, monkeypatch: Any) -> None:
    time_machine.move_to(TUESDAY_10, tick=False)
    schedule(TUESDAY_10)
    monkeypatch.setattr(what_came, "read", fail)
    call_command("send_due_reminders")
    assert len(mail.outbox) == 1


def test_whatever_talks_to_a_provider_has_queues_of_its_own() -> None:
    ours = {name.removeprefix("reminders.tasks.") for name in app.tasks if name.startswith("reminders.tasks.")}
    routed = {name.rpartition(".")[2]: where["queue"] for name, where in conf.CELERY_TASK_ROUTES.items()}
    assert routed == {
        "empty_outbox": "sending",
        "answer_danger": "answers",
        "confirm_replies": "answers",
        "nudge_colleagues": "answers",
    }
    assert routed.keys() <= ours
    compose = (conf.BASE_DIR / "docker-compose.yml").read_text()
    assert all(f"--queues={queue}," in compose for queue in {"celery", *routed.values()})


class TestTurns:
    def test_one_at_a_time(self, db: None) -> None:
        with turns.alone("a job") as ours, turns.alone("a job") as again, turns.alone("another") as other:
            assert (ours, again, other) == (True, False, True)
        with turns.alone("a job") as ours:
            assert ours
        assert not Turn.objects.exists()

    def test_who_died_with_it_holds_it_no_longer_than_a_task_may_run(self, db: None) -> None:
        dead = turns.alone("a job")
        dead.__enter__()
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM until - clock_timestamp()) FROM reminders_turn")
            [[left]] = cursor.fetchall()
        assert 0 < left <= conf.CELERY_TASK_TIME_LIMIT
        Turn.objects.update(until=timezone.now() - datetime.timedelta(seconds=1))
        with turns.alone("a job") as ours:
            assert ours

    def test_who_lost_it_gives_back_nothing_of_the_next(self, db: None) -> None:
        with turns.alone("a job"):
            Turn.objects.update(until=timezone.now() - datetime.timedelta(seconds=1))
            later = turns.alone("a job")
            assert later.__enter__()
        assert Turn.objects.count() == 1

    def test_the_jobs_take_turns(self, counselor: StaffMember, clinic: Clinic, robin: Client) -> None:
        item(counselor)
        opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="STOP", at=timezone.now())
        with turns.alone("nudge colleagues"), turns.alone("confirm replies"):
            tasks.nudge_colleagues()
            tasks.confirm_replies()
        assert mail.outbox == []
        tasks.nudge_colleagues()
        tasks.confirm_replies()
        assert [each.to for each in mail.outbox] == [[counselor.email], [ADDRESS]]

    def test_a_confirmation_that_fails_leaves_the_help_line(
        self, robin: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="HELP", at=timezone.now())
        monkeypatch.setattr(opt_outs, "confirm_due", fail)
        tasks.confirm_replies()
        assert len(mail.outbox) == 1


class TestSoftLimit:
    """A task that is told to end ends, whatever it was sending."""

    def test_none_swallows_it(
        self, counselor: StaffMember, robin: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item(counselor)
        now = timezone.now()
        for words in ("STOP", "HELP", "I want to die"):
            opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words=words, at=now, answer_danger=False)
        monkeypatch.setattr(channels, "send", stop)
        for due in (inbox.nudge_due, opt_outs.confirm_due, help_line.answer_due, crisis.answer_due):
            with pytest.raises(SoftTimeLimitExceeded):
                due(now)
        assert CrisisReply.objects.get().answered_at is None

    def test_nor_do_the_other_jobs(self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        settings.REMINDER_SOURCES = ["tests.reminders.test_jobs.stop"]
        with pytest.raises(SoftTimeLimitExceeded):
            sources.schedule_due(timezone.now())
        with pytest.raises(SoftTimeLimitExceeded):
            turns.each(stop, fail)


def test_a_reply_that_is_being_answered_is_passed_over(
    robin: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that hangs keeps one worker, and not one more each minute."""
    opt_outs.receive(
        clinic=clinic, contact_value=ADDRESS, words="I want to die", at=timezone.now(), answer_danger=False
    )
    monkeypatch.setattr(crisis, "_is_our_turn", lambda value: False)
    assert tasks.answer_danger() == 0
    assert mail.outbox == []
    monkeypatch.undo()
    assert tasks.answer_danger() == 1


def test_help_is_written_down_and_answered_afterwards(
    robin: Client, clinic: Clinic, nothing_leaves: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a reply is read, all of it may be rolled back: what has left by then would leave again."""
    now = timezone.now()
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="HELP", at=now)
    assert HelpAnswer.objects.get().answered_at is None
    assert OptOut.objects.count() == 0
    monkeypatch.undo()
    assert help_line.answer_due(now) == 1
    assert help_line.answer_due(now) == 0
    assert help_line.answer_due(now + 2 * help_line.ANSWER_WITHIN) == 0
    assert len(mail.outbox) == 1


def test_help_that_nobody_answered_in_time_is_not_answered_out_of_nowhere(robin: Client, clinic: Clinic) -> None:
    now = timezone.now()
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="HELP", at=now)
    assert help_line.answer_due(now + help_line.ANSWER_WITHIN) == 0
