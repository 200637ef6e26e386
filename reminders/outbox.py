"""The outbox: what to send to whom and when, written in the same transaction as its cause."""

from __future__ import annotations

import datetime
import json
import zoneinfo
from collections.abc import Mapping, Sequence

from django.db import connection, transaction
from django.db.models import TextField
from django.utils import timezone

from cases.models import Client
from privacy.models import Channel
from reminders.contacts import best_channel, open_channels
from reminders.kinds import KINDS
from reminders.models import Reminder
from reminders.models.reminder import context_key_is_allowed
from reminders.wording import revealing_words
from staff.acts import act, acts_of_a_job
from staff.models import Clinic, StaffMember
from staff.prepared import IsOneOf
from staff.promises import Promise

State = Reminder.State


class KeyUsed(ValueError):
    """A bug in the caller: the key belongs to another message, or to one that has ended without being sent."""


def wall_clock(moment: datetime.datetime, *, zone: zoneinfo.ZoneInfo, days: int = 0) -> datetime.datetime:
    """The UTC moment at which a clock in `zone` shows the same time, `days` calendar days away.

    `moment` is naive (a wall clock in `zone`) or aware (converted to one). “The day before at the same hour” is
    `wall_clock(appointment, zone=client.zone, days=-1)`, even across a clock change. A time that the clocks skip is
    read as if they had not moved yet, and a time that occurs twice is its first occurrence: always one answer.
    """
    local = moment if timezone.is_naive(moment) else moment.astimezone(zone).replace(tzinfo=None)
    return (local + datetime.timedelta(days=days)).replace(tzinfo=zone, fold=0).astimezone(datetime.UTC)


def schedule(
    *,
    kind: str,
    client_or_staff: Client | StaffMember,
    due_at: datetime.datetime,
    dedupe_key: str,
    context: Mapping[str, object],
    not_after: datetime.datetime | None = None,
    by: StaffMember | None = None,
) -> Reminder:
    """Put a message into the outbox once: a second call with the same key and facts returns the first row.

    A key names one promise for good. For another time or text, or for one that was canceled or failed, use another key:
    raises KeyUsed, since keeping the old row would drop what is asked for now.

    Call it in the transaction of its cause. `context` may hold `at` (the moment it is about, from `moments.kept`),
    `day`, `time`, `number` (texts of at most 30 characters that reveal nothing) and ids ending in `_id`; raises
    ValueError for anything else, since that is a bug in the caller. `due_at` and `not_after` are aware. Whether it may
    be sent is checked when it is due, not now.
    """
    _check_context(context)
    if timezone.is_naive(due_at) or (not_after is not None and timezone.is_naive(not_after)):
        raise ValueError("Times in the outbox are aware: use outbox.wall_clock.")
    client = client_or_staff if isinstance(client_or_staff, Client) else None
    staff_member = client_or_staff if isinstance(client_or_staff, StaffMember) else None
    if existing := Reminder.objects.filter(dedupe_key=dedupe_key).first():
        return _same(existing, kind, due_at, not_after, context)
    with act("reminders.schedule", by=by, client=client, clinic=client_or_staff.clinic) as entry:
        reminder, created = Reminder.objects.get_or_create(
            dedupe_key=dedupe_key,
            defaults={
                "clinic": client_or_staff.clinic,
                "kind": kind,
                "client": client,
                "staff_member": staff_member,
                "channel": best_channel(client_or_staff, due_at, kind),
                "asked_for": due_at,
                "due_at": due_at,
                "not_after": not_after,
                "context": context,
                "created_by": by,
            },
        )
        entry.about(reminder, kind=kind, created=created)
    return reminder if created else _same(reminder, kind, due_at, not_after, context)


def schedule_all(promises: Sequence[Promise], *, clinic: Clinic, now: datetime.datetime) -> int:
    """Put many messages of a job into the outbox, in a number of queries that does not grow with them.

    One that waits already is moved to what is promised now: a client may have moved to another time zone, the clinic
    may have another number. Others whose key is in use are left as they are. Returns how many are new. Raises
    ValueError as `schedule` does.
    """
    for each in promises:
        _check_context(each.context)
    by_key = {each.key: each for each in promises}
    with transaction.atomic():
        _take_turns(clinic)
        keys = IsOneOf("dedupe_key", list(by_key), TextField())
        known = set(Reminder.objects.filter(keys).values_list("dedupe_key", flat=True))
        _move([by_key[key] for key in sorted(known)], clinic)
        return _add([each for key, each in by_key.items() if key not in known], clinic, now)


