"""Numbers that a clinic's medical director may change: defaults in code, a clinic's own value in the database.

An app declares its thresholds as module-level constants in its `thresholds.py`:

    LAPSE_WINDOW_DAYS = Threshold("cases.lapse_window", 14, unit="days", label="…", source="…")

and reads them with `LAPSE_WINDOW_DAYS.for_clinic(clinic)`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from staff.access import Permission, roles_with
from staff.models import Role
from staff.reading import answer, rows, together

if TYPE_CHECKING:
    from staff.models import Clinic

registry: dict[str, Threshold] = {}


@dataclass(frozen=True)
class Threshold:
    """One number with its default, unit and range; declaring it registers it under its key.

    `permission` says who may set it, `differs_from` names a number that may not be the same (the end of a span).
    """

    key: str
    default: int
    unit: str
    label: str
    source: str = ""
    lowest: int = 0
    highest: int = 10_000
    permission: Permission = Permission.CLINIC_MANAGE
    differs_from: str = ""

    def __post_init__(self) -> None:
        registry[self.key] = self

    def amount(self, value: int | None = None) -> str:
        """A value (else the default) with its unit, in the singular for one: “1 hour”, “24 hours”."""
        number = self.default if value is None else value
        singular = {"people": "person"}.get(self.unit, self.unit.removesuffix("s"))
        return f"{number} {singular if number == 1 else self.unit}"

    @property
    def default_amount(self) -> str:
        """The default with its unit."""
        return self.amount()

    @property
    def setter(self) -> str:
        """Who may set it: “privacy officer”."""
        return " or ".join(Role(role).label.lower() for role in roles_with(self.permission))

    def for_clinic(self, clinic: Clinic) -> int:
        """The clinic's own value, or the default."""
        return values_for(clinic, [self])[self.key]


def values_for(clinic: Clinic, thresholds: Iterable[Threshold]) -> dict[str, int]:
    """Several thresholds by key: the clinic's own values, else the defaults. One query, in a request once."""
    own = _own_values(clinic.pk)
    return {threshold.key: own.get(threshold.key, threshold.default) for threshold in thresholds}


@dataclass(frozen=True)
class _Numbers:
    """A clinic's own values by the threshold's key, and the days on which it is closed."""

    values: dict[str, int]
    closed_days: frozenset[datetime.date]


# By the clinic's key, while a request lasts; None where nothing is kept.
_kept: ContextVar[dict[int, _Numbers] | None] = ContextVar("clinic_numbers", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Read each clinic's numbers once in this block: a page asks for a dozen of them, in as many places."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def forget() -> None:
    """Read them anew: one was changed, or a day on which the clinic is closed."""
    kept = _kept.get()
    if kept is not None:
        kept.clear()


def closed_days(clinic: Clinic) -> frozenset[datetime.date]:
    """Days on which the clinic is closed besides its weekends: no business days (staff/office_hours.py)."""
    return _read(clinic.pk).closed_days


def _own_values(clinic_id: int) -> dict[str, int]:
    return _read(clinic_id).values


def _read(clinic_id: int) -> _Numbers:
    """A clinic's numbers and closed days, of the app that keeps these (settings.CLOSED_DAYS), in one statement."""
    from staff.models import ClinicThreshold

    kept = _kept.get()
    if kept is not None and clinic_id in kept:
        return kept[clinic_id]
    closed: Callable[[int], QuerySet[Any, Any]] = import_string(settings.CLOSED_DAYS)
    own = ClinicThreshold.objects.filter(clinic=clinic_id).values_list("key", "value")
    values, days = answer(together(rows(own), rows(closed(clinic_id))))
    found = _Numbers(dict(values), frozenset(days))
    if kept is not None:
        kept[clinic_id] = found
    return found
