from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import Client, TreatmentEpisode
from cases.models.visibility import ClientRecordQuerySet
from counseling.codes import Instrument
from counseling.instruments import BAM_NO_OR_YES, BAM_SUBSCALES, FORMS, Form
from staff.access import Permission
from staff.day_rules import moments_since_1900
from staff.history import tracked

from .instrument_text import InstrumentText

LONGEST_REASON = 200
HOURLY = (Instrument.CIWA_AR.value, Instrument.COWS.value)  # scales that are taken several times a day


def _without_result() -> Q:
    return Q(total=None, band="", subscales={})


def _with_result(form: Form) -> Q:
    """A scored row: every required answer is there, and the total is possible."""
    whole = Q(answers__has_keys=list(form.always_asked))
    for skip in form.skips if form.instrument != Instrument.CSSRS else ():
        asked = [key for key in form.always_asked if key not in skip.skips]
        whole |= Q(answers__has_keys=asked, answers__contains=dict.fromkeys(skip.after, 0))
    whole &= Q(instrument=form.instrument.value)
    if form.total_range is None:
        return whole & Q(total=None)
    return whole & Q(total__range=form.total_range)


def _possible_results() -> Q:
    condition = _without_result()
    for form in FORMS.values():
        condition |= _with_result(form)
    return condition


def _no_or_yes() -> Q:
    """Question 14 of the BAM has two answers. Measures scored by the first rules, which had five, stay as they are."""
    key = BAM_NO_OR_YES
    others = ~Q(instrument=Instrument.BAM.value) | Q(rules_version=1) | ~Q(answers__has_key=key)
    return others | Q(answers__contains={key: 0}) | Q(answers__contains={key: 4})


class MeasureQuerySet(ClientRecordQuerySet["Measure"]):
    view_permission = Permission.NOTE_VIEW

    def counted(self) -> Self:
        """Measures not withdrawn: code that needs scores reads only these."""
        return self.filter(withdrawal=None)

    def scored(self) -> Self:
        """Measures with a result. A measure with a missing answer does not count as completed."""
        return self.exclude(_without_result())


@tracked
class Measure(models.Model):
    """One completed instrument: the answers and their score, with the version of the scoring rules.

    A trigger refuses every change or deletion (migration 0004_measures_and_tablet). One that was entered in error is
    withdrawn by a MeasureWithdrawal row.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="measures")
    episode = models.ForeignKey(
        TreatmentEpisode, on_delete=models.PROTECT, null=True, blank=True, related_name="measures"
    )
    instrument = models.CharField(max_length=12, choices=Instrument)
    rules_version = models.PositiveSmallIntegerField()
    text = models.ForeignKey(
        InstrumentText,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
        help_text="The clinic’s item text used; empty: built-in text or a paper form.",
    )
    answers = models.JSONField(default=dict)
    total = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: no total.")
    subscales = models.JSONField(default=dict, blank=True)
    band = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=200, blank=True, help_text="What the score asks for.")
    requires = models.CharField(
        "must follow",
        max_length=12,
        choices=Instrument,
        blank=True,
        help_text="Measure to complete before the session ends.",
    )
    taken_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = MeasureQuerySet.as_manager()

    class Meta:
        ordering = ("-taken_at", "-pk")
        indexes = [
            models.Index(fields=("client", "instrument", "-taken_at"), name="measure_by_client"),
            models.Index(fields=("client",), condition=~models.Q(requires=""), name="measure_that_asks_for_another"),
            models.Index(
                fields=("client",),
                condition=Q(instrument=Instrument.CSSRS.value) & ~Q(action=""),
                name="measure_of_high_suicide_risk",
            ),
            models.Index(
                fields=("taken_at",), condition=Q(instrument__in=HOURLY), name="measure_of_withdrawal_by_time"
            ),
        ]
        constraints = [
            *moments_since_1900("taken_at", prefix="measure"),
            models.CheckConstraint(condition=Q(instrument__in=Instrument.values), name="measure_instrument_exists"),
            models.CheckConstraint(condition=~Q(answers={}), name="measure_has_an_answer"),
            models.CheckConstraint(condition=_possible_results(), name="measure_result_is_possible"),
            models.CheckConstraint(condition=_no_or_yes(), name="measure_bam_14_is_no_or_yes"),
        ]

    def __str__(self) -> str:
        return f"{self.get_instrument_display()} {self.total if self.total is not None else ''}".strip()

    @property
    def is_scored(self) -> bool:
        """Whether every answer that counts was there."""
        return self.total is not None or bool(self.band or self.subscales)

    @property
    def result_in_words(self) -> str:
        """“12, Moderate”; “use 3, risk 8, protective 14”; or that there is no score."""
        if self.subscales:
            return ", ".join(f"{name} {self.subscales[name]}" for name in BAM_SUBSCALES if name in self.subscales)
        said = [str(self.total)] if self.total is not None else []
        return ", ".join([*said, self.band] if self.band else said) or "no score (missing answer)"

    @property
    def is_hourly(self) -> bool:
        """Whether it is taken several times a day, so its time matters."""
        return self.instrument in HOURLY

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was marked as entered in error."""
        return hasattr(self, "withdrawal")


class MeasureWithdrawalQuerySet(ClientRecordQuerySet["MeasureWithdrawal"]):
    view_permission = Permission.NOTE_VIEW
    client_path = "measure__client"


class MeasureWithdrawal(models.Model):
    """Marks a measure as entered in error: who, when and why. Append-only; the measure stays on record."""

    measure = models.OneToOneField(Measure, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.CharField(max_length=LONGEST_REASON)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = MeasureWithdrawalQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(condition=~Q(reason__regex=r"^\s*$"), name="measure_withdrawal_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"Measure {self.measure_id} entered in error"
