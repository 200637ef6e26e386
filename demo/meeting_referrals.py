"""Meetings around the demo clinic and referrals in every state."""

from __future__ import annotations

import datetime
import json
import random
from itertools import cycle

from django.db import transaction

from referrals import (
    feeds,
    guide,
    guide_words,
    involvement,
    own_goals,
    own_meetings,
    own_reports,
    private_links,
    referring,
    ties,
)
from referrals.models import Meeting, MeetingFeed, PrivateLink, Referral
from referrals.models.conversation import Barrier
from staff.models import Clinic, StaffMember

from .lives import Life
from .meeting_feeds import FEEDS, feed_rows

TALKS: list[tuple[str, str, list[str], str]] = [
    ("before", "Went a few times years ago, liked the mornings.", [], ""),
    ("never", "", ["first_time"], "Worried about being asked to speak."),
    ("before", "Was told there that methadone doesn’t count.", ["medication"], ""),
    ("never", "", ["religion", "anonymity"], "Knows half the town."),
]
STATES = ["offered", "planned", "linked", "attended", "engaged", "declined", "ended", "missed"]


def make_meetings(*, clinic: Clinic, now: datetime.datetime, chance: random.Random) -> int:
    """One feed per fellowship, imported as a clinic would import it; returns how many meetings that gave."""
    for fellowship, number, codes in FEEDS:
        feed = MeetingFeed.objects.create(clinic=clinic, name=f"{fellowship.label}, demo area", fellowship=fellowship)
        feeds.import_feed(
            feed=feed, payload=feed_rows(fellowship, number, codes, chance), at=now, source="made for the demo"
        )
    _by_hand(clinic, now)
    return Meeting.objects.filter(feed__clinic=clinic).count()


def _by_hand(clinic: Clinic, now: datetime.datetime) -> None:
    """A second list that overlaps with the first, a house meeting, and a correction of a changed room."""
    by = StaffMember.objects.filter(clinic=clinic, role="supervisor").earliest("pk")
    listed = Meeting.objects.filter(feed__clinic=clinic, attendance="in_person", fellowship="aa", weekday__isnull=False)
    known = list(listed.exclude(street="").order_by("pk")[:4])
    area = MeetingFeed.objects.create(clinic=clinic, name="AA, area list", fellowship="aa")
    rows = [
        {
            "slug": f"area-{number}", "name": f"{each.name} Group", "day": each.weekday, "time": str(each.start),
            "formatted_address": each.address, "latitude": each.latitude, "longitude": each.longitude,
        }
        for number, each in enumerate(known)
    ]  # fmt: skip
    if rows:
        feeds.import_feed(feed=area, payload=json.dumps(rows).encode(), at=now, source="made for the demo")
    own_meetings.add(
        by=by,
        name="House meeting",
        fellowship="other",
        weekday=0,
        start=datetime.time(19),
        attendance="in_person",
        venue="The clinic, community room",
        street="1 Sample St",
        city="Albany",
        state="NY",
        postal_code="12207",
        types=["MAT", "O", "X"],
        notes="Ring at the side door.",
    )
    if known:
        facts = own_meetings.facts_of(known[-1])
        facts["venue"] = ", ".join(filter(None, (known[-1].venue, "Room 4")))
        own_meetings.add(by=by, corrects=known[-1], **facts)


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
            _referral(life, chance.choice(meetings), state, now, chance, made)
        made += 1
    if here:
        with transaction.atomic():
            _moved(here[0], now)
            _answered(here[-1], now)
            _goes_on(here[-2:][0], meetings, now)
            guide_words.rewrite(
                key="call",
                words="We have good people at the groups around here. Shall we call one now, the two of us?",
                by=StaffMember.objects.filter(clinic=clinic, role="supervisor").earliest("pk"),
            )
    return made


def _talk(life: Life, meeting: Meeting, at: datetime.datetime, number: int, *, is_finished: bool) -> Referral:
    """The conversation that led to a choice; one that was left there can be resumed."""
    by, (tried, words, concerns, said) = life.counselor, TALKS[number % len(TALKS)]
    guide.remember_tried(client=life.client, tried=tried, words=words, by=by, at=at)
    talk = guide.remember_concerns(client=life.client, concerns=concerns, words=said, by=by, at=at)
    referral = guide.choose(client=life.client, meeting=meeting, by=by, at=at)
    if is_finished:
        guide.finish(conversation=talk, by=by, at=at)
    return referral


def _moved(life: Life, now: datetime.datetime) -> None:
    """A plan whose meeting has moved to another evening since: its list was imported again."""
    feed = MeetingFeed.objects.create(
        clinic=life.client.clinic, name="Recovery Dharma, house list", fellowship="recovery-dharma"
    )
    row = {
        "slug": "lantern-evening", "name": "Lantern Evening", "day": (now.isoweekday() + 3) % 7, "time": "19:00",
        "formatted_address": "12 Sample St, Albany, NY 12203, USA", "latitude": 42.66, "longitude": -73.79,
    }  # fmt: skip
    feeds.import_feed(feed=feed, payload=json.dumps([row]).encode(), at=now, source="made for the demo")
    meeting = feed.meetings.get()
    referral = referring.offer(client=life.client, meeting=meeting, by=life.counselor, at=now)
    referring.plan(referral=referral, on=_next_day(meeting, now), by=life.counselor, at=now)
    moved = row | {"day": (now.isoweekday() + 4) % 7}
    feeds.import_feed(feed=feed, payload=json.dumps([moved]).encode(), at=now, source="made for the demo")


