"""Attacks on the two logs by someone with the database in their hands: each is found, and named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from privacy import audit_checks, audit_heads
from privacy.models import ChartAccess
from staff import seals
from staff.immutability import mark_where_seals_begin
from staff.models import StaffMember
from tests.ownership import as_owner
from tests.reminders.conftest import utc

TABLE = "privacy_chartaccess"


@pytest.fixture(autouse=True)
def _log(counselor: StaffMember, settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_HEADS_DIR = str(tmp_path)
    for number in range(1, 7):
        ChartAccess.objects.create(
            clinic=counselor.clinic, at=utc(2026, 3, number), staff_member=counselor,
            client_id=number, view_name="desk:chart", method="GET", status=200,
        )  # fmt: skip


@contextmanager
def unguarded(*statements: str) -> Iterator[Any]:
    """The table's owner, who turns the triggers off, does the deed and turns them on again."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")


def found() -> str:
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit")
    assert refused.value.returncode == 1
    return str(refused.value)


def recompute(cursor: Any, first: int) -> None:
    """What an attacker without the key can do: give each entry the hash that its function makes of it."""
    for position in range(first, 7):
        cursor.execute(
            f"UPDATE {TABLE} r SET previous_hash = coalesce((SELECT hash FROM {TABLE} WHERE position = r.position - 1"
            " AND clinic_id = r.clinic_id), '') WHERE position = %s",
            [position],
        )
        cursor.execute(f"UPDATE {TABLE} r SET hash = {TABLE}_link_hash(r) WHERE position = %s", [position])


def test_a_recomputed_chain() -> None:
    with unguarded(f"UPDATE {TABLE} SET client_id = 99 WHERE position = 3") as cursor:
        recompute(cursor, 3)
    assert "entry 3: entries 3 to 6 were recomputed" in found()


def test_an_entry_removed_and_the_rest_numbered_and_computed_anew() -> None:
    with unguarded(f"DELETE FROM {TABLE} WHERE position = 3") as cursor:
        for position in (4, 5, 6):
            cursor.execute(f"UPDATE {TABLE} SET position = {position - 1} WHERE position = {position}")
        recompute(cursor, 3)
    assert "entry 3: entries 3 to 5 were recomputed" in found()


def test_an_entry_removed_and_the_rest_numbered_anew() -> None:
    with unguarded(f"DELETE FROM {TABLE} WHERE position = 3") as cursor:
        for position in (4, 5, 6):
            cursor.execute(f"UPDATE {TABLE} SET position = {position - 1} WHERE position = {position}")
    assert "entry 3: entries 3 to 5 were 4 to 6: an entry before them was removed" in found()


def test_entries_in_another_order() -> None:
    with unguarded(
        f"UPDATE {TABLE} SET position = 100 WHERE position = 2",
        f"UPDATE {TABLE} SET position = 2 WHERE position = 3",
        f"UPDATE {TABLE} SET position = 3 WHERE position = 100",
    ):
        pass
    assert "entry 2: it was entry 3: the order was changed" in found()


def test_an_entry_inserted_by_statement(counselor: StaffMember) -> None:
    columns = "clinic_id, at, staff_member_id, client_id, view_name, method, status, emergency, position"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} ({columns}, previous_hash, hash, seal) SELECT {columns}, previous_hash, hash,"
            f" repeat('0', 48) || ':' || repeat('ab', 64) || ':' || repeat('cd', 64) FROM {TABLE} WHERE position = 2"
        )
    assert "entry 7: it was not written by Onward" in found()


def test_a_cut_off_end(tmp_path: Path) -> None:
    call_command("note_audit_heads")
    with unguarded(f"DELETE FROM {TABLE} WHERE position > 4"):
        pass
    assert "entry 6: it was there on an earlier run" in found()


def test_a_deleted_log() -> None:
    call_command("note_audit_heads")
    with unguarded(f"DELETE FROM {TABLE}"):
        pass
    assert "it was there on an earlier run" in found()


def test_every_entry_recomputed_as_if_from_before_seals() -> None:
    with unguarded(f"UPDATE {TABLE} SET seal = '', client_id = 99") as cursor:
        recompute(cursor, 1)
    assert "entry 1: entries 1 to 6 were recomputed without the key" in found()


@pytest.mark.parametrize("letters", ["ä" * 48, "€" * 48, "\U0001f600" * 40], ids=["umlaut", "euro", "smiley"])
def test_a_seal_of_letters_that_no_seal_has_stops_no_check(letters: str) -> None:
    name = ChartAccess.objects.latest("position").seal[:8]
    with unguarded() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET seal = %s WHERE position = 3", [name + letters])
        cursor.execute(f"DELETE FROM {TABLE} WHERE position = 5")
    said = found()
    assert "entry 3: it was not written by Onward" in said
    assert "entry 5 is missing" in said


def test_an_entry_without_a_seal_is_refused() -> None:
    columns = "clinic_id, at, staff_member_id, client_id, view_name, method, status, emergency"
    values = f"SELECT {columns}, 0, '', '', '' FROM {TABLE} WHERE position = 1"
    with pytest.raises(DatabaseError, match="needs a seal"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} ({columns}, position, previous_hash, hash, seal) {values}")


