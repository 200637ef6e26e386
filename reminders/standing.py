"""Which kinds of message a client may get, given their care status when the message is sent.

The one owner of that question. It is checked at send time and by every page that shows what will be sent. Nothing is
canceled ahead of time, so undoing a discharge lets the next reminder go out. No messages go out after a death.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cases.codes import DischargeReason
from cases.models import Client, Inquiry, TreatmentEpisode
from reminders import causes
from reminders.kinds import KINDS, Needs
from reminders.models import Reminder
from staff.prepared import IsOneOf
from staff.reading import Reading, reads, rows

DIED = "the client died"
AFTER_A_DEATH = "No messages go out after a death. Cancel anything still scheduled."
CARE_HAS_ENDED = "No messages go out after care has ended. If you still expect the client, call them."
# Someone else follows up, or others have the client's phone and mail.
NOT_FOLLOWED_UP = {
    DischargeReason.TRANSFERRED: "the client was transferred to another provider",
    DischargeReason.INCARCERATED: "the client is incarcerated, and others may read messages",
}


@dataclass(frozen=True)
class CareStatus:
    """A client's episodes and the day of the newest open call about them."""

    episodes: list[TreatmentEpisode] = field(default_factory=list)
    called_at: datetime.datetime | None = None

    @property
    def died(self) -> bool:
        """Whether any episode ended with the client's death."""
        return any(each.discharge_reason == DischargeReason.DIED for each in self.episodes)

    @property
    def open(self) -> list[TreatmentEpisode]:
        """The episodes that go on."""
        return [each for each in self.episodes if each.discharged_on is None]

    @property
    def last_discharge(self) -> TreatmentEpisode | None:
        """The latest episode that ended."""
        ended = [each for each in self.episodes if each.discharged_on is not None]
        return max(ended, key=lambda each: (each.discharged_on, each.pk), default=None)


@reads
def standings(client_ids: Iterable[int]) -> Reading[dict[int, CareStatus]]:
    """The care status of several clients, in two queries."""
    ids = set(client_ids)
    found: dict[int, list[TreatmentEpisode]] = {pk: [] for pk in ids}
    stays = TreatmentEpisode.objects.filter(IsOneOf("client", ids)).only(
        "client_id", "admitted_on", "discharged_on", "discharged_at", "discharge_reason"
    )
    for episode in (yield from rows(stays)) if ids else ():
        found[episode.client_id].append(episode)
    ended = [pk for pk, episodes in found.items() if episodes and all(each.discharged_on for each in episodes)]
    calls: dict[int, datetime.datetime] = {}
    if ended:
        calling = Inquiry.objects.open().filter(client__in=ended).order_by("taken_at")
        calls = dict((yield from rows(calling.values_list("client", "taken_at"))))
    return {pk: CareStatus(episodes, calls.get(pk)) for pk, episodes in found.items()}


def died(client: Client) -> bool:
    """Whether the client's death is on record."""
    return standings([client.pk])[client.pk].died


def why_not(reminder: Reminder, standing: CareStatus, *, agreed: bool = False) -> str:
    """Why this message may not go to this client now; empty if it may.

    `agreed`: it is about something that the client agreed to for after their care (`after_care`).
    """
    episode_id = reminder.context.get("episode_id")
    return _why_not(reminder.kind, standing, since=reminder.created_at, episode_id=episode_id, agreed=agreed)


@reads
def after_care(reminders: Iterable[Reminder], known: Mapping[int, CareStatus]) -> Reading[set[int]]:
    """Which of these would be held back, but are about something agreed on for after care. None: no query."""
    held = [
        each
        for each in reminders
        if KINDS[each.kind].needs == Needs.CARE
        and (status := known.get(client_of(each) or 0)) is not None
        and why_not(each, status)
    ]
    return (yield from causes.after_care.part(held)) if held else set()


def client_of(reminder: Reminder) -> int | None:
    """The id of the client it is for, or that a colleague is reminded about; None if not given."""
    return reminder.client_id or reminder.context.get("client_id")


def why_not_about(kind: str, client: Client) -> str:
    """The same for a reminder to a colleague about a client, used by the app that owns its cause."""
    return why_not_now(kind, standings([client.pk])[client.pk])


def why_not_now(kind: str, standing: CareStatus) -> str:
    """The same for something that is planned and no reminder yet, such as a follow-up call."""
    return _why_not(kind, standing, since=None, episode_id=None, agreed=False)


def _why_not(
    kind: str, standing: CareStatus, *, since: datetime.datetime | None, episode_id: int | None, agreed: bool
) -> str:
    needs = KINDS[kind].needs
    if needs == Needs.NOTHING:
        return ""
    if standing.died:
        return DIED  # whatever else is open: no messages, and no one is sent to call
    last = standing.last_discharge
    if needs == Needs.CARE:
        if agreed and last is not None and not standing.open:
            return NOT_FOLLOWED_UP.get(DischargeReason(last.discharge_reason), "")
        return _care_ended(standing, last, since, episode_id)
    if needs == Needs.IN_CARE and not standing.open:
        return _ended(last) if last else "the client is not in care"
    if needs == Needs.AFTER_DISCHARGE:
        if standing.open:
            return "the client is in care again"
        if last is None:
            return "no discharge is on record"
    if needs in (Needs.AFTER_DISCHARGE, Needs.LIFE) and kind.startswith("client_") and last and not standing.open:
        return NOT_FOLLOWED_UP.get(DischargeReason(last.discharge_reason), "")
    return ""


def _care_ended(
    standing: CareStatus, last: TreatmentEpisode | None, since: datetime.datetime | None, episode_id: int | None
) -> str:
    """Why the care that a message belongs to has ended; empty if it is ongoing, or new care begins."""
    own = next((each for each in standing.episodes if each.pk == episode_id), None)
    if own is not None:
        return _ended(own) if own.discharged_on else ""
    if last is None:
        return ""  # in care, or not admitted yet: a first visit
    if not standing.open:
        ended_at = last.discharged_at
        begins = standing.called_at is not None and (ended_at is None or standing.called_at > ended_at)
        made_since = since is None or ended_at is None or since > ended_at
        return "" if begins and made_since else _ended(last)
    # Back in care: what was planned in the episode before ended with it, unless care went on beside it.
    from_before = since is not None and last.discharged_at is not None and since < last.discharged_at
    went_on = any(last.discharged_on is not None and each.admitted_on < last.discharged_on for each in standing.open)
    return _ended(last) if from_before and not went_on else ""


def _ended(episode: TreatmentEpisode) -> str:
    return NOT_FOLLOWED_UP.get(DischargeReason(episode.discharge_reason), "the client was discharged")
