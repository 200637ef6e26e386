"""What only the owner of the tables can do to them: emptying them, or tampering past the application's rights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.conf import settings
from django.db import connection


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """Inside, this connection is the owner's, in the same transaction; triggers and policies bind it as ever."""
    if not settings.OWNER_DATABASE:
        yield
        return
    _become(settings.OWNER_DATABASE["USER"])
    try:
        yield
    finally:
        if not connection.needs_rollback:  # otherwise the rollback takes it back
            _become(settings.APPLICATION_ROLE)


def _become(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{role}"')
