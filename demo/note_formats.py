"""The clinic's own note formats, besides those that ship."""

from __future__ import annotations

from counseling.codes import Modality
from counseling.notes import format_making
from counseling.notes.format_making import Section
from staff.models import StaffMember


def make(*, by: StaffMember) -> int:
    """Two formats as a clinic would want them: for a session with the family, and for a short call. How many."""
    format_making.make(
        clinic=by.clinic,
        name="Family session",
        sections=[
            Section("Who came", "First names and how they belong to the client", required=True),
            Section("What each said", "In their own words where it matters", required=True),
            Section("What was agreed", "Who does what until the next session", required=True),
            Section("For next time"),
        ],
        kinds=[Modality.FAMILY],
        by=by,
    )
    format_making.make(
        clinic=by.clinic,
        name="Short call",
        sections=[
            Section("Why we spoke", required=True),
            Section("How they are", "Use, sleep, safety", required=True),
            Section("Next step", "What, who, and when", required=True),
        ],
        by=by,
    )
    return 2
