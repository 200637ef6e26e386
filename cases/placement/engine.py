"""From inputs to a suggestion: the highest floor on each axis, every rule that fired, every answer missing."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils import timezone

from staff.models.clinic import MedicalIntensity, Setting

from . import needs as asked
from . import record, thresholds
from .inputs import Inputs
from .past import VERSIONS
from .rules import RULES, WITHDRAWAL, Rule
from .suggestion import Alternative, Fired, Suggestion

if TYPE_CHECKING:
    from cases.models import LevelOfCareAssessment


def suggest(
    assessment: LevelOfCareAssessment,
    *,
    now: datetime.datetime | None = None,
    on_record: record.OnRecord | None = None,
) -> Suggestion:
    """The suggestion for an assessment as it is now, by its clinic's numbers.

    Recent measures and the care on record count along with the typed answers. Of two answers the more dangerous one
    counts (record.py), even if the measure was taken later. `on_record` is what a page has already read; without it
    everything is read now.
    """
    rows = on_record or record.on_record(assessment.client)
    known = record.known(assessment, rows, now or timezone.now())
    found = evaluate(known.inputs, rows.numbers)
    return replace(found, measured=known.measured, set_aside=known.set_aside)


def replay(assessment: LevelOfCareAssessment) -> Suggestion:
    """The suggestion at the time of the decision, recomputed from what was stored with it.

    Uses the rules of the version that made it. Raises LookupError if this program does not have that version.
    """
    kept = assessment.suggestion
    version = kept.get("rules_version")
    if version not in VERSIONS:
        raise LookupError(f"This program has no rules of version {version}.")
    rules = VERSIONS[version]
    inputs = Inputs.from_json(kept["inputs"])
    found = evaluate(inputs, kept["thresholds"], rules=rules.rules, missing=rules.missing)
    return replace(found, rules_version=version)


def evaluate(
    inputs: Inputs,
    numbers: dict[str, int] | None = None,
    *,
    rules: Sequence[Rule] = RULES,
    missing: asked.Needs = asked.missing,
) -> Suggestion:
    """Apply the rules. The result does not depend on their order; an emergency stops everything else."""
    numbers = numbers or thresholds.DEFAULTS
    fired = [found for rule in rules if (found := rule(inputs, numbers))]
    setting = max((each.setting for each in fired if each.setting), default=Setting.OUTPATIENT)
    medical = max((each.medical for each in fired if each.medical), default=MedicalIntensity.NONE)
    setting = max(setting, _forced_by(medical))
    needs = missing(inputs, numbers)
    stop = any(each.rule == "E1" for each in fired)
    has_setting = stop or medical >= MedicalIntensity.MANAGED or any(each.setting for each in fired)
    enough = stop or (has_setting and not any(need.safety for need in needs))
    order = {rule.__name__.upper(): place for place, rule in enumerate(RULES)}
    return Suggestion(
        setting=Setting(setting) if enough else None,
        medical=MedicalIntensity(medical) if enough else None,
        fired=tuple(sorted((_ranked(each, setting, medical) for each in fired), key=lambda each: order[each.rule])),
        missing=() if stop else needs,
        alternatives=() if stop else tuple(_alternatives(inputs, fired, setting, medical)),
        rules_version=thresholds.RULES_VERSION,
        floor_setting=Setting(setting),
        floor_medical=MedicalIntensity(medical),
        stop=stop,
        locked=any(each.rule == "E2" for each in fired) and not inputs.safety_assessed,
        co_occurring=any(each.rule == "C1" for each in fired),
        inputs=inputs.as_json(),
        thresholds=numbers,
    )


def _forced_by(medical: int) -> Setting:
    """24-hour medical care is given in residence at least, an emergency in a hospital."""
    if medical == MedicalIntensity.EMERGENCY:
        return Setting.HOSPITAL
    return Setting.RESIDENTIAL if medical == MedicalIntensity.MANAGED else Setting.OUTPATIENT


def _ranked(fired: Fired, setting: int, medical: int) -> Fired:
    """Mark a rule whose minimums are all below the result; a rule without minimums is never outranked."""
    reaches = (fired.setting is not None and fired.setting >= setting) or (
        fired.medical is not None and fired.medical >= medical
    )
    return replace(fired, outranked=fired.has_floor and not reaches)


def _alternatives(inputs: Inputs, fired: Sequence[Fired], suggested: int, medical: int) -> list[Alternative]:
    """Other settings that the rules allow; none if the minimum is 24-hour medical care.

    An alternative to one rule's minimum still has to meet every other rule's minimum, and must differ from the
    suggested setting.
    """
    if medical >= MedicalIntensity.MANAGED:
        return []
    floors = {each.rule: each.setting or Setting.OUTPATIENT for each in fired}
    listed = []
    home = (inputs.no_housing, inputs.violence_at_home, inputs.substances_at_home)
    if "D3" in floors and all(answer is False for answer in home) and not floors.keys() & WITHDRAWAL:
        reason = "The home is safe and there is no withdrawal: an intensive outpatient program may be enough."
        listed.append(Alternative("D3", Setting.INTENSIVE, reason))
    if "H1" in floors:
        reason = "The same care from a recovery residence, if there is an opening."
        listed.append(Alternative("H1", _floor_beside("H1", floors), reason))
    return [each for each in listed if _floor_beside(each.rule, floors) <= each.setting != suggested]


def _floor_beside(rule: str, floors: Mapping[str, Setting]) -> Setting:
    """The highest minimum among all other rules."""
    return max((floor for other, floor in floors.items() if other != rule), default=Setting.OUTPATIENT)
