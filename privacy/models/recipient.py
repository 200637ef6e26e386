from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from staff.access import Permission, can
from staff.history import tracked
from staff.models import Clinic

from .disclosure import Disclosure

if TYPE_CHECKING:
    from staff.models import StaffMember


class KnownRecipientQuerySet(models.QuerySet["KnownRecipient"]):
    def visible_to(self, staff_member: StaffMember) -> KnownRecipientQuerySet:
        """The clinic's list, for those who record disclosures or keep it."""
        keeps = can(staff_member, Permission.RECIPIENTS_KEEP)
        if not (keeps or can(staff_member, Permission.DISCLOSURE_RECORD)):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)

    def current(self) -> KnownRecipientQuerySet:
        """Those still on the list."""
        return self.filter(ended_at=None)


@tracked
class KnownRecipient(models.Model):
    """A provider, payer or partner that the clinic has checked, for consents that name their recipients in general.

    “My treating providers” says what a recipient has to be; this row says that somebody is, how that is known, and who
    vouches for it. Whoever records a disclosure does not add to the list.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    kind = models.CharField("role", max_length=12, choices=Disclosure.RecipientAs)
    known_by = models.CharField(
        "how we know",
        max_length=200,
        help_text="License or NPI, plan number, or contract, and the date it was checked.",
    )
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = KnownRecipientQuerySet.as_manager()

    class Meta:
        ordering = ("name", "kind", "pk")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                "clinic",
                "kind",
                condition=Q(ended_at=None),
                name="recipient_once_in_each_role",
                violation_error_message="This recipient is already on the list in this role.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="recipient_end_has_time_and_author",
            ),
        ]

    def __str__(self) -> str:
        return self.name
