"""Rules of earlier versions, so old decisions can be recomputed.

Only the differences from the current rules are here. `Inputs.from_json` reads an old version's answers by their old
names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cases.codes import Substance
from staff.models.clinic import Setting as S

from . import needs, rules
from . import thresholds as t
from .inputs import Inputs
from .rules import Numbers, Rule
from .suggestion import Fired, Missing


@dataclass(frozen=True)
class Version:
    """One version's rules, and the answers they need."""

    rules: tuple[Rule, ...]
    missing: needs.Needs


def w4(a: Inputs, n: Numbers) -> Fired | None:
    """2026.1 asked about benzodiazepines alone."""
    found = rules.w4(a, n)
    return found and replace(found, reason=found.reason.replace("use of a sedative", "benzodiazepine use"))


def r1(a: Inputs, n: Numbers) -> Fired | None:
    """2026.1 knew of no use during care, and was silent from residential care on."""
    days = a.days_from_discharge_to_use
    if a.prior_setting is None or days is None or not 0 <= days <= n[t.EARLY_RETURN_DAYS.key]:
        return None
    if a.prior_setting >= S.RESIDENTIAL:
        return None
    count = "1 day" if days == 1 else f"{days} days"
    reason = f"Returned to use {count} after {S(a.prior_setting).in_sentence} care: one step above that."
    return Fired("R1", reason, setting=S(a.prior_setting + 1))


def missing(a: Inputs, n: Numbers) -> tuple[Missing, ...]:
    """2026.1 did not ask when a sedative other than a benzodiazepine was taken last."""
    words = {
        "days_since_sedative": "last benzodiazepine use",
        "sedative_stopped": "whether regular benzodiazepine use was stopped or cut down",
        "sedative_severe": "a withdrawal assessment for benzodiazepines",
    }
    found = [replace(need, need=words.get(need.input, need.need)) for need in needs.missing(a, n)]
    asked = Substance.BENZODIAZEPINES in a.substances
    return tuple(need for need in found if asked or need.input != "days_since_sedative")


_THEN: dict[Rule, Rule] = {rules.w4: w4, rules.r1: r1}
FIRST = Version(tuple(_THEN.get(rule, rule) for rule in rules.RULES), missing)
VERSIONS = {"2026.1": FIRST, t.RULES_VERSION: Version(rules.RULES, needs.missing)}
