"""Mutual help when two records become one, and when they are two again (cases/merging asks, by settings)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.db.models import F

from cases.models import Client
from cases.row_changes import Change, changed, changed_together
from privacy.models import Disclosure
from reminders.models import CrisisReply
from reminders.models.crisis import ON_PAGE
from staff import outside
from staff.models import StaffMember

from .models import Conversation, FollowThrough, MeetingVisit, OwnGoal, PrivateLink, Referral
from .models.conversation import LONGEST_WORDS


def settle(*, keep: Client, absorb: Client, by: StaffMember, now: datetime.datetime) -> list[Change]:
    """One conversation goes on, and one of two equal goals: the other one ends and stays readable.

    Referrals need nothing: one visit answers the plans of all to one meeting (`FollowThroughQuerySet.promises`).
    """
    return [*_one_conversation(keep, absorb, by, now), *_one_of_equal_goals(keep, absorb)]


def followers(*, here: int, there: int) -> dict[str, list[int]]:
    """What was typed on a private page to a plan of the other record, and what volunteers were told for a referral."""
    return {"reminders.CrisisReply.client": _typed(here, there), "privacy.Disclosure.client": _told(here, there)}


def _told(here: int, there: int) -> list[int]:
    """Disclosures of the moment and to the volunteer, or the fellowship, of a step that says the client was named."""
    named = FollowThrough.objects.filter(client_was_named=True, referral__client=there).select_related("referral")
    steps = {(each.at, to) for each in named for to in (each.volunteer, each.referral.get_fellowship_display())}
    rows = Disclosure.objects.filter(client=here, disclosed_at__in={at for at, _ in steps})
    told = rows.values_list("pk", "disclosed_at", "recipient")
    return [pk for pk, at, recipient in told if (at, recipient) in steps]


def _typed(here: int, there: int) -> list[int]:
    """By the link that the key of a danger names."""
    told = dict(CrisisReply.objects.filter(client=here, source_key__startswith=ON_PAGE).values_list("pk", "source_key"))
    links = {pk: outside.number(key.removeprefix(ON_PAGE).split("-")[0]) for pk, key in told.items()}
    numbers = {number for number in links.values() if number is not None}
    theirs = PrivateLink.objects.filter(pk__in=numbers, follow_through__referral__client=there)
    of_other = set(theirs.values_list("pk", flat=True))
    return [pk for pk, link in links.items() if link in of_other]


def untangle(keep: Client, absorb: Client) -> None:
    """No referral is a choice in another person's conversation, and no visit has another person's own report."""
    of_both = {"client__in": (keep, absorb)}
    strayed = Referral.objects.filter(**of_both).exclude(conversation=None).exclude(conversation__client=F("client"))
    strayed.update(conversation=None, choice=None)
    visits = MeetingVisit.objects.filter(**of_both, recorded_by__isnull=False).exclude(own_report=None)
    visits.exclude(own_report__link__follow_through__referral__client=F("client")).update(own_report=None)


def _one_conversation(keep: Client, absorb: Client, by: StaffMember, now: datetime.datetime) -> Iterator[Change]:
    """The newest goes on, with what was answered in the other one only."""
    newest, *others = [*Conversation.objects.filter(client__in=(keep, absorb)).open()] or [None]
    if newest is None:
        return
    for other in others:
        if answers := _answers(newest, other):
            yield from changed_together(newest, **answers)
        yield from changed_together(other, finished_at=now, finished_by_id=by.pk)


def _answers(newest: Conversation, other: Conversation) -> dict[str, object]:
    """What the newest one has to learn of the other."""
    found = {
        "tried": newest.tried or other.tried,
        "tried_words": _both(newest.tried_words, other.tried_words),
        "concerns": sorted({*newest.concerns, *other.concerns}),
        "concerns_words": _both(newest.concerns_words, other.concerns_words),
        "concerns_asked_at": newest.concerns_asked_at or other.concerns_asked_at,
    }
    return {name: value for name, value in found.items() if value != getattr(newest, name)}


def _both(one: str, other: str) -> str:
    """The words of both, if a form can take them; what does not fit stays with the choices of the other one."""
    both = "\n".join(dict.fromkeys(filter(None, (one, other))))
    return both if len(both) <= LONGEST_WORDS else one


def _one_of_equal_goals(keep: Client, absorb: Client) -> Iterator[Change]:
    """The one that began first goes on: it counts each visit that the other one would."""
    seen: set[tuple[int, int]] = set()
    today = keep.today
    for goal in OwnGoal.objects.current().filter(client__in=(keep, absorb)).order_by("begins_on", "pk"):
        if goal.ends_on is not None and goal.ends_on < today:
            continue  # over by itself
        if (goal.meetings, goal.days) in seen:
            yield changed(goal, "put_away_on", max(today, goal.begins_on))
        seen.add((goal.meetings, goal.days))
