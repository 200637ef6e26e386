"""A person's dated facts as timeline marks, limited to what the reader may see."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from cases.codes import Precision
from cases.models import Client, LevelOfCarePeriod, Relapse, TreatmentEpisode
from cases.recovery.sobriety import Stretch, milestones, statements_of, stretches
from counseling.codes import ShippedFormat
from counseling.models import SessionNote
from groups.models import Attendance
from groups.models.attendance import ATTENDED
from referrals.models import MeetingVisit
from staff.access import Permission, can
from staff.models import StaffMember
from staff.models.clinic import Setting
from staff.reading import Reading, each, query, reads, rows, together

from .marks import Lane, Mark, Point
from .measuring import Timeline, counted, measure
from .windows import Span, Window

ONE_DAY = datetime.timedelta(days=1)


@reads
def draw(*, client: Client, staff_member: StaffMember, span: Span = Span.LIFE) -> Reading[Timeline | None]:
    """The overview's timeline up to today, as this person may see it; None if nothing is dated yet."""
    today = client.today
    marks = yield from _course(client, staff_member, today)
    if not marks:
        return None
    window = Window(span, today)
    start = window.start(min(mark.start for mark in marks))
    return measure(marks, start=start, end=today + ONE_DAY, window=window)


@reads
def draw_in_full(
    *, client: Client, staff_member: StaffMember, window: Window
) -> Reading[tuple[Timeline | None, datetime.date]]:
    """The large picture of a window, with notes, group sessions, meetings and milestones; and the first fact's day."""
    today = client.today
    parts = (_notes, _group_sessions, _meetings)
    course, reached, others = yield from together(
        _course(client, staff_member, today),
        _milestone_marks(client, staff_member, today),
        each(part(client, staff_member) for part in parts),
    )
    points = [point for some in others for point in some]
    if not course and not points:
        return None, today
    first = min([*(mark.start for mark in course), *(point.start for point in points)])
    marks = [*course, *reached]
    address = reverse("desk:timeline", args=[client.pk])

    def zoom_to(day: datetime.date) -> str:
        return f"{address}?{window.around(day, today=today, span=window.span.nearer).query}#timeline"

    picture = measure(
        marks,
        start=window.start(first),
        end=window.until + ONE_DAY,
        points=points,
        window=window,
        zoom_to=zoom_to,
    )
    return picture, first


def _course(client: Client, staff_member: StaffMember, today: datetime.date) -> Reading[list[Mark]]:
    """Care and recovery facts for the overview."""
    episodes = query(
        lambda client, by: TreatmentEpisode.objects.visible_to(by).filter(client=client).select_related("program"),
        client=client,
        by=staff_member,
    )
    periods = query(
        lambda client, by: (
            LevelOfCarePeriod.objects.visible_to(by).filter(episode__client=client).select_related("episode")
        ),
        client=client,
        by=staff_member,
    )
    recovery, stays, levels = yield from together(_recovery(client, staff_member, today), rows(episodes), rows(periods))
    return [*recovery, *_episode_marks(stays, client), *_level_marks(levels, client)]


def _recovery(client: Client, staff_member: StaffMember, today: datetime.date) -> Reading[list[Mark]]:
    if not can(staff_member, Permission.RELAPSE_VIEW):
        return []
    seen = query(
        lambda client, by, today: (
            Relapse.objects.visible_to(by).filter(client=client, started_on__lte=today).order_by("started_on", "pk")
        ),
        client=client,
        by=staff_member,
        today=today,
    )
    events, statements = yield from together(rows(seen), statements_of.part(client))
    confirmed = [event for event in events if event.counts]
    return [*_recovery_marks(stretches(confirmed, statements, today), client), *_return_marks(events, client)]


def _recovery_marks(sober: Iterable[Stretch], client: Client) -> Iterator[Mark]:
    url = reverse("cases:relapses", args=[client.pk])
    for one in sober:
        about = "about " if one.about else ""
        name = f"{about}{counted(one.days, 'day')} in recovery"
        yield Mark(Lane.RECOVERY, name, one.start, one.end, url, label=f"{one.days} d", approximate=one.about)


