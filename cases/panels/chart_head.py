"""Alert flags beside the client's name on every chart page.

The header is the same on every page, and no page adds its own flags. Flags that belong to one record (crossed out,
signed) are shown at that record.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cases import safety
from cases.models import Client, Relapse
from cases.people import chart_page
from cases.recovery import overview, tolerance
from cases.safety import SafetyFact
from staff.access import Permission, can
from staff.days import end_of
from staff.models import StaffMember
from staff.reading import Reading, known, reads, together


@dataclass(frozen=True)
class Flag:
    """One flag: its text, its tone (a pill's), an icon, and the page to act on it."""

    text: str
    tone: str
    icon: str
    url: str = ""


@dataclass(frozen=True)
class Head:
    """What the flags rest on, as far as the reader may know of it."""

    dangers: list[SafetyFact] | None  # None: not asked, since the reader hears of none
    returns: list[Relapse]
    breaks: tolerance.OtherBreaks | None


@reads
def read(*, client_id: int, staff_member: StaffMember, now: datetime.datetime) -> Reading[Head]:  # noqa: ARG001
    """Read it by the client's key alone, so that it travels with the first statement of every chart page."""
    asks = any(can(staff_member, each) for each in (Permission.SAFETY_EVALUATE, Permission.INQUIRY_TAKE))
    knows_of_use = can(staff_member, Permission.RELAPSE_VIEW)
    dangers, returns, breaks = yield from together(
        safety.open_dangers.part(client_id=client_id) if asks else known(None),
        overview.returns_of.part(client_id, staff_member=staff_member) if knows_of_use else known([]),
        tolerance.other_breaks.part(client_id) if knows_of_use else known(None),
    )
    return Head(dangers, returns, breaks)


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
    head = yield from read.part(client_id=client.pk, staff_member=staff_member, now=now)
    return flags_from(head, client=client, staff_member=staff_member, now=now, concerns=concerns)


def flags_from(
    head: Head,
    *,
    client: Client,
    staff_member: StaffMember,
    now: datetime.datetime,
    concerns: Sequence[SafetyFact] | None = None,
) -> list[Flag]:
    """`flags` from what has been read."""
    zone = client.clinic.zone
    end = end_of(timezone.localdate(now, zone), zone)
    opened = safety.up_to(head.dangers or (), end) if concerns is None else concerns
    found = []
    if opened and can(staff_member, Permission.SAFETY_EVALUATE):
        page = reverse("cases:safety", args=[client.pk])
        found.append(Flag("Safety concern: evaluate now", "danger", "triangle-alert", page))
    elif opened and can(staff_member, Permission.INQUIRY_TAKE):
        # for who may not read the chart: what to do, and neither why nor where it is recorded
        found.append(Flag("Get a clinician now", "danger", "triangle-alert"))
    page = reverse("cases:relapses", args=[client.pk])
    today = timezone.localdate(now, client.zone)
    if head.breaks is not None and tolerance.due_among(client, head.returns, head.breaks, today):
        found.append(Flag("Reduced opioid tolerance", "danger", "triangle-alert", page))
    if overview.open_return(head.returns):
        found.append(Flag("Currently using", "attention", "clock", page))
    return found


def concerns_read(request: HttpRequest, client: Client) -> list[SafetyFact] | None:
    """The client's open concerns, if this page's first statement has read them; None: to be asked."""
    if request.method not in ("GET", "HEAD"):
        return None
    head: Head = chart_page.read(request, client.pk).added["head"]
    zone = client.clinic.zone
    return None if head.dangers is None else safety.up_to(head.dangers, end_of(timezone.localdate(timezone=zone), zone))
