"""Groups with their attendance, reminders, the directory of meetings, and inquiries. Plainly synthetic."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from bench.copying import copy
from bench.population import GIVEN_NAMES, SURNAMES
from bench.size import DAY, HOUR, Frame
from cases.models import Inquiry
from groups.models import Attendance, Group, GroupFacilitator, GroupSession, Membership
from referrals.models import Meeting, MeetingFeed
from reminders.models import Reminder

MODELS = (Group, GroupFacilitator, Membership, GroupSession, Attendance, Reminder, Meeting, Inquiry)
MEMBERS, SESSIONS = 8, 50
OPEN = ("new", "called_back", "screening", "waitlist")


def copy_groups(frame: Frame) -> None:
    """Eight members and fifty sessions each. A counselor's first group still meets, with people in care."""
    places = range(frame.size.groups)
    meeting = frame.size.counselors
    copy(
        Group,
        "id clinic_id program_id name type weekday starts_at ends_on is_open",
        (
            (
                *(g + 1, frame.clinic.pk, frame.program.pk, f"Sample group {g + 1:04d}", "skills", g % 7),
                *(datetime.time(17), None if g < meeting else frame.today - 200 * DAY, g < meeting),
            )
            for g in places
        ),
    )
    since = frame.now - 1000 * DAY
    copy(GroupFacilitator, "group_id staff_member_id since", ((g + 1, frame.counselor_of(g).pk, since) for g in places))
    copy(
        Membership,
        "id client_id group_id joined_on joined_by_id left_on left_by_id leave_reason",
        (_membership(frame, g, place) for g in places for place in range(MEMBERS)),
    )
    sessions = [
        (g * SESSIONS + place + 1, g, _session_at(frame, g, place), place) for g in places for place in range(SESSIONS)
    ]
    copy(
        GroupSession,
        "id group_id starts_at topic group_note",  # not signed: a signature has a hash of the whole text
        ((pk, g + 1, at, "Sample topic", "Sample group note.") for pk, g, at, _ in sessions),
    )
    copy(
        Attendance,
        (
            "session_id membership_id mark minutes_credited taken_at taken_by_id participation response progress"
            " written_at written_by_id"
        ),
        (_attendance(frame, pk, g, at, place, member) for pk, g, at, place in sessions for member in range(MEMBERS)),
    )


def _ended(frame: Frame, g: int) -> datetime.date:
    return frame.today - DAY if g < frame.size.counselors else frame.today - 200 * DAY


def _session_at(frame: Frame, g: int, place: int) -> datetime.datetime:
    return frame.at(_ended(frame, g) - 3 * DAY * (SESSIONS - 1 - place), 17)


def _membership(frame: Frame, g: int, place: int) -> tuple[object, ...]:
    by, size = frame.counselor_of(g).pk, frame.size
    joined, pk = _ended(frame, g) - 160 * DAY, g * MEMBERS + place + 1
    if g < size.counselors:  # their own counselor's clients
        return (pk, g + size.counselors * (place % size.caseload) + 1, g + 1, joined, by, None, None, "")
    client = (g * MEMBERS + place) % size.clients
    return (pk, client + 1, g + 1, joined, by, _ended(frame, g) + DAY, by, "group_ended")


def _attendance(
    frame: Frame, session: int, g: int, at: datetime.datetime, place: int, member: int
) -> tuple[object, ...]:
    by, taken = frame.counselor_of(g).pk, at + 2 * HOUR
    head = (session, g * MEMBERS + member + 1)
    if (place + member) % 6 == 0:
        return (*head, "excused", 0, taken, by, "", "", "", None, None)
    there = (*head, "present", 90, taken, by)
    if g < frame.size.counselors and place == SESSIONS - 1:  # yesterday's are still to be written
        return (*there, "", "", "", None, None)
    return (*there, "active", "Sample: listened and spoke once.", "Sample: steady.", taken, by)


def copy_reminders(frame: Frame) -> None:
    """One a client: nearly all were sent, some wait, one in a hundred failed."""

    def rows() -> Iterator[tuple[object, ...]]:
        for n in range(frame.size.clients):
            left: tuple[object, ...] = ("pending", "", None, None)
            if n % 50 == 1:
                due = frame.now + DAY * (1 + n % 7)
            else:
                due = frame.now - DAY * (2 + n % 700)
                left = ("failed", "No live consent.", None, due) if n % 100 == 2 else ("sent", "", due, None)
            yield (n + 1, frame.clinic.pk, "client_checkup", due, due, f"bench:{n}", *left)

    columns = "client_id clinic_id kind asked_for due_at dedupe_key state reason sent_at ended_at"
    copy(Reminder, columns, rows())


def copy_meetings(frame: Frame) -> None:
    """One feed, places around Albany."""
    feed = MeetingFeed.objects.create(
        clinic=frame.clinic, name="Sample feed", fellowship="aa", time_zone="America/New_York"
    )
    columns = (
        "feed_id external_id fellowship name weekday start duration time_zone types attendance latitude longitude"
        " content_hash imported_at"
    )
    copy(
        Meeting,
        columns,
        (
            (
                *(feed.pk, f"bench-{n}", "aa", f"Sample meeting {n}", n % 7, datetime.time(7 + n % 14), 60),
                *("America/New_York", ["O"], "in_person", 42.65 + n % 200 / 1_000, -73.75 - n % 300 / 1_000),
                *(f"{n:064x}", frame.now),
            )
            for n in range(frame.size.meetings)
        ),
    )


def copy_inquiries(frame: Frame) -> None:
    """Half of them are open."""

    def rows() -> Iterator[tuple[object, ...]]:
        for n in range(frame.size.inquiries):
            stage = OPEN[n // 2 % len(OPEN)] if n % 2 else "closed"
            taken = frame.now - HOUR * (1 + n % 900) if n % 2 else frame.now - DAY * (30 + n % 900)
            yield (
                *(frame.clinic.pk, stage, taken, frame.intake.pk, "Sample caller", "518 555 0123"),
                *(frame.chance.choice(GIVEN_NAMES), frame.chance.choice(SURNAMES), "Sample: asks for a first visit."),
                *("" if n % 2 else "reached_goal", ["alcohol"]),
            )

    columns = (
        "clinic_id stage taken_at taken_by_id caller_name call_back_phone given_name family_name reason closing_reason"
        " substances"
    )
    copy(Inquiry, columns, rows())
