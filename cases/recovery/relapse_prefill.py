"""Prefill the return-to-use form from URL parameters that say where the use was reported.

The code that builds such a URL knows about use but not its days. Nothing in it is trusted: wrong values are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cases.codes import Source, Substance
from staff.days import day_in_words
from staff.typed_days import day_in_address

LONGEST_NAME = 40


@dataclass(frozen=True)
class UsePrefill:
    """What is filled in already, and the sentence that says why."""

    words: str = ""
    initial: dict[str, object] = field(default_factory=dict)


def prefill(address: Mapping[str, str]) -> UsePrefill:
    """`told_on` (ISO day), `told_in` (e.g. “BAM”) and `substance` (a value of Substance) of an address."""
    day = day_in_address(address.get("told_on", ""))
    if day is None:
        return UsePrefill()
    where = address.get("told_in", "")[:LONGEST_NAME] or "A measure"
    initial: dict[str, object] = {"started_source": Source.CLIENT.value, "ended_source": Source.CLIENT.value}
    substance = address.get("substance", "")
    if substance in Substance.values:
        initial["substance_0"] = substance
    return UsePrefill(f"{where} of {day_in_words(day)} reports use in the past 30 days. Ask which days.", initial)
