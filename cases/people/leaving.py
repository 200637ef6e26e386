"""What somebody who leaves the clinic holds in cases/: a caseload, covers, calls (settings.LEAVING_*)."""

from __future__ import annotations

from django.utils import timezone

from cases.models import CareTeamMember, Inquiry
from cases.models.intake import InquiryQuerySet
from cases.models.people.care_team import CareTeamQuerySet
from cases.people import care_team, covering, restrictions
from staff.access import Permission, can
from staff.leaving import Held
from staff.models import StaffMember


def still_open(staff_member: StaffMember) -> list[Held]:
    """Clients, covers and calls that are still theirs."""
    covers = CareTeamMember.objects.current().filter(part=CareTeamMember.Part.COVERING)
    return [
        Held("Clients", _team(staff_member), "Put someone else on each care team."),
        Held("Clients whom they cover for a colleague", covers.filter(staff_member=staff_member)),
        Held("Calls assigned to them", _calls(staff_member), "Assign each call to someone else."),
    ]


def hand_over(*, staff_member: StaffMember, to: StaffMember, by: StaffMember) -> None:
    """Their places on care teams and their calls go to a colleague, but for clients who restricted that colleague."""
    covering.end_all(of=staff_member)
    takes_clients = can(to, Permission.NOTE_WRITE)
    for member in _team(staff_member).select_related("client__clinic") if takes_clients else ():
        if not restrictions.is_kept_from(client=member.client, staff_member=to):
            care_team.take_over(member=member, to=to, by=by)
    if can(to, Permission.INQUIRY_VIEW):
        for call in _calls(staff_member).select_related("client"):
            if call.client is None or not restrictions.is_kept_from(client=call.client, staff_member=to):
                call.assigned_to = to
                call.save(update_fields=["assigned_to"])


def _team(staff_member: StaffMember) -> CareTeamQuerySet:
    parts = (*covering.COVERED, CareTeamMember.Part.FACILITATOR)
    open_ones = CareTeamMember.objects.filter(staff_member=staff_member, part__in=parts, client__merged_into=None)
    return open_ones.exclude(ends_at__lte=timezone.now())


def _calls(staff_member: StaffMember) -> InquiryQuerySet:
    return Inquiry.objects.open().filter(assigned_to=staff_member)