def _answered(life: Life, now: datetime.datetime) -> None:
    """A plan of the day before yesterday, of which the client told by the private link in the message."""
    day = datetime.timedelta(days=1)
    referral = referring.offer(client=life.client, fellowship="lifering", by=life.counselor, at=now - 4 * day)
    plan = referring.plan(referral=referral, on=now - 2 * day, by=life.counselor, at=now - 4 * day)
    own_reports.answer(
        token=private_links.token_of(PrivateLink.objects.get(follow_through=plan)),
        attended=True,
        how_it_was=4,
        line="Nervous at the door. They kept a chair for me.",
        craving=3,
        again=True,
    )


def _goes_on(life: Life, meetings: list[Meeting], now: datetime.datetime) -> None:
    """A client who went, and who by the private link has said yes to the next one: it is planned."""
    asked_at = now - datetime.timedelta(days=8)
    meeting = next(each for each in meetings if _next_day(each, asked_at) < (now - datetime.timedelta(days=1)).date())
    referral = referring.offer(client=life.client, meeting=meeting, by=life.counselor, at=asked_at)
    plan = referring.plan(referral=referral, on=_next_day(meeting, asked_at), by=life.counselor, at=asked_at)
    own_reports.answer(
        token=private_links.token_of(PrivateLink.objects.get(follow_through=plan)), attended=True, again=True
    )


def _referral(
    life: Life, meeting: Meeting, state: str, now: datetime.datetime, chance: random.Random, number: int
) -> None:
    by = life.counselor
    offered_at = now - datetime.timedelta(days=chance.randint(12, 50), hours=chance.randint(0, 5))
    if state == "engaged":  # long enough ago for a picture of months, if they were here
        offered_at = min(offered_at, max(now - datetime.timedelta(days=120), _admitted(life, now)))
    if state in {"declined", "ended"}:
        referral = referring.offer(client=life.client, meeting=meeting, by=by, at=offered_at)
    else:
        referral = _talk(life, meeting, offered_at, number, is_finished=state != "offered")
    if state == "declined":
        referring.decline(referral=referral, by=by, at=offered_at)
    if state in {"offered", "declined"}:
        return
    asked_at = now if state == "planned" else offered_at
    referring.plan(referral=referral, on=_next_day(meeting, asked_at), by=by, at=asked_at)
    if state == "planned":
        return
    if state != "missed":
        referring.link(referral=referral, volunteer=chance.choice(["Sam", "Mary Jo", "J.R."]), by=by, at=asked_at)
    if state == "linked":
        return
    visited_on = _next_day(meeting, asked_at)
    visited_at = min(now, asked_at + datetime.timedelta(days=9))
    attended = state != "missed"
    referring.record_visit(
        referral=referral,
        visited_on=visited_on,
        attended=attended,
        missed_because="" if attended else Barrier.values[number // len(STATES) % len(Barrier)],
        note="Liked the quiet beginning." if attended and number % 3 == 0 else "",
        by=by,
        at=visited_at,
    )
    if state == "engaged":
        referring.engage(referral=referral, by=by, at=visited_at)
        _kept_going(life, referral, visited_on, now, number)
        involvement.record(
            client=life.client, fellowship=meeting.fellowship, meetings_past_30_days=chance.randint(4, 14), by=by
        )
        since = visited_on - datetime.timedelta(days=number % 5 * 30)
        ties.home_group(client=life.client, meeting=meeting, since=visited_on, by=by, at=visited_at)
        sponsor = ties.sponsor(
            client=life.client, fellowship=meeting.fellowship, name="D’Shawn", since=since, by=by, at=visited_at
        )
        if number % 2:
            ties.end(tie=sponsor, until=visited_on, by=by)
    if state == "ended":
        referring.end(referral=referral, note="Moved on to a meeting near work.", by=by, at=visited_at)


def _admitted(life: Life, now: datetime.datetime) -> datetime.datetime:
    episode = life.open_episode
    if episode is None:
        return now
    return datetime.datetime.combine(episode.admitted_on, datetime.time(12), tzinfo=life.client.zone)


def _kept_going(life: Life, referral: Referral, first: datetime.date, now: datetime.datetime, number: int) -> None:
    """Visits of the weeks since, and goals of their own: one that stands, one that was another, one put away."""
    by, week, today = life.counselor, datetime.timedelta(days=7), life.client.today
    for turn in range(1, (today - first).days // 7 + 1):
        if turn % 4 != number % 4:  # most weeks
            day = first + turn * week
            at = datetime.datetime.combine(day, datetime.time(21), tzinfo=life.client.zone)
            referring.record_visit(referral=referral, visited_on=day, attended=True, by=by, at=min(at, now))
    turn = number // len(STATES)
    goal = own_goals.set_goal(
        client=life.client, meetings=90 if turn % 2 else 2, days=90 if turn % 2 else 7, begins_on=first, by=by
    )
    if turn % 4 == 1:
        own_goals.change(goal=goal, meetings=2, days=7, by=by)
    if turn % 4 == 2:
        own_goals.put_away(goal=goal, by=by)


def _next_day(meeting: Meeting, after: datetime.datetime) -> datetime.date:
    """The meeting's next day, at least a day away. Weekdays count from Sunday in meeting lists."""
    day = after.date() + datetime.timedelta(days=1)
    while (day.weekday() + 1) % 7 != meeting.weekday:
        day += datetime.timedelta(days=1)
    return day
