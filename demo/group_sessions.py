"""Eight groups with a year of sessions, rosters, attendance, and peer mentors."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Callable, Sequence

from cases.recovery import sobriety
from counseling import measures
from groups import mentor_pairings, mentoring, organizing, session_import, sessions
from groups.member_notes import MemberNote
from groups.mentor_criteria import Key, State
from groups.models import Group, LeaveReason, Membership
from groups.models.attendance import Mark, Participation
from groups.models.group import GroupType, Openness
from groups.session_import import PastSession
from staff.models import StaffMember

from . import bulk, words
from .lives import DAY, Life
from .records import Team

GROUPS = [
    ("Monday relapse prevention", GroupType.RELAPSE_PREVENTION, 0, 18),
    ("Tuesday skills", GroupType.SKILLS, 1, 10),
    ("Tuesday evening support", GroupType.SUPPORT, 1, 18),
    ("Wednesday learning group", GroupType.PSYCHOEDUCATIONAL, 2, 14),
    ("Thursday relapse prevention", GroupType.RELAPSE_PREVENTION, 3, 17),
    ("Thursday process group", GroupType.PROCESS, 3, 19),
    ("Friday thinking and coping", GroupType.COGNITIVE, 4, 9),
    ("Saturday family group", GroupType.FAMILY, 5, 11),
]
ROSTER = 9
FORMER = 3
RESPONSES = [
    "Listened closely and gave an example from the week.",
    "Spoke about a hard evening and what helped.",
    "Quiet at first, stayed to the end.",
    "Asked for feedback and took it.",
]


def make_groups(
    *, team: Team, lives: Sequence[Life], now: datetime.datetime, chance: random.Random, told: Callable[[int], None]
) -> int:
    """The groups, one after another; returns how many sessions there are."""
    here = sorted((life for life in lives if life.open_episode), key=lambda life: life.episodes[-1].admitted_on)
    year_ago = now.astimezone(team.supervisor.clinic.zone).date() - DAY * 364
    earlier = [
        life for life in lives if not life.open_episode and life.episodes[-1].admitted_on > year_ago
    ]  # those who were here for a while within the year
    places = min(ROSTER, math.ceil(len(here) / len(GROUPS)))
    waiting = here
    total = 0
    for index, (name, kind, weekday, hour) in enumerate(GROUPS):
        lead = team.counselors[index % len(team.counselors)]
        group = organizing.start(
            facilitators=[lead],
            by=team.supervisor,
            name=name,
            type=kind,
            openness=Openness.OPEN,
            weekday=weekday,
            starts_at=datetime.time(hour),
            minutes=90,
            room=f"Room {index % 3 + 1}",
        )
        own = [life for life in waiting if life.counselor == lead]
        waiting = own + [life for life in waiting if life.counselor != lead]
        members, waiting = waiting[:places], waiting[places:]
        total += _year(group, members, earlier[index :: len(GROUPS)][:FORMER], lead, team, now, chance)
        _mentors(group, team, now)
        told(index + 1)
    return total


def _year(
    group: Group,
    members: Sequence[Life],
    earlier: Sequence[Life],
    lead: StaffMember,
    team: Team,
    now: datetime.datetime,
    chance: random.Random,
) -> int:
    """One year up to today: current members, and some who have left since."""
    today = now.astimezone(group.clinic.zone).date()
    first = today - DAY * 364
    _join(group, members, earlier, first, team.supervisor, today)
    spells = list(Membership.objects.filter(group=group).select_related("client"))
    past = [
        _session(start, spells, now, chance)
        for start in sessions.weekly(group, first, today)
        if start + datetime.timedelta(hours=2) < now
    ]
    made = session_import.import_sessions(
        group=group, past=past, led_by=[lead], by=team.supervisor, cosigned_until=now - DAY * 9
    )
    planned = sessions.generate(group=group, until=today + DAY * 21, by=team.supervisor)
    return len(made) + len(planned.sessions)


def _join(
    group: Group,
    members: Sequence[Life],
    earlier: Sequence[Life],
    first: datetime.date,
    by: StaffMember,
    today: datetime.date,
) -> None:
    """As `groups.rosters` does one by one, for a group with room for everyone."""
    audit = bulk.Audit()
    spells = []
    for life in earlier:
        stay = life.episodes[-1]
        spell = Membership(group=group, client=life.client, joined_on=stay.admitted_on + DAY * 2, joined_by=by)
        spell.left_on, spell.left_by, spell.leave_reason = stay.discharged_on or today, by, LeaveReason.COMPLETED
        spells.append(spell)
    for life in members:
        begun = life.episodes[-1].admitted_on + DAY * 4
        spells.append(Membership(group=group, client=life.client, joined_on=max(first, begun), joined_by=by))
    for spell in spells:
        audit.note("groups.join", by=by, client=spell.client, about=spell, group=group.pk, overridden=False)
        if spell.left_on is not None:
            audit.note("groups.leave", by=by, client=spell.client, about=spell, group=group.pk, reason="completed")
    bulk.number(spells)
    bulk.insert(spells, act="groups.join", by=lambda _: by)
    audit.write()


def _session(
    start: datetime.datetime, spells: Sequence[Membership], now: datetime.datetime, chance: random.Random
) -> PastSession:
    day = start.date()
    marks: dict[int, object] = {}
    notes: dict[int, MemberNote] = {}
    recent = start > now - DAY * 7
    for spell in spells:
        if spell.joined_on > day or (spell.left_on and spell.left_on <= day):
            continue
        mark = chance.choices([Mark.PRESENT, Mark.LATE, Mark.EXCUSED, Mark.UNEXCUSED], weights=[80, 6, 9, 5])[0]
        marks[spell.pk] = (mark, 10) if mark == Mark.LATE else mark
        if mark in {Mark.PRESENT, Mark.LATE} and not (recent and chance.random() < 0.1):
            participation = chance.choice([Participation.ACTIVE, Participation.SOME, Participation.QUIET])
            notes[spell.pk] = MemberNote(participation, chance.choice(RESPONSES))
    topic = chance.choice(words.TOPICS)
    return PastSession(
        starts_at=start,
        marks=marks,  # type: ignore[arg-type]  # a mark, or a mark with its minutes
        topic=topic,
        method="Check-in, short input, practice in pairs, round",
        group_note=f"The group worked on “{topic.lower()}”. Open mood, several examples, two plans for the weekend.",
        notes=notes,
        signed_at=start + datetime.timedelta(hours=3),
    )


def _mentors(group: Group, team: Team, now: datetime.datetime) -> None:
    """One mentor in a group where someone meets the criteria, with a newer member; one more who has only agreed."""
    today = now.astimezone(group.clinic.zone).date()
    by = team.supervisor
    spells = list(Membership.objects.filter(group=group).current(today).select_related("client__clinic"))
    ready = [spell for spell in spells if (sobriety.standing(spell.client, today).recovery_days or 0) >= 95]
    for spell in ready[:2]:
        mentoring.record_agreement(membership=spell, by=by)
    for spell in ready[:1]:
        mentoring.approve(membership=spell, by=by)
        mentoring.record_orientation(membership=spell, by=by)
        unmet = mentoring.eligibility(spell, today).unmet
        if any(each.key is Key.SUICIDE_RISK and each.state is State.NEEDED for each in unmet):
            measures.record(client=spell.client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=by)
        if not mentoring.eligibility(spell, today).eligible:
            continue
        mentoring.appoint(membership=spell, by=by)
        newest = max((each for each in spells if each.pk != spell.pk), key=lambda each: each.joined_on, default=None)
        if newest is not None:
            mentor_pairings.pair(mentor=spell, mentee=newest, by=by)
