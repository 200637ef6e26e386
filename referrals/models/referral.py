from __future__ import annotations

import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.people.deaths import has_died
from referrals.clock_words import Said, said
from referrals.fellowships import Fellowship
from referrals.next_time import next_start_of
from staff.access import Permission
from staff.history import tracked

from .at_a_meeting import AtAMeeting, AtAMeetingQuerySet
from .conversation import MOST_CHOICES, Conversation
from .directory import Meeting
from .followthrough import CLOSING_STEPS, Displaced, FollowThrough, Step
from .own_report import OwnReport


class ReferralQuerySet(AtAMeetingQuerySet["Referral"]):
    view_permission = Permission.REFERRAL_VIEW

    def with_state(self) -> Self:
        """Annotate `state`, `state_at`, `touched_at` (the latest row of the journal), and the latest promise.

        The state is the latest step that changes it; whoever takes part stays engaged until the referral is closed, and
        an attended meeting whose report was corrected does not count. `planned_for` is the promise's moment,
        `is_answered` whether nothing is left to ask about it, `displaced` why its meeting is not held then
        (`FollowThroughQuerySet.promises`; None without one), `went_last` whether the client went on the latest day
        of which its journal tells.
        """
        rows: Any = FollowThrough.objects.filter(referral=OuterRef("pk")).order_by("-pk")
        lasting = Case(
            When(step__in=CLOSING_STEPS, then=Value(2)), When(step=Step.ENGAGED, then=Value(1)), default=Value(0)
        )
        moving = (
            rows.exclude(step__in=(Step.MISSED, Step.NOTE))
            .exclude(step=Step.ATTENDED, visit__attended=False)
            .order_by(lasting.desc(), "-pk")
        )
        return self.annotate(
            state=Subquery(moving.values("step")[:1]),
            state_at=Subquery(moving.values("at")[:1]),
            touched_at=Subquery(rows.values("at")[:1]),
            planned_for=Subquery(rows.promises().values("planned_for")[:1]),
            is_answered=Subquery(rows.promises().values("is_answered")[:1]),
            displaced=Subquery(rows.promises().values("displaced")[:1]),
            went_last=_went_last(),
        )

    def with_wish(self) -> Self:
        """Annotate `wishes_again`: by a private link the client said last that they mean to go to the next one, and
        staff have not written in the journal since. The one owner of this rule.
        """
        said = OwnReport.objects.filter(link__follow_through__referral=OuterRef("pk")).order_by("-said_at", "-pk")
        staff = FollowThrough.objects.filter(referral=OuterRef("pk"), by__isnull=False).order_by("-at")
        return self.alias(
            said_again=Subquery(said.values("again")[:1]),
            said_at=Subquery(said.values("said_at")[:1]),
            staff_wrote_at=Subquery(staff.values("at")[:1]),
        ).annotate(
            wishes_again=Case(When(Q(said_again=True, said_at__gt=F("staff_wrote_at")), then=True), default=False)
        )

    def with_miss(self) -> Self:
        """Annotate `missed_undiscussed`: by the latest day told of the client did not go, and staff have taken no step
        since they heard of it: what got in the way is still to be discussed. The one owner of this rule.
        """
        steps = FollowThrough.objects.filter(referral=OuterRef("pk")).order_by("-pk")
        return self.alias(
            latest_went=_went_last(),
            heard=Subquery(steps.filter(step=Step.MISSED).values("pk")[:1]),
            discussed=Subquery(steps.filter(by__isnull=False, visit=None).values("pk")[:1]),
        ).annotate(
            missed_undiscussed=Case(When(Q(latest_went=False, heard__gt=F("discussed")), then=True), default=False)
        )

    def in_state(self, state: str) -> Self:
        """Referrals with this status."""
        return self.with_state().filter(state=state)

    def with_death(self) -> Self:
        """With `has_died`: the client's death is on record."""
        return self.annotate(has_died=has_died("client"))

    def of_the_living(self) -> Self:
        """Whose client may still be asked: no more tasks are shown for who has died."""
        return self.exclude(has_died("client"))

    def open(self) -> Self:
        """Neither declined nor ended."""
        return self.exclude(Q(pk__in=FollowThrough.objects.filter(step__in=CLOSING_STEPS).values("referral")))


