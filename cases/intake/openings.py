"""Openings by program: capacity, in care, offered, expected discharges and wait list.

Seven queries however many programs and people there are.
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q

from cases.models import Inquiry, TreatmentEpisode
from staff.access import Permission, can
from staff.models import Program, StaffMember

from . import offers, waitlist
from . import priority as queue
from .waitlist import Waiting

SOON = datetime.timedelta(hours=24)
LEAVING_SHOWN = 4


@dataclass(frozen=True)
class Offered:
    """An opening held for someone."""

    inquiry: Inquiry
    lapses_at: datetime.datetime
    is_soon: bool  # within a day


@dataclass(frozen=True)
class ProgramPlaces:
    """One program's openings and wait list."""

    program: Program
    in_care: int
    kept: int  # openings offered, including to people the reader may not see
    offered: list[Offered]
    lapsed: list[Inquiry]  # offers whose last day is over and that the job has not put back yet
    leaving: list[datetime.date]  # expected, soonest first; overdue ones included
    leaving_overdue: int
    waiting: list[Waiting]
    waiting_unseen: int  # waiting people the reader may not see

    @property
    def free(self) -> int:
        """Openings neither filled nor offered; never below zero."""
        return max(0, self.program.capacity - self.in_care - self.kept)

    @property
    def beyond(self) -> int:
        """People in care and offers beyond capacity."""
        return max(0, self.in_care + self.kept - self.program.capacity)

    @property
    def widths(self) -> tuple[int, int, int]:
        """For a bar of width 100: the part in care, where held openings begin, and their width."""
        whole = max(self.program.capacity, self.in_care + self.kept, 1)
        here = round(100 * self.in_care / whole)
        return here, here, round(100 * (self.in_care + self.kept) / whole) - here

    @property
    def kept_unseen(self) -> int:
        """Offers to people the reader may not see."""
        return self.kept - len(self.offered)

    @property
    def next(self) -> Waiting | None:
        """The next person, if the reader may see them."""
        return self.waiting[0] if self.waiting and self.waiting[0].position == 1 else None

    @property
    def leaving_shown(self) -> list[datetime.date]:
        """The next few who are expected to leave."""
        return self.leaving[:LEAVING_SHOWN]

    @property
    def leaving_more(self) -> int:
        """How many are not shown."""
        return max(0, len(self.leaving) - LEAVING_SHOWN)


@dataclass(frozen=True)
class Places:
    """The whole page."""

    programs: list[ProgramPlaces]  # those with someone in line first
    without_program: list[Waiting]  # on the wait list, for no program yet

    @property
    def waiting(self) -> int:
        """People waiting whom the reader may see."""
        return len(self.without_program) + sum(len(each.waiting) for each in self.programs)

    @property
    def free(self) -> int:
        """Free places of all programs that admit."""
        return sum(each.free for each in self.programs if each.program.is_open)


def now_in(*, staff_member: StaffMember, now: datetime.datetime) -> Places:
    """Every program in the reader's clinic. Counts include everyone; rows include only people the reader may see."""
    clinic = staff_member.clinic
    if not can(staff_member, Permission.INQUIRY_VIEW):
        return Places([], [])
    today = now.astimezone(clinic.zone).date()
    values = queue.limits(clinic)
    rows = list(
        Inquiry.objects.filter(clinic=clinic, stage__in=Inquiry.QUEUE_STAGES).select_related("clinic", "assigned_to")
    )
    seen = set(
        Inquiry.objects.visible_to(staff_member).filter(stage__in=Inquiry.QUEUE_STAGES).values_list("pk", flat=True)
    )
    in_care, leaving = _in_care(staff_member), _leaving(staff_member)
    programs = []
    for program in Program.objects.visible_to(staff_member):
        own = [inquiry for inquiry in rows if inquiry.program_id == program.pk]
        offered = [inquiry for inquiry in own if inquiry.stage == Inquiry.Stage.OFFERED]
        live = [inquiry for inquiry in offered if inquiry.offer_lapses_on and inquiry.offer_lapses_on >= today]
        line = waitlist.in_order(_waiting(own), now=now, values=values, clinic=clinic)
        visible = [each for each in line if each.inquiry.pk in seen]
        days = leaving.get(program.pk, [])
        if not program.is_open and not own and not in_care[program.pk]:
            continue  # a program of the past
        programs.append(
            ProgramPlaces(
                program=program,
                in_care=in_care[program.pk],
                kept=len(live),
                offered=[_offered(inquiry, now) for inquiry in _by_last_day(live) if inquiry.pk in seen],
                lapsed=[inquiry for inquiry in offered if inquiry not in live and inquiry.pk in seen],
                leaving=[day for day in days if day >= today],
                leaving_overdue=sum(day < today for day in days),
                waiting=visible,
                waiting_unseen=len(line) - len(visible),
            )
        )
    unplaced = [inquiry for inquiry in _waiting(rows) if inquiry.program_id is None]
    line = waitlist.in_order(unplaced, now=now, values=values, clinic=clinic)
    programs.sort(key=lambda each: not (each.waiting or each.waiting_unseen or each.kept or each.lapsed))
    return Places(programs, [each for each in line if each.inquiry.pk in seen])


def _in_care(staff_member: StaffMember) -> Counter[int]:
    """How many are in care, by program: numbers of the whole clinic, which name no one."""
    open_now = Count("episodes", filter=Q(episodes__discharged_on=None))
    found = Program.objects.visible_to(staff_member).annotate(here=open_now).values_list("pk", "here")
    return Counter(dict(found))


def _leaving(staff_member: StaffMember) -> dict[int, list[datetime.date]]:
    """Days on which someone is expected to leave, by program."""
    found: dict[int, list[datetime.date]] = {}
    rows = TreatmentEpisode.objects.open().filter(
        program__clinic=staff_member.clinic_id, expected_discharge_on__isnull=False
    )
    for program, day in rows.order_by("expected_discharge_on").values_list("program", "expected_discharge_on"):
        if day is not None:
            found.setdefault(program, []).append(day)
    return found


def _waiting(rows: list[Inquiry]) -> list[Inquiry]:
    return [inquiry for inquiry in rows if inquiry.stage == Inquiry.Stage.WAITLIST]


def _by_last_day(rows: list[Inquiry]) -> list[Inquiry]:
    return sorted(rows, key=lambda inquiry: (inquiry.offer_lapses_on, inquiry.pk))


def _offered(inquiry: Inquiry, now: datetime.datetime) -> Offered:
    ends = offers.lapses_at(inquiry)
    assert ends is not None
    return Offered(inquiry, ends, ends - now <= SOON)
