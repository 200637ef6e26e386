"""A second opinion: what a clinic's clients should get in a month, from the facts and the rules in docs/reminders.md.

Written apart from reminders/: it reads rows of facts with the moments at which they were recorded, and calls nothing of
delivery, checks, standing, contacts, outbox, or of the modules that schedule messages. Each client is simulated for
themselves, one moment after the other.
"""

from __future__ import annotations

import datetime
import heapq
import itertools
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q

from appointments.models import Appointment, AppointmentStep, ContinuingCareChoice, FollowUpCall
from cases.models import Client, ContactPoint, Relapse, SobrietyStatement, TreatmentEpisode
from cases.recovery import sobriety
from groups.models import GroupSession, Membership
from privacy.models import Consent
from referrals.models import FollowThrough, MeetingVisit
from reminders.models import ClientChoice, ContactOrder, DeliveryAttempt, OptOut, Reminder

from .clockwork import ceil
from .life import Journal

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
OPENS, CLOSES = datetime.time(8), datetime.time(21)
TO_COME = {"booked", "confirmed", "reopened"}
CANCELED = {"late_cancel", "by_client", "by_clinic"}
NOT_FOLLOWED_UP = {"transferred", "incarcerated"}
ALWAYS: Callable[[datetime.datetime], bool] = lambda at: True  # noqa: E731


@dataclass(frozen=True)
class Said:
    """One message: to whom, of which kind, when by the client's own clock, and the words it has to have."""

    to: str
    kind: str
    at: str
    words: tuple[str, ...] = ()


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
    sent_before: list[datetime.datetime] = field(default_factory=list)
    unwanted: set[str] = field(default_factory=set)  # kinds that they chose not to get

    def local(self, at: datetime.datetime) -> datetime.datetime:
        return at.astimezone(self.zone)

    def at_local(self, day: datetime.date, time: datetime.time) -> datetime.datetime:
        return datetime.datetime.combine(day, time, self.zone).astimezone(datetime.UTC)

    def open_stays(self, at: datetime.datetime) -> list[TreatmentEpisode]:
        return [each for each, since in self.stays if since <= at and not _ended(each, at)]

    def ended_stays(self, at: datetime.datetime) -> list[TreatmentEpisode]:
        return [each for each, since in self.stays if since <= at and _ended(each, at)]

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
        if message.kind in {"client_milestone", "client_group"}:
            return bool(there)
        if message.kind == "client_continuing_care":
            last = max(ended, key=lambda each: (each.discharged_on, each.pk), default=None)
            return not there and last is not None and last.discharge_reason not in NOT_FOLLOWED_UP
        if there:
            # What was planned in a stay that ended is not for the next one, unless care went on beside it.
            last = max(ended, key=lambda each: (each.discharged_on, each.pk), default=None)
            return (
                last is None
                or message.born > last.discharged_at
                or any(each.admitted_on < last.discharged_on for each in there)
            )
        return not ended


def _ended(stay: TreatmentEpisode, at: datetime.datetime) -> bool:
    return stay.discharged_on is not None and (stay.discharged_at is None or stay.discharged_at <= at)


def expected(begin: datetime.datetime, end: datetime.datetime, journal: Journal) -> list[Said]:
    """Every message to a client from `begin` on and before `end`."""
    said: list[Said] = []
    for facts in _everyone(begin, journal):
        said += _live(facts, list(_wanted(facts, begin, end, journal)), begin, end)
    return sorted(said, key=lambda each: (each.to, each.at, each.kind))


