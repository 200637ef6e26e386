"""Checks the chained logs: every entry against its seal, the order, and the ends that were kept elsewhere.

A check walks one clinic's entries of one log by position, in slices. Each slice is one short transaction that keeps its
findings and how far it came, so a check of millions of entries may stop at any point and resume there.
"""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from privacy import audit_heads
from privacy.models import AuditCheck, AuditFault, AuditFinding
from privacy.thresholds import AUDIT_SECONDS
from staff import seals
from staff.immutability import seals_begin
from staff.models import ChainMark, Clinic

AT_ONCE = 5_000  # entries in a slice
AT_NIGHT = datetime.time(2)  # by the clinic's clock
FARTHEST = 2_000  # how far away the place is looked for where an entry came from
MOST = 50  # findings of a slice that are looked at closely
KNOWN_KEYS = "a key in AUDIT_KEY or AUDIT_KEYS_BEFORE"

ENTRIES = """
    SELECT position, previous_hash, hash, seal, {table}_link_text(r),
           CASE WHEN seal = '' THEN {table}_link_hash(r) ELSE '' END
    FROM {table} r WHERE clinic_id = %s AND position > %s ORDER BY position LIMIT %s
"""
GUARDS = """
    SELECT count(*) FROM pg_trigger
    WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A') AND tgname = ANY(%s)
"""


@dataclass(frozen=True)
class Found:
    """One fault: the entry at which it shows, and the words that follow “entry N:”."""

    fault: AuditFault
    position: int
    words: str
    until: int = 0  # the last entry of a run of the same
    shift: int = 0  # by how much an entry's number changed


@dataclass(frozen=True)
class Reached:
    """How far a walk came: the last entry's number and hash, and how many entries were looked at."""

    position: int = 0
    hash: str = ""
    count: int = 0
    is_over: bool = False


@dataclass(frozen=True)
class Part:
    """A slice of another check that runs with these (settings.NIGHTLY_CHECKS): what it found, and how far it came."""

    found: list[Found]
    reached: int
    count: int
    is_over: bool


def checked_at_night() -> list[str]:
    """Every check that runs each night: the chained logs, and what apps above this one check."""
    return [*settings.AUDIT_CHAINS, *settings.NIGHTLY_CHECKS]


def check_now(log: str, clinic: int, *, heads: Path | None = None) -> tuple[list[Found], Reached]:
    """Walk a whole chain and keep nothing: for the command."""
    found: list[Found] = []
    reached = Reached()
    while not reached.is_over:
        more, reached = _walk(log, clinic, reached)
        found += more
    return found + _as_a_whole(log, clinic, audit_heads.kept(path=heads)), reached


def check_where_due(now: datetime.datetime) -> int:
    """Go on with each clinic's nightly checks, for as long as its setting allows; begin those that are due.

    Returns how many faults were found.
    """
    faults = 0
    for clinic in Clinic.objects.order_by("pk"):
        until = time.monotonic() + AUDIT_SECONDS.for_clinic(clinic)
        for log in checked_at_night():
            # One that is dated ahead was not made by Onward: it would keep every later night from its check.
            last = AuditCheck.objects.filter(clinic=clinic, log=log, started_at__lte=now).first()
            if last is not None and last.finished_at is not None and last.started_at >= _last_night(clinic, now):
                continue
            check = begin(clinic, log)
            found_before = check.findings.count()
            while check_slice(check) and time.monotonic() < until:
                pass
            faults += check.findings.count() - found_before
    return faults


def check_clinic(clinic: Clinic) -> list[AuditCheck]:
    """Check all logs of a clinic to the end and keep the results."""
    checks = [begin(clinic, log) for log in checked_at_night()]
    for check in checks:
        while check_slice(check):
            pass
        check.refresh_from_db()
    return checks


def begin(clinic: Clinic, log: str) -> AuditCheck:
    """The check in progress, or a new one."""
    with transaction.atomic():
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)  # two started at once make one check
        check = AuditCheck.objects.filter(clinic=clinic, log=log, finished_at=None).first()
        return check or AuditCheck.objects.create(clinic=clinic, log=log, started_at=timezone.now())


