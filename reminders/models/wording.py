from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from cases.models import ContactPoint
from cases.models.visibility import of_clients_visible_to
from privacy.models import Channel
from reminders.kinds import Kind
from reminders.languages import Language, day_in
from reminders.wording import SAMPLE, validate_body, validate_subject, validate_text_message
from staff.access import Permission, can
from staff.history import tracked
from staff.models import Clinic, StaffMember


class MessageTemplateQuerySet(models.QuerySet["MessageTemplate"]):
    def visible_to(self, staff_member: StaffMember) -> MessageTemplateQuerySet:
        """The clinic's own wordings, for who keeps them."""
        if not can(staff_member, Permission.CLINIC_MANAGE):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)


@tracked
class MessageTemplate(models.Model):
    """A clinic's own wording of one kind of message. Without a row the product's neutral wording goes out."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="message_templates")
    kind = models.CharField(max_length=40, choices=Kind)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.EMAIL)
    language = models.CharField(
        max_length=2, choices=Language, default=Language.ENGLISH, db_default=Language.ENGLISH.value
    )
    subject = models.CharField(max_length=60, blank=True, validators=[validate_subject], help_text="Email only.")
    body = models.CharField(
        max_length=200,
        validators=[validate_body],
        help_text="At most 160 characters once filled in. Variables: {day}, {time}, {number}. "
        "Don’t use words that reveal what the clinic does.",
    )
    changed_at = models.DateTimeField(auto_now=True)

    objects = MessageTemplateQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "channel", "language")
        constraints = [
            models.UniqueConstraint(fields=("clinic", "kind", "channel", "language"), name="one_wording_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_channel_display()}, {self.get_language_display()}"

    def clean(self) -> None:
        """A text message is one text message, also on the longest day of the week."""
        if self.channel == Channel.SMS and self.body:
            try:
                validate_text_message(self.body, day_in(Language(self.language), SAMPLE["day"]))
            except (KeyError, ValueError):
                return  # validate_body has said so


class OptOutQuerySet(models.QuerySet["OptOut"]):
    def visible_to(self, staff_member: StaffMember) -> OptOutQuerySet:
        """The clinic's opt-outs, but for numbers of a client whose chart this person doesn't see."""
        if not can(staff_member, Permission.REMINDER_VIEW):
            return self.none()
        whose = ContactPoint.objects.filter(normalized=OuterRef("contact_value"), client__clinic=staff_member.clinic_id)
        unseen = whose.exclude(of_clients_visible_to(staff_member, "client"))
        return self.filter(~Exists(unseen), clinic=staff_member.clinic_id)

    def in_force(self) -> OptOutQuerySet:
        """Opt-outs that were not canceled."""
        return self.filter(lifted_at=None)


@tracked
class OptOut(models.Model):
    """An opt-out at this number or address. It applies to the number, whoever's record has it."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="opt_outs")
    contact_value = models.CharField("number or address", max_length=254, help_text="Normalized.")
    words = models.CharField("what they said", max_length=300)
    received_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank: an incoming reply.",
    )
    confirmed_at = models.DateTimeField("confirmation sent", null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True, help_text="When the person opted back in.")
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_words = models.CharField(
        "what they said to opt back in", max_length=300, blank=True, help_text="An incoming reply."
    )
    lift_confirmed_at = models.DateTimeField("opt-in confirmed", null=True, blank=True)

    objects = OptOutQuerySet.as_manager()

    class Meta:
        ordering = ("-received_at",)
        constraints = [
            models.UniqueConstraint(
                fields=("clinic", "contact_value"), condition=Q(lifted_at=None), name="opt_out_in_force_once"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_words="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False)
                | Q(lifted_at__isnull=False) & ~Q(lifted_words=""),
                name="opt_out_lifted_has_time_and_author",
            ),
        ]
        indexes = [
            models.Index(
                fields=("lifted_at",), condition=~Q(lifted_words="") & Q(lift_confirmed_at=None), name="opt_out_to_tell"
            )
        ]

    def __str__(self) -> str:
        return self.contact_value
