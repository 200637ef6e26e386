"""When someone can be booked: working hours, less time off and holidays, on the clinic's wall clock."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from appointments.models import Holiday, TimeOff, WorkingHours
from staff import office_hours
from staff.models import Clinic, StaffMember
from staff.reading import Reading, reads, rows, together
from staff.thresholds import values_for
from staff.typed_days import wall_clock_or_next

Stretch = tuple[datetime.datetime, datetime.datetime]


@dataclass(frozen=True)
class Availability:
    """What is known of several people's hours between two days."""

    clinic: Clinic
    office: dict[str, int]  # the clinic's own numbers, by the key of their threshold
    hours: dict[int, list[WorkingHours]] = field(default_factory=dict)
    time_off: dict[int, list[TimeOff]] = field(default_factory=dict)
    holidays: dict[datetime.date, Holiday] = field(default_factory=dict)

    def stretches(self, staff_member: StaffMember, day: datetime.date) -> list[Stretch]:
        """When this person works on a day, in order and in UTC; nothing on a holiday. Time off is not taken out yet.

        Without hours of their own in force that day, on whatever weekday, those of the clinic's office count.
        """
        if day in self.holidays:
            return []
        own = [each for each in self.hours.get(staff_member.pk, []) if each.is_in_force(day)]
        if not own:
            return self._office_hours(day)
        return [
            (self._at(day, each.opens_at), self._at(day, each.closes_at))
            for each in own
            if each.weekday == day.weekday()
        ]

    def free_stretches(self, staff_member: StaffMember, day: datetime.date) -> list[Stretch]:
        """The same without time off."""
        found = self.stretches(staff_member, day)
        for off in self.time_off.get(staff_member.pk, []):
            found = without(found, (off.starts_at, off.ends_at))
        return found

    def why_not(self, staff_member: StaffMember, starts_at: datetime.datetime, ends_at: datetime.datetime) -> str:
        """Why the person can't be booked from one moment to another, as a sentence; empty if they can."""
        day = starts_at.astimezone(self.clinic.zone).date()
        if holiday := self.holidays.get(day):
            return f"The clinic is closed that day: {holiday.name}."
        for off in self.time_off.get(staff_member.pk, []):
            if off.starts_at < ends_at and starts_at < off.ends_at:
                return f"{staff_member} is off at that time."
        if any(begins <= starts_at and ends_at <= ends for begins, ends in self.stretches(staff_member, day)):
            return ""
        return f"That is outside {staff_member}’s working hours."

    def _office_hours(self, day: datetime.date) -> list[Stretch]:
        if day.weekday() >= self.office[office_hours.DAYS.key]:
            return []
        opens, closes = (datetime.time(self.office[each.key]) for each in (office_hours.OPENS, office_hours.CLOSES))
        return [(self._at(day, opens), self._at(day, closes))]

    def _at(self, day: datetime.date, time: datetime.time) -> datetime.datetime:
        """In UTC: moments of one zone compare by its wall clock, which shows an hour twice in fall."""
        return wall_clock_or_next(day, time, self.clinic.zone).astimezone(datetime.UTC)


@reads
def between(
    *, clinic: Clinic, staff: Sequence[StaffMember], first: datetime.date, last: datetime.date
) -> Reading[Availability]:
    """Hours, time off and holidays of these people, from one day to another, both included."""
    begin = wall_clock_or_next(first, datetime.time(), clinic.zone)
    end = wall_clock_or_next(last + datetime.timedelta(days=1), datetime.time(), clinic.zone)
    hours, off, holidays = yield from together(
        rows(WorkingHours.objects.filter(staff_member__in=staff).order_by("weekday", "opens_at")),
        rows(TimeOff.objects.filter(Q(staff_member__in=staff), starts_at__lt=end, ends_at__gt=begin)),
        rows(Holiday.objects.filter(clinic=clinic, day__gte=first, day__lte=last)),
    )
    by_person: dict[int, list[WorkingHours]] = defaultdict(list)
    for each in hours:
        by_person[each.staff_member_id].append(each)
    away: dict[int, list[TimeOff]] = defaultdict(list)
    for each_off in off:
        away[each_off.staff_member_id].append(each_off)
    office = values_for(clinic, (office_hours.OPENS, office_hours.CLOSES, office_hours.DAYS))
    return Availability(clinic, office, dict(by_person), dict(away), {each.day: each for each in holidays})


def without(stretches: Sequence[Stretch], taken: Stretch) -> list[Stretch]:
    """What is left of stretches of time when one is taken out."""
    left: list[Stretch] = []
    for begins, ends in stretches:
        if taken[1] <= begins or ends <= taken[0]:
            left.append((begins, ends))
            continue
        if begins < taken[0]:
            left.append((begins, taken[0]))
        if taken[1] < ends:
            left.append((taken[1], ends))
    return left
