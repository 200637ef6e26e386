from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import Client, TreatmentEpisode
from cases.models.visibility import ClientRecordQuerySet
from counseling.codes import ASKED_BY_A_CLINICIAN, HandoverEnd, Instrument
from counseling.instruments import FORMS, Form
from staff.access import Permission
from staff.history import tracked

from .measures.instrument_text import InstrumentText
from .measures.measure import Measure

HASH = r"^[0-9a-f]{64}$"


class HandoverQuerySet(ClientRecordQuerySet["Handover"]):
    view_permission = Permission.NOTE_VIEW

    def open(self, now: datetime.datetime) -> Self:
        """Sessions the client can still answer."""
        return self.filter(ended_at=None, closes_at__gt=now)

    def due(self, now: datetime.datetime) -> Self:
        """Sessions whose time ran out and that have not been ended yet."""
        return self.filter(ended_at=None, closes_at__lte=now)

    def for_reading(self) -> Self:
        """With all that a line about one shows."""
        return self.select_related("client__clinic", "opened_by").prefetch_related("parts__text")


@tracked
class Handover(models.Model):
    """A tablet session: a client completes one or more measures and sees nothing else.

    The token that opens it exists only in the tablet's session; this row has its hash. It closes at `closes_at`, which
    every answer extends, and at `ends_at` in any case. Once ended it can't be changed (migration
    0004_measures_and_tablet).
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="handovers")
    episode = models.ForeignKey(
        TreatmentEpisode, on_delete=models.PROTECT, null=True, blank=True, related_name="handovers"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    idle_minutes = models.PositiveSmallIntegerField("closes after minutes without an answer")
    active_at = models.DateTimeField("last answered")
    closes_at = models.DateTimeField()
    ends_at = models.DateTimeField("ends at the latest")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_how = models.CharField("how it ended", max_length=10, choices=HandoverEnd, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = HandoverQuerySet.as_manager()

    token: str = ""  # known once, to the code that opens it

    class Meta:
        ordering = ("-opened_at", "-pk")
        verbose_name = "tablet handed over"
        verbose_name_plural = "tablets handed over"
        constraints = [
            models.UniqueConstraint(fields=("client",), condition=Q(ended_at=None), name="one_tablet_at_a_time"),
            models.CheckConstraint(condition=Q(token_hash__regex=HASH), name="handover_keeps_a_hash"),
            models.CheckConstraint(
                condition=Q(opened_at__lte=F("active_at"))
                & Q(active_at__lte=F("closes_at"))
                & Q(closes_at__lte=F("ends_at")),
                name="handover_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_how="") | (Q(ended_at__gte=F("opened_at")) & ~Q(ended_how="")),
                name="handover_end_has_time_and_manner",
            ),
            models.CheckConstraint(
                condition=Q(ended_how=HandoverEnd.TAKEN_BACK, ended_by__isnull=False)
                | (~Q(ended_how=HandoverEnd.TAKEN_BACK) & Q(ended_by=None)),
                name="handover_taken_back_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=("closes_at",), condition=Q(ended_at=None), name="handover_open")]

    def __str__(self) -> str:
        return f"Tablet {self.pk}"

    @property
    def answered(self) -> int:
        """How many questions have an answer."""
        return sum(len(part.given) for part in self.parts.all())

    @property
    def asked(self) -> int:
        """How many questions there are, without those the form skips because of earlier answers."""
        return sum(len(part.form.items) - len(part.form.skipped(part.answers)) for part in self.parts.all())


class HandoverMeasureQuerySet(ClientRecordQuerySet["HandoverMeasure"]):
    view_permission = Permission.NOTE_VIEW
    client_path = "handover__client"


@tracked
class HandoverMeasure(models.Model):
    """One measure on a tablet: the answers so far, and the measure saved when the session ended.

    `answers` maps the item's key to the answer; null means the client preferred not to answer. Questions not reached
    are missing.
    """

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="parts")
    place = models.PositiveSmallIntegerField()
    instrument = models.CharField(max_length=12, choices=Instrument)
    text = models.ForeignKey(
        InstrumentText,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The clinic’s item text version; empty: built-in text.",
    )
    answers = models.JSONField(default=dict, blank=True)
    measure = models.OneToOneField(Measure, on_delete=models.PROTECT, null=True, blank=True, related_name="on_a_tablet")

    objects = HandoverMeasureQuerySet.as_manager()

    class Meta:
        ordering = ("handover", "place")
        verbose_name = "measure on a tablet"
        verbose_name_plural = "measures on a tablet"
        constraints = [
            models.UniqueConstraint(fields=("handover", "place"), name="handover_measures_in_order"),
            models.UniqueConstraint(fields=("handover", "instrument"), name="handover_measure_once"),
            models.CheckConstraint(
                condition=~Q(instrument__in=ASKED_BY_A_CLINICIAN), name="handover_not_of_what_a_clinician_asks"
            ),
        ]

    def __str__(self) -> str:
        return self.get_instrument_display()

    @property
    def given(self) -> dict[str, int]:
        """The answers, without those the client declined and those the form no longer asks.

        The latter are skipped after a changed answer, or belong to an earlier version of the form.
        """
        skipped, allowed = self.form.skipped(self.answers), {item.key: item.allowed for item in self.form.items}
        return {
            key: answer
            for key, answer in self.answers.items()
            if answer is not None and key not in skipped and answer in allowed.get(key, ())
        }

    @property
    def form(self) -> Form:
        """The instrument that is filled in."""
        return FORMS[Instrument(self.instrument)]
