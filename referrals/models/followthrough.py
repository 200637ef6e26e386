from __future__ import annotations

import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    SmallIntegerField,
    Subquery,
    TimeField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact, IsNull

from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet
from referrals.fellowships import Fellowship
from referrals.listing import Attendance
from staff.access import Permission
from staff.day_rules import moments_since_1900, since_1900
from staff.history import tracked

from .conversation import Barrier
from .directory import Meeting
from .identity import SameMeeting


class Step(models.TextChoices):
    """An event in a referral. The latest one, besides notes and missed visits, is the referral's status."""

    OFFERED = "offered", "Offered"
    PLANNED = "planned", "Planned"
    LINKED = "linked", "Connected with a volunteer"
    ATTENDED = "attended", "Attended"
    MISSED = "missed", "Did not attend"
    ENGAGED = "engaged", "Engaged"
    DECLINED = "declined", "Declined"
    ENDED = "ended", "Ended"
    NOTE = "note", "Note"


STATES = (
    Step.OFFERED,
    Step.PLANNED,
    Step.LINKED,
    Step.ATTENDED,
    Step.ENGAGED,
    Step.DECLINED,
    Step.ENDED,
)
CLOSING_STEPS = (Step.DECLINED, Step.ENDED)


class Displaced(models.TextChoices):
    """Why a meeting that somebody plans to go to is not held then."""

    RETIRED = "retired", "No longer listed"
    CLOSED = "closed", "Not meeting now"
    MOVED = "moved", "Listed at another time"


class FollowThroughQuerySet(ClientRecordQuerySet["FollowThrough"]):
    view_permission = Permission.REFERRAL_VIEW
    client_path = "referral__client"

    def promises(self) -> Self:
        """The plans, with `promised_day` on the clinic's calendar, as people say it, `is_answered`, `attends_on_own`
        and `displaced`.

        A visit answers a promise of its referral if it was on that day and was reported once the meeting had begun, or
        was recorded in place of that day, whether or not the client went. So does a visit that is kept under another
        referral of the client to the same meeting, in whichever list: they go there once. A report about another day
        does not answer it, and a report about this morning does not answer a promise for the evening. What the client
        says by the promise's own private link does in any case, also beside a record that staff made before. Nor is
        anything left to ask after a clinician has recorded that the client attends on their own. The one owner of this
        rule.
        """
        by_its_link = FollowThrough.objects.filter(pk=OuterRef("pk"), private_links__report__isnull=False)
        of_that_day = MeetingVisit.objects.filter(
            Q(visited_on=OuterRef("promised_day"), recorded_at__gte=OuterRef("planned_for"))
            | Q(instead_of=OuterRef("promised_day"), recorded_at__gte=OuterRef("at"))
        )
        visits = of_that_day.filter(referral=OuterRef("referral"))
        # By an index each, not by an OR: a referral's visits, and the client's.
        elsewhere = (
            of_that_day.filter(client=OuterRef("referral__client"), fellowship=OuterRef("referral__fellowship"))
            .with_place()
            .filter(Q(place=OuterRef("lead")) | Q(place=None) & IsNull(OuterRef("referral__meeting"), True))
        )
        judged = FollowThrough.objects.filter(
            referral=OuterRef("referral"), step=Step.ENGAGED, visit=None, pk__gt=OuterRef("pk")
        )
        return (
            self.filter(planned_for__isnull=False)
            .alias(lead=_lead("referral__"))
            .annotate(
                promised_day=Cast(
                    Func(
                        F("referral__client__clinic__time_zone"),
                        F("planned_for"),
                        function="timezone",
                        output_field=DateTimeField(),
                    ),
                    DateField(),
                ),
                is_answered=Exists(visits) | Exists(by_its_link) | Exists(judged) | Exists(elsewhere),
                attends_on_own=Exists(judged),
                displaced=_displaced(),
            )
        )


def _lead(path: str = "") -> Coalesce:
    """The row that leads for the meeting of a row, or of what is at `path`, at the client's clinic; itself if none
    does.
    """
    leading = SameMeeting.objects.leading_at(OuterRef(f"{path}client__clinic"))
    return Coalesce(
        Subquery(leading.filter(listing=OuterRef(f"{path}meeting")).values("lead")[:1]),
        F(f"{path}meeting"),
        output_field=BigIntegerField(),
    )


