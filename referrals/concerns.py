"""Which meetings fit a concern: those of some fellowships, those that say so themselves, those online."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from .fellowships import NEEDS, Fellowship
from .listing import Attendance
from .models.conversation import Barrier, Concern
from .models.directory import MeetingQuerySet


@dataclass(frozen=True)
class Fit:
    """A way to narrow the meetings, in words; any of what it names is enough."""

    label: str
    fellowships: tuple[Fellowship, ...] = ()
    needs: tuple[str, ...] = ()  # keys of fellowships.NEEDS
    medication: bool = False  # those that welcome people who take it
    online: bool = False

    def __post_init__(self) -> None:
        """Refuse a need that doesn't exist: passed over in silence, it would find nothing."""
        if unknown := [need for need in self.needs if need not in NEEDS]:
            raise ValueError(f"{unknown} are no known needs.")

    def narrow(self, meetings: MeetingQuerySet) -> MeetingQuerySet:
        """The meetings that fit."""
        codes = sorted(set().union(*(NEEDS[need][1] for need in self.needs)))
        fits = Q(fellowship__in=self.fellowships) | Q(types__overlap=codes)
        if self.medication:
            fits |= Q(welcomes_medication=True)
        if self.online:
            fits |= Q(attendance__in=[Attendance.ONLINE, Attendance.HYBRID])
        return meetings.filter(fits)


FITS: dict[str, Fit] = {
    Concern.RELIGION: Fit(
        "Secular meetings",
        fellowships=(Fellowship.LIFERING, Fellowship.SMART, Fellowship.WOMEN_FOR_SOBRIETY),
        needs=("secular",),
    ),
    Concern.MEDICATION: Fit("Medication-friendly meetings", medication=True),
    Concern.ANONYMITY: Fit("Meetings online", online=True),
    Concern.FIRST_TIME: Fit("Meetings for newcomers", needs=("newcomers",)),
}
# What is no concern, but is on the client's record: offered to everybody, as the record may not say it.
SPANISH = "spanish"
IN_A_LANGUAGE: dict[str, Fit] = {SPANISH: Fit("Meetings in Spanish", needs=("spanish",))}
ALL_FITS: dict[str, Fit] = {**FITS, **IN_A_LANGUAGE}
FITS_AFTER: dict[str, str] = {Barrier.NO_RIDE: Concern.ANONYMITY, Barrier.ANXIOUS: Concern.FIRST_TIME}
