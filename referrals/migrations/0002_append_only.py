from django.db import migrations

from staff.immutability import append_only


class Migration(migrations.Migration):
    """The journal of a referral and the reports of imports cannot be rewritten."""

    dependencies = [("referrals", "0001_initial")]

    operations = [append_only("referrals_followthrough"), append_only("referrals_importrun")]
