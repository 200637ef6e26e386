"""Maps our own values to the codes of the TEDS public-use files: one complete table per element.

Unknown values are −9. Numbers are grouped into bands; the record keeps the number itself.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass

from cases.codes import DischargeReason, Route, Substance
from cases.data_set_codes import NO_SUBSTANCE, Element, Employment, LivingArrangement, ReferralSource

MISSING = -9
YES, NO = 1, 2

PSOURCE: dict[str, int] = {
    ReferralSource.SELF: 1,
    ReferralSource.FAMILY: 1,  # an individual, as opposed to someone who does this for a living
    ReferralSource.TREATMENT_PROVIDER: 2,
    ReferralSource.HOSPITAL: 3,
    ReferralSource.PRIMARY_CARE: 3,
    ReferralSource.MENTAL_HEALTH: 3,
    ReferralSource.SCHOOL: 4,
    ReferralSource.EMPLOYER: 5,
    ReferralSource.SOCIAL_SERVICES: 6,
    ReferralSource.SHELTER: 6,
    ReferralSource.MUTUAL_HELP: 6,
    ReferralSource.FAITH: 6,
    ReferralSource.COMMUNITY: 6,
    ReferralSource.DRUG_COURT: 7,
    ReferralSource.COURT: 7,
    ReferralSource.PROBATION: 7,
    ReferralSource.PRISON: 7,
    ReferralSource.DRIVING: 7,
}
EMPLOY: dict[str, int] = {
    Employment.FULL_TIME: 1,
    Employment.PART_TIME: 2,
    Employment.LOOKING: 3,
    Employment.LAID_OFF: 3,
    Employment.STUDENT: 4,
    Employment.HOMEMAKER: 4,
    Employment.RETIRED: 4,
    Employment.DISABLED: 4,
    Employment.INSTITUTION: 4,
    Employment.NOT_WORKING: 4,
}
LIVARAG: dict[str, int] = {
    LivingArrangement.UNSHELTERED: 1,
    LivingArrangement.SHELTER: 1,
    LivingArrangement.NO_FIXED_PLACE: 1,
    LivingArrangement.MINOR_AT_HOME: 2,
    LivingArrangement.FOSTER: 2,
    LivingArrangement.SUPERVISED: 2,
    LivingArrangement.RECOVERY_RESIDENCE: 2,
    LivingArrangement.INSTITUTION: 2,
    LivingArrangement.OWN_HOME: 3,
    LivingArrangement.WITH_FAMILY: 3,
    LivingArrangement.WITH_FRIENDS: 3,
}
SUBSTANCE: dict[str, int] = {
    NO_SUBSTANCE: 1,
    Substance.ALCOHOL: 2,
    Substance.COCAINE: 3,
    Substance.CANNABIS: 4,
    Substance.HEROIN: 5,
    Substance.METHADONE_NON_RX: 6,
    Substance.FENTANYL: 7,
    Substance.OTHER_OPIOIDS: 7,
    Substance.PCP: 8,
    Substance.HALLUCINOGENS: 9,
    Substance.METHAMPHETAMINE: 10,
    Substance.OTHER_AMPHETAMINES: 11,
    Substance.OTHER_STIMULANTS: 12,
    Substance.BENZODIAZEPINES: 13,
    Substance.OTHER_TRANQUILIZERS: 14,
    Substance.BARBITURATES: 15,
    Substance.OTHER_SEDATIVES: 16,
    Substance.INHALANTS: 17,
    Substance.OVER_THE_COUNTER: 18,
    Substance.OTHER: 19,
}
ROUTE: dict[str, int] = {
    Route.ORAL: 1,
    Route.SMOKING: 2,
    Route.INHALATION: 3,
    Route.INJECTION: 4,
    Route.OTHER: 5,
}
REASON: dict[str, int] = {
    DischargeReason.COMPLETED: 1,
    DischargeReason.LEFT: 2,
    DischargeReason.ENDED_BY_CLINIC: 3,
    DischargeReason.TRANSFERRED: 4,
    DischargeReason.INCARCERATED: 5,
    DischargeReason.DIED: 6,
    DischargeReason.OTHER: 7,
}
METHUSE: dict[str, int] = {"yes": YES, "no": NO}


@dataclass(frozen=True)
class Bands:
    """Whole numbers in bands: the lowest number of each band after the first, and the code of the first band."""

    starts: tuple[int, ...]
    first_code: int

    def code(self, number: int | None) -> int:
        """The number's band code; −9 for no number, and for a negative number, which is a mistake in a date."""
        if number is None or number < 0:
            return MISSING
        return self.first_code + bisect.bisect_right(self.starts, number)

    @property
    def codes(self) -> range:
        """Every code that there is."""
        return range(self.first_code, self.first_code + len(self.starts) + 1)


DAYWAIT = Bands((1, 8, 15, 31), first_code=0)  # 0, 1–7, 8–14, 15–30, 31 and more
NOPRIOR = Bands((1, 2, 3, 4, 5), first_code=0)  # 0 to 4, five and more
ARRESTS = Bands((1, 2), first_code=0)  # 0, 1, two and more
FREQUENCY = Bands((1, 30), first_code=1)  # no day, some days, every day
FIRST_USE = Bands((12, 15, 18, 21, 25, 30), first_code=1)  # to 11, 12–14, 15–17, 18–20, 21–24, 25–29, 30 and more
MEETINGS = Bands((1, 4, 8), first_code=1)  # none, 1–3, 4–7, 8–30
MEETINGS_SOME = 5

SERVICES = range(1, 9)


# Our own values by element, if any are more detailed than the codes.
VALUES: Mapping[str, Mapping[str, int]] = {
    Element.PSOURCE: PSOURCE,
    Element.METHUSE: METHUSE,
    Element.EMPLOY: EMPLOY,
    Element.LIVARAG: LIVARAG,
    Element.SUBSTANCE: SUBSTANCE,
    Element.ROUTE: ROUTE,
    Element.REASON: REASON,
}
# Every code that a row can hold, by element.
CODES: Mapping[str, frozenset[int]] = {
    **{element: frozenset({MISSING, *table.values()}) for element, table in VALUES.items()},
    Element.SERVICES: frozenset({MISSING, *SERVICES}),
    Element.DAYWAIT: frozenset({MISSING, *DAYWAIT.codes}),
    Element.NOPRIOR: frozenset({MISSING, *NOPRIOR.codes}),
    Element.ARRESTS: frozenset({MISSING, *ARRESTS.codes}),
    Element.MUTUAL_HELP: frozenset({MISSING, *MEETINGS.codes, MEETINGS_SOME}),
    Element.FREQUENCY: frozenset({MISSING, *FREQUENCY.codes}),
    Element.FIRST_USE: frozenset({MISSING, *FIRST_USE.codes}),
}


def meetings(number: int | None, *, some: bool) -> int:
    """Mutual help in the past 30 days; “some” if no one knows how often."""
    return MEETINGS_SOME if some else MEETINGS.code(number)


def prior(here: int, elsewhere: int | None) -> int:
    """Earlier episodes here and elsewhere together; five means five or more.

    Unknown if no one asked about treatment elsewhere, unless there are already five here: a first admission here does
    not mean there was no treatment before.
    """
    if elsewhere is None:
        return NOPRIOR.code(here if here >= 5 else None)
    return NOPRIOR.code(here + elsewhere)
