from django.db import migrations

from staff.immutability import append_only

# The triggers that pghistory makes can be switched off by a session variable and do not see TRUNCATE; these have no switch and do.
HISTORY = (
    "privacy_consentevent",
    "privacy_emergencyaccessevent",
)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0004_say_why")]

    operations = [append_only(table) for table in HISTORY]
