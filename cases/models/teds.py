from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When

from cases.codes import Route, Substance
from cases.data_set_codes import NO_SUBSTANCE, Element, Employment, LivingArrangement, Point, ReferralSource
from staff.access import Permission, can
from staff.history import tracked
from staff.models import Clinic

from .episodes.episode import TreatmentEpisode
from .visibility import ClientRecordQuerySet

if TYPE_CHECKING:
    from staff.models import StaffMember

SUBSTANCES_AT_MOST = 3
DAYS_ASKED_ABOUT = 30
OLDEST = 110


class DataSetQuerySet(ClientRecordQuerySet["EpisodeDataSet"]):
    view_permission = Permission.EPISODE_VIEW
    client_path = "episode__client"


@tracked
class EpisodeDataSet(models.Model):
    """Facts that states ask about every admission or discharge. Blank means unknown.

    Days waited, the level of care, earlier episodes and the reason for leaving are on record elsewhere and have no
    column here.
    """

    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, related_name="data_sets")
    point = models.CharField(max_length=9, choices=Point)
    referral_source = models.CharField("referral source", max_length=16, choices=ReferralSource, blank=True)
    prior_elsewhere = models.PositiveSmallIntegerField(
        "earlier treatment episodes elsewhere",
        null=True,
        blank=True,
        help_text="Client-reported. Episodes here are counted from the record.",
    )
    medication_planned = models.BooleanField("medication for opioid use disorder planned", null=True, blank=True)
    employment = models.CharField(max_length=12, choices=Employment, blank=True)
    living = models.CharField("living arrangement", max_length=20, choices=LivingArrangement, blank=True)
    arrests = models.PositiveSmallIntegerField("arrests in the past 30 days", null=True, blank=True)
    meetings = models.PositiveSmallIntegerField(
        "mutual-help meetings in the past 30 days", null=True, blank=True, help_text="0 to 30; 30 means 30 or more."
    )
    meetings_some = models.BooleanField("some, number unknown", default=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    objects = DataSetQuerySet.as_manager()

    class Meta:
        ordering = ("episode", "point")
        constraints = [
            models.UniqueConstraint(fields=("episode", "point"), name="data_set_once_per_point"),
            models.CheckConstraint(condition=Q(point__in=Point.values), name="data_set_point"),
            models.CheckConstraint(
                condition=Q(point=Point.ADMISSION)
                | Q(referral_source="", prior_elsewhere=None, medication_planned__isnull=True),
                name="data_set_admission_only",
            ),
            models.CheckConstraint(
                condition=Q(prior_elsewhere=None) | Q(prior_elsewhere__lte=99), name="data_set_prior_elsewhere"
            ),
            models.CheckConstraint(condition=Q(arrests=None) | Q(arrests__lte=99), name="data_set_arrests"),
            models.CheckConstraint(
                condition=Q(meetings=None) | Q(meetings__lte=DAYS_ASKED_ABOUT), name="data_set_meetings_0_to_30"
            ),
            models.CheckConstraint(
                condition=Q(meetings=None) | Q(meetings_some=False), name="data_set_meetings_number_or_some"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_point_display()} data"


class DataSetSubstanceQuerySet(ClientRecordQuerySet["DataSetSubstance"]):
    view_permission = Permission.EPISODE_VIEW
    client_path = "data_set__episode__client"


@tracked
class DataSetSubstance(models.Model):
    """One of up to three substances that led to treatment, or the answer that there is no (further) one.

    “None” goes in the first place with nothing: first if no substance led to treatment, second if there is only one
    substance. It also fills every later place, and has no route, days or age.
    """

    data_set = models.ForeignKey(EpisodeDataSet, on_delete=models.CASCADE, related_name="substances")
    rank = models.PositiveSmallIntegerField(help_text="1 is the primary substance.")
    substance = models.CharField(max_length=20, choices=[(NO_SUBSTANCE, "None"), *Substance.choices])
    route = models.CharField(max_length=12, choices=Route, blank=True)
    days_used_past_30 = models.PositiveSmallIntegerField("days used in the past 30", null=True, blank=True)
    age_at_first_use = models.PositiveSmallIntegerField("age at first use", null=True, blank=True)

    objects = DataSetSubstanceQuerySet.as_manager()

    class Meta:
        ordering = ("data_set", "rank")
        constraints = [
            models.CheckConstraint(condition=Q(rank__range=(1, SUBSTANCES_AT_MOST)), name="data_set_rank_1_to_3"),
            models.UniqueConstraint(fields=("data_set", "rank"), name="data_set_rank_once"),
            models.UniqueConstraint(fields=("data_set", "substance"), name="data_set_substance_once"),
            models.CheckConstraint(
                condition=Q(substance__in=[NO_SUBSTANCE, *Substance.values]), name="data_set_substance_known"
            ),
            models.CheckConstraint(
                condition=Q(days_used_past_30=None) | Q(days_used_past_30__lte=DAYS_ASKED_ABOUT),
                name="data_set_days_0_to_30",
            ),
            models.CheckConstraint(
                condition=Q(age_at_first_use=None) | Q(age_at_first_use__lte=OLDEST), name="data_set_age_0_to_110"
            ),
            models.CheckConstraint(
                condition=~Q(substance=NO_SUBSTANCE) | Q(route="", days_used_past_30=None, age_at_first_use=None),
                name="data_set_none_has_no_details",
            ),
            ExclusionConstraint(
                name="data_set_nothing_after_none",
                expressions=[
                    ("data_set", RangeOperators.EQUAL),
                    (
                        Func(
                            F("rank"),
                            Case(When(substance=NO_SUBSTANCE, then=Value(None)), default=F("rank") + 1),
                            function="int4range",
                            output_field=IntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="“None” ends the list. Remove the substance after it.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_substance_display()

    @property
    def is_none(self) -> bool:
        """Whether this says that there is no (further) substance."""
        return self.substance == NO_SUBSTANCE


class StateCodeQuerySet(models.QuerySet["StateCode"]):
    def visible_to(self, staff_member: StaffMember) -> StateCodeQuerySet:
        """The clinic's own, for who keeps them or exports with them."""
        if not (can(staff_member, Permission.CLINIC_MANAGE) or can(staff_member, Permission.REPORT_VIEW)):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)


@tracked
class StateCode(models.Model):
    """The code the clinic's state uses in place of a public-use code.

    With `only_for`, it applies to one of our detailed values only, such as for a state that counts fentanyl separately
    from other opioids.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="state_codes")
    element = models.CharField(max_length=20, choices=Element)
    teds_code = models.SmallIntegerField("public-use code", help_text="−9 means unknown.")
    only_for = models.CharField(
        "only for value", max_length=20, blank=True, help_text="Blank: applies to every value with this code."
    )
    state_code = models.CharField(
        "state code",
        max_length=12,
        validators=[RegexValidator(r"^-?[A-Za-z0-9][A-Za-z0-9._-]*$", "Letters, digits, dots and hyphens.")],
    )

    objects = StateCodeQuerySet.as_manager()

    class Meta:
        ordering = ("element", "teds_code", "only_for")
        constraints = [
            models.UniqueConstraint(
                fields=("clinic", "element", "teds_code", "only_for"),
                name="state_code_once_per_clinic",
                violation_error_message="A state code for this already exists. Change that one.",
            ),
            models.CheckConstraint(condition=~Q(state_code=""), name="state_code_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.element} {self.only_for or self.teds_code} → {self.state_code}"

    def clean(self) -> None:
        """Refuse codes and values that no row of the export can hold."""
        from cases.teds.codes import CODES, VALUES

        if self.teds_code is not None and self.teds_code not in CODES.get(self.element, ()):
            raise ValidationError({"teds_code": "This element doesn’t have that code."})
        values = VALUES.get(self.element, {})
        if self.only_for and values.get(self.only_for) != self.teds_code:
            own = ", ".join(value for value, code in values.items() if code == self.teds_code)
            raise ValidationError({"only_for": f"Values with this code: {own or 'none'}."})
