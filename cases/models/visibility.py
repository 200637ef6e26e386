"""Row visibility for every table that references a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q

from staff.access import Permission, can

if TYPE_CHECKING:
    from staff.models import StaffMember

M = TypeVar("M", bound=models.Model, covariant=True)


def of_clients_visible_to(staff_member: StaffMember, path: str) -> Q:
    """Rows about clients the person may see, by the path that leads to the client.

    It never lists the clients of a clinic: where the role sees all, the row's own client says the clinic; otherwise a
    caseload is a few rows of care teams.
    """
    from .people.care_team import CareTeamMember

    if not can(staff_member, Permission.CLIENT_VIEW):
        return Q(pk__in=())
    if can(staff_member, Permission.CLIENT_VIEW_ALL):
        return Q(**{f"{path}__clinic": staff_member.clinic_id})
    return Q(**{f"{path}__in": CareTeamMember.objects.caseload(staff_member).values("client")})


class ClientRecordQuerySet(models.QuerySet[M]):
    """Base of querysets over rows about one client; a subclass names the permission and the path to the client."""

    view_permission: ClassVar[Permission]
    client_path: ClassVar[str] = "client"

    def visible_to(self, staff_member: StaffMember) -> Self:
        """Rows about clients the person may see, if their role may see this kind of row at all."""
        if not can(staff_member, self.view_permission):
            return self.none()
        return self.filter(of_clients_visible_to(staff_member, self.client_path))
