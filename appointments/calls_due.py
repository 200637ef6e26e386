"""Who is to be called after a discharge: the plans of many clients at once, in few queries."""

from __future__ import annotations

import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from appointments.call_plan import CallNumbers, CallPlan, numbers_of
from appointments.codes import Outcome
from appointments.follow_up_windows import is_high_intensity
from appointments.models import ContinuingCareChoice, FollowUpCall
from appointments.thresholds import FOLLOW_UP_MONTHS
from cases.models import CareTeamMember, Client, LevelOfCarePeriod, TreatmentEpisode
from reminders import standing
from reminders.models.reminder import Kind
from reminders.standing import CareStatus
from staff.models import Clinic, StaffMember
from staff.prepared import IsOneOf
from staff.reading import Query, Reading, query, reads, rows

UNASSIGNED = datetime.timedelta(days=90)


@dataclass(frozen=True)
class FollowedUp:
    """A client with the last discharge and the plan of calls after it.

    `why_not` says why no call is due, e.g. since they are back in care; empty if calls go on. `stays` are all episodes.
    """

    client: Client
    episode: TreatmentEpisode
    plan: CallPlan
    why_not: str
    stays: Sequence[TreatmentEpisode]

    @property
    def is_followed_up(self) -> bool:
        """Whether a visit is still to come about: in care or not, but not after a death or a transfer."""
        return not standing.why_not_now(Kind.CLIENT_CHECKUP, CareStatus(list(self.stays)))

    def high_intensity_stay(self, since: datetime.date) -> TreatmentEpisode | None:
        """The last stay in residential or hospital care that ended since a day."""
        ended = [stay for stay in self.stays if stay.discharged_on is not None and stay.discharged_on >= since]
        high = [stay for stay in ended if is_high_intensity(setting_at_end(stay))]
        return max(high, key=lambda stay: (stay.discharged_on, stay.pk), default=None)


@reads
def of_caseload(*, staff_member: StaffMember, on: datetime.date) -> Reading[list[FollowedUp]]:
    """Clients discharged lately whose primary counselor the person is."""
    found = query(_of_caseload, by=staff_member, since=first_discharge(staff_member.clinic, on))
    return (yield from followed_up.part(found, clinic=staff_member.clinic))


@reads
def without_counselor(*, staff_member: StaffMember, on: datetime.date) -> Reading[list[FollowedUp]]:
    """Clients discharged in the past 90 days without a primary counselor who works here: no one makes their calls."""
    found = query(_without_counselor, by=staff_member, since=on - UNASSIGNED)
    return (yield from followed_up.part(found, clinic=staff_member.clinic))


@reads
def of_client(client: Client) -> Reading[FollowedUp | None]:
    """One client; None without a discharge."""
    found = yield from followed_up.part(query(_of_client, client=client), clinic=client.clinic)
    return found[0] if found else None


@reads
def followed_up(
    stays: QuerySet[TreatmentEpisode] | Query[TreatmentEpisode], *, clinic: Clinic
) -> Reading[list[FollowedUp]]:
    """The clients of these stays (`with_calls`, all of each client) whose last discharge is among them."""
    of_clients: dict[int, list[TreatmentEpisode]] = defaultdict(list)
    for stay in (yield from rows(stays)):
        of_clients[stay.client_id].append(stay)
    ended = {pk: last for pk, own in of_clients.items() if (last := CareStatus(own).last_discharge) is not None}
    if not ended:
        return []
    keys = sorted(each.pk for each in ended.values())
    agreed = _by_episode((yield from rows(query(_choices, episodes=keys))), clinic.zone)
    numbers = numbers_of(clinic)
    return [_one(ended[pk], of_clients[pk], agreed, numbers, clinic) for pk in ended]


def lately_discharged(stays: QuerySet[TreatmentEpisode], since: datetime.date) -> QuerySet[TreatmentEpisode]:
    """All stays of the clients who were discharged since a day."""
    ended = TreatmentEpisode.objects.filter(client=OuterRef("client"), discharged_on__gte=since)
    return stays.filter(Exists(ended))


def first_discharge(clinic: Clinic, on: datetime.date) -> datetime.date:
    """The first day of discharge after which calls may still be planned."""
    return on - datetime.timedelta(days=31 * (FOLLOW_UP_MONTHS.for_clinic(clinic) + 2))


