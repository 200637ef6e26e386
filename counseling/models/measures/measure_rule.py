"""When an instrument is due at a clinic, where that differs from the default."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from counseling.codes import CareGroup, Instrument
from staff.history import tracked
from staff.models import Clinic, StaffMember

LONGEST_INTERVAL = 366


class MeasureRuleQuerySet(models.QuerySet["MeasureRule"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """Rules of the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)


@tracked
class MeasureRule(models.Model):
    """When an instrument is due for a group of levels: within how many days of entry, and how often after that.

    Without `every_days` it is due once per episode: moving to other levels does not require it again.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="measure_rules")
    group = models.CharField("levels of care", max_length=12, choices=CareGroup)
    instrument = models.CharField(max_length=12, choices=Instrument)
    within_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days after admission to these levels; 0: same day. Empty: not required."
    )
    every_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: not repeated.")

    objects = MeasureRuleQuerySet.as_manager()

    class Meta:
        ordering = ("group", "instrument")
        constraints = [
            models.UniqueConstraint(fields=("clinic", "group", "instrument"), name="measure_rule_once"),
            models.CheckConstraint(
                condition=Q(group__in=CareGroup.values, instrument__in=Instrument.values), name="measure_rule_exists"
            ),
            models.CheckConstraint(
                condition=(Q(within_days=None) | Q(within_days__lte=LONGEST_INTERVAL))
                & (Q(every_days=None) | Q(every_days__range=(1, LONGEST_INTERVAL))),
                name="measure_rule_within_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_instrument_display()}, {self.get_group_display()}"
