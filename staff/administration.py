"""The administration pages obey the same table of roles and the same visibility as every other page.

Django's own model permissions and `is_superuser` open nothing here: a clinic administrator keeps programs and templates
without being able to read a chart, and sees only their own clinic.
"""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from staff.access import Permission, can

M = TypeVar("M", bound=models.Model)


class ClinicAdmin(admin.ModelAdmin, Generic[M]):
    """Base of every administration page: name the permission to see, and to change if that may be done here."""

    may_view: ClassVar[Permission]
    may_change: ClassVar[Permission | None] = None
    may_delete: ClassVar[Permission | None] = None
    clinic_path: ClassVar[str] = "clinic"  # used where the model's manager has no `visible_to`

    list_per_page = 50
    show_full_result_count = False  # a count of a million rows, for a number nobody reads

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[M]:
        """Rows of the person's clinic that they may see."""
        manager = self.model._default_manager
        if hasattr(manager, "visible_to"):
            rows = manager.visible_to(request.user)
        else:
            rows = manager.filter(**{self.clinic_path: getattr(request.user, "clinic_id", None)})
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the app shows on the index."""
        return can(request.user, self.may_view)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # get_queryset scopes
        """Whether the role may see such rows."""
        return can(request.user, self.may_view)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # inlines pass one
        """Whether the role may add such rows here."""
        return self.may_change is not None and can(request.user, self.may_change)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Whether the role may change such rows here."""
        return self.may_change is not None and can(request.user, self.may_change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Whether the role may delete such rows here. Records of care are never deleted."""
        return self.may_delete is not None and can(request.user, self.may_delete)
