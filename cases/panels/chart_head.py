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


@dataclass(frozen=True)
class Flag:
    """One flag: its text, its tone (a pill's), an icon, and the page to act on it."""

    text: str
    tone: str
    icon: str
    url: str = ""


def flags(
    *,
    client: Client,
    staff_member: StaffMember,
    now: datetime.datetime,
    concerns: Sequence[SafetyFact] | None = None,
) -> list[Flag]:
    """Flags this reader may know about, most dangerous first.

    `concerns` are the client's open ones, if the page has already read them.
    """
    today = timezone.localdate(now, client.clinic.zone)
    found: list[Flag] = []
    if can(staff_member, Permission.SAFETY_EVALUATE):
        found += _safety(client, _open(client, today) if concerns is None else concerns)
    elif can(staff_member, Permission.INQUIRY_TAKE):
        found += _get_a_clinician(_open(client, today) if concerns is None else concerns)
    if can(staff_member, Permission.RELAPSE_VIEW):
        found += _use(client, staff_member, timezone.localdate(now, client.zone))
    return found


def _safety(client: Client, concerns: Sequence[SafetyFact]) -> list[Flag]:
    page = reverse("cases:safety", args=[client.pk])
    return [Flag("Safety concern: evaluate now", "danger", "triangle-alert", page)] if concerns else []


def _get_a_clinician(concerns: Sequence[SafetyFact]) -> list[Flag]:
    """For roles that answer calls but may not read the chart: what to do, not why or where it is recorded."""
    return [Flag("Get a clinician now", "danger", "triangle-alert")] if concerns else []


def _open(client: Client, today: datetime.date) -> list[SafetyFact]:
    return safety.open_concerns(client=client, on=today)


def _use(client: Client, staff_member: StaffMember, today: datetime.date) -> list[Flag]:
    page = reverse("cases:relapses", args=[client.pk])
    returns = overview.returns_of(client, staff_member=staff_member)
    found = []
    if tolerance.due(client, today, returns=returns):
        found.append(Flag("Reduced opioid tolerance", "danger", "triangle-alert", page))
    if overview.open_return(returns):
        found.append(Flag("Currently using", "attention", "clock", page))
    return found
