"""One backup a night into one folder, of which the last ones are kept."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from . import server
from .encrypted_file import NotWhole, pieces
from .saving import Saved, save

NAME = "onward-%Y%m%dT%H%M%SZ"
OURS = re.compile(r"^onward-\d{8}T\d{6}Z$")  # nothing else in the folder is ever deleted, but for what was left half
HALF = re.compile(r"^\.onward-\d{8}T\d{6}Z\.[0-9a-f]{8}\.part$")
LEFT_HALF = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """A backup that was made and read back, and the ones that went for it."""

    path: Path
    saved: Saved
    deleted: tuple[Path, ...]


def make(folder: Path, *, keep: int, files: Mapping[str, Path]) -> Made:
    """Make a backup named for this moment, read it back, then delete all but the newest `keep`.

    Older ones go only when the new one is whole and opens with BACKUP_KEY: the last good one is never deleted. Raises
    BackupFailed, NotWhole, OSError.
    """
    if not folder.is_dir():
        raise server.BackupFailed(f"The folder {folder} (BACKUP_DIR) isn’t there. Is its disk connected?")
    if keep < 1:
        raise server.BackupFailed("Set BACKUPS_KEPT to 1 or more.")
    now = timezone.now()
    path = folder / now.astimezone(datetime.UTC).strftime(NAME)
    saved = save(path, files=files)
    _read_back(path)
    return Made(path, saved, tuple(_tidied(folder, path, keep=keep, now=now)))


def _read_back(path: Path) -> None:
    """Every piece of it, as a restore would. One that isn’t whole gets another name, so that it counts as none."""
    try:
        for _ in pieces(path, key=server.key()):
            pass
    except NotWhole:
        path.rename(path.with_name(f"{path.name}.not-whole"))
        raise


def _tidied(folder: Path, made: Path, *, keep: int, now: datetime.datetime) -> list[Path]:
    older = sorted((each for each in folder.iterdir() if OURS.match(each.name) and each != made), reverse=True)
    gone = older[keep - 1 :]
    for each in folder.iterdir():
        if HALF.match(each.name) and now.timestamp() - each.stat().st_mtime > LEFT_HALF.total_seconds():
            gone.append(each)
    for each in gone:
        each.unlink(missing_ok=True)
    return gone
