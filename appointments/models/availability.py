from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from staff.day_rules import moments_since_1900, since_1900
from staff.history import tracked
from staff.models import Clinic

if TYPE_CHECKING:
    import datetime

    from staff.models import StaffMember


class Weekday(models.IntegerChoices):
    """Days of the week, listed Sunday first; stored as Python numbers them."""

    SUNDAY = 6, "Sunday"
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"


class ClockRange(Func):
    """From one time of day to another, as a range that can be compared: PostgreSQL has none of times alone."""

    template = "tsrange(DATE '2000-01-01' + %(expressions)s)"
    arg_joiner = ", DATE '2000-01-01' + "
    output_field = DateTimeRangeField()


class OfColleagues(models.QuerySet[Any]):
    def visible_to(self, staff_member: StaffMember) -> OfColleagues:
        """Rows about colleagues in the person's own clinic."""
        return self.filter(staff_member__clinic=staff_member.clinic_id)


@tracked
class WorkingHours(models.Model):
    """When someone sees people on a weekday, by the clinic's wall clock, from a day on. Two rows make a lunch break."""

    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens_at = models.TimeField("from")
    closes_at = models.TimeField("to")
    first_day = models.DateField("first day")
    last_day = models.DateField("last day", null=True, blank=True, help_text="Leave blank if they are ongoing.")

    objects = OfColleagues.as_manager()

    class Meta:
        ordering = ("weekday", "opens_at", "first_day")
        verbose_name_plural = "working hours"
        constraints = [
            *since_1900("first_day", "last_day", prefix="working_hours"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="working_hours_end_after_start",
                violation_error_message="The end must be after the start.",
            ),
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("first_day")),
                name="working_hours_last_day_not_before_first",
                violation_error_message="The last day can’t be before the first.",
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="working_hours_on_a_weekday"),
            ExclusionConstraint(
                name="working_hours_never_overlap",
                expressions=[
                    ("staff_member", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (
                        Func(
                            F("first_day"),
                            F("last_day"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (ClockRange("opens_at", "closes_at"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="These hours overlap others on that weekday.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()}, {self.opens_at:%-I:%M %p} to {self.closes_at:%-I:%M %p}"

    def is_in_force(self, on: datetime.date) -> bool:
        """Whether the week they belong to counts on a day, on whatever weekday."""
        return self.first_day <= on and (self.last_day is None or on <= self.last_day)


@tracked
class TimeOff(models.Model):
    """Time in which someone can't be booked: vacation, training, a doctor's visit. No reason is asked."""

    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="time_off")
    starts_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("to")
    words = models.CharField("what colleagues see", max_length=60, blank=True, help_text="For example, “Training”.")
    added_at = models.DateTimeField(auto_now_add=True, null=True, help_text="Blank: before this was recorded.")

    objects = OfColleagues.as_manager()

    class Meta:
        ordering = ("starts_at",)
        verbose_name_plural = "time off"
        constraints = [
            *moments_since_1900("starts_at", "ends_at", prefix="time_off"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="time_off_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
        ]
        indexes = [models.Index(fields=("staff_member", "ends_at"), name="time_off_by_person")]

    def __str__(self) -> str:
        return self.words or "Time off"


class OfClinic(models.QuerySet["Holiday"]):
    def visible_to(self, staff_member: StaffMember) -> OfClinic:
        """Days of the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)


@tracked
class Holiday(models.Model):
    """A day on which the clinic is closed."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=60)
    added_at = models.DateTimeField(auto_now_add=True, null=True, help_text="Blank: before this was recorded.")

    objects = OfClinic.as_manager()

    class Meta:
        ordering = ("day",)
        constraints = [
            *since_1900("day", prefix="holiday"),
            models.UniqueConstraint(
                fields=("clinic", "day"),
                name="holiday_once_per_day",
                violation_error_message="This day is already a holiday.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