def check_slice(check: AuditCheck) -> bool:
    """Check the next entries and keep the findings. False once there is nothing to do, or another worker is at it."""
    with transaction.atomic():
        rows = AuditCheck.objects.select_for_update(no_key=True, skip_locked=True)
        here = rows.filter(pk=check.pk, finished_at=None).first()
        if here is None:
            return False
        before = Reached(here.reached, here.reached_hash, here.entries_checked)
        if here.log in settings.NIGHTLY_CHECKS:
            found, reached = _part(here, before)
            here.finished_at = timezone.now() if reached.is_over else None
        else:
            found, reached = _walk(here.log, here.clinic_id, before)
        if reached.is_over and here.finished_at is None:
            kept = audit_heads.kept()
            found += _as_a_whole(here.log, here.clinic_id, kept)
            found += _lost_ends(here, kept)
            found += _note_end(here, reached) if not found else []
            here.finished_at = timezone.now()
        AuditFinding.objects.bulk_create(
            AuditFinding(found_in=here, fault=each.fault, position=each.position, words=each.words[:300])
            for each in found
        )
        here.reached, here.reached_hash, here.entries_checked = reached.position, reached.hash, reached.count
        here.save(update_fields=["reached", "reached_hash", "entries_checked", "finished_at"])
    return not reached.is_over


def unknown_clinics(*, heads: Path | None = None) -> list[str]:
    """Chains that the file of ends knows and no clinic has: a clinic was deleted with its logs."""
    there = set(Clinic.objects.values_list("pk", flat=True))
    gone = {(head.log, head.clinic) for head in audit_heads.kept(path=heads).heads if head.clinic not in there}
    return [f"{log}, clinic {clinic}: the clinic and its log are gone" for log, clinic in sorted(gone)]


def _part(check: AuditCheck, before: Reached) -> tuple[list[Found], Reached]:
    """The next slice of a check of another app."""
    function: Callable[[Clinic, int], Part] = import_string(settings.NIGHTLY_CHECKS[check.log])
    part = function(check.clinic, before.position)
    return part.found, Reached(part.reached, "", before.count + part.count, is_over=part.is_over)


def _walk(log: str, clinic: int, reached: Reached) -> tuple[list[Found], Reached]:
    """The next entries of a chain: what is wrong with them, and how far it went."""
    table = _table(log)
    rows = _rows(ENTRIES.format(table=table), [clinic, reached.position, AT_ONCE])
    chain = _Chain(table, clinic, reached)
    for row in rows:
        chain.see(*row)
    return _runs(chain.found), replace(chain.reached, is_over=len(rows) < AT_ONCE)


