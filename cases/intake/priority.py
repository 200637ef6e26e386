"""Priority order for inquiries and the deadlines set by law.

Order of preference: pregnant people who inject, pregnant people, people who inject, everyone else (45 CFR 96.131(a)).
Pregnant: admitted, or interim services within 48 hours (96.131(d)). Injecting: admitted within 14 days of asking, or
within 120 days if interim services began within 48 hours (96.126(b)). A clinic may set shorter times, never longer.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import IntEnum

from cases.models import Inquiry
from staff import office_hours
from staff.models import Clinic
from staff.thresholds import Threshold, values_for

INTERIM_HOURS = Threshold(
    "cases.interim_services_hours",
    48,
    unit="hours",
    label="Interim services for priority populations",
    source="45 CFR 96.126(b), 96.131(d)",
    lowest=1,
    highest=48,
)
INJECTING_DAYS = Threshold(
    "cases.injecting_admission_days",
    14,
    unit="days",
    label="Admission of a person who injects drugs",
    source="45 CFR 96.126(b)",
    lowest=1,
    highest=14,
)
INJECTING_INTERIM_DAYS = Threshold(
    "cases.injecting_admission_days_with_interim_services",
    120,
    unit="days",
    label="Admission of a person who injects drugs and has interim services",
    source="45 CFR 96.126(b)",
    lowest=1,
    highest=120,
)
CALL_BACK_HOURS = Threshold(
    "cases.call_back_hours", 24, unit="hours", label="Call back after an inquiry", lowest=1, highest=168
)
CALL_BACK_HOURS_IN_DANGER = Threshold(
    "cases.call_back_hours_in_danger", 1, unit="hours", label="Call back after a danger sign", highest=24
)

NOTICE_HOURS = Threshold(
    "cases.clock_notice_hours",
    24,
    unit="hours",
    label="Hours before a legal deadline of an inquiry that someone is told",
    source="Product default.",
    lowest=1,
    highest=168,
)
CLOCKS = (INTERIM_HOURS, INJECTING_DAYS, INJECTING_INTERIM_DAYS, CALL_BACK_HOURS, CALL_BACK_HOURS_IN_DANGER)


ADMIT = "Admit"


class Rank(IntEnum):
    """Order in the queue."""

    DANGER = 0
    PREGNANT_INJECTING = 1
    PREGNANT = 2
    INJECTING = 3
    OTHER = 4


LABELS = {
    Rank.DANGER: "Danger sign",
    Rank.PREGNANT_INJECTING: "Pregnant, injects drugs",
    Rank.PREGNANT: "Pregnant",
    Rank.INJECTING: "Injects drugs",
    Rank.OTHER: "",
}


@dataclass(frozen=True)
class Clock:
    """One duty with its deadline."""

    duty: str
    due_at: datetime.datetime

    def is_late(self, now: datetime.datetime) -> bool:
        """The deadline has passed."""
        return self.due_at < now


@dataclass(frozen=True)
class Priority:
    """An inquiry's priority and the reason."""

    rank: Rank
    label: str
    clocks: tuple[Clock, ...]

    @property
    def next_clock(self) -> Clock | None:
        """The duty that falls due first."""
        return min(self.clocks, key=lambda clock: clock.due_at, default=None)


def limits(clinic: Clinic) -> dict[str, int]:
    """The clinic's values for every clock, in one query; give them to `of` for each row of a list."""
    return values_for(clinic, CLOCKS)


def preference(inquiry: Inquiry) -> Rank:
    """Legal preference only: a danger sign calls for a call now; it does not change whose turn it is."""
    if inquiry.pregnant:
        return Rank.PREGNANT_INJECTING if inquiry.injects else Rank.PREGNANT
    return Rank.INJECTING if inquiry.injects else Rank.OTHER


def in_office_hours(inquiry: Inquiry, at: datetime.datetime) -> datetime.datetime:
    """When the next step is due: in office hours, unless someone is in danger or has legal priority."""
    if inquiry.danger_signs or preference(inquiry) != Rank.OTHER:
        return at
    return office_hours.next_open(at, inquiry.clinic)


def of(inquiry: Inquiry, values: dict[str, int]) -> Priority:
    """Rank and running clocks of one inquiry, from its own row."""
    rank = Rank.DANGER if inquiry.danger_signs else preference(inquiry)
    return Priority(rank, LABELS[rank], () if inquiry.stage in Inquiry.CLOSED_STAGES else _clocks(inquiry, values))


def _clocks(inquiry: Inquiry, values: dict[str, int]) -> tuple[Clock, ...]:
    clocks = []
    asked, interim = inquiry.taken_at, inquiry.interim_services_at
    within = datetime.timedelta(hours=values[INTERIM_HOURS.key])
    waits = inquiry.stage == Inquiry.Stage.WAITLIST
    if interim is None and (inquiry.pregnant or (inquiry.injects and waits)):
        duty = "Interim services" if waits else "Admit, or start interim services"
        clocks.append(Clock(duty, asked + within))
    if inquiry.injects:
        in_time = interim is not None and interim <= asked + within
        days = values[INJECTING_INTERIM_DAYS.key if in_time else INJECTING_DAYS.key]
        clocks.append(Clock(ADMIT, asked + datetime.timedelta(days=days)))
    return tuple(clocks)
