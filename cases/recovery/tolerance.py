"""Whether a reduced-tolerance warning is due, and after which break from opioids.

After days without opioids the usual amount can kill: overdose deaths cluster in the weeks after discharge and release
(Merrall et al., Addiction 2010; Strang et al., BMJ 2003). So a warning is due for each break: each stretch without
opioids after a return to use with them, and each leaving of a controlled setting (residential, hospital, withdrawal
management, custody) by a person with opioid use on record. It is due until it was given for that break, or for a later
one; other substances change nothing about it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import DurationField, Exists, F, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone

from cases.codes import OPIOIDS, DischargeReason
from cases.models import (
    Client,
    DataSetSubstance,
    Inquiry,
    LevelOfCareAssessment,
    LevelOfCarePeriod,
    Relapse,
    RelapseSubstance,
    ToleranceWarning,
    TreatmentEpisode,
)
from cases.models.episodes.episode import CONTROLLED
from cases.people.deaths import has_died
from staff.access import Permission, demand
from staff.acts import act
from staff.days import day_in_words
from staff.models import StaffMember
from staff.reading import Reading, exists, query, reads, rows, together
from staff.refusals import Refusal

from . import relapses
from .spans import EXACT, latest_end

NEXT_DAY = datetime.timedelta(days=1)  # who goes from one residential program straight to another has not left


class NotDue(Refusal):
    sentence = "This warning was already given, or a newer one is due. Reload the page."


@dataclass(frozen=True)
class Break:
    """One break from opioids: after a return to use, or by leaving a controlled setting; one of the two is set."""

    client_id: int
    since: datetime.date  # the last day of use as late as it can have been, or the last day in the controlled setting
    relapse: Relapse | None = None
    period: LevelOfCarePeriod | None = None
    is_told: bool = False

    @property
    def key(self) -> str:
        """Identifies the break in a form: a warning is about this break and no other."""
        return f"relapse-{self.relapse.pk}" if self.relapse else f"left-{self.period.pk if self.period else 0}"

    @property
    def words(self) -> str:
        """What the break follows: “after the return to use of …”, “after leaving …”."""
        if self.relapse is not None:
            return f"after the return to use that began {day_in_words(self.relapse.started_on)}"
        assert self.period is not None
        if self.period.episode.discharge_reason == DischargeReason.INCARCERATED:
            return f"before release: left for custody on {day_in_words(self.since)}"
        return f"after leaving level {self.period.level_code} on {day_in_words(self.since)}"

    @property
    def url(self) -> str:
        """The page where the warning is recorded."""
        return f"{reverse('cases:relapses', args=[self.client_id])}#tolerance"


@reads
def due(client: Client, on: datetime.date) -> Reading[Break | None]:
    """The break that the client has still to be warned about on a local day, the latest one; None where none is."""
    returns = Relapse.objects.filter(with_opioids(), client=client).annotate(uses_opioids=with_opioids())
    found, others = yield from together(rows(returns), other_breaks.part(client))
    return due_among(client, found, others, on)


@dataclass(frozen=True)
class OtherBreaks:
    """What is asked beside a person's returns to use: where they left a controlled setting, and whether they died."""

    left: list[LevelOfCarePeriod]
    has_died: bool


@reads
def other_breaks(client: Client | int) -> Reading[OtherBreaks]:
    """For `due_among`, where a page reads the returns to use by itself."""
    left, died = yield from together(
        rows(query(lambda client: leavings(LevelOfCarePeriod.objects.filter(episode__client=client)), client=client)),
        exists(
            query(
                lambda client: TreatmentEpisode.objects.filter(client=client, discharge_reason=DischargeReason.DIED),
                client=client,
            )
        ),
    )
    return OtherBreaks(left, died)


def due_among(client: Client, returns: Iterable[Relapse], others: OtherBreaks, on: datetime.date) -> Break | None:
    """`due`, from the client's returns to use (each knows whether an opioid was in it) and what was asked beside."""
    found = list(returns)
    for row in found:
        row.client = client
    breaks = [*after_returns(found), *after_leaving(others.left)]
    return None if others.has_died else latest_due(breaks, on)


def latest_due(breaks: Iterable[Break], on: datetime.date) -> Break | None:
    """The person's latest break, unless the warning was given; earlier breaks then need none."""
    begun = sorted((each for each in breaks if each.since <= on), key=lambda each: (each.since, each.key))
    return begun[-1] if begun and not begun[-1].is_told else None


def with_opioids() -> Exists:
    """Query condition on returns to use: whether an opioid was used."""
    return Exists(RelapseSubstance.objects.filter(relapse=OuterRef("pk"), substance__in=OPIOIDS))


def returns_not_warned_of() -> QuerySet[Relapse]:
    """Confirmed returns to use with an opioid after which the warning may not have been given.

    Includes a few whose warning was given (`latest_due` decides).
    """
    told = Q(tolerance_warned_at__isnull=False) & (
        Q(ended_on=None) | Q(ended_precision=EXACT, tolerance_warned_at__date__gt=F("ended_on"))
    )
    return Relapse.objects.filter(with_opioids(), is_confirmed=True).exclude(told)


