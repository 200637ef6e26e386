from __future__ import annotations

from django.conf import settings
from django.db import models

from cases.models import Client, TreatmentEpisode
from cases.models.visibility import ClientRecordQuerySet
from counseling.codes import Instrument
from staff.access import Permission
from staff.history import tracked


class MeasureQuerySet(ClientRecordQuerySet["Measure"]):
    view_permission = Permission.NOTE_VIEW


@tracked
class Measure(models.Model):
    """One filling-in of one instrument: the answers as given and what they came to by rules of a known version."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="measures")
    episode = models.ForeignKey(
        TreatmentEpisode, on_delete=models.PROTECT, null=True, blank=True, related_name="measures"
    )
    instrument = models.CharField(max_length=12, choices=Instrument)
    rules_version = models.PositiveSmallIntegerField()
    answers = models.JSONField(default=dict)
    total = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: no total can be given.")
    subscales = models.JSONField(default=dict, blank=True)
    band = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=200, blank=True, help_text="What the score asks for.")
    requires = models.CharField(
        "must follow", max_length=12, choices=Instrument, blank=True, help_text="Measure to take before closing."
    )
    taken_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = MeasureQuerySet.as_manager()

    class Meta:
        ordering = ("-taken_at", "-pk")
        indexes = [
            models.Index(fields=("client", "instrument", "-taken_at"), name="measure_by_client"),
            models.Index(fields=("client",), condition=~models.Q(requires=""), name="measure_that_asks_for_another"),
        ]

    def __str__(self) -> str:
        return f"{self.get_instrument_display()} {self.total if self.total is not None else ''}".strip()
