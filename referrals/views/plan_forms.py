"""The form to agree on a day, on a referral's page and in the guide: with what can follow the meeting by message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from cases.models import Client, ContactPoint
from referrals import private_links
from referrals.forms import PlanForm
from referrals.models import Referral
from referrals.next_time import next_day_of
from reminders import contacts
from staff.access import StaffRequest


@dataclass(frozen=True)
class Reach:
    """Whether any message can go to a client now, and why no private link can; blank if one can."""

    by_message: bool
    no_link: str


def reach_of(request: StaffRequest, client: Client) -> Reach:
    """Both, by their contacts and consents."""
    now = timezone.now()
    points = ContactPoint.objects.visible_to(request.user).filter(client=client)
    ways = contacts.ways(client, now, known=contacts.read_for([client], now, points=points))
    return Reach(any(not way.why_not for way in ways), private_links.why_none(ways))


def plan_form(row: Referral, data: Any, *, prefix: str, reach: Reach) -> PlanForm:
    """With the meeting's next day filled in."""
    proposed = next_day_of(row.lead, timezone.now())
    initial = {"on": proposed or "", "remind_client": True}
    return PlanForm(data, prefix=prefix, meeting=row.lead, no_link=reach.no_link, initial=initial)
