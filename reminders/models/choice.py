from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet
from reminders.kinds import Kind
from staff.access import Permission, can
from staff.history import tracked
from staff.models import Clinic, StaffMember


class KindSwitchQuerySet(models.QuerySet["KindSwitch"]):
    def visible_to(self, staff_member: StaffMember) -> KindSwitchQuerySet:
        """The clinic's choices, for who keeps them."""
        if not can(staff_member, Permission.CLINIC_MANAGE):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)

    def that_count(self) -> KindSwitchQuerySet:
        """Of each clinic and kind the latest row: the one that counts."""
        return self.order_by("clinic", "kind", "-pk").distinct("clinic", "kind")


@tracked
class KindSwitch(models.Model):
    """Whether a clinic sends a kind of message: a dated, authored row. The latest counts; without one it is sent."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="kind_switches")
    kind = models.CharField(max_length=40, choices=Kind)
    is_on = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = KindSwitchQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "kind switches"
        indexes = [models.Index(fields=("clinic", "kind", "-id"), name="kind_switch_latest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {'on' if self.is_on else 'off'}"


class ClientChoiceQuerySet(ClientRecordQuerySet["ClientChoice"]):
    view_permission = Permission.REMINDER_VIEW

    def that_count(self) -> ClientChoiceQuerySet:
        """Of each client and kind the latest row: the one that counts."""
        return self.order_by("client", "kind", "-pk").distinct("client", "kind")


@tracked
class ClientChoice(models.Model):
    """Whether a client wants a kind of message: a dated, authored row. The latest counts; without one they get it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="reminder_choices")
    kind = models.CharField(max_length=40, choices=Kind)
    is_wanted = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ClientChoiceQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(kind__startswith="client_"), name="client_choice_of_a_clients_kind")
        ]
        indexes = [models.Index(fields=("client", "kind", "-id"), name="client_choice_latest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {'wanted' if self.is_wanted else 'not wanted'}"