class _Chain:
    """Entries seen one after another."""

    def __init__(self, table: str, clinic: int, reached: Reached) -> None:
        self.table, self.clinic, self.reached = table, clinic, reached
        self.found: list[Found] = []
        self.was_bad = False
        self.shift = 0
        marks = ChainMark.objects.filter(log=table, clinic_number=clinic)
        self.mark = next((mark for mark in marks if seals.is_mark(_vouched(mark), mark.mac)), None)

    def see(self, position: int, previous: str, end: str, seal: str, text: str, plain: str) -> None:
        due, before = self.reached.position + 1, self.reached.hash
        gap = position - due
        if gap > 0:
            what = f"entry {due} is missing" if gap == 1 else f"entries {due} to {position - 1} are missing"
            self._add(AuditFault.MISSING, position, what)
        elif gap < 0:
            self._add(AuditFault.INSERTED, position, "its number is used twice")
        own = self._own_fault(position, end, seal, text, plain)
        if own is not None and own.fault != AuditFault.CHANGED:
            self.found.append(own)
        elif previous != before and gap == 0 and not (own is None and self.was_bad):
            self._add(AuditFault.UNLINKED, position, "it does not follow from the entry before it")
        elif own is not None:
            self.found.append(own)
        self.was_bad = own is not None
        self.reached = Reached(position, end, self.reached.count + 1)

    def _own_fault(self, position: int, end: str, seal: str, text: str, plain: str) -> Found | None:
        """What is wrong with the entry by itself."""
        if not seal:
            return self._fault_unsealed(position, end, plain)
        key = seals.key_of(seal)
        if key is None:
            if seals.has_known_key(seal):
                return Found(AuditFault.INSERTED, position, "it was not written by Onward: its seal is false", position)
            words = f"it was not written by Onward with {KNOWN_KEYS}"
            return Found(AuditFault.UNKNOWN_KEY, position, words, position)
        if seals.hash_of(key, text) == end:
            return None
        if len(self.found) < MOST and (was := self._place_before(key, position, end, text)):
            words = f"it was entry {was}: the order was changed"
            return Found(AuditFault.REORDERED, position, words, position, was - position)
        if len(self.found) < MOST or self.found[-1].fault == AuditFault.RECOMPUTED:
            (now,) = _rows(
                f"SELECT {self.table}_link_hash(r) FROM {self.table} r WHERE clinic_id = %s AND position = %s",  # noqa: S608  # nosec B608
                [self.clinic, position],
            )[0]
            if now == end:
                words = "it was changed, and its hash was recomputed without the key"
                return Found(AuditFault.RECOMPUTED, position, words, position)
        return Found(AuditFault.CHANGED, position, "its content was altered", position)

    def _fault_unsealed(self, position: int, end: str, plain: str) -> Found | None:
        """An entry from before seals, which may only stand up to the mark, or one that pretends to be."""
        if self.mark is None or position > self.mark.position:
            if plain == end:
                words = "it has no seal: it was recomputed without the key"
                return Found(AuditFault.RECOMPUTED, position, words, position)
            return Found(AuditFault.INSERTED, position, "it was not written by Onward: it has no seal", position)
        if plain != end:
            return Found(AuditFault.CHANGED, position, "its content was altered", position)
        if position == self.mark.position and end != self.mark.hash:
            words = "the entries from before seals were recomputed"
            return Found(AuditFault.RECOMPUTED, position, words, position)
        return None

    def _place_before(self, key: bytes, position: int, end: str, text: str) -> int:
        """The number under which the entry's hash holds; 0 if there is none nearby."""
        start = re.compile(rf"^({re.escape(self.table)} [0-9a-f]*\[{self.clinic}, ){position}(?=,)")
        near = [self.shift] if self.shift else []
        near += [way * far for far in range(1, FARTHEST) for way in (1, -1)]
        for shift in near:
            if seals.hash_of(key, start.sub(rf"\g<1>{position + shift}", text, count=1)) == end:
                self.shift = shift
                return position + shift
        return 0

    def _add(self, fault: AuditFault, position: int, words: str) -> None:
        self.found.append(Found(fault, position, words))


def _runs(found: list[Found]) -> list[Found]:
    """Neighbors with the same fault as one finding, in words for many."""
    runs: list[Found] = []
    for each in found:
        last = runs[-1] if runs else None
        if (
            last is not None and last.until and last.until + 1 == each.position
            and (last.fault, last.shift) == (each.fault, each.shift)
        ):  # fmt: skip
            runs[-1] = replace(last, until=each.until)
        else:
            runs.append(each)
    return [_in_words(run) if run.until > run.position else run for run in runs]


def _in_words(run: Found) -> Found:
    whole = f"entries {run.position} to {run.until}"
    if run.fault == AuditFault.REORDERED:
        were = f"{whole} were {run.position + run.shift} to {run.until + run.shift}"
        if run.shift > 0:
            return replace(run, fault=AuditFault.MISSING, words=f"{were}: an entry before them was removed")
        return replace(run, fault=AuditFault.INSERTED, words=f"{were}: an entry before them was inserted")
    words = {
        AuditFault.UNKNOWN_KEY: f"{whole} were not written by Onward with {KNOWN_KEYS}",
        AuditFault.RECOMPUTED: f"{whole} were recomputed without the key",
        AuditFault.CHANGED: f"{whole} were altered: their content or hashes aren’t what was written",
        AuditFault.INSERTED: f"{whole} were not written by Onward: they were inserted or recomputed",
    }
    return replace(run, words=words.get(run.fault, run.words))


