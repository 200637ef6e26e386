from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models

from cases.codes import Substance
from staff import records_read
from staff.access import Permission, can
from staff.day_rules import moments_since_1900, since_1900
from staff.encrypted_fields import EncryptedCharField, NumberedFirst, OnlyCiphertext
from staff.history import tracked
from staff.models import Clinic, Program

from .people.births import KnownBirth, year_alone
from .people.client import Client
from .visibility import not_kept_from, of_clients_visible_to

if TYPE_CHECKING:
    from staff.models import StaffMember


# A small share of calls: open ones with a danger sign, or with one heard after closing.
MAY_BE_IN_DANGER = ~models.Q(danger_signs=[]) & (
    models.Q(stage__in=("new", "called_back", "screening", "offered", "waitlist")) | ~models.Q(signs_after_end=[])
)


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def visible_to(self, staff_member: StaffMember) -> InquiryQuerySet:
        """Inquiries in the clinic: the whole queue for those who take calls.

        A counselor sees those assigned to or taken by them, and calls about people whose care team they are on.
        """
        if not can(staff_member, Permission.INQUIRY_VIEW):
            return self.none()
        own = self.filter(not_kept_from(staff_member, "client"), clinic=staff_member.clinic_id)
        if can(staff_member, Permission.CLIENT_VIEW_ALL):
            return own
        return own.filter(
            models.Q(assigned_to=staff_member)
            | models.Q(taken_by=staff_member)
            | of_clients_visible_to(staff_member, "client", among_others=True)
        )

    def open(self) -> InquiryQuerySet:
        """Inquiries that still need something."""
        return self.exclude(stage__in=Inquiry.CLOSED_STAGES)

    def maybe_in_danger(self) -> InquiryQuerySet:
        """Inquiries with a danger sign that may still need a response (safety/call_dangers.py decides)."""
        return self.filter(MAY_BE_IN_DANGER)

    def waiting(self) -> InquiryQuerySet:
        """Inquiries on the wait list."""
        return self.filter(stage=Inquiry.Stage.WAITLIST)

    def offered(self, today: datetime.date) -> InquiryQuerySet:
        """Inquiries with an opening held on a day. An offer holds through its last day, even if no job has run."""
        return self.filter(stage=Inquiry.Stage.OFFERED, offer_lapses_on__gte=today)


