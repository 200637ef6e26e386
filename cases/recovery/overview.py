"""A client's recovery status, returns to use and next milestone, read once per page."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cases.codes import OPIOIDS, Precision
from cases.models import Client, NaloxoneKit, Relapse, SobrietyStatement
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows, together

from . import naloxone, sobriety, tolerance
from .sobriety import Milestone, Standing
from .tolerance import Break


@dataclass(frozen=True)
class Recovery:
    """A client's recovery status on a day, with the rows it is derived from."""

    standing: Standing
    returns: list[Relapse]  # the newest first, unconfirmed ones included
    voided: list[Relapse]  # entered by mistake: on record, in no count
    statements: list[SobrietyStatement]  # the latest first
    next_milestone: Milestone | None
    reached_today: Milestone | None
    is_stated: bool  # the date is the client's own, not the day after the last known use
    to_warn_about: Break | None = None  # the break from opioids that still needs a warning
    kit: NaloxoneKit | None = None  # the naloxone kit given last

    @property
    def last_return(self) -> Relapse | None:
        """The latest confirmed return to use."""
        return last_return(self.returns)

    @property
    def may_need_naloxone(self) -> bool:
        """Whether opioids or an overdose are on record: then the chart says whether a kit was given."""
        return self.to_warn_about is not None or any(
            each.overdosed_on or any(used.substance in OPIOIDS for used in each.substances.all())
            for each in self.returns
        )

    @property
    def last_use_precision(self) -> Precision:
        """How exactly the last known use is known."""
        last = self.standing.last_use_date
        ended = [each for each in self.returns if each.is_confirmed and each.ended_on is not None]
        known = {Precision(each.ended_precision) for each in ended if each.ended_on == last}
        return next(iter(known - {Precision.DAY}), Precision.DAY)

    @property
    def open_return(self) -> Relapse | None:
        """The ongoing return to use, as far as known."""
        return open_return(self.returns)


def last_return(returns: list[Relapse]) -> Relapse | None:
    """The latest confirmed one of these returns to use, which are newest first."""
    return next((each for each in returns if each.is_confirmed), None)


def open_return(returns: list[Relapse]) -> Relapse | None:
    """The ongoing one of these returns to use, as far as known."""
    return next((each for each in returns if each.is_open and each.is_confirmed), None)


@reads
def returns_of(client: Client | int, *, staff_member: StaffMember) -> Reading[list[Relapse]]:
    """Returns to use that are not voided, newest first."""
    returns = query(
        lambda client, by: (
            Relapse.objects.visible_to(by)
            .filter(client=client)
            .annotate(uses_opioids=tolerance.with_opioids())
            .order_by("-started_on", "-pk")
        ),
        client=client,
        by=staff_member,
    )
    return (yield from rows(returns))


@reads
def of(client: Client, *, staff_member: StaffMember, on: datetime.date) -> Reading[Recovery]:
    """Read it for a reader: two statements, however many returns to use."""
    recorded = query(
        lambda client, by: (
            Relapse.everything.visible_to(by)
            .filter(client=client)
            .select_related("recorded_by", "tolerance_warned_by", "voided_by", "episode__program")
            .prefetch_related("substances")
            .order_by("-started_on", "-pk")
        ),
        client=client,
        by=staff_member,
    )
    stated = query(
        lambda client, by: SobrietyStatement.objects.visible_to(by).filter(client=client).select_related("recorded_by"),
        client=client,
        by=staff_member,
    )
    everything, statements, others, kit = yield from together(
        rows(recorded),
        rows(stated),
        tolerance.other_breaks.part(client),
        naloxone.latest.part(client, staff_member=staff_member),
    )
    returns = [each for each in everything if not each.is_voided]
    now = sobriety.standing_from(returns, statements, on)
    marks: list[Milestone] = []
    if now.sobriety_date is not None and not now.approximate:
        marks = sobriety.milestones_from(now.sobriety_date, until=on + datetime.timedelta(days=731))
    derived = now.last_use_date + datetime.timedelta(days=1) if now.last_use_date else None
    return Recovery(
        standing=now,
        returns=returns,
        voided=[each for each in everything if each.is_voided],
        statements=statements,
        next_milestone=next((mark for mark in marks if mark.on > on), None),
        reached_today=next((mark for mark in marks if mark.on == on), None),
        is_stated=now.sobriety_date is not None and now.sobriety_date != derived,
        to_warn_about=tolerance.due_among(client, returns, others, on),
        kit=kit,
    )
