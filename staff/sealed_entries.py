"""Which entries of the audit log Onward wrote, for code that goes by what the log says.

A row in a table is no proof: whoever holds the database can insert one. An entry of the log counts if its hash holds
under its seal, or, from before seals, if the mark of where sealing began vouches for it (`privacy.audit_checks` checks
the whole chain).
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from staff import seals
from staff.immutability import seals_begin
from staff.models import AuditEntry, ChainMark

_TABLE = AuditEntry._meta.db_table
_ENTRIES = f"""
    SELECT subject_id, clinic_id, position, hash, seal, {_TABLE}_link_text(r),
           CASE WHEN seal = '' THEN {_TABLE}_link_hash(r) ELSE '' END
    FROM {_TABLE} r WHERE act = %s AND subject_type = %s AND clinic_id = ANY(%s) AND subject_id IS NOT NULL
"""  # noqa: S608  # nosec B608 - a model's table


def subjects(*, act: str, subject_type: str, clinics: Collection[int]) -> set[int]:
    """The rows that genuine entries about an act name."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [act, subject_type, list(clinics)])
        entries = cursor.fetchall()
    unsealed = {clinic for _, clinic, _, _, seal, _, _ in entries if not seal}
    marks = ChainMark.objects.filter(log=_TABLE, clinic_number__in=unsealed) if unsealed else ()
    sealed_from = {
        mark.clinic_number: mark.position
        for mark in marks
        if seals.is_mark(seals_begin(mark.log, mark.clinic_number, mark.position, mark.hash), mark.mac)
    }
    found = set()
    for subject, clinic, position, end, seal, text, plain in entries:
        key = seals.key_of(seal) if seal else None
        if seal:
            holds = key is not None and seals.hash_of(key, text) == end
        else:
            holds = position <= sealed_from.get(clinic, 0) and plain == end
        if holds:
            found.add(subject)
    return found
