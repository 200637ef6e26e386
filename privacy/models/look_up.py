from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.visibility import not_kept_from
from staff.access import Permission, can
from staff.history import tracked
from staff.models import Clinic, StaffMember


class EmergencyLookUpQuerySet(models.QuerySet["EmergencyLookUp"]):
    def visible_to(self, staff_member: StaffMember) -> EmergencyLookUpQuerySet:
        """The clinic's look-ups, for those who review emergency access, but for those of who restricted them."""
        if not can(staff_member, Permission.EMERGENCY_REVIEW):
            return self.none()
        return self.filter(not_kept_from(staff_member, "client_id"), clinic=staff_member.clinic_id)

    def unreviewed(self) -> EmergencyLookUpQuerySet:
        """Those still to be reviewed. One that opened a chart is reviewed with that access."""
        return self.filter(reviewed_at=None).exclude(outcome=EmergencyLookUp.Outcome.OPENED)


@tracked
class EmergencyLookUp(models.Model):
    """One use of the emergency form: who asked for whom and why, and what came of it.

    The person who asked learns only whether a chart opened; this row is for the privacy officer. Sealed but for its
    review. `client_id` is a plain number, as in the access log: the client whose chart opened, or was open to them.
    """

    class Outcome(models.TextChoices):
        OPENED = "opened", "Opened a chart"
        NOBODY = "nobody", "No chart opened"
        OWN = "own", "Already on the care team"
        LIMITED = "limited", "Too many look-ups, not answered"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    given_name = models.CharField("first name", max_length=60, blank=True)
    family_name = models.CharField("last name", max_length=60)
    birth_date = models.DateField(null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    outcome = models.CharField(max_length=8, choices=Outcome)
    client_id = models.BigIntegerField("client found", null=True, blank=True, editable=False)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    review_note = models.CharField(max_length=500, blank=True)

    objects = EmergencyLookUpQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="look_up_review_has_time_and_author",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=models.F("staff_member")),
                name="nobody_reviews_their_own_look_up",
            ),
        ]
        indexes = [
            models.Index(fields=("clinic", "-at", "-id"), name="look_up_by_clinic"),
            models.Index(fields=("staff_member", "-at"), name="look_up_by_staff"),
        ]

    def __str__(self) -> str:
        return f"Look-up {self.pk}"

    @property
    def whom(self) -> str:
        """The name as it was typed."""
        return f"{self.given_name} {self.family_name}".strip()
