"""When each instrument is due, by level of care: Onward's defaults [D] and a clinic's own rules.

A clinic keeps a row only where it differs, so a changed default reaches every clinic that never set its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cases.levels import CO_OCCURRING
from counseling.codes import CareGroup, Instrument
from counseling.models import MeasureRule
from counseling.models.measures.measure_rule import LONGEST_INTERVAL
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.reading import Reading, query, reads, rows
from staff.refusals import Refusal

_GROUPS = {
    **dict.fromkeys(("3.7", "4"), CareGroup.MEDICAL),
    **dict.fromkeys(("3.1", "3.3", "3.5"), CareGroup.RESIDENTIAL),
    **dict.fromkeys(("2.1", "2.5", "2.7"), CareGroup.DAY),
    **dict.fromkeys(("0.5", "1", "1.0", "1.5", "1.7"), CareGroup.OUTPATIENT),
}
LEVELS_OF = {
    CareGroup.WITHDRAWAL: "1-WM, 2-WM, 3.2-WM, 3.7-WM, 4-WM",
    CareGroup.MEDICAL: "3.7, 4",
    CareGroup.RESIDENTIAL: "3.1, 3.3, 3.5",
    CareGroup.DAY: "2.1, 2.5, 2.7",
    CareGroup.OUTPATIENT: "0.5, 1, 1.0, 1.5, 1.7",
}


class NotAnInterval(Refusal):
    sentence = (
        f"Enter whole days: 0 to {LONGEST_INTERVAL} for the first due date, 1 to {LONGEST_INTERVAL} for the repeat."
    )


class RuleChangedMeanwhile(Refusal):
    """Someone else changed the same rule after the page was opened."""


@dataclass(frozen=True)
class Rule:
    """When an instrument is due after entering a group of levels, and how often after that."""

    within: int | None = None
    every: int | None = None

    @property
    def is_asked(self) -> bool:
        """Whether the instrument is due there at all."""
        return self.within is not None or self.every is not None


_SCREEN = {Instrument.CSSRS: Rule(within=1)}
_MOOD = (Instrument.PHQ9, Instrument.GAD7)

# [D] Defaults of this product. No payer or accreditor asks for exactly these; the clinic's medical director decides.
DEFAULTS: Mapping[CareGroup, Mapping[Instrument, Rule]] = {
    CareGroup.WITHDRAWAL: {
        **_SCREEN,
        Instrument.CIWA_AR: Rule(within=0, every=1),
        Instrument.COWS: Rule(within=0, every=1),
    },
    CareGroup.MEDICAL: {**_SCREEN, **dict.fromkeys(_MOOD, Rule(within=7, every=14))},
    CareGroup.RESIDENTIAL: {
        **_SCREEN,
        **dict.fromkeys(_MOOD, Rule(within=7, every=14)),
        Instrument.BAM: Rule(within=7, every=30),
    },
    CareGroup.DAY: {
        **_SCREEN,
        **dict.fromkeys(_MOOD, Rule(within=7, every=30)),
        Instrument.BAM: Rule(within=7, every=30),
        Instrument.BARC10: Rule(within=30, every=90),
    },
    CareGroup.OUTPATIENT: {
        **_SCREEN,
        **dict.fromkeys(_MOOD, Rule(within=7, every=30)),
        Instrument.BAM: Rule(within=14, every=30),
        Instrument.BARC10: Rule(within=30, every=90),
    },
}

Schedule = Mapping[CareGroup, Mapping[Instrument, Rule]]


def group_of(level_code: str) -> CareGroup:
    """The group of a level of either edition; a code that neither knows is treated as residential."""
    code = level_code.removesuffix(CO_OCCURRING)
    if code.endswith("-WM"):
        return CareGroup.WITHDRAWAL
    return _GROUPS.get(code, CareGroup.RESIDENTIAL)


def default(group: CareGroup, instrument: Instrument) -> Rule:
    """Onward's default for rules the clinic did not set."""
    return DEFAULTS[group].get(instrument, Rule())


@reads
def of(clinic: Clinic) -> Reading[Schedule]:
    """Every rule that asks for something in this clinic, in one query."""
    own = yield from rows(query(lambda clinic: MeasureRule.objects.filter(clinic=clinic), clinic=clinic))
    rules = {group: dict(asked) for group, asked in DEFAULTS.items()}
    for row in own:
        rules[CareGroup(row.group)][Instrument(row.instrument)] = Rule(row.within_days, row.every_days)
    return {group: {key: rule for key, rule in asked.items() if rule.is_asked} for group, asked in rules.items()}


def change(
    *,
    group: CareGroup,
    rules: Mapping[Instrument, Rule],
    by: StaffMember,
    known: Mapping[Instrument, Rule] | None = None,
) -> int:
    """Set due dates of instruments for one group of levels; returns how many changed.

    A rule that matches the product's default keeps no row. `known` is what the person saw. Raises NotAnInterval,
    NotPermitted, RuleChangedMeanwhile.
    """
    demand(by, Permission.MEASURE_SETUP)
    for rule in rules.values():
        _check(rule)
    with act("counseling.change_measure_rules", by=by) as entry:
        clinic = Clinic.objects.select_for_update(no_key=True).get(pk=by.clinic_id)
        before = of(clinic)[group]
        for key, seen in (known or {}).items():
            if before.get(key, Rule()) not in (seen, rules[key]):
                raise RuleChangedMeanwhile(_meanwhile(key, before.get(key, Rule())))
        changed = {key: rule for key, rule in rules.items() if before.get(key, Rule()) != rule}
        for instrument, rule in changed.items():
            rows = MeasureRule.objects.filter(clinic=clinic, group=group, instrument=instrument)
            if rule == default(group, instrument):
                rows.delete()
            else:
                rows.update_or_create(
                    clinic=clinic,
                    group=group,
                    instrument=instrument,
                    defaults={"within_days": rule.within, "every_days": rule.every},
                )
        entry.about(clinic, group=group, changed={key: [rule.within, rule.every] for key, rule in changed.items()})
    return len(changed)


def _meanwhile(instrument: Instrument, now: Rule) -> str:
    within = "nothing" if now.within is None else now.within
    every = "nothing" if now.every is None else now.every
    return (
        f"Someone else changed the {instrument.label} after you opened this page: within {within}, every {every}. "
        "Nothing is saved yet. Save again to replace their change with yours."
    )


def _check(rule: Rule) -> None:
    if rule.within is not None and not 0 <= rule.within <= LONGEST_INTERVAL:
        raise NotAnInterval
    if rule.every is not None and not 1 <= rule.every <= LONGEST_INTERVAL:
        raise NotAnInterval
