from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from appointments.codes import Purpose
from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.day_rules import since_1900
from staff.history import tracked


class SeriesQuerySet(ClientRecordQuerySet["Series"]):
    view_permission = Permission.APPOINTMENT_VIEW


@tracked
class Series(models.Model):
    """Appointments of one client that come back: every week or every few, at the same time of the clinic's clock.

    Each of them is an appointment of its own, so one can be moved or canceled by itself.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="appointment_series")
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose)
    first_day = models.DateField()
    last_day = models.DateField()
    time = models.TimeField("time of day")
    minutes = models.PositiveSmallIntegerField(
        "length in minutes", validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    every_weeks = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(12)])
    booked_at = models.DateTimeField(auto_now_add=True)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = SeriesQuerySet.as_manager()

    class Meta:
        ordering = ("first_day", "pk")
        verbose_name_plural = "series"
        constraints = [
            *since_1900("first_day", "last_day", prefix="series"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="series_ends_not_before_it_starts",
                violation_error_message="The last day can’t be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(every_weeks__gte=1, every_weeks__lte=12), name="series_comes_every_few_weeks"
            ),
        ]
        indexes = [models.Index(fields=("client",), name="series_by_client")]

    def __str__(self) -> str:
        often = "Every week" if self.every_weeks == 1 else f"Every {self.every_weeks} weeks"
        return f"{often} on {self.first_day:%A} at {self.time:%-I:%M %p}"