def _milestone_marks(client: Client, staff_member: StaffMember, today: datetime.date) -> Reading[list[Mark]]:
    if not can(staff_member, Permission.RELAPSE_VIEW):
        return []
    url = reverse("cases:relapses", args=[client.pk])
    found = yield from milestones.part(client)
    return [
        Mark(Lane.MILESTONE, f"{one.label} in recovery", one.on, one.on + ONE_DAY, url)
        for one in found
        if one.on <= today
    ]


def _return_marks(events: Iterable[Relapse], client: Client) -> Iterator[Mark]:
    for event in events:
        end = event.ended_on + ONE_DAY if event.ended_on else None
        about = event.started_precision != Precision.DAY or (end is not None and event.ended_precision != Precision.DAY)
        name = event.get_kind_display().split(" (")[0]
        if not event.is_confirmed:
            name += ", not confirmed"
        if event.overdosed_on:
            name += ", with overdose"
        url = reverse("cases:relapse", args=[client.pk, event.pk])
        yield Mark(Lane.RETURN, f"Return to use: {name}", event.started_on, end, url, approximate=about)


def _episode_marks(episodes: Iterable[TreatmentEpisode], client: Client) -> Iterator[Mark]:
    url = reverse("cases:episodes", args=[client.pk])
    for episode in episodes:
        end = episode.discharged_on + ONE_DAY if episode.discharged_on else None
        name = episode.program.name
        if episode.discharge_reason:
            name += f", {episode.get_discharge_reason_display().lower()}"
        setting = episode.program.setting
        yield Mark(Lane.EPISODE, name, episode.admitted_on, end, url, setting=setting, label=episode.program.name)


def _level_marks(periods: Iterable[LevelOfCarePeriod], client: Client) -> Iterator[Mark]:
    zone = client.clinic.zone
    url = reverse("cases:episodes", args=[client.pk])
    for period in periods:
        end = timezone.localdate(period.ends_at, zone) if period.ends_at else None
        if end is None and period.episode.discharged_on:
            end = period.episode.discharged_on + ONE_DAY
        name = f"Level {period.level_code}, {Setting(period.setting).in_sentence}"
        start = timezone.localdate(period.starts_at, zone)
        yield Mark(Lane.LEVEL, name, start, end, url, setting=period.setting, label=period.level_code)


def _notes(client: Client, staff_member: StaffMember) -> Reading[list[Point]]:
    signed = query(
        lambda client, by, zone: (
            SessionNote.objects.visible_to(by)
            .filter(client=client, signed_at__isnull=False)
            .values_list("pk", _day("session_started_at", zone), "format", "own_format__name")
        ),
        client=client,
        by=staff_member,
        zone=str(client.clinic.zone),
    )
    shipped = {each.value: each.label for each in ShippedFormat}
    return [
        Point(
            day,
            f"Session note, {own or shipped.get(format, format)}",
            Lane.NOTE,
            "counseling:note_edit",
            (client.pk, pk),
        )
        for pk, day, format, own in (yield from rows(signed))
    ]


def _group_sessions(client: Client, staff_member: StaffMember) -> Reading[list[Point]]:
    seen = query(
        lambda client, by, zone: (
            Attendance.objects.visible_to(by)
            .filter(membership__client=client)
            .values_list("mark", _day("session__starts_at", zone), "session__group__name")
        ),
        client=client,
        by=staff_member,
        zone=str(client.clinic.zone),
    )
    found = []
    for mark, day, group in (yield from rows(seen)):
        there = mark in ATTENDED
        name = group if there else f"{group}, absent"
        found.append(Point(day, name, Lane.GROUP, "groups:client_groups", (client.pk,), faint=not there))
    return found


def _day(moment: str, zone: str) -> TruncDate:
    return TruncDate(moment, tzinfo=ZoneInfo(zone))


def _meetings(client: Client, staff_member: StaffMember) -> Reading[list[Point]]:
    visits = query(
        lambda client, by: MeetingVisit.objects.visible_to(by).filter(client=client).select_related("meeting"),
        client=client,
        by=staff_member,
    )
    found = []
    for visit in (yield from rows(visits)):
        name = visit.meeting.name if visit.meeting else visit.get_fellowship_display()
        page, args = "referrals:client_referrals", [client.pk]
        if visit.referral_id:
            page, args = "referrals:referral", [client.pk, visit.referral_id]
        told = name if visit.attended else f"{name}, did not attend"
        found.append(Point(visit.visited_on, told, Lane.MEETING, page, tuple(args), faint=not visit.attended))
    return found
