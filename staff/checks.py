"""Checks of the database that `manage.py check --database default` and `migrate` report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import ProgrammingError, connections

from staff import second_factors
from staff.encrypted_fields import under_missing_keys

OWNS_TABLES = (
    "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'staff_clinic' AND pg_get_userbyid(relowner) = current_user),"
    " current_user"
)


@checks.register(checks.Tags.database)
def application_owns_nothing(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Warn where Onward connects as the owner of its tables: their triggers and policies could be turned off."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(OWNS_TABLES)
            owns, role = cursor.fetchone()
        if owns and role == settings.APPLICATION_ROLE:
            found.append(
                checks.Warning(
                    f"Onward connects as “{role}”, which owns the tables and can turn off what protects them.",
                    hint="Use two roles: docs/deploying.md.",
                    id="onward.W001",
                )
            )
    return found


@checks.register(checks.Tags.database)
def no_key_is_missing(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Warn where FIELD_KEYS lacks a key that values in the database need."""
    try:
        locked = 0
        if "default" in (databases or ()):
            locked = under_missing_keys() + second_factors.under_missing_keys()
    except ProgrammingError:
        return []  # before the first migrations there are no such tables
    if not locked:
        return []
    return [
        checks.Warning(
            f"{locked} encrypted values can’t be opened: FIELD_KEYS lacks their key.",
            hint="Put it back (docs/backups.md); `manage.py rotate_field_keys --check` names what and which.",
            id="onward.W002",
        )
    ]