def _live(facts: Facts, wanted: list[Message], begin: datetime.datetime, end: datetime.datetime) -> Iterator[Said]:
    """One client's month: hours, one a day, three a week; a courtesy yields to a promise, a milestone for good."""
    # Of two due at once the older goes. What is dated before the first day was all written then, in the demo's order.
    order = {id(each): place for place, each in enumerate(sorted(wanted, key=lambda each: max(each.born, begin)))}
    due = {id(each): max(each.due, each.born) for each in wanted}
    open_ = {id(each): each for each in wanted}
    heap = [(ceil(due[key]), due[key], order[key], key) for key in open_]
    heapq.heapify(heap)
    sent = [facts.local(at).date() for at in facts.sent_before]
    while heap:
        now, _, _, key = heapq.heappop(heap)
        if now >= end:
            break
        message = open_.pop(key)
        if (
            message.kind in facts.unwanted
            or message.withdrawn(now)
            or not message.holds(now)
            or not facts.in_right_care(message, now)
        ):
            continue
        if message.not_after is not None and now > message.not_after:
            continue
        if not (to := facts.written_to(now)):
            continue
        local = facts.local(now)
        yields = not message.is_promise and any(
            other.is_promise
            and other.born <= now
            and not other.withdrawn(now)
            and due[each] < facts.at_local(local.date() + DAY, datetime.time())
            for each, other in open_.items()
        )
        for each, other in open_.items():
            if other.place < message.place and other.born <= now and other.not_after and not other.withdrawn(now):
                at = _opening(facts, max(due[each], now))
                yields |= _free(facts, at, sent) <= other.not_after < _free(facts, at, [*sent, local.date()])
        if yields and message.kind == "client_milestone":
            continue
        until = _opening(facts, now)
        if yields:
            until = max(until, facts.at_local(local.date() + DAY, OPENS))
        until = _free(facts, until, sent)
        if until > now:
            if message.not_after is None or until <= message.not_after:
                open_[key], due[key] = message, until
                heapq.heappush(heap, (ceil(until), until, order[key], key))
            continue
        sent.append(local.date())
        yield Said(to, message.kind, f"{local:%Y-%m-%d %H:%M}", message.words)


def _opening(facts: Facts, at: datetime.datetime) -> datetime.datetime:
    local = facts.local(at)
    if OPENS <= local.time() < CLOSES:
        return at
    return facts.at_local(local.date() + (DAY if local.time() >= CLOSES else 0 * DAY), OPENS)


def _free(facts: Facts, at: datetime.datetime, sent: list[datetime.date]) -> datetime.datetime:
    """The first moment that keeps to one a day and three in seven days."""
    day = facts.local(at).date()
    for _ in range(8):
        if day not in sent and sum(day - 6 * DAY <= each <= day for each in sent) < 3:
            break
        day += DAY
        at = facts.at_local(day, OPENS)
    return at


# --- what is wanted ---


def _wanted(facts: Facts, begin: datetime.datetime, end: datetime.datetime, journal: Journal) -> Iterator[Message]:
    """In the order in which the demo writes them."""
    yield from _meetings(facts, begin)
    yield from _appointments(facts, begin)
    yield from _demos_own(facts, begin)
    yield from _groups(facts, begin, end, journal)
    yield from _calls(facts, begin, end)
    yield from _milestones(facts, begin, end)


def _demos_own(facts: Facts, begin: datetime.datetime) -> Iterator[Message]:
    """The demo promises some reminders without an appointment behind them: what was asked for is the fact."""
    for row in Reminder.objects.filter(client=facts.client, dedupe_key__regex="^demo-(appointment|text):"):
        if row.sent_at is None or row.sent_at >= begin:
            words = _in_words(facts.local(row.not_after)) if row.not_after else ()
            yield Message("client_appointment", row.created_at, row.asked_for, row.not_after, words=words)