def leavings_not_warned_of() -> list[QuerySet[LevelOfCarePeriod]]:
    """Periods that may have ended in leaving a controlled setting, without a warning: by level, and into custody.

    Includes a few that did not (`leavings` decides). Two queries, since each has its own index.
    """
    warned = ToleranceWarning.objects.filter(period=OuterRef("pk"), left_at=OuterRef("ends_at"))
    ended = LevelOfCarePeriod.objects.filter(ends_at__isnull=False).exclude(Exists(warned))
    return [ended.filter(CONTROLLED), ended.filter(episode__discharge_reason=DischargeReason.INCARCERATED)]


def leavings(rows: QuerySet[LevelOfCarePeriod]) -> QuerySet[LevelOfCarePeriod]:
    """The periods that ended in leaving a controlled setting, for people with opioid use on record."""
    same_person = LevelOfCarePeriod.objects.filter(episode__client=OuterRef("episode__client")).exclude(
        pk=OuterRef("pk")
    )
    by_then = OuterRef("ends_at") + Value(NEXT_DAY, DurationField())
    goes_on = same_person.filter(CONTROLLED, starts_at__lte=by_then).filter(
        Q(ends_at=None) | Q(ends_at__gt=OuterRef("ends_at"))
    )
    later = LevelOfCarePeriod.objects.filter(episode=OuterRef("episode"), starts_at__gt=OuterRef("starts_at"))
    jailed = Q(episode__discharge_reason=DischargeReason.INCARCERATED) & ~Exists(later)
    told = ToleranceWarning.objects.filter(period=OuterRef("pk"), left_at=OuterRef("ends_at"))
    return (
        rows.filter(ends_at__isnull=False)
        .filter((CONTROLLED & ~Exists(goes_on)) | jailed)
        .filter(_opioids_on_record("episode__client"))
        .exclude(has_died("episode__client"))
        .annotate(is_told=Exists(told))
        .select_related("episode__client__clinic")
    )


def after_returns(rows: Iterable[Relapse]) -> list[Break]:
    """A break for each confirmed return to use with an opioid; substances are already loaded."""
    return [after_return(row) for row in rows if row.counts and relapses.involves_opioids(row)]


def after_return(row: Relapse) -> Break:
    """The break that follows a return to use with an opioid."""
    since, warned = _since(row), row.tolerance_warned_at
    told = warned is not None and (
        row.ended_on is None or timezone.localdate(warned, row.client.zone) >= since
    )  # what was said while use went on was said of another break
    return Break(row.client_id, since, relapse=row, is_told=told)


def after_leaving(rows: Iterable[LevelOfCarePeriod]) -> list[Break]:
    """A break for each of `leavings`."""
    return [
        Break(row.episode.client_id, _last_day(row), period=row, is_told=row.is_told)  # type: ignore[attr-defined]
        for row in rows
    ]


def is_asked_on_leaving(client: Client) -> bool:
    """Whether opioid use is on record, so that leaving a controlled setting calls for a warning."""
    return Client.objects.filter(pk=client.pk).filter(_opioids_on_record("pk")).exists()


def give(*, client: Client, key: str, by: StaffMember) -> None:
    """Record that the client got the warning that is due; `key` names the break. It can't be changed later.

    Raises NotPermitted, NotDue.
    """
    demand(by, Permission.RELAPSE_RECORD, client)
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        now = due(client, client.today)
        if now is None or now.key != key:
            raise NotDue
        if now.relapse is not None:
            relapses.warn_of_tolerance(relapse=now.relapse, by=by, again=True)
            return
        assert now.period is not None
        assert now.period.ends_at is not None
        with act("cases.warn_of_tolerance_on_leaving", by=by, client=client) as entry:
            warning = ToleranceWarning.objects.create(
                period=now.period, left_at=now.period.ends_at, at=timezone.now(), by=by
            )
            entry.about(warning)


def _since(relapse: Relapse) -> datetime.date:
    """The latest possible last day of use; for ongoing use its first day, since the break came before it."""
    if relapse.ended_on is None:
        return relapse.started_on
    return latest_end(relapse, timezone.localdate(relapse.recorded_at, relapse.client.zone))


def _last_day(period: LevelOfCarePeriod) -> datetime.date:
    assert period.ends_at is not None
    zone = period.episode.client.clinic.zone
    return timezone.localdate(period.ends_at - datetime.timedelta(microseconds=1), zone)


def _opioids_on_record(client: str) -> Q:
    """Whether opioid use is on record; `client` is the path to the client."""
    opioids = list(OPIOIDS)
    returns = RelapseSubstance.objects.filter(
        relapse__client=OuterRef(client), relapse__is_confirmed=True, relapse__voided_at=None, substance__in=opioids
    )
    data_sets = DataSetSubstance.objects.filter(data_set__episode__client=OuterRef(client), substance__in=opioids)
    assessed = LevelOfCareAssessment.objects.filter(client=OuterRef(client)).filter(
        Q(substances__overlap=opioids) | Q(days_since_opioid__isnull=False)
    )
    told = Inquiry.objects.filter(client=OuterRef(client), substances__overlap=opioids)
    return Q(Exists(returns)) | Q(Exists(data_sets)) | Q(Exists(assessed)) | Q(Exists(told))
