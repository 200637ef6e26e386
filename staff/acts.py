"""Carrying out an act: one transaction, history rows that name who did it, and one audit entry.

with act("cases.discharge", by=by, client=client) as entry:
    episode.discharged_on = discharged_on
    episode.save()
    entry.about(episode)
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

import pghistory
from django.db import connection, models, transaction
from django.utils import timezone

from staff import seals
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import Refusal


class ClientRecord(Protocol):
    """What an act needs to know of a client (cases.models.Client, which this app does not know)."""

    @property
    def pk(self) -> int: ...
    @property
    def clinic(self) -> Clinic: ...
    @property
    def merged_into_id(self) -> int | None: ...


class MergedRecord(Refusal):
    """The client's record has been merged into another one of the same person."""

    def __init__(self, kept: int) -> None:
        super().__init__(f"This record was merged into No. {kept}. Nothing was changed. Continue in No. {kept}.")


class Entry:
    """The audit entry of the act in progress."""

    def __init__(self) -> None:
        self.subject: models.Model | None = None
        self.details: dict[str, object] = {}
        self.is_kept = True

    def about(self, subject: models.Model, **details: object) -> None:
        """Name the row that the act is about, plus details for an auditor (ids and codes, never narrative)."""
        self.subject = subject
        self.details |= details

    def nothing_changed(self) -> None:
        """Nothing changed: no entry is written."""
        self.is_kept = False

    def add_part(self, name: str, part: Entry) -> None:
        """Record a nested act as a part of this entry, in place of an entry of its own."""
        parts = self.details.setdefault("parts", [])
        assert isinstance(parts, list)
        parts.append({"act": name, "subject_type": part.subject_type, "subject_id": part.subject_id, **part.details})

    @property
    def subject_type(self) -> str:
        """The model of the row that the act is about."""
        return self.subject._meta.label_lower if self.subject else ""

    @property
    def subject_id(self) -> int | None:
        """Its number."""
        return self.subject.pk if self.subject else None


_WHOLE: ContextVar[Entry | None] = ContextVar("whole", default=None)


@contextmanager
def act(
    name: str,
    *,
    by: StaffMember | None,
    client: ClientRecord | None = None,
    clinic: Clinic | None = None,
    on_merged: bool = False,
    whole: bool = False,
) -> Iterator[Entry]:
    """Run the block as one act: atomic, attributed, audited. `by=None` is a scheduled job.

    Acts that it calls have their own entries, unless the act is `whole`: then they are parts of its one entry, and the
    rows that they change carry its name. No one writes to a record that was merged into another one, except to undo the
    merge (`on_merged`): raises MergedRecord.
    """
    entry = Entry()
    owner = clinic or (client.clinic if client is not None else by.clinic if by else None)
    if owner is None:
        raise ValueError("An act without a person or a client must say which clinic it belongs to.")
    kept = client.merged_into_id if client is not None else None
    if kept is not None and by is not None and not on_merged:
        raise MergedRecord(kept)
    outer = _WHOLE.get()
    if outer is not None:
        with transaction.atomic():
            yield entry
        if entry.is_kept:
            outer.add_part(name, entry)
        return
    with transaction.atomic(), pghistory.context(staff_member=by.pk if by else None, act=name):
        token = _WHOLE.set(entry if whole else None)
        try:
            yield entry
        finally:
            _WHOLE.reset(token)
        if entry.is_kept:
            AuditEntry.objects.create(
                clinic=owner,
                at=timezone.now(),
                staff_member=by,
                act=name,
                client_id=client.pk if client is not None else None,
                subject_type=entry.subject_type,
                subject_id=entry.subject_id,
                details=entry.details,
            )


class Entries:
    """The audit entries of many acts of one kind."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[tuple[int, int | None, str, int, str, str]] = []

    def add(self, subject: models.Model, *, clinic: int, client: int | None, **details: object) -> None:
        """One act: the row that it is about, the numbers of its clinic and client, details as in `Entry.about`."""
        self.rows.append((clinic, client, subject._meta.label_lower, subject.pk, json.dumps(details), seals.new()))

    def write(self) -> None:
        """Insert them in one statement: thousands a minute, where the ORM would take as long as all the rest."""
        if not self.rows:
            return
        self.rows.sort(key=lambda row: row[0])  # the chains of several clinics are locked in one order
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO staff_auditentry
                    (clinic_id, at, act, client_id, subject_type, subject_id, details, position, previous_hash, hash,
                     seal)
                SELECT clinic, %s, %s, client, subject_type, subject, details::jsonb, 0, '', '', seal
                FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[])
                    WITH ORDINALITY AS entry (clinic, client, subject_type, subject, details, seal, place)
                ORDER BY place
                """,
                [timezone.now(), self.name, *(list(column) for column in zip(*self.rows, strict=True))],
            )


@contextmanager
def acts_of_a_job(name: str) -> Iterator[Entries]:
    """Run the block as many acts of one kind by a scheduled job: in one transaction, with an entry for each."""
    if _WHOLE.get() is not None:
        raise ValueError("Many acts are not part of another one.")
    entries = Entries(name)
    with transaction.atomic(), pghistory.context(staff_member=None, act=name):
        yield entries
        entries.write()