def _displaced() -> Coalesce:
    """Why the meeting is not held then, as the listing that leads has it now: `Displaced`, blank while it is.

    On its own clock, the planned moment has the listed weekday and time, or is what the listed time means on a day
    whose clocks skip it. A meeting by appointment is held whenever it was agreed.
    """
    zone, planned_for = F("time_zone"), OuterRef("planned_for")
    clinic = OuterRef(OuterRef("referral__client__clinic"))
    local = Func(zone, planned_for, function="timezone", output_field=DateTimeField())
    day = Func(local, template="extract(dow FROM %(expressions)s)::smallint", output_field=SmallIntegerField())
    wall = Func(
        local,
        F("start"),
        template="((%(expressions)s))",
        arg_joiner=")::date + (",
        output_field=DateTimeField(),
    )
    listed = Func(zone, wall, function="timezone", output_field=DateTimeField())
    found = Case(
        When(~Exists(Meeting.objects.listed_at(clinic).filter(pk=OuterRef("pk"))), then=Value(Displaced.RETIRED)),
        When(attendance=Attendance.INACTIVE, then=Value(Displaced.CLOSED)),
        When(weekday=None, then=Value("")),
        When(
            Exact(day, F("weekday")) & (Exact(Cast(local, TimeField()), F("start")) | Exact(listed, planned_for)),
            then=Value(""),
        ),
        default=Value(Displaced.MOVED),
        output_field=CharField(),
    )
    return Coalesce(Subquery(Meeting.objects.filter(pk=OuterRef("lead")).values(found=found)), Value(""))


