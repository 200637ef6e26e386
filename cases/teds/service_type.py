"""Which type of service a level of care is, as TEDS counts them. The rule, with its reasons, is in docs/teds.md."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from cases.episodes import length_of_stay
from cases.levels import CO_OCCURRING
from cases.models import LevelOfCarePeriod, TreatmentEpisode
from cases.teds.codes import MISSING
from staff.models.clinic import Setting

DETOX_HOSPITAL, DETOX_RESIDENTIAL, REHAB_HOSPITAL = 1, 2, 3
RESIDENTIAL_SHORT, RESIDENTIAL_LONG = 4, 5
INTENSIVE, OUTPATIENT, DETOX_AMBULATORY = 6, 7, 8

SHORT_DAYS = 30  # to this day of a stay it is short-term
WITHDRAWAL_MANAGEMENT = "-WM"

_DETOX = {
    Setting.HOSPITAL: DETOX_HOSPITAL,
    Setting.RESIDENTIAL: DETOX_RESIDENTIAL,
    Setting.INTENSIVE: DETOX_AMBULATORY,
    Setting.OUTPATIENT: DETOX_AMBULATORY,
}
_OTHERWISE = {Setting.HOSPITAL: REHAB_HOSPITAL, Setting.INTENSIVE: INTENSIVE, Setting.OUTPATIENT: OUTPATIENT}


def service(episode: TreatmentEpisode, periods: Sequence[LevelOfCarePeriod], *, at_discharge: bool) -> int:
    """The code for an episode's first level, or at discharge for its last; −9 if none is on record.

    `periods` are the episode's levels of care in order of time. Residential care is short or long by the days of its
    own stretch: its actual length; while ongoing, its length so far or up to the expected discharge date; otherwise
    unknown.
    """
    if not periods:
        return MISSING
    place = len(periods) - 1 if at_discharge else 0
    period = periods[place]
    if is_withdrawal_management(period):
        return _DETOX[Setting(period.setting)]
    if period.setting != Setting.RESIDENTIAL:
        return _OTHERWISE[Setting(period.setting)]
    return _residential(episode, _stretch(periods, place))


def is_withdrawal_management(period: LevelOfCarePeriod) -> bool:
    """Whether the level's code is for withdrawal management. The fourth edition has no such codes."""
    return period.level_code.removesuffix(CO_OCCURRING).endswith(WITHDRAWAL_MANAGEMENT)


def _stretch(periods: Sequence[LevelOfCarePeriod], place: int) -> Sequence[LevelOfCarePeriod]:
    """The neighbors that are residential care, too: a change from 3.7 to 3.5 is no new stay."""
    first = last = place
    while first > 0 and _is_residential(periods[first - 1]):
        first -= 1
    while last + 1 < len(periods) and _is_residential(periods[last + 1]):
        last += 1
    return periods[first : last + 1]


def _is_residential(period: LevelOfCarePeriod) -> bool:
    return period.setting == Setting.RESIDENTIAL and not is_withdrawal_management(period)


def _residential(episode: TreatmentEpisode, stretch: Sequence[LevelOfCarePeriod]) -> int:
    zone = episode.client.clinic.zone
    begun, latest = length_of_stay.stay(stretch[0], zone), length_of_stay.stay(stretch[-1], zone)
    so_far = _by_days(begun.first, latest.last)
    if stretch[-1].ends_at is not None or so_far == RESIDENTIAL_LONG:
        return so_far
    expected = episode.expected_discharge_on
    return MISSING if expected is None else _by_days(begun.first, expected)


def _by_days(first_day: datetime.date, last_day: datetime.date) -> int:
    """Both days counted, as everywhere in the record."""
    return RESIDENTIAL_SHORT if (last_day - first_day).days + 1 <= SHORT_DAYS else RESIDENTIAL_LONG
