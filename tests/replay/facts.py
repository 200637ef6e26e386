"""What is on record about each client, with the moments from which it was, for the second opinion (oracle.py)."""

from __future__ import annotations

import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q

from appointments.models import ContinuingCareChoice
from cases.models import Client, ContactPoint, TreatmentEpisode
from privacy.models import Consent
from reminders.models import ClientChoice, ContactOrder, DeliveryAttempt, OptOut

from .life import Journal

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
OPENS, CLOSES = datetime.time(8), datetime.time(21)
TO_COME = {"booked", "confirmed", "reopened"}
CANCELED = {"late_cancel", "by_client", "by_clinic"}
NOT_FOLLOWED_UP = {"transferred", "incarcerated"}
ALWAYS: Callable[[datetime.datetime], bool] = lambda at: True  # noqa: E731

# What someone relies on; then, changes before what is ahead, that before what may be done any day, kind words last.
PROMISES = {
    "client_appointment",
    "client_moved",
    "client_canceled",
    "client_missed_appointment",
    "client_meeting_followup",
}
RANKS = (
    {"client_moved", "client_canceled"},
    {"client_appointment"},
    {"client_missed_appointment", "client_meeting_followup"},
    {"client_group"},
    {"client_continuing_care", "client_checkup"},
    {"client_booked"},
    {"client_milestone"},
)


@dataclass
class Message:
    """A message that somebody wanted sent."""

    kind: str
    born: datetime.datetime
    due: datetime.datetime
    not_after: datetime.datetime | None = None
    holds: Callable[[datetime.datetime], bool] = ALWAYS
    withdrawn: Callable[[datetime.datetime], bool] = lambda at: False
    words: tuple[str, ...] = ()
    booked: datetime.datetime | None = None  # of a visit
    for_after_care: bool = False  # a follow-up visit or a checkup

    @property
    def is_promise(self) -> bool:
        """Whether someone relies on it, by the table of kinds."""
        return self.kind in PROMISES

    @property
    def place(self) -> tuple[int, float]:
        """Which goes first where not both can; of two alike, the one that is sooner of no use."""
        place = next(place for place, kinds in enumerate(RANKS) if self.kind in kinds)
        return place, self.not_after.timestamp() if self.not_after else float("inf")


@dataclass
class Way:
    """An address or number with what was signed for it, and when the client said stop and start there."""

    value: str
    consents: list[tuple[datetime.datetime, datetime.datetime | None, datetime.date | None]]
    outs: list[tuple[datetime.datetime, datetime.datetime | None]]

    def is_open(self, at: datetime.datetime, today: datetime.date) -> bool:
        """A consent that was not revoked and has not expired, and no opt-out."""
        if any(since <= at and (until is None or until > at) for since, until in self.outs):
            return False
        return any(
            since <= at and (until is None or until > at) and (last is None or last >= today)
            for since, until, last in self.consents
        )


