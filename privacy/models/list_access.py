from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from cases.models.visibility import KeptFrom
from privacy import log_words
from staff import seals
from staff.access import Permission, can
from staff.models import Clinic, StaffMember


class ListAccessQuerySet(models.QuerySet["ListAccess"]):
    def visible_to(self, staff_member: StaffMember) -> ListAccessQuerySet:
        """The clinic's log, for those who oversee it, without lists that name somebody who is kept from them."""
        if not can(staff_member, Permission.ACCESS_LOG_VIEW):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id).exclude(client_ids__overlap=KeptFrom(staff_member))


class ListAccess(models.Model):
    """A page that read the records of clients without one of them in its address: a list, a search, an export.

    What was asked, of how many clients rows were read, and of which if they were few (45 CFR 164.312(b)). Append-only,
    and chained by hash per clinic like the other logs. The numbers are plain, as in ChartAccess.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    position = models.BigIntegerField(editable=False, default=0)
    at = models.DateTimeField()
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    view_name = models.CharField("page", max_length=120)
    method = models.CharField(max_length=8)
    status = models.PositiveSmallIntegerField("answer")
    asked = models.JSONField(default=dict, blank=True, help_text="What the address asked for: search, filters, page.")
    how_many = models.PositiveIntegerField(null=True, blank=True, help_text="Blank: sent while it was read.")
    client_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    previous_hash = models.CharField(max_length=64, editable=False, default="")
    hash = models.CharField(max_length=64, editable=False, default="")
    seal = models.CharField(max_length=320, editable=False, default=seals.new)

    objects = ListAccessQuerySet.as_manager()

    class Meta:
        ordering = ("clinic", "-position")
        verbose_name_plural = "list accesses"
        constraints = [
            models.UniqueConstraint(fields=("clinic", "position"), name="list_access_position_once_per_clinic")
        ]
        indexes = [
            models.Index(fields=("clinic", "staff_member", "-position"), name="list_access_by_staff"),
            GinIndex(fields=("client_ids",), name="list_access_by_client"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.view_name}"

    @property
    def words(self) -> str:
        """What was done, or tried: “signed a note”."""
        return log_words.said(self.view_name, self.method, self.status)

    @property
    def asked_words(self) -> str:
        """What was asked, in a line: “Search: Sample, status: waiting”."""
        said = (f"{'search' if name == 'q' else name.replace('_', ' ')}: {value}" for name, value in self.asked.items())
        line = ", ".join(said)
        return line[:1].upper() + line[1:]
