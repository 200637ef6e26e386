"""Registry through which other apps contribute mentions of a trigger, warning sign or strategy."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from cases.models.recovery.learning import Learned
from staff.models import StaffMember


@dataclass(frozen=True)
class Evidence:
    """One place where it came up, in a few words, with a link."""

    on: datetime.date
    words: str
    url: str
    note: str = ""


Source = Callable[..., list[Evidence]]
_sources: list[Source] = []


def offer(source: Source) -> None:
    """Register a source once: called with `item` and `staff_member`, it returns what that person may see."""
    if source not in _sources:
        _sources.append(source)


def of(item: Learned, *, staff_member: StaffMember) -> list[Evidence]:
    """From all apps, the latest first."""
    found = [each for source in _sources for each in source(item=item, staff_member=staff_member)]
    return sorted(found, key=lambda each: each.on, reverse=True)
