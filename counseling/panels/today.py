"""Counseling's items on Today: notes to sign and cosign, carry-over to review, a measure that must follow."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from appointments.models import Appointment
from appointments.thresholds import NOTE_DUE_DAYS
from cases.models import CareTeamMember, Client, TreatmentEpisode
from cases.models.visibility import not_kept_from
from cases.panels import today_safety
from counseling import carry_over, measures
from counseling.models import Handover, IntegrityFinding, Measure, SessionNote
from counseling.notes import from_appointments
from counseling.thresholds import LATE_ENTRY_HOURS
from staff.access import ROLES, Permission, can
from staff.addresses import address
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, each, query, reads, rows

from . import today_measures, today_plans, today_use_reports

_MOST = 30


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Danger first, then notes that will be late, then cosignatures and boards; for own care teams and supervisees."""
    asked = [_not_what_was_signed(staff_member)]
    if can(staff_member, Permission.NOTE_WRITE):
        asked += [_alarms(staff_member, now), _tablets(staff_member, now), _drafts(staff_member, now)]
        asked.append(_without_note(staff_member, now))
    if can(staff_member, Permission.NOTE_COSIGN):
        asked.append(_cosignatures(staff_member))
    if can(staff_member, Permission.CARRY_OVER_DECIDE):
        asked.append(_boards(staff_member, now))
    asked += [
        today_measures.needs.part(staff_member=staff_member, now=now),
        today_use_reports.needs.part(staff_member=staff_member, now=now),
        today_plans.needs.part(staff_member=staff_member, now=now),
    ]
    found = yield from each(asked)
    return [need for some in found for need in some]


