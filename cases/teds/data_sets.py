"""Admission and discharge (TEDS) data: recorded as it becomes known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone

from cases import data_set_codes as codes
from cases.codes import Route, Substance
from cases.data_set_codes import NO_SUBSTANCE, Point
from cases.models import DataSetSubstance, EpisodeDataSet, TreatmentEpisode
from cases.models.teds import DAYS_ASKED_ABOUT, OLDEST, SUBSTANCES_AT_MOST
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.thresholds import Threshold

EXPECTED_AFTER = Threshold(
    "cases.data_set_days", 5, unit="days", label="Admission data, days after admission", lowest=1, highest=60
)

ASKED_ON_ADMISSION = ("referral_source", "prior_elsewhere", "medication_planned")
ASKED_EACH_TIME = ("employment", "living", "arrests", "meetings", "meetings_some")
FACTS = frozenset({*ASKED_ON_ADMISSION, *ASKED_EACH_TIME})


class DataSetFacts(TypedDict, total=False):
    """Facts besides the substances; any fact not given is unknown."""

    referral_source: str
    prior_elsewhere: int | None
    medication_planned: bool | None
    employment: str
    living: str
    arrests: int | None
    meetings: int | None
    meetings_some: bool


class SubstanceAsked(TypedDict, total=False):
    """One of the up to three substances."""

    substance: str
    route: str
    days_used_past_30: int | None
    age_at_first_use: int | None


NOT_KNOWN: DataSetFacts = {
    "referral_source": "",
    "prior_elsewhere": None,
    "medication_planned": None,
    "employment": "",
    "living": "",
    "arrests": None,
    "meetings": None,
    "meetings_some": False,
}
PERMISSION = {Point.ADMISSION: Permission.EPISODE_ADMIT, Point.DISCHARGE: Permission.EPISODE_DISCHARGE}
MOST = {"prior_elsewhere": 99, "arrests": 99, "meetings": DAYS_ASKED_ABOUT}
LISTS = {"referral_source": codes.ReferralSource, "employment": codes.Employment, "living": codes.LivingArrangement}
PLACES = ("first", "second", "third")


class StillInCare(Refusal):
    """The data set of a discharge before the discharge."""

    sentence = "Discharge data is recorded at discharge. This episode is still open."


class AskedOnAdmissionOnly(Refusal):
    """Something of an admission in the data set of a discharge."""

    sentence = "Referral source, earlier treatment and planned medication belong to admission data."


class NotInTheList(Refusal):
    """A value that is in no list."""

    sentence = "Choose from the list, or leave blank if unknown."


class NotPossible(Refusal):
    """A number outside its range."""


class NumberOrSome(Refusal):
    """Both a number of meetings and that the number is not known."""

    sentence = "Enter the number of meetings or check “number unknown,” not both."


class SubstancesDoNotFit(Refusal):
    """The substances contradict each other."""


def record(
    *,
    episode: TreatmentEpisode,
    point: str,
    by: StaffMember,
    substances: Iterable[SubstanceAsked | str] = (),
    **facts: Unpack[DataSetFacts],
) -> EpisodeDataSet:
    """Record the data set of an admission or a discharge, replacing the earlier one (the history keeps it).

    `facts` are FACTS; any fact not given is unknown. `substances`: up to three, most important first, each a code or a
    dict of substance, route, days_used_past_30 (0–30) and age_at_first_use in years; "none" (always last) means there
    is no further substance. Raises NotPermitted, StillInCare, AskedOnAdmissionOnly, NotInTheList, NotPossible,
    NumberOrSome, SubstancesDoNotFit, and TypeError for an unknown fact.
    """
    point = _point(point)
    client = episode.client
    demand(by, PERMISSION[point], client)
    if unknown := facts.keys() - FACTS:
        raise TypeError(f"A data set has no {', '.join(sorted(unknown))}.")
    answers: DataSetFacts = {**NOT_KNOWN, **facts}
    _check_facts(point, answers)
    with act("cases.record_data_set", by=by, client=client) as entry:
        episode = TreatmentEpisode.objects.select_for_update(no_key=True).get(pk=episode.pk)
        if point == Point.DISCHARGE and episode.is_open:
            raise StillInCare
        day = episode.admitted_on if point == Point.ADMISSION else episode.discharged_on
        assert day is not None
        rows = _checked(substances, client.age_on(day))
        data_set, is_new = EpisodeDataSet.objects.update_or_create(
            episode=episode, point=point, defaults={**answers, "recorded_by": by}
        )
        if not is_new:
            data_set.substances.all().delete()
        DataSetSubstance.objects.bulk_create(
            DataSetSubstance(data_set=data_set, rank=rank, **row) for rank, row in enumerate(rows, start=1)
        )
        prefetch_related_objects([data_set], "substances")  # pages that show it check again what is missing
        entry.about(data_set, point=str(point), is_new=is_new, missing=len(missing(data_set)))
    return data_set


def missing(data_set: EpisodeDataSet) -> list[str]:
    """The elements that are not recorded yet, in words, in the order of the form. Asks for the rows of substances."""
    on_admission = data_set.point == Point.ADMISSION
    found = []
    if on_admission:
        found += [] if data_set.referral_source else ["referral source"]
        found += ["earlier treatment elsewhere"] if data_set.prior_elsewhere is None else []
        found += ["medication for opioid use disorder planned"] if data_set.medication_planned is None else []
    found += _missing_substances(list(data_set.substances.all()), on_admission=on_admission)
    found += [] if data_set.employment else ["employment"]
    found += [] if data_set.living else ["living arrangement"]
    found += ["arrests in the past 30 days"] if data_set.arrests is None else []
    if data_set.meetings is None and not data_set.meetings_some:
        found.append("mutual-help meetings in the past 30 days")
    return found


@dataclass(frozen=True)
class DataSetStatus:
    """How far the data set of one end of an episode is."""

    point: Point
    is_recorded: bool
    missing: list[str]

    @property
    def words(self) -> str:
        """As a link says it."""
        if not self.is_recorded:
            return "not recorded yet"
        return f"{len(self.missing)} missing" if self.missing else "complete"


def standing(episode: TreatmentEpisode) -> list[DataSetStatus]:
    """The admission, and for an episode that has ended the discharge. Prefetch with `with_data_sets`."""
    known = {each.point: each for each in episode.data_sets.all()}
    points = [Point.ADMISSION] if episode.is_open else [Point.ADMISSION, Point.DISCHARGE]
    return [DataSetStatus(point, point in known, missing(known[point]) if point in known else []) for point in points]


def with_data_sets() -> Prefetch[str, QuerySet[EpisodeDataSet], str]:
    """For querysets of episodes: their data sets with the substances."""
    return Prefetch("data_sets", EpisodeDataSet.objects.prefetch_related("substances"))


def days_waited(episode: TreatmentEpisode) -> int | None:
    """Days from the call to the admission, by the clinic's calendar; None if there is no call or it came later."""
    if episode.inquiry is None:
        return None
    asked_on = timezone.localdate(episode.inquiry.taken_at, episode.client.clinic.zone)
    days = (episode.admitted_on - asked_on).days
    return days if days >= 0 else None


