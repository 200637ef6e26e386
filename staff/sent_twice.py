"""When the same said again by the same person is one form that came twice, and not a second fact.

Two equal forms of one page are one by `staff.double_clicks`. This is for what that can't know: the same from two tabs,
or sent again after signing in.
"""

from __future__ import annotations

import datetime

WITHIN = datetime.timedelta(minutes=1)


def since(at: datetime.datetime) -> datetime.datetime:
    """From when on the same is the form that is sent at this moment."""
    return at - WITHIN
