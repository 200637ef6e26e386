"""A reminder's status in plain words: “Sent Tue, Mar 3, 10:00 AM”, “Scheduled for Wed, Mar 4, 8:00 AM”."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from reminders import checks, contacts
from reminders.models import Reminder
from reminders.standing import CareStatus, after_care, client_of, standings
from staff.access import Permission, can
from staff.models import StaffMember

State = Reminder.State


def may_see_kind(staff_member: StaffMember) -> bool:
    """Whether someone may see what a message is about; intake coordinators see only contact and time."""
    return can(staff_member, Permission.NOTE_VIEW) or can(staff_member, Permission.REMINDER_MANAGE)


@dataclass(frozen=True)
class ReminderStatus:
    """A reminder with its status in words. `tone` is the pill's; `detail` gives the reason, if any."""

    reminder: Reminder
    words: str
    tone: str
    detail: str = ""

    @property
    def how(self) -> str:
        """By email, text or call."""
        return str(self.reminder.get_channel_display())

    @property
    def due(self) -> str:
        """When it is due, on the current clock: “Tue, Mar 3, 10:00 AM”."""
        return f"{timezone.localtime(self.reminder.due_at):%a, %b %-d, %-I:%M %p}"

    @property
    def can_cancel(self) -> bool:
        """Whether it is still scheduled."""
        return self.reminder.state in (State.PENDING, State.CLAIMED)

    @property
    def can_retry(self) -> bool:
        """Whether it ended without being sent."""
        return self.reminder.state in (State.CANCELLED, State.FAILED)


def status_of(reminder: Reminder, zone: zoneinfo.ZoneInfo, blocked: str = "") -> ReminderStatus:
    """One reminder in words, in time zone `zone`. `blocked` is why it could not be sent now."""

    def at(moment: datetime.datetime | None) -> str:
        return f"{moment.astimezone(zone):%a, %b %-d, %-I:%M %p}" if moment else ""

    if reminder.state == State.SENT:
        return ReminderStatus(reminder, f"Sent {at(reminder.sent_at)}", "good")
    if reminder.state == State.CANCELLED:
        return ReminderStatus(reminder, f"Canceled: {reminder.reason}", "neutral", at(reminder.ended_at))
    if reminder.state == State.FAILED:
        return ReminderStatus(reminder, f"Failed: {reminder.reason}", "danger", at(reminder.ended_at))
    if blocked:
        return ReminderStatus(reminder, f"Won’t be sent: {blocked}", "attention", f"due {at(reminder.due_at)}")
    if reminder.state == State.CLAIMED:
        return ReminderStatus(reminder, "Sending", "info")
    return ReminderStatus(reminder, f"Scheduled for {at(reminder.due_at)}", "info", reminder.reason)


def statuses_of(reminders: Iterable[Reminder], zone: zoneinfo.ZoneInfo) -> list[ReminderStatus]:
    """A list of reminders in words; for scheduled ones, whether the client's care status blocks them."""
    rows = list(reminders)
    known = standings(pk for each in rows if each.state == State.PENDING and (pk := client_of(each)) is not None)
    agreed = _after_care(rows, known)
    return [status_of(each, zone, _held_back(each, known, agreed)) for each in rows]


def client_statuses(
    reminders: Iterable[Reminder],
    zone: zoneinfo.ZoneInfo,
    now: datetime.datetime,
    *,
    reached: contacts.Known | None = None,
) -> list[ReminderStatus]:
    """One client's reminders in words; for scheduled ones, whether they could be sent now.

    `reached` is how the client is reached, if the page has read it (`contacts.read_for`).
    """
    rows = list(reminders)
    known = standings(pk for each in rows if each.state == State.PENDING and (pk := client_of(each)) is not None)
    agreed = _after_care(rows, known)
    held_back = {each.pk: _held_back(each, known, agreed) for each in rows}
    asked = [each for each in rows if each.state == State.PENDING and not held_back[each.pk]]
    where_to = contacts.destinations(asked, now, known=reached)
    return [
        status_of(each, zone, where_to[each.pk].why_not if each.pk in where_to else held_back[each.pk]) for each in rows
    ]


def _after_care(reminders: list[Reminder], known: dict[int, CareStatus]) -> set[int]:
    return after_care([each for each in reminders if each.state == State.PENDING], known)


def _held_back(reminder: Reminder, known: dict[int, CareStatus], agreed: set[int]) -> str:
    """What checks.judge will say about the client's care status, for a scheduled reminder."""
    if reminder.state != State.PENDING or client_of(reminder) not in known:
        return ""
    held_back = checks.by_standing(reminder, known, agreed)
    return held_back.reason if held_back else ""
