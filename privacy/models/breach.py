from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet, not_kept_from
from staff.access import Permission, can
from staff.day_rules import since_1900
from staff.history import tracked
from staff.models import Clinic

if TYPE_CHECKING:
    from staff.models import StaffMember

ORAL_DELAY_DAYS = 30  # 45 CFR 164.412(b)


class BreachQuerySet(models.QuerySet["Breach"]):
    def visible_to(self, staff_member: StaffMember) -> BreachQuerySet:
        """The clinic's register, for those who keep it."""
        if not can(staff_member, Permission.BREACH_KEEP):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)

    def with_standing(self, reader: StaffMember) -> Any:  # a BreachQuerySet with these annotations
        """With all that `breach_clocks.clocks` needs, counted in the database: how many, whom was told, until when.

        Clients who restricted the reader are in none of these numbers. Another officer has them (`restrictions`).
        """
        steps = BreachStep.objects.filter(breach=OuterRef("pk")).order_by("-pk")
        seen = BreachClient.objects.filter(not_kept_from(reader, "client_id"))
        listed = seen.filter(breach=OuterRef("pk"), taken_off_at=None).order_by()
        by_state = listed.exclude(client__state="").values("client__state").annotate(n=Count("client", distinct=True))
        delays = steps.filter(kind__in=(BreachStep.Kind.DELAY, BreachStep.Kind.DELAY_ENDED))
        notices = BreachNotice.objects.filter(not_kept_from(reader, "listed__client_id"))
        notices = notices.filter(listed__breach=OuterRef("pk")).order_by()
        return self.annotate(
            people=_number(listed.values("breach").annotate(n=Count("client", distinct=True))),
            stateless=_number(
                listed.filter(client__state="").values("breach").annotate(n=Count("client", distinct=True))
            ),
            most_in_a_state=_number(by_state.order_by("-n")),
            untold=_number(listed.filter(notices=None).values("breach").annotate(n=Count("pk"))),
            told_on=Subquery(notices.values("listed__breach").annotate(last=Max("sent_on")).values("last")),
            others=_number(steps.filter(kind=BreachStep.Kind.OTHERS).annotate(n=F("number"))),
            others_told=_number(
                steps.filter(kind=BreachStep.Kind.OTHERS_TOLD).order_by().values("breach").annotate(n=Sum("number"))
            ),
            others_told_on=Subquery(steps.filter(kind=BreachStep.Kind.OTHERS_TOLD).values("happened_on")[:1]),
            media_on=Subquery(steps.filter(kind=BreachStep.Kind.MEDIA).order_by("pk").values("happened_on")[:1]),
            hhs_on=Subquery(steps.filter(kind=BreachStep.Kind.HHS).order_by("pk").values("happened_on")[:1]),
            delay_from=Subquery(
                steps.filter(kind=BreachStep.Kind.DELAY).order_by("happened_on").values("happened_on")[:1]
            ),
            delay_until=Subquery(delays.values("until")[:1]),
            entered_in_error=Exists(steps.filter(kind=BreachStep.Kind.ERROR)),
            decision=Subquery(
                BreachAssessment.objects.filter(breach=OuterRef("pk")).order_by("-pk").values("decision")[:1]
            ),
        )


def _number(counted: QuerySet[Any, Any]) -> Coalesce:
    """The `n` of the first row, or 0."""
    return Coalesce(Subquery(counted.values("n")[:1], output_field=IntegerField()), Value(0))


@tracked
class Breach(models.Model):
    """An acquisition, access, use or disclosure of records that wasn't permitted: presumed a breach until assessed.

    45 CFR 164.400–414, which 42 CFR 2.16(b) applies to records under Part 2. What was recorded stays; all that follows
    is steps of its own. Which notices are due, and until when, is derived: `breach_clocks`.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    discovered_on = models.DateField(
        "discovered on",
        help_text="The first day that anyone who works here knew of it, or could have (45 CFR 164.404(a)(2)).",
    )
    happened_on = models.DateField("happened on", null=True, blank=True, help_text="If known.")
    what_happened = models.TextField(max_length=2000)
    information = models.CharField(
        "kinds of information", max_length=300, help_text="E.g. names, birth dates, diagnoses, notes."
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = BreachQuerySet.as_manager()

    # from `with_standing`
    people: int
    stateless: int
    most_in_a_state: int
    untold: int
    told_on: datetime.date | None
    others: int
    others_told: int
    others_told_on: datetime.date | None
    media_on: datetime.date | None
    hhs_on: datetime.date | None
    delay_from: datetime.date | None
    delay_until: datetime.date | None
    entered_in_error: bool
    decision: str | None

    class Meta:
        ordering = ("-discovered_on", "-pk")
        verbose_name_plural = "breaches"
        constraints = [
            *since_1900("discovered_on", "happened_on", prefix="breach"),
            models.CheckConstraint(
                condition=Q(happened_on=None) | Q(happened_on__lte=F("discovered_on")),
                name="breach_happens_before_it_is_discovered",
                violation_error_message="It can’t be discovered before it happened.",
            ),
        ]
        indexes = [models.Index(fields=("clinic", "-discovered_on", "-id"), name="breach_by_discovery")]

    def __str__(self) -> str:
        return f"Breach {self.pk}"

    @property
    def decision_words(self) -> str:
        """What was decided of it, in words."""
        if self.entered_in_error:
            return "Entered in error"
        return BreachAssessment.Decision(self.decision).label if self.decision else "Not assessed: presumed a breach"


class OfBreachQuerySet(models.QuerySet["BreachStep"]):
    def visible_to(self, staff_member: StaffMember) -> OfBreachQuerySet:
        """The clinic's, for those who keep the register."""
        if not can(staff_member, Permission.BREACH_KEEP):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)


