"""Sessions in the database (settings.SESSION_ENGINE) that are not written with every page.

A session ends 15 minutes after the last request. To keep that promise it need not be written each time, only when what
is on record has fallen behind: someone idle is signed out up to WRITTEN_EVERY earlier, and never later.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

WRITTEN_EVERY = datetime.timedelta(seconds=30)


class SessionStore(db.SessionStore):
    """Knows when it ends on record."""

    ends_at: datetime.datetime | None = None

    def load(self) -> dict[str, Any]:
        """What is in it; nothing once it has ended."""
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        self.ends_at = row.expire_date
        return self.decode(row.session_data)

    def keep(self) -> None:
        """Start its time anew with this request."""
        if self.is_empty() or self.ends_at is None:
            return
        age = datetime.timedelta(seconds=self.get_expiry_age())
        if self.ends_at < timezone.now() + age - WRITTEN_EVERY:
            self.modified = True
