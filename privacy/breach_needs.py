"""Open clocks of the breach register, on the privacy officer's Today."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from privacy import breach_clocks
from privacy.models import Breach
from staff.access import Permission, can
from staff.days import day_in_words
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, query, reads, rows


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """One line for each notice that is still owed; overdue ones say so in words, those that wait say until when."""
    if not can(staff_member, Permission.BREACH_KEEP):
        return []
    found = yield from rows(query(_register, by=staff_member))
    today = timezone.localtime(now, staff_member.clinic.zone).date()
    days = breach_clocks.days_for(staff_member.clinic) if found else 0
    return [
        Need(
            urgency=Urgency.TODAY if clock.due_on <= today else Urgency.SOON,
            title=f"{clock.title}: breach No. {breach.pk}",
            detail=f"{clock.words(today)}. Discovered {day_in_words(breach.discovered_on)}.",
            url=reverse("privacy:breach", args=[breach.pk]),
            button="Open",
            icon="shield-alert",
            due=clock.due_on,
            kind="Breaches",
        )
        for breach in found
        for clock in breach_clocks.owed(breach, days=days)
    ]


def _register(by: Any) -> QuerySet[Breach]:
    """What may still be owed: what was found a low probability or entered in error owes nothing."""
    register = Breach.objects.visible_to(by).with_standing(by).filter(entered_in_error=False)
    owing: QuerySet[Breach] = register.filter(Q(decision=None) | ~Q(decision="low")).order_by("discovered_on", "pk")
    return owing
