"""The owner of the tables, for the few commands that change or empty them; all else runs as the application's role.

OWNER_DATABASE_URL has the owner's name and password. Web servers and workers do not get it. Without it, one role is
both: a developer's choice, which production's `check --deploy` reports.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.conf import settings
from django.db import connection

KEYS = ("USER", "PASSWORD", "HOST", "PORT")


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """Inside, connections are the owner's: for a command, which has one, and no transaction at that time."""
    if not settings.OWNER_DATABASE:
        yield
        return
    known = connection.settings_dict
    before = {name: known[name] for name in (*KEYS, "OPTIONS")}
    connection.close()
    known |= {name: settings.OWNER_DATABASE[name] for name in KEYS}
    known["OPTIONS"] = {name: value for name, value in before["OPTIONS"].items() if name != "assume_role"}
    try:
        yield
    finally:
        connection.close()
        known |= before
