from __future__ import annotations

import datetime
import math
import zoneinfo
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import BigIntegerField, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from cases.models import Client
from cases.models.visibility import IsNotIn, KeptFrom, of_clients_visible_to
from reminders import moments
from reminders.kinds import KINDS, Kind
from staff.access import Permission, can
from staff.history import tracked_unless
from staff.models import Clinic, StaffMember

from .ways import Way


def not_told_of(staff_member: Any, path: str = "") -> Q:
    """Reminders to staff whose `context` names no client who is kept from them."""
    named = Cast(KeyTextTransform("client_id", f"{path}context"), BigIntegerField())
    return Q(IsNotIn(named, KeptFrom(staff_member)))


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, staff_member: StaffMember) -> ReminderQuerySet:
        """Reminders to clients the person may see, their own, and colleagues' if they manage reminders."""
        if not can(staff_member, Permission.REMINDER_VIEW):
            return self.none()
        seen = of_clients_visible_to(staff_member, "client", among_others=True) | Q(staff_member=staff_member)
        if can(staff_member, Permission.REMINDER_MANAGE):
            seen |= Q(staff_member__isnull=False)
        return self.filter(seen, not_told_of(staff_member), clinic=staff_member.clinic_id)

    def waiting(self) -> ReminderQuerySet:
        """Reminders not sent yet and not canceled."""
        return self.filter(state__in=(Reminder.State.PENDING, Reminder.State.CLAIMED))


@tracked_unless("NEW.state = 'claimed'")  # what a worker has in hand is told by its DeliveryAttempt
class Reminder(models.Model):
    """A message to send at a certain time: one row of the outbox, the only source of truth about sending.

    `context` holds the moment that it is about (reminders.moments), words for the template's variables, and the ids
    used to check whether the cause still applies; nothing else.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Scheduled"
        CLAIMED = "claimed", "Sending"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Canceled"
        FAILED = "failed", "Failed"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=40, choices=Kind)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="reminders")
    staff_member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="reminders"
    )
    channel = models.CharField(max_length=8, choices=Way, default=Way.EMAIL)
    asked_for = models.DateTimeField(help_text="Due time as promised. Changes only if the promise does.")
    due_at = models.DateTimeField(help_text="Next send time. Changes when it waits or is retried.")
    not_after = models.DateTimeField(null=True, blank=True, help_text="Don’t send after this time.")
    dedupe_key = models.CharField(max_length=120, unique=True)
    context = models.JSONField(default=dict, blank=True)
    state = models.CharField("status", max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is waiting, was canceled, or failed.")
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    claims = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often a worker took it since the last answer. Counts before all checks."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    attempts_before = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Attempts made before a person sent it again."
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was canceled or failed.")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ("due_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(client__isnull=False, staff_member=None, kind__startswith="client_")
                | Q(client=None, staff_member__isnull=False, kind__startswith="staff_"),
                name="reminder_to_a_client_or_to_staff",
            ),
            models.CheckConstraint(
                condition=~Q(channel="inbox") | Q(client=None), name="reminder_in_an_inbox_is_to_staff"
            ),
            models.CheckConstraint(
                condition=Q(state="claimed", claim__isnull=False, claimed_at__isnull=False)
                | ~Q(state="claimed") & Q(claim=None, claimed_at=None),
                name="reminder_claim_while_claimed",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at=None),
                name="reminder_sent_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("cancelled", "failed"), ended_at__isnull=False) & ~Q(reason="")
                | ~Q(state__in=("cancelled", "failed")) & Q(ended_at=None),
                name="reminder_ends_with_time_and_reason",
            ),
        ]
        indexes = [
            models.Index(fields=("due_at",), condition=Q(state="pending"), name="reminder_outbox"),
            models.Index(fields=("claimed_at",), condition=Q(state="claimed"), name="reminder_claims"),
            models.Index(fields=("client", "-due_at"), name="reminder_by_client"),
            models.Index(fields=("clinic", "-due_at", "-id"), name="reminder_list"),
            models.Index(fields=("clinic", "-sent_at"), condition=Q(state="sent"), name="reminder_sent"),
            models.Index(
                fields=("clinic", "-ended_at"), condition=Q(state__in=("cancelled", "failed")), name="reminder_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"

    @property
    def is_a_promise(self) -> bool:
        """Whether someone relies on it: if it may not be sent, a person does it instead. A kind word is not one."""
        return KINDS[self.kind].is_promise

    @property
    def rank(self) -> tuple[bool, int, float]:
        """Which goes first where a client may not get both: the lower one; of two alike, what is of use no longer."""
        until = self.not_after.timestamp() if self.not_after else math.inf
        return not self.is_a_promise, KINDS[self.kind].priority, until

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone in which the receiver lives: hours and dates of the message are counted there."""
        return self.client.zone if self.client else self.clinic.zone

    @property
    def receiver(self) -> Client | StaffMember:
        """The recipient."""
        receiver: Client | StaffMember | None = self.client or self.staff_member
        if receiver is None:  # the database refuses such a row
            raise ValueError("A reminder without a recipient.")
        return receiver

    def too_late(self, at: datetime.datetime) -> bool:
        """Whether sending at that moment would be after the event it is about."""
        return self.not_after is not None and at > self.not_after


class DeliveryAttempt(models.Model):
    """One try to hand a reminder to a provider. Written before the message leaves, completed after."""

    class Outcome(models.TextChoices):
        STARTED = "started", "Sending"
        SENT = "sent", "Sent"
        RETRY = "retry", "Failed, will retry"
        FAILED = "failed", "Failed"
        LOST = "lost", "Unknown: sending stopped midway"
        ASKED = "asked", "Only asked about an earlier try"

    reminder = models.ForeignKey(Reminder, on_delete=models.PROTECT, related_name="delivery_attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=8, choices=Way)
    contact_value = models.CharField("sent to", max_length=254)
    idempotency_key = models.CharField(max_length=80, help_text="The same for every attempt of one reminder.")
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.STARTED)
    detail = models.CharField(max_length=200, blank=True)
    words = models.TextField(
        blank=True, db_default="", help_text="The text that was handed over, as it was. Blank: nothing was."
    )

    class Meta:
        ordering = ("reminder", "number")
        constraints = [
            models.UniqueConstraint(fields=("reminder", "number"), name="attempt_number_once"),
            models.UniqueConstraint(fields=("reminder",), condition=Q(outcome="started"), name="one_open_attempt"),
        ]
        indexes = [
            models.Index(fields=("contact_value", "-started_at"), name="attempt_by_contact"),
            models.Index(fields=("started_at",), name="attempt_by_time"),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number}"


class ChannelPause(models.Model):
    """Whether the provider of a channel answers: failures in a row, and until when it is left alone."""

    channel = models.CharField(max_length=8, choices=Way, unique=True)
    failures = models.PositiveSmallIntegerField(default=0)
    until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, {self.failures} failures"


class Turn(models.Model):
    """Whose turn it is to do a job that only one may do at a time (reminders.turns). No row: nobody's.

    `until` goes by the database's clock, so that a worker whose own is wrong can't hold it for ever.
    """

    name = models.CharField(max_length=30, unique=True)
    holder = models.UUIDField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When a part of the product that nobody looks at last gave a sign of life."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


def context_key_is_allowed(key: str, value: Any) -> bool:
    """The moment that the message is about, a wording's variable with a short text, or the id of a row of its cause."""
    if key == "at":
        return moments.read(value) is not None
    if key in ("day", "time", "number"):
        return isinstance(value, str) and 0 < len(value) <= 30
    return key.endswith("_id") and isinstance(value, int)
