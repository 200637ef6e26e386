from django.db import migrations

from staff.immutability import append_only, hash_chained, mark_where_seals_begin, sealed_chain

HISTORY = (
    "staff_accountchangeevent",
    "staff_clinicevent",
    "staff_clinicthresholdevent",
    "staff_programevent",
    "staff_staffmemberevent",
)


class Migration(migrations.Migration):
    """The audit log and history cannot be rewritten, and refuse even those with the keys to the database."""

    dependencies = [("staff", "0001_initial")]

    operations = [
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
        sealed_chain(
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
        *(append_only(table) for table in ("staff_auditentry", "staff_chainmark", *HISTORY)),
        mark_where_seals_begin("staff_auditentry"),
    ]
