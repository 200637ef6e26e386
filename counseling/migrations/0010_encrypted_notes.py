from django.conf import settings
from django.db import migrations

import staff.encrypted_fields
from staff.encrypting_rows import decrypt_all, encrypt_all

TEXTS = [
    staff.encrypted_fields.Column(
        table="counseling_separatenote",
        key="id",
        row="id",
        column="text",
        of="counseling.SeparateNote.text",
        is_findable=False,
    )
]


def encrypt(apps, schema_editor):
    """Signed notes, too: their hash is that of the text, which stays the same."""
    with schema_editor.connection.cursor() as cursor:
        encrypt_all(cursor, TEXTS)


def decrypt(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        decrypt_all(cursor, TEXTS)


class Migration(migrations.Migration):
    """The text of SUD counseling notes, encrypted with FIELD_KEYS."""

    dependencies = [
        ('cases', '0009_encrypted_identifiers'),
        ('counseling', '0009_signed_for_whom'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='separatenote',
            name='text',
            field=staff.encrypted_fields.EncryptedTextField(blank=True, of='counseling.SeparateNote.text'),
        ),
        migrations.RunPython(encrypt, decrypt),
        migrations.AddConstraint(
            model_name='separatenote',
            constraint=staff.encrypted_fields.OnlyCiphertext(column='text', name='separate_note_is_encrypted'),
        ),
    ]
