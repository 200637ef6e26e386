"""Row visibility for every table that references a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import BooleanField, F, Func, Q

from staff import records_read
from staff.access import Permission, can

if TYPE_CHECKING:
    from staff.models import StaffMember

M = TypeVar("M", bound=models.Model, covariant=True)


class IsInArray(Func):
    """Whether a value is in an array."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def of_clients_visible_to(staff_member: StaffMember, path: str, *, among_others: bool = False) -> Q:
    """Rows about clients the person may see, by the path that leads to the client.

    It never lists the clients of a clinic: where the role sees all, the row's own client says the clinic; otherwise a
    caseload is a few rows of care teams, which are of one clinic (migration 0006). `among_others` is for a condition
    that stands beside another one with an OR: as a list of numbers, each side can be looked up in its own index.
    """
    from .people.care_team import CareTeamMember

    if not can(staff_member, Permission.CLIENT_VIEW):
        return Q(pk__in=())
    if can(staff_member, Permission.CLIENT_VIEW_ALL):
        return Q(**{f"{path}__clinic": staff_member.clinic_id})
    caseload = CareTeamMember.objects.caseload(staff_member).order_by().values("client")
    if among_others:
        return Q(IsInArray(F(path), ArraySubquery(caseload)))
    return Q(**{f"{path}__in": caseload})


class ClientRecordQuerySet(models.QuerySet[M]):
    """Base of querysets over rows about one client; a subclass names the permission and the path to the client."""

    view_permission: ClassVar[Permission]
    client_path: ClassVar[str] = "client"

    def _fetch_all(self) -> None:
        """As Django, and note whose rows were read."""
        is_new = self._result_cache is None
        super()._fetch_all()
        if is_new and records_read.is_noting():
            records_read.note_all(getattr(row, "client_id", None) for row in self._result_cache or ())

    def visible_to(self, staff_member: StaffMember) -> Self:
        """Rows about clients the person may see, if their role may see this kind of row at all."""
        if not can(staff_member, self.view_permission):
            return self.none()
        return self.filter(of_clients_visible_to(staff_member, self.client_path))
