"""Restoring a backup into an empty database, and comparing every table with what the backup recorded."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import server
from .contents import Contents, differences, is_empty, server_version
from .encrypted_file import NotWhole, pieces
from .saving import ABOUT, CONTENT, DUMP, FILE, FORMAT


@dataclass
class Restored:
    """What was restored, and what is not as it was."""

    at: str
    contents: Contents
    files: dict[str, bytes]
    differences: list[str] = field(default_factory=list)


def restore(path: Path) -> Restored:
    """Restore a backup into the database, which has to be empty; all of it, or nothing.

    The whole file is checked before anything is written. Raises NotWhole, BackupFailed, OSError.
    """
    key = server.key()
    with server.connect() as connection:
        if not is_empty(connection):
            name = server.address()["NAME"]
            raise server.BackupFailed(f"The database {name} is not empty. Restore into a new, empty one.")
        version = server_version(connection)
    program = server.program("pg_restore", at_least=version)
    about, entries, files = _checked(path, key, program)
    _load(path, key, program, entries)
    before = Contents.read(about["contents"])
    with server.connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        now = Contents.of(connection)
    return Restored(about["at"], now, files, list(differences(before, now)))


def _checked(path: Path, key: str, program: Path) -> tuple[dict[str, Any], str, dict[str, bytes]]:
    """Read the file to its end: what it is about, the entries of the dump that are to be restored, the files in it."""
    about: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    name = ""
    with (
        tempfile.TemporaryFile() as listed,
        subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
            [program, "--list"], stdin=subprocess.PIPE, stdout=listed, stderr=subprocess.DEVNULL
        ) as listing,
    ):
        try:
            wants_more = True
            for kind, data in pieces(path, key=key):
                if kind == ABOUT:
                    about = json.loads(data)
                elif kind == DUMP and wants_more:
                    wants_more = _fed(listing, data)
                elif kind == FILE:
                    name = data.decode()
                    files[name] = b""
                elif kind == CONTENT:
                    files[name] += data
            _fed(listing, None)
            listing.wait()
        except BaseException:
            listing.kill()
            raise
        listed.seek(0)
        said = listed.read().decode()
    if about.get("format") != FORMAT:
        raise NotWhole("The backup was made by another version of Onward, in a form that this one doesn’t know.")
    return about, "\n".join(_entries(said)), files


def _entries(listed: str) -> Iterator[str]:
    """All but comments on extensions, which belong to the server's administrator."""
    return (line for line in listed.splitlines() if " COMMENT - EXTENSION " not in line)


def _load(path: Path, key: str, program: Path, entries: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
        chosen.write(entries)
        chosen.flush()
        command = [str(program), "--format=custom", "--no-owner", "--enable-row-security", "--single-transaction"]
        command += ["--exit-on-error", f"--use-list={chosen.name}", f"--dbname={server.address()['NAME']}"]
        with (
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
                command, stdin=subprocess.PIPE, stderr=errors, env=server.environment()
            ) as loading,
        ):
            try:
                for kind, data in pieces(path, key=key):
                    if kind == DUMP and not _fed(loading, data):
                        break
                _fed(loading, None)
            except BaseException:
                loading.kill()  # before it has read the end: its transaction is undone
                raise
            loading.wait()
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
    if loading.returncode != 0:
        raise server.BackupFailed(f"pg_restore failed, and nothing was restored:\n{said}")


def _fed(process: subprocess.Popen[bytes], data: bytes | None) -> bool:
    """Hand the program more of the dump; with None, its end. False once it has read all that it wants."""
    assert process.stdin is not None
    try:
        if data is None:
            process.stdin.close()
        else:
            process.stdin.write(data)
    except BrokenPipeError:
        return False
    return True