def _went_last() -> Subquery:
    """Whether the client went on the latest day of which the journal tells, also of a visit kept under another referral
    to the same meeting, as that report stands now.
    """
    told = FollowThrough.objects.filter(referral=OuterRef("pk"), visit__client=OuterRef("client"))
    return Subquery(told.order_by("-visit__visited_on", "-visit").values("visit__attended")[:1])


@tracked
class Referral(AtAMeeting, models.Model):
    """A mutual-help group offered to a client. Its status is not stored: it follows from its follow-through rows."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="referrals")
    episode = models.ForeignKey(
        TreatmentEpisode, on_delete=models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    fellowship = models.CharField(max_length=20, choices=Fellowship)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="referrals")
    experience = models.TextField(
        "experience and concerns",
        blank=True,
        help_text="The client’s experience with these groups and any concerns.",
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, null=True, blank=True, related_name="choices"
    )
    choice = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Which of up to three it is in the conversation."
    )
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ReferralQuerySet.as_manager()

    # Read from the journal by `with_state`.
    state: str
    state_at: datetime.datetime
    touched_at: datetime.datetime
    planned_for: datetime.datetime | None
    is_answered: bool | None
    displaced: str | None
    went_last: bool | None
    wishes_again: bool  # by `with_wish`
    missed_undiscussed: bool  # by `with_miss`
    has_died: bool  # by `with_death`
    at_clinic: int  # by `with_lead`

    class Meta:
        ordering = ("-offered_at", "-pk")
        indexes = [models.Index(fields=("client", "-offered_at"), name="referral_by_client")]
        constraints = [
            models.UniqueConstraint(fields=("conversation", "choice"), name="choice_once_in_a_conversation"),
            models.CheckConstraint(
                condition=Q(conversation=None, choice=None)
                | Q(conversation__isnull=False, choice__isnull=False, choice__gte=1, choice__lte=MOST_CHOICES),
                name="conversation_has_up_to_three_choices",
            ),
        ]

    def __str__(self) -> str:
        fellowship = self.get_fellowship_display()
        return f"{fellowship}: {self.lead.name}" if self.lead is not None else fellowship

    def say(self, moment: datetime.datetime) -> Said:
        """A time of the meeting in words: on its clock, and on the client's if that differs."""
        there = self.lead.zone if self.lead is not None else self.client.clinic.zone
        return said(moment, there=there, reader=self.client.zone, whose=self.client.called)

    @property
    def when_words(self) -> str:
        """When the meeting is held each week, in words; blank without one."""
        if self.lead is None:
            return ""
        starts = next_start_of(self.lead, timezone.now())
        return self.say(starts).weekly if starts is not None else self.lead.when

    @property
    def promised_words(self) -> str:
        """When the client means to go next, in words; blank if they don't."""
        return str(self.say(self.promised_for)) if self.promised_for is not None else ""

    def is_to_ask(self, now: datetime.datetime) -> bool:
        """Whether it is time to ask how it was: the client meant to go, and nothing was heard."""
        return self.promised_for is not None and self.promised_for < now

    @property
    def state_label(self) -> str:
        """Its status in words."""
        return str(Step(self.state).label)

    @property
    def promised_for(self) -> datetime.datetime | None:
        """When the client means to go next, as far as no visit answered that."""
        return None if self.is_answered or not self.is_open else self.planned_for

    @property
    def displaced_words(self) -> str:
        """What the list says of the meeting's day, where it contradicts what was agreed; blank where it doesn't."""
        if self.promised_for is None or not self.displaced or self.lead is None:
            return ""
        if self.displaced == Displaced.MOVED:
            return f"{self.lead.name} is now listed for {self.when_words}"
        if self.displaced == Displaced.CLOSED:
            return f"{self.lead.name} isn’t meeting now, says its list"
        return f"{self.lead.name} is no longer listed"

    @property
    def is_open(self) -> bool:
        """Neither declined nor ended."""
        return self.state not in CLOSING_STEPS
