"""Continuing care by phone after a discharge: what is planned, what is due, what was agreed and what was said.

Nothing is pushed by the discharge: every call follows from its day, from what the client agreed to, and from the calls
that were made. No call is due while they are back in care, or after a death, a transfer or an incarceration.
"""

from __future__ import annotations

import datetime
from typing import TypedDict, Unpack

from django.utils import timezone

from appointments import calls_due
from appointments.call_plan import DueCall, PlannedCall, planned
from appointments.codes import Outcome, Pace, SaidUse
from appointments.models import ContinuingCareChoice, FollowUpCall
from cases.models import Client, TreatmentEpisode
from reminders import standing
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import PLANS, check_days, check_past

__all__ = ["Answers", "DueCall", "PlannedCall", "choose", "due", "planned", "record_call"]

MOST_MEETINGS, HIGHEST_CRAVING = 50, 10


class NotReached(Refusal):
    """Answers of someone who was not reached."""

    sentence = "You entered answers, but the client wasn’t reached. Choose “Reached”, or clear the answers."


class NotDischarged(Refusal):
    """A follow-up call in an ongoing episode."""

    sentence = "This episode is still open. Follow-up calls begin after the discharge."


class BeforeTheDischarge(Refusal):
    """A call before the discharge it follows."""

    sentence = "This time is before the discharge. Check the date."


class NextCallTooEarly(Refusal):
    """A next call that is not after this one."""

    sentence = "The next call must be after this one."


class NotPossible(Refusal):
    """An answer outside its range."""


class Died(Refusal):
    """A call to someone who died."""

    sentence = "The client’s death is on record. There is no one to call."


class Answers(TypedDict, total=False):
    """What was said in a call, and the day of the next one."""

    how_they_are: str
    said_use: str
    said_about_use: str
    meetings: int | None
    craving: int | None
    what_helped: str
    next_on: datetime.date | None


def due(client: Client, on: datetime.date) -> list[DueCall]:
    """Calls that are due by a day and unanswered, the earliest first. Only the last one is still to be made."""
    found = calls_due.of_client(client)
    return [] if found is None or found.why_not else found.plan.due(on)


def choose(*, episode: TreatmentEpisode, pace: str, reason: str, by: StaffMember) -> ContinuingCareChoice:
    """Record what the client agrees to after a discharge, or that they want no calls; at any time, as often as needed.

    Raises NotPermitted, NotPossible.
    """
    demand(by, Permission.FOLLOW_UP_RECORD, episode)
    if pace not in Pace.values:
        raise NotPossible("Choose how often to call.")
    with act("appointments.choose_follow_up", by=by, client=episode.client) as entry:
        choice = ContinuingCareChoice.objects.create(
            client=episode.client,
            episode=episode,
            pace=pace,
            reason=" ".join(reason.split())[:200],
            at=timezone.now(),
            by=by,
        )
        entry.about(choice, pace=pace)
    return choice


def record_call(
    *,
    episode: TreatmentEpisode,
    outcome: str,
    by: StaffMember,
    due_on: datetime.date | None = None,
    at: datetime.datetime | None = None,
    **answers: Unpack[Answers],
) -> FollowUpCall:
    """Record a follow-up call or a try. Use that was told of changes no date: someone records the return to use.

    Raises NotPermitted, NotDischarged, BeforeTheDischarge, NotReached, NextCallTooEarly, NotPossible, Died, LongPast,
    FarAhead, StillAhead.
    """
    demand(by, Permission.FOLLOW_UP_RECORD, episode)
    now = timezone.now()
    at = at or now
    if outcome not in Outcome.values:
        raise NotPossible("Choose whether the client was reached.")
    call = FollowUpCall(
        client=episode.client, episode=episode, outcome=outcome, due_on=due_on, at=at, by=by, **_cleaned(answers)
    )
    if outcome != Outcome.REACHED and _says_something(call):
        raise NotReached
    check_past(at, now=now)
    check_days(due_on)
    called_on = timezone.localdate(at, episode.client.clinic.zone)
    check_days(call.next_on, ahead=PLANS, today=called_on)
    if call.next_on is not None and call.next_on <= called_on:
        raise NextCallTooEarly
    if episode.discharged_on is None:
        raise NotDischarged
    if called_on < episode.discharged_on:
        raise BeforeTheDischarge
    if standing.died(episode.client):
        raise Died
    with act("appointments.record_call", by=by, client=episode.client) as entry:
        call.save(force_insert=True)
        entry.about(call, outcome=outcome, said_use=call.said_use)
    return call


def _cleaned(answers: Answers) -> Answers:
    said: Answers = {**answers}
    if "how_they_are" in said:
        said["how_they_are"] = said["how_they_are"].strip()
    if "said_about_use" in said:
        said["said_about_use"] = said["said_about_use"].strip()
    if "what_helped" in said:
        said["what_helped"] = said["what_helped"].strip()
    if said.get("said_use", "") not in SaidUse.values:
        raise NotPossible("Choose yes or no, or leave it blank.")
    for number, highest, sentence in (
        (said.get("meetings"), MOST_MEETINGS, f"Enter a number of meetings from 0 to {MOST_MEETINGS}."),
        (said.get("craving"), HIGHEST_CRAVING, f"Craving goes from 0 to {HIGHEST_CRAVING}."),
    ):
        if number is not None and not 0 <= number <= highest:
            raise NotPossible(sentence)
    return said


def _says_something(call: FollowUpCall) -> bool:
    words = call.how_they_are or call.said_use or call.said_about_use or call.what_helped
    return bool(words) or call.meetings is not None or call.craving is not None
