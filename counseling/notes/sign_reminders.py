"""Reminders to sign: due some hours after the session, canceled once the note is signed.

The reminder only nudges. That a draft waits for its signature is read from the note itself, on Today and the worklist.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence

from counseling.models import SessionNote
from counseling.thresholds import UNSIGNED_REMINDER_HOURS
from reminders import outbox
from reminders.models import Reminder
from reminders.models.reminder import Kind
from staff.days import later
from staff.reading import Reading, reads, rows


def due_at(note: SessionNote, *, since: datetime.datetime | None = None) -> datetime.datetime:
    """When to remind the author, by the clinic's threshold; never within an hour of starting.

    `since` is when a discarded draft was restored; otherwise the note's start counts.
    """
    hours = UNSIGNED_REMINDER_HOURS.for_clinic(note.client.clinic)
    after_session = later(note.session_ended_at or note.session_started_at, datetime.timedelta(hours=hours))
    return max(after_session, (since or note.started_at) + datetime.timedelta(hours=1))


def remind(note: SessionNote, *, since: datetime.datetime | None = None) -> None:
    """Schedule the reminder for the session's current time, replacing one for another time."""
    due = due_at(note, since=since)
    key = f"{_prefix(note)}{due:%Y%m%dT%H%M%S}"
    # One that was called off stays so: a time that was changed and changed back, a draft taken up again, need another.
    called_off = Reminder.objects.filter(dedupe_key__startswith=key, state=Reminder.State.CANCELLED).count()
    key += f"~{called_off}" if called_off else ""
    for reminder in Reminder.objects.filter(dedupe_key__startswith=_prefix(note)).waiting().exclude(dedupe_key=key):
        outbox.cancel(dedupe_key=reminder.dedupe_key, reason="the session's time was changed")
    outbox.schedule(
        kind=Kind.STAFF_NOTE_UNSIGNED,
        client_or_staff=note.writer,
        due_at=due,
        dedupe_key=key,
        context={"note_id": note.pk},
        by=note.writer,
    )


def forget(note: SessionNote, *, reason: str) -> None:
    """Cancel the reminder."""
    for reminder in Reminder.objects.filter(dedupe_key__startswith=_prefix(note)).waiting():
        outbox.cancel(dedupe_key=reminder.dedupe_key, reason=reason, by=note.writer)


def _prefix(note: SessionNote) -> str:
    return f"note-unsigned:{note.pk}:"


@reads
def gone(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which are no longer needed, asked when they are sent: their draft is signed or was discarded."""
    numbers = {each.context.get("note_id") for each in reminders} - {None}
    notes = {note.pk: note for note in (yield from rows(SessionNote.objects.filter(pk__in=numbers)))}
    found = {}
    for each in reminders:
        note = notes.get(each.context.get("note_id"))
        if note is None or note.discarded_at is not None:
            found[each.pk] = "the draft was discarded"
        elif note.signed_at is not None:
            found[each.pk] = "the note is signed"
    return found


@reads
def clients(notes: Collection[int]) -> Reading[dict[int, int]]:
    """Whose notes these are, by note id."""
    return dict((yield from rows(SessionNote.objects.filter(pk__in=notes).values_list("pk", "client"))))
