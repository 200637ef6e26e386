"""`backup` and `restore`: an equal copy in an empty database; nothing from a file or into a place that isn't right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from cases.models import Client, ContactPoint
from counseling import notes, signing, sud_counseling_notes
from counseling.models import NoteSignature, SeparateNote
from privacy import audit_heads
from staff import backups
from staff.backups import server
from staff.models import AuditEntry, StaffMember
from tests import factories
from tests.counseling.sud_counseling_notes.separately import today

pytestmark = pytest.mark.django_db(transaction=True)
SAID, WORDS = "Dreamt of the harbor again", "Ask for the plumber"


@pytest.fixture
def filled(clinic: Any, counselor: StaffMember, settings: Any, tmp_path: Path) -> Client:
    """A clinic with a chart, a signed note of each kind, an encrypted number, and logs whose ends are kept."""
    settings.AUDIT_HEADS_DIR = str(tmp_path / "audit")
    client = factories.ClientFactory(clinic=clinic, counselor=counselor, ssn_last4="4821", family_name="Harborsample")
    episode = factories.TreatmentEpisodeFactory(client=client, admitted_by=counselor, program__clinic=clinic)
    ContactPoint.objects.create(
        client=client, kind="phone", value="tab\tand\nline \\ end", normalized="+15185550130", safe_words=WORDS
    )
    now = timezone.now()
    note = notes.start(
        client=client,
        episode=episode,
        by=counselor,
        session_started_at=now - timezone.timedelta(hours=2),
        session_ended_at=now - timezone.timedelta(hours=1),
        sections={
            "subjective": "Slept badly.",
            "objective": "Calm.",
            "assessment": "Better.",
            "plan": "Call on Friday.",
        },
    )
    signing.sign(note=note, by=counselor)
    apart = sud_counseling_notes.start(client=client, session_on=today(client), text=SAID, by=counselor)
    sud_counseling_notes.sign(note=apart, version=apart.version, by=counselor)
    audit_heads.note(audit_heads.now_in_the_database())
    return client


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The name of a new, empty database, to which `into` switches."""
    name, own = f"{connection.settings_dict['NAME']}_restored", connection.settings_dict["NAME"]
    _drop(name)
    _as_owner("CREATE DATABASE {} TEMPLATE template0", name)
    yield name
    connection.close()
    connection.settings_dict["NAME"] = own
    _drop(name)


