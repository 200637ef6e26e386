"""Data sets of admissions and discharges, written in bulk: most complete, some with gaps, a few not there yet."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cases.codes import OPIOIDS, DischargeReason, Route, Substance
from cases.data_set_codes import NO_SUBSTANCE, Employment, LivingArrangement, Point, ReferralSource
from cases.models import DataSetSubstance, EpisodeDataSet, TreatmentEpisode

from .lives import Life

NOT_ASKED = 0.06  # of the answers
NOT_YET = {Point.ADMISSION: 0.07, Point.DISCHARGE: 0.12}  # of the data sets
BESIDES = [(Substance.CANNABIS, Route.SMOKING), (Substance.ALCOHOL, Route.ORAL), (Substance.COCAINE, Route.INHALATION)]
WORK = {
    Employment.FULL_TIME: 24, Employment.PART_TIME: 16, Employment.LOOKING: 22, Employment.LAID_OFF: 6,
    Employment.STUDENT: 5, Employment.HOMEMAKER: 5, Employment.RETIRED: 3, Employment.DISABLED: 11,
    Employment.NOT_WORKING: 8,
}  # fmt: skip
HOMES = {
    LivingArrangement.OWN_HOME: 34, LivingArrangement.WITH_FAMILY: 24, LivingArrangement.WITH_FRIENDS: 10,
    LivingArrangement.RECOVERY_RESIDENCE: 9, LivingArrangement.SHELTER: 7, LivingArrangement.NO_FIXED_PLACE: 8,
    LivingArrangement.UNSHELTERED: 4, LivingArrangement.SUPERVISED: 4,
}  # fmt: skip
SENDERS = {
    ReferralSource.SELF: 26, ReferralSource.FAMILY: 13, ReferralSource.TREATMENT_PROVIDER: 10,
    ReferralSource.HOSPITAL: 11, ReferralSource.PRIMARY_CARE: 8, ReferralSource.MENTAL_HEALTH: 5,
    ReferralSource.EMPLOYER: 3, ReferralSource.SOCIAL_SERVICES: 5, ReferralSource.MUTUAL_HELP: 4,
    ReferralSource.DRUG_COURT: 5, ReferralSource.PROBATION: 7, ReferralSource.DRIVING: 3,
}  # fmt: skip


def record_data_sets(lives: Sequence[Life], *, today: datetime.date, chance: random.Random) -> int:
    """One per admission and per discharge, as the counselor would have recorded it; returns how many."""
    made: list[tuple[EpisodeDataSet, Life]] = []
    for life in lives:
        for episode in life.episodes:
            for point in _points(episode, today, chance):
                made.append((_data_set(episode, point, life, chance), life))
    EpisodeDataSet.objects.bulk_create([data_set for data_set, _ in made], batch_size=1000)
    DataSetSubstance.objects.bulk_create(
        [row for data_set, life in made for row in _substances(data_set, life, chance)], batch_size=1000
    )
    return len(made)


def _points(episode: TreatmentEpisode, today: datetime.date, chance: random.Random) -> Iterator[Point]:
    if (today - episode.admitted_on).days > 2 and chance.random() > NOT_YET[Point.ADMISSION]:
        yield Point.ADMISSION
    if episode.discharged_on is not None and chance.random() > NOT_YET[Point.DISCHARGE]:
        yield Point.DISCHARGE


def _data_set(episode: TreatmentEpisode, point: Point, life: Life, chance: random.Random) -> EpisodeDataSet:
    better = point == Point.DISCHARGE and episode.discharge_reason == DischargeReason.COMPLETED
    attends = chance.random() < (0.75 if better else 0.4)
    some = attends and chance.random() < 0.1
    data_set = EpisodeDataSet(
        episode=episode,
        point=point,
        employment=_asked(_one_of(WORK, chance), "", chance),
        living=_asked(_one_of(HOMES, chance), "", chance),
        arrests=_asked(chance.choices([0, 1, 2], weights=[97, 3, 0] if better else [88, 9, 3])[0], None, chance),
        meetings=None if some else _asked(chance.randint(1, 30) if attends else 0, None, chance),
        meetings_some=some,
        recorded_by=life.counselor,
    )
    if point == Point.ADMISSION:
        data_set.referral_source = _asked(_one_of(SENDERS, chance), "", chance)
        data_set.prior_elsewhere = _asked(chance.choices([0, 1, 2, 3, 6], weights=[52, 24, 13, 8, 3])[0], None, chance)
        data_set.medication_planned = _asked(life.substance in OPIOIDS and chance.random() < 0.8, None, chance)
    return data_set


def _substances(data_set: EpisodeDataSet, life: Life, chance: random.Random) -> Iterator[DataSetSubstance]:
    on_admission = data_set.point == Point.ADMISSION
    others = [each for each in BESIDES if each[0] != life.substance]
    named = [(life.substance, life.route), *chance.sample(others, chance.choices([0, 1, 2], weights=[5, 4, 1])[0])]
    days = 24 if on_admission else 3
    for rank, (substance, route) in enumerate(named, start=1):
        yield DataSetSubstance(
            data_set=data_set,
            rank=rank,
            substance=substance,
            route=_asked(route, "", chance) if on_admission else "",
            days_used_past_30=_asked(max(0, min(30, round(chance.gauss(days / rank, 7)))), None, chance),
            age_at_first_use=_asked(_first_use(life, chance), None, chance) if on_admission else None,
        )
    if len(named) < 3 and chance.random() > NOT_ASKED:
        yield DataSetSubstance(data_set=data_set, rank=len(named) + 1, substance=NO_SUBSTANCE)


def _first_use(life: Life, chance: random.Random) -> int:
    """Somewhere in youth, and never later than the first admission."""
    latest = life.client.age_on(life.episodes[0].admitted_on) or 18
    return min(latest, chance.randint(11, 27))


def _one_of(weighed: Mapping[Any, int], chance: random.Random) -> Any:
    return chance.choices(list(weighed), weights=list(weighed.values()))[0]


def _asked(answer: Any, not_known: Any, chance: random.Random) -> Any:
    """The answer, or now and then none."""
    return not_known if chance.random() < NOT_ASKED else answer
