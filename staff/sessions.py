"""Sessions in the database (settings.SESSION_ENGINE) that end, and are not written with every page.

A session ends 15 minutes after the last request. To keep that promise it need not be written each time, only when what
is on record has fallen behind: someone idle is signed out up to WRITTEN_EVERY earlier, and never later.

And it ends 12 hours after signing in (a threshold), whatever happens in it: a browser that asks for something every few
minutes by itself would otherwise stay signed in for days. The end is set when someone signs in, and never moves.
"""

from __future__ import annotations

import datetime
import math
import uuid
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from staff.thresholds import Threshold

WRITTEN_EVERY = datetime.timedelta(seconds=30)
LONGEST_SESSION = Threshold(
    "staff.longest_session",
    12,
    unit="hours",
    label="Longest time before signing in again, however active",
    source="NIST SP 800-63B, 4.2.3",
    lowest=1,
    highest=24,
)
_HANDLE, _BEGAN, _ENDS, _ADDRESS, _BROWSER = "handle", "began", "ends", "address", "browser"


class SessionStore(db.SessionStore):
    """Knows when it ends on record."""

    ends_at: datetime.datetime | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        """The table of sessions."""
        from staff.models import Session

        return Session

    def load(self) -> dict[str, Any]:
        """What is in it; nothing once it has ended."""
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        self.ends_at = row.expire_date
        return self.decode(row.session_data)

    def keep(self, *, address: str = "", browser: str = "") -> None:
        """Start its time anew with this request, and remember where it came from."""
        if self.is_empty():
            return
        age = datetime.timedelta(seconds=self.get_expiry_age())
        if self.ends_at is not None and self.ends_at < timezone.now() + age - WRITTEN_EVERY:
            self.modified = True
        if self.modified and self.get(SESSION_KEY):  # nothing is written only for this
            for name, seen in ((_ADDRESS, address), (_BROWSER, browser)):
                if self.get(name) != seen:
                    self[name] = seen

    def save(self, must_create: bool = False) -> None:
        """Write it. If someone has signed in since the last time, their hours begin now."""
        if self.get(SESSION_KEY) and not self.get(_ENDS):
            self._begin()
        super().save(must_create)

    def get_expiry_date(self, **kwargs: Any) -> datetime.datetime:
        """After 15 minutes without a request, and not after its hours."""
        return min(filter(None, (super().get_expiry_date(**kwargs), self.last_moment)))

    def get_expiry_age(self, **kwargs: Any) -> int:
        """The same in seconds from now."""
        age = super().get_expiry_age(**kwargs)
        return age if self.last_moment is None else max(0, min(age, self.seconds_left))

    @property
    def last_moment(self) -> datetime.datetime | None:
        """When it ends, whatever is done in it; None if nobody is signed in."""
        return _moment(self[_ENDS]) if self.get(_ENDS) else None

    @property
    def seconds_left(self) -> int:
        """Until then, and no less: a page says that it has ended when it has."""
        return math.ceil((self.last_moment - timezone.now()).total_seconds()) if self.last_moment else 0

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row, with whose it is and since when."""
        row: Any = super().create_model_instance(data)
        if data.get(_ENDS):
            row.staff_member_id = data.get(SESSION_KEY)
            row.handle = uuid.UUID(data[_HANDLE])
            row.began_at = _moment(data[_BEGAN])
            row.ends_at = _moment(data[_ENDS])
            row.used_at = timezone.now()
            row.address = data.get(_ADDRESS) or None
            row.browser = data.get(_BROWSER, "")
        return row

    def _begin(self) -> None:
        from staff.models import Clinic

        clinic = Clinic.objects.get(staff_members=self[SESSION_KEY])
        now = timezone.now()
        self[_HANDLE] = uuid.uuid4().hex
        self[_BEGAN] = now.timestamp()
        self[_ENDS] = (now + datetime.timedelta(hours=LONGEST_SESSION.for_clinic(clinic))).timestamp()
        self.get_model_class().objects.filter(expire_date__lt=now).delete()  # what has ended is kept nowhere


def _moment(kept: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(kept, datetime.UTC)
