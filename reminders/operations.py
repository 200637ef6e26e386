"""How sending goes, for those who keep it running: what waits, what left, what did not, and whether the parts live."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Q, QuerySet

from privacy.models import Channel
from reminders import backup_runs, heartbeats
from reminders.backup_runs import Backups
from reminders.heartbeats import Pulse
from reminders.models import ChannelPause, DeliveryAttempt, Heartbeat, OptOut, Reminder, StaffTask
from staff.models import StaffMember
from staff.reading import Reading, reads, rows, together

DAY = datetime.timedelta(days=1)
OFTEN = 20  # reminders that are listed as troubled
State, Outcome = Reminder.State, DeliveryAttempt.Outcome


@dataclass(frozen=True)
class Provider:
    """Who carries one channel's messages, and how they answer."""

    name: str
    is_set_up: bool
    sent: int  # in the past 24 hours
    failures: int  # in a row
    rests_until: datetime.datetime | None

    @property
    def words(self) -> str:
        """Its state: “Answering”."""
        if not self.is_set_up:
            return "Not set up"
        return f"No answer {self.failures} time{'s'[: self.failures != 1]} in a row" if self.failures else "Answering"

    @property
    def tone(self) -> str:
        """Its color."""
        return "neutral" if not self.is_set_up else "attention" if self.failures else "good"


@dataclass(frozen=True)
class Operations:
    """One clinic's outbox at one moment. Counts are of the past 24 hours where nothing else is said."""

    due: int
    oldest_due: datetime.datetime | None
    in_a_day: int
    sent: int
    last_sent: datetime.datetime | None
    retried: int
    failed: int
    held: int
    unknown: int
    doubles: int  # reminders that a provider took more than once
    opt_outs: int
    open_tasks: int
    troubled: list[Reminder]
    providers: list[Provider]
    pulses: list[Pulse]
    backups: Backups


@reads
def look(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[Operations]:
    """The whole of it, in one statement. The numbers are the clinic's; what is listed is what the person may see."""
    clinic, lately = staff_member.clinic_id, now - DAY
    reminders = Reminder.objects.filter(clinic=clinic)
    tried = DeliveryAttempt.objects.filter(reminder__clinic=clinic, started_at__gt=lately)
    waits, left, ended, (tries, doubles), (opt_outs, tasks), (last, troubled, pauses, beats) = yield from together(
        rows(_waits(reminders.waiting(), now)),
        rows(_counted(reminders.filter(state=State.SENT, sent_at__gt=lately), "state")),
        rows(_counted(reminders.filter(state__in=(State.FAILED, State.CANCELLED), ended_at__gt=lately), "state")),
        together(rows(_counted(tried, "outcome", "channel")), rows(_twice(tried))),
        together(
            rows(_counted(OptOut.objects.in_force().filter(clinic=clinic), "clinic")),
            rows(_counted(StaffTask.objects.open().filter(clinic=clinic), "clinic")),
        ),
        together(
            rows(reminders.filter(state=State.SENT).order_by("-sent_at")[:1]),
            rows(_troubled(Reminder.objects.visible_to(staff_member), lately)),
            rows(ChannelPause.objects.all()),
            rows(Heartbeat.objects.all()),
        ),
    )
    by_state = dict([*left, *ended])
    by_outcome: Counter[str] = Counter()
    for outcome, _, count in tries:
        by_outcome[outcome] += count
    waiting = waits[0] if waits else {"due": 0, "oldest_due": None, "in_a_day": 0}
    return Operations(
        **waiting,
        sent=by_state.get(State.SENT, 0),
        failed=by_state.get(State.FAILED, 0),
        held=by_state.get(State.CANCELLED, 0),
        retried=by_outcome[Outcome.RETRY],
        unknown=by_outcome[Outcome.LOST],
        doubles=len(doubles),
        last_sent=last[0].sent_at if last else None,
        opt_outs=sum(count for _, count in opt_outs),
        open_tasks=sum(count for _, count in tasks),
        troubled=troubled,
        providers=_providers({channel: count for outcome, channel, count in tries if outcome == Outcome.SENT}, pauses),
        pulses=heartbeats.pulses(now, beats),
        backups=backup_runs.standing(now, clinic=staff_member.clinic, rows=beats),
    )


def _counted(queryset: QuerySet[Any], *by: str) -> QuerySet[Any, tuple[Any, ...]]:
    return queryset.order_by().values(*by).annotate(n=Count("pk")).values_list(*by, "n")


def _twice(tried: QuerySet[DeliveryAttempt]) -> QuerySet[DeliveryAttempt, int]:
    """Reminders that were taken more than once."""
    taken = tried.filter(outcome=Outcome.SENT).order_by().values("reminder").annotate(n=Count("pk"))
    return taken.filter(n__gt=1).values_list("reminder", flat=True)


def _providers(sent: Mapping[str, int], pauses: Iterable[ChannelPause]) -> list[Provider]:
    """One for each channel to clients; one that is not set up is named, too: nothing goes out by it."""
    by_channel = {pause.channel: pause for pause in pauses}
    found = []
    for channel in Channel:
        pause = by_channel.get(channel.value)
        found.append(
            Provider(
                name=str(channel.label),
                is_set_up=bool(settings.REMINDER_CHANNELS.get(channel.value)),
                sent=sent.get(channel.value, 0),
                failures=pause.failures if pause else 0,
                rests_until=pause.until if pause else None,
            )
        )
    return found


def _waits(waiting: QuerySet[Reminder], now: datetime.datetime) -> QuerySet[Any, Any]:
    """One row, or none if nothing waits."""
    is_due = Q(due_at__lte=now)
    return (
        waiting.order_by()
        .values("clinic")
        .annotate(
            due=Count("pk", filter=is_due),
            oldest_due=Min("due_at", filter=is_due),
            in_a_day=Count("pk", filter=Q(due_at__gt=now, due_at__lte=now + DAY)),
        )
        .values("due", "oldest_due", "in_a_day")
    )


def _troubled(reminders: QuerySet[Reminder], lately: datetime.datetime) -> QuerySet[Reminder]:
    """What failed, or has been tried more than once and still waits; the latest first."""
    still = Q(state__in=(State.PENDING, State.CLAIMED), attempts__gt=F("attempts_before"))
    failed = Q(state=State.FAILED, ended_at__gt=lately)
    found = reminders.filter(still | failed).select_related("client__clinic", "clinic", "staff_member")
    return found.order_by("-due_at", "-pk")[:OFTEN]
