"""Alert flags beside the client's name on every chart page.

The header is the same on every page, and no page adds its own flags. Flags that belong to one record (crossed out,
signed) are shown at that record.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from cases import safety
from cases.models import Client
from cases.recovery import overview, tolerance
from cases.safety import SafetyFact
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, known, reads, together


@dataclass(frozen=True)
class Flag:
    """One flag: its text, its tone (a pill's), an icon, and the page to act on it."""

    text: str
    tone: str
    icon: str
    url: str = ""


@reads
def flags(
    *,
    client: Client,
    staff_member: StaffMember,
    now: datetime.datetime,
    concerns: Sequence[SafetyFact] | None = None,
) -> Reading[list[Flag]]:
    """The flags that this reader may know of, the most dangerous first, in one statement.

    `concerns` are the client's open ones, if the page has already read them.
    """
    evaluates, answers = (can(staff_member, each) for each in (Permission.SAFETY_EVALUATE, Permission.INQUIRY_TAKE))
    today = timezone.localdate(now, client.clinic.zone)
    asks = concerns is None and (evaluates or answers)
    opened, used = yield from together(
        safety.open_concerns.part(client=client, on=today) if asks else known(list(concerns or ())),
        _use(client, staff_member, timezone.localdate(now, client.zone)),
    )
    danger = []
    if opened and evaluates:
        page = reverse("cases:safety", args=[client.pk])
        danger = [Flag("Safety concern: evaluate now", "danger", "triangle-alert", page)]
    elif opened and answers:
        # for who may not read the chart: what to do, and neither why nor where it is recorded
        danger = [Flag("Get a clinician now", "danger", "triangle-alert")]
    return [*danger, *used]


def _use(client: Client, staff_member: StaffMember, today: datetime.date) -> Reading[list[Flag]]:
    if not can(staff_member, Permission.RELAPSE_VIEW):
        return []
    page = reverse("cases:relapses", args=[client.pk])
    returns, others = yield from together(
        overview.returns_of.part(client, staff_member=staff_member), tolerance.other_breaks.part(client)
    )
    found = []
    if tolerance.due_among(client, returns, others, today):
        found.append(Flag("Reduced opioid tolerance", "danger", "triangle-alert", page))
    if overview.open_return(returns):
        found.append(Flag("Currently using", "attention", "clock", page))
    return found