def _appointments(facts: Facts, begin: datetime.datetime) -> Iterator[Message]:
    """The day before at the same hour, two hours before, at once if booked, moved or canceled; after a no-show."""
    own = list(Appointment.objects.filter(client=facts.client))
    steps: dict[int, list[AppointmentStep]] = defaultdict(list)
    for step in AppointmentStep.objects.filter(appointment__in=own).order_by("pk"):
        steps[step.appointment_id].append(step)
    came_from = {each.moved_to_id for each in own if each.moved_to_id}

    def step_at(appointment: Appointment, at: datetime.datetime) -> str:
        return [each.step for each in steps[appointment.pk] if _recorded(each) <= at][-1]

    def another(missed: Appointment, at: datetime.datetime) -> bool:
        """They came later, or an appointment is ahead that was booked since."""
        marked = max(_recorded(step) for step in steps[missed.pk] if step.step == "no_show")
        later = [each for each in own if each.starts_at > missed.starts_at and _recorded(steps[each.pk][0]) <= at]
        zone = missed.clinic.zone
        return any(
            step_at(each, at) in {"arrived", "kept"}
            or (
                step_at(each, at) in TO_COME
                and _recorded(steps[each.pk][0]) >= marked
                and each.starts_at.astimezone(zone).date() >= at.astimezone(zone).date()
            )
            for each in later
        )

    for appointment in own:
        starts, local = appointment.starts_at, facts.local(appointment.starts_at)
        words = _in_words(local)
        booked = _recorded(steps[appointment.pk][0])

        def ahead(at: datetime.datetime, appointment: Appointment = appointment) -> bool:
            return step_at(appointment, at) in TO_COME

        def withdrawn(at: datetime.datetime, appointment: Appointment = appointment) -> bool:
            return step_at(appointment, at) in {*CANCELED, "moved"}

        day_before = facts.at_local(local.date() - DAY, local.time())
        hours_before = starts - 2 * HOUR
        dues = [day_before] + ([hours_before] if OPENS <= facts.local(hours_before).time() < CLOSES else [])
        dues = [each for each in dues if each > booked]
        if starts > booked and (booked > begin or appointment.series_id):  # the demo tells of its series alone
            if appointment.pk in came_from:
                yield Message("client_moved", booked, booked, starts, ahead, withdrawn, words)
            elif _is_first_told(appointment) and not any(each < booked + DAY for each in dues):
                yield Message("client_booked", booked, booked, starts, ahead, withdrawn, words)
        for due in dues:
            yield Message("client_appointment", booked, due, starts, ahead, withdrawn, words)
        for step in steps[appointment.pk]:
            at = _recorded(step)
            if at < begin:
                continue
            if step.step == "by_clinic" and starts > at:
                yield Message("client_canceled", at, at, starts, words=words)
            if step.step == "no_show":
                due = appointment.ends_at + 2 * HOUR
                if due + DAY >= at:

                    def still_missed(now: datetime.datetime, missed: Appointment = appointment) -> bool:
                        return step_at(missed, now) == "no_show" and not another(missed, now)

                    yield Message("client_missed_appointment", at, due, due + DAY, still_missed)


def _in_words(local: datetime.datetime) -> tuple[str, str]:
    """The day and the hour by the client's own clock, wherever they lived when it was planned."""
    return f"{local:%A, %b} {local.day}", f"{local:%-I:%M %p}"


def _recorded(step: AppointmentStep) -> datetime.datetime:
    return step.at


def _is_first_told(appointment: Appointment) -> bool:
    """Of a series, only the first appointment is told of at once."""
    if appointment.series_id is None:
        return True
    first = Appointment.objects.filter(series=appointment.series_id).order_by("starts_at").first()
    return first is not None and first.pk == appointment.pk


def _groups(facts: Facts, begin: datetime.datetime, end: datetime.datetime, journal: Journal) -> Iterator[Message]:
    """The day before at the same hour, of the first session of each week (from Sunday) alone."""
    clinic = facts.client.clinic.zone
    spells = list(Membership.objects.filter(client=facts.client))
    weeks: dict[datetime.date, list[GroupSession]] = defaultdict(list)
    rows = GroupSession.objects.filter(group__in=[each.group_id for each in spells], starts_at__lt=end + 9 * DAY)
    for session in rows.order_by("starts_at", "pk"):
        day = session.starts_at.astimezone(clinic).date()
        if any(each.group_id == session.group_id and each.is_current(day) for each in spells):
            weeks[day - (day.weekday() + 1) % 7 * DAY].append(session)
    for sessions in weeks.values():
        for session in sessions:
            local = facts.local(session.starts_at)
            due = facts.at_local(local.date() - DAY, local.time())

            def is_first(
                at: datetime.datetime,
                session: GroupSession = session,
                sessions: list[GroupSession] = sessions,
            ) -> bool:
                held = [each for each in sessions if each.cancelled_at is None or each.cancelled_at > at]
                return bool(held) and held[0].pk == session.pk

            # Put into the outbox by the hour, 15 days ahead, and again when an earlier one was canceled.
            known = max(begin, journal.sessions.get(session.pk, begin), due - 15 * DAY)
            freed = [each.cancelled_at for each in sessions if each.cancelled_at and each.starts_at < session.starts_at]
            born = next((at for at in sorted(_strikes([known, *freed])) if is_first(at)), None)
            if born is None or due < max(born - 2 * DAY, begin):  # what was due before is the demo's past
                continue
            words = _in_words(local)
            yield Message("client_group", born, due, session.starts_at, is_first, words=words)


def _strikes(moments: list[datetime.datetime]) -> list[datetime.datetime]:
    """The first full hours from each of these moments on."""
    hours = [each.replace(minute=0, second=0, microsecond=0) for each in moments]
    return [hour if hour == each else hour + HOUR for hour, each in zip(hours, moments, strict=True)]


