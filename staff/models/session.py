from __future__ import annotations

from typing import ClassVar

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone

from staff import browsers

from .staff_member import StaffMember


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, staff_member: StaffMember) -> SessionQuerySet:
        """Where colleagues of the person's own clinic are signed in now."""
        return self.filter(staff_member__clinic=staff_member.clinic_id, expire_date__gt=timezone.now())


class SessionManager(BaseSessionManager.from_queryset(SessionQuerySet)):  # type: ignore[misc]
    """Django's, with what is visible to whom."""


class Session(AbstractBaseSession):
    """One browser's session: whose, since when, and from where. `staff.sessions` writes it, and ending one deletes it.

    Pages name it by its `handle`: the key in the browser's cookie is never shown.
    """

    staff_member = models.ForeignKey(
        StaffMember, on_delete=models.CASCADE, null=True, related_name="sessions", help_text="Blank: not signed in."
    )
    handle = models.UUIDField(null=True, db_index=True, editable=False)  # not unique: a new key takes it over
    began_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True, help_text="When it ends, however much its owner does in it.")
    used_at = models.DateTimeField(null=True, help_text="The last request, to half a minute.")
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=300, blank=True, default="")

    objects: ClassVar[SessionManager] = SessionManager()

    class Meta(AbstractBaseSession.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(staff_member=None)
                | models.Q(
                    handle__isnull=False,
                    began_at__isnull=False,
                    used_at__isnull=False,
                    ends_at__isnull=False,
                    ends_at__gte=models.F("expire_date"),
                ),
                name="a_signed_in_session_ends",
            )
        ]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """Who writes it."""
        from staff.sessions import SessionStore

        return SessionStore

    @property
    def browser_in_words(self) -> str:
        """“Firefox on Windows”."""
        return browsers.in_words(self.browser)
