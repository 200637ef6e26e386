from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from appointments.codes import NoShowStep, Outcome, Pace, SaidUse
from cases.models import Client, TreatmentEpisode
from cases.models.visibility import ClientRecordQuerySet, of_clients_visible_to
from staff.access import Permission, can
from staff.day_rules import moments_since_1900, since_1900
from staff.history import tracked

from .appointment import Appointment

if TYPE_CHECKING:
    from staff.models import StaffMember


class FollowUpCallQuerySet(ClientRecordQuerySet["FollowUpCall"]):
    view_permission = Permission.FOLLOW_UP_VIEW


@tracked
class FollowUpCall(models.Model):
    """A call, or a try, to someone who was discharged: what they said, and when to call next."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="follow_up_calls")
    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, related_name="follow_up_calls")
    due_on = models.DateField(null=True, blank=True, help_text="The planned day that it answers. Blank: not planned.")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome)
    how_they_are = models.TextField("how they are", blank=True)
    said_use = models.CharField("any use since the last call", max_length=4, choices=SaidUse, blank=True)
    said_about_use = models.TextField("what they said about it", blank=True)
    meetings = models.PositiveSmallIntegerField(
        "mutual-help meetings in the past 7 days", null=True, blank=True, validators=[MaxValueValidator(50)]
    )
    craving = models.PositiveSmallIntegerField(
        "craving, 0 to 10", null=True, blank=True, validators=[MaxValueValidator(10)]
    )
    what_helped = models.TextField("what helped", blank=True)
    next_on = models.DateField("next call", null=True, blank=True, help_text="Blank: as planned.")

    objects = FollowUpCallQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [
            *since_1900("due_on", "next_on", prefix="follow_up"),
            *moments_since_1900("at", prefix="follow_up"),
            models.CheckConstraint(
                condition=Q(outcome="reached")
                | Q(
                    how_they_are="",
                    said_use="",
                    said_about_use="",
                    meetings=None,
                    craving=None,
                    what_helped="",
                ),
                name="follow_up_says_something_only_if_reached",
                violation_error_message="Someone who was not reached said nothing.",
            ),
            models.CheckConstraint(
                condition=Q(craving=None) | Q(craving__lte=10),
                name="follow_up_craving_up_to_ten",
                violation_error_message="Craving goes from 0 to 10.",
            ),
        ]
        indexes = [models.Index(fields=("client", "-at"), name="follow_up_by_client")]

    def __str__(self) -> str:
        return self.get_outcome_display()


class ContinuingCareChoiceQuerySet(ClientRecordQuerySet["ContinuingCareChoice"]):
    view_permission = Permission.FOLLOW_UP_VIEW


@tracked
class ContinuingCareChoice(models.Model):
    """What the client agreed to after a discharge: a dated, authored row. The latest counts; without one, all calls."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="continuing_care_choices")
    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, related_name="continuing_care_choices")
    pace = models.CharField("how often", max_length=8, choices=Pace)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    objects = ContinuingCareChoiceQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [*moments_since_1900("at", prefix="continuing_care_choice")]
        indexes = [models.Index(fields=("client", "-at"), name="continuing_care_by_client")]

    def __str__(self) -> str:
        return self.get_pace_display()


class NoShowContactQuerySet(ClientRecordQuerySet["NoShowContact"]):
    view_permission = Permission.APPOINTMENT_VIEW

    def visible_to(self, staff_member: StaffMember) -> NoShowContactQuerySet:
        """Of clients the person may see, and, of callers, of appointments that they may see."""
        own = of_clients_visible_to(staff_member, "client", among_others=True)
        of_callers = Q(client=None, appointment__in=Appointment.objects.visible_to(staff_member).values("pk"))
        return self.filter(own | of_callers) if can(staff_member, self.view_permission) else self.none()


@tracked
class NoShowContact(models.Model):
    """A step taken after a missed appointment."""

    client = models.ForeignKey(
        Client,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="no_show_contacts",
        help_text="Blank: a caller who was not a client then.",
    )
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="no_show_contacts")
    step = models.CharField(max_length=8, choices=NoShowStep)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, help_text="Of a call. Blank for a review.")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    objects = NoShowContactQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            *moments_since_1900("at", prefix="no_show_contact"),
            models.CheckConstraint(
                condition=Q(step="review", outcome="") | ~Q(step="review") & ~Q(outcome=""),
                name="no_show_contact_has_outcome",
            ),
        ]
        indexes = [models.Index(fields=("client", "-at"), name="no_show_contact_by_client")]

    def __str__(self) -> str:
        return self.get_step_display()
