"""Unusual access: what in a day's log the privacy officer should look at, each with its reason.

A worker looks through each whole day once it is over, a few days back in case none ran (45 CFR 164.308(a)(1)(ii)(D)).
The database groups the day's entries; nothing here reads the log entry by entry. Each finding is a row that stands, and
so is its review.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import ExtractHour
from django.utils import timezone

from cases.models import CareTeamMember, Client
from cases.people import names
from privacy.models import ChartAccess, UnusualAccess, UnusualAccessReview
from privacy.thresholds import (
    NIGHT_BEGINS,
    NIGHT_ENDS,
    UNUSUAL_AGAIN_DAYS,
    UNUSUAL_CHARTS,
    UNUSUAL_PAGES,
    UNUSUAL_TRIES,
)
from staff.access import Permission, demand, roles_with
from staff.acts import act
from staff.days import beginning_of, end_of
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.saying import says_something
from staff.thresholds import values_for

Reason = UnusualAccess.Reason
DAYS_BACK = 7
# Pages that say who opened a chart and what may be told of it are not the chart.
OVERSIGHT = Q(view_name__startswith="privacy:") | Q(view_name__startswith="desk:access_report")
NUMBERS = (UNUSUAL_CHARTS, UNUSUAL_PAGES, UNUSUAL_TRIES, UNUSUAL_AGAIN_DAYS, NIGHT_BEGINS, NIGHT_ENDS)


class ReviewSaysNothing(Refusal):
    """The next reader has to know how it was explained."""

    sentence = "Enter what you found: whom you asked, and what they said."


class AlreadyReviewed(Refusal):
    """Someone was first."""

    sentence = "This access was already reviewed."


class OwnAccess(Refusal):
    """No one reviews their own access."""

    sentence = "You can’t review your own access. Ask another privacy officer."


def review(*, access: UnusualAccess, finding: str, note: str, by: StaffMember) -> UnusualAccessReview:
    """Record what the privacy officer found out. Raises NotPermitted, OwnAccess, ReviewSaysNothing, AlreadyReviewed."""
    demand(by, Permission.ACCESS_LOG_VIEW)
    if access.clinic_id != by.clinic_id:
        raise NotPermitted
    if access.staff_member_id == by.pk:
        raise OwnAccess
    if not says_something(note, least=3, length=15):
        raise ReviewSaysNothing
    with act("privacy.review_unusual_access", by=by) as entry:
        try:
            with transaction.atomic():
                made = UnusualAccessReview.objects.create(
                    clinic=by.clinic,
                    access=access,
                    finding=UnusualAccessReview.Finding(finding),
                    note=" ".join(note.split()),
                    by=by,
                    at=timezone.now(),
                )
        except IntegrityError as error:
            raise AlreadyReviewed from error
        entry.about(made, access=access.pk, finding=finding, staff_member=access.staff_member_id)
    return made


def look_where_due(now: datetime.datetime) -> int:
    """Look through the days that are over, at each clinic. Finds nothing twice; returns how much is new."""
    found = 0
    for clinic in Clinic.objects.order_by("pk"):
        today = timezone.localdate(now, clinic.zone)
        for back in range(DAYS_BACK, 0, -1):
            found += look(clinic, today - datetime.timedelta(days=back))
    return found


def look(clinic: Clinic, on: datetime.date) -> int:
    """Look through one day of a clinic's log and keep what is unusual. Returns how many findings are new."""
    day = _Day.of(clinic, on)
    found = [*day.same_names(), *day.not_on_team(), *day.many_charts(), *day.at_night(), *day.not_theirs()]
    if not found:
        return 0
    before = UnusualAccess.objects.filter(clinic=clinic, on=on).count()
    UnusualAccess.objects.bulk_create(found, ignore_conflicts=True)
    return UnusualAccess.objects.filter(clinic=clinic, on=on).count() - before


@dataclass(frozen=True)
class _Pair:
    """What one person opened of one client's chart on the day."""

    staff: int
    client: int
    pages: int
    first: datetime.datetime
    last: datetime.datetime


