from __future__ import annotations

import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from cases.models import Client, TreatmentEpisode
from cases.models.visibility import ClientRecordQuerySet
from privacy.models import Disclosure
from staff.access import Permission
from staff.day_rules import since_1900
from staff.history import tracked

from .service_place import ServiceKind, ServicePlace


class ServiceStep(models.TextChoices):
    """An event of a referral to a place. The latest one that moves it is its status."""

    SENT = "sent", "Sent"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined by the place"
    SEEN = "seen", "Seen there"
    RESULT = "result", "Result"
    ENDED = "ended", "Closed"
    CALLED = "called", "Call"
    NOTE = "note", "Note"


STATES = (
    ServiceStep.SENT,
    ServiceStep.ACCEPTED,
    ServiceStep.SEEN,
    ServiceStep.RESULT,
    ServiceStep.DECLINED,
    ServiceStep.ENDED,
)
CLOSING = (ServiceStep.DECLINED, ServiceStep.RESULT, ServiceStep.ENDED)
ANSWERS = (ServiceStep.ACCEPTED, ServiceStep.DECLINED, ServiceStep.SEEN, ServiceStep.RESULT)  # somebody told us


class How(models.TextChoices):
    """How a referral goes out."""

    CLIENT = "client", "The client goes there themselves; we tell no one"
    CALL = "call", "We call now, with the client in the room"
    SENT = "sent", "We send it, with the client’s name"


class ToldBy(models.TextChoices):
    """Who told us."""

    CLIENT = "client", "The client"
    PLACE = "place", "The place"
    FAMILY = "family", "Family or a friend"
    COLLEAGUE = "colleague", "A colleague"


class Outcome(models.TextChoices):
    """What came of it."""

    GOT_IT = "got_it", "Got what they needed"
    PARTLY = "partly", "Got part of it"
    NOT = "not", "Didn’t get it"


class ServiceReferralQuerySet(ClientRecordQuerySet["ServiceReferral"]):
    view_permission = Permission.REFERRAL_VIEW

    def with_state(self) -> Self:
        """Annotate what follows from the steps.

        `state` is the latest step that moves it and `state_on` its day; `heard_on` the latest day on which anything was
        done about it but a note; `appointment_on` and `appointment_time` the last appointment agreed on; `outcome` and
        `answer` the result.
        """
        rows: Any = ServiceReferralStep.objects.filter(referral=OuterRef("pk")).order_by("-pk")
        moving = rows.filter(step__in=STATES)
        agreed = rows.filter(appointment_on__isnull=False)
        results = rows.filter(step=ServiceStep.RESULT)
        return self.annotate(
            state=Subquery(moving.values("step")[:1]),
            state_on=Subquery(moving.values("happened_on")[:1]),
            heard_on=Subquery(rows.exclude(step=ServiceStep.NOTE).order_by("-happened_on").values("happened_on")[:1]),
            appointment_on=Subquery(agreed.values("appointment_on")[:1]),
            appointment_time=Subquery(agreed.values("appointment_time")[:1]),
            outcome=Subquery(results.values("outcome")[:1]),
            answer=Subquery(results.values("note")[:1]),
        )

    def in_state(self, state: str) -> Self:
        """Referrals with this status."""
        return self.with_state().filter(state=state)

    def open(self) -> Self:
        """Without a result, not declined and not closed."""
        closed = ServiceReferralStep.objects.filter(step__in=CLOSING)
        return self.exclude(Q(pk__in=closed.values("referral")))


