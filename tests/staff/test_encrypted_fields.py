"""Encrypted fields: no text in a copy of the database, each value bound to its place, keys that change."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cases import merging
from cases.models import Client, ContactPoint, Inquiry
from cases.people import finding, registration
from counseling import sud_counseling_notes
from counseling.models import SeparateNote
from staff import encrypting_rows, field_keys
from staff.encrypted_fields import columns
from staff.models import Role, StaffMember
from tests import factories
from tests.counseling.sud_counseling_notes.separately import today
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db
POINTS = partial(apps.get_model, "cases", "ContactPointEvent")
OLD, NEW = "tests-only-field-key", "tests-only-newer-field-key"
WORDS, SAID, DIGITS, CALLED = "Ask for the plumber", "Dreamt of the harbor again", "4821", "Say the library rang"


@pytest.fixture
def held(make_client: Any, counselor: StaffMember) -> Client:
    """Somebody about whom every encrypted field says something, and a signed separate note."""
    client = make_client(counselor=counselor, ssn_last4=DIGITS)
    reached(client, WORDS)
    factories.InquiryFactory(clinic=client.clinic, taken_by=counselor, ssn_last4=DIGITS, voicemail_words=CALLED)
    note = sud_counseling_notes.start(client=client, session_on=today(client), text=SAID, by=counselor)
    sud_counseling_notes.sign(note=note, version=note.version, by=counselor)
    return client


def reached(client: Client, words: str) -> ContactPoint:
    number = ContactPoint.objects.count()
    return factories.ContactPointFactory(
        client=client, value="by phone", normalized=f"+1518555{number:04d}", safe_words=words
    )


@pytest.fixture
def rotate(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The command, whose connection stays the test's own."""
    monkeypatch.setattr("staff.management.commands.rotate_field_keys.as_owner", as_owner)
    return lambda **options: call_command("rotate_field_keys", **options)


def dump() -> str:
    """Every row of every table as text: what somebody has who has a copy of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        rows = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" AS t')
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def stored(table: str, column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {column} <> '' ORDER BY 1")
        return [value for (value,) in cursor.fetchall()]


def overwrite(table: str, column: str, value: str, pk: int) -> None:
    """As the tables' owner could, past the triggers."""
    with as_owner(), connection.cursor() as cursor, encrypting_rows.unguarded(cursor, table):
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, pk])


# At rest


def test_a_copy_of_the_database_has_none_of_it(held, counselor):
    copied = dump()
    assert held.family_name in copied  # the dump has what is not encrypted
    for text in (WORDS, SAID, CALLED):
        assert text not in copied
    assert not re.search(rf'"ssn_last4": "{DIGITS}"', copied)
    for column in columns():
        found = stored(column.table, column.column)
        assert found or column.table == "counseling_separatenoteevent", column
        assert all(re.match(field_keys.STORED, each) for each in found), column


def test_it_is_read_where_it_belongs(held):
    assert Client.objects.get(pk=held.pk).ssn_last4 == DIGITS
    assert ContactPoint.objects.get(client=held).safe_words == WORDS
    inquiry = Inquiry.objects.get()
    assert (inquiry.ssn_last4, inquiry.voicemail_words) == (DIGITS, CALLED)
    note = SeparateNote.objects.get()
    assert note.text == SAID
    assert sud_counseling_notes.verify(note)
    told = POINTS().objects.filter(pgh_obj__client=held).first()
    assert told.safe_words == WORDS  # its history, too


def test_saving_a_row_anew_leaves_its_ciphertext_and_its_history_alone(held):
    point = ContactPoint.objects.get(client=held)
    before, events = stored("cases_contactpoint", "safe_words"), POINTS().objects.count()
    assert point.safe_words == WORDS
    point.save()
    assert stored("cases_contactpoint", "safe_words") == before
    assert POINTS().objects.count() == events
    point.safe_words = "Ask for the gardener"
    point.save()
    assert stored("cases_contactpoint", "safe_words") != before
    assert ContactPoint.objects.get(pk=point.pk).safe_words == "Ask for the gardener"


def test_the_same_words_look_different_in_two_rows(make_client):
    for _ in range(2):
        reached(make_client(), WORDS)
    assert len({value.rpartition(".")[2] for value in stored("cases_contactpoint", "safe_words")}) == 2


def test_the_database_takes_no_plain_text(held):
    point = ContactPoint.objects.get(client=held)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_contactpoint SET safe_words = %s WHERE id = %s", [WORDS, point.pk])
    with pytest.raises(TypeError, match="encrypted for its row"):
        ContactPoint.objects.filter(pk=point.pk).update(safe_words=WORDS)


def test_columns_past_the_model_have_nothing_to_show(held):
    assert [str(value) for value in ContactPoint.objects.values_list("safe_words", flat=True)] == ["(encrypted)"]


# Found by whole values only


