"""Many rows in few statements, with the ids that one after the other would have had, each in its author's name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import pghistory
from django.db import connection, models
from django.utils import timezone

from staff.models import AuditEntry, StaffMember

M = TypeVar("M", bound=models.Model)
AT_ONCE = 1000


def reserve(model: type[models.Model], number: int) -> list[int]:
    """The next ids of a table."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, column, number]
        )
        return [pk for (pk,) in cursor.fetchall()]


def number(rows: Sequence[M]) -> None:
    """Give rows of one table the next ids, in their order."""
    if rows:
        for row, pk in zip(rows, reserve(type(rows[0]), len(rows)), strict=True):
            row.pk = pk


def insert(rows: Iterable[M], *, act: str, by: Callable[[M], StaffMember]) -> None:
    """Insert rows of one table; the history of each is signed with who did it."""
    for author, own in _by_author(rows, by).items():
        with pghistory.context(staff_member=author, act=act):
            type(own[0])._base_manager.bulk_create(own, batch_size=AT_ONCE)


def update(rows: Iterable[M], fields: Sequence[str], *, act: str, by: Callable[[M], StaffMember]) -> None:
    """Store changed fields of stored rows of one table, each in its author's name."""
    for author, own in _by_author(rows, by).items():
        with pghistory.context(staff_member=author, act=act):
            store(own, fields)


def store(rows: Sequence[M], fields: Sequence[str]) -> None:
    """The same without an author, for a caller within an act.

    One INSERT that meets each row: Django's bulk_update compares every row with every other one.
    """
    if rows:
        type(rows[0])._base_manager.bulk_create(
            rows, batch_size=AT_ONCE, update_conflicts=True, unique_fields=["pk"], update_fields=fields
        )


def _by_author(rows: Iterable[M], by: Callable[[M], StaffMember]) -> dict[int, list[M]]:
    authors: dict[int, list[M]] = defaultdict(list)
    for row in rows:
        authors[by(row).pk].append(row)
    return authors


class Audit:
    """Audit entries of many acts, written in the order in which they were noted."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, StaffMember, int | None, models.Model, dict[str, Any]]] = []

    def note(self, act: str, *, by: StaffMember, client: models.Model | None, about: M, **details: Any) -> None:
        """The entry `staff.acts.act` would have written. Ids may be set later: they are read when it is written."""
        self.noted.append((act, by, client.pk if client else None, about, details))

    def write(self) -> None:
        """Append them to the chain of their clinic."""
        now = timezone.now()
        entries = [
            AuditEntry(
                clinic_id=by.clinic_id,
                at=now,
                staff_member=by,
                act=act,
                client_id=client,
                subject_type=about._meta.label_lower,
                subject_id=about.pk,
                details={
                    name: value.pk if isinstance(value, models.Model) else value for name, value in details.items()
                },
            )
            for act, by, client, about, details in self.noted
        ]
        AuditEntry.objects.bulk_create(entries, batch_size=AT_ONCE)
        self.noted.clear()
