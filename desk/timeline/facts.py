"""A person's dated facts as timeline marks, limited to what the reader may see."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils import timezone

from cases.codes import Precision
from cases.models import Client, LevelOfCarePeriod, Relapse, TreatmentEpisode
from cases.recovery.sobriety import Stretch, milestones, statements_of, stretches
from counseling.models import SessionNote
from groups.models import Attendance
from groups.models.attendance import ATTENDED
from referrals.models import MeetingVisit
from staff.access import Permission, can
from staff.models import StaffMember
from staff.models.clinic import Setting

from .marks import Lane, Mark
from .measuring import Timeline, counted, measure
from .windows import Span, Window

ONE_DAY = datetime.timedelta(days=1)


def draw(*, client: Client, staff_member: StaffMember, span: Span = Span.LIFE) -> Timeline | None:
    """The overview's timeline up to today, as this person may see it; None if nothing is dated yet."""
    today = client.today
    marks = list(_course(client, staff_member, today))
    if not marks:
        return None
    window = Window(span, today)
    start = window.start(min(mark.start for mark in marks))
    return measure(marks, start=start, end=today + ONE_DAY, window=window)


def draw_in_full(*, client: Client, staff_member: StaffMember, window: Window) -> tuple[Timeline | None, datetime.date]:
    """The large picture of a window, with notes, group sessions, meetings and milestones; and the first fact's day."""
    today = client.today
    marks = [
        *_course(client, staff_member, today),
        *_note_marks(client, staff_member),
        *_group_marks(client, staff_member),
        *_meeting_marks(client, staff_member),
    ]
    if not marks:
        return None, today
    first = min(mark.start for mark in marks)
    marks += _milestone_marks(client, staff_member, today)
    address = reverse("desk:timeline", args=[client.pk])

    def zoom_to(day: datetime.date) -> str:
        return f"{address}?{window.around(day, today=today, span=window.span.nearer).query}#timeline"

    picture = measure(marks, start=window.start(first), end=window.until + ONE_DAY, window=window, zoom_to=zoom_to)
    return picture, first


def _course(client: Client, staff_member: StaffMember, today: datetime.date) -> Iterator[Mark]:
    """Care and recovery facts for the overview."""
    if can(staff_member, Permission.RELAPSE_VIEW):
        seen = Relapse.objects.visible_to(staff_member).filter(client=client, started_on__lte=today)
        events = list(seen.order_by("started_on", "pk"))
        confirmed = [each for each in events if each.counts]
        yield from _recovery_marks(stretches(confirmed, statements_of(client), today), client)
        yield from _return_marks(events, client)
    episodes = TreatmentEpisode.objects.visible_to(staff_member).filter(client=client).select_related("program")
    yield from _episode_marks(episodes, client)
    periods = LevelOfCarePeriod.objects.visible_to(staff_member).filter(episode__client=client)
    yield from _level_marks(periods.select_related("episode"), client)


def _recovery_marks(sober: Iterable[Stretch], client: Client) -> Iterator[Mark]:
    url = reverse("cases:relapses", args=[client.pk])
    for each in sober:
        about = "about " if each.about else ""
        name = f"{about}{counted(each.days, 'day')} in recovery"
        yield Mark(Lane.RECOVERY, name, each.start, each.end, url, label=f"{each.days} d", approximate=each.about)


def _milestone_marks(client: Client, staff_member: StaffMember, today: datetime.date) -> Iterator[Mark]:
    if not can(staff_member, Permission.RELAPSE_VIEW):
        return
    url = reverse("cases:relapses", args=[client.pk])
    for each in milestones(client):
        if each.on <= today:
            yield Mark(Lane.MILESTONE, f"{each.label} in recovery", each.on, each.on + ONE_DAY, url)


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
        name = f"Level {period.level_code}, {Setting(period.setting).label.lower()}"
        start = timezone.localdate(period.starts_at, zone)
        yield Mark(Lane.LEVEL, name, start, end, url, setting=period.setting, label=period.level_code)


def _note_marks(client: Client, staff_member: StaffMember) -> Iterator[Mark]:
    signed = SessionNote.objects.visible_to(staff_member).filter(client=client, signed_at__isnull=False)
    for note in signed.select_related("own_format").only("session_started_at", "format", "own_format__name"):
        day = timezone.localdate(note.session_started_at, client.clinic.zone)
        url = reverse("counseling:note_edit", args=[client.pk, note.pk])
        yield Mark(Lane.NOTE, f"Session note, {note.format_name}", day, day + ONE_DAY, url)


def _group_marks(client: Client, staff_member: StaffMember) -> Iterator[Mark]:
    url = reverse("groups:client_groups", args=[client.pk])
    rows = Attendance.objects.visible_to(staff_member).filter(membership__client=client)
    for mark, at, group in rows.values_list("mark", "session__starts_at", "session__group__name"):
        day = timezone.localdate(at, client.clinic.zone)
        there = mark in ATTENDED
        yield Mark(Lane.GROUP, group if there else f"{group}, absent", day, day + ONE_DAY, url, faint=not there)


def _meeting_marks(client: Client, staff_member: StaffMember) -> Iterator[Mark]:
    visits = MeetingVisit.objects.visible_to(staff_member).filter(client=client).select_related("meeting")
    for visit in visits:
        name = visit.meeting.name if visit.meeting else visit.get_fellowship_display()
        day = visit.visited_on
        if visit.referral_id:
            url = reverse("referrals:referral", args=[client.pk, visit.referral_id])
        else:
            url = reverse("referrals:client_referrals", args=[client.pk])
        told = name if visit.attended else f"{name}, did not attend"
        yield Mark(Lane.MEETING, told, day, day + ONE_DAY, url, faint=not visit.attended)
