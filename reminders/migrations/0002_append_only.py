from django.db import migrations

from staff.immutability import append_only

HISTORY = (
    "reminders_clientchoiceevent",
    "reminders_contactorderevent",
    "reminders_crisisreplyevent",
    "reminders_kindswitchevent",
    "reminders_messagetemplateevent",
    "reminders_numberfactevent",
    "reminders_optoutevent",
    "reminders_reminderevent",
    "reminders_stafftaskevent",
    "reminders_taskhandoverevent",
)


class Migration(migrations.Migration):
    """History cannot be rewritten."""

    dependencies = [("reminders", "0001_initial")]

    operations = [
        *(append_only(table) for table in ("reminders_taskhandover", *HISTORY)),
    ]
