from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from cases.models import Client
from cases.models.visibility import not_kept_from
from staff.access import Permission, can
from staff.day_rules import since_1900
from staff.history import tracked
from staff.models import Clinic, StaffMember


@tracked
class MinorConsentAge(models.Model):
    """From which age a person may consent to treatment for substance use alone, in one state, as the clinic's counsel
    reads that state's law. Without a row the clinic's own `minor_consent_age` holds.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="minor_consent_ages")
    state = models.CharField(max_length=2, help_text="Two-letter state code, e.g. NY.")
    age = models.PositiveSmallIntegerField(help_text="In years. Enter 0 if the law sets no age.")
    source = models.CharField("statute", max_length=200, help_text="The statute, and who checked it and when.")

    class Meta:
        ordering = ("state",)
        constraints = [
            models.UniqueConstraint(fields=("clinic", "state"), name="minor_consent_age_once_per_state"),
            models.CheckConstraint(
                condition=Q(state__regex=r"^[A-Z]{2}$"),
                name="minor_consent_state_is_two_capitals",
                violation_error_message="Enter the two-letter state code, e.g. NY.",
            ),
            models.CheckConstraint(
                condition=Q(age__lte=21),
                name="minor_consent_age_to_21",
                violation_error_message="Enter an age of 21 or less.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="minor_consent_age_has_source",
                violation_error_message="Enter the statute and who checked it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.age}"


MAY_TELL = "What may be shared"  # begins the answer where a consent lets them learn something


class AskedAboutQuerySet(models.QuerySet["AskedAbout"]):
    def visible_to(self, staff_member: StaffMember) -> AskedAboutQuerySet:
        """The whole clinic's requests for those who oversee privacy; their own for everyone else."""
        own_clinic = self._not_kept_from(staff_member)
        if can(staff_member, Permission.ACCESS_LOG_VIEW):
            return own_clinic
        return own_clinic.filter(by=staff_member)

    def in_queue_of(self, staff_member: StaffMember) -> AskedAboutQuerySet:
        """The clinic's queue of requests, for those who work it."""
        if not can(staff_member, Permission.REQUESTS_WORK):
            return self.none()
        return self._not_kept_from(staff_member)

    def with_whom(self) -> AskedAboutQuerySet:
        """Annotate `is_about`: the number of the client as identified last, else of the chart it was recorded from."""
        from .request_step import RequestStep

        identified = RequestStep.objects.filter(asked=OuterRef("pk"), step="of").order_by("-pk").values("client")[:1]
        return self.annotate(
            is_about=Coalesce(Subquery(identified), F("client_id"), output_field=models.BigIntegerField())
        )

    def _not_kept_from(self, staff_member: StaffMember) -> AskedAboutQuerySet:
        """The clinic's, but for those about a client who restricted this person, whoever identified the client."""
        others = self.with_whom().filter(clinic=staff_member.clinic_id)
        return others.filter(not_kept_from(staff_member, "client_id"), not_kept_from(staff_member, "is_about"))

    def with_standing(self) -> AskedAboutQuerySet:
        """Annotate what follows from the steps: `due_on`, `is_extended`, `closed_as`, `owner_id`, `waits`.

        A question was answered when it was asked and waits for nobody. This is the one rule; the queue, its filters and
        Today use it.
        """
        from .request_step import RequestStep

        steps = RequestStep.objects.filter(asked=OuterRef("pk"))
        still_here = Case(When(owner__is_active=True, then=F("owner")))  # who left answers it no more: it is untaken
        extended, closed, taken = (steps.filter(step=each) for each in ("extended", "closed", "taken"))
        return self.annotate(
            is_extended=Exists(extended),
            due_on=Coalesce(Subquery(extended.values("until")[:1]), F("answer_by")),
            closed_as=Subquery(closed.values("outcome")[:1]),
            owner_id=Subquery(taken.order_by("-pk").values(here=still_here)[:1]),
            waits=Case(
                When(kind=AskedAbout.Kind.QUESTION, then=Value(False)),
                When(Exists(closed), then=Value(False)),
                default=Value(True),
                output_field=models.BooleanField(),
            ),
        )

    def waiting(self) -> AskedAboutQuerySet:
        """Of rows with their standing, those that somebody still has to answer."""
        return self.filter(Q(waits=True))

    def of_client(self, client: Client) -> AskedAboutQuerySet:
        """Those that are about this client: recorded from the chart, or identified since."""
        return self.with_whom().filter(Q(is_about=client.pk))

    def overdue(self, today: datetime.date) -> AskedAboutQuerySet:
        """Of rows with their standing: waiting, and their day has passed."""
        return self.waiting().filter(Q(due_on__lt=today))


