"""The picture of a person's way: episodes, levels of care, returns to use and time in recovery on one line of time.

This module only measures: it turns dated facts into marks with a place, a name and an address. The template draws them
as SVG, and the same marks again as a table for those who cannot see the picture.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from django.urls import reverse
from django.utils import timezone

from cases.codes import Precision
from cases.models import Client, LevelOfCarePeriod, Relapse, TreatmentEpisode
from cases.sobriety import Stretch, events_of, statements_of, stretches
from staff.models import StaffMember
from staff.models.clinic import Setting

WIDTH = 1000  # units of the picture's own coordinate system
LEFT = 8
RIGHT = WIDTH - 8
EPISODES_Y = 107
ROW = 26
NARROWEST = 4.0  # so that a single day of use in ten years can still be seen and hit


class Lane(Enum):
    """One kind of fact, one row of the picture."""

    RECOVERY = "Time in recovery"
    RETURN = "Returns to use"
    EPISODE = "Episodes of care"
    LEVEL = "Level of care"


class Span(Enum):
    """How much time the picture shows, up to today."""

    LIFE = "life"
    YEARS = "3y"
    YEAR = "1y"
    QUARTER = "90d"

    @property
    def label(self) -> str:
        """What the link to it says."""
        return {"life": "All", "3y": "3 years", "1y": "1 year", "90d": "90 days"}[self.value]

    @property
    def days(self) -> int | None:
        """Length in days; None goes back to the first fact."""
        return {"life": None, "3y": 1096, "1y": 366, "90d": 90}[self.value]


@dataclass(frozen=True)
class Mark:
    """One fact in the picture. `end` is the first day after it, or None while it lasts."""

    lane: Lane
    name: str
    start: datetime.date
    end: datetime.date | None
    url: str = ""
    setting: int = 0
    approximate: bool = False
    x: float = 0
    width: float = 0
    label: str = ""
    row: int = 0  # episodes that overlap stand below each other

    @property
    def last_day(self) -> datetime.date | None:
        """The last day that belongs to it."""
        return self.end - datetime.timedelta(days=1) if self.end else None

    @property
    def step(self) -> int:
        """How far down a level of care is drawn: more structure stands higher."""
        return 13 * (4 - self.setting)

    @property
    def row_y(self) -> int:
        """How far down an episode is drawn."""
        return EPISODES_Y + ROW * self.row

    @property
    def label_x(self) -> float:
        """Where the short label begins."""
        return self.x + 6

    @property
    def shows_label(self) -> bool:
        """Whether its short label fits inside it: about seven units a letter."""
        return bool(self.label) and self.width > 7 * len(self.label) + 8


@dataclass(frozen=True)
class Tick:
    """A line on the axis of time."""

    x: float
    label: str


@dataclass(frozen=True)
class Timeline:
    """A measured picture."""

    start: datetime.date
    end: datetime.date
    span: Span
    marks: Sequence[Mark]
    ticks: Sequence[Tick]

    def lane(self, lane: Lane) -> list[Mark]:
        """The marks of one row, oldest first."""
        return [mark for mark in self.marks if mark.lane is lane]

    @property
    def recovery(self) -> list[Mark]:
        """Stretches without use."""
        return self.lane(Lane.RECOVERY)

    @property
    def returns(self) -> list[Mark]:
        """Returns to use."""
        return self.lane(Lane.RETURN)

    @property
    def episodes(self) -> list[Mark]:
        """Episodes of care."""
        return self.lane(Lane.EPISODE)

    @property
    def levels(self) -> list[Mark]:
        """Levels of care."""
        return self.lane(Lane.LEVEL)

    @property
    def levels_y(self) -> int:
        """Where the levels of care begin: below as many rows of episodes as there are."""
        return EPISODES_Y + ROW * (1 + max((mark.row for mark in self.episodes), default=0)) + 22

    @property
    def axis_y(self) -> int:
        """Where the axis of time ends."""
        return self.levels_y + 58

    @property
    def height(self) -> int:
        """The picture's height in its own units."""
        return self.axis_y + 24

    @property
    def rows(self) -> list[Mark]:
        """Every mark, newest first, as the table lists them."""
        return sorted(self.marks, key=lambda mark: (mark.start, mark.lane.value), reverse=True)

    @property
    def summary(self) -> str:
        """The picture in one sentence, for a screen reader."""
        counts = [
            _counted(len(self.episodes), "episode of care", "episodes of care"),
            _counted(len(self.returns), "return to use", "returns to use"),
            _counted(len(self.recovery), "stretch in recovery", "stretches in recovery"),
        ]
        return f"From {self.start:%B %Y} to {self.end:%B %Y}: {', '.join(counts)}. The table below says the same."


