"""Mutual help: a meeting near her on a free evening, the referral, and the reminder that follows it up."""

from __future__ import annotations

import datetime
import os
import warnings
from pathlib import Path

import pytest
from django.core import mail

from cases.models import Client
from privacy import consents
from privacy.models import Channel
from referrals import feeds, finder, followups, guide, referring, ties, tried_before, volunteers
from referrals.models import Meeting, MeetingFeed, Referral
from reminders import chart, delivery, wording
from reminders.models import InboxItem, Reminder
from tests.places import NEW_YORK

from .first_stay import ADDRESS
from .house import House, at

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("ONWARD_FEEDS", ROOT.parent / "shared" / "meetings"))
REAL_FEED = REAL / "bmlt_searchresults_upstate_ny_244.json"
SMALL_FEED = Path(__file__).parent / "small_na_feed.json"

TALKED = datetime.date(2026, 3, 10)  # a Tuesday
FREE_EVENING = datetime.date(2026, 3, 12)  # a Thursday
THURSDAY = 4  # as meeting lists count
ASKED_HOW_IT_WAS = datetime.date(2026, 3, 13)


def she_may_be_reminded(house: House, rosalind: Client) -> None:
    """She signs that neutral reminders may go to her address."""
    house.it_is(TALKED, 13)
    consents.allow_reminders(client=rosalind, channel=Channel.EMAIL, value=ADDRESS, by=house.counselor)


def a_list_of_meetings_is_imported(house: House) -> None:
    """The real list of Narcotics Anonymous upstate where it is on this machine, else a small one of the same make."""
    now = house.it_is(TALKED, 14)
    path, meetings = (REAL_FEED, 244) if REAL_FEED.exists() else (SMALL_FEED, 5)
    if path == SMALL_FEED:
        warnings.warn(f"The real feed is not on this machine ({REAL_FEED}); a small one stands in.", stacklevel=2)
    feed = MeetingFeed.objects.create(clinic=house.clinic, name="NA upstate", fellowship="na", format="bmlt")
    run = feeds.import_feed(feed=feed, payload=path.read_bytes(), at=now, by=house.counselor, source=path.name)
    assert (run.error, run.created, run.rejected) == ("", meetings, 0)
    again = feeds.import_feed(feed=feed, payload=path.read_bytes(), at=now, by=house.counselor, source=path.name)
    assert (again.created, again.updated, again.unchanged) == (0, 0, meetings), "a second import changes nothing"
    broken = feeds.import_feed(feed=feed, payload=b"<html>Sorry", at=now, by=house.counselor)
    assert "web page" in broken.error
    assert Meeting.objects.visible_to(house.counselor).current().count() == meetings


def a_meeting_near_her_is_found(house: House, rosalind: Client) -> Meeting:
    """Thursday evening, within ten kilometers of her ZIP code, in person."""
    found = list(
        finder.find(
            near=rosalind.postal_code,
            within_km=10,
            weekday=THURSDAY,
            after=datetime.time(18),
            online=False,
            program="na",
            now=at(TALKED, 14),
            zone=rosalind.zone,
            among=Meeting.objects.visible_to(house.counselor),
        )
    )
    assert found
    for meeting in found:
        starts = meeting.next_start.astimezone(NEW_YORK)
        assert (starts.date(), starts.hour >= 18) == (FREE_EVENING, True)
        assert meeting.distance_km <= 10
        assert (meeting.fellowship, meeting.attendance) == ("na", "in_person")
    nearest = min(found, key=lambda each: each.distance_km)
    assert nearest.distance_km < 3
    assert nearest.start == datetime.time(19)
    return nearest


