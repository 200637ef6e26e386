"""The result of the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from staff.models.clinic import MedicalIntensity, Setting

if TYPE_CHECKING:
    from cases.models import MeasureSetAside

    from .measured import Measured


@dataclass(frozen=True)
class Fired:
    """A rule that applies: its floor on each axis, if it has one, and the reason in a sentence."""

    rule: str
    reason: str
    setting: Setting | None = None
    medical: MedicalIntensity | None = None
    do_now: str = ""  # what to do at once
    outranked: bool = False  # another rule's floor is higher on every axis that this one has

    @property
    def has_floor(self) -> bool:
        """Some rules only tell."""
        return self.setting is not None or self.medical is not None

    @property
    def floor_in_words(self) -> str:
        """The minimum in words: “Residential, medical evaluation within 24 hours”."""
        said = [str(self.setting.label)] if self.setting is not None else []
        said += [self.medical.as_need] if self.medical is not None else []
        return f"{said[0]}, {said[1].lower()}" if len(said) == 2 else "".join(said)


@dataclass(frozen=True)
class Missing:
    """An answer that is needed: the assessment's field, and the need in words."""

    input: str
    need: str
    safety: bool = True  # without it there is no suggestion


@dataclass(frozen=True)
class Alternative:
    """Another setting that the rules allow under a condition. `rule` lists it next to its own minimum."""

    rule: str
    setting: Setting
    reason: str


@dataclass(frozen=True)
class Suggestion:
    """A suggested setting and medical intensity; both None if a safety input is missing.

    `floor_setting` and `floor_medical` are the minimums from the rules that applied, whatever is still missing.
    """

    setting: Setting | None
    medical: MedicalIntensity | None
    fired: tuple[Fired, ...]
    missing: tuple[Missing, ...]
    alternatives: tuple[Alternative, ...]
    rules_version: str
    floor_setting: Setting = Setting.OUTPATIENT
    floor_medical: MedicalIntensity = MedicalIntensity.NONE
    stop: bool = False  # an emergency: call 911, nothing else counts now
    locked: bool = False  # no decision until a safety assessment is signed
    co_occurring: bool = False
    inputs: dict[str, object] = field(default_factory=dict)
    thresholds: dict[str, int] = field(default_factory=dict)
    measured: tuple[Measured, ...] = ()  # recent measures that count beside what was typed
    set_aside: tuple[MeasureSetAside, ...] = ()  # measures of which a clinician said why they no longer hold

    @property
    def is_enough(self) -> bool:
        """Whether there is a suggestion at all."""
        return self.setting is not None

    @property
    def not_enough(self) -> str:
        """“Not enough information: need …”, or nothing."""
        needs = [each.need for each in self.missing if each.safety]
        return f"Not enough information. Needed: {'; '.join(needs)}." if needs and not self.is_enough else ""

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that fired."""
        return tuple(each.rule for each in self.fired)

    @property
    def in_words(self) -> str:
        """The suggestion as a phrase."""
        if self.setting is None or self.medical is None:
            return self.not_enough
        return self.setting.or_more if not self.medical else f"{self.setting.or_more}, {self.medical.label.lower()}"

    def as_json(self) -> dict[str, object]:
        """For keeping with a decision: enough to show it again, and to work it out again."""
        return {
            "rules_version": self.rules_version,
            "setting": self.setting,
            "medical": self.medical,
            "fired": [
                {"rule": each.rule, "reason": each.reason, "setting": each.setting, "medical": each.medical}
                for each in self.fired
            ],
            "missing": [each.input for each in self.missing],
            "measured": [each.as_json() for each in self.measured],
            "set_aside": [each.as_json() for each in self.set_aside],
            "inputs": self.inputs,
            "thresholds": self.thresholds,
        }
