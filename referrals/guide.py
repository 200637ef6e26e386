"""The conversation before a referral, step by step; each step can be left and taken up again.

What was tried before, concerns, choosing among equals, a call with the client in the room, and a date. The last two are
steps of the chosen referrals (`referring.link`, `referring.plan`).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from cases.models import Client
from staff.access import Permission, demand
from staff.acts import act
from staff.days import day_in_words
from staff.models import StaffMember
from staff.refusals import Refusal

from . import referring
from .fellowships import Fellowship
from .models import Conversation, FollowThrough, Meeting, Referral
from .models.conversation import MOST_CHOICES, Concern, Tried
from .models.followthrough import Step


class EnoughChosen(Refusal):
    """Three are chosen: more are a list of addresses, not a choice."""

    sentence = "Three are chosen. Take one off the list to choose another."


class AlreadyFinished(Refusal):
    """The conversation came to its end, perhaps in another tab."""

    sentence = "This conversation is finished. Start another one."


class FinishedMeanwhile(Refusal):
    """Sent from a page of a conversation that came to its end since: as part of a new one it would say less than was
    said, and nobody asked for a new one.
    """

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        finished = timezone.localdate(conversation.finished_at, conversation.client.clinic.zone)
        super().__init__(
            f"This conversation was finished on {day_in_words(finished)} by {conversation.finished_by}. Send this "
            "again to begin a new one with it, or leave it."
        )


@dataclass(frozen=True)
class Stage:
    """One step of the conversation, in its order."""

    key: str
    label: str


STAGES = (
    Stage("tried", "Tried before"),
    Stage("concerns", "Concerns"),
    Stage("choose", "Choose"),
    Stage("call", "Call together"),
    Stage("day", "Set a date"),
)
KEYS = tuple(stage.key for stage in STAGES)


def ring(start: int) -> list[Fellowship]:
    """The fellowships in alphabetical order, beginning with another one for each client: none always comes first."""
    named = [each for each in Fellowship if each != Fellowship.OTHER]
    at = start % len(named)
    return [*named[at:], *named[:at], Fellowship.OTHER]


def remember_tried(
    *,
    client: Client,
    tried: str,
    by: StaffMember,
    words: str = "",
    reports_danger: bool = False,
    talk: int | None = None,
    at: datetime.datetime | None = None,
) -> Conversation:
    """Record what the client says of mutual help so far. Begins the conversation if none is open.

    `reports_danger`: thoughts of suicide or an attempt were told meanwhile (referrals.dangers). Raises what
    `check_goes_on` raises for the `talk` that the page was opened in.
    """
    check_goes_on(client=client, talk=talk, by=by, reports_danger=reports_danger, at=at)
    with act("referrals.guide_tried", by=by, client=client) as entry:
        conversation = _open(client, by, at)
        conversation.tried, conversation.tried_words = Tried(tried), words.strip()
        conversation.save(update_fields=["tried", "tried_words"])
        _keep_danger(conversation, reports_danger, by=by, at=at)
        entry.about(conversation, tried=tried)
    return conversation


def remember_concerns(
    *,
    client: Client,
    concerns: Iterable[str],
    by: StaffMember,
    words: str = "",
    reports_danger: bool = False,
    talk: int | None = None,
    at: datetime.datetime | None = None,
) -> Conversation:
    """Record what concerns the client; none is an answer, too. Begins the conversation if none is open.

    Raises what `check_goes_on` raises for the `talk` that the page was opened in.
    """
    check_goes_on(client=client, talk=talk, by=by, reports_danger=reports_danger, at=at)
    named = [Concern(each).value for each in concerns]
    with act("referrals.guide_concerns", by=by, client=client) as entry:
        conversation = _open(client, by, at)
        conversation.concerns, conversation.concerns_words = sorted(set(named)), words.strip()
        conversation.concerns_asked_at = at or timezone.now()
        conversation.save(update_fields=["concerns", "concerns_words", "concerns_asked_at"])
        _keep_danger(conversation, reports_danger, by=by, at=at)
        entry.about(conversation, concerns=conversation.concerns)
    return conversation


def check_goes_on(
    *,
    client: Client,
    talk: int | None,
    by: StaffMember,
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> None:
    """Raise FinishedMeanwhile if the conversation that a page was opened in came to its end since.

    A danger that was told in it is kept with it all the same, before anything is asked.
    """
    demand(by, Permission.REFERRAL_MAKE, client)
    if talk is None:
        return
    ended = Conversation.objects.filter(client=client, pk=talk, finished_at__isnull=False)
    conversation = ended.select_related("client__clinic", "finished_by").first()
    if conversation is not None:
        _keep_danger(conversation, reports_danger, by=by, at=at)
        raise FinishedMeanwhile(conversation)


def _keep_danger(
    conversation: Conversation, is_reported: bool, *, by: StaffMember, at: datetime.datetime | None
) -> None:
    """Keep that a danger was told, in an act of its own: told again, it is another one. Without it nothing changes."""
    if not is_reported:
        return
    with act("referrals.guide_danger", by=by, client=conversation.client) as entry:
        conversation.danger_told_at, conversation.danger_told_to = at or timezone.now(), by
        conversation.save(update_fields=["danger_told_at", "danger_told_to"])
        entry.about(conversation)


def choose(
    *,
    client: Client,
    by: StaffMember,
    meeting: Meeting | None = None,
    fellowship: str = "",
    at: datetime.datetime | None = None,
) -> Referral:
    """Choose a meeting, or a fellowship for a start: it is offered, or what is on offer already becomes a choice.

    At most three at a time. Raises EnoughChosen, referring.MeetingNotHeld.
    """
    demand(by, Permission.REFERRAL_MAKE, client)
    with act("referrals.guide_choose", by=by, client=client) as entry:
        conversation = _open(client, by, at)
        referring.take_turns(client)
        fellowship = meeting.fellowship if meeting is not None else Fellowship.read(fellowship)
        referral = referring.on_offer(client=client, meeting=meeting, fellowship=fellowship)
        if referral is not None and referral.conversation_id == conversation.pk:
            entry.nothing_changed()
            return referral
        # One that was declined or ended meanwhile is no choice any more: nobody could take it off the page.
        held = Referral.objects.filter(conversation=conversation)
        for closed in held.exclude(pk__in=held.filter(client=client).open()):
            closed.conversation = closed.choice = None
            closed.save(update_fields=["conversation", "choice"])
        chosen = set(held.values_list("choice", flat=True))
        free = [number for number in range(1, MOST_CHOICES + 1) if number not in chosen]
        if not free:
            raise EnoughChosen
        if referral is None:
            referral = referring.offer(client=client, meeting=meeting, fellowship=fellowship, by=by, at=at)
        referral.conversation, referral.choice = conversation, free[0]
        referral.save(update_fields=["conversation", "choice"])
        entry.about(referral, fellowship=referral.fellowship)
    return referral


def put_back(*, referral: Referral, by: StaffMember) -> None:
    """Take a choice off the list. What was only offered is recorded as declined; what is under way goes on."""
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    with act("referrals.guide_put_back", by=by, client=referral.client) as entry:
        referring.take_turns(referral.client)
        state = referring.state_of(referral)
        referral.conversation = referral.choice = None
        referral.save(update_fields=["conversation", "choice"])
        if state == Step.OFFERED:
            referring.decline(referral=referral, by=by)
        entry.about(referral)


def finish(*, conversation: Conversation, by: StaffMember, at: datetime.datetime | None = None) -> Conversation:
    """Close the conversation, wherever it stands; what was chosen goes on. Raises AlreadyFinished."""
    demand(by, Permission.REFERRAL_MAKE, conversation.client)
    with act("referrals.guide_finish", by=by, client=conversation.client) as entry:
        row = Conversation.objects.select_for_update(of=("self",), no_key=True).get(pk=conversation.pk)
        if row.finished_at is not None:
            raise AlreadyFinished
        row.finished_at, row.finished_by = at or timezone.now(), by
        row.save(update_fields=["finished_at", "finished_by"])
        entry.about(row)
    return row


def done(conversation: Conversation | None, choices: Sequence[Referral]) -> set[str]:
    """Which steps have their answer. One query, for what came of the choices."""
    found = set()
    if conversation is not None and conversation.tried:
        found.add("tried")
    if conversation is not None and conversation.concerns_asked_at is not None:
        found.add("concerns")
    if choices:
        found.add("choose")
        taken = set(FollowThrough.objects.filter(referral__in=choices).values_list("step", flat=True))
        found |= {key for key, step in (("call", Step.LINKED), ("day", Step.PLANNED)) if step in taken}
    return found


def next_stage(finished: set[str]) -> str:
    """The first step without an answer; the last one if all have theirs."""
    return next((key for key in KEYS if key not in finished), KEYS[-1])


def _open(client: Client, by: StaffMember, at: datetime.datetime | None) -> Conversation:
    """The conversation that is open, or a new one; locked, so that two people at once answer in one."""
    Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)
    found = Conversation.objects.filter(client=client).open().first()
    if found is not None:
        return found
    return Conversation.objects.create(
        client=client,
        episode=client.episodes.open().order_by("-admitted_on").first(),
        started_at=at or timezone.now(),
        started_by=by,
    )
