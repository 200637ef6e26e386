from __future__ import annotations

import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from cases.models import Client, TreatmentEpisode
from cases.models.visibility import ClientRecordQuerySet
from referrals.fellowships import Fellowship
from staff.access import Permission
from staff.history import tracked

from .directory import Meeting
from .followthrough import CLOSING_STEPS, FollowThrough, MeetingVisit, Step


class ReferralQuerySet(ClientRecordQuerySet["Referral"]):
    view_permission = Permission.REFERRAL_VIEW

    def with_state(self) -> Self:
        """Annotate `state` (the latest step that changes the status), `state_at`, and the latest promise.

        `planned_for` is its moment, `is_answered` whether a visit answered it (`FollowThroughQuerySet.promises`; None
        without one), `went_last` whether the client went on the latest day reported.
        """
        rows: Any = FollowThrough.objects.filter(referral=OuterRef("pk")).order_by("-pk")
        visits = MeetingVisit.objects.filter(referral=OuterRef("pk")).order_by("-visited_on", "-pk")
        moving = rows.exclude(step__in=(Step.MISSED, Step.NOTE))
        return self.annotate(
            state=Subquery(moving.values("step")[:1]),
            state_at=Subquery(moving.values("at")[:1]),
            planned_for=Subquery(rows.promises().values("planned_for")[:1]),
            is_answered=Subquery(rows.promises().values("is_answered")[:1]),
            went_last=Subquery(visits.values("attended")[:1]),
        )

    def in_state(self, state: str) -> Self:
        """Referrals with this status."""
        return self.with_state().filter(state=state)

    def open(self) -> Self:
        """Neither declined nor ended."""
        return self.exclude(Q(pk__in=FollowThrough.objects.filter(step__in=CLOSING_STEPS).values("referral")))


@tracked
class Referral(models.Model):
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
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ReferralQuerySet.as_manager()

    # Read from the journal by `with_state`.
    state: str
    state_at: datetime.datetime
    planned_for: datetime.datetime | None
    is_answered: bool | None
    went_last: bool | None

    class Meta:
        ordering = ("-offered_at", "-pk")
        indexes = [models.Index(fields=("client", "-offered_at"), name="referral_by_client")]

    def __str__(self) -> str:
        return (
            f"{self.get_fellowship_display()}: {self.meeting.name}" if self.meeting else self.get_fellowship_display()
        )

    @property
    def state_label(self) -> str:
        """Its status in words."""
        return str(Step(self.state).label)

    @property
    def promised_for(self) -> datetime.datetime | None:
        """When the client means to go next, as far as no visit answered that."""
        return None if self.is_answered or not self.is_open else self.planned_for

    @property
    def is_open(self) -> bool:
        """Neither declined nor ended."""
        return self.state not in CLOSING_STEPS
