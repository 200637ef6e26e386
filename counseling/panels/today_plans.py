"""Plans on Today: overdue plans and reviews, and objectives with no recent note."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cases.codes import DischargeReason
from cases.models import CareTeamMember, LevelOfCarePeriod, TreatmentEpisode
from counseling import golden_thread
from counseling.models import DischargePlan, Objective
from counseling.plans import plan_timing
from counseling.thresholds import DISCHARGE_PLAN_DAYS, WITHOUT_NOTE_DAYS
from staff.access import Permission, can
from staff.addresses import address
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together

SHOWN = 20
KIND = "Plans"


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """For the lead counselor of clients in open episodes: overdue items first; in a fixed number of queries."""
    if not can(staff_member, Permission.PLAN_WRITE):
        return []
    of_caseload, undischarged = yield from together(
        _of_caseload(staff_member, now), _without_discharge_plan(staff_member, now)
    )
    late, quiet = of_caseload
    late.sort(key=lambda need: (str(need.due), need.url))
    return [*late, *undischarged, *quiet][:SHOWN]


def _of_caseload(staff_member: StaffMember, now: datetime.datetime) -> Reading[tuple[list[Need], list[Need]]]:
    """Late plans and reviews, and objectives with no recent note."""
    caseload: list[Any] = yield from rows(query(_caseload, by=staff_member, now=now))
    # One caseload as a short list of ids: the rest stays on an index, whatever the planner thinks of the tables.
    numbers = [episode.pk for episode in caseload]
    levels, quiet = yield from together(rows(query(_levels, episodes=numbers)), _quiet(numbers, staff_member, now))
    return _late(caseload, levels, staff_member, now), quiet


def _leads(by: Any, now: Any) -> QuerySet[CareTeamMember, Any]:
    leads = CareTeamMember.objects.current(now).led_by(by)
    return leads.values("client")


def _caseload(by: Any, now: Any) -> QuerySet[TreatmentEpisode]:
    episodes = TreatmentEpisode.objects.visible_to(by).open()
    led = episodes.filter(client__in=_leads(by, now), client__merged_into=None)
    return plan_timing.with_plan(led).select_related("client", "program")


def _levels(episodes: Any) -> QuerySet[LevelOfCarePeriod]:
    return LevelOfCarePeriod.objects.filter(IsOneOf("episode", episodes))


def _without_note(by: Any, episodes: Any, last: Any, day_after: Any) -> QuerySet[Objective]:
    mine = Objective.objects.visible_to(by).filter(IsOneOf("goal__episode", episodes))
    without_note = golden_thread.quiet(mine, last, day_after)
    return without_note.select_related("goal__client").order_by("opened_on", "pk")


def _late(
    caseload: list[Any], levels: list[LevelOfCarePeriod], staff_member: StaffMember, now: datetime.datetime
) -> list[Need]:
    clinic = staff_member.clinic
    today = timezone.localdate(now, clinic.zone)
    timings = plan_timing.timings(caseload, levels, clinic=clinic, now=now)
    found = []
    for episode in caseload:
        timing = timings[episode.pk]
        if timing.plan_is_late(now):
            words = ("Write the treatment plan", str(episode.program), "Start")
            found.append(_need(episode.client, words, "plan_new_version", timing.plan_due_at))
        elif timing.review_is_late(today):
            at = timing.reviewed_at
            said = f"last reviewed {timezone.localdate(at, clinic.zone):%b %-d}" if at else "not reviewed yet"
            words = ("Review the plan", f"{episode.program} · {said}", "Review")
            found.append(_need(episode.client, words, "plan_review", timing.review_due_on))
    return found


def _without_discharge_plan(staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Recent discharges without a discharge plan, however they ended; not for clients who are back."""
    clinic = staff_member.clinic
    since = timezone.localdate(now, clinic.zone) - datetime.timedelta(days=DISCHARGE_PLAN_DAYS.for_clinic(clinic))
    discharged = yield from rows(query(_left, by=staff_member, now=now, since=since))
    return [
        Need(
            Urgency.SOON,
            "Write the discharge plan",
            f"Left {episode.program} on {episode.discharged_on:%b %-d} without a discharge plan",
            address("counseling:discharge_plan_write", episode.client_id),
            "Write",
            "door-open",
            client_name=episode.client.full_name,
            kind=KIND,
        )
        for episode in discharged
    ]


def _left(by: Any, now: Any, since: Any) -> QuerySet[TreatmentEpisode]:
    later = TreatmentEpisode.objects.filter(client=OuterRef("client"), admitted_on__gt=OuterRef("admitted_on"))
    return (
        TreatmentEpisode.objects.visible_to(by)
        .filter(client__in=_leads(by, now), client__merged_into=None, discharged_on__gte=since)
        .filter(~Exists(later), ~Exists(DischargePlan.objects.filter(episode=OuterRef("pk"))))
        .exclude(discharge_reason=DischargeReason.DIED)
        .select_related("client", "program")
        .order_by("discharged_on", "pk")[:SHOWN]
    )


def _quiet(caseload: list[int], staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """One line per client, however many objectives have no recent note."""
    if not can(staff_member, Permission.NOTE_VIEW):
        return []
    last, day_after = golden_thread.quiet_since(staff_member.clinic, now)
    found = yield from rows(query(_without_note, by=staff_member, episodes=caseload, last=last, day_after=day_after))
    by_client: dict[int, list[Objective]] = defaultdict(list)
    for objective in found:
        by_client[objective.goal.client_id].append(objective)
    days = WITHOUT_NOTE_DAYS.for_clinic(staff_member.clinic)
    return [
        Need(
            Urgency.SOON,
            "Objective with no recent note" if len(own) == 1 else f"{len(own)} objectives with no recent note",
            f"No note in {days} days: {own[0].wording}",
            address("counseling:thread", client),
            "Open golden thread",
            "spline",
            client_name=own[0].goal.client.full_name,
            kind=KIND,
        )
        for client, own in by_client.items()
    ]


def _need(client: Any, words: tuple[str, str, str], page: str, due: datetime.datetime | datetime.date | None) -> Need:
    title, detail, button = words
    return Need(
        Urgency.TODAY,
        title,
        detail,
        address(f"counseling:{page}", client.pk),
        button,
        "target",
        due=due,
        client_name=client.full_name,
        kind=KIND,
    )
