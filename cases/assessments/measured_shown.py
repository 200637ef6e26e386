"""Recent measures shown beside the matching assessment question."""

from __future__ import annotations

from collections.abc import Iterable

from cases.placement.measured import Measured

_WHERE = {
    "suicidal_intent": "danger",
    "suicidal_behavior": "danger",
    "suicide_risk_moderate": "danger",
    "ciwa_ar": "withdrawal",
    "cows": "withdrawal",
    "phq9": "mind",
}


def shown(measured: Iterable[Measured]) -> dict[str, list[Measured]]:
    """The measures by the part of the page that asks the same: danger, withdrawal, mind."""
    found: dict[str, list[Measured]] = {}
    for each in measured:
        found.setdefault(next((_WHERE[name] for name in each.inputs if name in _WHERE), "mind"), []).append(each)
    return found
