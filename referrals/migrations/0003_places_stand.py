from django.db import migrations

from staff.immutability import changes_only, moves_in_merges


class Migration(migrations.Migration):
    """A referral stands as it was made; what comes of it is in its steps. A place changes, and never vanishes."""

    dependencies = [("referrals", "0002_append_only"), ("cases", "0005_stand")]

    operations = [
        changes_only(
            "referrals_servicereferral",
            called="referral to a place",
            columns={"client_id": moves_in_merges("cases_clientmerge")},
        ),
        changes_only(
            "referrals_serviceplace",
            called="place",
            columns={"id": "FALSE", "clinic_id": "FALSE", "added_by_id": "FALSE", "added_at": "FALSE"},
            others_may=True,
        ),
    ]
