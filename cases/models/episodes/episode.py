from __future__ import annotations

import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from cases.codes import DischargeReason, PresentingReason
from cases.models.people.client import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.day_rules import moments_since_1900, since_1900
from staff.history import tracked
from staff.models import Program
from staff.models.clinic import CriteriaEdition, Setting

INTO_CUSTODY = Q(discharge_reason=DischargeReason.INCARCERATED)
# Levels at which people cannot use as they would outside, so that their tolerance goes down.
CONTROLLED = Q(setting__in=(Setting.RESIDENTIAL, Setting.HOSPITAL)) | Q(level_code__contains="-WM")


class EpisodeQuerySet(ClientRecordQuerySet["TreatmentEpisode"]):
    view_permission = Permission.EPISODE_VIEW

    def open(self) -> EpisodeQuerySet:
        """Episodes without a discharge."""
        return self.filter(discharged_on=None)

    def covering(self, day: datetime.date) -> EpisodeQuerySet:
        """Episodes that had begun on a day and had not ended before it."""
        return self.filter(admitted_on__lte=day).exclude(discharged_on__lt=day)

    def overlapping(self, *, since: datetime.date, until: datetime.date | None) -> EpisodeQuerySet:
        """Episodes that share a night with the time between two days (None: ongoing); half-open.

        A client who left and came back on the same day had two stays, one after the other.
        """
        found = self.filter(Q(discharged_on=None) | Q(discharged_on__gt=since))
        return found if until is None else found.filter(admitted_on__lt=until)

    def before(self, episode: TreatmentEpisode) -> EpisodeQuerySet:
        """The client's episodes that began earlier than this one."""
        return self.filter(client=episode.client_id).filter(
            Q(admitted_on__lt=episode.admitted_on) | Q(admitted_on=episode.admitted_on, pk__lt=episode.pk)
        )


