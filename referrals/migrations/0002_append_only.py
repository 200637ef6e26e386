from django.db import migrations

from staff.immutability import append_only

HISTORY = (
    "referrals_importorderevent",
    "referrals_followthroughevent",
    "referrals_involvementevent",
    "referrals_meetingfeedevent",
    "referrals_meetingvisitevent",
    "referrals_referralevent",
)


class Migration(migrations.Migration):
    """The journal of a referral, the reports of imports and history cannot be rewritten."""

    dependencies = [("referrals", "0001_initial")]

    operations = [
        *(append_only(table) for table in ("referrals_followthrough", "referrals_importrun", *HISTORY)),
    ]
