from django.db import migrations


class Migration(migrations.Migration):
    """Which lists were ever shared is asked by row-level security in every statement about meetings (referrals/apps.py).

    Their history also has a row for each of a clinic's own meetings that was compared with other lists: without this
    index, all of it is read.
    """

    dependencies = [("referrals", "0016_own_changes_matched")]

    operations = [
        migrations.RunSQL(
            sql="CREATE INDEX feed_event_once_shared ON referrals_meetingfeedevent (pgh_obj_id) WHERE is_shared",
            reverse_sql="DROP INDEX feed_event_once_shared",
        ),
    ]