@tracked
class TreatmentEpisode(models.Model):
    """From one admission to one discharge under one plan. A transfer stays in it; a readmission opens the next."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="episodes")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="episodes")
    admitted_on = models.DateField()
    admitted_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Date and time of admission; hourly deadlines count from it. Blank: time unknown.",
    )
    expected_discharge_on = models.DateField(
        null=True, blank=True, help_text="Expected discharge date, if known. Does not free an opening yet."
    )
    discharged_on = models.DateField(null=True, blank=True)
    discharge_reason = models.CharField(max_length=20, choices=DischargeReason, blank=True)
    discharge_planned = models.BooleanField(null=True, blank=True)
    discharge_went_on_because = models.CharField(
        "discharged anyway because",
        max_length=300,
        blank=True,
        help_text="Why a required safety step was not done first.",
    )
    discharged_at = models.DateTimeField(null=True, blank=True, help_text="When the discharge was recorded.")
    discharged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    over_capacity_reason = models.CharField(
        max_length=200, blank=True, help_text="Why a supervisor admitted over capacity."
    )
    presenting_reason = models.CharField(max_length=12, choices=PresentingReason, default=PresentingReason.FIRST_TIME)
    prior_episode = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="later_episodes"
    )
    inquiry = models.ForeignKey(
        "cases.Inquiry", on_delete=models.PROTECT, null=True, blank=True, related_name="episodes"
    )
    relapse = models.ForeignKey(
        "cases.Relapse",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="led_to",
        help_text="The return to use that led to this admission.",
    )
    assessment = models.ForeignKey(
        "cases.LevelOfCareAssessment", on_delete=models.PROTECT, null=True, blank=True, related_name="episodes"
    )
    admitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    overlap_noted = models.CharField(
        "why it overlaps another episode in this program",
        max_length=200,
        blank=True,
        db_default="",
        help_text="Blank: no overlap; the database enforces this.",
    )

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        ordering = ("-admitted_on", "-pk")
        constraints = [
            *since_1900("admitted_on", "discharged_on", "expected_discharge_on", prefix="episode"),
            models.CheckConstraint(
                condition=Q(discharged_on=None) | Q(discharged_on__gte=F("admitted_on")),
                name="discharge_not_before_admission",
                violation_error_message="The discharge can’t be before the admission.",
            ),
            models.CheckConstraint(
                condition=Q(discharged_on=None, discharge_reason="")
                | (Q(discharged_on__isnull=False) & ~Q(discharge_reason="")),
                name="discharge_has_date_and_reason",
            ),
            models.UniqueConstraint(
                fields=("client", "program"),
                condition=Q(discharged_on=None),
                name="one_open_episode_per_program",
                violation_error_message="This client already has an open episode in this program.",
            ),
            ExclusionConstraint(
                name="stays_in_a_program_never_overlap",
                expressions=[
                    ("client", RangeOperators.EQUAL),
                    ("program", RangeOperators.EQUAL),
                    (
                        Func(
                            F("admitted_on"),
                            F("discharged_on"),
                            Value("[)"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(overlap_noted=""),
                violation_error_message="This client was already in this program at that time.",
            ),
            models.CheckConstraint(condition=~Q(prior_episode=F("id")), name="episode_is_not_its_own_prior"),
            models.CheckConstraint(
                condition=Q(expected_discharge_on=None) | Q(expected_discharge_on__gte=F("admitted_on")),
                name="expected_to_leave_after_admission",
                violation_error_message="Expected discharge can’t be before admission.",
            ),
        ]
        indexes = [
            models.Index(fields=("client", "-admitted_on", "-id"), name="episode_by_client"),
            models.Index(fields=("program",), condition=Q(discharged_on=None), name="episode_open_by_program"),
            models.Index(fields=("client",), condition=INTO_CUSTODY, name="episode_into_custody"),
        ]

    def __str__(self) -> str:
        return f"{self.program} from {self.admitted_on:%b %-d, %Y}"

    @property
    def is_open(self) -> bool:
        """Not discharged yet."""
        return self.discharged_on is None


class LevelOfCareQuerySet(ClientRecordQuerySet["LevelOfCarePeriod"]):
    view_permission = Permission.EPISODE_VIEW
    client_path = "episode__client"

    def at(self, moment: datetime.datetime | None = None) -> LevelOfCareQuerySet:
        """Periods active at a moment (default: now)."""
        moment = moment or timezone.now()
        return self.filter(starts_at__lte=moment).filter(Q(ends_at=None) | Q(ends_at__gt=moment))


@tracked
class LevelOfCarePeriod(models.Model):
    """A period at one level of care: half-open in time, adjacent to the one before, within one episode."""

    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, related_name="level_of_care_periods")
    criteria_edition = models.CharField(max_length=8, choices=CriteriaEdition)
    level_code = models.CharField(max_length=8)
    setting = models.PositiveSmallIntegerField(choices=Setting)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    unmet_need_reason = models.CharField(
        max_length=300, blank=True, help_text="Why a supervisor chose it although it can’t meet the medical need."
    )
    went_on_because = models.CharField(
        "started anyway because",
        max_length=300,
        blank=True,
        db_default="",
        help_text="Why a required safety step was not done first.",
    )
    assessment = models.ForeignKey(
        "cases.LevelOfCareAssessment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="periods",
        help_text="The decision this carries out.",
    )
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = LevelOfCareQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at",)
        constraints = [
            *moments_since_1900("starts_at", "ends_at", prefix="level"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="level_of_care_ends_after_start"
            ),
            ExclusionConstraint(
                name="level_of_care_never_overlaps",
                expressions=[
                    ("episode", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            Value("[)"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="Two levels of care cannot overlap in one episode.",
            ),
        ]
        indexes = [
            models.Index(fields=("ends_at",), name="level_of_care_by_end"),
            models.Index(
                fields=("episode", "ends_at"),
                condition=CONTROLLED & Q(ends_at__isnull=False),
                name="controlled_and_left",
            ),
        ]

    def __str__(self) -> str:
        return f"Level {self.level_code}"
