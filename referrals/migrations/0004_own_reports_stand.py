from django.db import migrations

from staff.immutability import append_only, changes_only

_STANDING = "OLD.used_at IS NULL AND OLD.revoked_at IS NULL"


class Migration(migrations.Migration):
    """What a client said stands as it came; a private link is used or turned off once, and changes in nothing else."""

    dependencies = [("referrals", "0003_places_stand")]

    operations = [
        append_only("referrals_ownreport"),
        append_only("referrals_privatelinkevent"),
        append_only("referrals_owngoalevent"),
        changes_only(
            "referrals_privatelink",
            called="private link",
            columns={"used_at": _STANDING, "revoked_at": _STANDING, "revoked_by_id": _STANDING},
        ),
    ]
