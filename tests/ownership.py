"""What only the owner of the tables can do to them: emptying them, or tampering past the application's rights."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """Inside, this connection is the owner's, in the same transaction; triggers and policies bind it as ever."""
    if not settings.OWNER_DATABASE:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (before,) = cursor.fetchone()
    _become(settings.OWNER_DATABASE["USER"])
    try:
        yield
    finally:
        if not connection.needs_rollback:  # otherwise the rollback takes it back
            _become(before)


def application() -> dict[str, str]:
    """The environment of a process on this test's database with the application's rights, whatever its settings."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return {**os.environ, "DATABASE_URL": urlunsplit(address), "OWNER_DATABASE_URL": ""}


def _become(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{role}"')