def test_an_entry_copied_with_its_seal() -> None:
    """Even who saw the key of one entry pass by cannot write another entry with it."""
    token = ChartAccess.objects.get(position=2).seal
    key = seals.key_of(token)
    assert key is not None
    padded = key.ljust(64, b"\0")
    copied = f"{token}:{padded.translate(seals.INNER).hex()}:{padded.translate(seals.OUTER).hex()}"
    first = ChartAccess.objects.get(position=1)
    ChartAccess.objects.create(
        clinic=first.clinic, at=first.at, staff_member=first.staff_member,
        client_id=77, view_name="desk:chart", method="GET", status=200, seal=copied,
    )  # fmt: skip
    assert "entry 7: its seal is that of another entry: it was copied" in found()


def test_the_key_is_not_in_the_database(settings: Any) -> None:
    """What the database keeps of an entry is not enough to compute its hash."""
    entry = ChartAccess.objects.get(position=1)
    assert len(entry.seal) == 48
    settings.AUDIT_KEY = "another one"
    assert "entries 1 to 6 were not written by Onward with a key in AUDIT_KEY" in found()
    settings.AUDIT_KEYS_BEFORE = ["tests-only-audit-key"]
    call_command("verify_audit")


def test_triggers_that_were_turned_off() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER {TABLE}_append_only")
    assert "the triggers that refuse changes are turned off or gone" in found()


def unseal(settings: Any) -> None:
    """Six entries as they were before seals, and the mark that the migration sets."""
    with unguarded(f"UPDATE {TABLE} SET seal = ''") as cursor:
        recompute(cursor, 1)
        last = ChartAccess.objects.get(position=6)
        mark_where_seals_begin(TABLE).code(None, SimpleNamespace(connection=connection))  # type: ignore[arg-type]
        cursor.execute("SELECT position, hash FROM staff_chainmark")
        assert cursor.fetchall() == [(6, last.hash)]
    ChartAccess.objects.create(
        clinic=last.clinic, at=last.at, staff_member=last.staff_member,
        client_id=7, view_name="x", method="GET", status=200,
    )  # fmt: skip


def test_entries_from_before_seals_stand_up_to_the_mark(settings: Any) -> None:
    unseal(settings)
    call_command("verify_audit")
    assert [bool(row.seal) for row in ChartAccess.objects.order_by("position")] == [False] * 6 + [True]


def test_entries_from_before_seals_recomputed(settings: Any) -> None:
    unseal(settings)
    with unguarded(f"UPDATE {TABLE} SET client_id = 99 WHERE position = 3") as cursor:
        recompute(cursor, 3)
    assert "entry 6: the entries from before seals were recomputed" in found()


@pytest.mark.parametrize(
    "deed", ["DELETE FROM staff_chainmark", "UPDATE staff_chainmark SET position = 7, mac = repeat('0', 64)"]
)
def test_the_mark_itself(settings: Any, deed: str) -> None:
    unseal(settings)
    with as_owner(), connection.cursor() as cursor:
        with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(deed)
        cursor.execute("ALTER TABLE staff_chainmark DISABLE TRIGGER USER")
        cursor.execute(deed)
    assert "entry 1: entries 1 to 6 were recomputed without the key" in found()


def test_an_end_recomputed_after_it_was_noted(counselor: StaffMember, settings: Any) -> None:
    """Not even the key is enough: the file knows the hash that was there."""
    call_command("note_audit_heads")
    with unguarded(f"DELETE FROM {TABLE} WHERE position = 6"):
        pass
    ChartAccess.objects.create(
        clinic=counselor.clinic, at=utc(2026, 3, 9), staff_member=counselor,
        client_id=1, view_name="desk:chart", method="GET", status=200,
    )  # fmt: skip
    assert "entry 6: its hash was" in found()


def test_the_file_of_ends_itself(tmp_path: Path, counselor: StaffMember) -> None:
    call_command("note_audit_heads")
    ChartAccess.objects.create(
        clinic=counselor.clinic, at=utc(2026, 3, 9), staff_member=counselor,
        client_id=1, view_name="desk:chart", method="GET", status=200,
    )  # fmt: skip
    call_command("note_audit_heads")
    file = tmp_path / audit_heads.NAME
    assert file.stat().st_mode & 0o777 == 0o600
    lines = file.read_text().splitlines()
    assert len(lines) == 2
    file.write_text(lines[0].replace('"position": 6', '"position": 2') + "\n" + lines[1] + "\n")
    assert "line 1 of the file of ends was changed" in found()
    file.write_text(lines[1] + "\n")
    assert "lines before line 1 of the file of ends were removed" in found()
    file.write_text("[1]\nnot json\n" + "\n".join(lines) + "\n")
    assert "line 2 of the file of ends isn’t one that Onward wrote" in found()


def test_a_clinic_deleted_with_its_logs(other_clinic: Any, make_staff: Any) -> None:
    stranger = make_staff("counselor", clinic=other_clinic)
    audit_heads.note([audit_heads.Head("privacy.ChartAccess", stranger.clinic_id + 999, 5, "0" * 64, 1772323200)])
    assert f"clinic {stranger.clinic_id + 999}: the clinic and its log are gone" in found()


def test_slices_find_the_same_as_one_walk(monkeypatch: Any) -> None:
    monkeypatch.setattr(audit_checks, "AT_ONCE", 2)
    call_command("verify_audit")
    with unguarded(f"UPDATE {TABLE} SET client_id = 99 WHERE position = 3", f"DELETE FROM {TABLE} WHERE position = 5"):
        pass
    assert "entry 3: its content was altered" in found()
    assert "entry 6: entry 5 is missing" in found()