def _point(point: str) -> Point:
    if point not in Point.values:
        raise NotInTheList
    return Point(point)


def _check_facts(point: Point, answers: DataSetFacts) -> None:
    facts, not_known = dict(answers), dict(NOT_KNOWN)
    if point == Point.DISCHARGE and any(facts[name] != not_known[name] for name in ASKED_ON_ADMISSION):
        raise AskedOnAdmissionOnly
    for name, choices in LISTS.items():
        if facts[name] and facts[name] not in choices.values:
            raise NotInTheList
    numbers = {
        "prior_elsewhere": answers["prior_elsewhere"],
        "arrests": answers["arrests"],
        "meetings": answers["meetings"],
    }
    for name, number in numbers.items():
        label = str(EpisodeDataSet._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        _check_number(number, MOST[name], label[:1].upper() + label[1:])
    if facts["meetings_some"] and facts["meetings"] is not None:
        raise NumberOrSome


def _check_number(number: int | None, most: int, what: str) -> None:
    if number is not None and not 0 <= number <= most:
        raise NotPossible(f"{what}: enter a number from 0 to {most}.")


def _checked(substances: Iterable[SubstanceAsked | str], age: int | None) -> list[SubstanceAsked]:
    """Every row in the table's format, or a refusal that says what does not fit."""
    rows: list[SubstanceAsked] = [{"substance": each} if isinstance(each, str) else each.copy() for each in substances]
    if len(rows) > SUBSTANCES_AT_MOST:
        raise SubstancesDoNotFit(f"Enter up to {SUBSTANCES_AT_MOST} substances, primary first.")
    named = [row["substance"] for row in rows]
    if not set(named) <= {NO_SUBSTANCE, *Substance.values}:
        raise NotInTheList
    if len(set(named)) < len(named):
        raise SubstancesDoNotFit("The same substance is listed twice. Remove one.")
    if NO_SUBSTANCE in named[:-1]:
        raise SubstancesDoNotFit("“None” ends the list. Remove the substance after it.")
    for row in rows:
        row["route"] = row.get("route") or ""
        _check_substance(row, age)
    return rows


def _check_substance(row: SubstanceAsked, age: int | None) -> None:
    route, days, first = row.get("route"), row.get("days_used_past_30"), row.get("age_at_first_use")
    if row["substance"] == NO_SUBSTANCE:
        if route or days is not None or first is not None:
            raise SubstancesDoNotFit("For “None,” leave route, days of use and age at first use blank.")
        return
    name = Substance(row["substance"]).label
    if route and route not in Route.values:
        raise NotInTheList
    _check_number(days, DAYS_ASKED_ABOUT, f"{name}, days of use in the past 30")
    _check_number(first, OLDEST, f"{name}, age at first use")
    if first is not None and age is not None and first > age:
        raise NotPossible(f"{name}: age at first use is {first}, but the client was {age} then.")


def _missing_substances(rows: Sequence[DataSetSubstance], *, on_admission: bool) -> list[str]:
    found: list[str] = []
    for row in rows:
        if row.is_none:
            return found
        name = row.get_substance_display().lower() if row.substance != Substance.PCP else "PCP"
        if on_admission and not row.route:
            found.append(f"{name}: route")
        if row.days_used_past_30 is None:
            found.append(f"{name}: days of use")
        if on_admission and row.age_at_first_use is None:
            found.append(f"{name}: age at first use")
    if len(rows) < SUBSTANCES_AT_MOST:
        found.append(f"{PLACES[len(rows)]} substance, or “None”")
    return found
