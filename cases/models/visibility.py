"""Row visibility for every table that references a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.db import models

from staff.access import Permission, can

if TYPE_CHECKING:
    from staff.models import StaffMember

M = TypeVar("M", bound=models.Model, covariant=True)


class ClientRecordQuerySet(models.QuerySet[M]):
    """Base of querysets over rows about one client; a subclass names the permission and the path to the client."""

    view_permission: ClassVar[Permission]
    client_path: ClassVar[str] = "client"

    def visible_to(self, staff_member: StaffMember) -> Self:
        """Rows about clients the person may see, if their role may see this kind of row at all."""
        from .people.client import Client

        if not can(staff_member, self.view_permission):
            return self.none()
        return self.filter(**{f"{self.client_path}__in": Client.objects.visible_to(staff_member)})
