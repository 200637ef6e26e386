import json

import django.core.validators
from django.conf import settings
from django.db import migrations, models

import staff.encrypted_fields
from staff import seals
from staff.encrypting_rows import decrypt_all, encrypt_all, unguarded

WHERE = (
    ("cases_client", "ssn_last4", "cases.Client.ssn_last4"),
    ("cases_contactpoint", "safe_words", "cases.ContactPoint.safe_words"),
    ("cases_inquiry", "ssn_last4", "cases.Inquiry.ssn_last4"),
    ("cases_inquiry", "voicemail_words", "cases.Inquiry.voicemail_words"),
)
TEXTS = [
    staff.encrypted_fields.Column(
        table=table + history,
        key="pgh_id" if history else "id",
        row="id",
        column=column,
        of=of,
        is_findable=table == "cases_client",
    )
    for table, column, of in WHERE
    for history in ("", "event")
]


def widen(apps, schema_editor):
    change_type(schema_editor, "text")


def narrow(apps, schema_editor):
    change_type(schema_editor, "varchar(4)")


def change_type(schema_editor, kind):
    """Of a column that conditions of triggers name: these go and come back, with the comment by which they are known."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid), obj_description(oid, 'pg_trigger') FROM pg_trigger"
            " WHERE tgrelid = 'cases_client'::regclass AND tgname LIKE 'pgtrigger%' AND NOT tgisinternal"
        )
        found = cursor.fetchall()
        for name, _, _ in found:
            cursor.execute(f"DROP TRIGGER {name} ON cases_client")
        cursor.execute(f"ALTER TABLE cases_client ALTER COLUMN ssn_last4 TYPE {kind}")
        for name, definition, comment in found:
            cursor.execute(definition)
            cursor.execute(f"COMMENT ON TRIGGER {name} ON cases_client IS '{comment}'")


def encrypt(apps, schema_editor):
    """Rows and their histories."""
    with schema_editor.connection.cursor() as cursor:
        encrypt_all(cursor, TEXTS)
        for table, key in (("cases_clientmerge", "id"), ("cases_clientmergeevent", "pgh_id")):
            without_copies(cursor, table, key)


def without_copies(cursor, table, key):
    """Merges kept the digits that they filled in: from now on only what recognizes them (cases/row_changes.py)."""
    cursor.execute(f"SELECT {key}, moved FROM {table} WHERE moved::text LIKE '%%\"ssn_last4\"%%'")
    found = [(number, moved if isinstance(moved, dict) else json.loads(moved)) for number, moved in cursor.fetchall()]
    if not found:
        return
    with unguarded(cursor, table):
        for number, moved in found:
            for change in moved.get("changes", []):
                label, row, name, _, after = change
                if name == "ssn_last4" and after:
                    change[4] = seals.mark(f"value|{label}|{row}|{name}|{after}")
            cursor.execute(f"UPDATE {table} SET moved = %s::jsonb WHERE {key} = %s", [json.dumps(moved), number])


def decrypt(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        decrypt_all(cursor, TEXTS)


class Migration(migrations.Migration):
    """Last digits of the SSN, and what may be said on the phone, encrypted with FIELD_KEYS."""

    dependencies = [
        ('cases', '0008_stand'),
        ('staff', '0005_seals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='client',
            name='client_by_ssn_last4',
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='client',
                    name='ssn_last4',
                    field=staff.encrypted_fields.EncryptedCharField(blank=True, findable=True, max_length=4, of='cases.Client.ssn_last4', validators=[django.core.validators.RegexValidator('^\\d{4}$', 'Four digits.')], verbose_name='last four digits of SSN'),
                ),
            ],
            database_operations=[migrations.RunPython(widen, narrow)],
        ),
        migrations.AlterField(
            model_name='clientevent',
            name='ssn_last4',
            field=staff.encrypted_fields.EncryptedCharField(blank=True, findable=True, max_length=4, of='cases.Client.ssn_last4', validators=[django.core.validators.RegexValidator('^\\d{4}$', 'Four digits.')], verbose_name='last four digits of SSN'),
        ),
        migrations.AlterField(
            model_name='contactpoint',
            name='safe_words',
            field=staff.encrypted_fields.EncryptedCharField(blank=True, max_length=200, of='cases.ContactPoint.safe_words', verbose_name='what a message can say'),
        ),
        migrations.AlterField(
            model_name='contactpointevent',
            name='safe_words',
            field=staff.encrypted_fields.EncryptedCharField(blank=True, max_length=200, of='cases.ContactPoint.safe_words', verbose_name='what a message can say'),
        ),
        migrations.AlterField(
            model_name='inquiry',
            name='ssn_last4',
            field=staff.encrypted_fields.EncryptedCharField(blank=True, max_length=4, of='cases.Inquiry.ssn_last4', validators=[django.core.validators.RegexValidator('^\\d{4}$', 'Four digits.')], verbose_name='last four digits of SSN'),
        ),
        migrations.AlterField(
            model_name='inquiry',
            name='voicemail_words',
            field=staff.encrypted_fields.EncryptedCharField(blank=True, max_length=200, of='cases.Inquiry.voicemail_words', verbose_name='what a voicemail can say'),
        ),
        migrations.AlterField(
            model_name='inquiryevent',
            name='ssn_last4',
            field=staff.encrypted_fields.EncryptedCharField(blank=True, max_length=4, of='cases.Inquiry.ssn_last4', validators=[django.core.validators.RegexValidator('^\\d{4}$', 'Four digits.')], verbose_name='last four digits of SSN'),
        ),
        migrations.AlterField(
            model_name='inquiryevent',
            name='voicemail_words',
            field=staff.encrypted_fields.EncryptedCharField(blank=True, max_length=200, of='cases.Inquiry.voicemail_words', verbose_name='what a voicemail can say'),
        ),
        migrations.RunPython(encrypt, decrypt),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(models.F('clinic'), staff.encrypted_fields.Token('ssn_last4'), name='client_by_ssn_token'),
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=staff.encrypted_fields.OnlyCiphertext(column='ssn_last4', name='client_ssn_is_encrypted'),
        ),
        migrations.AddConstraint(
            model_name='contactpoint',
            constraint=staff.encrypted_fields.OnlyCiphertext(column='safe_words', name='contact_words_are_encrypted'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=staff.encrypted_fields.OnlyCiphertext(column='ssn_last4', name='inquiry_ssn_is_encrypted'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=staff.encrypted_fields.OnlyCiphertext(column='voicemail_words', name='inquiry_words_are_encrypted'),
        ),
    ]
