"""Meetings around the demo clinic and referrals in every state."""

from __future__ import annotations

import datetime
import random
from itertools import cycle

from django.db import transaction

from referrals import feeds, involvement, referring
from referrals.models import Meeting, MeetingFeed
from staff.models import Clinic

from .lives import Life
from .meeting_feeds import FEEDS, feed_rows

STATES = ["offered", "planned", "linked", "attended", "engaged", "declined", "ended", "missed"]


def make_meetings(*, clinic: Clinic, now: datetime.datetime, chance: random.Random) -> int:
    """One feed per fellowship, imported as a clinic would import it; returns how many meetings that gave."""
    for fellowship, number, codes in FEEDS:
        feed = MeetingFeed.objects.create(clinic=clinic, name=f"{fellowship.label}, demo area", fellowship=fellowship)
        feeds.import_feed(
            feed=feed, payload=feed_rows(fellowship, number, codes, chance), at=now, source="made for the demo"
        )
    return Meeting.objects.filter(feed__clinic=clinic).count()


def make_referrals(*, lives: list[Life], now: datetime.datetime, number: int, chance: random.Random) -> int:
    """Referrals of people who are here now, as many in each state; the planned ones have a follow-up waiting."""
    here = [life for life in lives if life.open_episode]
    clinic = lives[0].client.clinic
    meetings = list(
        Meeting.objects.filter(feed__clinic=clinic, weekday__isnull=False, start__isnull=False).order_by("pk")
    )
    made = 0
    for life, state in zip(chance.sample(here, min(number, len(here))), cycle(STATES), strict=False):
        with transaction.atomic():
            _referral(life, chance.choice(meetings), state, now, chance)
        made += 1
    return made


def _referral(life: Life, meeting: Meeting, state: str, now: datetime.datetime, chance: random.Random) -> None:
    by = life.counselor
    offered_at = now - datetime.timedelta(days=chance.randint(12, 50), hours=chance.randint(0, 5))
    referral = referring.offer(
        client=life.client,
        meeting=meeting,
        experience=chance.choice(
            ["Went a few times years ago, liked the mornings.", "Never been. Worried about being asked to speak.", ""]
        ),
        by=by,
        at=offered_at,
    )
    if state == "declined":
        referring.decline(referral=referral, by=by, at=offered_at)
    if state in {"offered", "declined"}:
        return
    asked_at = now if state == "planned" else offered_at
    referring.plan(referral=referral, on=_next_day(meeting, asked_at), by=by, at=asked_at)
    if state == "planned":
        return
    if state != "missed":
        referring.link(referral=referral, volunteer=chance.choice(["Sam", "Lee", "J."]), by=by, at=asked_at)
    if state == "linked":
        return
    visited_on = _next_day(meeting, asked_at)
    visited_at = min(now, asked_at + datetime.timedelta(days=9))
    referring.record_visit(referral=referral, visited_on=visited_on, attended=state != "missed", by=by, at=visited_at)
    if state == "engaged":
        referring.engage(referral=referral, by=by, at=visited_at)
        involvement.record(
            client=life.client, fellowship=meeting.fellowship, meetings_past_30_days=chance.randint(4, 14), by=by
        )
    if state == "ended":
        referring.end(referral=referral, note="Moved on to a meeting near work.", by=by, at=visited_at)


def _next_day(meeting: Meeting, after: datetime.datetime) -> datetime.date:
    """The meeting's next day, at least a day away. Weekdays count from Sunday in meeting lists."""
    day = after.date() + datetime.timedelta(days=1)
    while (day.weekday() + 1) % 7 != meeting.weekday:
        day += datetime.timedelta(days=1)
    return day
