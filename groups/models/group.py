from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from staff.access import Permission, can
from staff.day_rules import since_1900
from staff.history import tracked
from staff.models import Clinic, Program

if TYPE_CHECKING:
    from staff.models import StaffMember


class GroupType(models.TextChoices):
    """A group's purpose (SAMHSA TIP 41 names the first five)."""

    PSYCHOEDUCATIONAL = "education", "Psychoeducational"
    SKILLS = "skills", "Skills development"
    COGNITIVE = "cognitive", "Cognitive-behavioral"
    SUPPORT = "support", "Support"
    PROCESS = "process", "Interpersonal process"
    RELAPSE_PREVENTION = "prevention", "Relapse prevention"
    FAMILY = "family", "Family"
    PEER_LED = "peer_led", "Peer-led"


class Openness(models.TextChoices):
    """When new people can come in."""

    OPEN = "open", "Open: join any time"
    ROLLING = "rolling", "Rolling: join between modules"
    CLOSED = "closed", "Closed: no one joins after the first session"


class Weekday(models.IntegerChoices):
    """Days of the week, listed Sunday first; stored as Python numbers them."""

    SUNDAY = 6, "Sunday"
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"


class GroupQuerySet(models.QuerySet["Group"]):
    def visible_to(self, staff_member: StaffMember) -> GroupQuerySet:
        """The clinic's groups, for roles that see groups."""
        if not can(staff_member, Permission.GROUP_VIEW):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)

    def facilitated_by(self, staff_member: StaffMember) -> GroupQuerySet:
        """Groups the person facilitates."""
        return self.filter(pk__in=GroupFacilitator.objects.filter(staff_member=staff_member).values("group"))

    def running(self, on: datetime.date) -> GroupQuerySet:
        """Groups that have not ended by a day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on))


@tracked
class Group(models.Model):
    """A treatment group of the clinic: when and where it meets, for how many, and its facilitators."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="treatment_groups")
    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, null=True, blank=True, related_name="treatment_groups"
    )
    name = models.CharField(max_length=80, help_text="The name members and staff use.")
    type = models.CharField(max_length=12, choices=GroupType)
    openness = models.CharField(max_length=8, choices=Openness, default=Openness.OPEN)
    weekday = models.PositiveSmallIntegerField(choices=Weekday, null=True, blank=True)
    starts_at = models.TimeField("start", null=True, blank=True, help_text="In the clinic’s time zone.")
    minutes = models.PositiveSmallIntegerField(
        "length in minutes", default=90, validators=[MinValueValidator(10), MaxValueValidator(600)]
    )
    room = models.CharField(max_length=60, blank=True, help_text="Or how to join by video.")
    capacity = models.PositiveSmallIntegerField(default=12, help_text="Most members at one time.")
    minimum = models.PositiveSmallIntegerField(default=2, help_text="Fewest members needed to hold a session.")
    starts_on = models.DateField(
        "first day", null=True, blank=True, help_text="Leave blank if the group has always met."
    )
    ends_on = models.DateField("last day", null=True, blank=True, help_text="Leave blank if the group is ongoing.")
    is_open = models.BooleanField("accepts new members", default=True)
    facilitators = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="GroupFacilitator",
        through_fields=("group", "staff_member"),
        blank=True,
        related_name="facilitated_groups",
    )

    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering = ("weekday", "starts_at", "name")
        constraints = [
            *since_1900("starts_on", "ends_on", prefix="group"),
            models.UniqueConstraint(
                fields=("clinic", "name"),
                name="group_name_once_per_clinic",
                violation_error_message="The clinic already has a group with this name.",
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=F("minimum"), minimum__gte=1),
                name="group_holds_its_minimum",
                violation_error_message="The capacity can’t be below the minimum.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="group_ends_not_before_it_starts",
                violation_error_message="The last day can’t be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(weekday=None, starts_at=None) | Q(weekday__isnull=False, starts_at__isnull=False),
                name="group_schedule_has_day_and_time",
                violation_error_message="Enter both a weekday and a time, or neither.",
            ),
            models.CheckConstraint(condition=Q(minutes__gte=10, minutes__lte=600), name="group_length_is_sane"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def schedule(self) -> str:
        """Weekday and time in words, e.g. “Tuesdays, 6:00 PM”."""
        if self.weekday is None or self.starts_at is None:
            return "No fixed time"
        return f"{Weekday(self.weekday).label}s, {self.starts_at:%-I:%M %p}"

    @property
    def openness_word(self) -> str:
        """Open, rolling or closed."""
        return Openness(self.openness).label.partition(":")[0]

    def has_ended(self, on: datetime.date) -> bool:
        """The last day is past."""
        return self.ends_on is not None and self.ends_on < on


@tracked
class GroupFacilitator(models.Model):
    """A staff member who facilitates a group, since when, and who said so (`groups.leading`)."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="facilitator_rows")
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(
        default=timezone.now, help_text="They read the notes of sessions from this moment on, not of earlier ones."
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank: from before this was recorded.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=("group", "staff_member"), name="facilitator_once_per_group")]

    def __str__(self) -> str:
        return f"{self.staff_member} leads {self.group}"
