from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models

from reminders.models import StaffTask
from staff.day_rules import moments_since_1900
from staff.history import tracked

from .appointment import Appointment

if TYPE_CHECKING:
    from staff.models import StaffMember


class AppointmentAnswerQuerySet(models.QuerySet["AppointmentAnswer"]):
    def visible_to(self, staff_member: StaffMember) -> AppointmentAnswerQuerySet:
        """Answers about appointments that the person may see."""
        return self.filter(appointment__in=Appointment.objects.visible_to(staff_member).values("pk"))


@tracked
class AppointmentAnswer(models.Model):
    """What a client answered to a message about an appointment: a dated row that never changes."""

    class Meant(models.TextChoices):
        CONFIRM = "confirm", "C: confirms"
        RESCHEDULE = "reschedule", "R: asks for another time"
        CANNOT_COME = "cannot_come", "X: can’t come"

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=12, choices=Meant)
    at = models.DateTimeField()
    task = models.ForeignKey(
        StaffTask,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What it left to a person. Blank: nothing.",
    )
    offered = ArrayField(
        models.DateTimeField(), default=list, blank=True, help_text="Openings that the person may offer."
    )

    objects = AppointmentAnswerQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = [*moments_since_1900("at", prefix="appointment_answer")]
        indexes = [models.Index(fields=("appointment", "at"), name="appointment_answers")]

    def __str__(self) -> str:
        return self.get_answer_display()