@dataclass
class Facts:
    """Of one client, with the moments from which they were on record."""

    client: Client
    zone: zoneinfo.ZoneInfo
    ways: list[Way]  # in the client's own order
    stays: list[tuple[TreatmentEpisode, datetime.datetime]]  # and when the admission was on record
    planned_in: zoneinfo.ZoneInfo  # where they lived before this month: what was planned then keeps its time
    sent_before: list[datetime.datetime] = field(default_factory=list)
    unwanted: set[str] = field(default_factory=set)  # kinds that they chose not to get
    unfollowed: set[int] = field(default_factory=set)  # stays after which they want no follow-up

    def local(self, at: datetime.datetime) -> datetime.datetime:
        return at.astimezone(self.zone)

    def at_local(self, day: datetime.date, time: datetime.time) -> datetime.datetime:
        return datetime.datetime.combine(day, time, self.zone).astimezone(datetime.UTC)

    def open_stays(self, at: datetime.datetime) -> list[TreatmentEpisode]:
        return [each for each, since in self.stays if since <= at and not ended(each, at)]

    def ended_stays(self, at: datetime.datetime) -> list[TreatmentEpisode]:
        return [each for each, since in self.stays if since <= at and ended(each, at)]

    def died(self, at: datetime.datetime) -> bool:
        return any(each.discharge_reason == "died" for each in self.ended_stays(at))

    def written_to(self, at: datetime.datetime) -> str:
        """Where a message goes: the first of the client's ways that is open; empty if none is."""
        today = self.local(at).date()  # the days of a consent are the clinic's; none here begins or ends in this month
        return next((way.value for way in self.ways if way.is_open(at, today)), "")

    def in_right_care(self, message: Message, at: datetime.datetime) -> bool:
        """“Who gets no messages” in docs/reminders.md."""
        if self.died(at):
            return False
        there, ended = self.open_stays(at), self.ended_stays(at)
        last = max(ended, key=lambda each: (each.discharged_on, each.pk), default=None)
        if message.kind in {"client_milestone", "client_group"}:
            return bool(there)
        if message.kind == "client_continuing_care":
            return not there and last is not None and last.discharge_reason not in NOT_FOLLOWED_UP
        if there:
            # What was planned in a stay that ended is not for the next one, unless care went on beside it.
            return (
                last is None
                or message.born > last.discharged_at
                or any(each.admitted_on < last.discharged_on for each in there)
            )
        if last is None:
            return True
        if message.booked is None or last.pk in self.unfollowed or last.discharge_reason in NOT_FOLLOWED_UP:
            return False
        # A visit after care: made for it, or agreed on since.
        return message.for_after_care or (last.discharged_at is not None and message.booked > last.discharged_at)


def ended(stay: TreatmentEpisode, at: datetime.datetime) -> bool:
    return stay.discharged_on is not None and (stay.discharged_at is None or stay.discharged_at <= at)


def everyone(begin: datetime.datetime, journal: Journal) -> Iterator[Facts]:
    outs: dict[str, list[tuple[datetime.datetime, datetime.datetime | None]]] = defaultdict(list)
    for out in OptOut.objects.all():
        outs[out.contact_value].append((out.received_at, out.lifted_at))
    for client in Client.objects.select_related("clinic"):
        ways = _ways(client, outs)
        addresses = [way.value for way in ways]
        if not ways:
            continue
        yield Facts(
            client=client,
            zone=client.zone,
            ways=ways,
            stays=[
                (each, journal.admitted.get(each.pk, begin))
                for each in TreatmentEpisode.objects.filter(client=client).select_related("program")
            ],
            unwanted=set(ClientChoice.objects.filter(client=client, is_wanted=False).values_list("kind", flat=True)),
            planned_in=journal.zones.get(client.pk, client.zone),
            unfollowed=_unfollowed(client),
            sent_before=list(
                DeliveryAttempt.objects.filter(
                    Q(reminder__client=client) | Q(contact_value__in=addresses),
                    outcome="sent",
                    started_at__lt=begin,
                    started_at__gt=begin - 8 * DAY,
                ).values_list("started_at", flat=True)
            ),
        )


def _unfollowed(client: Client) -> set[int]:
    """By what they last said before this month: no one here changes it."""
    said = ContinuingCareChoice.objects.filter(episode__client=client).order_by("at", "pk")
    return {episode for episode, pace in dict(said.values_list("episode", "pace")).items() if pace == "none"}


def _ways(client: Client, outs: dict[str, list[tuple[datetime.datetime, datetime.datetime | None]]]) -> list[Way]:
    """By email and by text, in the order that the client asked for, else by email first. No one here wants calls."""
    order = ContactOrder.objects.filter(client=client).order_by("-pk").values_list("ways", flat=True).first() or []
    points = list(ContactPoint.objects.filter(client=client, messages_ok=True, ended_at=None).order_by("kind", "pk"))
    keys = {f"{'email' if point.kind == 'email' else 'sms'}:{point.pk}": point for point in points}
    found = []
    for key in sorted(keys, key=lambda key: order.index(key) if key in order else len(order)):
        channel, value = key.partition(":")[0], keys[key].normalized
        forms = Consent.objects.filter(
            client=client, type="reminder_contact", contact_channel=channel, contact_value=value
        )
        steps = [(form, {each.status: each.at for each in form.statuses.all()}) for form in forms]
        signed = [(each["active"], each.get("revoked"), form.expires_on) for form, each in steps if "active" in each]
        found.append(Way(value, signed, outs[value]))
    return found
