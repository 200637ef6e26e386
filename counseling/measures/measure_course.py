"""A measure over time: the points of each scale in order, where the line breaks, and why.

A line connects two points of one stay that have the same scoring rules and item text, with nothing missing between
them. Everything else is a gap, because it would compare different things.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from cases.models import Client, Relapse, TreatmentEpisode
from cases.models.people.client import Sex
from counseling.codes import Instrument
from counseling.instruments import BAM_SUBSCALES, FORMS, Band
from counseling.models import Measure
from counseling.models.measures.measure import MeasureQuerySet
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, reads, rows, together

from . import measure_pictures
from .measure_due import Due
from .measure_pictures import Background, Picture, Point, Scale, Spark

SHOWN = 200  # points of a picture; the latest ones
_YEAR = datetime.timedelta(days=365)
GLANCED = 12  # points of a small one
CSSRS_STEPS = ("No risk identified", "Low", "Moderate", "High")
_SUBSCALES = {
    "use": ("Use", "Lower is better"),
    "risk": ("Risk", "Lower is better"),
    "protective": ("Protective", "Higher is better"),
}


@dataclass(frozen=True)
class Row:
    """One row of the table below the chart."""

    measure: Measure
    change: int | None  # since the one before, where both belong to one line
    new_version: bool  # other rules or other words than the one before

    @property
    def fall(self) -> int:
        """How much lower it is than the one before."""
        return -(self.change or 0)


@dataclass(frozen=True)
class Event:
    """An event between two rows of the table."""

    on: datetime.date
    words: str


@dataclass(frozen=True)
class Course:
    """One instrument over time for one client."""

    pictures: list[Picture]
    rows: list[Row]  # the latest first
    table: list[Row | Event]  # the same with what else the picture shows
    has_versions: bool
    earlier: int  # measures before those shown
    whole: bool  # asked for in full, not the last year alone
    has_totals: bool
    taken_back: int
    sentence: str

    @property
    def has_returns(self) -> bool:
        """Whether a return to use is marked below the picture."""
        return any(each.wide.returns for each in self.pictures)


@dataclass(frozen=True)
class Line:
    """Summary of one instrument: latest score, sparkline, due date."""

    instrument: Instrument
    latest: Measure | None
    sparks: list[Spark] = field(default_factory=list)
    due: Due | None = None

    @property
    def has_course(self) -> bool:
        """Whether there is anything to look back on."""
        return self.latest is not None


@reads
def of(
    client: Client,
    instrument: Instrument,
    measures: MeasureQuerySet,
    episodes: QuerySet[TreatmentEpisode],
    *,
    staff_member: StaffMember,
    whole: bool = False,
) -> Reading[Course]:
    """One instrument over the year up to the latest measure, or from the first one on (`whole`).

    `measures` and `episodes` are those the reader may see.
    """
    counted = measures.counted()
    found, stays, returns, every_one, taken_back, firsts = yield from together(
        rows(counted.select_related("text", "recorded_by").order_by("-taken_at", "-pk")[:SHOWN]),
        rows(episodes),
        _returns(client, staff_member),
        rows(counted.order_by().values_list("pk")),
        rows(measures.exclude(withdrawal=None).order_by().values_list("pk")),
        rows(counted.scored().order_by("episode", "taken_at", "pk").distinct("episode").values_list("episode", "pk")),
    )
    if found and not whole:
        found = [each for each in found if each.taken_at > found[0].taken_at - _YEAR]
    shown = found[::-1]
    background = Background(
        stays=[(each.admitted_on, each.discharged_on, str(each.program)) for each in stays],
        returns=returns,
        today=timezone.localdate(timezone=client.clinic.zone),
    )
    pictures: list[Picture] = []
    table: list[Row | Event] = []
    lines = _rows(shown)
    if shown:
        drawn = scales(instrument, client)
        for scale in drawn:
            points = _points(shown, scale, client)
            pictures.append(measure_pictures.draw(scale, points, background, foot=scale is drawn[-1]))
        _, until = measure_pictures.window(points, background)
        table = _table(lines, background, client, until=until)
    return Course(
        pictures=pictures,
        rows=lines,
        table=table,
        has_versions=len({(each.rules_version, each.text_id) for each in shown}) > 1,
        earlier=len(every_one) - len(shown),
        whole=whole,
        has_totals=FORMS[instrument].total_range is not None,
        taken_back=len(taken_back),
        sentence=_sentence(shown, dict(firsts), client),
    )


def last_points(measures: MeasureQuerySet) -> QuerySet[Measure]:
    """The last measures of each instrument that `glance` draws, the earliest first."""
    number = Window(RowNumber(), partition_by=[F("instrument")], order_by=[F("taken_at").desc(), F("pk").desc()])
    numbered = measures.counted().select_related("client__clinic").annotate(place=number).filter(place__lte=GLANCED)
    return numbered.order_by("taken_at", "pk")


def glance(points: Iterable[Measure], due: Iterable[Due]) -> list[Line]:
    """Each instrument completed or due, with its last points: due first, then the most recent."""
    taken: dict[str, list[Measure]] = {}
    for row in points:
        taken.setdefault(row.instrument, []).append(row)
    by_instrument = {each.instrument: each for each in due}
    lines = [
        Line(
            instrument=instrument,
            latest=own[-1] if own else None,
            sparks=[
                measure_pictures.spark(scale, _points(own, scale, own[0].client))
                for scale in (scales(instrument, own[0].client) if own else [])
            ],
            due=by_instrument.get(instrument),
        )
        for instrument in Instrument
        if (own := taken.get(instrument.value, [])) or instrument in by_instrument
    ]
    return sorted(lines, key=_place)


def scales(instrument: Instrument, client: Client) -> list[Scale]:
    """The scales of an instrument: its total with bands, a BAM's three subscales, or the C-SSRS as steps."""
    form = FORMS[instrument]
    if instrument == Instrument.CSSRS:
        steps = tuple(Band(place, name) for place, name in enumerate(CSSRS_STEPS))
        return [Scale("", instrument.label, 0, len(steps), steps, is_steps=True)]
    if instrument == Instrument.BAM:
        return [
            Scale(name, _SUBSCALES[name][0], 0, 4 * len(keys), hint=_SUBSCALES[name][1])
            for name, keys in BAM_SUBSCALES.items()
        ]
    assert form.total_range is not None
    low, high = form.total_range
    hint = "Higher is better" if instrument == Instrument.BARC10 else "Lower is better"
    bands = form.bands
    if instrument == Instrument.AUDIT_C:
        bands = _audit_c_bands(client)
    elif instrument == Instrument.BARC10:
        bands = tuple(Band(each.lowest, each.name.replace("sustained-remission ", "")) for each in form.bands)
    return [Scale("", instrument.label, low, high, bands, hint=hint)]