def _drop(name: str) -> None:
    """With whoever is still connected. Autovacuum, which the owner may not end, leaves at a plain DROP by itself."""
    try:
        _as_owner("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    except InsufficientPrivilege:
        _as_owner("DROP DATABASE IF EXISTS {}", name)


def _as_owner(statement: str, name: str) -> None:
    with server.connect() as owner:
        owner.rollback()
        owner.autocommit = True
        owner.execute(sql.SQL(statement).format(sql.Identifier(name)))  # type: ignore[arg-type]


def into(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def contents() -> backups.Contents:
    with server.connect() as owner:
        return backups.Contents.of(owner)


def test_a_backup_is_restored_with_every_row_and_passes_every_check(filled, elsewhere, tmp_path, settings, capsys):
    file = tmp_path / "backup"
    before, entries = contents(), AuditEntry.objects.count()
    call_command("backup", str(file))
    assert "audit-heads.jsonl" in capsys.readouterr().out
    for text in (SAID, WORDS, "Harborsample", "Slept badly"):
        assert text.encode() not in file.read_bytes()
    settings.AUDIT_HEADS_DIR = str(tmp_path / "another machine")
    into(elsewhere)
    call_command("restore", str(file))
    said = capsys.readouterr().out
    assert "every row and every check is as it was" in said
    assert "All entries verified" in said
    assert "All signed SUD counseling notes are unchanged" in said
    after = contents()
    # The checks of notes leave a record of themselves; all else is equal.
    told = [each for each in backups.differences(before, after) if "counseling_integrity" not in each]
    assert told == []
    assert before.rows > 50
    assert AuditEntry.objects.count() == entries
    assert Client.objects.get(ssn_last4="4821").family_name == "Harborsample"
    assert SeparateNote.objects.get().text == SAID
    assert (tmp_path / "another machine" / audit_heads.NAME).read_text() == (
        tmp_path / "audit" / audit_heads.NAME
    ).read_text()
    with pytest.raises(Exception, match=r"is signed|stands"), connection.cursor() as cursor:  # triggers came along
        cursor.execute("UPDATE counseling_separatenote SET session_on = session_on - 1")
    assert NoteSignature.objects.count() == 1


@pytest.fixture
def under_policies() -> Iterator[str]:
    """A table of the owner's whose policy binds the owner, too, as those of records are bound to their clinics."""
    with server.connect() as owner:
        owner.execute("CREATE TABLE probe_of_backups (id bigint PRIMARY KEY, of_clinic bigint)")
        owner.execute("INSERT INTO probe_of_backups VALUES (1, 1), (2, 2)")
        owner.execute("ALTER TABLE probe_of_backups ENABLE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE probe_of_backups FORCE ROW LEVEL SECURITY")
        owner.execute(
            "CREATE POLICY own_clinic ON probe_of_backups"
            " USING (current_setting('onward.clinic', true) IN ('*', of_clinic::text))"
        )
    yield "probe_of_backups"
    with server.connect() as owner:
        owner.execute("DROP TABLE probe_of_backups")


def test_row_level_security_hides_nothing_from_a_backup_and_comes_along(
    filled, under_policies, elsewhere, tmp_path, capsys
):
    own = connection.settings_dict["NAME"]
    call_command("backup", str(tmp_path / "backup"))
    into(elsewhere)
    call_command("restore", str(tmp_path / "backup"))
    assert contents().tables[under_policies][0] == 2
    with server.connect() as owner:
        owner.execute("SET onward.clinic = '1'")
        assert owner.execute(f"SELECT id FROM {under_policies}").fetchall() == [(1,)]
    into(own)


def test_what_was_written_while_it_was_made_is_in_neither_dump_nor_hashes(
    filled, elsewhere, tmp_path, monkeypatch, capsys
):
    file = tmp_path / "backup"
    made = backups.Contents.of

    def and_meanwhile(owner: Any) -> backups.Contents:
        found = made(owner)
        Client.objects.filter(pk=filled.pk).update(family_name="Meanwhile")
        return found

    monkeypatch.setattr(backups.Contents, "of", and_meanwhile)
    call_command("backup", str(file))
    monkeypatch.undo()
    into(elsewhere)
    call_command("restore", str(file))
    assert Client.objects.get().family_name == "Harborsample"


def test_what_is_not_as_it_was_is_named_table_by_table(filled, elsewhere, tmp_path, monkeypatch, capsys):
    file = tmp_path / "backup"
    call_command("backup", str(file))
    loaded = backups.restoring._load

    def and_changed(*args: Any) -> None:
        loaded(*args)
        with server.connect() as owner:
            owner.execute("ALTER TABLE cases_client DISABLE TRIGGER USER")
            owner.execute("UPDATE cases_client SET city = 'Elsewhere'")
            owner.execute("ALTER TABLE cases_client ENABLE TRIGGER USER")
            owner.execute("ALTER TABLE staff_auditentry DISABLE TRIGGER USER")
            owner.execute("DELETE FROM staff_auditentry WHERE position = 2")
            owner.execute("ALTER TABLE staff_auditentry ENABLE TRIGGER USER")

    monkeypatch.setattr("staff.backups.restoring._load", and_changed)
    into(elsewhere)
    with pytest.raises(CommandError) as failed:
        call_command("restore", str(file))
    assert failed.value.returncode == 1
    said = capsys.readouterr().out
    assert "cases_client: 1 rows as in the backup, but not the same ones." in said
    assert "staff_auditentry: " in said
    assert "verify_audit: " in said


@pytest.mark.parametrize("how", ["flipped", "cut", "key", "short key"])
def test_a_file_that_is_not_right_restores_nothing(filled, elsewhere, tmp_path, settings, how):
    file = tmp_path / "backup"
    call_command("backup", str(file))
    whole = bytearray(file.read_bytes())
    if how == "flipped":
        whole[len(whole) // 2] ^= 1
    elif how == "cut":
        del whole[-20:]
    elif how == "key":
        settings.BACKUP_KEY = "another-backup-key-of-more-than-fifty-characters-in-all"
    else:
        settings.BACKUP_KEY = "short"
    file.write_bytes(whole)
    into(elsewhere)
    with pytest.raises(CommandError, match="Nothing was restored"):
        call_command("restore", str(file))
    with server.connect() as owner:
        assert backups.contents.is_empty(owner)


def test_a_database_that_is_not_empty_is_left_alone(filled, tmp_path):
    file = tmp_path / "backup"
    call_command("backup", str(file))
    before = contents()
    with pytest.raises(CommandError, match="is not empty"):
        call_command("restore", str(file))
    assert list(backups.differences(before, contents())) == []


def test_a_backup_that_fails_leaves_no_file(filled, tmp_path, settings, monkeypatch):
    settings.AUDIT_KEY = settings.BACKUP_KEY
    with pytest.raises(CommandError, match="Set BACKUP_KEY"):
        call_command("backup", str(tmp_path / "backup"))
    settings.AUDIT_KEY = "another one"
    monkeypatch.setattr(server, "environment", lambda: {"PGHOST": "127.0.0.1", "PGPORT": "1", "PGDATABASE": "none"})
    with pytest.raises(CommandError, match="pg_dump failed"):
        call_command("backup", str(tmp_path / "backup"))
    assert not [path for path in tmp_path.iterdir() if "backup" in path.name]


def test_programs_that_are_missing_or_too_old_are_named(monkeypatch):
    with pytest.raises(backups.BackupFailed, match="install postgresql-client-99"):
        server.program("pg_dump", at_least=99)
    monkeypatch.setattr(server, "_places", lambda name: [])
    with pytest.raises(backups.BackupFailed, match="There is no pg_dump on this machine"):
        server.program("pg_dump", at_least=15)


def test_the_owner_s_connection_says_which_rows_it_means() -> None:
    with server.connect() as owner:
        assert owner.execute("SELECT current_setting('onward.clinic')").fetchone() == ("*",)
        assert owner.execute("SHOW timezone").fetchone() == ("UTC",)
    assert server.environment()["PGOPTIONS"] == "-c onward.clinic=*"
    assert isinstance(owner, psycopg.Connection)
