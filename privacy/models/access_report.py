from __future__ import annotations

from functools import cached_property

from django.db import models
from django.db.models import F, Q

from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.day_rules import since_1900
from staff.models import Clinic, StaffMember

from .access import numbers_of


class AccessReportQuerySet(ClientRecordQuerySet["AccessReport"]):
    view_permission = Permission.ACCESS_REPORT_GIVE


class AccessReport(models.Model):
    """A client asked who opened their chart, and was given a report of a period. Append-only but for merges.

    What it said is the access log of that period, up to the moment it was given: the log doesn't change. It isn't the
    accounting of disclosures (45 CFR 164.528; 42 CFR 2.25 has its own list): it is about the clinic's own people.
    """

    class AskedBy(models.TextChoices):
        CLIENT = "client", "The client"
        GUARDIAN = "guardian", "A parent or guardian who signs for the client"
        REPRESENTATIVE = "representative", "A personal representative"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="access_reports")
    since = models.DateField("from")
    until = models.DateField("to")
    asked_by = models.CharField(max_length=14, choices=AskedBy)
    with_names = models.BooleanField("names of staff", default=True)
    entries = models.PositiveIntegerField(help_text="How many entries of the log it covers.")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    objects = AccessReportQuerySet.as_manager()

    class Meta:
        ordering = ("-given_at", "-pk")
        constraints = [
            *since_1900("since", "until", prefix="access_report"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="access_report_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"Access report {self.pk}"

    @cached_property
    def numbers(self) -> list[int]:
        """The client's number, and those of the records merged into it."""
        return numbers_of(self.client_id)
