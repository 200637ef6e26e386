from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from cases.codes import Substance
from staff.access import Permission
from staff.history import tracked
from staff.models import Program
from staff.models.clinic import CriteriaEdition, MedicalIntensity, Setting

from .people.client import Client
from .visibility import ClientRecordQuerySet

LONGEST_REASON = 300


class AssessmentQuerySet(ClientRecordQuerySet["LevelOfCareAssessment"]):
    view_permission = Permission.EPISODE_VIEW

    def undecided(self) -> AssessmentQuerySet:
        """Assessments without a clinician's decision."""
        return self.filter(decided_at=None)


class SetAsideQuerySet(ClientRecordQuerySet["MeasureSetAside"]):
    view_permission = Permission.EPISODE_VIEW
    client_path = "assessment__client"


@tracked
class LevelOfCareAssessment(models.Model):
    """The answers behind a placement suggestion, and the clinician's decision. Unknown answers never mean “no”."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="level_of_care_assessments")
    inquiry = models.ForeignKey(
        "cases.Inquiry", on_delete=models.PROTECT, null=True, blank=True, related_name="assessments"
    )
    relapse = models.ForeignKey(
        "cases.Relapse", on_delete=models.PROTECT, null=True, blank=True, related_name="assessments"
    )
    assessed_at = models.DateTimeField()
    assessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    # danger now
    emergency_signs = models.BooleanField(
        "seizure, confusion, hallucinations, cannot be woken, or overdose now", null=True, blank=True
    )
    suicidal_intent = models.BooleanField("C-SSRS question 4 or 5 yes in the past month", null=True, blank=True)
    suicidal_behavior = models.BooleanField("any suicidal behavior in the past 3 months", null=True, blank=True)
    suicide_risk_moderate = models.BooleanField("C-SSRS moderate", null=True, blank=True)

    # use and withdrawal
    substances = ArrayField(models.CharField(max_length=20, choices=Substance), default=list, blank=True)
    use_days = models.PositiveIntegerField("days used", null=True, blank=True)
    span_days = models.PositiveIntegerField("days from first to last use", null=True, blank=True)
    use_stopped = models.BooleanField("has stopped using", null=True, blank=True)
    days_since_alcohol = models.PositiveIntegerField("days since last alcohol", null=True, blank=True)
    days_since_sedative = models.PositiveIntegerField("days since last sedative", null=True, blank=True)
    days_since_opioid = models.PositiveIntegerField("days since last opioid", null=True, blank=True)
    alcohol_daily = models.BooleanField("drank daily", null=True, blank=True)
    ciwa_ar = models.PositiveSmallIntegerField("CIWA-Ar", null=True, blank=True, validators=[MaxValueValidator(67)])
    cows = models.PositiveSmallIntegerField("COWS", null=True, blank=True, validators=[MaxValueValidator(48)])
    intoxicated = models.BooleanField("intoxicated now", null=True, blank=True)
    past_withdrawal_seizure = models.BooleanField("past withdrawal seizure or delirium", null=True, blank=True)
    complicating_illness = models.BooleanField(null=True, blank=True)
    cannot_attend_visits = models.BooleanField("cannot come to daily visits", null=True, blank=True)
    sedative_stopped = models.BooleanField("regular use of a sedative stopped or cut down", null=True, blank=True)
    sedative_severe = models.BooleanField(
        "severe symptoms, imminent harm, or outpatient tapering unsafe", null=True, blank=True
    )
    pregnant = models.BooleanField(null=True, blank=True)
    overdose_since_last_episode = models.BooleanField(null=True, blank=True)
    days_since_overdose = models.PositiveIntegerField(null=True, blank=True)

    # mind, home, past
    phq9 = models.PositiveSmallIntegerField("PHQ-9", null=True, blank=True, validators=[MaxValueValidator(27)])
    psychosis = models.BooleanField(null=True, blank=True)
    no_housing = models.BooleanField(null=True, blank=True)
    violence_at_home = models.BooleanField(null=True, blank=True)
    substances_at_home = models.BooleanField("substances used at home", null=True, blank=True)
    present_setting = models.PositiveSmallIntegerField(
        "current setting of care", choices=Setting, null=True, blank=True
    )
    used_during_care = models.BooleanField("returned to use during care", null=True, blank=True)
    prior_setting = models.PositiveSmallIntegerField(
        "setting of care at that use, or the last before it", choices=Setting, null=True, blank=True
    )
    days_from_discharge_to_use = models.IntegerField(
        "days from that discharge to the return to use", null=True, blank=True
    )
    preference = models.TextField("what the client wants", blank=True)
    barriers = models.TextField("barriers", blank=True)

    # criteria ratings as data: codes only, none of the book's text
    criteria_edition = models.CharField(max_length=8, choices=CriteriaEdition, default=CriteriaEdition.THIRD)
    dimension_ratings = models.JSONField(
        default=dict, blank=True, help_text="Dimension number → the clinician's rating, as a string."
    )

    # what was suggested when it was decided, and the decision
    suggestion = models.JSONField(
        default=dict, blank=True, help_text="Inputs, thresholds, rules fired and rule-set version at the decision."
    )
    decided_setting = models.PositiveSmallIntegerField(choices=Setting, null=True, blank=True)
    decided_medical = models.PositiveSmallIntegerField(choices=MedicalIntensity, null=True, blank=True)
    decided_program = models.ForeignKey(Program, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_level_code = models.CharField(max_length=8, blank=True)
    decision_reason = models.TextField("why it differs from the suggestion", blank=True)
    unmet_need_reason = models.CharField(
        "decided although it can’t meet the medical need because", max_length=LONGEST_REASON, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ("-assessed_at", "-pk")
        verbose_name = "level of care assessment"
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, decided_setting=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, decided_setting__isnull=False),
                name="decision_has_level_time_and_author",
            ),
            models.CheckConstraint(
                condition=Q(unmet_need_reason="") | Q(decided_medical__gte=MedicalIntensity.EVALUATION),
                name="unmet_need_was_decided",
            ),
            models.CheckConstraint(condition=Q(ciwa_ar=None) | Q(ciwa_ar__lte=67), name="ciwa_ar_to_67"),
            models.CheckConstraint(condition=Q(cows=None) | Q(cows__lte=48), name="cows_to_48"),
            models.CheckConstraint(condition=Q(phq9=None) | Q(phq9__lte=27), name="phq9_to_27"),
            models.CheckConstraint(
                condition=Q(use_days=None) | Q(span_days=None) | Q(use_days__lte=models.F("span_days")),
                name="use_days_within_span_days",
            ),
        ]
        indexes = [
            models.Index(fields=("client", "-assessed_at"), name="assessment_by_client"),
            models.Index(
                fields=("client",),
                condition=Q(suicidal_intent=True) | Q(suicidal_behavior=True),
                name="assessment_of_suicide_risk",
            ),
            models.Index(
                fields=("decided_at",),
                condition=Q(decided_medical__gte=MedicalIntensity.EVALUATION),
                name="assessment_of_medical_need",
            ),
        ]

    def __str__(self) -> str:
        return f"Assessment {self.pk}"

    @property
    def decided_in_words(self) -> str:
        """“Residential, 24-hour medical care”; empty until it is decided."""
        if self.decided_setting is None:
            return ""
        need = MedicalIntensity(self.decided_medical or 0)
        return f"{Setting(self.decided_setting).label}, {need.as_need.lower()}"

    @property
    def decided_codes(self) -> str:
        """The same as “S3 · M2”, for small print."""
        if self.decided_setting is None:
            return ""
        return f"{Setting(self.decided_setting).code} · {MedicalIntensity(self.decided_medical or 0).code}"


class MeasureSetAside(models.Model):
    """A clinician's reason to exclude a recent measure, and earlier ones of its kind, from an assessment.

    Append-only: the decision is based on it.
    """

    assessment = models.ForeignKey(LevelOfCareAssessment, on_delete=models.PROTECT, related_name="measures_set_aside")
    instrument = models.CharField(max_length=12, help_text="Code of the instrument in its app.")
    name = models.CharField(max_length=40)
    value = models.CharField(max_length=80, help_text="The result of the measure, in words.")
    measured_at = models.DateTimeField()
    page = models.CharField(max_length=200, blank=True, help_text="Where the measure is on record.")
    reason = models.CharField("why it no longer applies", max_length=LONGEST_REASON)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        verbose_name = "measure set aside"
        verbose_name_plural = "measures set aside"
        constraints = [
            models.CheckConstraint(condition=~Q(reason__regex=r"^\s*$"), name="measure_set_aside_says_why"),
            models.UniqueConstraint(
                fields=("assessment", "instrument", "measured_at"), name="measure_set_aside_once_per_assessment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value} set aside"

    def as_json(self) -> dict[str, Any]:
        """For keeping with a decision."""
        return {
            "name": self.name,
            "value": self.value,
            "at": self.measured_at.isoformat(),
            "page": self.page,
            "reason": self.reason,
            "said_at": self.at.isoformat(),
            "by": self.by_id,
        }
