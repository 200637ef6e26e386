"""A word on the day of a milestone: once, in neutral words, and only while it is one."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.core import mail

from cases import merging
from cases.models import Client
from cases.panels import today_milestones
from cases.recovery import relapses, sobriety
from privacy import consents
from privacy.models import Channel, Consent
from reminders import channels, delivery, milestones, sources
from reminders.models import Kind, Reminder, StaffTask
from staff.models import Program, StaffMember
from tests import factories

from .conftest import reachable, utc

D = datetime.date


def pass_on(now: datetime.datetime) -> list[str]:
    """What beat does in that minute: plan the day, then send what is due."""
    sources.schedule_due(now)
    return [delivery.deliver(reminder_id, claim, now) for reminder_id, claim in delivery.claim_due(now, 100)]


@pytest.fixture
def robin_in_care(client_record: Client, program: Program, counselor: StaffMember) -> Client:
    """In care since 2024, and glad of a message."""
    point = reachable(client_record, counselor, consented=False)
    with time_machine.travel(utc(2024, 1, 5, 15), tick=False):
        consents.allow_reminders(
            client=client_record,
            channel=Channel.EMAIL,
            value=point.normalized,
            by=counselor,
            signed_on=D(2024, 1, 5),
            expires_on=D(2029, 1, 1),
        )
    factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=D(2024, 1, 2)
    )
    return client_record


@pytest.fixture
def leap_day(robin_in_care: Client, counselor: StaffMember) -> Client:
    with time_machine.travel(utc(2024, 3, 10, 15), tick=False):
        sobriety.state(client=robin_in_care, sobriety_date=D(2024, 2, 29), by=counselor)
    return robin_in_care


def test_the_first_year_since_a_leap_day_is_the_28th_once(leap_day: Client) -> None:
    assert pass_on(utc(2025, 2, 27, 15)) == []
    assert pass_on(utc(2025, 2, 28, 14)) == []  # 9 in the morning there: it waits until 10
    assert pass_on(utc(2025, 2, 28, 15)) == ["sent"]
    assert pass_on(utc(2025, 2, 28, 16)) == []
    assert pass_on(utc(2025, 3, 1, 15)) == []
    [message] = mail.outbox
    assert message.body == "We are thinking of you today. Call (555) 010-0100 any time you like. Reply STOP to opt out."
    assert Reminder.objects.get().kind == Kind.CLIENT_MILESTONE
    assert pass_on(utc(2028, 2, 29, 15)) == ["sent"]  # four years: that year has the day


def test_what_comes_to_light_about_the_past_sends_nothing_twice(leap_day: Client, counselor: StaffMember) -> None:
    day = utc(2025, 2, 28, 15)
    assert pass_on(day) == ["sent"]
    with time_machine.travel(day, tick=False):
        relapses.record(client=leap_day, started_on=D(2023, 6, 1), ended_on=D(2023, 6, 9), by=counselor)
        assert sobriety.standing(leap_day, D(2025, 2, 28)).sobriety_date == D(2024, 2, 29)
        assert pass_on(day + datetime.timedelta(hours=1)) == []
        sobriety.state(client=leap_day, sobriety_date=D(2024, 3, 1), by=counselor)  # a corrected date
    assert pass_on(utc(2025, 3, 1, 15)) == []
    assert len(mail.outbox) == 1


def test_thirty_days_come_again_after_another_return_to_use(robin_in_care: Client, counselor: StaffMember) -> None:
    for used, reached in ((D(2026, 3, 1), utc(2026, 4, 1, 15)), (D(2026, 4, 20), utc(2026, 5, 21, 15))):
        with time_machine.travel(utc(used.year, used.month, used.day, 20), tick=False):
            relapses.record(client=robin_in_care, started_on=used, ended_on=used, by=counselor)
        assert pass_on(reached) == ["sent"]
    assert Reminder.objects.filter(dedupe_key__contains=":30 days:").count() == 2


def test_nothing_is_sent_to_somebody_who_uses_again_before_it_leaves(leap_day: Client, counselor: StaffMember) -> None:
    assert pass_on(utc(2025, 2, 28, 14)) == []
    with time_machine.travel(utc(2025, 2, 28, 14, 30), tick=False):
        relapses.record(client=leap_day, started_on=D(2025, 2, 27), by=counselor)
    assert pass_on(utc(2025, 2, 28, 15)) == ["cancelled"]
    reminder = Reminder.objects.get()
    assert reminder.reason == "the milestone no longer applies"
    assert pass_on(utc(2025, 2, 28, 18)) == []
    assert mail.outbox == []
    assert not StaffTask.objects.exists()


def test_a_date_known_to_the_month_only_is_no_milestone(robin_in_care: Client, counselor: StaffMember) -> None:
    with time_machine.travel(utc(2026, 3, 10, 15), tick=False):
        relapses.record(
            client=robin_in_care,
            started_on=D(2026, 3, 1),
            ended_on=D(2026, 3, 1),
            ended_precision="month",
            by=counselor,
        )
    assert pass_on(utc(2026, 4, 1, 15)) == []
    assert not Reminder.objects.exists()


def test_who_allows_no_messages_gets_none_and_nobody_is_bothered(leap_day: Client, counselor: StaffMember) -> None:
    consents.revoke(consent=Consent.objects.get(), by=counselor)
    assert pass_on(utc(2025, 2, 28, 15)) == []
    assert (Reminder.objects.count(), StaffTask.objects.count()) == (0, 0)


def test_a_consent_taken_back_in_between_cancels_it_without_a_task(leap_day: Client, counselor: StaffMember) -> None:
    pass_on(utc(2025, 2, 28, 14))
    consents.revoke(consent=Consent.objects.get(), by=counselor)
    assert pass_on(utc(2025, 2, 28, 15)) == ["cancelled"]
    assert not StaffTask.objects.exists()


def test_it_stands_in_the_outbox_two_weeks_ahead_and_follows_what_comes_to_light(
    leap_day: Client, counselor: StaffMember
) -> None:
    assert pass_on(utc(2025, 2, 13, 14)) == []
    assert not Reminder.objects.exists()  # 15 days and an hour ahead
    assert pass_on(utc(2025, 2, 14, 14)) == []
    ahead = Reminder.objects.get()
    assert (ahead.state, ahead.due_at) == ("pending", utc(2025, 2, 28, 15))
    with time_machine.travel(utc(2025, 2, 20, 15), tick=False):
        sobriety.state(client=leap_day, sobriety_date=D(2024, 3, 3), by=counselor)  # a corrected date
    assert pass_on(utc(2025, 2, 28, 15)) == ["cancelled"]
    assert pass_on(utc(2025, 3, 3, 15)) == ["sent"]
    assert [each.dedupe_key[-10:] for each in Reminder.objects.order_by("due_at")] == ["2025-02-28", "2025-03-03"]


def test_a_date_corrected_twice_sends_one_message(leap_day: Client, counselor: StaffMember) -> None:
    def state(day: datetime.date, at: datetime.datetime) -> None:
        with time_machine.travel(at, tick=False):
            sobriety.state(client=leap_day, sobriety_date=day, by=counselor)

    state(D(2024, 3, 3), utc(2025, 2, 20, 15))
    pass_on(utc(2025, 2, 20, 16))  # plans March 3
    state(D(2024, 2, 29), utc(2025, 2, 21, 15))
    assert pass_on(utc(2025, 2, 28, 15)) == ["sent"]
    state(D(2024, 3, 3), utc(2025, 3, 1, 15))
    assert pass_on(utc(2025, 3, 3, 15)) == ["cancelled"]
    assert Reminder.objects.get(state="cancelled").reason == milestones.SAID
    assert len(mail.outbox) == 1


def refused(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(message: object) -> None:
        raise error

    monkeypatch.setattr("reminders.channels.send_email", fail)


def test_an_address_that_refuses_it_makes_no_task_and_it_may_still_be_said(
    leap_day: Client, counselor: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a kind word: nobody relies on it. And it did not arrive, so it was not said."""
    with monkeypatch.context() as refusing:
        refused(refusing, channels.Undeliverable("address does not accept messages"))
        assert pass_on(utc(2025, 2, 28, 15)) == ["failed"]
    assert not StaffTask.objects.exists()
    with time_machine.travel(utc(2025, 3, 1, 15), tick=False):
        sobriety.state(client=leap_day, sobriety_date=D(2024, 3, 3), by=counselor)  # a corrected date
    assert pass_on(utc(2025, 3, 3, 15)) == ["sent"]


