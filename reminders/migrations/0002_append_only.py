from django.db import migrations

from staff.immutability import append_only

HISTORY = (
    "reminders_crisisreplyevent",
    "reminders_messagetemplateevent",
    "reminders_optoutevent",
    "reminders_reminderevent",
    "reminders_stafftaskevent",
)


class Migration(migrations.Migration):
    """History cannot be rewritten."""

    dependencies = [("reminders", "0001_initial")]

    operations = [
        *(append_only(table) for table in HISTORY),
    ]