def test_the_last_digits_still_find_somebody_and_nothing_searches_in_texts(held, make_staff):
    intake = make_staff(Role.INTAKE_COORDINATOR)
    assert [match.client for match in finding.likely(staff_member=intake, ssn_last4=DIGITS)] == [held]
    assert finding.likely(staff_member=intake, ssn_last4="4822") == []
    assert Client.objects.exclude(ssn_last4="").get() == held
    for model, lookup in ((Client, "ssn_last4__startswith"), (SeparateNote, "text__icontains"), (SeparateNote, "text")):
        with pytest.raises(FieldError, match="encrypted"):
            list(model.objects.filter(**{lookup: "4"}))


def test_what_it_is_found_by_can_not_be_forged(held):
    (value,) = stored("cases_client", "ssn_last4")
    version, key, _, rest = value.split(".")
    overwrite("cases_client", "ssn_last4", f"{version}.{key}.{'0' * 16}.{rest}", held.pk)
    with pytest.raises(field_keys.Unreadable, match="found by was changed"):
        _ = Client.objects.get(pk=held.pk).ssn_last4


# Bound to its place


def test_a_value_moved_to_another_row_is_refused(held, make_client):
    other = reached(make_client(), "Ask for the gardener")
    (own,) = [value for value in stored("cases_contactpoint", "safe_words") if value != _of(other)]
    overwrite("cases_contactpoint", "safe_words", own, other.pk)
    moved = ContactPoint.objects.get(pk=other.pk)
    with pytest.raises(field_keys.Unreadable, match="it was moved here"):
        _ = moved.safe_words
    with pytest.raises(field_keys.Unreadable):
        moved.refresh_from_db()


def test_a_value_moved_to_another_column_is_refused(held):
    inquiry = Inquiry.objects.get()
    (digits,) = stored("cases_inquiry", "ssn_last4")
    overwrite("cases_inquiry", "voicemail_words", digits, inquiry.pk)
    assert Inquiry.objects.get().ssn_last4 == DIGITS
    with pytest.raises(field_keys.Unreadable, match=r"stored in cases\.Inquiry\.ssn_last4"):
        _ = Inquiry.objects.get().voicemail_words


def test_a_row_that_is_copied_takes_its_words_along_only_as_words(held, make_client):
    unread = ContactPoint.objects.get(client=held)
    unread.pk, unread.client, unread._state.adding = None, make_client(), True
    with pytest.raises(field_keys.Unreadable), transaction.atomic():
        unread.save()
    read = ContactPoint.objects.get(client=held)
    assert read.safe_words == WORDS
    read.pk, read.client, read._state.adding = None, make_client(), True
    read.save()
    assert ContactPoint.objects.get(pk=read.pk).safe_words == WORDS


def test_a_changed_or_a_moved_note_does_not_verify(held, counselor):
    note = SeparateNote.objects.get()
    value = _of_note(note)
    overwrite(
        "counseling_separatenote", "text", value[:-6] + ("aaaaa=" if value[-6:] != "aaaaa=" else "bbbbb="), note.pk
    )
    assert not sud_counseling_notes.verify(note)


def _of(point: ContactPoint) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT safe_words FROM cases_contactpoint WHERE id = %s", [point.pk])
        return str(cursor.fetchone()[0])


def _of_note(note: SeparateNote) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM counseling_separatenote WHERE id = %s", [note.pk])
        return str(cursor.fetchone()[0])


# Keys


def test_a_wrong_key_shows_nothing_and_says_why(held, settings):
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(field_keys.Unreadable, match="FIELD_KEYS lacks its key"):
        _ = SeparateNote.objects.get().text
    assert not sud_counseling_notes.verify(SeparateNote.objects.get())
    settings.FIELD_KEYS = []
    with pytest.raises(ImproperlyConfigured, match="Set FIELD_KEYS"):
        _ = Client.objects.get(pk=held.pk).ssn_last4


def test_a_new_key_writes_and_an_older_one_still_reads_and_finds(held, settings, make_client):
    settings.FIELD_KEYS = [NEW, OLD]
    assert Client.objects.get(pk=held.pk).ssn_last4 == DIGITS
    assert Client.objects.get(ssn_last4=DIGITS) == held
    later = make_client(ssn_last4=DIGITS)
    settings.FIELD_KEYS = [OLD]
    with pytest.raises(field_keys.Unreadable):
        _ = Client.objects.get(pk=later.pk).ssn_last4


