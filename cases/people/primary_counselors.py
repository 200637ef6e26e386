"""Who the primary counselors of many clients are: those who are reminded of what is due about them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from cases.models import CareTeamMember
from staff.models import StaffMember
from staff.reading import Reading, reads, rows

Part = CareTeamMember.Part


@reads
def of(clients: Iterable[int], now: datetime.datetime) -> Reading[dict[int, StaffMember]]:
    """The primary counselor of each client (by id) who has one that works here, in one query.

    While that colleague is away and someone covers, it is who covers: they are there to be reminded.
    """
    if not (keys := set(clients)):
        return {}
    team = CareTeamMember.objects.current(now).filter(
        client__in=keys, part__in=(Part.PRIMARY, Part.COVERING), staff_member__is_active=True
    )
    found = yield from rows(team.select_related("staff_member__clinic").order_by("starts_at", "pk"))
    leads = {member.client_id: member.staff_member for member in found if member.part == Part.PRIMARY}
    for member in found:
        lead = leads.get(member.client_id)
        if lead is not None and member.covers_for_id == lead.pk:
            leads[member.client_id] = member.staff_member
    return leads
