from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

from staff.immutability import append_only, hash_chained


class Migration(migrations.Migration):
    """The audit log cannot be rewritten, and says so when somebody with the keys to the database tries."""

    dependencies = [("staff", "0001_initial")]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        hash_chained(
            "staff_auditentry",
            columns=(
                "extract(epoch FROM @at)",
                "@staff_member_id",
                "@act",
                "@client_id",
                "@subject_type",
                "@subject_id",
                "@details",
            ),
        ),
        append_only("staff_auditentry"),
    ]
