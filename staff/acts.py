"""Carrying out an act: one transaction, history rows that name who did it, and one audit entry.

with act("cases.discharge", by=by, client=client) as entry:
    episode.discharged_on = discharged_on
    episode.save()
    entry.about(episode)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.db import models, transaction
from django.utils import timezone

from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import Refusal


class JoinedRecord(Refusal):
    """The client's record has become part of another one of the same person."""

    def __init__(self, kept: int) -> None:
        super().__init__(f"This record was merged into No. {kept}. Nothing was changed. Continue in No. {kept}.")


class Entry:
    """What the audit log will say of the act under way."""

    def __init__(self) -> None:
        self.subject: models.Model | None = None
        self.details: dict[str, Any] = {}

    def about(self, subject: models.Model, **details: Any) -> None:
        """Name the row that the act is about, with what else an auditor needs (ids and codes, never narrative)."""
        self.subject = subject
        self.details |= details


@contextmanager
def act(
    name: str, *, by: StaffMember | None, client: Any = None, clinic: Clinic | None = None, on_joined: bool = False
) -> Iterator[Entry]:
    """Run the block as one act: atomic, attributed, audited. `by=None` is a scheduled job.

    Nobody writes on a record that was joined to another one, but to take the two apart again (`on_joined`): raises
    JoinedRecord.
    """
    entry = Entry()
    owner = clinic or (client.clinic if client is not None else by.clinic if by else None)
    if owner is None:
        raise ValueError("An act without a person or a client must say which clinic it belongs to.")
    kept = getattr(client, "merged_into_id", None)
    if kept is not None and by is not None and not on_joined:
        raise JoinedRecord(kept)
    with transaction.atomic(), pghistory.context(staff_member=by.pk if by else None, act=name):
        yield entry
        AuditEntry.objects.create(
            clinic=owner,
            at=timezone.now(),
            staff_member=by,
            act=name,
            client_id=client.pk if client is not None else None,
            subject_type=entry.subject._meta.label_lower if entry.subject else "",
            subject_id=entry.subject.pk if entry.subject else None,
            details=entry.details,
        )
