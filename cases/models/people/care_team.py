from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.history import tracked
from staff.prepared import Moment

from .client import Client

if TYPE_CHECKING:
    from staff.models import StaffMember


class CareTeamQuerySet(ClientRecordQuerySet["CareTeamMember"]):
    view_permission = Permission.CLIENT_VIEW

    def current(self, at: datetime.datetime | None = None) -> CareTeamQuerySet:
        """Rows active at a moment (default: now)."""
        moment = at or Moment()
        return self.filter(starts_at__lte=moment).exclude(ends_at__lte=moment)

    def caseload(self, staff_member: StaffMember) -> CareTeamQuerySet:
        """The person's own rows in force now."""
        return self.current().filter(staff_member=staff_member)

    def led_by(self, staff_member: StaffMember) -> CareTeamQuerySet:
        """Rows that make someone the primary counselor."""
        return self.filter(staff_member=staff_member, part=CareTeamMember.Part.PRIMARY)


@tracked
class CareTeamMember(models.Model):
    """Someone who works with this client, from when to when. This row gives a counselor access to the chart."""

    class Part(models.TextChoices):
        PRIMARY = "primary", "Primary counselor"
        COUNSELOR = "counselor", "Counselor"
        MEDICAL = "medical", "Medical provider"
        FACILITATOR = "facilitator", "Group facilitator"
        EMERGENCY = "emergency", "Emergency access"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="care_team")
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="care_teams")
    part = models.CharField(max_length=12, choices=Part)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = CareTeamQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="care_team_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~models.Q(part="emergency", ends_at=None), name="emergency_access_ends_by_itself"
            ),
            models.UniqueConstraint(
                fields=("client", "staff_member", "part"), condition=models.Q(ends_at=None), name="care_team_part_once"
            ),
        ]
        indexes = [
            models.Index(fields=("staff_member", "client", "starts_at", "ends_at"), name="care_team_by_staff"),
            models.Index(
                fields=("staff_member", "part", "client"), include=("starts_at", "ends_at"), name="care_team_by_part"
            ),
        ]

    def __str__(self) -> str:
        return self.get_part_display()
