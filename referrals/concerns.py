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
    needs: tuple[str, ...] = ()  # keys of fellowships.NEEDS; one that is not there narrows nothing
    online: bool = False

    def narrow(self, meetings: MeetingQuerySet) -> MeetingQuerySet:
        """The meetings that fit."""
        codes = sorted(set().union(*(NEEDS[need][1] for need in self.needs if need in NEEDS)))
        fits = Q(fellowship__in=self.fellowships) | Q(types__overlap=codes)
        if self.online:
            fits |= Q(attendance__in=[Attendance.ONLINE, Attendance.HYBRID])
        return meetings.filter(fits)


FITS: dict[str, Fit] = {
    Concern.RELIGION: Fit(
        "Secular meetings",
        fellowships=(Fellowship.LIFERING, Fellowship.SMART, Fellowship.WOMEN_FOR_SOBRIETY),
        needs=("secular",),
    ),
    Concern.MEDICATION: Fit("Medication-friendly meetings", fellowships=(Fellowship.MARA,), needs=("medication",)),
    Concern.ANONYMITY: Fit("Meetings online", online=True),
    Concern.FIRST_TIME: Fit("Meetings for newcomers", needs=("newcomers",)),
}
FITS_AFTER: dict[str, str] = {Barrier.NO_RIDE: Concern.ANONYMITY, Barrier.ANXIOUS: Concern.FIRST_TIME}
