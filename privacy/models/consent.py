from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.day_rules import since_1900
from staff.history import tracked


class Channel(models.TextChoices):
    """A channel for messages."""

    EMAIL = "email", "Email"
    SMS = "sms", "Text message"
    VOICE = "voice", "Phone call"


class ConsentQuerySet(ClientRecordQuerySet["Consent"]):
    view_permission = Permission.CONSENT_VIEW

    def standing(self, on: datetime.date) -> ConsentQuerySet:
        """Annotate `stands`, the status on that day: the one rule, which every page and every check uses.

        A revocation takes effect at once, whichever day is checked: disclosures made under a consent show what it
        allowed in the past, not the consent itself.
        """
        rows = ConsentStatus.objects.filter(consent=OuterRef("pk"))
        return self.annotate(
            stands=Case(
                When(Exists(rows.filter(status=ConsentStatus.Status.REVOKED)), then=Value(Stands.REVOKED)),
                When(~Exists(rows.filter(status=ConsentStatus.Status.ACTIVE)), then=Value(Stands.DRAFT)),
                When(signed_on__gt=on, then=Value(Stands.NOT_YET)),
                When(signed_on=None, then=Value(Stands.NOT_YET)),
                When(expiry_event_on__isnull=False, then=Value(Stands.EXPIRED)),
                When(expires_on__lt=on, then=Value(Stands.EXPIRED)),
                default=Value(Stands.IN_FORCE),
                output_field=models.CharField(),
            )
        )

    def in_force(self, on: datetime.date) -> ConsentQuerySet:
        """Consents that allow something on that day: signed, activated, not revoked since, and not expired."""
        return self.that_stand(on, Stands.IN_FORCE)

    def that_stand(self, on: datetime.date, *stands: Stands) -> ConsentQuerySet:
        """Consents with this status on that day."""
        return self.standing(on).filter(Q(stands__in=stands))


class Stands(models.TextChoices):
    """A consent's status on a day, in the words used by pages and refusals."""

    IN_FORCE = "in_force", "Active"
    DRAFT = "draft", "Draft, not active"
    NOT_YET = "not_yet", "Not active yet"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


@tracked
class Consent(models.Model):
    """A written consent with the elements of 42 CFR 2.31. Locked by the database once it is active.

    Its dated, authored `statuses` say whether it is drafted, active or revoked.
    """

    class Type(models.TextChoices):
        TPO = "tpo", "Treatment, payment and health care operations"
        DISCLOSURE = "disclosure", "Disclosure to a named recipient"
        REMINDER_CONTACT = "reminder_contact", "Reminders to one number or address"
        MUTUAL_HELP_VOLUNTEER = "mutual_help_volunteer", "Name shared with a mutual-help volunteer"
        LEGAL = "legal", "Legal proceedings"
        SUD_NOTES = "sud_notes", "SUD counseling notes"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="consents")
    type = models.CharField(max_length=24, choices=Type)
    discloser = models.CharField("who may disclose", max_length=200, blank=True)
    recipients = models.TextField("recipients", blank=True, help_text="One per line.")
    description = models.TextField("what may be disclosed", max_length=1000, blank=True)
    purpose = models.CharField("purpose", max_length=300, blank=True)
    contact_channel = models.CharField(max_length=8, choices=Channel, blank=True)
    contact_value = models.CharField(
        "number or address",
        max_length=254,
        blank=True,
        help_text="As in the client's contacts, e.g. +15550100123.",
    )
    right_to_revoke_stated = models.BooleanField("the form states the right to revoke, and how", default=False)
    expires_on = models.DateField("expires on", null=True, blank=True)
    expiry_event = models.CharField("or expires when", max_length=200, blank=True)
    expiry_event_on = models.DateField("event occurred on", null=True, blank=True)
    never_expires = models.BooleanField("does not expire", default=False)
    redisclosure_stated = models.BooleanField("the form says that recipients may redisclose", default=False)
    refusal_stated = models.BooleanField("the form says what happens if the client doesn’t sign", default=False)
    signed_on = models.DateField(null=True, blank=True)
    signed_by_name = models.CharField("signature", max_length=120, blank=True, help_text="Name as signed.")
    signed_as = models.CharField(
        "signs as", max_length=80, blank=True, help_text="If not the client: guardian or personal representative."
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ("-recorded_at", "-pk")
        constraints = [
            *since_1900("signed_on", "expires_on", "expiry_event_on", prefix="consent"),
            models.CheckConstraint(
                condition=Q(never_expires=False) | Q(type="tpo"), name="only_tpo_consent_may_never_expire"
            ),
            models.CheckConstraint(
                condition=Q(signed_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("signed_on")),
                name="consent_expires_after_signature",
            ),
            models.CheckConstraint(
                condition=Q(contact_channel="", contact_value="") | ~Q(contact_channel="") & ~Q(contact_value=""),
                name="consent_contact_has_channel_and_value",
            ),
        ]
        indexes = [
            models.Index(fields=("client", "type"), name="consent_by_client"),
            models.Index(fields=("expires_on",), condition=Q(expires_on__isnull=False), name="consent_by_expiry"),
        ]

    def __str__(self) -> str:
        return self.get_type_display()

    @property
    def recipient_list(self) -> list[str]:
        """The recipients, one per line of the form."""
        return [line.strip() for line in self.recipients.splitlines() if line.strip()]

    @property
    def expiry_words(self) -> str:
        """When it ends, in words."""
        if self.expires_on:
            return f"{self.expires_on:%b %-d, %Y}"
        return self.expiry_event or ("Does not expire" if self.never_expires else "Not stated")


class ConsentStatus(models.Model):
    """One step of a consent: what, when, by whom. Each step happens once, and revoked is the last."""

    class Status(models.TextChoices):
        DRAFTED = "drafted", "Drafted"
        ACTIVE = "active", "Activated"
        REVOKED = "revoked", "Revoked"

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="statuses")
    status = models.CharField(max_length=8, choices=Status)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name_plural = "consent statuses"
        constraints = [models.UniqueConstraint(fields=("consent", "status"), name="consent_status_once")]

    def __str__(self) -> str:
        return self.get_status_display()
