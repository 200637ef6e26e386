"""Making a backup: what the database holds and its dump, read in one snapshot, and the files beside it."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from . import server
from .contents import Contents, server_version
from .encrypted_file import LARGEST, Writer

FORMAT = 1
# Of what the pieces of the file are: what was backed up, the dump, the name of a file, its content.
ABOUT, DUMP, FILE, CONTENT = "A", "D", "F", "C"


@dataclass(frozen=True)
class Saved:
    """What a backup holds."""

    contents: Contents
    files: tuple[str, ...]


def save(path: Path, *, files: Mapping[str, Path]) -> Saved:
    """Write an encrypted backup of the database and of these files. Raises BackupFailed, FileExistsError, OSError."""
    key = server.key()
    with server.connect() as connection:
        # Hashes and dump agree, whatever is written meanwhile: both see the same snapshot.
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        version = server_version(connection)
        program = server.program("pg_dump", at_least=version)
        with Writer(path, key=key) as writer:
            contents = Contents.of(connection)
            there = {name: each.read_bytes() for name, each in files.items() if each.is_file()}
            about = {
                "format": FORMAT,
                "at": timezone.now().isoformat(),
                "server": version,
                "contents": contents.stored(),
                "files": sorted(there),
            }
            writer.write(ABOUT, json.dumps(about).encode())
            _dump(program, str(snapshot), writer)
            for name, content in there.items():
                writer.write(FILE, name.encode())
                writer.write(CONTENT, content)
    return Saved(contents, tuple(there))


def _dump(program: Path, snapshot: str, writer: Writer) -> None:
    command = [
        str(program),
        "--format=custom",
        "--no-owner",
        "--enable-row-security",
        f"--snapshot={snapshot}",
        "--no-sync",
    ]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
            command, stdout=subprocess.PIPE, stderr=errors, env=server.environment()
        ) as dumping,
    ):
        assert dumping.stdout is not None
        try:
            while some := dumping.stdout.read(LARGEST):
                writer.write(DUMP, some)
            dumping.wait()
        except BaseException:
            dumping.kill()
            raise
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
    if dumping.returncode != 0:
        raise server.BackupFailed(f"pg_dump failed:\n{said}")