def test_one_that_may_have_arrived_counts_as_said(
    leap_day: Client, counselor: StaffMember, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES = []
    with monkeypatch.context() as broken:
        refused(broken, channels.MayHaveArrived("the connection broke off"))
        assert pass_on(utc(2025, 2, 28, 15)) == ["failed"]
    assert not StaffTask.objects.exists()
    with time_machine.travel(utc(2025, 3, 1, 15), tick=False):
        sobriety.state(client=leap_day, sobriety_date=D(2024, 3, 3), by=counselor)
    assert pass_on(utc(2025, 3, 3, 15)) == []
    assert mail.outbox == []


def test_what_was_said_is_still_said_after_a_merge(
    leap_day: Client, counselor: StaffMember, supervisor: StaffMember
) -> None:
    """The message moves to the record that is kept, and what it said with it: the same day, or a corrected one."""
    assert pass_on(utc(2025, 2, 28, 15)) == ["sent"]
    kept = factories.ClientFactory(clinic=leap_day.clinic, counselor=counselor)
    with time_machine.travel(utc(2025, 2, 28, 16), tick=False):
        merging.merge(keep=kept, absorb=leap_day, by=supervisor)
        planned = list(milestones.upcoming(kept.clinic, utc(2025, 2, 28, 5), utc(2025, 3, 1, 5)))
    assert planned == []
    with time_machine.travel(utc(2025, 3, 1, 15), tick=False):
        sobriety.state(client=kept, sobriety_date=D(2024, 3, 3), by=counselor)
    assert pass_on(utc(2025, 3, 3, 15)) == []
    assert len(mail.outbox) == 1


def test_who_moves_to_another_zone_gets_it_at_ten_there(leap_day: Client) -> None:
    pass_on(utc(2025, 2, 20, 15))
    leap_day.time_zone = "America/Los_Angeles"
    leap_day.save()
    assert pass_on(utc(2025, 2, 28, 15)) == []
    assert pass_on(utc(2025, 2, 28, 18)) == ["sent"]


def test_who_has_left_is_not_written_to(leap_day: Client) -> None:
    leap_day.episodes.update(discharged_on=D(2025, 2, 1), discharge_reason="completed")
    assert pass_on(utc(2025, 2, 28, 15)) == []


def test_the_counselor_sees_whose_day_it_is(leap_day: Client, counselor: StaffMember, supervisor: StaffMember) -> None:
    at = utc(2025, 2, 28, 15)
    assert [need.title for need in today_milestones.needs(staff_member=counselor, now=at)] == ["1 year today"]
    assert today_milestones.needs(staff_member=counselor, now=at + datetime.timedelta(days=1)) == []
    assert today_milestones.needs(staff_member=supervisor, now=at) == []