class AskedAbout(models.Model):
    """Somebody asks about a person or for a record (42 CFR 2.13(c), 2.14), and what they were told at once.

    They are told nothing or, on that person's chart, what a consent they signed allows. Append-only. `client_id` is a
    plain number, set only if the request was recorded from that chart: the page that anyone may use looks no one up, so
    neither the answer nor this row reveals who is a client.

    A question is answered with that. Everything else waits in the privacy officer's queue until `answer_by`; its steps
    are in `RequestStep`.
    """

    class Kind(models.TextChoices):
        """What they want."""

        QUESTION = "question", "To know whether someone is here, or how they are"
        RECORD_COPY = "record_copy", "A copy of their own record"
        ACCOUNTING = "accounting", "A list of who received their information"
        RECORDS = "records", "Someone else’s record"
        SUBPOENA = "subpoena", "Subpoena"
        COURT_ORDER = "court_order", "Court order or warrant"

    class Relation(models.TextChoices):
        SELF = "self", "The person themselves"
        PARENT = "parent", "Parent or guardian"
        PARTNER = "partner", "Spouse or partner"
        FAMILY = "family", "Other family"
        FRIEND = "friend", "Friend"
        EMPLOYER = "employer", "Employer or school"
        POLICE = "police", "Police, court or lawyer"
        OTHER = "other", "Someone else, or did not say"

    class Way(models.TextChoices):
        PHONE = "phone", "By phone"
        IN_PERSON = "in_person", "In person"
        LETTER = "letter", "By letter, fax or email"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    about = models.CharField("about whom", max_length=120, help_text="The name they gave.")
    client_id = models.BigIntegerField("client", null=True, blank=True)
    asked_by = models.CharField("who asked", max_length=120, blank=True)
    relation = models.CharField(max_length=10, choices=Relation)
    way = models.CharField("how", max_length=10, choices=Way)
    address = models.TextField("address to answer to", max_length=300, blank=True)
    answer = models.TextField(help_text="The words they were given.")
    kind = models.CharField("what they want", max_length=12, choices=Kind, default=Kind.QUESTION)
    received_on = models.DateField(null=True, blank=True, help_text="The day the clinic got it.")
    answer_by = models.DateField(
        "answer due", null=True, blank=True, help_text="By law, or the date that a subpoena or order names."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    is_about: int | None  # what `with_whom` adds
    # What `with_standing` adds.
    due_on: datetime.date | None
    is_extended: bool
    closed_as: str | None
    owner_id: int | None
    waits: bool

    objects = AskedAboutQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-pk")
        verbose_name_plural = "asked about"
        constraints = [
            models.CheckConstraint(condition=~Q(answer=""), name="asked_about_was_answered"),
            models.CheckConstraint(
                condition=Q(kind="question") | Q(received_on__isnull=False, answer_by__isnull=False),
                name="request_has_its_days",
                violation_error_message="Enter the date it was received and the date by which to answer.",
            ),
            *since_1900("received_on", "answer_by", prefix="asked_about"),
        ]
        indexes = [
            models.Index(fields=("clinic", "-asked_at"), name="asked_by_clinic"),
            models.Index(fields=("clinic", "answer_by"), name="asked_in_queue", condition=~Q(kind="question")),
            models.Index(fields=("client_id",), name="asked_by_client", condition=Q(client_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Asked {self.pk}"

    @property
    def has_a_clock(self) -> bool:
        """Whether the law sets its time and lets it be extended (45 CFR 164.524(b)(2), 164.528(c)(1))."""
        return self.kind in (self.Kind.RECORD_COPY, self.Kind.ACCOUNTING)

    @property
    def is_legal(self) -> bool:
        """Whether it came from a court or lawyer, with a date in it (42 CFR 2.61 to 2.67)."""
        return self.kind in (self.Kind.SUBPOENA, self.Kind.COURT_ORDER)

    @property
    def may_tell(self) -> bool:
        """Whether a consent let them learn something."""
        return self.answer.startswith(MAY_TELL)
