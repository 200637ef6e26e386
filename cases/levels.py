"""Level-of-care codes of both editions as plain data: a code, a short own description, and the setting it belongs to.

Only the codes that everybody uses to name levels; none of the criteria's text is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from staff.models import Clinic
from staff.models.clinic import CriteriaEdition, Setting
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

    @property
    def label(self) -> str:
        """As a list shows it."""
        return f"{self.code} · {self.description}"


def _levels(edition: CriteriaEdition, rows: tuple[tuple[str, str, Setting], ...]) -> dict[str, Level]:
    return {code: Level(code, description, setting, edition) for code, description, setting in rows}


LEVELS = {
    CriteriaEdition.THIRD: _levels(
        CriteriaEdition.THIRD,
        (
            ("0.5", "Early intervention", Setting.OUTPATIENT),
            ("1", "Outpatient", Setting.OUTPATIENT),
            ("1-WM", "Outpatient with withdrawal management", Setting.OUTPATIENT),
            ("2.1", "Intensive outpatient", Setting.INTENSIVE),
            ("2.5", "Day program", Setting.INTENSIVE),
            ("2-WM", "Day program with withdrawal management", Setting.INTENSIVE),
            ("3.1", "Residential, low intensity", Setting.RESIDENTIAL),
            ("3.2-WM", "Residential withdrawal management", Setting.RESIDENTIAL),
            ("3.3", "Residential, slower pace", Setting.RESIDENTIAL),
            ("3.5", "Residential, high intensity", Setting.RESIDENTIAL),
            ("3.7", "Residential, medically monitored", Setting.RESIDENTIAL),
            ("3.7-WM", "Residential, medically monitored withdrawal management", Setting.RESIDENTIAL),
            ("4", "Hospital", Setting.HOSPITAL),
            ("4-WM", "Hospital withdrawal management", Setting.HOSPITAL),
        ),
    ),
    CriteriaEdition.FOURTH: _levels(
        CriteriaEdition.FOURTH,
        (
            ("1.0", "Long-term remission monitoring", Setting.OUTPATIENT),
            ("1.5", "Outpatient therapy", Setting.OUTPATIENT),
            ("1.7", "Medically managed outpatient", Setting.OUTPATIENT),
            ("2.1", "Intensive outpatient", Setting.INTENSIVE),
            ("2.5", "High-intensity outpatient", Setting.INTENSIVE),
            ("2.7", "Medically managed intensive outpatient", Setting.INTENSIVE),
            ("3.1", "Residential, low intensity", Setting.RESIDENTIAL),
            ("3.5", "Residential, high intensity", Setting.RESIDENTIAL),
            ("3.7", "Medically managed residential", Setting.RESIDENTIAL),
            ("4", "Medically managed inpatient", Setting.HOSPITAL),
        ),
    ),
}
CO_OCCURRING = " COE"  # fourth edition: co-occurring enhanced, behind any code


def choices(clinic: Clinic) -> list[tuple[str, str]]:
    """Code and label of each level in the clinic's edition, for a list to choose from."""
    return [(level.code, level.label) for level in LEVELS[CriteriaEdition(clinic.criteria_edition)].values()]


def find(code: Any, clinic: Clinic) -> Level:
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
            return Level(level.code + CO_OCCURRING, f"{level.description}, co-occurring", level.setting, edition)
        return level
    raise UnknownLevel(f"“{code}” is not a level of care. Choose one from the list.")
