"""How much of everything a clinic with so many clients has: all in proportion to one number."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass

from staff.models import Clinic, Program, StaffMember

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
MANY_NOTES = 700


@dataclass(frozen=True)
class Size:
    """With 100,000 clients: 180,000 episodes, 60,000 returns to use, 1,000,000 notes, 300,000 measures and so on."""

    clients: int

    @property
    def counselors(self) -> int:
        """One to a thousand clients that ever came."""
        return max(2, self.clients // 1_000)

    @property
    def caseload(self) -> int:
        """How many people in care each of them has."""
        return max(8, min(50, self.clients // (4 * self.counselors)))

    @property
    def in_care(self) -> int:
        """The first so many clients."""
        return self.counselors * self.caseload

    @property
    def supervisors(self) -> int:
        """One to twenty counselors."""
        return max(1, self.counselors // 20)

    @property
    def groups(self) -> int:
        """Of which each counselor leads one that still meets."""
        return max(self.counselors, self.clients // 100)

    @property
    def meetings(self) -> int:
        """In the directory."""
        return max(20, self.clients // 5)

    @property
    def inquiries(self) -> int:
        """Half of them open."""
        return max(20, self.clients // 50)


@dataclass
class Frame:
    """The clinic that is filled: who works there, what day it is, and the chance that chooses."""

    size: Size
    clinic: Clinic
    program: Program
    counselors: list[StaffMember]
    supervisors: list[StaffMember]
    intake: StaffMember
    administrator: StaffMember
    now: datetime.datetime
    chance: random.Random

    @property
    def today(self) -> datetime.date:
        """In the clinic."""
        return self.now.astimezone(self.clinic.zone).date()

    def counselor_of(self, client: int) -> StaffMember:
        """The primary counselor of the client at this place; the first place is 0."""
        return self.counselors[client % len(self.counselors)]

    def at(self, day: datetime.date, hour: int = 0) -> datetime.datetime:
        """A moment on the clinic's clocks."""
        return datetime.datetime.combine(day, datetime.time(hour), self.clinic.zone).astimezone(datetime.UTC)