@tracked
class FollowThrough(models.Model):
    """One dated step of the journal, with its author.

    Never rewritten (migration 0002_append_only): a correction is a new row.
    """

    referral = models.ForeignKey("referrals.Referral", on_delete=models.PROTECT, related_name="follow_through")
    step = models.CharField(max_length=10, choices=Step)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank: the client, who told of a visit or of the next one by a private link.",
    )
    planned_for = models.DateTimeField(null=True, blank=True, help_text="When the client plans to go.")
    volunteer = models.CharField(
        max_length=24, blank=True, help_text="First name or initial only: members are anonymous."
    )
    client_was_named = models.BooleanField(default=False, help_text="The client’s name was shared with the volunteer.")
    note = models.TextField(blank=True)
    visit = models.ForeignKey(
        "referrals.MeetingVisit", on_delete=models.PROTECT, null=True, blank=True, related_name="steps"
    )
    reports_danger = models.BooleanField(
        "thoughts of suicide, or an attempt, were reported",
        default=False,
        help_text="A safety concern opens, and stays open until a clinician has evaluated it.",
    )
    own_report = models.OneToOneField(
        "referrals.OwnReport",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="plan",
        help_text="By which the client said that they mean to go to this one.",
    )

    objects = FollowThroughQuerySet.as_manager()

    # Annotated by `promises`.
    promised_day: datetime.date
    is_answered: bool
    attends_on_own: bool
    displaced: str
    # By `referrals.journals`: the report as it was when this step was taken, and whether another one took its place.
    told: MeetingVisit | None
    is_corrected: bool

    class Meta:
        ordering = ("pk",)
        verbose_name_plural = "follow-through"
        constraints = [
            *moments_since_1900("planned_for", prefix="plan"),
            models.CheckConstraint(
                condition=~Q(step=Step.PLANNED) | Q(planned_for__isnull=False), name="plan_has_a_date"
            ),
            models.CheckConstraint(
                condition=Q(step=Step.LINKED) | Q(volunteer="", client_was_named=False),
                name="volunteer_only_when_linking",
            ),
            models.CheckConstraint(
                condition=Q(visit=None) | Q(step__in=(Step.ATTENDED, Step.MISSED, Step.ENGAGED)),
                name="visit_only_when_one_was_reported",
            ),
            models.UniqueConstraint(
                fields=("referral",), condition=Q(step__in=("declined", "ended")), name="referral_closes_once"
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(visit__isnull=False) | Q(own_report__isnull=False),
                name="step_without_author_is_the_clients",
            ),
            models.CheckConstraint(
                condition=Q(own_report=None) | Q(step=Step.PLANNED, by=None), name="own_report_makes_only_plans"
            ),
            # What clients write by a private link is read by itself (reminders.crisis).
            models.CheckConstraint(
                condition=Q(reports_danger=False) | Q(by__isnull=False), name="step_danger_told_to_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=("referral", "-id"), name="follow_through_latest"),
            models.Index(fields=("referral",), condition=Q(reports_danger=True), name="follow_through_danger"),
            models.Index(fields=("by",), condition=Q(reports_danger=True), name="follow_through_danger_by"),
        ]

    def __str__(self) -> str:
        return self.get_step_display()

    @property
    def planned_words(self) -> str:
        """When the client planned to go, in words; blank if this is no plan."""
        return str(self.referral.say(self.planned_for)) if self.planned_for is not None else ""


class MeetingVisitQuerySet(ClientRecordQuerySet["MeetingVisit"]):
    view_permission = Permission.REFERRAL_VIEW

    def with_place(self) -> Self:
        """With `place`: the listing that leads for its meeting. None without one, which is its fellowship alone."""
        return self.annotate(place=_lead())

    def each_once(self) -> Any:
        """Tuples that begin with the client and the day, one for each meeting of a day: what is counted.

        Two rows tell of one where two referrals to it were joined since: charts, or lists. The one owner of this rule.
        """
        told = self.with_place().order_by("visited_on")
        return told.values_list("client", "visited_on", "place", "fellowship").distinct()  # type: ignore[misc]


@tracked
class MeetingVisit(models.Model):
    """The client's report about one meeting. Fellowships keep no attendance; no one else is asked or named."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="meeting_visits")
    referral = models.ForeignKey(
        "referrals.Referral", on_delete=models.PROTECT, null=True, blank=True, related_name="visits"
    )
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="visits")
    fellowship = models.CharField(max_length=20, choices=Fellowship)
    visited_on = models.DateField("day")
    instead_of = models.DateField(
        "in place of the planned day",
        null=True,
        blank=True,
        help_text="The planned day that this visit of another day answers, as the client said.",
    )
    attended = models.BooleanField()
    missed_because = models.CharField("what got in the way", max_length=10, choices=Barrier, blank=True)
    note = models.TextField(
        blank=True, help_text="What helped or got in the way. Don’t record who else was there or what was shared."
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank: as the client told it by a private link, and no one has put another report in its place.",
    )
    own_report = models.OneToOneField(
        "referrals.OwnReport", on_delete=models.PROTECT, null=True, blank=True, related_name="visit"
    )

    objects = MeetingVisitQuerySet.as_manager()

    class Meta:
        constraints = [
            *since_1900("visited_on", "instead_of", prefix="visit"),
            models.UniqueConstraint(fields=("referral", "visited_on"), name="visit_once_a_day_per_referral"),
            models.CheckConstraint(
                condition=Q(missed_because="") | Q(attended=False, missed_because__in=Barrier.values),
                name="visit_missed_for_a_reason_of_the_list",
            ),
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=False) | Q(own_report__isnull=False), name="visit_told_by_somebody"
            ),
        ]
        ordering = ("-visited_on", "-pk")
        indexes = [models.Index(fields=("client", "-visited_on"), name="meeting_visit_by_client")]

    def __str__(self) -> str:
        return f"{self.visited_on}"

    @property
    def outcome(self) -> str:
        """Whether they went, and if not, what got in the way."""
        if self.attended:
            return "Went"
        return f"Did not go: {self.get_missed_because_display().lower()}" if self.missed_because else "Did not go"


class InvolvementQuerySet(ClientRecordQuerySet["Involvement"]):
    view_permission = Permission.REFERRAL_VIEW


@tracked
class Involvement(models.Model):
    """A client's involvement in mutual help, by client report on one day. Blank: not asked."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="involvements")
    on = models.DateField("asked on")
    fellowship = models.CharField(max_length=20, choices=Fellowship, blank=True)
    meetings_past_30_days = models.PositiveSmallIntegerField("meetings in the past 30 days", null=True, blank=True)
    home_group = models.BooleanField("has a home group", null=True, blank=True)
    sponsor = models.BooleanField("has a sponsor", null=True, blank=True)
    sponsor_contact = models.BooleanField("contacted their sponsor in the past 30 days", null=True, blank=True)
    service = models.BooleanField("does service work", null=True, blank=True)
    literature = models.BooleanField("reads the literature", null=True, blank=True)
    step_work = models.BooleanField("works the steps or uses the program’s tools", null=True, blank=True)
    sponsors_others = models.BooleanField("sponsors others", null=True, blank=True)
    considers_self_member = models.BooleanField("considers themselves a member", null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = InvolvementQuerySet.as_manager()

    class Meta:
        ordering = ("-on", "-pk")
        constraints = [
            *since_1900("on", prefix="involvement"),
            models.CheckConstraint(
                condition=Q(meetings_past_30_days=None) | Q(meetings_past_30_days__lte=300),
                name="meetings_in_30_days_plausible",
            ),
        ]
        indexes = [models.Index(fields=("client", "-on"), name="involvement_by_client")]

    def __str__(self) -> str:
        return f"{self.on}"

    QUESTIONS = (
        "home_group",
        "sponsor",
        "sponsor_contact",
        "service",
        "literature",
        "step_work",
        "sponsors_others",
        "considers_self_member",
    )
