from django.db import migrations

from staff.immutability import append_only

HISTORY = (
    "referrals_conversationevent",
    "referrals_followthroughevent",
    "referrals_importorderevent",
    "referrals_involvementevent",
    "referrals_meetingfeedevent",
    "referrals_meetingvisitevent",
    "referrals_referralevent",
    "referrals_serviceplaceevent",
    "referrals_servicereferralevent",
    "referrals_servicereferralstepevent",
    "referrals_tieevent",
)
GROWS_ONLY = (
    "referrals_followthrough",
    "referrals_guidewords",
    "referrals_importdecision",
    "referrals_importrun",
    "referrals_servicereferralstep",
)


class Migration(migrations.Migration):
    """The journal of a referral, the reports of imports and history cannot be rewritten."""

    dependencies = [("referrals", "0001_initial")]

    operations = [
        *(append_only(table) for table in (*GROWS_ONLY, *HISTORY)),
    ]