@tracked
class ServiceReferral(models.Model):
    """A client referred to a place outside for something else than mutual help.

    Its status is not stored: it follows from its steps, as a mutual-help referral's does.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="service_referrals")
    episode = models.ForeignKey(
        TreatmentEpisode, on_delete=models.PROTECT, null=True, blank=True, related_name="service_referrals"
    )
    kind = models.CharField(max_length=12, choices=ServiceKind)
    place = models.ForeignKey(
        ServicePlace, on_delete=models.PROTECT, null=True, blank=True, related_name="service_referrals"
    )
    elsewhere = models.CharField("place not on the list", max_length=120, blank=True)
    need = models.TextField("what the client wants", blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ServiceReferralQuerySet.as_manager()

    # Read from the steps by `with_state`.
    state: str
    state_on: datetime.date
    heard_on: datetime.date
    appointment_on: datetime.date | None
    appointment_time: datetime.time | None
    outcome: str | None
    answer: str | None

    class Meta:
        ordering = ("-made_at", "-pk")
        verbose_name = "referral to a place"
        verbose_name_plural = "referrals to places"
        constraints = [
            models.CheckConstraint(
                condition=Q(place__isnull=False, elsewhere="") | (Q(place=None) & ~Q(elsewhere="")),
                name="service_referral_goes_to_one_place",
            ),
        ]
        indexes = [
            models.Index(fields=("client", "-made_at"), name="service_referral_by_client"),
            models.Index(fields=("made_by",), name="service_referral_by_maker"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.where}"

    @property
    def where(self) -> str:
        """The place by its name."""
        return self.place.name if self.place else self.elsewhere

    @property
    def is_open(self) -> bool:
        """Without a result, not declined and not closed."""
        return self.state not in CLOSING

    @property
    def state_label(self) -> str:
        """Its status in words; with a result, what came of it."""
        return str(Outcome(self.outcome).label) if self.outcome else str(ServiceStep(self.state).label)


class ServiceReferralStepQuerySet(ClientRecordQuerySet["ServiceReferralStep"]):
    view_permission = Permission.REFERRAL_VIEW
    client_path = "referral__client"


@tracked
class ServiceReferralStep(models.Model):
    """One dated step, with its author. Never rewritten (migration 0002_append_only): a correction is a new row.

    `disclosure` is the privacy app's own record that the client was named, without which nobody was.
    """

    referral = models.ForeignKey(ServiceReferral, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=10, choices=ServiceStep)
    happened_on = models.DateField("day")
    at = models.DateTimeField("recorded at")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    how = models.CharField("how it went out", max_length=8, choices=How, blank=True)
    spoke_with = models.CharField(max_length=80, blank=True, help_text="Who answered the call.")
    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    told_by = models.CharField(max_length=10, choices=ToldBy, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    appointment_on = models.DateField(null=True, blank=True)
    appointment_time = models.TimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    reports_danger = models.BooleanField(
        "thoughts of suicide, or an attempt, were reported",
        default=False,
        help_text="A safety concern opens, and stays open until a clinician has evaluated it.",
    )

    objects = ServiceReferralStepQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = "step of a referral to a place"
        verbose_name_plural = "steps of referrals to places"
        constraints = [
            *since_1900("happened_on", "appointment_on", prefix="service_step"),
            models.CheckConstraint(
                condition=Q(step=ServiceStep.SENT) & ~Q(how="") | ~Q(step=ServiceStep.SENT) & Q(how=""),
                name="service_step_sent_says_how",
            ),
            # What the client carries there themselves tells nobody anything, and what we send names them.
            models.CheckConstraint(
                condition=~Q(how=How.CLIENT) | Q(disclosure=None), name="service_step_client_goes_unnamed"
            ),
            models.CheckConstraint(
                condition=~Q(how=How.SENT) | Q(disclosure__isnull=False), name="service_step_sent_is_disclosed"
            ),
            models.CheckConstraint(
                condition=Q(disclosure=None) | Q(step__in=(ServiceStep.SENT, ServiceStep.CALLED)),
                name="service_step_discloses_when_going_out",
            ),
            models.CheckConstraint(
                condition=~Q(spoke_with="") | ~Q(step=ServiceStep.CALLED) & ~Q(how=How.CALL),
                name="service_step_call_says_with_whom",
            ),
            models.CheckConstraint(
                condition=Q(step__in=ANSWERS) & ~Q(told_by="") | ~Q(step__in=ANSWERS) & Q(told_by=""),
                name="service_step_answer_says_who_told",
            ),
            models.CheckConstraint(
                condition=Q(step=ServiceStep.RESULT) & ~Q(outcome="") & ~Q(note="")
                | ~Q(step=ServiceStep.RESULT) & Q(outcome=""),
                name="service_step_result_in_words",
            ),
            models.CheckConstraint(
                condition=Q(appointment_time=None) | Q(appointment_on__isnull=False),
                name="service_step_time_has_a_day",
            ),
            models.UniqueConstraint(
                fields=("referral", "step"),
                condition=Q(step__in=(ServiceStep.SENT, ServiceStep.ACCEPTED, ServiceStep.SEEN)),
                name="service_step_once",
            ),
            models.UniqueConstraint(
                fields=("referral",), condition=Q(step__in=CLOSING), name="service_referral_closes_once"
            ),
        ]
        indexes = [
            models.Index(fields=("referral", "-id"), name="service_step_latest"),
            models.Index(fields=("referral",), condition=Q(reports_danger=True), name="service_step_danger"),
            models.Index(fields=("by",), condition=Q(reports_danger=True), name="service_step_danger_by"),
        ]

    def __str__(self) -> str:
        return self.get_step_display()

    @property
    def is_good(self) -> bool:
        """They were seen, or got at least a part of what they needed."""
        return self.step == ServiceStep.SEEN or self.outcome in (Outcome.GOT_IT, Outcome.PARTLY)
