"""What the record of returns to use puts on somebody's Today: to ask how it is going, and to warn of lost tolerance."""

from __future__ import annotations

import datetime

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from cases.codes import OPIOIDS, Precision
from cases.models import CareTeamMember, Relapse, RelapseSubstance
from cases.templatetags.recovery import known_to
from staff.models import StaffMember
from staff.needs import Need, Urgency

ASKED_AFTER_DAYS = 7
# The weeks in which an overdose is likeliest; after them the warning still waits on Today for a while, and then on the
# client's own page.
MOST_DANGEROUS_DAYS = 30
WARNED_WITHIN_DAYS = 60
SHOWN = 20


def needs(*, staff_member: StaffMember, now: datetime.datetime) -> list[Need]:
    """For the clients on whose care team the person is, in one query: first those whose life is at risk."""
    today = timezone.localdate(now, timezone=staff_member.clinic.zone)
    opioids = RelapseSubstance.objects.filter(relapse=OuterRef("pk"), substance__in=OPIOIDS)
    later = Relapse.objects.filter(client=OuterRef("client"), is_confirmed=True, started_on__gt=OuterRef("started_on"))
    own = CareTeamMember.objects.current().filter(staff_member=staff_member).values("client")
    since = datetime.timedelta(days=WARNED_WITHIN_DAYS)
    # Where nobody knows when it stopped, that may have been as late as when it was told.
    stopped_at_some_time = Q(ended_precision=Precision.UNKNOWN, recorded_at__gte=now - since)
    recent = Q(ended_on=None) | Q(ended_on__gte=today - since) | stopped_at_some_time
    found = (
        Relapse.objects.visible_to(staff_member)
        .filter(client__in=own, client__merged_into=None, is_confirmed=True)
        .annotate(to_warn=Exists(opioids) & ~Exists(later) & Q(tolerance_warned_at=None) & recent)
        .filter(Q(to_warn=True) | Q(ended_on=None, started_on__lt=today - datetime.timedelta(days=ASKED_AFTER_DAYS)))
        .select_related("client")
        .order_by("-to_warn", "started_on", "pk")[:SHOWN]
    )
    return [_warn(relapse, today) if relapse.to_warn else _ask(relapse) for relapse in found]  # type: ignore[attr-defined]


def _warn(relapse: Relapse, today: datetime.date) -> Need:
    is_known = relapse.ended_on is not None and relapse.ended_precision != Precision.UNKNOWN
    since = (today - relapse.ended_on).days if is_known and relapse.ended_on else 0
    return Need(
        urgency=Urgency.NOW if since <= MOST_DANGEROUS_DAYS else Urgency.TODAY,
        title="Warn of the lost opioid tolerance",
        detail="The usual amount is too much now; naloxone, never alone",
        url=reverse("cases:relapse", args=[relapse.client_id, relapse.pk]),
        button="Tell them",
        icon="triangle-alert",
        client_name=relapse.client.full_name,
        kind="Returns to use",
    )


def _ask(relapse: Relapse) -> Need:
    return Need(
        urgency=Urgency.TODAY,
        title="Ask how it is going",
        detail=f"Currently using, as far as known, since {known_to(relapse.started_on, relapse.started_precision)}",
        url=reverse("cases:relapses", args=[relapse.client_id]),
        button="Open",
        icon="message-circle-question-mark",
        client_name=relapse.client.full_name,
        kind="Returns to use",
    )