def _add(new: Sequence[Promise], clinic: Clinic, now: datetime.datetime) -> int:
    with acts_of_a_job("reminders.schedule") as entries:
        channels = open_channels([(each.to, each.kind) for each in new], now)
        made = Reminder.objects.bulk_create(
            Reminder(
                clinic=clinic,
                kind=each.kind,
                client=each.to if isinstance(each.to, Client) else None,
                staff_member=each.to if isinstance(each.to, StaffMember) else None,
                channel=channel or Channel.EMAIL,
                asked_for=each.due_at,
                due_at=each.due_at,
                not_after=each.not_after,
                dedupe_key=each.key,
                context=dict(each.context),
            )
            for each, channel in zip(new, channels, strict=True)
            if channel or not KINDS[each.kind].is_unasked
        )
        for reminder in made:
            entries.add(reminder, clinic=clinic.pk, client=reminder.client_id, kind=reminder.kind, created=True)
    return len(made)


def _move(promises: Sequence[Promise], clinic: Clinic) -> None:
    """Let those that wait say and be due what is promised now, in one statement.

    One that waits for another reason (hours, limits, after a failed try) keeps its next time: it is judged anew then.
    One that a worker or a person has in hand at this moment is left to the next hour, so that nobody waits for it.
    """
    columns: list[list[object]] = [
        [each.key for each in promises],
        [each.due_at for each in promises],
        [each.not_after for each in promises],
        [json.dumps(dict(each.context)) for each in promises],
    ]
    with acts_of_a_job("reminders.reschedule") as entries, connection.cursor() as cursor:
        cursor.execute(
            """
            WITH changed AS MATERIALIZED (
                SELECT waiting.id, promise.due_at, promise.not_after, promise.context::jsonb
                FROM reminders_reminder AS waiting
                JOIN unnest(%s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[])
                    AS promise (key, due_at, not_after, context) ON waiting.dedupe_key = promise.key
                WHERE waiting.state = 'pending'
                    AND (waiting.asked_for, waiting.not_after, waiting.context)
                        IS DISTINCT FROM (promise.due_at, promise.not_after, promise.context::jsonb)
                ORDER BY waiting.id FOR NO KEY UPDATE OF waiting SKIP LOCKED
            )
            UPDATE reminders_reminder AS reminder
            SET asked_for = changed.due_at,
                due_at = CASE WHEN reminder.due_at = reminder.asked_for THEN changed.due_at ELSE reminder.due_at END,
                not_after = changed.not_after,
                context = changed.context
            FROM changed WHERE reminder.id = changed.id
            RETURNING reminder.id, reminder.client_id, reminder.kind
            """,
            columns,
        )
        for pk, client, kind in cursor.fetchall():
            entries.add(Reminder(pk=pk), clinic=clinic.pk, client=client, kind=kind)


def _take_turns(clinic: Clinic) -> None:
    """Two of these jobs at once would find the same keys free. The lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('reminders.schedule_all'), %s)", [clinic.pk])


def _same(
    existing: Reminder,
    kind: str,
    due_at: datetime.datetime,
    not_after: datetime.datetime | None,
    context: Mapping[str, object],
) -> Reminder:
    asked, before = (kind, due_at, not_after, dict(context)), (existing.kind, existing.asked_for, existing.not_after)
    if asked != (*before, existing.context) or existing.state in (State.CANCELLED, State.FAILED):
        raise KeyUsed(existing.dedupe_key)
    return existing


def cancel(*, dedupe_key: str, reason: str, by: StaffMember | None = None) -> Reminder | None:
    """Cancel a message because its cause is gone. Returns None if there is no such message.

    One that is already sent, failed or canceled does not change.
    """
    reminder = Reminder.objects.filter(dedupe_key=dedupe_key).first()
    if reminder is None:
        return None
    with act("reminders.cancel", by=by, client=reminder.client, clinic=reminder.clinic) as entry:
        Reminder.objects.filter(pk=reminder.pk).waiting().update(
            state=State.CANCELLED, reason=reason[:200], ended_at=timezone.now(), claim=None, claimed_at=None
        )
        entry.about(reminder, reason=reason)
    reminder.refresh_from_db()
    return reminder


def _check_context(context: Mapping[str, object]) -> None:
    for key, value in context.items():
        if not context_key_is_allowed(key, value):
            raise ValueError(f"“{key}” may not be in a reminder's context.")
        if isinstance(value, str) and revealing_words(value):
            raise ValueError(f"The value of “{key}” reveals what the message is about.")
