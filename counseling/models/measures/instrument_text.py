"""Item text that a clinic has a license for. Each version is a row and never changes."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from counseling.codes import Instrument
from staff.history import tracked
from staff.models import Clinic, StaffMember

LONGEST_ITEM, LONGEST_ANSWER, LONGEST_HELP, LONGEST_INTRODUCTION = 500, 200, 500, 2000


class InstrumentTextQuerySet(models.QuerySet["InstrumentText"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """Texts of the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)

    def in_use(self) -> Self:
        """Active texts: at most one per instrument and clinic."""
        return self.filter(is_in_use=True)


@tracked
class InstrumentText(models.Model):
    """One version of an instrument's text as a clinic installed it, with copyright holder and permission.

    Text only: the allowed answers and what they count are code (counseling/instruments.py). A change makes the next
    version; a trigger refuses everything but retiring it or putting it back in use.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="instrument_texts")
    instrument = models.CharField(max_length=12, choices=Instrument)
    version = models.PositiveSmallIntegerField(default=1)
    edition = models.CharField(max_length=80, help_text="Edition or translation.")
    source = models.CharField(max_length=200, help_text="Copyright holder.")
    permission = models.CharField(max_length=300, help_text="The clinic’s permission to use it.")
    introduction = models.TextField(blank=True, max_length=LONGEST_INTRODUCTION)
    items = models.JSONField(help_text="Questions by key: text, help, and answer labels.")
    is_in_use = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = InstrumentTextQuerySet.as_manager()

    class Meta:
        ordering = ("instrument", "-version")
        constraints = [
            models.UniqueConstraint(fields=("clinic", "instrument", "version"), name="instrument_text_version_once"),
            models.UniqueConstraint(
                fields=("clinic", "instrument"), condition=Q(is_in_use=True), name="instrument_text_in_use_once"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="instrument_text_version_from_1"),
            models.CheckConstraint(
                condition=Q(instrument__in=Instrument.values), name="instrument_text_instrument_exists"
            ),
            models.CheckConstraint(
                condition=~Q(edition__regex=r"^\s*$") & ~Q(source__regex=r"^\s*$") & ~Q(permission__regex=r"^\s*$"),
                name="instrument_text_says_whose_it_is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_instrument_display()}, {self.edition}, version {self.version}"
