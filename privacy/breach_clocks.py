"""Which notices of a breach are due, and until when: derived from what is on record, never stored.

People without unreasonable delay and at most 60 days after it was discovered (45 CFR 164.404(b)); the media, too, for
more than 500 residents of one state (164.406); HHS at the same time for 500 people or more (164.408(b)), else within 60
days after the end of the year in which it was discovered (164.408(c)). All of them wait while law enforcement asks so
(164.412). An impermissible use is presumed a breach until it is assessed (164.402(2)): the clocks run meanwhile.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum

from privacy.models import Breach, BreachAssessment
from privacy.thresholds import BREACH_NOTICE_DAYS
from staff.days import day_in_words
from staff.models import Clinic

MANY = 500
YEARLY_DAYS = 60  # 164.408(c)
DAY = datetime.timedelta(days=1)


class Whom(Enum):
    """To whom a notice is owed; first, whether one is."""

    ASSESS = "assess"  # whether anyone has to be told
    PEOPLE = "people"
    MEDIA = "media"
    HHS = "HHS"


@dataclass(frozen=True)
class Clock:
    """One notice that is owed: until when, since when it is given, and until when it has to wait."""

    whom: Whom
    title: str
    due_on: datetime.date
    law: str
    met_on: datetime.date | None = None
    waits_until: datetime.date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be given."""
        return self.met_on is None

    def is_late(self, on: datetime.date) -> bool:
        """Whether its last day has passed."""
        return self.is_open and on > self.due_on

    def words(self, on: datetime.date) -> str:
        """How it stands: “3 days overdue (due Mar 2, 2026)”."""
        due = day_in_words(self.due_on)
        if self.met_on is not None:
            late = (self.met_on - self.due_on).days
            return f"Done {day_in_words(self.met_on)}" + (f", {_days(late)} late" if late > 0 else "")
        if self.waits_until is not None and on <= self.waits_until:
            return f"Waits until {day_in_words(self.waits_until)} for law enforcement; then due by {due}"
        if self.is_late(on):
            return f"{_days((on - self.due_on).days)} overdue (due {due})"
        left = (self.due_on - on).days
        return f"Due today ({due})" if not left else f"Due in {_days(left)} ({due})"


def clocks(breach: Breach, *, days: int) -> list[Clock]:
    """Every notice owed for a breach that was read `with_standing`; `days` is the clinic's BREACH_NOTICE_DAYS.

    None for a low probability of compromise, nor for what was entered in error.
    """
    if breach.entered_in_error or breach.decision == BreachAssessment.Decision.LOW:
        return []
    soon = breach.discovered_on + datetime.timedelta(days=days)
    affected = breach.people + breach.others
    found = []
    if breach.decision is None:
        found.append(_clock(breach, Whom.ASSESS, "Assess the risk", soon, "45 CFR 164.402(2)", waits=False))
    told = affected > 0 and not breach.untold and breach.others_told >= breach.others
    last_told = max(filter(None, (breach.told_on, breach.others_told_on)), default=None)
    untold = breach.untold + max(0, breach.others - breach.others_told)
    people = f"Notify {untold} {'person' if untold == 1 else 'people'}" if untold else "Notify the people affected"
    title = "List whose records were involved" if not affected else people
    found.append(_clock(breach, Whom.PEOPLE, title, soon, "45 CFR 164.404(b)", met_on=last_told if told else None))
    # Where someone lives is not always known: they count as living where most of the others do.
    if breach.most_in_a_state + breach.stateless + breach.others > MANY:
        found.append(_clock(breach, Whom.MEDIA, "Notify the media", soon, "45 CFR 164.406", met_on=breach.media_on))
    many = affected >= MANY
    yearly = datetime.date(breach.discovered_on.year, 12, 31) + datetime.timedelta(days=YEARLY_DAYS)
    law = "45 CFR 164.408(b)" if many else "45 CFR 164.408(c)"
    found.append(_clock(breach, Whom.HHS, "Report to HHS", soon if many else yearly, law, met_on=breach.hhs_on))
    return found


def owed(breach: Breach, *, days: int) -> list[Clock]:
    """The open ones, with one line for what is not assessed yet: the rest follows from that."""
    still = [each for each in clocks(breach, days=days) if each.is_open]
    return still[:1] if breach.decision is None else still


def days_for(clinic: Clinic) -> int:
    """Within how many days the clinic gives notice: 60, or fewer where a state asks so."""
    return BREACH_NOTICE_DAYS.for_clinic(clinic)


def _clock(
    breach: Breach,
    whom: Whom,
    title: str,
    due: datetime.date,
    law: str,
    *,
    met_on: datetime.date | None = None,
    waits: bool = True,
) -> Clock:
    """A statement of law enforcement that came when the notice was overdue already makes it no less so."""
    until = breach.delay_until if waits and breach.delay_from is not None and breach.delay_from <= due else None
    return Clock(whom, title, max(due, until + DAY) if until else due, law, met_on, until)


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
