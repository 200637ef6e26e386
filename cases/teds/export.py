"""The file for the state: who may have it, its audit entry, and the lines themselves."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypedDict

from django.db.models import Prefetch

from cases.data_set_codes import Point
from cases.models import EpisodeDataSet, TreatmentEpisode
from cases.teds.rows import CHUNK, COLUMNS, admission_rows, discharge_rows, episodes_of
from staff import records_read
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember

from . import data_sets

_ROWS = {Point.ADMISSION: admission_rows, Point.DISCHARGE: discharge_rows}


class Asked(TypedDict):
    """Whose rows, and from when to when."""

    clinic: Clinic
    since: datetime.date
    until: datetime.date
    staff_member: StaffMember


def export(*, point: str, since: datetime.date, until: datetime.date, by: StaffMember) -> Iterator[str]:
    """The lines of the file, headings first, read while they are sent.

    Client data leaves the product, so the audit log records who downloaded which dates and whose rows, before the first
    line is sent, and the log of lists of how many clients. Raises NotPermitted for users who may not see reports and
    episodes.
    """
    demand(by, Permission.REPORT_VIEW)
    demand(by, Permission.EPISODE_VIEW)
    asked: Asked = {"clinic": by.clinic, "since": since, "until": until, "staff_member": by}
    with act("cases.export_teds", by=by) as entry:
        whose = dict(episodes_of(point=point, **asked).values_list("pk", "client_id"))
        records_read.note_all(whose.values())
        entry.details |= {
            "point": str(point),
            "since": str(since),
            "until": str(until),
            "rows": len(whose),
            "clients": sorted(set(whose.values())),
        }
    return _lines(Point(point), asked, logged={str(each) for each in whose})


def _lines(point: Point, asked: Asked, *, logged: Collection[str]) -> Iterator[str]:
    """Of the episodes that are in the log: one that was admitted while the file is sent is in the next file."""
    writer = csv.writer(_Passing())
    yield writer.writerow(COLUMNS[point])
    for row in _ROWS[point](**asked):
        if row["EPISODE"] in logged:
            yield writer.writerow(row.values())


class _Passing:
    """A file that hands each line on instead of keeping it."""

    def write(self, line: str) -> str:
        """The line, as the writer made it."""
        return line


@dataclass(frozen=True)
class Unfinished:
    """An episode with an incomplete data set."""

    episode: TreatmentEpisode
    is_recorded: bool
    missing: list[str]


@dataclass(frozen=True)
class Completeness:
    """How much of a file would be known."""

    rows: int
    not_recorded: int
    in_part: int
    unfinished: list[Unfinished]  # the first of them

    @property
    def complete(self) -> int:
        """Rows in which nothing is missing that can be asked."""
        return self.rows - self.not_recorded - self.in_part


def completeness(
    *, point: str, since: datetime.date, until: datetime.date, staff_member: StaffMember, shown: int
) -> Completeness:
    """Data sets to complete before downloading the file, blank ones first."""
    asked = episodes_of(point=point, clinic=staff_member.clinic, since=since, until=until, staff_member=staff_member)
    own = EpisodeDataSet.objects.filter(point=point).prefetch_related("substances")
    total, empty, in_part = 0, 0, 0
    first: list[Unfinished] = []
    then: list[Unfinished] = []
    read = asked.select_related("program").prefetch_related(Prefetch("data_sets", own, to_attr="own_data_set"))
    for episode in read.iterator(chunk_size=CHUNK):
        total += 1
        data_set = next(iter(episode.own_data_set), None)  # type: ignore[attr-defined]
        missing = data_sets.missing(data_set) if data_set else []
        if data_set is None:
            empty += 1
            first.append(Unfinished(episode, is_recorded=False, missing=[]))
        elif missing:
            in_part += 1
            then.append(Unfinished(episode, is_recorded=True, missing=missing))
    return Completeness(total, empty, in_part, [*first, *then][:shown])