def with_calls(stays: QuerySet[TreatmentEpisode]) -> QuerySet[TreatmentEpisode]:
    """Each with the level of care it ended at, and how far its calls have been answered."""
    calls = FollowUpCall.objects.filter(episode=OuterRef("pk")).order_by("-at", "-pk")
    periods = LevelOfCarePeriod.objects.filter(episode=OuterRef("pk")).order_by("-starts_at")
    # since they were last reached, the latest call that set a day for the next one
    telling = calls.filter(Q(outcome=Outcome.REACHED) | Q(next_on__isnull=False))
    return stays.select_related("client", "program").annotate(
        last_setting=Subquery(periods.values("setting")[:1]),
        reached_at=Subquery(calls.filter(outcome=Outcome.REACHED).values("at")[:1]),
        tried_at=Subquery(calls.values("at")[:1]),
        agreed_on=Subquery(telling.values("next_on")[:1]),
        agreed_at=Subquery(telling.values("at")[:1]),
    )


def setting_at_end(stay: TreatmentEpisode) -> int:
    """The setting that a stay ended in (`with_calls`)."""
    last: int | None = stay.last_setting  # type: ignore[attr-defined]  # annotated
    return stay.program.setting if last is None else last


def _of_caseload(by: Any, since: Any) -> QuerySet[TreatmentEpisode]:
    own = CareTeamMember.objects.current().led_by(by).values("client")
    mine = TreatmentEpisode.objects.visible_to(by).filter(client__in=own)
    return with_calls(lately_discharged(mine, since)).order_by("client", "pk")


def without_primary(stays: QuerySet[TreatmentEpisode]) -> QuerySet[TreatmentEpisode]:
    """Stays of clients without a primary counselor who works here."""
    team = CareTeamMember.objects.current().filter(part=CareTeamMember.Part.PRIMARY, staff_member__is_active=True)
    return stays.exclude(Exists(team.filter(client=OuterRef("client"))))


def _without_counselor(by: Any, since: Any) -> QuerySet[TreatmentEpisode]:
    lately = lately_discharged(TreatmentEpisode.objects.visible_to(by), since)
    return with_calls(without_primary(lately)).order_by("client", "pk")


def _of_client(client: Any) -> QuerySet[TreatmentEpisode]:
    return with_calls(TreatmentEpisode.objects.filter(client=client)).order_by("pk")


def _choices(episodes: Any) -> QuerySet[ContinuingCareChoice, Any]:
    found = ContinuingCareChoice.objects.filter(IsOneOf("episode", episodes)).order_by("at", "pk")
    return found.values_list("episode", "at", "pace")


def _by_episode(
    found: Iterable[tuple[int, datetime.datetime, str]], zone: zoneinfo.ZoneInfo
) -> dict[int, list[tuple[datetime.date, str]]]:
    agreed: dict[int, list[tuple[datetime.date, str]]] = defaultdict(list)
    for episode_id, at, pace in found:
        agreed[episode_id].append((at.astimezone(zone).date(), pace))
    return agreed


def _one(
    ended: TreatmentEpisode,
    stays: Sequence[TreatmentEpisode],
    agreed: dict[int, list[tuple[datetime.date, str]]],
    numbers: CallNumbers,
    clinic: Clinic,
) -> FollowedUp:
    client = ended.client
    client.clinic = clinic
    assert ended.discharged_on is not None
    plan = CallPlan(
        ended.discharged_on,
        is_high_intensity(setting_at_end(ended)),
        numbers,
        tuple(agreed.get(ended.pk, ())),
        _day(ended.reached_at, clinic),  # type: ignore[attr-defined]  # annotated
        ended.agreed_on,  # type: ignore[attr-defined]  # annotated
        _day(ended.agreed_at, clinic),  # type: ignore[attr-defined]  # annotated
    )
    why_not = standing.why_not_now(Kind.CLIENT_CONTINUING_CARE, CareStatus(list(stays)))
    return FollowedUp(client, ended, plan, why_not, stays)


def _day(moment: datetime.datetime | None, clinic: Clinic) -> datetime.date | None:
    return None if moment is None else moment.astimezone(clinic.zone).date()
