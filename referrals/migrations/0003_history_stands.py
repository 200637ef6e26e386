from django.db import migrations

from staff.immutability import append_only

# The triggers that pghistory makes can be switched off by a session variable and do not see TRUNCATE; these have no switch and do.
HISTORY = (
    "referrals_followthroughevent",
    "referrals_involvementevent",
    "referrals_meetingfeedevent",
    "referrals_meetingvisitevent",
    "referrals_referralevent",
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_append_only")]

    operations = [append_only(table) for table in HISTORY]
