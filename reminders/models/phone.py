from __future__ import annotations

import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from cases.models import Client
from cases.models.visibility import of_clients_visible_to
from privacy.models import Channel
from staff.access import Permission, can
from staff.history import tracked
from staff.models import Clinic, StaffMember

from .reminder import DeliveryAttempt


class NumberFactQuerySet(models.QuerySet["NumberFact"]):
    def visible_to(self, staff_member: StaffMember) -> NumberFactQuerySet:
        """What the clinic's provider has said of numbers."""
        if not can(staff_member, Permission.REMINDER_VIEW):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)

    def in_force(self) -> NumberFactQuerySet:
        """Facts that no one has lifted."""
        return self.filter(lifted_at=None)


@tracked
class NumberFact(models.Model):
    """What the provider's answers taught about a number. It holds for the number, whoever's record has it."""

    class Kind(models.TextChoices):
        NO_TEXTS = "no_texts", "this number can’t get text messages"
        BLOCKED = "blocked", "the phone company blocks messages to this number"
        UNKNOWN = "unknown", "this isn’t a working phone number"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    contact_value = models.CharField("number", max_length=254, help_text="Normalized.")
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.CharField(max_length=120, help_text="What the provider said, with its code.")
    learned_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_why = models.CharField("why it no longer holds", max_length=200, blank=True)

    objects = NumberFactQuerySet.as_manager()

    class Meta:
        ordering = ("-learned_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("clinic", "contact_value", "kind"),
                condition=Q(lifted_at=None),
                name="number_fact_in_force_once",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_why="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_why=""),
                name="number_fact_lifted_has_time_author_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def bars(self, channel: str) -> bool:
        """Whether nothing can be sent on this channel. Email has nothing to do with phone numbers."""
        if channel == Channel.VOICE:
            return self.kind == self.Kind.UNKNOWN
        return channel == Channel.SMS


class ContactOrderQuerySet(models.QuerySet["ContactOrder"]):
    def visible_to(self, staff_member: StaffMember) -> ContactOrderQuerySet:
        """Orders of clients the person may see."""
        if not can(staff_member, Permission.REMINDER_VIEW):
            return self.none()
        return self.filter(of_clients_visible_to(staff_member, "client", among_others=True))

    def latest(self) -> ContactOrderQuerySet:  # type: ignore[override]
        """Each client's own latest: the one that counts."""
        return self.exclude(Exists(ContactOrder.objects.filter(client=OuterRef("client"), pk__gt=OuterRef("pk"))))


@tracked
class ContactOrder(models.Model):
    """The order in which a client wants to be reached. The latest row counts; earlier ones stay.

    `ways` are channels with a contact's id, `sms:12`; what is not among them comes after, and what no longer exists is
    passed over.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contact_orders")
    ways = ArrayField(models.CharField(max_length=30), size=30)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ContactOrderQuerySet.as_manager()

    class Meta:
        ordering = ("-set_at", "-pk")
        indexes = [models.Index(fields=("client", "-set_at", "-id"), name="contact_order_latest")]

    def __str__(self) -> str:
        return ", ".join(self.ways)


class DeliveryReceipt(models.Model):
    """What the provider reported of a message after it took it: delivered, not delivered, and why. Only grows.

    `key` and `tried_at` come back in the address that we named when we handed the message over.
    """

    provider_id = models.CharField(max_length=64, help_text="The provider’s own name of the message.")
    status = models.CharField(max_length=20)
    error_code = models.CharField(max_length=10, blank=True)
    key = models.CharField(max_length=80, blank=True, help_text="What it is within Onward: reminder-12.")
    tried_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    attempt = models.ForeignKey(
        DeliveryAttempt, on_delete=models.PROTECT, null=True, blank=True, related_name="receipts"
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ("received_at", "pk")
        constraints = [models.UniqueConstraint(fields=("provider_id", "status"), name="receipt_once")]
        indexes = [models.Index(fields=("received_at",), condition=Q(handled_at=None), name="receipt_to_handle")]

    def __str__(self) -> str:
        return self.status


class IncomingMessage(models.Model):
    """A text that someone sent to a clinic's number: stored at once, read by a worker."""

    provider_id = models.CharField(max_length=64, unique=True, help_text="The provider’s own name of the message.")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    contact_value = models.CharField("from", max_length=254)
    words = models.TextField(max_length=2000, blank=True)
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ("received_at", "pk")
        indexes = [models.Index(fields=("received_at",), condition=Q(handled_at=None), name="incoming_to_handle")]

    def __str__(self) -> str:
        return f"Text of {self.received_at:%Y-%m-%d}"


class HelpAnswer(models.Model):
    """That someone wrote HELP and gets the clinic's help line, so that it goes out once a day at most."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    contact_value = models.CharField(max_length=254)
    on = models.DateField()
    asked_at = models.DateTimeField()
    language = models.CharField(max_length=2, default="en", db_default="en")
    answered_at = models.DateTimeField(null=True, blank=True, help_text="Set just before it is sent.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("clinic", "contact_value", "on"), name="help_answered_once_a_day")
        ]
        indexes = [models.Index(fields=("asked_at",), condition=Q(answered_at=None), name="help_to_answer")]

    def __str__(self) -> str:
        return f"Help line on {self.on}"

    @staticmethod
    def day(clinic: Clinic, at: datetime.datetime) -> datetime.date:
        """The clinic's day."""
        return at.astimezone(clinic.zone).date()
