"""The clinic in which the stories take place, and its clock."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from cases.models import Client, TreatmentEpisode
from staff.models import Clinic, Program, StaffMember
from tests.places import NEW_YORK


def at(day: datetime.date, hour: int, minute: int = 0) -> datetime.datetime:
    """A moment on the clinic's wall clock."""
    return datetime.datetime.combine(day, datetime.time(hour, minute), tzinfo=NEW_YORK)


@dataclass
class House:
    """One clinic with its people. `clock` stands still until somebody moves it."""

    clock: Any
    clinic: Clinic
    residence: Program
    evenings: Program
    intake: StaffMember
    former_counselor: StaffMember
    counselor: StaffMember
    supervisor: StaffMember
    stranger: StaffMember  # a counselor of another clinic
    strangers_intake: StaffMember

    def it_is(self, day: datetime.date, hour: int, minute: int = 0) -> datetime.datetime:
        """Move the clock there."""
        moment = at(day, hour, minute)
        self.clock.move_to(moment)
        return moment


@dataclass
class FirstStay:
    """What the clinic knows of somebody who was here before."""

    client: Client
    episode: TreatmentEpisode
    open_goal: Any
    objective: Any
    triggers: list[Any]
    sign: Any
    strategies: list[Any]
    discharge_plan: Any
    note: Any