def she_is_referred(house: House, rosalind: Client, meeting: Meeting) -> Referral:
    """Offered, agreed on for Thursday; the morning after, somebody asks how it was: a message and a call."""
    by = house.counselor
    guide.remember_tried(client=rosalind, tried="before", words="Went at noon once.", by=by)
    talk = guide.remember_concerns(client=rosalind, concerns=["first_time"], words="Being asked to speak.", by=by)
    assert guide.next_stage(guide.done(talk, [])) == "choose"
    referral = guide.choose(client=rosalind, meeting=meeting, by=by)
    assert referring.state_of(referral) == "offered"
    assert not Reminder.objects.filter(client=rosalind).exists()
    with pytest.raises(referring.WrongDay, match="this meeting is on Thursdays"):
        referring.plan(referral=referral, on=FREE_EVENING + datetime.timedelta(days=1), by=by)
    plan = referring.plan(referral=referral, on=FREE_EVENING, by=by)
    assert plan.planned_for == at(FREE_EVENING, 19)
    assert referring.state_of(referral) == "planned"
    scheduled = Reminder.objects.filter(dedupe_key__in=followups.keys(referral))
    assert {(each.kind, each.state, each.due_at) for each in scheduled} == {
        ("client_meeting_followup", "pending", at(ASKED_HOW_IT_WAS, 10)),
        ("staff_followup_call", "pending", at(ASKED_HOW_IT_WAS, 10)),
    }
    assert _in_the_chart(house, rosalind) == ["Scheduled for Fri, Mar 13, 10:00 AM"]
    with pytest.raises(volunteers.TooMuchNamed):
        referring.link(referral=referral, volunteer="Mary Jo Sample", by=by)
    referring.link(referral=referral, volunteer="Mary Jo", by=by)
    assert guide.done(talk, [referral]) == set(guide.KEYS)
    guide.finish(conversation=talk, by=by)
    return referral


def she_is_reminded_once(house: House, rosalind: Client) -> None:
    """When it is due and not a minute before; once, however often the outbox is gone through; in neutral words."""
    mail.outbox.clear()
    assert _one_pass(house.it_is(ASKED_HOW_IT_WAS, 9, 59)) == []
    assert mail.outbox == []
    due = house.it_is(ASKED_HOW_IT_WAS, 10)
    assert _one_pass(due) == ["sent", "sent"]
    assert _one_pass(due) == []
    assert _one_pass(house.it_is(ASKED_HOW_IT_WAS, 15)) == []

    [message] = mail.outbox
    assert message.to == [ADDRESS]
    said = f"{message.subject} {message.body}"
    assert wording.revealing_words(f"{said} {message.from_email}") == []
    assert not [word for word in ("Rosalind", "Roz", "Samplewood", "NA", house.clinic.name) if word in said]
    assert house.clinic.phone in message.body
    assert [str(each) for each in InboxItem.objects.visible_to(house.counselor).unread()] == [
        "Follow-up call after a meeting"
    ]

    reminder = Reminder.objects.visible_to(house.counselor).get(client=rosalind)
    assert (reminder.state, reminder.sent_at, reminder.attempts) == ("sent", due, 1)
    assert _in_the_chart(house, rosalind) == ["Sent Fri, Mar 13, 10:00 AM"]


def she_went_and_finds_a_home_group(house: House, rosalind: Client, referral: Referral) -> None:
    """She tells how it was, goes on going, and what she has there is on record for the next time."""
    by = house.counselor
    house.it_is(ASKED_HOW_IT_WAS, 16)
    with pytest.raises(referring.BeforePlan, match="Mar 11 is before the planned day, Mar 12"):
        referring.record_visit(
            referral=referral, visited_on=FREE_EVENING - datetime.timedelta(days=1), attended=True, by=by
        )
    referring.record_visit(referral=referral, visited_on=FREE_EVENING, attended=True, note="The coffee.", by=by)
    week_later = FREE_EVENING + datetime.timedelta(days=7)
    house.it_is(week_later, 22)
    referring.record_visit(referral=referral, visited_on=week_later, attended=True, by=by)
    referring.engage(referral=referral, by=by)
    assert referring.state_of(referral) == "engaged"
    ties.sponsor(client=rosalind, fellowship=referral.fellowship, name="J.R.", since=week_later, by=by)
    ties.home_group(client=rosalind, meeting=referral.meeting, since=week_later, by=by)
    known = tried_before.known(client=rosalind, by=by)
    assert [each.wording.split(":")[0] for each in known[:2]] == ["Home group", "Sponsor"]
    assert known[2].notes == ("The coffee.",)


def _one_pass(now: datetime.datetime) -> list[str]:
    return [delivery.deliver(reminder, claim, now) for reminder, claim in delivery.claim_due(now, 100)]


def _in_the_chart(house: House, rosalind: Client) -> list[str]:
    panel = chart.panel(client=rosalind, staff_member=house.counselor, now=at(ASKED_HOW_IT_WAS, 15))
    assert panel is not None
    return [each.words for each in panel.context["told"]]
