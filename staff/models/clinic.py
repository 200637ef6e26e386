from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django.core.validators import RegexValidator
from django.db import models

from staff.history import tracked
from staff.time_zones import is_time_zone, known_time_zone

if TYPE_CHECKING:
    from .staff_member import StaffMember


class Setting(models.IntegerChoices):
    """How much structure a program gives: the first axis of the placement suggestion."""

    OUTPATIENT = 1, "Outpatient"
    INTENSIVE = 2, "Intensive outpatient (IOP) or partial hospitalization (PHP)"
    RESIDENTIAL = 3, "Residential"
    HOSPITAL = 4, "Hospital"

    @property
    def code(self) -> str:
        """“S2”, for small print beside the words."""
        return f"S{self.value}"

    @property
    def in_sentence(self) -> str:
        """Within a sentence: “intensive outpatient (IOP) …”. Only the first letter changes."""
        return f"{self.label[:1].lower()}{self.label[1:]}"

    @property
    def or_more(self) -> str:
        """A floor in words: “Residential or more”; above a hospital there is nothing."""
        if self == Setting.HOSPITAL:
            return str(self.label)
        return f"{self.label}{',' if ' or ' in self.label else ''} or more"


class MedicalIntensity(models.IntegerChoices):
    """How much medical care a program gives: the second axis of the placement suggestion."""

    NONE = 0, "None"
    EVALUATION = 1, "Medical evaluation within 24 hours"
    MANAGED = 2, "24-hour medical care"
    EMERGENCY = 3, "Emergency care now"

    @property
    def code(self) -> str:
        """“M2”, for small print beside the words."""
        return f"M{self.value}"

    @property
    def as_need(self) -> str:
        """As something that a person needs: “24-hour medical care”, “no medical need”."""
        return str(self.label) if self else "No medical need"


class CriteriaEdition(models.TextChoices):
    """The edition of the placement criteria that a level code comes from. Codes only, no text."""

    THIRD = "asam-3", "ASAM 3rd edition"
    FOURTH = "asam-4", "ASAM 4th edition"


@tracked
class Clinic(models.Model):
    """One organization: the wall that no record crosses."""

    name = models.CharField(max_length=120, unique=True)
    neutral_name = models.CharField(
        max_length=40,
        default="Your appointment office",
        help_text="Sender name on reminders. It must not show what kind of clinic this is.",
    )
    phone = models.CharField(max_length=32, help_text="The number reminders tell clients to call.")
    text_number = models.CharField(
        "number for texts and calls",
        max_length=16,
        blank=True,
        default="",
        db_default="",
        validators=[RegexValidator(r"^\+[1-9]\d{7,14}$", "Enter the number as +15185550130.")],
        help_text="Texts and calls come from it, and replies to it are this clinic’s: +15185550130. "
        "Blank: no texts or calls.",
    )
    time_zone = models.CharField(max_length=64, default="America/New_York", validators=[is_time_zone])
    criteria_edition = models.CharField(max_length=8, choices=CriteriaEdition, default=CriteriaEdition.THIRD)
    minor_consent_age = models.PositiveSmallIntegerField(
        default=18, help_text="Minimum age to consent to treatment without a parent, by state law."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = [
            known_time_zone("clinic_time_zone_is_a_place"),
            models.UniqueConstraint(
                fields=("text_number",), condition=~models.Q(text_number=""), name="text_number_of_one_clinic"
            ),
            models.CheckConstraint(
                condition=models.Q(text_number="") | models.Q(text_number__regex=r"^\+[1-9][0-9]{7,14}$"),
                name="text_number_in_e164",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The clinic's time zone: pages show and reason in it."""
        return zoneinfo.ZoneInfo(self.time_zone)


class ProgramQuerySet(models.QuerySet["Program"]):
    def visible_to(self, staff_member: StaffMember) -> ProgramQuerySet:
        """Programs of the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)

    def open(self) -> ProgramQuerySet:
        """Programs that admit."""
        return self.filter(is_open=True)


@tracked
class Program(models.Model):
    """A service of the clinic into which people are admitted."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="programs")
    name = models.CharField(max_length=120)
    setting = models.PositiveSmallIntegerField(choices=Setting)
    medical_intensity = models.PositiveSmallIntegerField(
        "medical care",
        choices=MedicalIntensity,
        default=MedicalIntensity.NONE,
        help_text=(
            "Medical care this program provides. Only a program that lists it can meet a documented medical need."
        ),
    )
    level_code = models.CharField(max_length=8, help_text="Level of care at admission, e.g. 2.1.")
    capacity = models.PositiveSmallIntegerField(help_text="Most clients in the program at one time.")
    is_open = models.BooleanField(default=True, help_text="Accepts new admissions.")

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ("setting", "name")
        constraints = [models.UniqueConstraint(fields=("clinic", "name"), name="program_name_once_per_clinic")]

    def __str__(self) -> str:
        return self.name
