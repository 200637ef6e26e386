"""What the record of returns to use puts on somebody's Today."""

from __future__ import annotations

import datetime

from staff.models import StaffMember
from staff.needs import Need


def needs(*, staff_member: StaffMember, now: datetime.datetime) -> list[Need]:  # noqa: ARG001
    """Nothing yet."""
    return []
