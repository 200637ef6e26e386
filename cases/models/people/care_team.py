from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

from cases.models.visibility import ClientRecordQuerySet, not_kept_from
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

    def caseload(self, staff_member: StaffMember, at: datetime.datetime | None = None) -> CareTeamQuerySet:
        """The person's own rows in force at a moment (default: now), but for clients who keep theirs from them."""
        return self.current(at).filter(not_kept_from(staff_member, "client"), staff_member=staff_member)

    def led_by(self, staff_member: StaffMember) -> CareTeamQuerySet:
        """Rows that make someone the primary counselor, or who covers for one, with the same exception."""
        leading = (CareTeamMember.Part.PRIMARY, CareTeamMember.Part.COVERING)
        own = self.filter(staff_member=staff_member, part__in=leading)
        return own.filter(not_kept_from(staff_member, "client"))


@tracked
class CareTeamMember(models.Model):
    """Someone who works with this client, from when to when. This row gives a counselor access to the chart.

    Emergency access and covering end by themselves: each such row has its end from the beginning.
    """

    class Part(models.TextChoices):
        PRIMARY = "primary", "Primary counselor"
        COUNSELOR = "counselor", "Counselor"
        MEDICAL = "medical", "Medical provider"
        FACILITATOR = "facilitator", "Group facilitator"
        COVERING = "covering", "Covering"
        EMERGENCY = "emergency", "Emergency access"

    SHORTEST: ClassVar = datetime.timedelta(microseconds=1)  # a row ends after it starts

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="care_team")
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="care_teams")
    part = models.CharField(max_length=12, choices=Part)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    covers_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The colleague who is away, while someone covers for them.",
    )
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
            models.CheckConstraint(
                condition=models.Q(part="covering", ends_at__isnull=False, covers_for__isnull=False)
                | ~models.Q(part="covering") & models.Q(covers_for=None),
                name="covering_is_for_somebody_and_ends_by_itself",
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
            models.Index(
                fields=("covers_for", "ends_at"), condition=models.Q(part="covering"), name="care_team_covering"
            ),
        ]

    def __str__(self) -> str:
        return self.get_part_display()