def draw(*, client: Client, staff_member: StaffMember, span: Span = Span.LIFE) -> Timeline | None:
    """Measure the client's timeline as this person may see it; None where nothing is dated yet."""
    today = timezone.localdate(timezone=client.clinic.zone)
    episodes = list(TreatmentEpisode.objects.visible_to(staff_member).filter(client=client).select_related("program"))
    periods = list(
        LevelOfCarePeriod.objects.visible_to(staff_member).filter(episode__client=client).select_related("episode")
    )
    events = [each for each in events_of(client) if each.started_on <= today]
    sober = stretches([each for each in events if each.is_confirmed], statements_of(client), today)
    marks = [
        *_recovery_marks(sober, client),
        *_return_marks(events, client),
        *_episode_marks(episodes, client),
        *_level_marks(periods, client),
    ]
    if not marks:
        return None
    first = min(mark.start for mark in marks)
    start = max(first, today - datetime.timedelta(days=span.days)) if span.days else first
    start = min(start, today - datetime.timedelta(days=30))
    return measure(marks, start=start, end=today + datetime.timedelta(days=1), span=span)


def measure(marks: Iterable[Mark], *, start: datetime.date, end: datetime.date, span: Span = Span.LIFE) -> Timeline:
    """Give each mark its place between two days, leave out what ended before them, and choose the axis' lines."""
    scale = (RIGHT - LEFT) / max(1, (end - start).days)

    def place(day: datetime.date) -> float:
        return round(LEFT + (min(max(day, start), end) - start).days * scale, 1)

    placed = []
    for mark in marks:
        until = mark.end or end
        if until <= start or mark.start >= end:
            continue
        x = place(mark.start)
        width = max(NARROWEST, place(until) - x)
        placed.append(replace(mark, x=round(min(x, RIGHT - width), 1), width=round(width, 1)))
    others = [mark for mark in placed if mark.lane is not Lane.EPISODE]
    episodes = _in_rows([mark for mark in placed if mark.lane is Lane.EPISODE])
    return Timeline(start, end, span, [*others, *episodes], _ticks(start, end, place))


def _in_rows(episodes: Sequence[Mark]) -> list[Mark]:
    """Give each episode the first row in which it overlaps nobody."""
    ends: list[datetime.date] = []
    placed = []
    for mark in sorted(episodes, key=lambda each: each.start):
        end = mark.end or datetime.date.max
        row = next((row for row, taken in enumerate(ends) if taken <= mark.start), len(ends))
        ends[row : row + 1] = [end]
        placed.append(replace(mark, row=row))
    return placed


def _recovery_marks(sober: Iterable[Stretch], client: Client) -> Iterable[Mark]:
    url = reverse("cases:relapses", args=[client.pk])
    return [
        Mark(
            Lane.RECOVERY,
            f"{_counted(each.days, 'day')} in recovery",
            each.start,
            each.end,
            url,
            label=f"{each.days} d",
        )
        for each in sober
    ]


def _return_marks(events: Iterable[Relapse], client: Client) -> Iterable[Mark]:
    for event in events:
        end = event.ended_on + datetime.timedelta(days=1) if event.ended_on else None
        about = Precision.DAY not in {event.started_precision} or (
            end is not None and event.ended_precision != Precision.DAY
        )
        name = event.get_kind_display().split(" (")[0]
        if not event.is_confirmed:
            name += ", not confirmed"
        if event.overdosed_on:
            name += ", with overdose"
        yield Mark(
            Lane.RETURN,
            f"Return to use: {name}",
            event.started_on,
            end,
            reverse("cases:relapse", args=[client.pk, event.pk]),
            approximate=about,
        )


def _episode_marks(episodes: Iterable[TreatmentEpisode], client: Client) -> Iterable[Mark]:
    url = reverse("cases:episodes", args=[client.pk])
    for episode in episodes:
        end = episode.discharged_on + datetime.timedelta(days=1) if episode.discharged_on else None
        name = f"{episode.program.name}"
        if episode.discharge_reason:
            name += f", {episode.get_discharge_reason_display().lower()}"
        yield Mark(
            Lane.EPISODE,
            name,
            episode.admitted_on,
            end,
            url,
            setting=episode.program.setting,
            label=episode.program.name,
        )


def _level_marks(periods: Iterable[LevelOfCarePeriod], client: Client) -> Iterable[Mark]:
    zone = client.clinic.zone
    url = reverse("cases:episodes", args=[client.pk])
    for period in periods:
        end = timezone.localdate(period.ends_at, zone) if period.ends_at else None
        if end is None and period.episode.discharged_on:
            end = period.episode.discharged_on + datetime.timedelta(days=1)
        name = f"Level {period.level_code}, {Setting(period.setting).label[3:]}"
        start = timezone.localdate(period.starts_at, zone)
        yield Mark(Lane.LEVEL, name, start, end, url, setting=period.setting, label=period.level_code)


def _ticks(start: datetime.date, end: datetime.date, place: Callable[[datetime.date], float]) -> list[Tick]:
    """Lines at the beginnings of years or months: never more than about a dozen."""
    months = (end.year - start.year) * 12 + end.month - start.month
    step = next((each for each in (1, 2, 3, 6, 12, 24, 60) if months / each <= 12), 120)
    ticks = []
    year, month = start.year, start.month
    while (day := datetime.date(year, month, 1)) < end:
        counted = year * 12 + month - 1
        if day >= start and counted % step == 0:
            label = str(year) if step >= 12 or month == 1 else calendar.month_abbr[month]
            ticks.append(Tick(place(day), label))
        year, month = divmod(counted + 1, 12)
        month += 1
    return ticks


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
