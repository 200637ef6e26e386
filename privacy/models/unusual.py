from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cases.models.visibility import not_kept_from
from staff.access import Permission, can
from staff.models import Clinic, StaffMember


class UnusualAccessQuerySet(models.QuerySet["UnusualAccess"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """The clinic's own, for those who oversee its access log, but for charts of clients who restricted them."""
        if not can(staff_member, Permission.ACCESS_LOG_VIEW):
            return self.none()
        return self.filter(not_kept_from(staff_member, "client_id"), clinic=staff_member.clinic_id)

    def unreviewed(self) -> Self:
        """Those that no one has reviewed."""
        return self.filter(review=None)


class UnusualAccess(models.Model):
    """Something in a day's access log that the privacy officer should look at, with its reason (privacy.unusual).

    It accuses nobody: most have a good explanation (45 CFR 164.308(a)(1)(ii)(D), review of system activity).
    Append-only. `client_id` is the number of that time, as in the log.
    """

    class Reason(models.TextChoices):
        SAME_NAME = "same_name", "Same last name as the client"
        NOT_ON_TEAM = "not_on_team", "Not on the care team"
        MANY_CHARTS = "many_charts", "Many charts in a day"
        AT_NIGHT = "at_night", "At night"
        NOT_THEIRS = "not_theirs", "Tried charts that aren’t theirs"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    staff_member = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    reason = models.CharField(max_length=12, choices=Reason)
    client_id = models.BigIntegerField("client", null=True, blank=True)
    count = models.PositiveIntegerField(help_text="Pages of one chart, or charts.")
    usual = models.PositiveIntegerField(default=0, help_text="The clinic’s number when it was found.")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    found_at = models.DateTimeField()

    objects = UnusualAccessQuerySet.as_manager()

    class Meta:
        ordering = ("-on", "-pk")
        verbose_name_plural = "unusual accesses"
        constraints = [
            models.UniqueConstraint(
                fields=("clinic", "staff_member", "on", "reason", "client_id"),
                nulls_distinct=False,
                name="unusual_access_found_once",
            ),
            models.CheckConstraint(condition=Q(last_at__gte=F("first_at")), name="unusual_access_ends_after_start"),
            models.CheckConstraint(
                condition=Q(reason__in=("same_name", "not_on_team"), client_id__isnull=False)
                | Q(reason__in=("many_charts", "at_night", "not_theirs"), client_id=None),
                name="unusual_access_names_its_client",
            ),
        ]
        indexes = [models.Index(fields=("clinic", "-on", "-id"), name="unusual_by_day")]

    def __str__(self) -> str:
        return f"Unusual access {self.pk}"

    @property
    def words(self) -> str:
        """The reason as a sentence, by the clock of the page."""
        first, last = (timezone.localtime(at) for at in (self.first_at, self.last_at))
        charts = f"{self.count} chart{'' if self.count == 1 else 's'}"
        match self.reason:
            case self.Reason.SAME_NAME:
                return "Opened the chart of a client with the same last name."
            case self.Reason.NOT_ON_TEAM:
                return (
                    f"Opened {self.count} page{'' if self.count == 1 else 's'} of this chart without being on the care "
                    "team or supervising someone on it, and recorded nothing in it that day."
                )
            case self.Reason.MANY_CHARTS:
                return f"Opened {charts} in one day. More than {self.usual} is unusual here."
            case self.Reason.AT_NIGHT:
                return f"Opened {charts} at night, between {first:%-I:%M %p} and {last:%-I:%M %p}."
        return f"Tried to open {charts} that their role or care teams don’t include."


class UnusualAccessReviewQuerySet(models.QuerySet["UnusualAccessReview"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """The clinic's own, for those who oversee its access log."""
        if not can(staff_member, Permission.ACCESS_LOG_VIEW):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)


class UnusualAccessReview(models.Model):
    """What the privacy officer found out about one. Append-only; a trigger refuses a review of one's own access."""

    class Finding(models.TextChoices):
        EXPLAINED = "explained", "Explained: part of their work"
        NOT_EXPLAINED = "not_explained", "Not explained: followed up"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    access = models.OneToOneField(UnusualAccess, on_delete=models.PROTECT, related_name="review")
    finding = models.CharField(max_length=14, choices=Finding)
    note = models.CharField(max_length=500)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = UnusualAccessReviewQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"Review of {self.access_id}"