def test_after_a_rotation_the_old_key_reads_nothing_and_the_new_one_everything(held, settings, capsys, rotate):
    events = {column.table: len(stored(column.table, column.column)) for column in columns()}
    settings.FIELD_KEYS = [NEW, OLD]
    rotate(batch=1)
    said = capsys.readouterr().out
    assert "counseling_separatenote.text: 1 encrypted anew" in said
    assert "cases_contactpointevent.safe_words: " in said
    assert "Older keys may leave" in said
    assert {column.table: len(stored(column.table, column.column)) for column in columns()} == events  # no new history
    settings.FIELD_KEYS = [OLD]
    with connection.cursor() as cursor:
        for column in columns():
            some = stored(column.table, column.column)
            assert len(list(encrypting_rows.unreadable(cursor, column))) == len(some), column
    settings.FIELD_KEYS = [NEW]
    assert Client.objects.get(ssn_last4=DIGITS) == held
    note = SeparateNote.objects.get()
    assert (note.text, sud_counseling_notes.verify(note)) == (SAID, True)
    with connection.cursor() as cursor:
        assert [fault for column in columns() for fault in encrypting_rows.unreadable(cursor, column)] == []


def test_a_rotation_goes_on_where_it_stopped(make_client, settings, capsys, rotate):
    for _ in range(5):
        make_client(ssn_last4=DIGITS)
    settings.FIELD_KEYS = [NEW, OLD]
    column = next(each for each in columns() if each.table == "cases_client")
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        assert encrypting_rows.rotate_batch(cursor, column, after=0, most=2).done == 2
        assert encrypting_rows.under_other_keys(cursor, column) == 3
    rotate()
    assert "cases_client.ssn_last4: 3 encrypted anew" in capsys.readouterr().out
    rotate()
    assert "cases_client.ssn_last4: 0 encrypted anew" in capsys.readouterr().out


def test_a_check_reads_everything_and_changes_nothing(held, settings, rotate, capsys):
    settings.FIELD_KEYS = [NEW, OLD]
    before = {column: stored(column.table, column.column) for column in columns()}
    rotate(check=True)
    total = sum(map(len, before.values()))
    assert f"Everything can be read; {total} values are under older keys" in capsys.readouterr().out
    assert {column: stored(column.table, column.column) for column in columns()} == before
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(CommandError, match="FIELD_KEYS lacks its key"):
        rotate(check=True)


def test_a_rotation_names_what_it_can_not_read_and_leaves_it(held, make_client, settings, rotate):
    other = make_client(ssn_last4="1111")
    settings.FIELD_KEYS = ["a key that was lost"]
    lost = make_client(ssn_last4="2222")
    settings.FIELD_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match=rf"cases_client {lost.pk}: .*lacks its key") as refused:
        rotate()
    assert refused.value.returncode == 1
    assert Client.objects.get(pk=other.pk).ssn_last4 == "1111"


def test_the_triggers_stand_during_and_after_a_rotation(held, settings, rotate):
    """Nothing but the owner's transaction changes a signed note: not the ciphertext of the same words, either."""
    settings.FIELD_KEYS = [NEW, OLD]
    rotate()
    note = SeparateNote.objects.get()
    anew = field_keys.encrypt(SAID, column="counseling.SeparateNote.text", row=note.pk)
    with pytest.raises(DatabaseError, match="is signed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE counseling_separatenote SET text = %s WHERE id = %s", [anew, note.pk])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_contactpointevent SET safe_words = ''")


# Merges


def test_a_merge_keeps_no_copy_of_the_digits_and_is_undone_exactly(make_client, counselor, supervisor):
    keep = make_client(counselor=counselor, given_name="Maria", family_name="Lopez")
    absorb = make_client(counselor=counselor, given_name="Maria", family_name="Lopes", ssn_last4=DIGITS)
    joined = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    assert Client.objects.get(pk=keep.pk).ssn_last4 == DIGITS
    assert not re.search(rf'"{DIGITS}"', str(joined.moved).replace("'", '"'))
    merging.unmerge(merge=joined, by=supervisor)
    assert Client.objects.get(pk=keep.pk).ssn_last4 == ""

    again = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    registration.change(client=Client.objects.get(pk=keep.pk), ssn_last4="9999", by=counselor)
    merging.unmerge(merge=again, by=supervisor)
    assert Client.objects.get(pk=keep.pk).ssn_last4 == "9999"  # what somebody has changed since stays


# What was there before


def test_rows_from_before_are_encrypted_signed_ones_and_histories_included(held):
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        before = [each for each in columns() if each.table.startswith(("cases_contact", "counseling_separate"))]
        for column in before:
            name = {
                "cases_contactpoint": "contact_words_are_encrypted",
                "counseling_separatenote": "separate_note_is_encrypted",
            }
            if column.table in name:
                cursor.execute(f"ALTER TABLE {column.table} DROP CONSTRAINT {name[column.table]}")
        encrypting_rows.decrypt_all(cursor, before)
        assert {text for each in before for text in stored(each.table, each.column)} == {WORDS, SAID}
        encrypting_rows.encrypt_all(cursor, before)
        assert [fault for each in before for fault in encrypting_rows.unreadable(cursor, each)] == []
    assert sud_counseling_notes.verify(SeparateNote.objects.get())