def _without_note(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Kept appointments about which nothing is written yet: a session without a note did not happen, on paper."""
    after = datetime.timedelta(days=NOTE_DUE_DAYS.for_clinic(staff_member.clinic))
    since, until = now - from_appointments.LOOKS_BACK, now - after
    found = yield from rows(query(_kept_without_note, by=staff_member, since=since, until=until))
    return [
        Need(
            urgency=Urgency.TODAY,
            title=f"Write the note: {appointment.get_purpose_display().lower()}",
            detail=f"Kept on {appointment.local_start:%a, %b %-d, %-I:%M %p}",
            url=f"{address('counseling:note_new', client.pk)}?appointment={appointment.pk}",
            button="Write",
            icon="notebook-pen",
            due=appointment.ends_at + after,
            client_name=client.full_name,
            kind="Notes to sign",
        )
        for appointment in found
        if (client := appointment.client) is not None
    ]


def _kept_without_note(by: Any, since: Any, until: Any) -> QuerySet[Appointment]:
    return from_appointments.without_note(by, since, until)[:_MOST]


def _own_clients(by: Any, now: Any) -> Q:
    return Q(client__in=CareTeamMember.objects.caseload(by, now).values("client"))


def _not_what_was_signed(staff_member: StaffMember) -> Reading[list[Need]]:
    """Problems found by the nightly checks, for those who oversee them and for each author."""
    urgency, why, icon = Urgency.NOW, "Don’t rely on it", "shield-alert"
    if can(staff_member, Permission.SIGNATURES_VERIFY):
        # the check in progress and the one before never tell of the same note
        told = yield from rows(query(_faults_by_check, by=staff_member))
        notes = sum(count for _, count in told)
        words = "A signed note" if notes == 1 else f"{notes} signed notes"
        page = reverse("counseling:signatures")
        at = max((at for at, _ in told), default=None)
        need = Need(urgency, f"{words} changed after signing", why, page, "Review", icon, at)
        return [need] if notes else []
    notes_changed: list[Any] = yield from rows(query(_changed_after_signing, by=staff_member))
    return [
        Need(
            urgency,
            "Your signed note changed after signing",
            why,
            address("counseling:note_verify", note.client_id, note.pk),
            "Review changes",
            icon,
            due=note.found_at,
            client_name=note.client.full_name,
        )
        for note in notes_changed
    ]


def _faults_by_check(by: Any) -> QuerySet[Any, tuple[datetime.datetime, int]]:
    faults = IntegrityFinding.objects.standing(by.clinic_id).order_by()
    return faults.values_list("found_in__started_at").annotate(Count("note_number", distinct=True))


def _changed_after_signing(by: Any) -> QuerySet[SessionNote]:
    faults = IntegrityFinding.objects.standing(by.clinic_id)
    found_at = faults.filter(note_number=OuterRef("pk")).order_by("-found_in__started_at")
    own = SessionNote.objects.visible_to(by).signed().filter(author=by)
    return (
        own.filter(pk__in=faults.values("note_number"))
        .annotate(found_at=Subquery(found_at.values("found_in__started_at")[:1]))
        .select_related("client")
        .order_by("pk")
    )


def _alarms(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """For the care team and the person who recorded it, or supervisors if no one on a care team can ask. Newest first.

    None is left out, however many there are. A person who recorded one but may no longer see the client is told that it
    is waiting, without the chart.
    """
    found: list[Any] = yield from rows(query(_waiting_alarms, by=staff_member, now=now))
    return [_alarm(row) if row.is_seen else _unseen_alarm(row, staff_member) for row in found]


def _waiting_alarms(by: Any, now: Any) -> QuerySet[Measure]:
    mine = _own_clients(by, now) | Q(recorded_by=by)
    if can(by, Permission.NOTE_COSIGN):
        asking = [role for role, may in ROLES.items() if Permission.NOTE_WRITE in may]
        team = CareTeamMember.objects.current(now).filter(
            client=OuterRef("client"), staff_member__is_active=True, staff_member__role__in=asking
        )
        mine |= Q(~Exists(team))
    seen = Q(client__in=Client.objects.visible_to(by))
    unseen = Q(recorded_by=by, client__merged_into=None) & not_kept_from(by, "client")
    return (
        measures.unanswered_alarms()
        .filter((mine & seen) | unseen, client__clinic=by.clinic_id)
        .annotate(is_seen=seen)
        .select_related("client__clinic")
        .order_by("-taken_at", "-pk")
    )


def _unseen_alarm(measure: Measure, staff_member: StaffMember) -> Need:
    at = measure.taken_at
    return today_safety.without_the_chart(staff_member=staff_member, recorded_at=at, since=at)


def _alarm(measure: Measure) -> Need:
    day = timezone.localdate(measure.taken_at, measure.client.clinic.zone)
    return Need(
        Urgency.NOW,
        f"Complete the {measure.get_requires_display()}",
        f"{measure.get_instrument_display()} of {day:%b %-d}: question 9",
        reverse("counseling:measure_new", args=[measure.client_id, measure.requires]),
        "Start",
        "triangle-alert",
        due=measure.taken_at,
        client_name=measure.client.full_name,
        kind="Safety",
        is_danger=True,
    )


def _tablets(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Tablets that are with a client now, for the care team and the person who handed them over."""
    mine = yield from rows(query(_handed_over, by=staff_member, now=now))
    return [
        Need(
            Urgency.TODAY,
            "Tablet with client",
            f"On a tablet since {timezone.localtime(out.opened_at, out.client.clinic.zone):%-I:%M %p}, "
            f"{out.answered} of {out.asked} answered",
            f"{reverse('counseling:measures', args=[out.client_id])}#tablet",
            "See progress",
            "tablet",
            due=out.closes_at,
            client_name=out.client.full_name,
        )
        for out in mine
    ]


def _handed_over(by: Any, now: Any) -> QuerySet[Handover]:
    out_now = Handover.objects.visible_to(by).open(now).for_reading()
    return out_now.filter(_own_clients(by, now) | Q(opened_by=by)).order_by("opened_at")[:_MOST]


def _drafts(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    late_after = datetime.timedelta(hours=LATE_ENTRY_HOURS.for_clinic(staff_member.clinic))
    notes = yield from rows(query(_own_drafts, by=staff_member))
    found = []
    for note in notes:
        due = (note.session_ended_at or note.session_started_at) + late_after
        found.append(
            Need(
                Urgency.TODAY if due - now < datetime.timedelta(hours=12) else Urgency.SOON,
                "Sign your note" if due >= now else "Sign your note (late entry)",
                f"{note.get_modality_display()}, {note.format_name}",
                address("counseling:note_edit", note.client_id, note.pk),
                "Open the draft",
                "pen-line",
                due=due,
                client_name=note.client.full_name,
                kind="Notes to sign",
            )
        )
    return found


def _own_drafts(by: Any) -> QuerySet[SessionNote]:
    drafts = SessionNote.objects.visible_to(by).drafts().written_by(by)
    return drafts.select_related("client", "own_format").order_by("session_started_at")[:_MOST]


def _to_cosign(by: Any) -> QuerySet[SessionNote]:
    queue = SessionNote.objects.visible_to(by).to_cosign_by(by)
    return queue.select_related("client", "author").order_by("signed_at")[:_MOST]


def _cosignatures(staff_member: StaffMember) -> Reading[list[Need]]:
    notes = yield from rows(query(_to_cosign, by=staff_member))
    return [
        Need(
            Urgency.SOON,
            "Cosign a note",
            f"by {note.author}",
            address("counseling:note_edit", note.client_id, note.pk),
            "Read and cosign",
            "signature",
            due=note.signed_at,
            client_name=note.client.full_name,
            kind="Notes to cosign",
        )
        for note in notes
    ]


def _boards(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Every open episode of theirs with carry-over items to review, gathered or recorded since."""
    episodes = yield from rows(query(_back, by=staff_member, now=now))
    waiting = yield from carry_over.waiting.part(episodes)
    return [_board(episode, waiting[episode.pk]) for episode in episodes if episode.pk in waiting]


def _back(by: Any, now: Any) -> QuerySet[TreatmentEpisode]:
    earlier = TreatmentEpisode.objects.filter(client=OuterRef("client")).filter(
        Q(admitted_on__lt=OuterRef("admitted_on")) | Q(admitted_on=OuterRef("admitted_on"), pk__lt=OuterRef("pk"))
    )
    return (
        TreatmentEpisode.objects.visible_to(by)
        .open()
        .filter(_own_clients(by, now), Exists(earlier))
        .select_related("client__clinic", "program")
        .order_by("admitted_on", "pk")
    )


def _board(episode: TreatmentEpisode, waiting: carry_over.Waiting) -> Need:
    begun = waiting.undecided < waiting.total
    count = f"{waiting.undecided} of {waiting.total}" if begun else f"{waiting.total}"
    return Need(
        Urgency.TODAY,
        "Review carry-over",
        f"{count} to review, {episode.program}",
        address("counseling:carry_over", episode.client_id, episode.pk),
        "Open the board",
        "git-compare-arrows",
        due=episode.admitted_on,
        client_name=episode.client.full_name,
        kind="Carry-over",
    )