def _audit_c_bands(client: Client) -> tuple[Band, ...]:
    below, above = Band(0, "Below the cutoff"), "At or above the cutoff"
    if client.sex == Sex.NOT_SAID:
        return below, Band(3, "Cutoff for women"), Band(4, above)
    return below, Band(3 if client.sex == Sex.FEMALE else 4, above)


def value_of(measure: Measure, scale: Scale) -> int | None:
    """A measure's value on a scale; None if an answer was missing."""
    if scale.is_steps:
        return CSSRS_STEPS.index(measure.band) if measure.band in CSSRS_STEPS else None
    if scale.subscale:
        return measure.subscales.get(scale.subscale)
    return measure.total


def _points(measures: Sequence[Measure], scale: Scale, client: Client) -> list[Point]:
    own = {timezone.localdate(each.taken_at, client.clinic.zone) for each in measures}
    return [
        Point(
            on=timezone.localdate(each.taken_at, client.clinic.zone),
            value=value_of(each, scale),
            label=each.band if scale.is_steps else "",
            line=_line(each),
            part=_part(each, client) if len(own) < len(measures) else 0.0,
        )
        for each in measures
    ]


def _part(measure: Measure, client: Client) -> float:
    """How much of the day was over."""
    at = timezone.localtime(measure.taken_at, client.clinic.zone)
    return (at.hour + at.minute / 60) / 24


def _line(measure: Measure) -> tuple[int, int | None, int | None]:
    """What two measures must have in common to be connected by a line."""
    return measure.rules_version, measure.text_id, measure.episode_id


def _rows(measures: Sequence[Measure]) -> list[Row]:
    rows = []
    before: Measure | None = None
    for each in measures:
        same = before is not None and _line(before) == _line(each)
        change = None
        if before is not None and same and each.total is not None and before.total is not None:
            change = each.total - before.total
        version = before is not None and _line(before)[:2] != _line(each)[:2]
        rows.append(Row(each, change, version))
        before = each
    return rows[::-1]


def _table(rows: Sequence[Row], background: Background, client: Client, *, until: datetime.date) -> list[Row | Event]:
    """Latest first; on one day, measures come before events. Covers the same time as the chart."""
    events = [Event(day, "Return to use") for day in background.returns]
    for admitted, discharged, name in background.stays:
        events.append(Event(admitted, f"Admitted, {name}"))
        if discharged is not None:
            events.append(Event(discharged, f"Discharged, {name}"))
    days = [timezone.localdate(row.measure.taken_at, client.clinic.zone) for row in rows]
    lines: list[tuple[datetime.date, int, Row | Event]] = [(day, 1, row) for day, row in zip(days, rows, strict=True)]
    # anything before the first one is drawn only if its stay continues, and is not listed here
    lines += [(each.on, 0, each) for each in events if days[-1] <= each.on <= until]
    return [line for _, _, line in sorted(lines, key=lambda each: each[:2], reverse=True)]


def _returns(client: Client, staff_member: StaffMember) -> Reading[list[datetime.date]]:
    """Days on which a return to use began, for readers who may know of them."""
    if not can(staff_member, Permission.RELAPSE_VIEW):
        return []
    events = yield from rows(Relapse.objects.visible_to(staff_member).filter(client=client).order_by("started_on"))
    return [each.started_on for each in events if each.counts]


def _sentence(measures: Sequence[Measure], firsts: Mapping[int | None, int], client: Client) -> str:
    """A one-sentence summary: the latest score, and where its line starts.

    `firsts` are the first scored ones by stay: the first one shown is it only if none was scored before.
    """
    scored = [each for each in measures if each.is_scored]
    if not scored:
        return ""
    last = scored[-1]
    said = f"{last.result_in_words} on {_day(last, client)}"
    line = [each for each in scored if _line(each) == _line(last)]
    if len(line) > 1 and last.total is not None and line[0].total is not None:
        is_first = last.episode_id is not None and firsts.get(last.episode_id) == line[0].pk
        if is_first:
            said += f"; {line[0].total} on {_day(line[0], client)}, first of this episode"
        else:
            said += f"; {line[0].total} on {_day(line[0], client)}, where this line starts"
    return f"{said[:1].upper()}{said[1:]}."


def _day(measure: Measure, client: Client) -> str:
    return f"{timezone.localdate(measure.taken_at, client.clinic.zone):%b %-d, %Y}"


def _place(line: Line) -> tuple[int, float]:
    if line.due is not None and line.due.is_asked_for:
        return 0, line.due.due_on.toordinal()
    return 1, -line.latest.taken_at.timestamp() if line.latest else 0
