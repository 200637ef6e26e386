"""Rows of the export: one per admission, one per discharge, without a name. Reads what the person may see."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from django.db.models import Case, Exists, F, OuterRef, Prefetch, QuerySet, Subquery, When
from django.db.models.functions import TruncDate

from cases.data_set_codes import Element, Point
from cases.episodes import earlier_stays
from cases.episodes.earlier_stays import EARLY_INTERVENTION
from cases.models import DataSetSubstance, EpisodeDataSet, LevelOfCarePeriod, TreatmentEpisode
from cases.models.episodes.episode import EpisodeQuerySet
from cases.models.teds import SUBSTANCES_AT_MOST
from cases.teds import codes, service_type
from cases.teds.codes import MISSING
from cases.teds.state_map import Coded, StateMap
from staff.models import Clinic, StaffMember

from . import data_sets

CHUNK = 500
_PLACES = range(1, SUBSTANCES_AT_MOST + 1)
_KEYS = ("CLIENT", "EPISODE", "ADMITTED")
ADMISSION_COLUMNS = (
    *_KEYS, "SERVICES", "DAYWAIT", "NOPRIOR", "PSOURCE", "METHUSE", "EMPLOY", "LIVARAG", "ARRESTS",
    "FREQ_ATND_SELF_HELP",
    *(f"{name}{place}" for place in _PLACES for name in ("SUB", "ROUTE", "FREQ", "FRSTUSE")),
)  # fmt: skip
DISCHARGE_COLUMNS = (
    *_KEYS, "DISCHARGED", "REASON", "SERVICES", "SERVICES_D", "EMPLOY", "EMPLOY_D", "LIVARAG", "LIVARAG_D", "ARRESTS",
    "ARRESTS_D", "FREQ_ATND_SELF_HELP", "FREQ_ATND_SELF_HELP_D",
    *(f"{name}{place}{when}" for place in _PLACES for name in ("SUB", "FREQ") for when in ("", "_D")),
)  # fmt: skip
COLUMNS = {Point.ADMISSION: ADMISSION_COLUMNS, Point.DISCHARGE: DISCHARGE_COLUMNS}

Row = dict[str, str]
Cells = dict[str, Coded]


def admission_rows(
    *, clinic: Clinic, since: datetime.date, until: datetime.date, staff_member: StaffMember
) -> Iterator[Row]:
    """Each admission from `since` to `until`, both days included, as ADMISSION_COLUMNS; oldest first."""
    episodes = episodes_of(point=Point.ADMISSION, clinic=clinic, since=since, until=until, staff_member=staff_member)
    return _rows(episodes, clinic, Point.ADMISSION)


def discharge_rows(
    *, clinic: Clinic, since: datetime.date, until: datetime.date, staff_member: StaffMember
) -> Iterator[Row]:
    """Each discharge from `since` to `until`, both days included, as DISCHARGE_COLUMNS; by day of discharge."""
    episodes = episodes_of(point=Point.DISCHARGE, clinic=clinic, since=since, until=until, staff_member=staff_member)
    return _rows(episodes, clinic, Point.DISCHARGE)


def episodes_of(
    *, point: str, clinic: Clinic, since: datetime.date, until: datetime.date, staff_member: StaffMember
) -> EpisodeQuerySet:
    """The treatment episodes in an export, in its order. Level 0.5 alone is not reported."""
    visible = TreatmentEpisode.objects.visible_to(staff_member).filter(client__clinic=clinic)
    treated = _periods().exclude(level_code=EARLY_INTERVENTION)
    visible = earlier_stays.treatment(visible)
    visible = visible.annotate(treated_at=Subquery(treated.values("starts_at")[:1]))
    visible = visible.annotate(treated_on=_treated_on(clinic))
    if point == Point.ADMISSION:
        return visible.filter(treated_on__range=(since, until)).order_by("treated_on", "pk")  # type: ignore[misc]
    return visible.filter(discharged_on__range=(since, until)).order_by("discharged_on", "pk")


def _rows(episodes: EpisodeQuerySet, clinic: Clinic, point: Point) -> Iterator[Row]:
    """Read in chunks: a file of any length needs little memory, and a fixed number of queries per chunk."""
    state = StateMap.of(clinic)
    substances = Prefetch("substances", DataSetSubstance.objects.order_by("rank"))
    read = episodes.select_related("client", "inquiry").prefetch_related(
        Prefetch("data_sets", EpisodeDataSet.objects.prefetch_related(substances)),
        Prefetch("level_of_care_periods", LevelOfCarePeriod.objects.order_by("starts_at")),
    )
    if point == Point.ADMISSION:
        read = read.prefetch_related("client__episodes__level_of_care_periods")
    for episode in read.iterator(chunk_size=CHUNK):
        episode.client.clinic = clinic
        cells = _admission(episode) if point == Point.ADMISSION else _discharge(episode)
        keys = {"CLIENT": str(episode.client_id), "EPISODE": str(episode.pk), "ADMITTED": str(episode.treated_on)}  # type: ignore[attr-defined]
        if point == Point.DISCHARGE:
            keys["DISCHARGED"] = str(episode.discharged_on)
        row = keys | {column: state.cell(coded) for column, coded in cells.items()}
        yield {column: row[column] for column in COLUMNS[point]}


def _admission(episode: TreatmentEpisode) -> Cells:
    data_set = _data_set(episode, Point.ADMISSION)
    medication = {True: "yes", False: "no", None: ""}[data_set.medication_planned]
    earlier_here = earlier_stays.count(episode, episode.client.episodes.all(), zone=episode.client.clinic.zone)
    cells = {
        "SERVICES": _service(episode),
        "DAYWAIT": Coded(Element.DAYWAIT, codes.DAYWAIT.code(data_sets.days_waited(episode))),
        "NOPRIOR": Coded(Element.NOPRIOR, codes.prior(earlier_here, data_set.prior_elsewhere)),
        "PSOURCE": _chosen(Element.PSOURCE, data_set.referral_source),
        "METHUSE": _chosen(Element.METHUSE, medication),
        **_circumstances(data_set),
    }
    for place, row in _by_place(data_set).items():
        cells |= {
            f"SUB{place}": _chosen(Element.SUBSTANCE, row.substance if row else ""),
            f"ROUTE{place}": _chosen(Element.ROUTE, row.route if row else ""),
            f"FREQ{place}": _frequency(row),
            f"FRSTUSE{place}": Coded(Element.FIRST_USE, codes.FIRST_USE.code(row.age_at_first_use if row else None)),
        }
    return cells


def _discharge(episode: TreatmentEpisode) -> Cells:
    cells: Cells = {"REASON": _chosen(Element.REASON, episode.discharge_reason)}
    for point, suffix in ((Point.ADMISSION, ""), (Point.DISCHARGE, "_D")):
        data_set = _data_set(episode, point)
        cells[f"SERVICES{suffix}"] = _service(episode, at_discharge=point == Point.DISCHARGE)
        cells |= {f"{column}{suffix}": coded for column, coded in _circumstances(data_set).items()}
        for place, row in _by_place(data_set).items():
            cells[f"SUB{place}{suffix}"] = _chosen(Element.SUBSTANCE, row.substance if row else "")
            cells[f"FREQ{place}{suffix}"] = _frequency(row)
    return cells


def _circumstances(data_set: EpisodeDataSet) -> Cells:
    """Elements asked at both ends of an episode."""
    meetings = codes.meetings(data_set.meetings, some=data_set.meetings_some)
    return {
        "EMPLOY": _chosen(Element.EMPLOY, data_set.employment),
        "LIVARAG": _chosen(Element.LIVARAG, data_set.living),
        "ARRESTS": Coded(Element.ARRESTS, codes.ARRESTS.code(data_set.arrests)),
        "FREQ_ATND_SELF_HELP": Coded(Element.MUTUAL_HELP, meetings),
    }


def _service(episode: TreatmentEpisode, *, at_discharge: bool = False) -> Coded:
    every = episode.level_of_care_periods.all()
    periods: Sequence[LevelOfCarePeriod] = [each for each in every if each.level_code != EARLY_INTERVENTION]
    return Coded(Element.SERVICES, service_type.service(episode, periods, at_discharge=at_discharge))


def _chosen(element: Element, value: str) -> Coded:
    """A choice of ours with its code; a choice without one is a mistake in the table and stops the export."""
    return Coded(element, codes.VALUES[element][value], value) if value else Coded(element, MISSING)


def _frequency(row: DataSetSubstance | None) -> Coded:
    return Coded(Element.FREQUENCY, codes.FREQUENCY.code(row.days_used_past_30 if row else None))


def _by_place(data_set: EpisodeDataSet) -> dict[int, DataSetSubstance | None]:
    """The row at each place; “none” takes the places after it, and nothing recorded is not “none”."""
    known = {row.rank: row for row in data_set.substances.all()} if data_set.pk else {}
    found: dict[int, DataSetSubstance | None] = {}
    for place in _PLACES:
        before = found.get(place - 1)
        found[place] = known.get(place) or (before if before is not None and before.is_none else None)
    return found


def _data_set(episode: TreatmentEpisode, point: Point) -> EpisodeDataSet:
    """The recorded data set, or a blank one, in which everything is unknown."""
    return next((each for each in episode.data_sets.all() if each.point == point), EpisodeDataSet(point=point))


def _treated_on(clinic: Clinic) -> Case:
    """Query version of `earlier_stays.treated_on`: the day of admission to treatment."""
    return Case(
        When(
            Exists(_periods().filter(level_code=EARLY_INTERVENTION, starts_at__lt=OuterRef("treated_at"))),
            then=TruncDate("treated_at", tzinfo=clinic.zone),
        ),
        default=F("admitted_on"),
    )


def _periods() -> QuerySet[LevelOfCarePeriod]:
    return LevelOfCarePeriod.objects.filter(episode=OuterRef("pk")).order_by("starts_at")
