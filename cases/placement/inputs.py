"""Input to the rules: a plain copy of an assessment, stored with a decision and readable years later."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from cases.codes import OPIOIDS, SEDATIVES, Substance

if TYPE_CHECKING:
    from cases.models import LevelOfCareAssessment


# What the rules up to version 2026.1 called them; decisions kept from then still say so.
_NAMED_BEFORE = {
    "days_since_benzodiazepine": "days_since_sedative",
    "benzodiazepine_stopped": "sedative_stopped",
    "benzodiazepine_severe": "sedative_severe",
}
_FEWER_ARE_WORSE = frozenset({"days_from_discharge_to_use"})


@dataclass(frozen=True)
class Inputs:
    """Answers; None means “not known”, which no rule reads as “no”. Names are those of LevelOfCareAssessment."""

    emergency_signs: bool | None = None
    suicidal_intent: bool | None = None
    suicidal_behavior: bool | None = None
    suicide_risk_moderate: bool | None = None
    safety_assessed: bool = False
    substances: tuple[str, ...] = ()
    use_days: int | None = None
    span_days: int | None = None
    use_stopped: bool | None = None
    days_since_alcohol: int | None = None
    days_since_sedative: int | None = None
    days_since_opioid: int | None = None
    alcohol_daily: bool | None = None
    ciwa_ar: int | None = None
    cows: int | None = None
    intoxicated: bool | None = None
    past_withdrawal_seizure: bool | None = None
    complicating_illness: bool | None = None
    cannot_attend_visits: bool | None = None
    sedative_stopped: bool | None = None
    sedative_severe: bool | None = None
    pregnant: bool | None = None
    cannot_be_pregnant: bool = False
    overdose_since_last_episode: bool | None = None
    days_since_overdose: int | None = None
    phq9: int | None = None
    psychosis: bool | None = None
    no_housing: bool | None = None
    violence_at_home: bool | None = None
    substances_at_home: bool | None = None
    present_setting: int | None = None
    used_during_care: bool | None = None
    prior_setting: int | None = None
    days_from_discharge_to_use: int | None = None
    preference: str = ""
    barriers: str = ""

    @classmethod
    def of(cls, assessment: LevelOfCareAssessment) -> Inputs:
        """Copy an assessment's typed answers; record.known adds what else is on record."""
        derived = {"safety_assessed", "cannot_be_pregnant", "substances"}
        values: dict[str, Any] = {
            field.name: getattr(assessment, field.name) for field in fields(cls) if field.name not in derived
        }
        return cls(
            **values,
            substances=tuple(sorted(assessment.substances)),
            cannot_be_pregnant=assessment.client.sex == "male",
        )

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Inputs:
        """Read back what `as_json` wrote; fields that did not exist then stay unknown."""
        known = {field.name for field in fields(cls)}
        renamed = {_NAMED_BEFORE.get(name, name): value for name, value in kept.items()}
        values = {name: value for name, value in renamed.items() if name in known}
        return cls(**{**values, "substances": tuple(values.get("substances", ()))})

    def as_json(self) -> dict[str, Any]:
        """For keeping with a decision."""
        return {**asdict(self), "substances": list(self.substances)}

    @property
    def alcohol(self) -> bool:
        """Alcohol is among the substances, or the last drink is known."""
        return Substance.ALCOHOL in self.substances or self.days_since_alcohol is not None

    @property
    def sedative(self) -> bool:
        """The same for sedatives of every kind: benzodiazepines, barbiturates, Z-drugs, other tranquilizers."""
        return bool(SEDATIVES.intersection(self.substances)) or self.days_since_sedative is not None

    @property
    def opioid(self) -> bool:
        """The same for opioids."""
        return bool(OPIOIDS.intersection(self.substances)) or self.days_since_opioid is not None

    @property
    def alcohol_or_sedative(self) -> bool:
        """Alcohol or any sedative."""
        return self.alcohol or self.sedative


def worse(name: str, one: Any, other: Any) -> Any:
    """The more dangerous of two answers to one question; either may be unknown. Yes before no, the higher score."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other) if name in _FEWER_ARE_WORSE else max(one, other)
