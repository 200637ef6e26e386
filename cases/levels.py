"""Level-of-care codes of both editions as plain data: a code, a short own description, the setting it belongs to, and
the most medical care that can be given at it.

Only the codes that everyone uses to name levels; none of the criteria's text is here. 3.1, 3.3, 3.5 and 3.2-WM are
clinically managed: a medical provider may see people there, but there is no medical management around the clock. 3.7
has it, 4 is a hospital. The names of the levels say so in both editions (for withdrawal management: SAMHSA TIP 45).
"""

from __future__ import annotations

import decimal
import re
from dataclasses import dataclass, replace
from typing import Protocol

from staff.models import Clinic
from staff.models.clinic import CriteriaEdition, MedicalIntensity, Setting
from staff.refusals import Refusal


class UnknownLevel(Refusal):
    """The code is no level of care of the clinic's edition."""


@dataclass(frozen=True)
class Level:
    """One level of care."""

    code: str
    description: str
    setting: Setting
    edition: CriteriaEdition
    medical: MedicalIntensity  # the most that can be given at this level; whether it is, the program says

    @property
    def label(self) -> str:
        """As a list shows it."""
        return f"{self.code} · {self.description}"


_Row = tuple[str, str, Setting, MedicalIntensity]
_NONE, _SEEN = MedicalIntensity.NONE, MedicalIntensity.EVALUATION
_MANAGED, _HOSPITAL = MedicalIntensity.MANAGED, MedicalIntensity.EMERGENCY


def _levels(edition: CriteriaEdition, rows: tuple[_Row, ...]) -> dict[str, Level]:
    return {code: Level(code, description, setting, edition, medical) for code, description, setting, medical in rows}


LEVELS = {
    CriteriaEdition.THIRD: _levels(
        CriteriaEdition.THIRD,
        (
            ("0.5", "Early intervention", Setting.OUTPATIENT, _NONE),
            ("1", "Outpatient", Setting.OUTPATIENT, _SEEN),
            ("1-WM", "Outpatient with withdrawal management", Setting.OUTPATIENT, _SEEN),
            ("2.1", "Intensive outpatient", Setting.INTENSIVE, _SEEN),
            ("2.5", "Partial hospitalization", Setting.INTENSIVE, _SEEN),
            ("2-WM", "Partial hospitalization with withdrawal management", Setting.INTENSIVE, _SEEN),
            ("3.1", "Residential, low intensity", Setting.RESIDENTIAL, _SEEN),
            ("3.2-WM", "Residential withdrawal management", Setting.RESIDENTIAL, _SEEN),
            ("3.3", "Residential, high intensity, population-specific", Setting.RESIDENTIAL, _SEEN),
            ("3.5", "Residential, high intensity", Setting.RESIDENTIAL, _SEEN),
            ("3.7", "Residential, medically monitored", Setting.RESIDENTIAL, _MANAGED),
            ("3.7-WM", "Residential, medically monitored withdrawal management", Setting.RESIDENTIAL, _MANAGED),
            ("4", "Hospital", Setting.HOSPITAL, _HOSPITAL),
            ("4-WM", "Hospital withdrawal management", Setting.HOSPITAL, _HOSPITAL),
        ),
    ),
    CriteriaEdition.FOURTH: _levels(
        CriteriaEdition.FOURTH,
        (
            ("1.0", "Long-term remission monitoring", Setting.OUTPATIENT, _NONE),
            ("1.5", "Outpatient therapy", Setting.OUTPATIENT, _SEEN),
            ("1.7", "Medically managed outpatient", Setting.OUTPATIENT, _SEEN),
            ("2.1", "Intensive outpatient", Setting.INTENSIVE, _SEEN),
            ("2.5", "High-intensity outpatient", Setting.INTENSIVE, _SEEN),
            ("2.7", "Medically managed intensive outpatient", Setting.INTENSIVE, _SEEN),
            ("3.1", "Residential, low intensity", Setting.RESIDENTIAL, _SEEN),
            ("3.5", "Residential, high intensity", Setting.RESIDENTIAL, _SEEN),
            ("3.7", "Medically managed residential", Setting.RESIDENTIAL, _MANAGED),
            ("4", "Medically managed inpatient", Setting.HOSPITAL, _HOSPITAL),
        ),
    ),
}
CO_OCCURRING = " COE"  # fourth edition: co-occurring enhanced, behind any code
_NUMBER = re.compile(r"[0-9](\.[0-9]{1,2})?")


def choices(clinic: Clinic) -> list[tuple[str, str]]:
    """Code and label of each level in the clinic's edition, for a list to choose from."""
    return [(level.code, level.label) for level in LEVELS[CriteriaEdition(clinic.criteria_edition)].values()]


def most_medical_of(setting: int, clinic: Clinic) -> MedicalIntensity:
    """The most medical care that any level of a setting can give, in the clinic's edition."""
    own = LEVELS[CriteriaEdition(clinic.criteria_edition)].values()
    return max((level.medical for level in own if level.setting == setting), default=MedicalIntensity.NONE)


class HasLevelCode(Protocol):
    """A program, or a period of care."""

    @property
    def level_code(self) -> str: ...


def find(code: str | Level | HasLevelCode, clinic: Clinic) -> Level:
    """The level that a code names, in the clinic's edition or else in the other one.

    Takes "2.1", "2.1 COE", a Level, or anything with a `level_code`. Raises UnknownLevel.
    """
    if isinstance(code, Level):
        return code
    text = str(getattr(code, "level_code", None) or code).strip().upper().removeprefix("LEVEL ")
    base = text.removesuffix("COE").strip()
    own = CriteriaEdition(clinic.criteria_edition)
    for edition in (own, *(each for each in CriteriaEdition if each != own)):
        level = LEVELS[edition].get(base) or LEVELS[edition].get(base.removesuffix(".0"))
        if level is None:
            continue
        if base != text:
            return replace(level, code=level.code + CO_OCCURRING, description=f"{level.description}, co-occurring")
        return level
    raise UnknownLevel(f"“{code}” is not a level of care. Choose one from the list.")


def is_step_up(*, setting: int, code: str, to: Level) -> bool:
    """Whether `to` is more care than a level of this setting and code: a higher setting, or a higher level in it.

    Within a setting, nothing is a step up from an unreadable code (from an old import).
    """
    if to.setting != setting:
        return to.setting > setting
    now, then = _height(code), _height(to.code)
    return now is not None and then is not None and then > now


def _height(code: str) -> decimal.Decimal | None:
    """“3.2-WM” counts as 3.2: withdrawal management or co-occurring care does not change the rank. None: no number."""
    number = code.removesuffix(CO_OCCURRING).partition("-")[0]
    return decimal.Decimal(number) if _NUMBER.fullmatch(number) else None
