"""The file of a backup: whoever changes, cuts, swaps or adds anything is found out before a byte is used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.paths import ROOT
from staff.backups import NotWhole
from staff.backups.encrypted_file import HEAD, LARGEST, SALT, Writer, pieces

KEY = "a key for this test"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "file", [b"first", b"second", b"third"])


def written(path: Path, contents: list[bytes]) -> Path:
    with Writer(path, key=KEY) as writer:
        for content in contents:
            writer.write("D", content)
    return path


def read(path: Path, key: str = KEY) -> list[bytes]:
    return [data for _, data in pieces(path, key=key)]


def split(path: Path) -> tuple[bytes, list[bytes]]:
    """Its head and its sealed pieces."""
    whole, found = path.read_bytes(), []
    head, rest = whole[: len(HEAD) + SALT], whole[len(HEAD) + SALT :]
    while rest:
        size = 4 + int.from_bytes(rest[:4], "big")
        found, rest = [*found, rest[:size]], rest[size:]
    return head, found


def test_what_was_written_is_read_and_none_of_it_is_in_the_file(file: Path, tmp_path: Path) -> None:
    assert read(file) == [b"first", b"second", b"third"]
    assert b"second" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    long = os.urandom(2 * LARGEST + 5)
    assert b"".join(read(written(tmp_path / "long", [long]))) == long
    assert split(file)[1][0] != split(written(tmp_path / "again", [b"first"]))[1][0]


def fail(path: Path) -> None:
    with Writer(path, key=KEY) as writer:
        writer.write("D", b"some")
        raise ZeroDivisionError


CHANGES: dict[str, tuple[Callable[[bytes, list[bytes]], bytes], str]] = {
    "the last piece dropped": (lambda head, own: head + own[0] + own[1], "which is not its last: it was cut off"),
    "the middle piece dropped": (
        lambda head, own: head + own[0] + own[2],
        "Piece 2 of the file is not what was written",
    ),
    "two pieces swapped": (lambda head, own: head + own[1] + own[0] + own[2], "can’t be opened"),
    "a piece twice": (lambda head, own: head + own[0] + own[0] + own[1] + own[2], "Piece 2"),
    "something added": (lambda head, own: head + b"".join(own) + own[2], "something was added"),
    "cut within a piece": (lambda head, own: head + own[0] + own[1][:-3], "is not whole"),
    "nothing but the head": (lambda head, own: head, "ends after its head"),
    "half a head": (lambda head, own: head[:20], "not a backup"),
    "an absurd length": (lambda head, own: head + b"\xff\xff\xff\xff" + own[0], "is not whole"),
    "another salt": (lambda head, own: HEAD + bytes(SALT) + b"".join(own), "can’t be opened"),
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_changed_file_is_refused(file: Path, how: str) -> None:
    change, says = CHANGES[how]
    file.write_bytes(change(*split(file)))
    with pytest.raises(NotWhole, match=says):
        read(file)


def test_every_flipped_byte_is_found(file: Path) -> None:
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(NotWhole):
            read(file)


def test_a_piece_of_another_backup_does_not_fit(file: Path, tmp_path: Path) -> None:
    head, own = split(file)
    _, others = split(written(tmp_path / "other", [b"first", b"second", b"third"]))
    file.write_bytes(head + own[0] + others[1] + own[2])
    with pytest.raises(NotWhole, match="Piece 2"):
        read(file)


def test_another_key_opens_nothing(file: Path) -> None:
    with pytest.raises(NotWhole, match="BACKUP_KEY is not its key"):
        read(file, "another key")


def test_nothing_is_overwritten_and_a_failure_leaves_nothing(file: Path, tmp_path: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        written(file, [b"anew"])
    assert file.read_bytes() == before
    with pytest.raises(ZeroDivisionError):
        fail(tmp_path / "failed")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_writer_that_is_killed_leaves_no_file_under_the_name(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time; from staff.backups.encrypted_file import Writer\n"
        f"with Writer(pathlib.Path({str(tmp_path / 'file')!r}), key='x') as writer:\n"
        "    [writer.write('D', bytes(1024 * 1024)) for _ in range(5)]; print('written', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    time.sleep(0.1)
    assert not (tmp_path / "file").exists()
    (part,) = tmp_path.iterdir()
    with pytest.raises(NotWhole):
        read(part)