@dataclass
class _Day:
    """A day's entries, grouped, and who is who."""

    clinic: Clinic
    on: datetime.date
    entries: QuerySet[ChartAccess]
    numbers: dict[str, int]
    pairs: list[_Pair]
    staff: dict[int, StaffMember]
    clients: dict[int, Client]

    @classmethod
    def of(cls, clinic: Clinic, on: datetime.date) -> _Day:
        entries = ChartAccess.objects.filter(
            clinic=clinic,
            at__gte=beginning_of(on, clinic.zone),
            at__lt=end_of(on, clinic.zone),
            client_id__isnull=False,
        ).order_by()
        opened = entries.filter(status__lt=400).exclude(OVERSIGHT)
        staff = {each.pk: each for each in StaffMember.objects.filter(clinic=clinic)}
        pairs = [
            _Pair(row["staff_member_id"], row["client_id"] or 0, row["pages"], row["first"], row["last"])
            for row in opened.values("staff_member_id", "client_id").annotate(
                pages=Count("pk"), first=Min("at"), last=Max("at")
            )
            if row["staff_member_id"] in staff
        ]
        people = Client.objects.filter(clinic=clinic, pk__in={each.client for each in pairs})
        fields = ("family_name", "former_family_name", "merged_into_id")
        return cls(
            clinic=clinic,
            on=on,
            entries=entries,
            numbers=values_for(clinic, NUMBERS),
            pairs=pairs,
            staff=staff,
            clients={each.pk: each for each in people.only(*fields)},
        )

    def same_names(self) -> Iterator[UnusualAccess]:
        """The chart of someone with one's own last name; asked once in a while for the same two."""
        alike = [each for each in self.pairs if self._is_namesake(each)]
        if not alike:
            return
        since = self.on - datetime.timedelta(days=self.numbers[UNUSUAL_AGAIN_DAYS.key])
        lately = set(
            UnusualAccess.objects.filter(clinic=self.clinic, reason=Reason.SAME_NAME, on__gte=since, on__lt=self.on)
            .filter(staff_member__in={each.staff for each in alike})
            .values_list("staff_member_id", "client_id")
        )
        for each in alike:
            if (each.staff, each.client) not in lately:
                yield self._found(Reason.SAME_NAME, each)

    def not_on_team(self) -> Iterator[UnusualAccess]:
        """Several pages of a chart by someone who sees all charts, isn't on its team, and recorded nothing in it."""
        least = self.numbers[UNUSUAL_PAGES.key]
        seeing_all = set(roles_with(Permission.CLIENT_VIEW_ALL))
        asked = [
            each
            for each in self.pairs
            if each.pages >= least and each.client in self.clients and self.staff[each.staff].role in seeing_all
        ]
        if not asked:
            return
        teams = self._teams({each.client for each in asked})
        acted = self._acted(asked)
        for each in asked:
            members = {row.staff_member_id for row in teams.get(each.client, ()) if _covers(row, each)}
            supervised = {self.staff[key].supervisor_id for key in members if key in self.staff}
            if each.staff not in members | supervised and (each.staff, each.client) not in acted:
                yield self._found(Reason.NOT_ON_TEAM, each)

    def many_charts(self) -> Iterator[UnusualAccess]:
        """More charts in a day than the clinic's number."""
        most = self.numbers[UNUSUAL_CHARTS.key]
        for staff, own in self._by_person(self.pairs):
            charts = len({each.client for each in own})
            if charts > most:
                yield self._counted(Reason.MANY_CHARTS, staff, charts, own, usual=most)

    def at_night(self) -> Iterator[UnusualAccess]:
        """Charts that were opened between the clinic's hours for the night."""
        begins, ends = self.numbers[NIGHT_BEGINS.key], self.numbers[NIGHT_ENDS.key]
        if begins == ends:  # `own_numbers` refuses it: a night without a length would be no night at all
            begins, ends = NIGHT_BEGINS.default, NIGHT_ENDS.default
        hour = ExtractHour("at", tzinfo=self.clinic.zone)
        night = Q(hour__gte=begins) | Q(hour__lt=ends) if begins > ends else Q(hour__gte=begins, hour__lt=ends)
        opened = self.entries.filter(status__lt=400).exclude(OVERSIGHT).annotate(hour=hour).filter(night)
        yield from self._grouped(Reason.AT_NIGHT, opened, least=1)

    def not_theirs(self) -> Iterator[UnusualAccess]:
        """Tries to open several charts that exist, and that the role or the care teams don't include."""
        tried = self.entries.filter(status__in=(403, 404), client_id__in=Client.objects.filter(clinic=self.clinic))
        yield from self._grouped(Reason.NOT_THEIRS, tried, least=self.numbers[UNUSUAL_TRIES.key])

    def _grouped(self, reason: Reason, entries: QuerySet[ChartAccess], *, least: int) -> Iterator[UnusualAccess]:
        rows = entries.values("staff_member_id").annotate(
            charts=Count("client_id", distinct=True), first=Min("at"), last=Max("at")
        )
        for row in rows.order_by("staff_member_id"):
            if row["charts"] >= least:
                yield self._row(
                    reason,
                    row["staff_member_id"],
                    count=row["charts"],
                    first_at=row["first"],
                    last_at=row["last"],
                    usual=least,
                )

    def _is_namesake(self, pair: _Pair) -> bool:
        client, person = self.clients.get(pair.client), self.staff[pair.staff]
        if client is None:
            return False
        held = (client.family_name, client.former_family_name)
        return any(names.is_whole(person.family_name, name) for name in held if name)

    def _teams(self, numbers: set[int]) -> dict[int, list[CareTeamMember]]:
        """Who was on whose care team on the day; a merged record's team is that of the record it was merged into."""
        kept = {number: self.clients[number].merged_into_id or number for number in numbers}
        rows = CareTeamMember.objects.filter(
            client__in=set(kept.values()), starts_at__lt=end_of(self.on, self.clinic.zone)
        ).exclude(ends_at__lte=beginning_of(self.on, self.clinic.zone))
        teams: dict[int, list[CareTeamMember]] = {}
        for row in rows:
            teams.setdefault(row.client_id, []).append(row)
        return {number: teams.get(kept[number], []) for number in numbers}

    def _acted(self, pairs: list[_Pair]) -> set[tuple[int | None, int | None]]:
        """Who recorded something about whom on the day."""
        entries = AuditEntry.objects.filter(
            client_id__in={each.client for each in pairs},
            at__gte=beginning_of(self.on, self.clinic.zone),
            at__lt=end_of(self.on, self.clinic.zone),
            clinic=self.clinic,
        )
        return set(entries.order_by().values_list("staff_member_id", "client_id").distinct())

    @staticmethod
    def _by_person(pairs: Iterable[_Pair]) -> list[tuple[int, list[_Pair]]]:
        own: dict[int, list[_Pair]] = {}
        for each in pairs:
            own.setdefault(each.staff, []).append(each)
        return sorted(own.items())

    def _found(self, reason: Reason, pair: _Pair) -> UnusualAccess:
        return self._row(
            reason, pair.staff, count=pair.pages, first_at=pair.first, last_at=pair.last, client_id=pair.client
        )

    def _counted(self, reason: Reason, staff: int, count: int, own: list[_Pair], *, usual: int) -> UnusualAccess:
        first, last = min(each.first for each in own), max(each.last for each in own)
        return self._row(reason, staff, count=count, first_at=first, last_at=last, usual=usual)

    def _row(
        self,
        reason: Reason,
        staff: int,
        *,
        count: int,
        first_at: datetime.datetime,
        last_at: datetime.datetime,
        usual: int = 0,
        client_id: int | None = None,
    ) -> UnusualAccess:
        return UnusualAccess(
            clinic=self.clinic,
            staff_member_id=staff,
            on=self.on,
            reason=reason,
            client_id=client_id,
            count=count,
            usual=usual,
            first_at=first_at,
            last_at=last_at,
            found_at=timezone.now(),
        )


def _covers(row: CareTeamMember, pair: _Pair) -> bool:
    """Whether the row was in force when the chart was opened: before the last page, and not over before the first."""
    return row.starts_at <= pair.last and (row.ends_at is None or row.ends_at > pair.first)