def _as_a_whole(log: str, clinic: int, kept: audit_heads.Kept) -> list[Found]:
    """What no single entry shows: the ends kept elsewhere, seals used twice, numbers below 1, triggers turned off."""
    table = _table(log)
    found = [Found(AuditFault.ENDS, 0, words) for words in kept.faults]
    found += _ends_differ(table, clinic, kept.of(log, clinic))
    twice = _rows(
        f"SELECT max(position) FROM {table} WHERE clinic_id = %s AND seal <> ''"  # noqa: S608  # nosec B608
        " GROUP BY seal HAVING count(*) > 1 ORDER BY 1 LIMIT 20",
        [clinic],
    )
    found += [Found(AuditFault.INSERTED, last, "its seal is that of another entry: it was copied") for (last,) in twice]
    below = _rows(f"SELECT position FROM {table} WHERE clinic_id = %s AND position < 1 LIMIT 20", [clinic])  # noqa: S608  # nosec B608
    found += [Found(AuditFault.INSERTED, position, "no entry has this number") for (position,) in below]
    guards = [f"{table}_{name}" for name in ("append_only", "no_truncate", "chain")]
    if _rows(GUARDS, [table, guards])[0][0] != len(guards):
        words = "the triggers that refuse changes are turned off or gone"
        found.append(Found(AuditFault.UNGUARDED, 0, words))
    return found


def _ends_differ(table: str, clinic: int, heads: list[audit_heads.Head]) -> Iterator[Found]:
    """Ends that were there once and are not now: the first that was rewritten, the last that was cut off."""
    if not heads:
        return
    differ = _rows(
        f"""
        SELECT e.place, coalesce(r.hash, '')
        FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS e (position, hash, place)
        LEFT JOIN {table} r ON r.clinic_id = %s AND r.position = e.position
        WHERE r.hash IS DISTINCT FROM e.hash ORDER BY e.place
        """,  # noqa: S608  # nosec B608 - a model's table
        [[head.position for head in heads], [head.hash for head in heads], clinic],
    )
    other = [(heads[place - 1], now) for place, now in differ if now]
    gone = [heads[place - 1] for place, now in differ if not now]
    if other:
        head, now = other[0]
        words = (
            f"its hash was {head.hash[:16]}… on {audit_heads.moment(head)} and is {now[:16]}… now: it was recomputed"
        )
        yield Found(AuditFault.RECOMPUTED, head.position, words)
    if gone:
        head = max(gone, key=lambda head: head.position)
        words = f"it was there on an earlier run ({audit_heads.moment(head)}) and is not now: the end was cut off"
        yield Found(AuditFault.CUT_OFF, head.position, words)


def _lost_ends(check: AuditCheck, kept: audit_heads.Kept) -> list[Found]:
    """Whether the file lost what the last check without a fault wrote into it."""
    earlier = AuditCheck.objects.filter(clinic=check.clinic_id, log=check.log, finished_at__isnull=False, reached__gt=0)
    last = earlier.filter(findings=None).exclude(pk=check.pk).first()
    if last is None or any(head.position >= last.reached for head in kept.of(check.log, check.clinic_id)):
        return []
    words = f"the file of ends lost the line about entry {last.reached}: the file was deleted or its end was cut off"
    return [Found(AuditFault.ENDS, last.reached, words)]


def _note_end(check: AuditCheck, reached: Reached) -> list[Found]:
    """Write into the file what was just checked; before the result is kept, so that no kept result is without it."""
    if not reached.position:
        return []
    at = int(timezone.now().timestamp())
    try:
        audit_heads.note([audit_heads.Head(check.log, check.clinic_id, reached.position, reached.hash, at)])
    except OSError as error:
        return [Found(AuditFault.ENDS, 0, f"the file of ends can’t be written ({error.strerror})")]
    return []


def _last_night(clinic: Clinic, now: datetime.datetime) -> datetime.datetime:
    today = timezone.localdate(now, clinic.zone)
    hour = datetime.datetime.combine(today, AT_NIGHT, clinic.zone)
    return hour if hour <= now else datetime.datetime.combine(today - datetime.timedelta(days=1), AT_NIGHT, clinic.zone)


def _vouched(mark: ChainMark) -> str:
    return seals_begin(mark.log, mark.clinic_number, mark.position, mark.hash)


def _table(log: str) -> str:
    return apps.get_model(log)._meta.db_table


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