class BreachClientQuerySet(ClientRecordQuerySet["BreachClient"]):
    view_permission = Permission.BREACH_KEEP

    def current(self) -> BreachClientQuerySet:
        """Without those who were taken off."""
        return self.filter(taken_off_at=None)


@tracked
class BreachClient(models.Model):
    """A client whose records were involved. Stays on record; someone listed by mistake is taken off with a reason."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="listed")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="breaches")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_off_at = models.DateTimeField(null=True, blank=True)
    taken_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_off_reason = models.CharField(max_length=200, blank=True)

    objects = BreachClientQuerySet.as_manager()

    class Meta:
        ordering = ("breach", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_off_at=None, taken_off_by=None, taken_off_reason="")
                | Q(taken_off_at__isnull=False, taken_off_by__isnull=False) & ~Q(taken_off_reason=""),
                name="taken_off_a_breach_by_someone_for_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"Client {self.client_id} of breach {self.breach_id}"


class BreachNotice(models.Model):
    """The notice sent to one of them (45 CFR 164.404). Append-only."""

    class Way(models.TextChoices):
        """How (45 CFR 164.404(d))."""

        MAIL = "mail", "First-class mail"
        EMAIL = "email", "Email, as the person agreed"
        SUBSTITUTE = "other", "Substitute notice (no address that reaches them)"
        PHONE = "phone", "By phone, in addition, since it was urgent"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    listed = models.ForeignKey(BreachClient, on_delete=models.PROTECT, related_name="notices")
    sent_on = models.DateField()
    way = models.CharField("how", max_length=8, choices=Way)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = [*since_1900("sent_on", prefix="breach_notice")]

    def __str__(self) -> str:
        return f"Notice {self.pk}"


class BreachAssessment(models.Model):
    """The risk assessment by the four factors of 45 CFR 164.402(2), and the decision. Append-only; the last one counts.

    It is what shows that a notice was not needed (164.414(b)).
    """

    class Decision(models.TextChoices):
        LOW = "low", "Low probability that the records were compromised"
        BREACH = "breach", "Breach: notices are due"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="assessments")
    nature = models.TextField(
        "nature and extent of the records",
        max_length=1000,
        help_text="Which identifiers, and how likely someone could be identified by them.",
    )
    whom = models.TextField(
        "who used or received them", max_length=1000, help_text="And whether they have to keep them confidential."
    )
    viewed = models.TextField("whether they were acquired or viewed", max_length=1000)
    mitigated = models.TextField(
        "how far the risk was reduced", max_length=1000, help_text="E.g. returned, destroyed, promised in writing."
    )
    decision = models.CharField(max_length=8, choices=Decision)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(nature="") & ~Q(whom="") & ~Q(viewed="") & ~Q(mitigated=""),
                name="breach_assessed_by_all_four_factors",
            )
        ]

    def __str__(self) -> str:
        return f"Assessment {self.pk}"


class BreachStep(models.Model):
    """What was done about a breach, besides assessing it and telling the clients listed. Append-only."""

    class Kind(models.TextChoices):
        NOTE = "note", "Note"
        OTHERS = "others", "People without a record here counted"
        OTHERS_TOLD = "told", "People without a record here notified"
        MEDIA = "media", "Media notified"
        HHS = "hhs", "Reported to HHS"
        DELAY = "delay", "Law enforcement asked to wait"
        DELAY_ENDED = "go_on", "The wait for law enforcement ended"
        ERROR = "error", "Entered in error"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind)
    happened_on = models.DateField()
    note = models.TextField(max_length=1000, blank=True)
    number = models.PositiveIntegerField("how many", null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    official = models.CharField("official and agency", max_length=200, blank=True)
    in_writing = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfBreachQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            *since_1900("happened_on", "until", prefix="breach_step"),
            models.CheckConstraint(
                condition=Q(kind__in=("others", "told")) & Q(number__isnull=False)
                | ~Q(kind__in=("others", "told")) & Q(number=None),
                name="breach_step_counts_people",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("delay", "go_on")) & Q(until__isnull=False)
                | ~Q(kind__in=("delay", "go_on")) & Q(until=None),
                name="breach_step_waits_until_a_day",
            ),
            # 45 CFR 164.412: who asked is documented; what was only said holds for 30 days
            models.CheckConstraint(
                condition=~Q(kind="delay") | ~Q(official="") & Q(until__gte=F("happened_on")),
                name="breach_delay_names_the_official",
            ),
            models.CheckConstraint(
                condition=~Q(kind="delay")
                | Q(in_writing=True)
                | Q(until__lte=F("happened_on") + datetime.timedelta(days=ORAL_DELAY_DAYS)),
                name="breach_delay_by_word_of_mouth_is_30_days",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=("note", "error", "media", "hhs")) | ~Q(note=""), name="breach_step_says_what"
            ),
        ]

    def __str__(self) -> str:
        return f"Step {self.pk}"