def _calls(facts: Facts, begin: datetime.datetime, end: datetime.datetime) -> Iterator[Message]:
    """After a discharge of this month: within 72 hours (24 after residential care), day 7, weekly, day 30 in week 4.

    The client hears of each at 10 AM the day before.
    """
    for stay, _ in facts.stays:
        if stay.discharged_on is None or stay.discharged_at is None or stay.discharged_at < begin:
            continue
        assert not ContinuingCareChoice.objects.filter(episode=stay).exclude(pace="full").exists()
        assert not FollowUpCall.objects.filter(episode=stay).exists()
        first = 1 if stay.program.setting in (3, 4) else 3
        for days in (first, 7, 14, 21, 30):
            on = stay.discharged_on + days * DAY
            due = facts.at_local(on - DAY, datetime.time(10))
            (born,) = _strikes([max(stay.discharged_at, due - 15 * DAY)])
            words = (f"{on:%A, %b} {on.day}",)
            if due >= born - 2 * DAY:
                yield Message("client_continuing_care", born, due, facts.at_local(on, datetime.time(9)), words=words)


def _meetings(facts: Facts, begin: datetime.datetime) -> Iterator[Message]:
    """At 10 AM on the day after a planned mutual-help meeting, for a week, while nothing came of it."""
    rows = list(FollowThrough.objects.filter(referral__client=facts.client).order_by("pk"))
    for row in rows:
        if row.step != "planned" or row.planned_for is None:
            continue
        due = facts.at_local(facts.local(row.planned_for).date() + DAY, datetime.time(10))
        if due + 7 * DAY < max(begin, row.at):
            continue
        later = [each for each in rows if each.pk > row.pk and each.referral_id == row.referral_id]
        visits = MeetingVisit.objects.filter(referral=row.referral_id, recorded_at__gte=row.at)
        ends = [each.at for each in later if each.step in {"planned", "declined", "ended", "engaged", "visited"}]
        ends += [each.recorded_at for each in visits]

        def goes_on(at: datetime.datetime, ends: list[datetime.datetime] = ends) -> bool:
            return not any(each <= at for each in ends)

        yield Message("client_meeting_followup", row.at, due, due + 7 * DAY, goes_on)


def _milestones(facts: Facts, begin: datetime.datetime, end: datetime.datetime) -> Iterator[Message]:
    """At 10 AM on the day itself, each once in a stretch, to who allows messages, and as long as it is true."""
    events = list(Relapse.objects.filter(client=facts.client).order_by("started_on", "pk"))
    stated = list(SobrietyStatement.objects.filter(client=facts.client).order_by("stated_at", "pk"))

    def reached(at: datetime.datetime) -> set[str]:
        day = facts.local(at).date()
        known = [each for each in events if each.recorded_at <= at]
        standing = sobriety.standing_from(known, [each for each in stated if each.stated_at <= at], day)
        if standing.sobriety_date is None or standing.approximate:
            return set()
        return {each.label for each in sobriety.milestones_from(standing.sobriety_date, until=day) if each.on == day}

    done: set[str] = set()
    for day in _days(facts.local(begin).date(), facts.local(end).date()):
        hours = [facts.at_local(day, datetime.time()) + number * HOUR for number in range(24)]
        for label in sorted({label for at in hours[:10] for label in reached(at)} - done):
            message = Message("client_milestone", hours[0], hours[0])
            born = next(
                (
                    at
                    for at in hours
                    if at >= begin
                    and label in reached(at)
                    and facts.in_right_care(message, at)
                    and facts.written_to(at)
                ),
                None,
            )
            if born is None:
                continue
            done.add(label)

            def holds(at: datetime.datetime, label: str = label) -> bool:
                return label in reached(at)

            due, last = facts.at_local(day, datetime.time(10)), facts.at_local(day, datetime.time(20, 59))
            yield Message("client_milestone", born, due, last, holds)


def _days(first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    return itertools.takewhile(lambda day: day <= last, (first + number * DAY for number in itertools.count()))


# --- reading ---


def _everyone(begin: datetime.datetime, journal: Journal) -> Iterator[Facts]:
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
            sent_before=list(
                DeliveryAttempt.objects.filter(
                    Q(reminder__client=client) | Q(contact_value__in=addresses),
                    outcome="sent",
                    started_at__lt=begin,
                    started_at__gt=begin - 8 * DAY,
                ).values_list("started_at", flat=True)
            ),
        )


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
