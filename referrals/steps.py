"""The journal of a referral: who writes into it, in turns, and how it stands."""

from __future__ import annotations

import datetime
from typing import TypedDict, Unpack

from cases.models import Client
from staff import sent_twice
from staff.models import StaffMember
from staff.refusals import Refusal

from .models import FollowThrough, MeetingVisit, Referral
from .models.followthrough import CLOSING_STEPS, Step


class StepFacts(TypedDict, total=False):
    """What a step may say besides its kind, its moment and its author."""

    planned_for: datetime.datetime
    volunteer: str
    client_was_named: bool
    note: str
    visit: MeetingVisit
    reports_danger: bool


class ReferralClosed(Refusal):
    """A referral that was declined or ended stays so."""

    sentence = "This referral is closed. To try again, offer it again."


def state_of(referral: Referral) -> str:
    """The referral's current status."""
    return Referral.objects.with_state().get(pk=referral.pk).state


def take_turns(client: Client) -> None:
    """Lock the client's referrals, always in one order: a report of a visit may answer the plans of several."""
    of_client = Referral.objects.filter(client=client).order_by("pk")
    list(of_client.select_for_update(of=("self",), no_key=True).values_list("pk"))


def lock_open(referral: Referral) -> None:
    """Take turns with everybody who writes into the client's journals. Raises ReferralClosed."""
    take_turns(referral.client)
    if FollowThrough.objects.filter(referral=referral, step__in=CLOSING_STEPS).exists():
        raise ReferralClosed


def take(
    referral: Referral,
    step: Step,
    *,
    by: StaffMember | None,
    at: datetime.datetime,
    **facts: Unpack[StepFacts],
) -> FollowThrough:
    """Write a step down, after `lock_open`. `by` is None for what the client says by a private link."""
    facts["note"] = facts.get("note", "").strip()
    return FollowThrough.objects.create(referral=referral, step=step, at=at, by=by, **facts)


def just_taken(
    referral: Referral, step: Step, *, by: StaffMember, at: datetime.datetime, **facts: Unpack[StepFacts]
) -> FollowThrough | None:
    """The same step, if it was the last one taken, a moment ago by the same person: one form that came twice."""
    last = FollowThrough.objects.filter(referral=referral).order_by("-pk").values("pk")[:1]
    same = FollowThrough.objects.filter(pk__in=last, step=step, by=by, at__range=(sent_twice.since(at), at), **facts)
    return same.first()
