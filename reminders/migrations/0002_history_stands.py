from django.db import migrations

from staff.immutability import append_only

# The triggers that pghistory makes can be switched off by a session variable and do not see TRUNCATE; these have no switch and do.
HISTORY = (
    "reminders_messagetemplateevent",
    "reminders_optoutevent",
    "reminders_reminderevent",
    "reminders_stafftaskevent",
)


class Migration(migrations.Migration):
    dependencies = [("reminders", "0001_initial")]

    operations = [append_only(table) for table in HISTORY]
