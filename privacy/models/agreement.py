from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from staff.access import Permission, can
from staff.day_rules import since_1900
from staff.history import tracked
from staff.models import Clinic

if TYPE_CHECKING:
    from staff.models import StaffMember


class ServiceAgreementQuerySet(models.QuerySet["ServiceAgreement"]):
    def visible_to(self, staff_member: StaffMember) -> ServiceAgreementQuerySet:
        """The clinic's agreements, for those who record disclosures or keep them."""
        keeps = can(staff_member, Permission.RECIPIENTS_KEEP)
        if not (keeps or can(staff_member, Permission.DISCLOSURE_RECORD)):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)

    def current_on(self, day: datetime.date) -> ServiceAgreementQuerySet:
        """Agreements in effect on a day: the last day counts, and the day on which one was ended does not."""
        return self.filter(agreed_on__lte=day).filter(
            Q(ends_on=None) | Q(ends_on__gte=day), Q(ended_on=None) | Q(ended_on__gt=day)
        )

    def open(self) -> ServiceAgreementQuerySet:
        """Those that no one has ended; they may have expired."""
        return self.filter(ended_on=None)


@tracked
class ServiceAgreement(models.Model):
    """A written agreement with a qualified service organization (42 CFR 2.11), such as a laboratory.

    What the organization needs to provide its services may be disclosed to it without consent (42 CFR 2.12(c)(4)). A
    renewal is a row of its own. Sealed but for its end.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("organization", max_length=200)
    services = models.CharField(max_length=300, help_text="What it does for the clinic, e.g. laboratory analyses.")
    agreed_on = models.DateField("date of the agreement")
    ends_on = models.DateField("last day", null=True, blank=True, help_text="Leave blank if it has none.")
    is_bound = models.BooleanField("The agreement acknowledges that it is fully bound by 42 CFR part 2", default=False)
    resists = models.BooleanField(
        "It agrees to resist in judicial proceedings any effort to get the records", default=False
    )
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField("ended on", null=True, blank=True, help_text="If it was ended before its last day.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ServiceAgreementQuerySet.as_manager()

    class Meta:
        ordering = ("name", "-agreed_on", "-pk")
        constraints = [
            *since_1900("agreed_on", "ends_on", "ended_on", prefix="service_agreement"),
            models.CheckConstraint(
                condition=Q(is_bound=True, resists=True),
                name="service_agreement_binds",
                violation_error_message="An agreement needs both promises (42 CFR 2.11).",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("agreed_on")),
                name="service_agreement_ends_after_it_begins",
                violation_error_message="The last day is before the agreement.",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, ended_at=None, ended_by=None)
                | Q(ended_on__isnull=False, ended_at__isnull=False, ended_by__isnull=False),
                name="service_agreement_end_has_author",
            ),
        ]
        indexes = [models.Index(fields=("clinic", "name", "-agreed_on"), name="service_agreement_by_name")]

    def __str__(self) -> str:
        return self.name

    def is_current_on(self, day: datetime.date) -> bool:
        """The same as `current_on`, for a row that was read."""
        is_over = self.ends_on is not None and self.ends_on < day
        was_ended = self.ended_on is not None and self.ended_on <= day
        return self.agreed_on <= day and not is_over and not was_ended
