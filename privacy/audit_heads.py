"""Where the ends of the chained logs are kept outside the database: a file that only grows (AUDIT_HEADS_DIR).

A line says that at a moment a clinic's log ended with this entry and this hash. Each line is vouched for with the key
and covers the line before it. A chain alone cannot show that its end was cut off: the file does.
"""

from __future__ import annotations

import datetime
import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from staff import seals

NAME = "audit-heads.jsonl"


@dataclass(frozen=True)
class Head:
    """The end of one clinic's log at a moment."""

    log: str
    clinic: int
    position: int
    hash: str
    at: int  # seconds since 1970


@dataclass(frozen=True)
class Kept:
    """What the file holds, and what is wrong with the file."""

    heads: tuple[Head, ...] = ()
    faults: tuple[str, ...] = ()

    def of(self, log: str, clinic: int) -> list[Head]:
        """The ends of one chain, oldest first."""
        return [head for head in self.heads if (head.log, head.clinic) == (log, clinic)]


def file() -> Path:
    """Where the ends are kept."""
    return Path(settings.AUDIT_HEADS_DIR) / NAME


def now_in_the_database() -> list[Head]:
    """The last entry of every chain."""
    at = int(timezone.now().timestamp())
    found = []
    for label in settings.AUDIT_CHAINS:
        table = apps.get_model(label)._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.id, e.position, e.hash FROM staff_clinic c CROSS JOIN LATERAL (SELECT position, hash"  # noqa: S608  # nosec B608 - a model's table
                f" FROM {table} WHERE clinic_id = c.id ORDER BY position DESC LIMIT 1) e ORDER BY c.id"
            )
            found += [Head(label, clinic, position, end, at) for clinic, position, end in cursor.fetchall()]
    return found


def note(heads: Iterable[Head], *, path: Path | None = None) -> int:
    """Append what is new since the last line of each chain. Returns how many lines were written."""
    path = path or file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        lines = stream.read().splitlines()
        before = _mac_of(lines[-1]) if lines else ""
        noted = {(head.log, head.clinic): head.position for head in _read(lines).heads}
        written = 0
        for head in heads:
            if noted.get((head.log, head.clinic)) == head.position:
                continue
            line = {**head.__dict__, "before": before}
            before = seals.mark(_text(line))
            stream.write(json.dumps(line | {"mac": before}) + "\n")
            written += 1
        stream.flush()
        os.fsync(stream.fileno())
    return written


def kept(*, path: Path | None = None) -> Kept:
    """What the file holds; nothing if there is none."""
    try:
        return _read((path or file()).read_text(errors="replace").splitlines())
    except FileNotFoundError:
        return Kept()
    except OSError as error:
        return Kept(faults=(f"the file can’t be read ({error.strerror})",))


def moment(head: Head) -> str:
    """When it was noted, in words (UTC)."""
    return f"{datetime.datetime.fromtimestamp(head.at, datetime.UTC):%b %-d, %Y, %-I:%M %p} UTC"


def _read(lines: list[str]) -> Kept:
    heads, faults, before = [], [], ""
    for number, written in enumerate(lines, 1):
        try:
            line = json.loads(written)
            mac = line.pop("mac")
            head = Head(**{name: line[name] for name in ("log", "clinic", "position", "hash", "at")})
            genuine = seals.is_mark(_text(line), mac)
        except (ValueError, KeyError, TypeError, AttributeError):
            faults.append(f"line {number} of the file of ends isn’t one that Onward wrote")
            continue
        if not genuine:
            faults.append(f"line {number} of the file of ends was changed")
        elif line["before"] != before:
            faults.append(f"lines before line {number} of the file of ends were removed")
        if genuine:
            heads.append(head)
        before = mac
    return Kept(tuple(heads), tuple(faults))


def _mac_of(line: str) -> str:
    try:
        return str(json.loads(line)["mac"])
    except (ValueError, KeyError, TypeError):
        return ""


def _text(line: dict[str, object]) -> str:
    return "end of a log|" + json.dumps(line, sort_keys=True)