@tracked
class Inquiry(NumberedFirst, KnownBirth):
    """A consultation call: who called for whom, why, the situation, and how to call back safely."""

    class Stage(models.TextChoices):
        NEW = "new", "New"
        CALLED_BACK = "called_back", "Called back"
        SCREENING = "screening", "Screening"
        OFFERED = "offered", "Offered"
        WAITLIST = "waitlist", "Wait list"
        ADMITTED = "admitted", "Admitted"
        REFERRED = "referred", "Referred elsewhere"
        CLOSED = "closed", "Closed"

    QUEUE_STAGES = (Stage.OFFERED, Stage.WAITLIST)
    CLOSED_STAGES = (Stage.ADMITTED, Stage.REFERRED, Stage.CLOSED)

    class Relation(models.TextChoices):
        SELF = "self", "Self"
        PARTNER = "partner", "Spouse or partner"
        PARENT = "parent", "Parent"
        CHILD = "child", "Son or daughter"
        SIBLING = "sibling", "Sibling"
        FRIEND = "friend", "Friend"
        SPONSOR = "sponsor", "Sponsor"
        PROFESSIONAL = "professional", "Professional"
        OTHER = "other", "Other"

    class DangerSign(models.TextChoices):
        """Each has its own “what to do now” in cases/safety/danger_signs.py."""

        OVERDOSE_NOW = "overdose_now", "Overdose or can’t be woken"
        SEIZURE = "seizure", "Seizure, confusion or hallucinations"
        SUICIDE = "suicide", "Thoughts of suicide"
        VIOLENCE = "violence", "Not safe where they are now"
        WITHDRAWAL = "withdrawal", "Shaking, sweating or vomiting after stopping"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="inquiries")
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.NEW)
    is_draft = models.BooleanField(default=False, help_text="Still draft during the call; kept by autosave.")
    entry_key = models.UUIDField(
        null=True, blank=True, unique=True, editable=False, help_text="One per opened form: sent twice, it is one call."
    )
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="assigned_inquiries"
    )
    client = models.ForeignKey(
        Client,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="inquiries",
        help_text="Once the person is found or registered.",
    )

    # the call
    relation = models.CharField("who is calling", max_length=12, choices=Relation, default=Relation.SELF)
    caller_name = models.CharField(max_length=120, blank=True, help_text="If it is not the person.")
    call_back_phone = models.CharField("safe callback number", max_length=32, blank=True)
    voicemail_ok = models.BooleanField("OK to leave a voicemail", default=False)
    voicemail_words = EncryptedCharField(
        "what a voicemail can say", of="cases.Inquiry.voicemail_words", max_length=200, blank=True
    )
    must_not_reveal = models.CharField("what a return call must not reveal", max_length=300, blank=True)

    # the person
    given_name = models.CharField("first name", max_length=60, blank=True)
    family_name = models.CharField(
        "last name", max_length=60, blank=True, help_text="As it sounds; spelling can be fixed later."
    )
    phone = models.CharField(max_length=32, blank=True)
    ssn_last4 = EncryptedCharField(
        "last four digits of SSN",
        of="cases.Inquiry.ssn_last4",
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^\d{4}$", "Four digits.")],
    )
    language = models.CharField("preferred language", max_length=40, default="English")
    payer = models.CharField("insurance or payer", max_length=80, blank=True)

    # the situation
    reason = models.TextField("why they call, in their words", blank=True)
    substances = ArrayField(models.CharField(max_length=20, choices=Substance), default=list, blank=True)
    days_since_last_use = models.PositiveSmallIntegerField(null=True, blank=True)
    pregnant = models.BooleanField(null=True, blank=True)
    injects = models.BooleanField(null=True, blank=True, verbose_name="injects drugs")
    danger_signs = ArrayField(models.CharField(max_length=16, choices=DangerSign), default=list, blank=True)
    signs_heard_at = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="When each danger sign was reported, if not during the call.",
    )
    signs_after_end = ArrayField(
        models.CharField(max_length=16, choices=DangerSign),
        default=list,
        blank=True,
        editable=False,
        help_text="Danger signs reported after the inquiry closed; cleared when it closes again.",
    )
    no_danger_because = models.CharField(
        "why a danger sign was removed",
        max_length=300,
        blank=True,
        help_text="The latest reason and the signs removed; earlier ones are in the history.",
    )

    # pros and cons: a decision balance in the caller's own words
    costs_of_now = models.TextField("cons of staying the same", blank=True)
    benefits_of_now = models.TextField("pros of staying the same", blank=True)
    benefits_of_change = models.TextField("what could improve with help", blank=True)
    costs_of_change = models.TextField("what makes it hard to get help", blank=True)

    next_action = models.CharField(max_length=200, blank=True)
    next_action_at = models.DateTimeField(null=True, blank=True)
    program = models.ForeignKey(
        Program,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="inquiries",
        help_text="The program offered or waited for.",
    )
    offer_lapses_on = models.DateField(null=True, blank=True, help_text="Last day the opening is held.")
    stage_reason = models.CharField(
        "reason",
        max_length=200,
        blank=True,
        help_text="Reason for a move: an offer out of turn, withdrawn or expired.",
    )
    interim_services_at = models.DateTimeField(
        null=True, blank=True, help_text="When interim services began for someone who has to wait."
    )
    closing_reason = models.CharField(max_length=200, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ("-taken_at",)
        verbose_name_plural = "inquiries"
        constraints = [
            *since_1900("birth_date", "offer_lapses_on", prefix="inquiry"),
            *moments_since_1900("next_action_at", prefix="inquiry"),
            year_alone("inquiry"),
            models.CheckConstraint(
                condition=~models.Q(stage__in=("referred", "closed")) | ~models.Q(closing_reason=""),
                name="inquiry_never_ends_without_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage="admitted") | models.Q(client__isnull=False),
                name="admitted_inquiry_has_a_client",
            ),
            models.CheckConstraint(
                condition=~models.Q(is_draft=True) | models.Q(stage="new"), name="inquiry_draft_is_new"
            ),
            models.CheckConstraint(
                condition=~models.Q(stage="offered") | models.Q(program__isnull=False, offer_lapses_on__isnull=False),
                name="offer_has_program_and_last_day",
                violation_error_message="An offer needs a program and the last day the opening is held.",
            ),
            models.CheckConstraint(
                condition=models.Q(offer_lapses_on=None) | models.Q(stage="offered"),
                name="only_an_offer_lapses",
            ),
            models.CheckConstraint(
                condition=models.Q(signs_after_end=[]) | models.Q(stage__in=("admitted", "referred", "closed")),
                name="only_an_ended_call_has_signs_after_its_end",
            ),
            models.CheckConstraint(
                condition=models.Q(interim_services_at=None) | models.Q(interim_services_at__gte=models.F("taken_at")),
                name="interim_services_after_the_call",
            ),
            OnlyCiphertext(column="ssn_last4", name="inquiry_ssn_is_encrypted"),
            OnlyCiphertext(column="voicemail_words", name="inquiry_words_are_encrypted"),
        ]
        indexes = [
            models.Index(fields=("clinic", "stage", "taken_at"), name="inquiry_board"),
            models.Index(fields=("client",), name="inquiry_by_client"),
            models.Index(
                fields=("program", "stage"), condition=models.Q(stage__in=("offered", "waitlist")), name="inquiry_queue"
            ),
            models.Index(
                fields=("offer_lapses_on",), condition=models.Q(stage="offered"), name="inquiry_offers_by_last_day"
            ),
            models.Index(
                fields=("client",),
                condition=models.Q(danger_signs__contains=["suicide"]),
                name="inquiry_told_of_suicide",
            ),
            models.Index(fields=("clinic",), condition=MAY_BE_IN_DANGER, name="inquiry_may_be_in_danger"),
            models.Index(fields=("clinic",), condition=~models.Q(signs_heard_at={}), name="inquiry_sign_heard_later"),
        ]

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Inquiry:
        """As Django, and `was_read`."""
        read = super().from_db(db, field_names, values, **more)
        cls.was_read(read)
        return read

    @staticmethod
    def was_read(inquiry: Inquiry) -> None:
        """Note that this call was read, whether or not the caller is a client by now; without reading what was not."""
        records_read.note_call(inquiry.__dict__.get("id"), inquiry.__dict__.get("client_id"))

    def __str__(self) -> str:
        return f"Inquiry {self.pk}"

    @property
    def person_name(self) -> str:
        """Who needs help, as far as known."""
        return f"{self.given_name} {self.family_name}".strip() or "Name not given"
