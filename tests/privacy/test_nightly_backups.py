"""The nightly backup: whole and read back, the last ones kept, never the last good one lost, and people told."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from reminders import backup_runs, heartbeats
from reminders.today import needs
from staff import backups
from staff.backups import nightly
from staff.backups.encrypted_file import Writer
from staff.models import Clinic, Role
from staff.reading import answer

HOUR = datetime.timedelta(hours=1)
FIRST = datetime.datetime(2026, 11, 24, 2, 15, tzinfo=datetime.UTC)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    made = tmp_path / "backups"
    made.mkdir()
    settings.BACKUP_DIR, settings.BACKUPS_KEPT = str(made), 3
    settings.AUDIT_HEADS_DIR = str(tmp_path / "audit")
    return made


@pytest.fixture
def expected(settings: Any) -> Iterator[None]:
    settings.BACKUPS_EXPECTED = True
    return


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def written(path: Path, *, files: Any = None, key: str = "") -> Any:
    """In place of `save`: a small file of the same kind."""
    with Writer(path, key=key or backups.server.key()) as writer:
        writer.write("A", b"{}")
    return backups.Saved(backups.Contents({}, {}), ())


@pytest.mark.django_db(transaction=True)
def test_without_a_name_it_goes_into_the_folder_and_is_noted(folder, clinic, capsys):
    call_command("backup")
    (made,) = folder.iterdir()
    assert nightly.OURS.match(made.name)
    assert str(made) in capsys.readouterr().out
    found = backup_runs.standing(timezone.now())
    assert found.good_at is not None
    assert not found.last_failed
    pieces = list(backups.nightly.pieces(made, key=backups.server.key()))
    assert next(kind for kind, _ in pieces) == "A"
    assert b"PGDMP" in b"".join(data for kind, data in pieces if kind == "D")[:10]
    assert clinic.name.encode() not in made.read_bytes()


@pytest.mark.django_db
def test_the_newest_are_kept_and_nothing_else_is_touched(folder, time_machine, monkeypatch):
    monkeypatch.setattr(nightly, "save", written)
    (folder / "notes.txt").write_text("ours")
    (folder / "onward-2026-11-20").write_text("made by hand")
    left, lately = folder / ".onward-20261120T021500Z.0a0b0c0d.part", folder / ".onward-20261128T021500Z.0a0b0c0d.part"
    for each, age in ((left, 30), (lately, 1)):
        each.write_text("half")
        at = (FIRST + 4 * 24 * HOUR - age * HOUR).timestamp()
        os.utime(each, (at, at))
    for night in range(5):
        time_machine.move_to(FIRST + night * 24 * HOUR, tick=False)
        call_command("backup")
    assert names(folder) == [
        lately.name,
        "notes.txt",
        "onward-2026-11-20",
        "onward-20261126T021500Z",
        "onward-20261127T021500Z",
        "onward-20261128T021500Z",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["not made", "not whole"])
def test_a_night_that_fails_deletes_nothing_and_is_noted(folder, time_machine, monkeypatch, settings, fault):
    settings.BACKUPS_KEPT = 1
    time_machine.move_to(FIRST, tick=False)
    monkeypatch.setattr(nightly, "save", written)
    call_command("backup")
    good = names(folder)

    def fails(path: Path, *, files: Any) -> Any:
        if fault == "not made":
            raise backups.BackupFailed("pg_dump failed")
        made = written(path, files=files)
        path.write_bytes(path.read_bytes()[:-3])
        return made

    monkeypatch.setattr(nightly, "save", fails)
    for night in (1, 2, 3):
        time_machine.move_to(FIRST + night * 24 * HOUR, tick=False)
        with pytest.raises(CommandError, match="No backup was made"):
            call_command("backup")
    assert [each for each in names(folder) if nightly.OURS.match(each)] == good
    found = backup_runs.standing(FIRST + 73 * HOUR)
    assert (found.good_at, found.failed_at, found.last_failed) == (FIRST, FIRST + 72 * HOUR, True)
    monkeypatch.setattr(nightly, "save", written)
    time_machine.move_to(FIRST + 96 * HOUR, tick=False)
    call_command("backup")
    assert not backup_runs.standing(timezone.now()).last_failed
    assert [each for each in names(folder) if nightly.OURS.match(each)] == ["onward-20261128T021500Z"]


@pytest.mark.django_db
def test_a_backup_counts_if_the_database_takes_no_note(folder, monkeypatch, capsys):
    def gone() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(nightly, "save", written)
    monkeypatch.setattr(backup_runs, "succeeded", gone)
    call_command("backup")
    assert "could not be noted" in capsys.readouterr().err
    assert len(names(folder)) == 1


@pytest.mark.django_db
def test_it_refuses_without_a_folder_and_without_one_to_keep(folder, settings, tmp_path):
    settings.BACKUPS_KEPT = 0
    with pytest.raises(CommandError, match="BACKUPS_KEPT"):
        call_command("backup")
    settings.BACKUP_DIR = str(tmp_path / "unmounted")
    with pytest.raises(CommandError, match="Is its disk connected"):
        call_command("backup")
    settings.BACKUP_DIR = ""
    with pytest.raises(CommandError, match="Name a file"):
        call_command("backup")


# Who is told


def told(person: Any, now: datetime.datetime) -> list[str]:
    return [each.title for each in answer(needs.part(staff_member=person, now=now)) if each.kind == "Backups"]


@pytest.mark.django_db
def test_after_36_hours_officer_and_administrator_are_told(make_staff, time_machine, expected, clinic):
    late = "No backup in the past 36 hours"
    officer, administrator = make_staff(Role.PRIVACY_OFFICER), make_staff(Role.ADMINISTRATOR)
    counselor = make_staff(Role.COUNSELOR)
    time_machine.move_to(FIRST, tick=False)
    assert told(officer, FIRST) == [late], "there never was one"
    backup_runs.succeeded()
    for hours, titles in ((1, []), (36, []), (36.1, [late])):
        for person in (officer, administrator):
            assert told(person, FIRST + hours * HOUR) == titles
    assert told(officer, FIRST - 2 * HOUR) == [late], "one from the future is none: a clock is wrong"
    assert told(counselor, FIRST + 100 * HOUR) == []


@pytest.mark.django_db
def test_nobody_is_told_where_none_are_expected(make_staff, settings):
    assert told(make_staff(Role.PRIVACY_OFFICER), timezone.now()) == []
    assert not backup_runs.standing(timezone.now()).is_late


@pytest.mark.django_db
def test_a_clinic_has_its_own_number(make_staff, clinic: Clinic, expected):
    from staff.models import ClinicThreshold

    officer = make_staff(Role.PRIVACY_OFFICER)
    ClinicThreshold.objects.create(clinic=clinic, key="reminders.backup_hours", value=48)
    backup_runs.succeeded()
    assert told(officer, timezone.now() + 47 * HOUR) == []
    assert told(officer, timezone.now() + 49 * HOUR) == ["No backup in the past 48 hours"]


@pytest.mark.django_db
def test_the_page_says_how_they_stand(make_staff, signed_in, time_machine, expected):
    time_machine.move_to(FIRST, tick=False)
    browser = signed_in(make_staff(Role.PRIVACY_OFFICER))
    assert "There is no recent backup" in browser.get(reverse("reminders:backups")).content.decode()
    backup_runs.succeeded()
    assert "The last backup is good" in browser.get(reverse("reminders:backups")).content.decode()
    time_machine.move_to(FIRST + HOUR / 12, tick=False)
    backup_runs.failed()
    assert "The last backup failed" in browser.get(reverse("reminders:backups")).content.decode()
    page = signed_in(make_staff(Role.ADMINISTRATOR)).get(reverse("reminders:operations")).content.decode()
    assert "The last one failed" in page
    assert signed_in(make_staff(Role.COUNSELOR)).get(reverse("reminders:backups")).status_code == 403


@pytest.mark.django_db
def test_a_monitor_hears_of_it(expected):
    for name in heartbeats.NAMES:
        heartbeats.beat(name)
    answered = Browser().get("/health/jobs/")
    assert (answered.status_code, answered.content) == (503, b"no backup in the past 36 hours")
    backup_runs.succeeded()
    assert Browser().get("/health/jobs/").content == b"ok"
